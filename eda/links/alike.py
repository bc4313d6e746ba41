"""Pins that are the same question: those whose surroundings look alike as far as the model sees.

Colours are refined as many rounds as the model passes messages, over the same arrays and with the
same cut at rails and hubs (Weisfeiler and Leman). Pins of one colour are told apart by nothing
that the model looks at but the mean over the circuit, so the instances of a subcircuit that are
used alike are looked at once - whether or not the netlist still has its hierarchy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eda.links.features import DEGREE_CAP, HUB_DEGREE
from eda.links.vocabulary import PIN_KINDS, RAILS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.links.sample import Sample

_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


def pin_classes(sample: Sample, *, rounds: int) -> NDArray[np.int64]:
    """Return for each pin the number of its class, from 0: int [pins].

    Args:
        sample: The circuit.
        rounds: How far the surroundings reach: rounds of messages of the model.
    """
    kinds = len(PIN_KINDS)
    degree = sample.net_degree
    kind = _mixed(sample.edge_kind.astype(np.uint64) + np.uint64(1))
    by_net = _Sums(sample.edge_net, sample.num_nets)
    by_device = _Sums(sample.edge_device, sample.num_devices)
    key = sample.edge_net.astype(np.int64) * kinds + sample.edge_kind
    pairs, counts = np.unique(key, return_counts=True)
    counted = _mixed(
        (pairs % kinds).astype(np.uint64) * np.uint64(DEGREE_CAP + 1)
        + np.minimum(counts, DEGREE_CAP).astype(np.uint64)
    )
    first = _Sums(pairs // kinds, sample.num_nets).of(counted)
    own = (
        sample.net_role.astype(np.uint64) * np.uint64(16)
        + sample.net_role_by_name.astype(np.uint64)
    ) * np.uint64(4)
    own += sample.net_is_port.astype(np.uint64) * np.uint64(2) + (degree > HUB_DEGREE)
    net = first = _mixed(first + _mixed(own))
    silent = np.isin(sample.net_role, RAILS) | (degree > HUB_DEGREE)
    device = _mixed(sample.device_type.astype(np.uint64) + np.uint64(7))
    for _ in range(rounds):
        sent = np.where(silent, first, net)
        device = _mixed(device + by_device.of(_mixed(sent[sample.edge_net] ^ kind)))
        net = _mixed(net + by_net.of(_mixed(device[sample.edge_device] ^ kind)))
    net = np.where(silent, first, net)
    colour = _mixed(device[sample.edge_device] ^ kind) + _mixed(net[sample.edge_net])
    number: NDArray[np.int64] = np.unique(colour, return_inverse=True)[1].reshape(-1)
    return number


def _mixed(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the bits of each number well mixed; wrapping is meant."""
    with np.errstate(over="ignore"):
        value = (value ^ (value >> _SHIFT)) * _MIX
        value = (value ^ (value >> _SHIFT)) * _MIX
    mixed: NDArray[np.uint64] = value ^ (value >> _SHIFT)
    return mixed


class _Sums:
    """Sums of numbers by the group each belongs to."""

    def __init__(self, group: NDArray[np.integer], count: int) -> None:
        self._order = np.argsort(group, kind="stable")
        ordered = group[self._order]
        self._start = np.flatnonzero(np.diff(ordered, prepend=-1))
        self._group = ordered[self._start]
        self._count = count

    def of(self, value: NDArray[np.uint64]) -> NDArray[np.uint64]:
        total = np.zeros(self._count, dtype=np.uint64)
        if len(self._start):
            total[self._group] = np.add.reduceat(value[self._order], self._start)
        return total
