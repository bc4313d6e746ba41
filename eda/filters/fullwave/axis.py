"""Lines of a rectilinear mesh along one axis: edges of copper by the thirds rule, graded between.

The field near the edge of a thin sheet is singular. A mesh whose last line in the copper lies a
third of a cell inside of the edge, and the next line two thirds outside, gives the edge its true
place; this is the "thirds rule" of the openEMS tutorials. The other way round, strips come out
wider and longer than they are.

A mesh is found in two steps. Which cells there are: one around every edge, graded cells between
them. How large they are: least squares on the thirds rule, with no cell below the smallest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

RATIO: Final = 1.5
"""Largest ratio of neighbouring cells that is aimed at."""

_SHARE: Final = {-1: 1 / 3, 1: 2 / 3}
"""How much of its cell lies below an edge, by the side its copper is on."""

_SIZES: Final = 0.02
"""Weight of the sizes of cells beside that of an edge."""

_FIXED: Final = 100.0
"""Weight of lines that must lie somewhere."""


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge of copper across the axis.

    Attributes:
        at_mm: Where.
        side: -1 where the copper lies below it, 1 where above; 0 for a line that must lie there.
        weight: How much it matters beside others that want lines at the same place.
    """

    at_mm: float
    side: int
    weight: float = 1.0


def axis_lines(
    edges: Sequence[Edge], low_mm: float, high_mm: float, *, cell_mm: float, largest_mm: float
) -> Real:
    """Return the lines of a mesh, ascending.

    Args:
        edges: Edges and fixed lines, in any order.
        low_mm: First line.
        high_mm: Last line.
        cell_mm: Wanted size of the cell around an edge. No cell is less than half as large,
            but where the ends are closer than that to an edge.
        largest_mm: Largest cell.
    """
    groups = _groups(edges, cell_mm)
    smallest = cell_mm / 2
    # The size wanted of each cell, and which cell belongs to which group (-1: a line).
    sizes: list[float] = []
    place: list[int] = []
    before, size_before = low_mm, math.inf
    for group in groups:
        at = _middle(group)
        fixed = group[0].side == 0
        share = 0.0 if fixed else _below(group)
        # Copper on both sides of one place: neither edge gets its thirds, so the cell is small.
        alike = len({edge.side for edge in group}) == 1
        size = 0.0 if fixed else cell_mm if alike else smallest
        beside = (size_before, size or math.inf)
        sizes += _between(at - share * size - before, smallest, largest_mm, beside)
        place.append(len(sizes))
        if not fixed:
            sizes.append(size)
        before, size_before = at + (1 - share) * size, size or sizes[-1]
    sizes += _between(high_mm - before, smallest, largest_mm, (size_before, math.inf))
    return low_mm + _fitted(groups, place, np.array(sizes), high_mm - low_mm, low_mm, smallest)


def _groups(edges: Sequence[Edge], cell_mm: float) -> list[list[Edge]]:
    """Return edges in groups that share a cell, ascending."""
    merged: dict[tuple[float, int], float] = {}
    for edge in edges:
        key = (round(edge.at_mm, 6), edge.side)
        merged[key] = merged.get(key, 0.0) + edge.weight
    ordered = [Edge(at, side, weight) for (at, side), weight in sorted(merged.items())]
    groups: list[list[Edge]] = []
    for edge in ordered:
        last = groups[-1][-1] if groups else None
        if last and _needs(last, edge, cell_mm / 2) > edge.at_mm - last.at_mm + 1e-9:
            groups[-1].append(edge)
        else:
            groups.append([edge])
    return groups


def _needs(a: Edge, b: Edge, cell_mm: float) -> float:
    """Return how far apart two edges must be to have a cell each."""
    if a.side == 0 or b.side == 0:
        return cell_mm * (1 if a.side == b.side else 2 / 3)
    return cell_mm * (1 - _SHARE[a.side] + _SHARE[b.side])


def _middle(group: Sequence[Edge]) -> float:
    return math.fsum(e.at_mm * e.weight for e in group) / math.fsum(e.weight for e in group)


def _below(group: Sequence[Edge]) -> float:
    total = math.fsum(e.weight for e in group)
    return math.fsum(_SHARE[e.side] * e.weight for e in group if e.side) / total


def _between(
    room_mm: float, smallest_mm: float, largest_mm: float, beside_mm: tuple[float, float]
) -> list[float]:
    """Return sizes of cells that fill a space, growing from those beside it at both ends."""
    if room_mm < smallest_mm:
        return []
    count = 0
    made: list[float] = []
    while math.fsum(made) < room_mm:
        count += 1
        made = [
            min(
                largest_mm,
                beside_mm[0] * RATIO ** (at + 1),
                beside_mm[1] * RATIO ** (count - at),
            )
            for at in range(count)
        ]
    scale = room_mm / math.fsum(made)
    return [size * scale for size in made]


def _fitted(
    groups: Sequence[Sequence[Edge]],
    place: Sequence[int],
    sizes: Real,
    span_mm: float,
    low_mm: float,
    smallest_mm: float,
) -> Real:
    """Return lines from 0 on whose cells are near their sizes and keep the thirds rule."""
    from scipy.optimize import lsq_linear

    count = len(sizes)
    # Rows: the ends of the mesh, then what edges want, then sizes.
    rows, wanted = [np.ones(count) * _FIXED], [span_mm * _FIXED]
    for group, at in zip(groups, place, strict=True):
        for edge in group:
            row = np.zeros(count)
            row[:at] = 1.0
            weight = _FIXED
            if edge.side:
                row[at] = _SHARE[edge.side]
                weight = math.sqrt(edge.weight / math.fsum(e.weight for e in group))
            rows.append(row * weight)
            wanted.append((edge.at_mm - low_mm) * weight)
    relative = _SIZES * smallest_mm / sizes
    rows += list(np.diag(relative))
    wanted += list(relative * sizes)
    found = lsq_linear(
        np.array(rows), np.array(wanted), bounds=(smallest_mm, np.inf), method="bvls"
    )
    return np.concatenate([[0.0], np.cumsum(found.x)])
