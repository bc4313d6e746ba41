"""Candidates of a pin in a large circuit: nets nearby, loose ends and rails, some hundreds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from eda.links.features import HUB_DEGREE
from eda.links.scene import all_pairs, opened, proposable
from eda.links.vocabulary import RAILS

if TYPE_CHECKING:
    from eda.links.sample import Sample

ALL_NETS: Final = 2_000
"""Up to so many nets, every net is a candidate of every pin."""
MAX_RAILS: Final = 32
MAX_LOOSE: Final = 64
MAX_NEAR: Final = 400
HOPS: Final = 2
"""Steps from net to net (through a device) away from the pin's own device; the device's other
nets come before the first step. Counted in pins that is two for each step and one."""
_MAX_FRONTIER: Final = 4_000_000

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


def candidate_pairs(sample: Sample, pins: NDArray[np.integer]) -> Pairs:
    """Return the pairs (position in ``pins``, net) to weigh, by position and then net."""
    edge_net = opened(sample, pins)
    if sample.num_nets <= ALL_NETS:
        query, net = all_pairs(sample, edge_net, len(pins))
        return query.astype(np.int64), net.astype(np.int64)
    near = _near(sample, edge_net, pins)
    degree = np.bincount(edge_net, minlength=sample.num_nets)[: sample.num_nets]
    allowed = proposable(sample, edge_net)
    rails = np.flatnonzero(np.isin(sample.net_role, RAILS) & allowed)
    hubs = np.flatnonzero((degree > HUB_DEGREE) & allowed)
    everywhere = np.unique(
        np.concatenate(
            (
                _most_used(rails, degree, MAX_RAILS),
                _most_used(hubs, degree, MAX_RAILS),
                np.flatnonzero((degree == 1) & ~sample.net_is_port)[:MAX_LOOSE],
            )
        )
    )
    total = sample.num_nets + len(pins)
    count = len(pins)
    keys = np.concatenate(
        (
            near[0] * total + near[1],
            np.repeat(np.arange(count, dtype=np.int64), len(everywhere)) * total
            + np.tile(everywhere, count),
        )
    )
    keys = np.unique(keys)
    query, net = keys // total, keys % total
    private = net >= sample.num_nets
    keep = np.where(private, net - sample.num_nets != query, True)
    keep[~private] &= allowed[net[~private]]
    return query[keep].astype(np.int64), net[keep].astype(np.int64)


def _most_used(nets: NDArray[np.int64], degree: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    return nets[np.argsort(-degree[nets], kind="stable")[:count]]


def _near(sample: Sample, edge_net: NDArray[np.int32], pins: NDArray[np.integer]) -> Pairs:
    """Walk from each pin's device over nets that are neither rails nor hubs."""
    total = sample.num_nets + len(pins)
    degree = np.bincount(edge_net, minlength=total)
    relays = degree <= HUB_DEGREE
    relays[: sample.num_nets] &= ~np.isin(sample.net_role, RAILS)
    by_net = np.argsort(edge_net, kind="stable")
    net_start = np.concatenate(([0], np.cumsum(degree)))
    sizes = np.bincount(sample.edge_device, minlength=sample.num_devices)
    device_start = np.concatenate(([0], np.cumsum(sizes)))

    query = np.arange(len(pins), dtype=np.int64)
    device = sample.edge_device[pins].astype(np.int64)
    found: list[NDArray[np.int64]] = []
    seen = np.zeros(0, dtype=np.int64)
    for step in range(HOPS + 1):
        edge, owner = _ranges(device_start, device, query)
        keys = np.setdiff1d(np.unique(owner * total + edge_net[edge]), seen, assume_unique=True)
        found.append(keys)
        seen = np.union1d(seen, keys)
        query, net = keys // total, keys % total
        onward = relays[net]
        query, net = query[onward], net[onward]
        if step == HOPS or not len(net) or int(degree[net].sum()) > _MAX_FRONTIER:
            break
        at, owner = _ranges(net_start, net, query)
        pairs = np.unique(owner * sample.num_devices + sample.edge_device[by_net[at]])
        query, device = pairs // sample.num_devices, pairs % sample.num_devices
    # Nearer nets first where there are too many.
    keys = np.concatenate(found)
    query = keys // total
    order = np.argsort(query, kind="stable")
    keys, query = keys[order], query[order]
    first = np.searchsorted(query, np.arange(len(pins)))
    place = np.arange(len(keys)) - first[query]
    keys = keys[place < MAX_NEAR]
    return keys // total, keys % total


def _ranges(
    start: NDArray[np.int64], which: NDArray[np.int64], owner: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the members of several ranges, and the owner of each member."""
    size = start[which + 1] - start[which]
    base = np.repeat(start[which], size)
    within = np.arange(len(base)) - np.repeat(np.cumsum(size) - size, size)
    return base + within, np.repeat(owner, size)
