"""What the pins on each port say: gates, drains, bulks, diodes, pairs of inputs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from eda.circuit import GROUND, Circuit, Device, number
from eda.circuit.polarity import TRANSISTORS

_PIN: Final = {
    **{("mosfet", "d"): "drain", ("mosfet", "g"): "gate", ("mosfet", "s"): "source"},
    **{("mosfet", "b"): "bulk", ("bipolar", "c"): "drain", ("bipolar", "b"): "gate"},
    **{("bipolar", "e"): "source", ("bipolar", "s"): "bulk"},
    **{("jfet", "d"): "drain", ("jfet", "g"): "gate", ("jfet", "s"): "source"},
    **{("mesfet", "d"): "drain", ("mesfet", "g"): "gate", ("mesfet", "s"): "source"},
}
_CONTROLLED: Final = frozenset({"vcvs", "vccs", "switch"})
_PROBE: Final = re.compile(r"\bv\s*\(\s*([^\s,()]+)\s*(?:,\s*([^\s,()]+)\s*)?\)", re.IGNORECASE)

SUPPLY: Final = re.compile(
    r"(?!vcc-?_?n?$)[adip]?v(?:dd|cc)\w*|vcc|vpwr\w*|vpb|vbat\w*|v?supply|pwr|v\+|vs\+|vp(?:os|lus)"
)
NEGATIVE: Final = re.compile(
    r"[adps]?v(?:ss|ee)\w*|vcc(?:_?n|-)|vgnd\w*|vnb|vneg|v-|vs-|vminus|[adps]?gnd\w*|ground|com|0"
)


@dataclass(frozen=True, slots=True)
class Port:
    """One port and the pins on it.

    Attributes:
        name: As written.
        pins: How often each sort of pin lies on it: ``drain.n gate.p bulk.n control driven``
            and the kinds of the two-terminal devices.
        diode: ``n`` or ``p`` where a transistor has its gate and drain there.
    """

    name: str
    pins: Mapping[str, int]
    diode: str = ""

    @property
    def plain(self) -> str:
        """The name as names are compared: lower case, without marks."""
        return self.name.lower().removeprefix("/").removesuffix("!")

    def count(self, *sorts: str) -> int:
        """Return the number of pins of these sorts, of either polarity."""
        return sum(many for pin, many in self.pins.items() if pin.partition(".")[0] in sorts)

    @property
    def only_senses(self) -> bool:
        """Whether nothing but gates, bases, bulks and controlling pins lies there."""
        return self.count("gate", "control") > 0 and not self.count(
            "drain", "source", "driven", "isource", "vsource", "resistor", "inductor"
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the ports of a circuit.

    Attributes:
        ports: In order, by name.
        pairs: Pairs of ports on the gates of two transistors that share a source net.
        flat: The circuit.
    """

    ports: Mapping[str, Port]
    pairs: tuple[tuple[str, str], ...]
    flat: Circuit = field(repr=False)

    @property
    def active(self) -> bool:
        """Whether the circuit has transistors."""
        return any(device.kind in TRANSISTORS for device in self.flat.devices)

    def named(self, pattern: str) -> list[str]:
        """Return the ports whose whole name matches a pattern."""
        return [name for name, port in self.ports.items() if re.fullmatch(pattern, port.plain)]


def port_facts(flat: Circuit) -> Facts:
    """Return what the pins on the ports of a flat circuit say."""
    names = {net.lower(): net for net in (*flat.ports, *flat.globals) if net != GROUND}
    counts: dict[str, Counter[str]] = {net: Counter() for net in names.values()}
    diodes: dict[str, str] = {}
    for device in flat.devices:
        for role, net in device.pins:
            port = names.get(net.lower())
            if port is not None:
                counts[port][_sort(device, role)] += 1
        for net in _probed(device):
            if net.lower() in names:
                counts[names[net.lower()]]["control"] += 1
        if device.kind in TRANSISTORS:
            gate, drain = _gate(device), _drain(device)
            if gate == drain and gate.lower() in names:
                diodes[names[gate.lower()]] = device.polarity or "n"
    ports = {
        net: Port(net, dict(count), diodes.get(net, ""))
        for net, count in counts.items()
        if count or net in flat.ports
    }
    return Facts(ports, tuple(_pairs(flat, names)), flat)


def square_count(device: Device) -> float:
    """Return the width over the length of a transistor, all fingers and copies; 10 if unknown."""

    def value(*names: str) -> float | None:
        found = (number(device.parameters.get(name)) for name in names)
        return next((item for item in found if item), None)

    width, length = value("w"), value("l")
    if width is None or length is None:
        return 10.0
    return abs(width / length) * (value("m", "mult") or 1.0)


def gate_of(device: Device) -> str:
    """Return the net on the gate or base."""
    return _gate(device)


def source_of(device: Device) -> str:
    """Return the net on the source or emitter."""
    return device.nets[2] if len(device.nets) > 2 else ""


def drain_of(device: Device) -> str:
    """Return the net on the drain or collector."""
    return _drain(device)


def _gate(device: Device) -> str:
    return device.nets[1] if len(device.nets) > 1 else ""


def _drain(device: Device) -> str:
    return device.nets[0] if device.nets else ""


def _sort(device: Device, role: str) -> str:
    found = _PIN.get((device.kind, role))
    if found is not None:
        return f"{found}.{device.polarity or 'n'}"
    if device.kind in _CONTROLLED and role in ("cp", "cn"):
        return "control"
    if device.kind in ("vcvs", "ccvs", "behavioral"):
        return "driven"
    return device.kind


def _probed(device: Device) -> list[str]:
    """Return the nets whose voltages an expression of the device speaks of."""
    found: list[str] = []
    for value in device.parameters.values():
        text = getattr(value, "text", "")
        found += [net for pair in _PROBE.findall(text) for net in pair if net]
    return found


def _pairs(flat: Circuit, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return pairs of ports that are gates of transistors with one tail, the widest tails first."""
    by_tail: dict[tuple[str, str, str], list[Device]] = {}
    rails = {net for net in names if SUPPLY.fullmatch(net) or NEGATIVE.fullmatch(net)} | {GROUND}
    for device in flat.devices:
        if device.kind not in TRANSISTORS or len(device.nets) < 3:
            continue
        tail = source_of(device).lower()
        if tail in rails or _gate(device).lower() not in names:
            continue
        by_tail.setdefault((device.kind, device.polarity, tail), []).append(device)
    found: Counter[tuple[str, str]] = Counter()
    for devices in by_tail.values():
        gates = {_gate(device).lower() for device in devices}
        drains = {_drain(device).lower() for device in devices}
        if len(gates) == 2 and len(drains) > 1:
            one, other = sorted(gates, key=list(names).index)
            found[(names[one], names[other])] += 1
    return [pair for pair, _ in found.most_common()]
