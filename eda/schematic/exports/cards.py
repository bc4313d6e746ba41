"""What the files of other tools say of a sheet beside its picture: names, values, models, cards.

It is the text of a conversion (`eda.spice.convert`), taken apart: a schematic's netlist is to be
the netlist that `eda convert` would write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from math import isclose
from typing import TYPE_CHECKING, Final

from eda.circuit import Circuit, Subcircuit
from eda.graph import NET_CLASSES, circuit_graph
from eda.numbers import format_engineering, parse_number
from eda.spice.cards import NGSPICE_STYLE, assignments, card_words, value_text
from eda.spice.convert.canonical import canonical
from eda.spice.convert.fit import fit
from eda.spice.convert.respell import Renaming, respell
from eda.spice.writer import write_spice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.circuit import Device, Scope
    from eda.schematic.sheet import Placed, Sheet
    from eda.spice.cards import Style
    from eda.spice.convert.target import Loss, Target


_NUMBER: Final = re.compile(r"(?<![\w.#])\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.#])")
_SUFFIXED: Final = re.compile(r"[\d.]+(?:t|g|meg|k|m|u|n|p|f)?")


def readable(word: str) -> str:
    """Return a word of a card with its numbers as people write them, where that is exact.

    Example:
        >>> readable("w=1e-05"), readable("pulse(0"), readable("1.2345678901e-05")
        ('w=10u', 'pulse(0', '1.2345678901e-05')
    """
    if '"' in word:
        return word
    return _NUMBER.sub(_engineering, word)


def _engineering(found: re.Match[str]) -> str:
    value = float(found.group())
    short = format_engineering(value, digits=6)
    same = parse_number(short)
    if _SUFFIXED.fullmatch(short) and same is not None and isclose(same, value, rel_tol=1e-14):
        return short
    return found.group()


@dataclass(frozen=True, slots=True)
class Entry:
    """A device as its card says it.

    Attributes:
        placed: Where its symbol is.
        device: Fitted to the dialect, its names as they are written.
        name: Its name in the card.
        tail: Words of its card behind the nets.
        style: How its words are written.
        card: All of its card, where it is not its name, its nets and the tail (POLY, XSPICE):
            no symbol says that, so it is written as a text and its symbol is only a picture.
    """

    placed: Placed
    device: Device
    name: str
    tail: tuple[str, ...]
    style: Style
    card: str = ""

    @property
    def nets(self) -> dict[str, str]:
        """The net on each pin, by role."""
        return dict(zip(self.device.roles, self.device.nets, strict=True))

    @property
    def hidden(self) -> dict[str, str]:
        """Nets of the pins that are not drawn, by role."""
        drawn = {pin.role for pin in self.placed.symbol.pins}
        return {role: net for role, net in self.nets.items() if role not in drawn}

    def words(self, *names: str) -> list[str] | None:
        """Return the values of parameters as words, None unless all are there."""
        have = self.device.parameters
        if any(name not in have for name in names):
            return None
        return [readable(value_text(have[name], self.style)) for name in names]

    def rest(self, *names: str) -> list[str]:
        """Return the other parameters as ``name=value``."""
        have = self.device.parameters
        left = {name: value for name, value in have.items() if name not in names}
        return [readable(word) for word in assignments(left, self.style)]


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet with its texts.

    Attributes:
        name: Of the subcircuit, empty for the top.
        ports: Names of its ports, in order.
        directions: Of ports, by lower-case name: as the netlist says, or as the pins tell.
        entries: Of every device that is drawn and can be said.
        notes: Devices that are said as texts, as cards.
        nets: New names of nets, by the lower-case name on the sheet.
        lines: Parameters, models, functions and cards of the sheet.
        defaults: Parameters of the subcircuit with their default values.
    """

    name: str
    sheet: Sheet
    ports: tuple[str, ...]
    directions: Mapping[str, str]
    entries: tuple[Entry, ...]
    notes: tuple[str, ...]
    nets: Mapping[str, str]
    lines: tuple[str, ...]
    defaults: Mapping[str, str] = field(default_factory=dict)
    losses: tuple[Loss, ...] = ()
    renamed: tuple[Renaming, ...] = ()


def page_of(
    sheet: Sheet, scope: Scope, whole: Circuit, target: Target, *, top: bool = True
) -> Page:
    """Return the texts of a sheet.

    Args:
        sheet: What is drawn.
        scope: The circuit or subcircuit it is a drawing of; its devices are the sheet's.
        whole: The circuit that it belongs to.
        target: What the tool's netlists can say.
        top: Whether it is the first sheet, which also says what all of them share.
    """
    circuit = canonical(_as_circuit(scope, whole, top=top))
    fitted, losses = fit(circuit, target)
    spelled, renamed = respell(fitted, target)
    style = target.style or NGSPICE_STYLE
    entries: list[Entry] = []
    notes: list[str] = []
    nets = _renamed(circuit.ports, spelled.ports)
    left = iter(zip(fitted.devices, spelled.devices, strict=True))
    waiting = next(left, None)
    for placed, own in zip(sheet.placed, circuit.devices, strict=True):
        if waiting is None or waiting[0].name != own.name:
            continue  # it cannot be said; the losses tell
        before, device = waiting
        waiting = next(left, None)
        nets.update(_renamed(before.nets, device.nets))
        name, words, tail = card_words(device, style)
        card = " ".join([name, *words, *tail])
        regular = tuple(words) == device.nets
        if placed.symbol.pins:
            text = "" if regular else card
            entries.append(Entry(placed, device, name, tuple(map(readable, tail)), style, text))
        if not placed.symbol.pins or not regular:
            notes.append(card)
    bare = replace(spelled, devices=(), ports=(), name="", subcircuits={})
    text = write_spice(bare, style=replace(style, tail=()), control=target.control)
    defaults = scope.defaults if isinstance(scope, Subcircuit) and not top else {}
    losses = [loss for loss in losses if "pins of cell" not in loss.message]
    return Page(
        "" if top else circuit.name,
        sheet,
        spelled.ports,
        {**_guessed(spelled), **spelled.directions},
        tuple(entries),
        tuple(notes),
        nets,
        tuple(text.rstrip("\n").split("\n")[2:]),
        {name: value_text(value, style) for name, value in defaults.items()},
        tuple(losses),
        tuple(renamed),
    )


_DIRECTIONS: Final = {"input": "input", "bias": "input", "output": "output"}


def _guessed(circuit: Circuit) -> dict[str, str]:
    """Return the directions of ports that their pins tell."""
    graph = circuit_graph(circuit)
    ports = {port.lower() for port in circuit.ports}
    return {
        name.lower(): _DIRECTIONS.get(NET_CLASSES[at], "inout")
        for name, at in zip(graph.net_names, graph.net_class.tolist(), strict=True)
        if name.lower() in ports
    }


def _renamed(old: tuple[str, ...], new: tuple[str, ...]) -> dict[str, str]:
    return {before.lower(): after for before, after in zip(old, new, strict=True)}


def _as_circuit(scope: Scope, whole: Circuit, *, top: bool) -> Circuit:
    """Return a scope as a circuit of its own; the top one with what all see."""
    if isinstance(scope, Circuit):
        return replace(scope, subcircuits={})
    defaults = scope.defaults if isinstance(scope, Subcircuit) else {}
    parameters, models, functions = scope.parameters, scope.models, scope.functions
    if top:
        parameters = {**whole.parameters, **defaults, **parameters}
        models, functions = {**whole.models, **models}, {**whole.functions, **functions}
    return Circuit(
        devices=scope.devices,
        models=models,
        parameters=parameters,
        functions=functions,
        name=getattr(scope, "name", ""),
        dialect=whole.dialect,
        ports=getattr(scope, "ports", ()),
        directions=getattr(scope, "directions", {}),
        globals=whole.globals if top else (),
        cards=getattr(scope, "cards", ()),
    )
