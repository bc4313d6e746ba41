"""``--start FILE``: the circuit and values of a deck, to be retuned to a specification."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.filters.network import GROUND, INPUT, OUTPUT, OpAmpAt, Part, PartKind, Topology
from eda.filters.spec import FilterSpec
from eda.filters.starts import Start

if TYPE_CHECKING:
    from eda.circuit import Device

_KINDS: Final[dict[str, PartKind]] = {
    "inductor": "inductor",
    "capacitor": "capacitor",
    "resistor": "resistor",
}
_MOST_PARTS: Final = 60


def read_start(path: str | os.PathLike[str], spec: FilterSpec) -> Start:
    """Return the circuit of a deck and its values.

    The ports are the two sources with ``portnum``; loss resistors (``RQ_...``) are left out, as the
    specification says what parts lose; op-amps are instances of a subcircuit of three pins named
    ``opamp``.

    Args:
        path: A deck, such as a delivered ``filter.cir``.
        spec: What it is to be retuned to.

    Raises:
        InputError: It has no two ports, or a device that such a filter cannot have.
        NetlistError: It cannot be read.
    """
    from eda.spice import read_netlist

    circuit = read_netlist(path)
    ports = _ports(list(circuit.devices), str(path))
    aliases: dict[str, str] = {}
    for device in circuit.devices:
        if device.name.lower().startswith("rq_"):
            # The inner node of a loss resistor is the part's own end.
            inner, outer = (net for _, net in device.pins)
            aliases[inner.lower()] = outer.lower()
    nodes: dict[str, int] = {"0": GROUND, "gnd": GROUND, ports[1]: INPUT, ports[2]: OUTPUT}

    def node(net: str) -> int:
        name = net.lower()
        for _ in range(len(aliases) + 1):
            if name not in aliases:
                break
            name = aliases[name]
        return nodes.setdefault(name, len(nodes) - 1)

    parts: list[Part] = []
    opamps: list[OpAmpAt] = []
    values: list[float] = []
    active = spec.technology == "active_rc"
    allowed = ("resistor", "capacitor") if active else ("inductor", "capacitor")
    for device in circuit.devices:
        name = device.name.lower()
        if name.startswith("rq_") or device.kind == "vsource":
            continue
        if device.kind == "subcircuit" and active and len(device.pins) == 3:
            plus, minus, out = (node(net) for _, net in device.pins)
            opamps.append(OpAmpAt(plus, minus, out))
            continue
        kind = _KINDS.get(device.kind)
        if kind is None or kind not in allowed:
            raise InputError(
                f"{path}: {device.name} is a {device.kind}; a {spec.technology} filter to be "
                f"retuned has {allowed[0]}s, {allowed[1]}s{', op-amps' if active else ''} only"
            )
        value = _value(device)
        if value is None or not value > 0:
            raise InputError(f"{path}: {device.name} has no value above zero; write a number")
        a, b = (node(net) for _, net in device.pins)
        parts.append(Part(device.name, kind, a, b))
        values.append(value)
    if not parts or len(parts) > _MOST_PARTS:
        raise InputError(f"{path}: has {len(parts)} parts; 1 to {_MOST_PARTS} can be retuned")
    topology = Topology("start", tuple(parts), max(nodes.values()) + 1, tuple(opamps))
    _check_connected(topology, str(path))
    return Start(topology, tuple(values), f"the deck {os.path.basename(path)}")


def _ports(devices: list[Device], path: str) -> dict[int, str]:
    found: dict[int, str] = {}
    for device in devices:
        number = _parameter(device, "portnum")
        if device.kind == "vsource" and number is not None:
            found[int(number)] = device.pins[0][1].lower()
    if set(found) != {1, 2}:
        raise InputError(f"{path}: needs two sources with portnum 1 and portnum 2")
    return found


def _parameter(device: Device, name: str) -> float | None:
    value = device.parameters.get(name)
    return value if isinstance(value, int | float) else None


def _value(device: Device) -> float | None:
    for name in (device.kind, "value", device.kind[0]):
        found = _parameter(device, name)
        if found is not None:
            return float(found)
    return None


def _check_connected(topology: Topology, path: str) -> None:
    near: dict[int, set[int]] = {}
    for part in topology.parts:
        near.setdefault(part.a, set()).add(part.b)
        near.setdefault(part.b, set()).add(part.a)
    for opamp in topology.opamps:
        for pin in (opamp.plus, opamp.minus):
            near.setdefault(pin, set()).add(opamp.out)
            near.setdefault(opamp.out, set()).add(pin)
    reached, border = {INPUT}, [INPUT]
    while border:
        for other in near.get(border.pop(), set()) - reached - {GROUND}:
            reached.add(other)
            border.append(other)
    if OUTPUT not in reached:
        raise InputError(f"{path}: nothing connects its two ports")
