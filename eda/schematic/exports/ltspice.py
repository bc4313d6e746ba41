r"""A drawing as LTspice's files: an ``.asc`` a sheet, and an ``.asy`` for what its library lacks.

Lines of the format: ``WIRE``, ``FLAG x y net`` (a name on a net), ``IOPIN`` (it is a port),
``SYMBOL name x y turn`` with ``SYMATTR`` for its texts, ``TEXT ... !card``. An ``.asc`` beside an
``.asy`` of the same name is what the symbol stands for.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eda.schematic.exports.geometry import Pose
from eda.schematic.exports.own_symbols import OwnSymbol, OwnSymbols
from eda.schematic.exports.plan import hidden_label, plan_of
from eda.schematic.exports.stock import Library, Props, Seated, Stock, stock_symbol
from eda.schematic.exports.xschem import legal_name
from eda.spice.convert.ltspice import LTSPICE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.schematic.exports.cards import Entry, Page
    from eda.schematic.exports.plan import Label
    from eda.schematic.sheet import Cell
    from eda.schematic.symbols.symbol import Stroke

SCALE: Final = 32
"""Units of LTspice to a grid step."""

MARK: Final = "written by eda draw"

TARGET: Final = replace(LTSPICE, legal=legal_name)


def _texts(entry: Entry) -> Props | None:
    """Return a value and what follows it; sources show all of it."""
    if not entry.tail or entry.name[:1].upper() != _LETTERS[entry.device.kind]:
        return None  # an instance of a PDK's primitive, say, whose card begins with X
    if entry.device.kind in ("vsource", "isource", "behavioral"):
        return {"Value": " ".join(entry.tail)}
    first, *rest = entry.tail
    return {"Value": first, "Value2": " ".join(rest)} if rest else {"Value": first}


_LETTERS: Final = {
    **{"resistor": "R", "capacitor": "C", "inductor": "L", "diode": "D", "vsource": "V"},
    **{"isource": "I", "behavioral": "B", "vcvs": "E", "vccs": "G", "switch": "S"},
    **{"mosfet": "M", "bipolar": "Q", "jfet": "J"},
}


def _modelled(entry: Entry) -> Props | None:
    return _texts(entry) if entry.device.model else None


def _voltage(entry: Entry) -> Props | None:
    return _texts(entry) if "v" in entry.device.parameters else None


_LONG: Final[dict[str, Cell]] = {"p": (16, 16), "n": (16, 96)}
_SHORT: Final[dict[str, Cell]] = {"p": (16, 0), "n": (16, 64)}
_VOLTS: Final[dict[str, Cell]] = {"p": (0, 16), "n": (0, 96)}
_AMPS: Final[dict[str, Cell]] = {"p": (0, 0), "n": (0, 80)}
_SENSE: Final[dict[str, Cell]] = {"cp": (-48, 32), "cn": (-48, 80)}
_MOS: Final[dict[str, Cell]] = {"d": (48, 0), "g": (0, 80), "s": (48, 96), "b": (48, 48)}
_BIPOLAR: Final[dict[str, Cell]] = {"c": (64, 0), "b": (0, 48), "e": (64, 96)}
_JFET: Final[dict[str, Cell]] = {"d": (48, 0), "g": (0, 64), "s": (48, 96)}

STOCK: Final[Library] = {
    ("resistor", "", 2): Stock("res", _LONG, _texts),
    ("capacitor", "", 2): Stock("cap", _SHORT, _texts),
    ("inductor", "", 2): Stock("ind", _LONG, _texts),
    ("diode", "", 2): Stock("diode", {"a": (16, 0), "k": (16, 64)}, _modelled),
    ("vsource", "", 2): Stock("voltage", _VOLTS, _texts),
    ("isource", "", 2): Stock("current", _AMPS, _texts),
    ("behavioral", "", 2): Stock("bv", _VOLTS, _voltage),
    ("vcvs", "", 4): Stock("e", {**_VOLTS, **_SENSE}, _texts),
    # The current of a G flows up in its symbol: its first pin is the lower one.
    ("vccs", "", 4): Stock("g", {"p": (0, 96), "n": (0, 16), **_SENSE}, _texts),
    ("switch", "", 4): Stock("sw", {**_VOLTS, "cp": (-48, 80), "cn": (-48, 32)}, _modelled),
    ("mosfet", "n", 4): Stock("nmos4", _MOS, _modelled),
    ("mosfet", "p", 4): Stock("pmos4", _MOS, _modelled),
    ("bipolar", "n", 3): Stock("npn", _BIPOLAR, _modelled),
    ("bipolar", "p", 3): Stock("pnp", _BIPOLAR, _modelled),
    ("jfet", "n", 3): Stock("njf", _JFET, _modelled),
    ("jfet", "p", 3): Stock("pjf", _JFET, _modelled),
}

# Mirrored and turned by a quarter: programs differ in what that means, so it is not used.
_POSES: Final[tuple[Pose, ...]] = (
    *((False, turn) for turn in range(4)),
    *((True, turn) for turn in (0, 2)),
)

# Where the texts of two-terminals that lie are legible: name and value.
_WINDOWS: Final = {
    "res": ("WINDOW 0 0 56 VBottom 2", "WINDOW 3 32 56 VTop 2"),
    "ind": ("WINDOW 0 0 56 VBottom 2", "WINDOW 3 32 56 VTop 2"),
    "cap": ("WINDOW 0 0 32 VBottom 2", "WINDOW 3 32 32 VTop 2"),
    "diode": ("WINDOW 0 0 32 VBottom 2", "WINDOW 3 32 32 VTop 2"),
}


def write_ltspice(pages: Sequence[Page], stem: str) -> dict[str, str]:
    """Return the files of a drawing by name: the first one is the top's.

    Args:
        pages: The top first; the others are the subcircuits its boxes stand for.
        stem: Name of the top's file, without its suffix.
    """
    cells = {page.name.lower(): page.name for page in pages[1:]}
    seated = [
        [stock_symbol(entry, STOCK, SCALE, _POSES) or entry for entry in page.entries]
        for page in pages
    ]
    plain = [item for own in seated for item in own if not isinstance(item, Seated)]
    own = OwnSymbols(plain, cells, f"{stem}.")
    files: dict[str, str] = {}
    for page, items in zip(pages, seated, strict=True):
        whole = [item if isinstance(item, Seated) else _own(item, own.of(item)) for item in items]
        files[f"{page.name if files else stem}.asc"] = _sheet(page, whole)
    for symbol in own.made.values():
        ports = next((page.ports for page in pages[1:] if page.name == symbol.name), ())
        files[f"{symbol.name}.asy"] = _symbol(symbol, ports)
    return files


def _own(entry: Entry, symbol: OwnSymbol) -> Seated:
    where = symbol.seat(entry, SCALE)
    assert where is not None, "a box is narrower than the narrowest"
    if symbol.sheet or symbol.picture or not entry.tail:
        return Seated(entry, symbol.name, where, {})
    first, *rest = entry.tail
    props = {"Value": first, "Value2": " ".join(rest)} if rest else {"Value": first}
    return Seated(entry, symbol.name, where, props)


# -- the sheet --------------------------------------------------------------------------------


def _sheet(page: Page, seated: Sequence[Seated]) -> str:
    plan = plan_of(page, SCALE)
    left, top, right, bottom = (round(side * SCALE) for side in page.sheet.box)
    lines = ["Version 4", f"SHEET 1 {max(880, right - left + 200)} {max(680, bottom - top + 200)}"]
    wires = [run for _, run in plan.wires]
    labels = list(plan.labels)
    parts: list[str] = []
    for item in seated:
        wires += [part for lead in item.seat.leads.values() for part in lead]
        labels += [
            hidden_label(item.entry, item.seat, role, net)
            for role, net in item.entry.hidden.items()
        ]
        parts += _part(item)
    lines += [f"WIRE {x} {y} {u} {v}" for (x, y), (u, v) in wires]
    for label in labels:
        lines += _flag(label)
    lines += parts
    texts = [*page.notes, *page.lines]
    at = bottom + (3 + 3 * len(page.ports)) * SCALE
    if texts:
        lines.append(f"TEXT {left} {at} Left 2 !{_escaped(texts)}")
    lines.append(f"TEXT {left} {top - 3 * SCALE} Left 2 ;{MARK}")
    return "\n".join([*lines, ""])


def _flag(label: Label) -> list[str]:
    lines = [f"FLAG {label.x} {label.y} {label.net}"]
    if label.form == "port":
        way = {"input": "In", "output": "Out"}.get(label.direction, "BiDir")
        lines.append(f"IOPIN {label.x} {label.y} {way}")
    return lines


def _part(item: Seated) -> list[str]:
    flip, turn = item.seat.pose
    letter = "M" if flip else "R"
    lines = [f"SYMBOL {item.symbol} {item.seat.x} {item.seat.y} {letter}{90 * turn}"]
    if turn in (1, 3):
        lines += _WINDOWS.get(item.symbol, ())
    lines.append(f"SYMATTR InstName {item.entry.name}")
    lines += [f"SYMATTR {key} {value}" for key, value in item.props.items()]
    return lines


def _escaped(texts: Sequence[str]) -> str:
    return "\\n".join(text.replace("\\", "/") for text in texts)


# -- symbols ----------------------------------------------------------------------------------


def _symbol(symbol: OwnSymbol, ports: tuple[str, ...]) -> str:
    """Return a symbol's file: a block where a sheet belongs to it, else the picture of a card."""
    lines = ["Version 4", f"SymbolType {'BLOCK' if symbol.sheet else 'CELL'}"]
    for stroke in symbol.shape.strokes:
        lines += _lines(stroke)
    right = max((x for stroke in symbol.shape.strokes for x, _ in stroke.points), default=0.0)
    if symbol.cell:
        lines += ["WINDOW 0 0 -16 Center 2", "WINDOW 3 0 16 Center 2"]
        if symbol.sheet:
            lines.append(f"TEXT 0 16 Center 2 {symbol.cell}")
    else:
        x = round(right * SCALE) + 16
        lines += [f"WINDOW 0 {x} -24 Left 2", f"WINDOW 3 {x} 8 Left 2"]
    if not symbol.sheet and not symbol.picture:
        lines.append(f"SYMATTR Prefix {symbol.letter.upper()}")
    lines.append(f"SYMATTR Description {MARK}")
    if symbol.picture:
        return "\n".join([*lines, ""])
    names = ports if len(ports) == len(symbol.pins) else tuple(map(legal_name, symbol.pins))
    side = {(pin.x, pin.y): (pin.dx, pin.dy) for pin in symbol.shape.pins}
    for at, (name, (x, y)) in enumerate(zip(names, symbol.pins.values(), strict=True)):
        way = _SIDES[side.get((x, y), (0, 0))] if symbol.cell else "NONE"
        lines.append(f"PIN {x * SCALE} {y * SCALE} {way} {SCALE + 8 if symbol.cell else 8}")
        lines += [f"PINATTR PinName {name}", f"PINATTR SpiceOrder {at + 1}"]
    return "\n".join([*lines, ""])


_SIDES: Final = {(-1, 0): "LEFT", (1, 0): "RIGHT", (0, -1): "TOP", (0, 1): "BOTTOM", (0, 0): "NONE"}


def _lines(stroke: Stroke) -> list[str]:
    points = [(round(x * SCALE), round(y * SCALE)) for x, y in stroke.points]
    if stroke.close:
        points.append(points[0])
    return [
        f"LINE Normal {a} {b} {c} {d}"
        for (a, b), (c, d) in itertools.pairwise(points)
        if (a, b) != (c, d)
    ]
