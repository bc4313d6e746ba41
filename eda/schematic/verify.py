"""Is a picture true: does the circuit read out of it equal the one that was drawn?"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from eda.graph import NET_CLASSES, circuit_graph
from eda.schematic.extract import Pin, extract_circuit

if TYPE_CHECKING:
    from eda.circuit import Circuit

_RAILS: Final = frozenset({"ground", "supply", "negative_supply"})


def picture_faults(circuit: Circuit, svg: str) -> list[str]:
    """Return in what a picture differs from a circuit: nothing, where it is true.

    Args:
        circuit: What was drawn, flat, or with its instances as boxes.
        svg: The picture.
    """
    seen = extract_circuit(svg)
    faults = list(seen.problems)
    wanted: dict[str, Counter[Pin]] = defaultdict(Counter)
    for device in circuit.devices:
        for role, net in device.pins:
            wanted[net.lower()][device.name.lower(), role.lower()] += 1
    shown: dict[str, Counter[Pin]] = defaultdict(Counter)
    for name, pins in seen.nets.items():
        shown[name.lower()].update(pins)
    quiet = _quiet_bulks(circuit)
    for net in sorted({*wanted, *shown}):
        missing = [pin for pin in (wanted[net] - shown[net]).elements() if pin not in quiet]
        foreign = list((shown[net] - wanted[net]).elements())
        if missing:
            faults.append(f"{net}: {_names(missing)} missing")
        if foreign:
            faults.append(f"{net}: {_names(foreign)} should not be there")
    kinds = {device.name.lower(): device.kind for device in circuit.devices}
    faults += [
        f"{name} is drawn as {seen.kinds.get(name, 'nothing')}, and is {kind}"
        for name, kind in sorted(kinds.items())
        if seen.kinds.get(name) != kind
    ]
    return faults


def _names(pins: list[Pin]) -> str:
    return ", ".join(sorted(".".join(pin) for pin in pins))


def _quiet_bulks(circuit: Circuit) -> set[Pin]:
    """Return the bulks that may be left out: on their source, or on a rail."""
    graph = circuit_graph(circuit)
    classes = {
        name.lower(): NET_CLASSES[at]
        for name, at in zip(graph.net_names, graph.net_class.tolist(), strict=True)
    }
    return {
        (device.name.lower(), "b")
        for device in circuit.devices
        if device.kind == "mosfet" and "b" in device.roles
        if device.net("b") == device.net("s") or classes.get(device.net("b").lower()) in _RAILS
    }
