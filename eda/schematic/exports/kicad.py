"""A drawing as KiCad's files (version 8 and newer): a ``.kicad_sch`` a sheet.

Every symbol is embedded, so that no library is needed, and says its card in the ``Sim`` fields
that KiCad's SPICE netlister reads. Lengths are millimetres; a grid step is 50 mil. In symbols y
goes up, on sheets down.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from eda.schematic.exports.own_symbols import OwnSymbol, OwnSymbols
from eda.schematic.exports.plan import DOWN, LEFT, RIGHT, UP, Label, plan_of
from eda.spice.cards import Style
from eda.spice.convert.ngspice import NGSPICE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.schematic.exports.cards import Entry, Page
    from eda.schematic.symbols.symbol import Stroke, Text

STEP_MM: Final = 1.27
MARK: Final = "written by eda draw"
LIBRARY: Final = "eda"
_SPACE: Final = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")


def legal_name(name: str) -> str:
    """Return a name of a net that needs no escape in KiCad.

    Example:
        >>> legal_name("a<3>"), legal_name("vdd!")
        ('a[3]', 'vdd!')
    """
    made = re.sub(r"<(\d+)>$", r"[\1]", name)
    return re.sub(r"[^\w.!#+\-\[\]:$%&]", "_", made)


def device_name(name: str) -> str:
    """Return a reference as KiCad wants it: without dots, its last letter a digit.

    Example:
        >>> device_name("RZ"), device_name("x1.x2.M1")
        ('RZ0', 'M1_x1_x2_0')
    """
    path, _, last = name.rpartition(".")
    made = re.sub(r"\W", "_", f"{last}_{path}" if path else last, flags=re.ASCII)
    if path:
        return f"{made}_0"
    return made if made[-1:].isdecimal() else f"{made}0"


TARGET: Final = replace(
    NGSPICE,
    style=Style("ngspice", quotes=("'", "'")),
    legal=legal_name,
    device=device_name,
)


def write_kicad(pages: Sequence[Page], stem: str) -> dict[str, str]:
    """Return the files of a drawing by name: the first one is the top's.

    Args:
        pages: The top first; the others are the subcircuits its boxes stand for.
        stem: Name of the top's file, without its suffix.
    """
    files = {page.name.lower(): f"{stem}.{page.name}.kicad_sch" for page in pages[1:]}
    symbols = OwnSymbols([item for page in pages for item in page.entries], {}, "", exact=True)
    run = _Run(stem, pages, files, symbols)
    made: dict[str, str] = {}
    for page in pages:
        made[files.get(page.name.lower(), f"{stem}.kicad_sch")] = run.sheet(page, top=not made)
    return made


@dataclass
class _Run:
    """The files of one drawing in the making."""

    stem: str
    pages: Sequence[Page]
    files: dict[str, str]
    symbols: OwnSymbols
    count: int = 0
    ways: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._find_ways()

    def id(self, *words: str) -> str:
        """Return an identifier: the same one for the same words, else the next."""
        if not words:
            self.count += 1
            words = (str(self.count),)
        return str(uuid.uuid5(_SPACE, "/".join((self.stem, *words))))

    def _find_ways(self) -> None:
        """Note by which ways from the top each sheet is reached."""
        by_name = {page.name.lower(): page for page in self.pages}
        waiting = [("", f"/{self.id('sheet', '')}")]
        while waiting:
            name, way = waiting.pop(0)
            self.ways.setdefault(name, []).append(way)
            page = by_name[name] if name else self.pages[0]
            if sum(map(len, self.ways.values())) > MOST_WAYS:
                break
            waiting += [
                (entry.device.model.lower(), f"{way}/{self.id('box', name, entry.name)}")
                for entry in page.entries
                if entry.device.kind == "subcircuit" and entry.device.model.lower() in self.files
            ]

    def sheet(self, page: Page, *, top: bool) -> str:
        plan = plan_of(page, 1)
        left, upper, right, lower = page.sheet.box
        # Everything is moved onto the paper, whose corner is the origin.
        dx, dy = 10 - round(left), 10 - round(upper)
        key = "" if top else page.name.lower()
        lines = [
            '(kicad_sch (version 20231120) (generator "eda") (generator_version "8.0")',
            f"  (uuid {_q(self.id('sheet', key))})",
            f'  (paper "User" {_mm(right - left + 24)} {_mm(lower - upper + 40)})',
            f"  (title_block (title {_q(page.name or self.stem)}) (comment 1 {_q(MARK)}))",
            *self._library(page),
        ]
        for x, y in plan.joints:
            lines.append(
                f"  (junction (at {_at(x + dx, y + dy)}) (diameter 0) (color 0 0 0 0)"
                f" (uuid {_q(self.id())}))"
            )
        for _, ((x, y), (u, v)) in plan.wires:
            lines.append(
                f"  (wire (pts (xy {_at(x + dx, y + dy)}) (xy {_at(u + dx, v + dy)}))"
                f" (stroke (width 0) (type default)) (uuid {_q(self.id())}))"
            )
        for stroke in (*plan.bars, *plan.grounds):
            points = " ".join(f"(xy {_at(x + dx, y + dy)})" for x, y in stroke.points)
            lines.append(
                f"  (polyline (pts {points}) (stroke (width 0.25) (type default))"
                f" (uuid {_q(self.id())}))"
            )
        labels, ports = list(plan.labels), {port.lower() for port in page.ports}
        boxes: list[str] = []
        for entry in page.entries:
            if entry.device.kind == "subcircuit" and entry.device.model.lower() in self.files:
                boxes += self._box(entry, key, dx, dy)
                continue
            symbol = self.symbols.of(entry)
            for role, net in entry.hidden.items():
                x, y = symbol.pins[role]
                gate = sum(pin.dx for pin in entry.placed.symbol.pins)
                way = LEFT if gate > 0 else RIGHT
                labels.append(Label(entry.placed.x + x, entry.placed.y + y, net, way, "hidden"))
            boxes += self._device(entry, symbol, key, dx, dy)
        for label in labels:
            lines.append(self._label(label, dx, dy, top=top, ports=ports))
        texts = [*page.notes, *page.lines]
        if texts:
            under = lower + dy + 3 + 3 * len(page.ports)
            text = "\n".join(texts)
            lines.append(
                f"  (text {_q(text)} (exclude_from_sim no) (at {_at(left + dx, under)} 0)"
                f" (effects (font (size 1.27 1.27)) (justify left top)) (uuid {_q(self.id())}))"
            )
        lines += boxes
        if top:
            lines.append('  (sheet_instances (path "/" (page "1")))')
        return "\n".join([*lines, ")", ""])

    # -- symbols ---------------------------------------------------------------------------

    def _library(self, page: Page) -> list[str]:
        found: dict[str, OwnSymbol] = {}
        for entry in page.entries:
            if entry.device.kind != "subcircuit" or entry.device.model.lower() not in self.files:
                symbol = self.symbols.of(entry)
                found.setdefault(symbol.name, symbol)
        lines = ["  (lib_symbols"]
        for symbol in found.values():
            lines += _symbol(symbol)
        return [*lines, "  )"]

    def _device(self, entry: Entry, symbol: OwnSymbol, key: str, dx: int, dy: int) -> list[str]:
        placed = entry.placed
        x, y = placed.x + dx, placed.y + dy
        shown = [item for item in placed.symbol.texts if item.role != "pin"]
        name = next((item for item in shown if item.role == "name"), None)
        value = next((item for item in shown if item.role == "value"), None)
        card = " ".join(entry.tail)
        no = "yes" if symbol.picture else "no"
        lines = [
            f"  (symbol (lib_id {_q(f'{LIBRARY}:{symbol.name}')}) (at {_at(x, y)} 0) (unit 1)",
            f"    (exclude_from_sim {no}) (in_bom yes) (on_board yes) (dnp no)"
            f" (uuid {_q(self.id())})",
            _property("Reference", entry.name, name, x, y),
            _property("Value", _value(entry), value, x, y, hide=value is None),
            _property("Footprint", "", None, x, y, hide=True),
            _property("Datasheet", "", None, x, y, hide=True),
        ]
        if not symbol.picture:
            model = card.replace('"', "'")
            params = f'type="{symbol.letter.upper()}" model="{model}" lib=""'
            numbers = " ".join(f"{at}={at}" for at in range(1, len(symbol.pins) + 1))
            lines += [
                _property("Sim.Device", "SPICE", None, x, y, hide=True),
                _property("Sim.Params", params, None, x, y, hide=True),
                _property("Sim.Pins", numbers, None, x, y, hide=True),
            ]
        lines += [
            f'    (pin "{at}" (uuid {_q(self.id())}))' for at in range(1, len(symbol.pins) + 1)
        ]
        ways = self.ways.get(key, [])
        paths = "".join(
            f" (path {_q(way)} (reference {_q(_copy(entry.name, at))}) (unit 1))"
            for at, way in enumerate(ways)
        )
        return [*lines, f'    (instances (project ""{paths})))']

    def _box(self, entry: Entry, key: str, dx: int, dy: int) -> list[str]:
        """Return an instance of a subcircuit that has a sheet."""
        placed = entry.placed
        x0, y0, x1, y1 = placed.symbol.box
        # The box that is drawn is one step smaller than what its pins reach.
        x, y = placed.x + x0 + 1 + dx, placed.y + y0 + 1 + dy
        wide, high = x1 - x0 - 2, y1 - y0 - 2
        file = self.files[entry.device.model.lower()]
        lines = [
            f"  (sheet (at {_at(x, y)}) (size {_mm(wide)} {_mm(high)})",
            "    (stroke (width 0.15) (type solid)) (fill (color 0 0 0 0.0))",
            f"    (uuid {_q(self.id('box', key, entry.name))})",
            f'    (property "Sheetname" {_q(entry.name)} (at {_at(x, y - 0.5)} 0)'
            " (effects (font (size 1.27 1.27)) (justify left bottom)))",
            f'    (property "Sheetfile" {_q(file)} (at {_at(x, y + high + 0.5)} 0)'
            " (effects (font (size 1 1)) (justify left top)))",
        ]
        ports = next(p for p in self.pages if p.name.lower() == entry.device.model.lower()).ports
        leads: list[str] = []
        for port, pin in zip(ports, placed.symbol.pins, strict=True):
            px, py = placed.x + pin.x + dx, placed.y + pin.y + dy
            ex, ey = px - pin.dx, py - pin.dy
            angle = {(1, 0): 0, (0, -1): 90, (-1, 0): 180, (0, 1): 270}[pin.dx, pin.dy]
            inward = "right" if angle in (0, 90) else "left"
            lines.append(
                f"    (pin {_q(port)} passive (at {_at(ex, ey)} {angle})"
                f" (effects (font (size 1.27 1.27)) (justify {inward}))"
                f" (uuid {_q(self.id())}))"
            )
            leads.append(
                f"  (wire (pts (xy {_at(ex, ey)}) (xy {_at(px, py)}))"
                f" (stroke (width 0) (type default)) (uuid {_q(self.id())}))"
            )
        paths = "".join(
            f" (path {_q(way)} (page {_q(str(at + 2))}))"
            for at, way in enumerate(self.ways.get(key, []))
        )
        return [*leads, *lines, f'    (instances (project ""{paths})))']

    def _label(self, label: Label, dx: int, dy: int, *, top: bool, ports: set[str]) -> str:
        angle = {RIGHT: 0, UP: 90, LEFT: 180, DOWN: 270}[label.way]
        justify = "right" if angle in (180, 270) else "left"
        where = f"(at {_at(label.x + dx, label.y + dy)} {angle})"
        look = f"(effects (font (size 1.27 1.27)) (justify {justify}))"
        tail = f"(uuid {_q(self.id())}))"
        shape = {"input": "input", "output": "output"}.get(label.direction, "bidirectional")
        if top and label.form == "port":
            return f"  (global_label {_q(label.net)} (shape {shape}) {where} {look} {tail}"
        if not top and label.net.lower() in ports:
            return f"  (hierarchical_label {_q(label.net)} (shape {shape}) {where} {look} {tail}"
        if label.net == "0" or top:
            # Only global names reach SPICE as they are; others get the path of their sheet.
            return f"  (global_label {_q(label.net)} (shape passive) {where} {look} {tail}"
        return f"  (label {_q(label.net)} {where} {look} {tail}"


MOST_WAYS: Final = 2000
"""Instances of sheets that are numbered one by one."""


def _copy(name: str, at: int) -> str:
    """Return the reference of a device in a further instance of its sheet."""
    return name if at == 0 else f"{name}_{at}"


def _symbol(symbol: OwnSymbol) -> list[str]:
    name = symbol.name
    lines = [
        f"    (symbol {_q(f'{LIBRARY}:{name}')} (pin_numbers hide) (pin_names (offset 0) hide)",
        "      (exclude_from_sim no) (in_bom yes) (on_board yes)",
        _property("Reference", symbol.letter.upper(), None, 0, 0, deep=6),
        _property("Value", symbol.cell or name, None, 0, 0, deep=6),
        _property("Footprint", "", None, 0, 0, hide=True, deep=6),
        _property("Datasheet", "", None, 0, 0, hide=True, deep=6),
        f"      (symbol {_q(f'{name}_0_1')}",
    ]
    lines += [_polyline(stroke) for stroke in symbol.shape.strokes]
    if symbol.cell:
        for text in symbol.shape.texts:
            if text.role == "pin":
                lines.append(_pin_text(text))
    lines += ["      )", f"      (symbol {_q(f'{name}_1_1')}"]
    side = {(pin.x, pin.y): (pin.dx, pin.dy) for pin in symbol.shape.pins}
    for at, (role, (x, y)) in enumerate(symbol.pins.items(), start=1):
        # A pin looks from its end into the body.
        angle = {(-1, 0): 0, (0, 1): 90, (1, 0): 180, (0, -1): 270}.get(
            side.get((x, y), (1, 0)), 180
        )
        lines.append(
            f"        (pin passive line (at {_mm(x)} {_mm(-y)} {angle}) (length 0)"
            f" (name {_q(role)} (effects (font (size 1.27 1.27))))"
            f' (number "{at}" (effects (font (size 1.27 1.27)))))'
        )
    return [*lines, "      )", "    )"]


def _polyline(stroke: Stroke) -> str:
    points = [*stroke.points, stroke.points[0]] if stroke.close else list(stroke.points)
    inside = " ".join(f"(xy {_mm(x)} {_mm(-y)})" for x, y in points)
    fill = "outline" if stroke.fill else "none"
    width = 0.3 if stroke.thick else 0.15
    return (
        f"        (polyline (pts {inside}) (stroke (width {width}) (type default))"
        f" (fill (type {fill})))"
    )


def _pin_text(text: Text) -> str:
    justify = {"start": "left", "end": "right"}.get(text.anchor)
    look = f" (justify {justify})" if justify else ""
    return (
        f"        (text {_q(text.text)} (at {_mm(text.x)} {_mm(0.3 - text.y)} 0)"
        f" (effects (font (size 1.1 1.1)){look}))"
    )


def _value(entry: Entry) -> str:
    """Return what stands beside a symbol: its model and sizes, or its value."""
    text = " ".join(entry.tail)
    return text if len(text) <= 60 else text[:57] + "..."


def _property(
    name: str,
    value: str,
    text: Text | None,
    x: float,
    y: float,
    *,
    hide: bool = False,
    deep: int = 4,
) -> str:
    justify = ""
    if text is not None:
        x, y = x + text.x, y + text.y - 0.4
        way = {"start": "left", "end": "right"}.get(text.anchor)
        justify = f" (justify {way})" if way else ""
    hidden = " (hide yes)" if hide else ""
    return (
        f"{' ' * deep}(property {_q(name)} {_q(value)} (at {_at(x, y)} 0)"
        f" (effects (font (size 1.27 1.27)){justify}{hidden}))"
    )


def _at(x: float, y: float) -> str:
    return f"{_mm(x)} {_mm(y)}"


def _mm(steps: float) -> str:
    return f"{steps * STEP_MM:.4f}".rstrip("0").rstrip(".") or "0"


def _q(text: str) -> str:
    r"""Return a text in quotes, as KiCad's files have it.

    Example:
        >>> _q('a "b"'), _q("a\nb")
        ('"a \\"b\\""', '"a\\nb"')
    """
    made = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{made}"'
