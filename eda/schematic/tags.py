"""Places for names: rail symbols, port flags and net names, at the end of a short free wire."""

from __future__ import annotations

from dataclasses import replace
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final

from eda.schematic.grid import BACK, DOWN, LEFT, RIGHT, UP
from eda.schematic.sheet import Tag
from eda.schematic.symbols.symbol import Stroke, Text, line, shortened, text_width

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from eda.schematic.grid import Grid

REACH: Final = 12
"""Longest wire to a tag, in grid steps."""

NAME: Final = "name"
LONGEST_NAME: Final = 24
_BEND: Final = 3


def shape(name: str, kind: str, way: int) -> tuple[Tag, float] | None:
    """Return a tag at the origin whose wire arrives in a direction, and how much it is disliked.

    Args:
        name: What is written.
        kind: ``high``, ``low``, ``ground``, ``left`` and ``right`` (ports), or ``name``.
        way: The direction in which the wire runs into it.

    Returns:
        None where this kind of tag cannot stand so.
    """
    text = shortened(name, LONGEST_NAME)
    wide = text_width(text)
    if kind == "high" and way == UP:
        strokes: tuple[Stroke, ...] = (line((-1, 0), (1, 0), thick=True),)
        return _tag(strokes, Text(text, 0, -0.35, "middle", "net")), 0
    if kind == "ground" and way == DOWN:
        strokes = (
            line((-1, 0), (1, 0), thick=True),
            line((-0.6, 0.4), (0.6, 0.4)),
            line((-0.2, 0.8), (0.2, 0.8)),
        )
        if name == "0":
            text = ""
        return _tag(strokes, Text(text, 0, 1.9, "middle", "net"), 0.9), 0
    if kind == "low" and way == DOWN:
        strokes = (line((-1, 0), (1, 0), thick=True),)
        return _tag(strokes, Text(text, 0, 1.1, "middle", "net")), 0
    if way in (LEFT, RIGHT):
        sign = 1 if way == RIGHT else -1
        points: tuple[Stroke, ...] = ()
        start = 0.3
        if kind in ("left", "right"):
            # A flag points along the signal: at the wire of an input, away from an output's.
            points = (_flag(sign, wide, inward=kind == "left"),)
            start = 0.8 if kind == "left" else 0.4
        anchor = "start" if sign > 0 else "end"
        dislike = {"high": 4.0, "low": 4.0, "ground": 4.0}.get(kind, 0.0)
        if kind in ("left", "right") and (kind == "left") != (sign < 0):
            dislike = 2.0
        return _tag(points, Text(text, sign * start, 0.3, anchor, "net")), dislike
    if kind in (NAME, "left", "right"):
        y = -0.4 if way == UP else 1.2
        return _tag((), Text(text, 0, y, "middle", "net")), 3.0
    return None


def _flag(sign: int, wide: float, *, inward: bool) -> Stroke:
    far = sign * (wide + 1.3)
    near = sign * 0.6
    tip = 0.0
    if inward:
        return Stroke(((tip, 0), (near, -0.7), (far, -0.7), (far, 0.7), (near, 0.7)), close=True)
    far, end = sign * (wide + 0.7), sign * (wide + 1.3)
    return Stroke(((0.0, -0.7), (far, -0.7), (end, 0), (far, 0.7), (0.0, 0.7)), close=True)


def _tag(strokes: tuple[Stroke, ...], text: Text, deep: float = 0.0) -> Tag:
    xs = [x for item in strokes for x, _ in item.points]
    ys = [y for item in strokes for _, y in item.points]
    if text.text:
        xs += [text.box[0], text.box[2]]
        ys += [text.box[1], text.box[3]]
    box = (min(xs), min(ys), max(xs), max(max(ys), deep))
    return Tag(0, 0, strokes, text, box)


def name_tag(text: str) -> Tag:
    """Return a name that ends at the origin."""
    return _tag((), Text(text, -0.4, 0.3, "end", "net"))


def moved(tag: Tag, x: int, y: int) -> Tag:
    """Return a tag at another place."""
    return Tag(
        x,
        y,
        tuple(
            replace(item, points=tuple((px + x, py + y) for px, py in item.points))
            for item in tag.strokes
        ),
        replace(tag.text, x=tag.text.x + x, y=tag.text.y + y),
        (tag.box[0] + x, tag.box[1] + y, tag.box[2] + x, tag.box[3] + y),
    )


def find_place(
    grid: Grid,
    net: int,
    starts: Collection[int],
    name: str,
    kind: str,
    *,
    crossings: bool = False,
    reach: int = REACH,
) -> tuple[tuple[int, ...], Tag] | None:
    """Return a wire from one of the starts to a free place, and the tag for it; or None.

    Args:
        grid: What is where.
        net: Whose name it is.
        starts: Pins, or points of wires of the net.
        name: What is written.
        kind: As for `shape`.
        crossings: Whether the wire may cross others.
        reach: Longest wire, in grid steps.
    """
    shapes = [shape(name, kind, way) for way in range(4)]
    heap: list[tuple[float, int, int]] = []
    best: dict[int, float] = {}
    parent: dict[int, int] = {}
    count = 0
    for start in sorted(starts):
        pin = grid.pins.get(start)
        for way in (pin[1],) if pin is not None else range(4):
            state = start * 4 + way
            best[state] = 0.0
            heappush(heap, (0.0, count, state))
            count += 1
    found: tuple[float, int, Tag] | None = None
    origin = set(starts)
    while heap:
        cost, _, state = heappop(heap)
        if cost > best[state] or (found is not None and cost >= found[0]):
            if found is not None and cost >= found[0]:
                break
            continue
        here, came = state >> 2, state & 3
        made = shapes[came]
        if made is not None and here not in origin and grid.empty(here, net):
            tag = moved(made[0], *grid.cell(here))
            price = cost + made[1]
            if (found is None or price < found[0]) and _fits(grid, net, tag, here):
                found = (price, state, tag)
        for there, way, price in _steps(grid, net, here, came, here in origin, crossings):
            total = cost + price
            new = there * 4 + way
            if total <= reach and total < best.get(new, 1e9):
                best[new] = total
                parent[new] = state
                count += 1
                heappush(heap, (total, count, new))
    if found is None:
        return None
    state = found[1]
    points = [state >> 2]
    while state in parent:
        state = parent[state]
        points.append(state >> 2)
    return tuple(reversed(points)), found[2]


def _steps(
    grid: Grid, net: int, here: int, came: int, at_start: bool, crossings: bool
) -> Iterator[tuple[int, int, float]]:
    passing = not at_start and not grid.empty(here, net)
    for way in (came,) if at_start or passing else (0, 1, 2, 3):
        if way == BACK[came]:
            continue
        there = here + grid.steps[way]
        if grid.blocked[there] or grid.escape[there] not in (-1, net):
            continue
        price = 1.0 + (_BEND if way != came else 0)
        if not grid.empty(there, net):
            own, other = (grid.across, grid.along) if way < 2 else (grid.along, grid.across)
            if not crossings or own[there] != -1 or grid.node[there] != -1 or other[there] == net:
                continue
            price += 6
        yield there, way, price


def _fits(grid: Grid, net: int, tag: Tag, here: int) -> bool:
    left, top, right, bottom = tag.box
    if not (grid.inside(left - 1, top) and grid.inside(right + 1, bottom)):
        return False
    for x0, y0, x1, y1 in grid.boxes:
        if left < x1 and x0 < right and top < y1 and y0 < bottom:
            return False
    box = (left - 0.45, top - 0.25, right + 0.45, bottom + 0.25)
    return all(index == here or grid.empty(index, net) for index in grid.points_in(box))
