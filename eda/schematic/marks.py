"""Marks on a drawing: devices and nets that something is to be said about, with a number."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from eda.schematic.sheet import Mark, Marked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eda.schematic.drawing import Drawing
    from eda.schematic.sheet import Box, Cell, Placed, Sheet

_ROOM = 0.9
"""Half the side of a number's place, in grid steps."""


@dataclass
class _Taken:
    """What covers a sheet: numbers are put where nothing is."""

    boxes: list[Box]

    def free(self, box: Box) -> bool:
        return all(
            box[2] <= own[0] or own[2] <= box[0] or box[3] <= own[1] or own[3] <= box[1]
            for own in self.boxes
        )


def with_marks(drawing: Drawing, marks: Iterable[Mark]) -> Drawing:
    r"""Return a drawing with marks on all sheets that show what they are about.

    A name is a device or a net of a sheet. Of a path such as ``x1.m3`` the instance is marked
    where the device itself is not drawn; the line finds devices whose names say nothing.

    Example:
        >>> import eda
        >>> drawing = eda.draw(eda.parse_netlist("divider\nR1 in out 1k\nR2 out 0 1k\n"))
        >>> marked = with_marks(drawing, [Mark(1, ("R1",), "warning", "no value")])
        >>> 'data-mark="1"' in marked.svg()
        True
    """
    listed = list(marks)
    return replace(drawing, sheets=tuple(_on_sheet(sheet, listed) for sheet in drawing.sheets))


def _on_sheet(sheet: Sheet, marks: list[Mark]) -> Sheet:
    taken = _Taken(_covered(sheet))
    shown = []
    for mark in marks:
        boxes = tuple(_around(item) for item in _devices(sheet, mark))
        names = {name.lower() for name in mark.objects}
        paths: list[tuple[Cell, ...]] = []
        for wiring in sheet.wirings:
            # A rail touches everything: to colour it would say nothing.
            if wiring.name.lower() in names and not wiring.rail:
                paths += wiring.paths
        if boxes or paths:
            place = _place(boxes, paths, taken)
            taken.boxes.append(_square(place))
            shown.append(Marked(mark, boxes, tuple(paths), place))
    return replace(sheet, marks=tuple(shown))


def _devices(sheet: Sheet, mark: Mark) -> list[Placed]:
    by_name = {item.device.name.lower(): item for item in sheet.placed}
    found = [by_name[name.lower()] for name in mark.objects if name.lower() in by_name]
    if not found:
        for name in mark.objects:
            parts = name.lower().split(".")
            for size in range(len(parts) - 1, 0, -1):
                if (instance := by_name.get(".".join(parts[:size]))) is not None:
                    found.append(instance)
                    break
    if not found and mark.line:
        found = [
            item
            for item in sheet.placed
            if (item.device.span.path, item.device.span.line) == (mark.file, mark.line)
        ]
    return found


def _around(item: Placed) -> Box:
    x0, y0, x1, y1 = item.symbol.box
    return item.x + x0 - 0.2, item.y + y0 + 0.4, item.x + x1 + 0.2, item.y + y1 - 0.4


def _covered(sheet: Sheet) -> list[Box]:
    boxes = []
    for item in sheet.placed:
        boxes.append(_around(item))
        for text in item.symbol.texts:
            left, top, right, bottom = text.box
            boxes.append((item.x + left, item.y + top, item.x + right, item.y + bottom))
    for wiring in sheet.wirings:
        boxes += [tag.box for tag in wiring.tags]
        for path in wiring.paths:
            for a, b in itertools.pairwise(path):
                boxes.append((min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])))
    return boxes


def _place(
    boxes: tuple[Box, ...], paths: list[tuple[Cell, ...]], taken: _Taken
) -> tuple[float, float]:
    """Return a free point near what is marked, or its corner where there is none."""
    if boxes:
        left, top, right, bottom = boxes[0]
    else:
        xs = [x for x, _ in paths[0][:2]]
        ys = [y for _, y in paths[0][:2]]
        left, top, right, bottom = min(xs), min(ys), max(xs), max(ys)
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    for out in (1.0, 1.6, 2.4, 3.4):
        for x, y in (
            *((left - out, top), (right + out, top), (left, top - out), (right, top - out)),
            *((left - out, bottom), (right + out, bottom), (left, bottom + out)),
            *((right, bottom + out), (left - out, middle_y), (right + out, middle_y)),
            *((middle_x, top - out), (middle_x, bottom + out)),
        ):
            if taken.free(_square((x, y))):
                return x, y
    return left, top


def _square(place: tuple[float, float]) -> Box:
    x, y = place
    return x - _ROOM, y - _ROOM, x + _ROOM, y + _ROOM
