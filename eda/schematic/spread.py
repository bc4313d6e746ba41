"""Parts that stand too near to one another are pushed apart, by as much as they lack."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Final

from eda.schematic.placement import HALF_COLUMN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eda.schematic.placement import Placement

_PUSHES: Final = 80
"""So many pairs of parts are pushed apart before their groups are put side by side."""
_GAP: Final = 12
"""Grid steps in which no part stands are cut down to this."""


def spread(placement: Placement) -> None:
    """Push parts apart where they overlap, and close wide gaps; groups stay symmetric."""
    for _ in range(_PUSHES):
        found = _first_overlap(placement, placement.on_level)
        if found is None:
            break
        _part_two(placement, *found)
    else:
        _line_up(placement)
    _close_gaps(placement)


def _close_gaps(placement: Placement) -> None:
    """Bring nearer what stands far to the right of everything else."""
    column = placement.column
    reaches = []
    for unit in placement.units:
        sides = [
            (HALF_COLUMN * column[at], *placement.extents[at][placement.flipped[at]])
            for at in unit.parts
        ]
        left, right = min(x - a for x, a, _ in sides), max(x + b for x, _, b in sides)
        reaches.append((left, right, unit))
    reaches.sort(key=lambda item: item[0])
    covered = reaches[0][1] if reaches else 0.0
    moved = 0
    for left, right, unit in reaches:
        # Whole half columns, and always enough room for wires.
        moved += max(0, int((left - HALF_COLUMN * moved - covered - _GAP) // HALF_COLUMN))
        for at in unit.parts:
            column[at] -= moved
        covered = max(covered, right - HALF_COLUMN * moved)


def _line_up(placement: Placement) -> None:
    """Put the units side by side, each by itself: what cannot be pushed apart in place."""
    column = placement.column
    right = 0.0
    for unit in sorted(placement.units, key=lambda item: item.axis(column)):
        levels: dict[int, list[int]] = {}
        for at in unit.parts:
            levels.setdefault(placement.level[at], []).append(at)
        while (found := _first_overlap(placement, levels)) is not None:
            _part_two(placement, *found)
        sides = {at: placement.extents[at][placement.flipped[at]] for at in unit.parts}
        left = min(HALF_COLUMN * column[at] - own[0] for at, own in sides.items())
        step = ceil((right + 1 - left) / HALF_COLUMN)
        for at in unit.parts:
            column[at] += step
        right = max(HALF_COLUMN * column[at] + own[1] for at, own in sides.items())


def _first_overlap(
    placement: Placement, on_level: Mapping[int, Sequence[int]]
) -> tuple[int, int, int] | None:
    """Return two neighbours, left and right, and the half columns they lack."""
    for level in sorted(on_level):
        parts = sorted(on_level[level], key=lambda at: (placement.column[at], at))
        for place, a in enumerate(parts):
            for b in parts[place + 1 : place + 4]:
                missing = _missing(placement, a, b)
                if missing > 0:
                    return a, b, ceil(missing / HALF_COLUMN)
    return None


def _missing(placement: Placement, a: int, b: int) -> float:
    """Return the grid steps that a part and one to its right stand too near."""
    extents, flipped = placement.extents, placement.flipped
    gap = HALF_COLUMN * (placement.column[b] - placement.column[a])
    return extents[a][flipped[a]][1] + extents[b][flipped[b]][0] + 1 - gap


def _part_two(placement: Placement, a: int, b: int, lack: int) -> None:
    """Make room between two parts: within a group it gets wider, else others move on."""
    column, mate = placement.column, placement.mate
    one, other = placement.unit_of[a], placement.unit_of[b]
    left, right = one.axis(column), other.axis(column)
    if one is other:
        out = max((a, b), key=lambda at: abs(column[at] - left))
        _widen(placement, out, ceil(lack / 2) if mate.get(a) == b else lack)
    elif left > right and a in mate:
        # One of a pair round the other part: it goes further out.
        _widen(placement, a, lack)
    elif left > right and b in mate:
        _widen(placement, b, lack)
    else:
        for unit in placement.units:
            if unit is other or unit.axis(column) > left:
                for at in unit.parts:
                    column[at] += lack


def _widen(placement: Placement, part: int, step: int) -> None:
    """Move a part away from its axis, and its mate likewise."""
    column = placement.column
    mate = placement.mate.get(part)
    if mate is None:
        column[part] += step
        return
    left, right = sorted((part, mate), key=lambda at: (column[at], at))
    column[left] -= step
    column[right] += step
