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
from eda.links.partial import lonely_pins, take_devices
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
_NO_POLARITY = np.array(
    [DEVICE_TYPES.index("mosfet" if t in ("nmos", "pmos") else t) for t in DEVICE_TYPES],
    dtype=np.int8,
)
_NO_POLARITY_KIND = np.array(
    [
        PIN_KINDS.index(kind.replace("nmos", "mosfet").replace("pmos", "mosfet"))
        for kind in PIN_KINDS
    ],
    dtype=np.int16,
)
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
        crop: Only a connected part of the circuit is kept; nets cut through become ports.
        unite: Two circuits are put side by side on common rails.
        several: Share of scenes with several holes; the others have one.
        holes: Largest share of the pins that is opened in those.
        polarity: It is no longer known which MOS transistors are n and which are p.
        dual: Where sources are added, ground is a net of its own between the rails.
        bulk_queries: Weight of a bulk pin beside 1 for others when pins are chosen.
        largest: Devices; of a larger circuit only a connected part of at most this size is kept.
        partial: Devices are taken out, and the nets they leave behind stay as they are.
        lonely: Share of those circuits in which the pins that are left alone are asked for, where
            there are any: they belong on no net.
    """

    swap: float = 0.5
    swap_circuits: float = 0.15
    blind_all: float = 0.05
    blind_some: float = 0.2
    ports: float = 0.25
    bulks: float = 0.3
    sources: float = 0.2
    crop: float = 0.25
    unite: float = 0.15
    several: float = 0.4
    holes: float = 0.2
    polarity: float = 0.03
    dual: float = 0.3
    bulk_queries: float = 0.1
    largest: int = 100
    partial: float = 0.3
    lonely: float = 0.5


def augment(sample: Sample, rule: Augmentation, rng: np.random.Generator) -> Sample:
    """Return the sample changed at random; the circuit stays the same circuit."""
    chance = rng.random(7)
    if chance[5] < rule.crop or sample.num_devices > rule.largest:
        sample = crop(sample, rng, largest=rule.largest)
    if chance[0] < rule.swap_circuits:
        flip = rng.random(sample.num_devices) < rule.swap
        kind = np.where(flip[sample.edge_device], _SWAPPED[sample.edge_kind], sample.edge_kind)
        sample = replace(sample, edge_kind=kind.astype(np.int16))
    if chance[1] < rule.sources:
        sample = add_sources(sample, rng, dual=rng.random() < rule.dual)
    if chance[6] < rule.polarity:
        sample = replace(
            sample,
            device_type=_NO_POLARITY[sample.device_type],
            edge_kind=_NO_POLARITY_KIND[sample.edge_kind],
        )
    if chance[2] < rule.bulks and not sample.is_bulk.all():  # something must stay to be asked
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


def crop(sample: Sample, rng: np.random.Generator, *, largest: int | None = None) -> Sample:
    """Return a connected part of the circuit; the nets that were cut through become ports."""
    total = sample.num_devices
    if total < 4 or len(sample.edge_device) == 0:
        return sample
    most = total if largest is None else min(total, largest)
    wanted = int(rng.integers(max(2, most // 4), most + 1))
    relays = ~np.isin(sample.net_role, RAILS)
    kept = np.zeros(total, dtype=np.bool_)
    # Not any device: a mutual inductance has no pins.
    kept[sample.edge_device[rng.integers(len(sample.edge_device))]] = True
    while True:
        touched = np.zeros(sample.num_nets, dtype=np.bool_)
        touched[sample.edge_net[kept[sample.edge_device]]] = True
        near = np.zeros(total, dtype=np.bool_)
        near[sample.edge_device[(touched & relays)[sample.edge_net]]] = True
        fresh = np.flatnonzero(near & ~kept)
        if len(fresh) == 0:
            break
        room = wanted - int(kept.sum())
        if room <= len(fresh):
            kept[rng.permutation(fresh)[:room]] = True
            break
        kept[fresh] = True
    return take_devices(sample, kept, cut_ports=True)


def unite(a: Sample, b: Sample, rng: np.random.Generator) -> Sample:
    """Return two circuits as one: common rails, now and then an output feeding an input."""
    net = np.arange(b.num_nets) + a.num_nets
    for rail in RAILS:
        ours, theirs = np.flatnonzero(a.net_role == rail), np.flatnonzero(b.net_role == rail)
        if len(ours) and len(theirs):
            net[theirs] = ours[0]
    bias, into, out = (NET_ROLES.index(name) for name in ("bias", "input", "output"))
    joined: list[int] = []
    for first, second in ((out, into), (bias, bias)):
        mine, other = np.flatnonzero(a.net_role == first), np.flatnonzero(b.net_role == second)
        if len(mine) and len(other) and rng.random() < 0.5:
            at = int(rng.choice(mine))
            net[rng.choice(other)] = at
            joined.append(at)
    role = np.concatenate((a.net_role, b.net_role))
    by_name = np.concatenate((a.net_role_by_name, b.net_role_by_name))
    is_port = np.concatenate((a.net_is_port, b.net_is_port))
    inner = [at for at in joined if role[at] == out]
    role[inner] = by_name[inner] = 0
    is_port[inner] = False
    edge_net = np.concatenate((a.edge_net, net[b.edge_net]))
    used = np.zeros(len(role), dtype=np.bool_)
    used[edge_net] = True
    used[: a.num_nets] = True
    new = np.cumsum(used) - 1
    return replace(
        a,
        device_type=np.concatenate((a.device_type, b.device_type)),
        net_role=role[used],
        net_role_by_name=by_name[used],
        net_is_port=is_port[used],
        edge_device=np.concatenate((a.edge_device, b.edge_device + a.num_devices)),
        edge_net=new[edge_net].astype(np.int32),
        edge_kind=np.concatenate((a.edge_kind, b.edge_kind)),
    )


def add_sources(sample: Sample, rng: np.random.Generator, *, dual: bool = False) -> Sample:
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
    if dual and not (sample.net_role == MIDDLE).any():
        nets = np.append(nets, ground)
        ground = sample.num_nets
        middle = np.array([MIDDLE], dtype=np.int8)
        sample = replace(
            sample,
            net_role=np.concatenate((sample.net_role, middle)),
            net_role_by_name=np.concatenate((sample.net_role_by_name, middle)),
            net_is_port=np.append(sample.net_is_port, False),
        )
    count = len(nets)
    current = (rng.random(count) < 0.3) & (sample.net_role[nets] == NET_ROLES.index("bias"))
    devices = np.arange(sample.num_devices, sample.num_devices + count, dtype=np.int32)
    plus = np.where(current, PIN_KINDS.index("isource.p"), PIN_KINDS.index("vsource.p"))
    kinds = np.stack((plus, plus + 1), axis=1).reshape(-1)
    ends = np.stack((nets, np.full(count, ground)), axis=1)
    # A bias current comes down from the supply or goes down to ground: p is the upper end.
    high = np.flatnonzero(sample.net_role == HIGH)
    if len(high):
        flip = current & (rng.random(count) < 0.6)
        ends[flip, 0], ends[flip, 1] = high[0], nets[flip]
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
    sample: Sample, rule: Augmentation, rng: np.random.Generator, *, lonely: bool = False
) -> NDArray[np.int64]:
    """Return the pins to open in a training scene.

    Args:
        sample: The circuit.
        rule: How many, and how often bulks.
        rng: Draws them.
        lonely: Ask for one that is alone on its net, where there is one.
    """
    if lonely and len(alone := lonely_pins(sample)):
        return rng.choice(alone, size=1)
    weight = np.where(sample.is_bulk, rule.bulk_queries, 1.0)
    total = len(weight)
    count = 1
    if rng.random() < rule.several:
        count = int(rng.integers(1, max(2, int(rule.holes * total) + 1)))
    return rng.choice(total, size=min(count, total), replace=False, p=weight / weight.sum())
