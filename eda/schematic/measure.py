"""What can be counted of a drawing: crossings, bends, length, overlaps, share of nets wired."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eda.schematic.sheet import Cell, Sheet

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Measures:
    """Figures of one sheet.

    Attributes:
        crossings: Points where wires of two nets cross.
        bends: Corners of wires.
        wire_length: Of all wires, in units of the picture.
        signal_nets: Nets that are no rails and have two pins or more.
        wired_nets: Of these, those whose pins wires alone join.
        overlaps: Pairs of bodies and texts that cover one another, and texts with a wire on them.
        width, height: Of the picture, in its units.
    """

    devices: int
    nets: int
    crossings: int
    bends: int
    wire_length: float
    signal_nets: int
    wired_nets: int
    overlaps: int
    width: float
    height: float


def measure(sheet: Sheet) -> Measures:
    """Return the figures of a sheet."""
    from eda.schematic.symbols.symbol import UNIT

    segments = _segments(sheet)
    signals = [item for item in sheet.wirings if not item.rail and item.pins > 1]
    left, top, right, bottom = sheet.box
    return Measures(
        devices=len(sheet.placed),
        nets=len(sheet.wirings),
        crossings=_crossings(segments),
        bends=sum(max(len(path) - 2, 0) for item in sheet.wirings for path in item.paths),
        wire_length=UNIT * sum(abs(a[0] - b[0]) + abs(a[1] - b[1]) for _, a, b in segments),
        signal_nets=len(signals),
        wired_nets=sum(item.wired for item in signals),
        overlaps=count_overlaps(sheet),
        width=UNIT * (right - left),
        height=UNIT * (bottom - top),
    )


def _segments(sheet: Sheet) -> list[tuple[int, Cell, Cell]]:
    return [
        (net, a, b)
        for net, item in enumerate(sheet.wirings)
        for path in item.paths
        for a, b in itertools.pairwise(path)
    ]


def _crossings(segments: list[tuple[int, Cell, Cell]]) -> int:
    flat = [item for item in segments if item[1][1] == item[2][1]]
    upright = [item for item in segments if item[1][0] == item[2][0]]
    found = set()
    for net, a, b in flat:
        left, right = sorted((a[0], b[0]))
        for other, c, d in upright:
            top, bottom = sorted((c[1], d[1]))
            if net != other and left < c[0] < right and top < a[1] < bottom:
                found.add((c[0], a[1]))
    return len(found) + _slanting_crossings(segments)


def _slanting_crossings(segments: list[tuple[int, Cell, Cell]]) -> int:
    """Count the crossings in which a slanting wire has a part."""
    slanting = [item for item in segments if item[1][0] != item[2][0] and item[1][1] != item[2][1]]
    if not slanting:
        return 0
    order = sorted((min(a[0], b[0]), max(a[0], b[0]), net, a, b) for net, a, b in segments)
    count = 0
    for place, (_, right, net, a, b) in enumerate(order):
        for left, _, other, c, d in order[place + 1 :]:
            if left > right:
                break
            upright = (a[0] == b[0] or a[1] == b[1]) and (c[0] == d[0] or c[1] == d[1])
            count += net != other and not upright and _cross(a, b, c, d)
    return count


def _cross(a: Cell, b: Cell, c: Cell, d: Cell) -> bool:
    return _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0


def _turn(a: Cell, b: Cell, c: Cell) -> int:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def count_overlaps(sheet: Sheet) -> int:
    """Return how many bodies and texts cover one another, and how many texts lie on a wire."""
    boxes: list[tuple[int, Box]] = []
    texts: list[Box] = []
    for at, item in enumerate(sheet.placed):
        x0, y0, x1, y1 = item.symbol.box
        if item.symbol.strokes:
            boxes.append((at, (item.x + x0, item.y + y0, item.x + x1, item.y + y1)))
        for text in item.symbol.texts:
            left, top, right, bottom = text.box
            own = (item.x + left, item.y + top, item.x + right, item.y + bottom)
            boxes.append((at, own))
            texts.append(own)
    for net, wiring in enumerate(sheet.wirings):
        for number, tag in enumerate(wiring.tags):
            boxes.append((-1 - 1000 * net - number, tag.box))
            if tag.text.text:
                texts.append(tag.text.box)
    count = sum(
        1
        for at, (owner, box) in enumerate(boxes)
        for other, own in boxes[:at]
        if owner != other and _overlap(box, own)
    )
    for _, a, b in _segments(sheet):
        wire = (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
        count += sum(_overlap(wire, box) for box in texts)
    return count


def _overlap(a: Box, b: Box) -> bool:
    slack = 1e-6
    return (
        a[0] < b[2] - slack and b[0] < a[2] - slack and a[1] < b[3] - slack and b[1] < a[3] - slack
    )
