"""Names of nets that say what a net is for: ``tail``, ``out``, ``vbn``, ``x1``; ground is ``0``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.topology.parts import (
    IB,
    INTERNAL,
    KINDS,
    NMOS,
    NPN,
    PMOS,
    PNP,
    PORTS,
    RAILS,
    VB,
    VDD,
    VIN,
    VOUT,
    VSS,
)

if TYPE_CHECKING:
    from eda.topology.circuit import Topology

_TRANSISTORS: Final = frozenset((NMOS, PMOS, NPN, PNP))
_PAIRED: Final = {VIN: ("vinp", "vinn"), VOUT: ("voutp", "voutn")}


def name_nets(topology: Topology) -> list[str]:
    """Return a name for each net, all of them different.

    Example:
        >>> from eda.topology.circuit import Topology
        >>> stage = Topology("general", (0, 1, 2, 11), ((0, (3, 2, 1, 1)), (4, (0, 3))))
        >>> name_nets(stage)
        ['vdd', '0', 'vin', 'vout']
    """
    on: list[list[tuple[int, int]]] = [[] for _ in topology.net_class]
    for at, (_, pins) in enumerate(topology.devices):
        for role, net in enumerate(pins):
            on[net].append((at, role))
    totals = [topology.net_class.count(port) for port in range(len(PORTS))]
    seen = [0] * len(PORTS)
    taken: set[str] = set()
    names = []
    for net, own in enumerate(topology.net_class):
        if own == INTERNAL:
            names.append(_free(_inner(topology, on, net), taken))
            continue
        seen[own] += 1
        if own == VSS:
            name = "0"
        elif own == VDD or totals[own] == 1:
            name = PORTS[own]
            if own in (VB, IB):
                name = _bias(topology, on[net], PORTS[own])
        elif own in _PAIRED and totals[own] == 2:
            name = _PAIRED[own][seen[own] - 1]
        elif own in (VB, IB):
            name = _bias(topology, on[net], PORTS[own])
        else:
            name = f"{PORTS[own]}{seen[own]}"
        names.append(_free(name, taken))
    return names


def _free(name: str, taken: set[str]) -> str:
    found, number = name, 1
    if name == "x":
        found = "x1"
    while found in taken:
        number += 1
        found = f"{name}{number}"
    taken.add(found)
    return found


def _bias(topology: Topology, pins: list[tuple[int, int]], name: str) -> str:
    """Return ``vbn``, ``vcp``, ``ibn``: by the polarity of the gates and whether they stack."""
    kinds = {topology.devices[at][0] for at, role in pins if role == 1}
    polarities = {KINDS[kind].polarity for kind in kinds if kind in _TRANSISTORS}
    if len(polarities) != 1:
        return name
    stacked = all(
        topology.net_class[topology.devices[at][1][2]] not in RAILS
        for at, role in pins
        if role == 1 and topology.devices[at][0] in _TRANSISTORS
    )
    letter = "c" if stacked and name == "vb" else "b"
    return f"{name[0]}{letter}{polarities.pop()}"


def _inner(topology: Topology, on: list[list[tuple[int, int]]], net: int) -> str:
    sources, diode, gates = [], "", 0
    for at, role in on[net]:
        kind, pins = topology.devices[at]
        if kind not in _TRANSISTORS:
            continue
        if role == 2:
            sources.append((kind, pins))
        elif role == 1:
            gates += 1
            if pins[0] == net:
                diode = KINDS[kind].polarity
    inputs = [pins for _, pins in sources if topology.net_class[pins[1]] == VIN]
    if len(inputs) == 2 and inputs[0][1] != inputs[1][1]:
        return "tail"
    if diode and gates > 1:
        return f"m{diode}"
    return "x"
