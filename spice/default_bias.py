"""Bias for a circuit that brings none: generic models, sizes, supplies, inputs, bias lines.

A schematic netlist or a bare subcircuit has no models, no sizes and no sources, so a simulator
has nothing to solve. What is missing is filled in here with plain values: 1.8 V supplies,
signal inputs half way between the rails, level-1 transistors with a threshold of 0.5 V, 20 uA
into a diode-connected bias line. The answer says whether the topology can be biased at all, not
how the circuit performs. What the circuit brings itself is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from eda.circuit import GROUND, Circuit, Device, ModelCard, number
from eda.circuit.values import Value

SUPPLY_V: Final = 1.8
OVERDRIVEN_V: Final = 0.75
"""Gate to rail of a bias line that drives transistors standing on that rail."""
CASCODE_V: Final = 1.0
"""Gate to rail of a bias line that drives transistors stacked on others."""
BIAS_A: Final = 20e-6
LOAD_OHM: Final = 20e3
"""From an output that only like drains are on, to the other rail."""
LEAK_OHM: Final = 1e9
"""From an output, or a port of which nothing is known, to ground."""

MODELS: Final[dict[tuple[str, str], ModelCard]] = {
    ("mosfet", "n"): ModelCard(
        "generic_nmos",
        "nmos",
        {"level": 1, "vto": 0.5, "kp": 2e-4, "lambda": 0.06, "gamma": 0.4, "phi": 0.7},
    ),
    ("mosfet", "p"): ModelCard(
        "generic_pmos",
        "pmos",
        {"level": 1, "vto": -0.5, "kp": 7e-5, "lambda": 0.08, "gamma": 0.4, "phi": 0.7},
    ),
    ("bipolar", "n"): ModelCard("generic_npn", "npn", {"is": 1e-16, "bf": 120, "vaf": 60}),
    ("bipolar", "p"): ModelCard("generic_pnp", "pnp", {"is": 1e-16, "bf": 60, "vaf": 40}),
    ("jfet", "n"): ModelCard("generic_njf", "njf", {"vto": -1, "beta": 1e-3, "lambda": 0.01}),
    ("jfet", "p"): ModelCard("generic_pjf", "pjf", {"vto": -1, "beta": 5e-4, "lambda": 0.01}),
    ("mesfet", "n"): ModelCard("generic_nmf", "nmf", {"vto": -1, "beta": 2e-3, "alpha": 2}),
    ("mesfet", "p"): ModelCard("generic_pmf", "pmf", {"vto": -1, "beta": 1e-3, "alpha": 2}),
    ("diode", ""): ModelCard("generic_diode", "d", {"is": 1e-15}),
}
"""Model cards by kind and polarity; their values are plain, and of no process."""

_SIZES: Final[dict[tuple[str, str], dict[str, Value]]] = {
    ("mosfet", "n"): {"w": 10e-6, "l": 1e-6},
    ("mosfet", "p"): {"w": 30e-6, "l": 1e-6},
}
_VALUES: Final = {"resistor": 20e3, "capacitor": 1e-12, "inductor": 10e-9}
_NEEDED: Final = {
    **dict.fromkeys(("mosfet", "jfet", "mesfet"), ("d", "g", "s")),
    "bipolar": ("c", "b", "e"),
    "diode": ("a", "k"),
}
_LEFT_OUT: Final = frozenset(("subcircuit", "xspice", "osdi", "switch", "tline", "mutual"))
_CONTROL: Final = {"mosfet": "g", "jfet": "g", "mesfet": "g", "bipolar": "b"}
_HIGH: Final = {"mosfet": "d", "jfet": "d", "mesfet": "d", "bipolar": "c"}
_LOW: Final = {"mosfet": "s", "jfet": "s", "mesfet": "s", "bipolar": "e"}
_RAILS: Final = frozenset(("ground", "supply", "negative_supply"))


@dataclass(frozen=True, slots=True)
class BiasedCircuit:
    """A circuit that can be simulated.

    Attributes:
        circuit: The circuit with what was missing.
        models: Names of the generic model cards that stand in for others.
        sources: What was put on which net, as ``vdd 1.8 V`` or ``nb 20 uA``.
        left_out: Names of devices without a model of their own that no generic one can replace.
    """

    circuit: Circuit
    models: tuple[str, ...]
    sources: tuple[str, ...]
    left_out: tuple[str, ...]


def needs_bias(circuit: Circuit) -> bool:
    r"""Return whether a flat circuit lacks models, sources or ground, or is a bare subcircuit.

    Example:
        >>> from eda.spice import parse_netlist
        >>> needs_bias(parse_netlist("* divider\nV1 a 0 1\nR1 a b 1k\nR2 b 0 1k\n"))
        False
        >>> needs_bias(parse_netlist("* bare\nM1 out in vss vss nch\n"))
        True
    """
    if circuit.ports or circuit.name:
        return True
    if not any(device.kind in ("vsource", "isource") for device in circuit.devices):
        return True
    if not any(net in (GROUND, "gnd") for device in circuit.devices for net in device.nets):
        return True
    known = _known_models(circuit)
    return any(
        (device.kind in _NEEDED and not _has_model(device, known))
        or (device.kind in _VALUES and not _has_value(device, known))
        or (device.kind in ("vsource", "isource") and not device.parameters)
        or device.kind in ("subcircuit", "osdi")
        for device in circuit.devices
    )


def with_default_bias(circuit: Circuit, net_classes: Mapping[str, str]) -> BiasedCircuit:
    """Return a flat circuit with models, sizes, supplies, inputs and bias filled in.

    Args:
        circuit: Flat.
        net_classes: What nets are for, by lower-case name: ``ground supply negative_supply bias
            input output port internal`` (see `eda.graph.CircuitGraph`); others are internal.
    """
    classes = {name.lower(): value for name, value in net_classes.items()}
    classes[GROUND] = "ground"
    known = _known_models(circuit)
    devices: list[Device] = []
    left_out: list[str] = []
    used: dict[str, ModelCard] = {}
    for device in circuit.devices:
        made = _completed(device, known, classes)
        if made is None:
            left_out.append(device.name)
            continue
        device, card = made
        if card is not None:
            used[card.name] = card
        devices.append(device)
    sources = _Sources(devices, classes)
    for net in dict.fromkeys((*circuit.ports, *(n for d in devices for n in d.nets))):
        sources.drive(net)
    return BiasedCircuit(
        circuit=Circuit(
            title=circuit.title,
            devices=(*devices, *sources.added),
            models={**circuit.models, **used},
            parameters=circuit.parameters,
            functions=circuit.functions,
        ),
        models=tuple(used),
        sources=tuple(sources.said),
        left_out=tuple(left_out),
    )


def _known_models(circuit: Circuit) -> frozenset[str]:
    return frozenset(name.lower().split(".")[0] for name in circuit.models)


def _has_model(device: Device, known: frozenset[str]) -> bool:
    return device.model.lower().split(".")[0] in known


def _has_value(device: Device, known: frozenset[str]) -> bool:
    return "value" in device.parameters or (bool(device.model) and _has_model(device, known))


def _completed(
    device: Device, known: frozenset[str], classes: Mapping[str, str]
) -> tuple[Device, ModelCard | None] | None:
    """Return a device that can be simulated, and the generic card it needs; or None."""
    if device.kind in _LEFT_OUT:
        return (device, None) if device.model and _has_model(device, known) else None
    if device.kind in _VALUES:
        if _has_value(device, known):
            return device, None
        return replace(device, model="", parameters={"value": _VALUES[device.kind]}), None
    if device.kind in ("vsource", "isource") and not device.parameters:
        return replace(device, parameters={"dc": _source_value(device, classes)}), None
    if device.kind not in _NEEDED:
        return device, None
    if not set(_NEEDED[device.kind]) <= set(device.roles):
        return None
    device = _with_bulk(device)
    if _has_model(device, known):
        return device, None
    polarity = "" if device.kind == "diode" else device.polarity or _polarity(device, classes)
    card = MODELS[device.kind, polarity]
    roles = ("d", "g", "s", "b") if device.kind == "mosfet" else _NEEDED[device.kind]
    sizes = {
        name: size if (size := number(device.parameters.get(name))) and size > 0 else default
        for name, default in _SIZES.get((device.kind, polarity), {}).items()
    }
    many = number(device.parameters.get("m"))
    if many and many > 0:
        sizes["m"] = many
    nets = tuple(device.net(role) for role in roles)
    made = replace(
        device, roles=roles, nets=nets, model=card.name, parameters=sizes, polarity=polarity
    )
    return made, card


def _source_value(device: Device, classes: Mapping[str, str]) -> float:
    """Return a value for a source that is drawn without one."""
    if device.kind == "isource":
        return BIAS_A
    known = {classes.get(net.lower()) for net in device.nets}
    return SUPPLY_V if "supply" in known else SUPPLY_V / 2


def _with_bulk(device: Device) -> Device:
    """Return a MOS transistor drawn with three pins with its bulk on its source."""
    if device.kind != "mosfet" or "b" in device.roles:
        return device
    return replace(device, roles=(*device.roles, "b"), nets=(*device.nets, device.net("s")))


def _polarity(device: Device, classes: Mapping[str, str]) -> str:
    """Guess: what stands on a supply is p."""
    stands = (device.net(_LOW[device.kind]), device.nets[-1])
    return "p" if any(classes.get(net.lower()) == "supply" for net in stands) else "n"


class _Sources:
    """The sources that are added, net by net."""

    def __init__(self, devices: list[Device], classes: Mapping[str, str]) -> None:
        self.classes = classes
        self.added: list[Device] = []
        self.said: list[str] = []
        self.held = {GROUND, "gnd"}
        self.fed: set[str] = set()
        self.on: dict[str, list[tuple[Device, str]]] = {}
        for device in devices:
            for role, net in device.pins:
                self.on.setdefault(net.lower(), []).append((device, role))
            if device.kind in ("vsource", "vcvs", "ccvs", "behavioral"):
                self.held.update(net.lower() for net in device.nets[:2])
            if device.kind == "isource":
                self.fed.update(net.lower() for net in device.nets)
        self.names = {device.name.lower() for device in devices}
        split = bool(self._first("negative_supply") and self._first("ground"))
        self.low = -SUPPLY_V if split else 0.0
        self.high_net = self._first("supply")
        self.low_net = self._first("negative_supply" if split else "ground") or GROUND
        self.middle = (self.low + SUPPLY_V) / 2

    def _first(self, wanted: str) -> str:
        return next((net for net in self.on if self.classes.get(net) == wanted), "")

    def drive(self, net: str) -> None:
        """Put on a net what its class asks for, where nothing drives it yet."""
        key = net.lower()
        if key in self.held:
            return
        name = self.classes.get(key, "internal")
        voltage = {
            "supply": SUPPLY_V,
            "ground": 0.0,
            "negative_supply": self.low,
            "input": self.middle,
        }.get(name)
        if voltage is not None:
            self._voltage(net, voltage)
        elif name == "bias" and key not in self.fed:
            self._bias(net)
        elif name == "port" and self._only_controls(key):
            self._voltage(net, self.middle)
        elif name in ("port", "output"):
            self._load(net)

    def _bias(self, net: str) -> None:
        """Hold a line that drives gates at a voltage; feed any other a current."""
        key = net.lower()
        pins = self.on.get(key, ())
        gates = [d for d, role in pins if _CONTROL.get(d.kind) == role]
        if any(self._is_diode(d, role, key) for d, role in pins) or (
            not gates and key.startswith("i")
        ):
            self._current(net, self._wanted(key) * BIAS_A)
            return
        polarities = {device.polarity for device in gates}
        stacked = not any(self.classes.get(d.net(_LOW[d.kind]).lower()) in _RAILS for d in gates)
        above = CASCODE_V if stacked else OVERDRIVEN_V
        if polarities == {"p"}:
            self._voltage(net, SUPPLY_V - above)
        elif polarities == {"n"}:
            self._voltage(net, self.low + above)
        else:
            self._voltage(net, self.middle)

    def _wanted(self, key: str) -> float:
        """Return 1 where transistors on a net want a current into it, -1 where out of it."""
        votes = 0
        for device, role in self.on.get(key, ()):
            sign = -1 if device.polarity == "p" else 1
            if role == _LOW.get(device.kind):
                votes -= sign
            elif role == _HIGH.get(device.kind):
                votes += sign
        return -1.0 if votes < 0 else 1.0

    def _load(self, net: str) -> None:
        """Give an output something to work into: where only like drains are on it, a resistor."""
        pins = self.on.get(net.lower(), ())
        ends = {d.polarity for d, role in pins if role == _HIGH.get(d.kind)}
        only = all(role in (_HIGH.get(d.kind), "b") for d, role in pins)
        rail = {"n": self.high_net, "p": self.low_net}.get(min(ends, default=""), "")
        if only and len(ends) == 1 and rail:
            self._add("R", "resistor", net, {"value": LOAD_OHM}, to=rail)
            self.said.append(f"{net} {LOAD_OHM / 1e3:.3g} kOhm to {rail}")
        else:
            self._add("R", "resistor", net, {"value": LEAK_OHM})

    def _is_diode(self, device: Device, role: str, key: str) -> bool:
        control, high = _CONTROL.get(device.kind), _HIGH.get(device.kind)
        return role == control and high is not None and device.net(high).lower() == key

    def _only_controls(self, key: str) -> bool:
        pins = self.on.get(key, ())
        return bool(pins) and all(_CONTROL.get(d.kind) == role for d, role in pins)

    def _voltage(self, net: str, volts: float) -> None:
        self._add("V", "vsource", net, {"dc": volts})
        self.said.append(f"{net} {volts:.3g} V")

    def _current(self, net: str, amperes: float) -> None:
        """Let a current flow into a net (out of it where negative)."""
        self._add("I", "isource", net, {"dc": -amperes})
        self.said.append(f"{net} {1e6 * amperes:.3g} uA")

    def _add(
        self, letter: str, kind: str, net: str, parameters: dict[str, Value], *, to: str = GROUND
    ) -> None:
        count = len(self.added) + 1
        while f"{letter}bias{count}".lower() in self.names:
            count += 1
        name = f"{letter}bias{count}"
        self.names.add(name.lower())
        self.added.append(Device(name, kind, ("p", "n"), (net, to), parameters=parameters))
        self.held.add(net.lower())
