"""Makes training scenes out of samples: what is hidden, blurred and added to each.

The corpora are neat (every rail has its name, no sources, ports declared); users' decks are
not. So rails lose their names, ports their flags, bulks go missing, sources appear, drain and
source change places.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eda.graph.circuit_graph import DEVICE_TYPES
from eda.links.sample import without_pins
from eda.links.vocabulary import (
    HIGH,
    LOW,
    MIDDLE,
    NET_ROLES,
    PIN_KINDS,
    RAILS,
    swapped_kinds,
)

if TYPE_CHECKING:
    from eda.links.sample import Sample

_SWAPPED = swapped_kinds()
_VSOURCE = DEVICE_TYPES.index("vsource")
_ISOURCE = DEVICE_TYPES.index("isource")


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How often each change is made; a probability per circuit unless said otherwise.

    Attributes:
        swap: Chance of drain and source changing places, per transistor, in swapping circuits.
        swap_circuits: Share of circuits in which some swap.
        blind_all: Every net loses its role.
        blind_some: Rails keep their role, the other nets lose theirs.
        ports: All port flags are dropped.
        bulks: All bulk pins are dropped.
        sources: Sources are added to rails and named nets, and port flags dropped.
        several: Share of scenes with several holes; the others have one.
        holes: Largest share of the pins that is opened in those.
        bulk_queries: Weight of a bulk pin beside 1 for others when pins are chosen.
    """

    swap: float = 0.5
    swap_circuits: float = 0.15
    blind_all: float = 0.05
    blind_some: float = 0.2
    ports: float = 0.25
    bulks: float = 0.3
    sources: float = 0.2
    several: float = 0.4
    holes: float = 0.2
    bulk_queries: float = 0.1


def augment(sample: Sample, rule: Augmentation, rng: np.random.Generator) -> Sample:
    """Return the sample changed at random; the circuit stays the same circuit."""
    chance = rng.random(6)
    if chance[0] < rule.swap_circuits:
        flip = rng.random(sample.num_devices) < rule.swap
        kind = np.where(flip[sample.edge_device], _SWAPPED[sample.edge_kind], sample.edge_kind)
        sample = replace(sample, edge_kind=kind.astype(np.int16))
    if chance[1] < rule.sources:
        sample = add_sources(sample, rng)
    if chance[2] < rule.bulks:
        sample = without_pins(sample, sample.is_bulk)
    if chance[3] < rule.blind_all:
        nothing = np.zeros_like(sample.net_role)
        sample = replace(sample, net_role=nothing, net_role_by_name=nothing)
    elif chance[3] < rule.blind_all + rule.blind_some:
        sample = replace(
            sample,
            net_role=np.where(np.isin(sample.net_role, RAILS), sample.net_role, 0),
            net_role_by_name=np.where(
                np.isin(sample.net_role_by_name, RAILS), sample.net_role_by_name, 0
            ),
        )
    if chance[4] < rule.ports:
        sample = replace(sample, net_is_port=np.zeros_like(sample.net_is_port))
    return sample


def add_sources(sample: Sample, rng: np.random.Generator) -> Sample:
    """Return the sample as a testbench would hold it: rails and named nets driven by sources."""
    low = np.flatnonzero(np.isin(sample.net_role, (LOW, MIDDLE)))
    if len(low) == 0:
        return sample
    ground = int(low[np.argmax(sample.net_degree[low])])
    driven = {HIGH: 0.9, NET_ROLES.index("input"): 0.8, NET_ROLES.index("bias"): 0.7}
    chance = np.zeros(len(NET_ROLES))
    for role, value in driven.items():
        chance[role] = value
    nets = np.flatnonzero(rng.random(sample.num_nets) < chance[sample.net_role])
    count = len(nets)
    current = (rng.random(count) < 0.2) & (sample.net_role[nets] == NET_ROLES.index("bias"))
    devices = np.arange(sample.num_devices, sample.num_devices + count, dtype=np.int32)
    plus = np.where(current, PIN_KINDS.index("isource.p"), PIN_KINDS.index("vsource.p"))
    kinds = np.stack((plus, plus + 1), axis=1).reshape(-1)
    ends = np.stack((nets, np.full(count, ground)), axis=1)
    # Which way round a current source is drawn depends on what it feeds.
    flip = current & (rng.random(count) < 0.5)
    ends[flip] = ends[flip][:, ::-1]
    return replace(
        sample,
        device_type=np.concatenate(
            (sample.device_type, np.where(current, _ISOURCE, _VSOURCE).astype(np.int8))
        ),
        edge_device=np.concatenate((sample.edge_device, np.repeat(devices, 2))),
        edge_net=np.concatenate((sample.edge_net, ends.reshape(-1).astype(np.int32))),
        edge_kind=np.concatenate((sample.edge_kind, kinds.astype(np.int16))),
        net_is_port=np.zeros_like(sample.net_is_port),
    )


def choose_pins(
    sample: Sample, rule: Augmentation, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return the pins to open in a training scene."""
    weight = np.where(sample.is_bulk, rule.bulk_queries, 1.0)
    total = len(weight)
    count = 1
    if rng.random() < rule.several:
        count = int(rng.integers(1, max(2, int(rule.holes * total) + 1)))
    return rng.choice(total, size=min(count, total), replace=False, p=weight / weight.sum())
