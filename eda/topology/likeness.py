"""How alike two topologies are: shares of small neighbourhoods (a Weisfeiler-Lehman kernel)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.topology.parts import DIODE as _DIODE
from eda.topology.parts import KINDS, NMOS, PMOS, RAILS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.topology.circuit import Topology

ROUNDS: Final = 3
BITS: Final = 16
"""Neighbourhoods are told apart by so many bits."""
_ODD: Final = np.uint64(0x9E3779B97F4A7C15)
_MORE: Final = np.uint64(0xBF58476D1CE4E5B9)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = (values ^ (values >> np.uint64(30))) * _MORE
    return values ^ (values >> np.uint64(27))


def _role(kind: int, place: int) -> int:
    """Return a number that pins share which may be exchanged; 0 for a bulk, which is left out."""
    if kind in (NMOS, PMOS):
        return (1, 2, 1, 0)[place]
    if KINDS[kind].asked == 2 and kind != _DIODE:
        return 1
    return place + 1


def neighbourhoods(topology: Topology) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
    """Return the neighbourhoods of a circuit and how often each is there.

    Only the rails are told from other nets; sources and drains, and the ends of resistors,
    capacitors and inductors, count as alike.
    """
    pins = [
        (at, net, _role(kind, place), kind)
        for at, (kind, nets) in enumerate(topology.devices)
        for place, net in enumerate(nets)
        if _role(kind, place)
    ]
    device = np.array([item[0] for item in pins])
    net = np.array([item[1] for item in pins])
    role = np.array([item[2] for item in pins], dtype=np.uint64)
    colours_d = np.array([kind + 10 for kind, _ in topology.devices], dtype=np.uint64)
    colours_n = np.array(
        [own + 100 if own in RAILS else 99 for own in topology.net_class], dtype=np.uint64
    )
    found = []
    with np.errstate(over="ignore"):
        colours_d, colours_n = _mixed(colours_d * _ODD), _mixed(colours_n * _ODD)
        found += [colours_d, colours_n]
        for _ in range(ROUNDS):
            to_device = np.zeros_like(colours_d)
            np.add.at(to_device, device, _mixed(colours_n[net] * _ODD + role))
            to_net = np.zeros_like(colours_n)
            np.add.at(to_net, net, _mixed(colours_d[device] * _ODD + role))
            colours_d = _mixed(colours_d * _ODD + to_device)
            colours_n = _mixed(colours_n * _ODD + to_net)
            found += [colours_d, colours_n]
    short = (np.concatenate(found) >> np.uint64(64 - BITS)).astype(np.uint16)
    labels, counts = np.unique(short, return_counts=True)
    return labels, np.minimum(counts, 255).astype(np.uint8)
