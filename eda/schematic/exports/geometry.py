"""Wires cut at their joints, and stock symbols of other tools seated where ours stand."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eda.schematic.sheet import Cell, Wiring

Segment = tuple["Cell", "Cell"]


def straight_runs(wiring: Wiring, ends: Iterable[Cell]) -> list[Segment]:
    """Return the wires of a net as straight pieces that meet at their ends only.

    Other tools join wires where they end; so every wire is cut where another one, a pin or a
    name stands on it.

    Args:
        wiring: What is drawn of the net.
        ends: Points at which a wire has to end: pins and names.
    """
    around: dict[Cell, set[Cell]] = {}
    for path in wiring.paths:
        for a, b in itertools.pairwise(path):
            for c, d in itertools.pairwise(points_between(a, b)):
                around.setdefault(c, set()).add(d)
                around.setdefault(d, set()).add(c)
    stops = {
        point
        for point, near in around.items()
        if len(near) != 2 or (len({x for x, _ in near}) != 1 and len({y for _, y in near}) != 1)
    }
    stops.update(ends)
    runs: list[Segment] = []
    for start in sorted(stops & around.keys()):
        for dx, dy in ((1, 0), (0, 1)):
            here = start
            while (ahead := (here[0] + dx, here[1] + dy)) in around[here]:
                here = ahead
                if here in stops:
                    break
            if here != start:
                runs.append((start, here))
    return runs


def points_between(a: Cell, b: Cell) -> list[Cell]:
    """Return the points of a straight wire, its ends with them."""
    (x, y), (u, v) = a, b
    if x == u:
        return [(x, at) for at in range(y, v + (1 if v >= y else -1), 1 if v >= y else -1)]
    return [(at, y) for at in range(x, u + (1 if u >= x else -1), 1 if u >= x else -1)]


# -- seats ------------------------------------------------------------------------------------

Pose = tuple[bool, int]
"""Mirrored left to right first, then turned clockwise by so many quarters."""

POSES: Final[tuple[Pose, ...]] = tuple((flip, turn) for flip in (False, True) for turn in range(4))


def posed(point: Cell, pose: Pose) -> Cell:
    """Return where a point of a symbol comes to lie.

    Example:
        >>> posed((2, 1), (False, 1)), posed((2, 1), (True, 2))
        ((-1, 2), (2, -1))
    """
    x, y = point
    flip, turn = pose
    if flip:
        x = -x
    for _ in range(turn):
        x, y = -y, x
    return x, y


@dataclass(frozen=True, slots=True)
class Seat:
    """A stock symbol in the place of one of ours.

    Attributes:
        pose: How it is turned.
        x, y: Where its origin is, in the units of the tool.
        pins: Where each of its pins is.
        leads: Wires from its pins to where ours are, by pin.
    """

    pose: Pose
    x: int
    y: int
    pins: Mapping[str, Cell]
    leads: Mapping[str, tuple[Segment, ...]]


def seat(
    stock: Mapping[str, Cell],
    ours: Mapping[str, Cell],
    box: tuple[int, int, int, int],
    poses: Sequence[Pose] = POSES,
) -> Seat | None:
    """Return where a stock symbol has to stand so that short wires lead to our pins.

    The box of our symbol holds all of it, where nobody else's wires are. A pin that only the
    stock symbol has gets no wire.

    Args:
        stock: Pins of the stock symbol round its origin.
        ours: Pins of ours, some or all of these, where they are on the sheet, in the tool's units.
        box: Left, top, right and bottom of our symbol on the sheet.
        poses: How it may be turned.
    """
    best: tuple[int, int, Seat] | None = None
    for number, pose in enumerate(poses):
        turned = {role: posed(point, pose) for role, point in stock.items()}
        xs = {ours[role][0] - turned[role][0] for role in ours}
        ys = {ours[role][1] - turned[role][1] for role in ours}
        for x, y in itertools.product(sorted(xs), sorted(ys)):
            pins = {role: (px + x, py + y) for role, (px, py) in turned.items()}
            if any(
                not (box[0] <= px <= box[2] and box[1] <= py <= box[3]) for px, py in pins.values()
            ):
                continue
            leads = _leads(pins, ours)
            if leads is None:
                continue
            length = sum(_length(part) for lead in leads.values() for part in lead)
            # Of equal ones the most central.
            middle = abs(2 * y - box[1] - box[3]) + abs(2 * x - box[0] - box[2])
            uneven = _unevenness(leads)
            key = length * 4 + uneven, number * 1000 + middle
            if best is None or key < best[:2]:
                best = (*key, Seat(pose, x, y, pins, leads))
    return None if best is None else best[2]


def _unevenness(leads: Mapping[str, tuple[Segment, ...]]) -> int:
    bends = sum(1 for lead in leads.values() if len(lead) > 1)
    lengths = [sum(map(_length, lead)) for lead in leads.values()]
    return 40 * bends + (max(lengths) - min(lengths) if lengths else 0)


def _leads(
    pins: Mapping[str, Cell], ours: Mapping[str, Cell]
) -> dict[str, tuple[Segment, ...]] | None:
    """Return a straight or a bent wire for each pin, none of which touches another; or None."""
    made: dict[str, tuple[Segment, ...]] = {}
    taken: list[tuple[str, Segment]] = [(role, (at, at)) for role, at in pins.items()]
    taken += [(role, (at, at)) for role, at in ours.items()]
    for role, end in ours.items():
        start = pins[role]
        for corner in ((end[0], start[1]), (start[0], end[1])):
            ways = ((start, corner), (corner, end))
            lead = tuple(part for part in ways if part[0] != part[1])
            if not any(
                other != role and _touch(part, piece) for part in lead for other, piece in taken
            ):
                made[role] = lead
                taken += [(role, part) for part in lead]
                break
        else:
            return None
    return made


def _length(part: Segment) -> int:
    (x, y), (u, v) = part
    return abs(x - u) + abs(y - v)


def _touch(a: Segment, b: Segment) -> bool:
    """Return whether two horizontal or vertical pieces have a point in common."""
    return all(
        min(a[0][axis], a[1][axis]) <= max(b[0][axis], b[1][axis])
        and min(b[0][axis], b[1][axis]) <= max(a[0][axis], a[1][axis])
        for axis in (0, 1)
    )
