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
    return Candidates(sample, pins).pairs(np.arange(len(pins)))


class Candidates:
    """Finds candidates in a circuit with some pins open; some of the pins at a time, if need be."""

    def __init__(self, sample: Sample, pins: NDArray[np.integer]) -> None:
        """Take a circuit and the pins that are open in it."""
        self._sample = sample
        self._pins = pins
        self._edge_net = opened(sample, pins)
        if sample.num_nets <= ALL_NETS:
            return
        total = sample.num_nets + len(pins)
        degree = np.bincount(self._edge_net, minlength=total)
        own = degree[: sample.num_nets]
        self._allowed = proposable(sample, self._edge_net)
        rails = np.flatnonzero(np.isin(sample.net_role, RAILS) & self._allowed)
        hubs = np.flatnonzero((own > HUB_DEGREE) & self._allowed)
        self._everywhere = np.unique(
            np.concatenate(
                (
                    _most_used(rails, own, MAX_RAILS),
                    _most_used(hubs, own, MAX_RAILS),
                    np.flatnonzero((own == 1) & ~sample.net_is_port)[:MAX_LOOSE],
                )
            )
        )
        self._degree = degree
        self._relays = degree <= HUB_DEGREE
        self._relays[: sample.num_nets] &= ~np.isin(sample.net_role, RAILS)
        self._by_net = np.argsort(self._edge_net, kind="stable")
        self._net_start = np.concatenate(([0], np.cumsum(degree)))
        sizes = np.bincount(sample.edge_device, minlength=sample.num_devices)
        self._device_start = np.concatenate(([0], np.cumsum(sizes)))

    def pairs(
        self, positions: NDArray[np.integer], *, also: NDArray[np.integer] | None = None
    ) -> Pairs:
        """Return the pairs (place in ``positions``, net) to weigh, by place and then net.

        Args:
            positions: Of the pins that are asked, among the open ones.
            also: A net for each that is a candidate however far away, where it may be proposed.
        """
        sample, count = self._sample, len(positions)
        if sample.num_nets <= ALL_NETS:
            whole = all_pairs(sample, self._edge_net, len(self._pins))
            if count == len(self._pins):
                return whole[0].astype(np.int64), whole[1].astype(np.int64)
            bounds = np.searchsorted(whole[0], (positions, positions + 1))
            at, place = _spread(bounds[0], bounds[1], np.arange(count, dtype=np.int64))
            return place, whole[1][at].astype(np.int64)
        near = self._near(positions)
        everywhere = self._everywhere
        total = sample.num_nets + len(self._pins)
        keys = np.concatenate(
            (
                near[0] * total + near[1],
                np.repeat(np.arange(count, dtype=np.int64), len(everywhere)) * total
                + np.tile(everywhere, count),
                np.zeros(0, dtype=np.int64) if also is None else np.arange(count) * total + also,
            )
        )
        keys = _distinct(keys)
        query, net = keys // total, keys % total
        private = net >= sample.num_nets
        keep = np.where(private, net - sample.num_nets != positions[query], True)
        keep[~private] &= self._allowed[net[~private]]
        return query[keep].astype(np.int64), net[keep].astype(np.int64)

    def _near(self, positions: NDArray[np.integer]) -> Pairs:
        """Walk from each pin's device over nets that are neither rails nor hubs."""
        sample = self._sample
        total = sample.num_nets + len(self._pins)
        query = np.arange(len(positions), dtype=np.int64)
        device = sample.edge_device[self._pins[positions]].astype(np.int64)
        found: list[NDArray[np.int64]] = []
        seen = np.zeros(0, dtype=np.int64)
        for step in range(HOPS + 1):
            edge, owner = _ranges(self._device_start, device, query)
            keys = _distinct(owner * total + self._edge_net[edge])
            if len(seen):
                place = np.minimum(np.searchsorted(seen, keys), len(seen) - 1)
                keys = keys[seen[place] != keys]
            found.append(keys)
            seen = np.sort(np.concatenate((seen, keys)))
            query, net = keys // total, keys % total
            onward = self._relays[net]
            query, net = query[onward], net[onward]
            if step == HOPS or not len(net) or int(self._degree[net].sum()) > _MAX_FRONTIER:
                break
            at, owner = _ranges(self._net_start, net, query)
            pairs = _distinct(owner * sample.num_devices + sample.edge_device[self._by_net[at]])
            query, device = pairs // sample.num_devices, pairs % sample.num_devices
        # Nearer nets first where there are too many.
        keys = np.concatenate(found)
        query = keys // total
        order = np.argsort(query, kind="stable")
        keys, query = keys[order], query[order]
        first = np.searchsorted(query, np.arange(len(positions)))
        place = np.arange(len(keys)) - first[query]
        keys = keys[place < MAX_NEAR]
        return keys // total, keys % total


def _distinct(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the keys once each, ascending; faster than `numpy.unique`, which hashes."""
    keys = np.sort(keys)
    once: NDArray[np.int64] = keys[np.diff(keys, prepend=-1) != 0]
    return once


def _most_used(nets: NDArray[np.int64], degree: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    return nets[np.argsort(-degree[nets], kind="stable")[:count]]


def _ranges(
    start: NDArray[np.int64], which: NDArray[np.int64], owner: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the members of several ranges, and the owner of each member."""
    return _spread(start[which], start[which + 1], owner)


def _spread(
    first: NDArray[np.int64], stop: NDArray[np.int64], owner: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers from each first to before each stop, and the owner of each."""
    size = stop - first
    base = np.repeat(first, size)
    within = np.arange(len(base)) - np.repeat(np.cumsum(size) - size, size)
    return base + within, np.repeat(owner, size)
