"""# Scene: a flat circuit as the drawer sees it: nets with a purpose, parts with a symbol."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from eda.graph import NET_CLASSES, circuit_graph
from eda.schematic.symbols import block, note, standing_symbol
from eda.schematic.symbols.symbol import Symbol
from eda.schematic.values import mutual_text
from eda.structures.rails import find_rails

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.circuit import Circuit, Device

HIGH, LOW, SIGNAL = "high", "low", "signal"


@dataclass
class Net:
    """A net and what it is for.

    Attributes:
        kind: ``high`` (a supply), ``low`` (ground, a negative supply) or ``signal``.
        side: Where it leaves the sheet: ``left``, ``right``, or empty where it does not.
        pins: Its (part, pin) indices, those that are drawn.
    """

    name: str
    kind: str = SIGNAL
    side: str = ""
    ground: bool = False
    pins: list[tuple[int, int]] = field(default_factory=list)

    @property
    def rail(self) -> bool:
        """Whether it is drawn by rail symbols, not by wires."""
        return self.kind != SIGNAL


@dataclass
class Part:
    """A device with its symbol.

    Attributes:
        symbol: Standing, not mirrored, without name and value.
        nets: Index of the net of each pin of the symbol.
        hidden: (role, net) of a bulk that is not drawn.
        form: ``device`` (has a top and a bottom), ``block`` or ``note``.
    """

    device: Device
    symbol: Symbol
    nets: tuple[int, ...]
    hidden: tuple[str, int] | None = None
    form: str = "device"

    def net(self, role: str) -> int:
        """Return the net of a pin, or -1."""
        for pin, net in zip(self.symbol.pins, self.nets, strict=True):
            if pin.role == role:
                return net
        return -1


@dataclass
class Scene:
    """What is drawn on one sheet."""

    circuit: Circuit
    nets: list[Net]
    parts: list[Part]


def make_scene(circuit: Circuit, sides: Mapping[str, tuple[str, ...]] | None = None) -> Scene:
    """Return the parts and nets of a circuit that is drawn as it is, without flattening.

    Args:
        circuit: Its devices are drawn; instances among them are boxes.
        sides: Of the pins of boxes, by lower-case name of the subcircuit.
    """
    graph = circuit_graph(circuit)
    high, low = find_rails(graph)
    index: dict[str, int] = {}
    nets: list[Net] = []
    for at, name in enumerate(graph.net_names):
        kind = HIGH if high[at] else LOW if low[at] else SIGNAL
        purpose = NET_CLASSES[graph.net_class[at]]
        net = Net(name, kind, ground=purpose == "ground")
        if graph.net_is_port[at] and kind == SIGNAL:
            net.side = {"output": "right"}.get(purpose, "left" if purpose != "port" else "?")
        index.setdefault(name.lower(), len(nets))
        nets.append(net)
    parts: list[Part] = []
    for device in circuit.devices:
        own = tuple(_net_of(name, index, nets) for name in device.nets)
        parts.append(_part(device, own, nets, sides or {}))
    for number, part in enumerate(parts):
        for pin, at in enumerate(part.nets):
            nets[at].pins.append((number, pin))
    scene = Scene(circuit, nets, parts)
    for net in nets:
        if net.side == "?":
            net.side = _side_by_pins(scene, net)
    return scene


def _net_of(name: str, index: dict[str, int], nets: list[Net]) -> int:
    key = name.lower()
    if key not in index:
        index[key] = len(nets)
        nets.append(Net(name))
    return index[key]


def _part(
    device: Device, own: tuple[int, ...], nets: list[Net], sides: Mapping[str, tuple[str, ...]]
) -> Part:
    if device.kind == "mutual" or not device.roles:
        text = mutual_text(device) if device.kind == "mutual" else device.name
        return Part(device, note(text), (), form="note")
    hidden = None
    if device.kind == "mosfet" and device.roles == ("d", "g", "s", "b") and _quiet(own, nets):
        hidden = ("b", own[3])
    symbol = standing_symbol(device, bulk=hidden is None and len(device.roles) == 4)
    if symbol is None:
        given = sides.get(device.model.lower(), ())
        if len(given) != len(device.roles):
            given = guessed_sides(device, [nets[at].kind for at in own])
        return Part(device, block(device, given), own, form="block")
    of_role = dict(zip(device.roles, own, strict=True))
    return Part(device, symbol, tuple(of_role[pin.role] for pin in symbol.pins), hidden)


_RAIL_NAME: Final = re.compile(
    r"/?(0|[adps]?gnd[ad]?|ground|[adip]*v(dd|cc|ss|ee)\w*|vpwr|vgnd|vnb|vpb)!?", re.IGNORECASE
)


def _quiet(own: tuple[int, ...], nets: list[Net]) -> bool:
    """Return whether a bulk needs no pin: on its source, or on what everybody takes for a rail."""
    bulk = nets[own[3]]
    return own[3] == own[2] or (bulk.rail and _RAIL_NAME.fullmatch(bulk.name) is not None)


_OUT_PIN: Final = re.compile(
    r"v?o(ut)?([pnm+-]|\d|_|$).*|[yzqx]\d*(_?[nb])?|s|co|sum", re.IGNORECASE
)
_SIDE_OF_KIND: Final = {HIGH: "top", LOW: "bottom"}


def guessed_sides(device: Device, kinds: list[str]) -> tuple[str, ...]:
    """Return a side for each pin of a box of which only the names of its pins are known."""
    found = []
    for role, kind in zip(device.roles, kinds, strict=True):
        if role.isdecimal():
            found.append("?")
        elif _RAIL_NAME.fullmatch(role) and kind != SIGNAL:
            found.append(_SIDE_OF_KIND[kind])
        else:
            found.append("right" if _OUT_PIN.fullmatch(role) else "left")
    if "right" not in found and "?" not in found:
        found = ["?" if side == "left" else side for side in found]
    open_ = [at for at, side in enumerate(found) if side == "?"]
    half = (len(open_) + 1) // 2
    for place, at in enumerate(open_):
        found[at] = "left" if place < half else "right"
    return tuple(found)


def _side_by_pins(scene: Scene, net: Net) -> str:
    """Return where a port of unknown direction leaves: gates only make an input."""
    roles = {scene.parts[part].symbol.pins[pin].role for part, pin in net.pins}
    return "left" if roles <= {"g", "b", "cp", "cn"} else "right"
