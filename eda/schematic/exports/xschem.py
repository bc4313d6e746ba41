"""A drawing as xschem's files: a ``.sch`` a sheet, and a ``.sym`` for what its library lacks.

Symbols of the library (``devices/*.sym``) are seated where ours stand, short wires lead on. The
format: ``N`` is a wire, ``C {symbol} x y turn mirror {properties}`` a device or a name, ``L`` a
line, ``T`` a text; in a symbol, each ``B 5`` box is a pin.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eda.schematic.exports.own_symbols import OwnSymbol, OwnSymbols
from eda.schematic.exports.plan import DOWN, LEFT, RIGHT, UP, Label, hidden_label, plan_of
from eda.schematic.exports.stock import Library, Props, Seated, Stock, stock_symbol
from eda.spice.cards import Style
from eda.spice.convert.ngspice import NGSPICE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eda.schematic.exports.cards import Entry, Page
    from eda.schematic.sheet import Cell
    from eda.schematic.symbols.symbol import Stroke

SCALE: Final = 20
"""Units of xschem to a grid step: its symbols fit into ours, its letters between them."""

MARK: Final = "written by eda draw"


def legal_name(name: str) -> str:
    """Return a name that xschem writes as it stands; it cuts others off at their odd letters.

    Example:
        >>> legal_name("a<3>"), legal_name("vdd!"), legal_name("x+")
        ('a[3]', 'vdd_', 'x_')
    """
    base, bit = name, ""
    if found := re.fullmatch(r"(.*[A-Za-z0-9_.])(?:\[(\d+)\]|<(\d+)>)", name, re.DOTALL):
        base, bit = found[1], f"[{found[2] or found[3]}]"
    return re.sub(r"[^A-Za-z0-9_.]", "_", base) + bit


TARGET: Final = replace(
    NGSPICE,
    # Braces are xschem's own; what else stands in a name it cuts off or takes for a bus.
    style=Style("ngspice", quotes=("'", "'")),
    legal=legal_name,
)

_HEAD: Final = f"v {{xschem version=2.8.1 file_version=1.1\n{MARK}}}\n"


def _value(entry: Entry) -> Props | None:
    return {"value": " ".join(entry.tail)} if entry.tail else None


def _value_and_m(entry: Entry) -> Props | None:
    words = [word for word in entry.tail if not word.startswith("m=")]
    m = entry.words("m")
    return {"value": " ".join(words), "m": m[0] if m else "1"} if words else None


def _controlled(entry: Entry) -> Props | None:
    if len(entry.device.references) != 1 or len(entry.tail) < 2:
        return None
    return {"vnam": entry.tail[0], "value": " ".join(entry.tail[1:])}


def _model_and_area(entry: Entry) -> Props | None:
    if not entry.device.model:
        return None
    area = entry.words("area")
    words = [area[0] if area else "1", *entry.rest("area")]
    return {"model": entry.device.model, "area": " ".join(words)}


def _mos(entry: Entry) -> Props | None:
    sizes = entry.words("w", "l")
    if sizes is None or not entry.device.model or "mesh" in entry.device.parameters:
        return None
    m = entry.words("m")
    model = " ".join([entry.device.model, *entry.rest("w", "l", "m")])
    return {"model": model, "w": sizes[0], "l": sizes[1], "m": m[0] if m else "1"}


_TWO: Final[dict[str, Cell]] = {"p": (0, -30), "n": (0, 30)}
_FOUR: Final[dict[str, Cell]] = {**_TWO, "cp": (-40, -20), "cn": (-40, 20)}
_N: Final = {"d": (20, -30), "g": (-20, 0), "s": (20, 30), "b": (20, 0)}
_P: Final = {"d": (20, 30), "g": (-20, 0), "s": (20, -30), "b": (20, 0)}
_NPN: Final = {"c": (20, -30), "b": (-20, 0), "e": (20, 30)}
_PNP: Final = {"c": (20, 30), "b": (-20, 0), "e": (20, -30)}

STOCK: Final[Library] = {
    ("resistor", "", 2): Stock("devices/res.sym", _TWO, _value_and_m),
    ("capacitor", "", 2): Stock("devices/capa.sym", _TWO, _value_and_m),
    ("inductor", "", 2): Stock("devices/ind.sym", _TWO, _value),
    ("diode", "", 2): Stock("devices/diode.sym", {"a": (0, -30), "k": (0, 30)}, _model_and_area),
    ("vsource", "", 2): Stock("devices/vsource.sym", _TWO, _value),
    ("isource", "", 2): Stock("devices/isource.sym", _TWO, _value),
    ("vcvs", "", 4): Stock("devices/vcvs.sym", _FOUR, _value),
    ("vccs", "", 4): Stock("devices/vccs.sym", _FOUR, _value),
    ("ccvs", "", 2): Stock("devices/ccvs.sym", _TWO, _controlled),
    ("cccs", "", 2): Stock("devices/cccs.sym", _TWO, _controlled),
    ("mosfet", "n", 4): Stock("devices/nmos4.sym", _N, _mos),
    ("mosfet", "p", 4): Stock("devices/pmos4.sym", _P, _mos),
    ("bipolar", "n", 3): Stock("devices/npn.sym", _NPN, _model_and_area),
    ("bipolar", "p", 3): Stock("devices/pnp.sym", _PNP, _model_and_area),
}


def write_xschem(pages: Sequence[Page], stem: str) -> dict[str, str]:
    """Return the files of a drawing by name: the first one is the top's.

    Args:
        pages: The top first; the others are the subcircuits its boxes stand for.
        stem: Name of the top's file, without its suffix.
    """
    cells = {page.name.lower(): page.name for page in pages[1:]}
    defaults = {page.name.lower(): page.defaults for page in pages[1:]}
    ports = {page.name.lower(): page.ports for page in pages[1:]}
    seated: list[list[Seated | Entry]] = [
        [stock_symbol(entry, STOCK, SCALE) or entry for entry in page.entries] for page in pages
    ]
    plain = [item for own in seated for item in own if not isinstance(item, Seated)]
    own = OwnSymbols(plain, cells, f"{stem}.")
    files: dict[str, str] = {}
    for page, items in zip(pages, seated, strict=True):
        name = f"{page.name or stem}.sch" if files else f"{stem}.sch"
        whole = [item if isinstance(item, Seated) else _own(item, own.of(item)) for item in items]
        files[name] = _sheet(page, whole)
    for symbol in own.made.values():
        cell = symbol.cell.lower() if symbol.sheet else ""
        files[f"{symbol.name}.sym"] = _symbol(symbol, ports.get(cell), defaults.get(cell, {}))
    return files


def _own(entry: Entry, symbol: OwnSymbol) -> Seated:
    where = symbol.seat(entry, SCALE)
    assert where is not None, "a box is narrower than the narrowest"
    if symbol.sheet:
        pairs = (word.partition("=") for word in entry.tail[1:])
        values = {name: value for name, _, value in pairs}
        return Seated(entry, f"{symbol.name}.sym", where, values)
    return Seated(entry, f"{symbol.name}.sym", where, {"tail": " ".join(entry.tail)})


# -- the sheet --------------------------------------------------------------------------------


def _sheet(page: Page, seated: Sequence[Seated]) -> str:
    plan = plan_of(page, SCALE)
    lines = [_HEAD + "G {}\nV {}\nS {}\nE {}"]
    lines += [_line(stroke, 0, 0) for stroke in plan.bars]
    for net, ((x, y), (u, v)) in plan.wires:
        lines.append(f"N {x} {y} {u} {v} {{lab={net}}}")
    labels = list(plan.labels)
    for item in seated:
        nets = item.entry.nets
        for role, lead in item.seat.leads.items():
            lines += [f"N {x} {y} {u} {v} {{lab={nets[role]}}}" for (x, y), (u, v) in lead]
        for role, net in item.entry.hidden.items():
            labels.append(hidden_label(item.entry, item.seat, role, net))
        props = {"name": item.entry.name, **item.props}
        lines.append(_instance(item.symbol, item.seat.x, item.seat.y, item.seat.pose, props))
    ports = {port.lower(): at for at, port in enumerate(page.ports)}
    # xschem's netlist has the ports of a sheet in the order of their pins in the file.
    labels.sort(key=lambda item: ports.get(item.net.lower(), 0) if item.form == "port" else -1)
    lines += [_label(label, at) for at, label in enumerate(labels)]
    texts = [*page.notes, *page.lines]
    if texts:
        left, _, _, bottom = page.sheet.box
        symbol = "devices/netlist.sym" if len(texts) <= 30 else "devices/netlist_not_shown.sym"
        x, y = round(left * SCALE), round((bottom + 6 + 3 * len(page.ports)) * SCALE)
        lines.append(_instance(symbol, x, y, (False, 0), {"name": "s1", "value": "\n".join(texts)}))
    return "\n".join([*lines, ""])


_TURNS: Final[dict[str, dict[str, tuple[bool, int]]]] = {
    # A name lies to the left of its pin, an output's flag to the right of it.
    "left": {LEFT: (False, 0), RIGHT: (True, 0), UP: (False, 1), DOWN: (False, 3)},
    "right": {RIGHT: (False, 0), LEFT: (True, 0), UP: (False, 3), DOWN: (False, 1)},
}


def _label(label: Label, number: int) -> str:
    symbol, side = "lab_pin", "left"
    if label.form == "port":
        symbol = {"input": "ipin", "output": "opin"}.get(label.direction, "iopin")
        side = "left" if symbol == "ipin" else "right"
    elif label.form == "ground":
        return _instance(
            "devices/gnd.sym", label.x, label.y, (False, 0), {"name": f"l{number}", "lab": "0"}
        )
    elif label.form == "name" and label.way == UP:
        symbol = "lab_wire"
        return _instance(
            f"devices/{symbol}.sym",
            label.x,
            label.y,
            (False, 0),
            {"name": f"l{number}", "lab": label.net},
        )
    letter = "p" if label.form == "port" else "l"
    return _instance(
        f"devices/{symbol}.sym",
        label.x,
        label.y,
        _TURNS[side][label.way],
        {"name": f"{letter}{number}", "lab": label.net},
    )


def _instance(symbol: str, x: int, y: int, pose: tuple[bool, int], props: Props) -> str:
    flip, turn = pose
    words = "\n".join(f"{key}={_quoted(value)}" for key, value in props.items())
    return f"C {{{symbol}}} {x} {y} {turn} {int(flip)} {{{words}}}"


def _quoted(value: str) -> str:
    r"""Return a property's value as it stands in a file.

    Example:
        >>> _quoted("1k"), _quoted("a {b}")
        ('1k', '"a \\{b\\}"')
    """
    if re.fullmatch(r"[\w.+\-\[\]]+", value):
        return value
    inner = value.replace("\\", "\\\\\\\\").replace('"', '\\\\"')
    return '"' + inner.replace("{", "\\{").replace("}", "\\}") + '"'


# -- symbols ----------------------------------------------------------------------------------


def _symbol(symbol: OwnSymbol, ports: tuple[str, ...] | None, defaults: Mapping[str, str]) -> str:
    """Return a symbol's file; one with ports stands for a sheet, the others for a card."""
    if ports is None:
        kind, form, template = "primitive", "@name @pinlist @tail", "name=x1 tail=unknown"
        if symbol.picture:
            form = ""
    else:
        kind = "subcircuit"
        form = " ".join(["@name @pinlist @symname", *(f"{key}=@{key}" for key in defaults)])
        template = " ".join(["name=x1", *(f"{key}={_quoted(v)}" for key, v in defaults.items())])
    lines = [
        _HEAD + f'G {{type={kind}\nformat="{form}"\ntemplate="{_inner(template)}"}}',
        "V {}\nS {}\nE {}",
        *(_line(stroke, 0, 0) for stroke in symbol.shape.strokes),
    ]
    names = ports if ports is not None and len(ports) == len(symbol.pins) else tuple(symbol.pins)
    for name, (x, y) in zip(names, symbol.pins.values(), strict=True):
        x, y = x * SCALE, y * SCALE
        lines.append(
            f"B 5 {x - 2.5:g} {y - 2.5:g} {x + 2.5:g} {y + 2.5:g} {{name={_pin(name)} dir=inout}}"
        )
    right = max((x for stroke in symbol.shape.strokes for x, _ in stroke.points), default=0)
    if symbol.cell:
        lines.append("T {@name} 0 -16 0 0 0.2 0.2 {hcenter=true}")
        lines.append(f"T {{{_pin(symbol.cell)}}} 0 6 0 0 0.2 0.2 {{hcenter=true}}")
        for name, (x, y) in zip(names, symbol.pins.values(), strict=True):
            lines.append(_pin_text(name, x, y, symbol))
    else:
        at = round(right * SCALE) + 10
        lines.append(f"T {{@name}} {at} -16 0 0 0.2 0.2 {{}}")
        lines.append(f"T {{@tail}} {at} 2 0 0 0.15 0.15 {{}}")
    return "\n".join([*lines, ""])


def _pin_text(name: str, x: int, y: int, symbol: OwnSymbol) -> str:
    pin = next(item for item in symbol.shape.pins if (item.x, item.y) == (x, y))
    # Inside the box, its end at the pin: text is anchored left, or right when mirrored.
    mirror = int(pin.dx > 0)
    dx, dy = (-pin.dx * 26, -8) if pin.dx else (8, -pin.dy * 30 - 8)
    return f"T {{{_pin(name)}}} {x * SCALE + dx} {y * SCALE + dy} 0 {mirror} 0.2 0.2 {{}}"


def _pin(name: str) -> str:
    return re.sub(r"[\s{}\"\\@]", "_", name)


def _inner(text: str) -> str:
    return text.replace('"', '\\\\"')


def _line(stroke: Stroke, x: int, y: int) -> str:
    """Return a polyline as lines, a filled one as a polygon."""
    points = [(round((px + x) * SCALE, 2), round((py + y) * SCALE, 2)) for px, py in stroke.points]
    if stroke.close:
        points.append(points[0])
    if stroke.fill:
        flat = " ".join(f"{px:g} {py:g}" for px, py in points)
        return f"P 4 {len(points)} {flat} {{fill=true}}"
    return "\n".join(
        f"L 4 {a:g} {b:g} {c:g} {d:g} {{}}" for (a, b), (c, d) in itertools.pairwise(points)
    )
