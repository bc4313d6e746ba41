"""Cells of copper: a grid of lines at every edge of copper, graded towards the edges.

Charge and current grow without bound towards the edge of a strip, so cells are small there; along
a strip they are as long as the wavelength allows. Lines lie on the edges of copper exactly: nothing
is moved to a grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from eda.errors import InputError

Real = NDArray[np.float64]
Index = NDArray[np.int64]

Box = tuple[float, float, float, float]
"""Left, bottom, right and top, in metres."""

SAME_M = 1e-9

MOST_PLACES = 2_000_000
"""Of the grid, with copper or without."""


@dataclass(frozen=True, slots=True)
class Grading:
    """How fine cells are.

    Attributes:
        edge_m: Size of a cell at an edge of copper.
        ratio: By how much cells grow from there.
        largest_m: Largest cell.
    """

    edge_m: float
    ratio: float
    largest_m: float


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the generator of a port lies in a line: a cut across it, without a gap.

    Attributes:
        axis: 0 where the line runs along x, 1 along y.
        sign: Direction in which current enters the circuit.
        at_m: Where, along the axis.
        low_m: Lower edge of the line, across.
        high_m: Upper edge.
    """

    axis: int
    sign: int
    at_m: float
    low_m: float
    high_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Cells, and the roof-top currents between them.

    Attributes:
        low_m: Left and bottom of each cell, ``(cells, 2)``.
        high_m: Right and top.
        axis: Direction of each current, ``(currents,)``: 0 is x, 1 is y.
        tail: Cell that a current leaves, ``(currents,)``.
        head: Cell that it enters, to the right of or above the other.
        drive: What the generator of each port adds to each current, ``(currents, ports)``: 0, or
            1 and -1 where a current crosses its cut.
    """

    low_m: Real
    high_m: Real
    axis: Index
    tail: Index
    head: Index
    drive: Real


def mesh_of(boxes: Sequence[Box], ports: Sequence[Cut], grading: Grading) -> Mesh:
    """Return the cells of the union of rectangles.

    Args:
        boxes: Copper; overlaps are counted once.
        ports: Edges at which a generator feeds current in.
        grading: How fine.

    Raises:
        InputError: A port does not lie on an edge of copper, or the grid is too large.
    """
    lines = [
        _lines(boxes, axis, [cut.at_m for cut in ports if cut.axis == axis], grading)
        for axis in (0, 1)
    ]
    if len(lines[0]) * len(lines[1]) > MOST_PLACES:
        raise InputError(
            f"layout: {len(lines[0])} by {len(lines[1])} lines are too many for the planar solver; "
            "use --solver openems"
        )
    middle = [(line[:-1] + line[1:]) / 2 for line in lines]
    filled = np.zeros((len(middle[0]), len(middle[1])), bool)
    for left, bottom, right, top in boxes:
        inside = (
            (middle[0] > left) & (middle[0] < right),
            (middle[1] > bottom) & (middle[1] < top),
        )
        filled |= np.outer(*inside)
    number = np.where(filled, np.cumsum(filled).reshape(filled.shape) - 1, -1)
    i, j = np.nonzero(filled)
    low = np.stack([lines[0][i], lines[1][j]], 1)
    high = np.stack([lines[0][i + 1], lines[1][j + 1]], 1)
    along_x = filled[:-1] & filled[1:]
    along_y = filled[:, :-1] & filled[:, 1:]
    tail = [number[:-1][along_x], number[:, :-1][along_y]]
    head = [number[1:][along_x], number[:, 1:][along_y]]
    axis = [np.zeros(len(tail[0]), int), np.ones(len(tail[1]), int)]
    axes, tails, heads = (np.concatenate(part) for part in (axis, tail, head))
    drive = np.zeros((len(axes), len(ports)))
    for which, cut in enumerate(ports):
        crossing = _crossing(low, high, axes, tails, cut)
        if not len(crossing):
            raise InputError(f"port {which + 1}: no copper lies there")
        drive[crossing, which] = cut.sign
    return Mesh(low, high, axes, tails, heads, drive)


def _crossing(low: Real, high: Real, axes: Index, tails: Index, cut: Cut) -> Index:
    """Return the currents that cross a cut."""
    across = 1 - cut.axis
    middle = (low[tails, across] + high[tails, across]) / 2
    on = (axes == cut.axis) & (np.abs(high[tails, cut.axis] - cut.at_m) < SAME_M)
    return np.flatnonzero(on & (middle > cut.low_m) & (middle < cut.high_m))


def _lines(boxes: Sequence[Box], axis: int, cuts: Sequence[float], grading: Grading) -> Real:
    """Return all lines across an axis."""
    edges = np.sort([*(at for box in boxes for at in (box[axis], box[axis + 2])), *cuts])
    edges = edges[np.append(True, np.diff(edges) > SAME_M)]
    parts = [edges[:1]]
    for low, high in pairwise(edges):
        if any(box[axis] < high - SAME_M and box[axis + 2] > low + SAME_M for box in boxes):
            parts.append(low + np.cumsum(graded(high - low, grading, (low in cuts, high in cuts))))
            parts[-1][-1] = high
        else:
            parts.append(np.array([high]))
    return np.concatenate(parts)


def graded(length_m: float, grading: Grading, coarse: tuple[bool, bool] = (False, False)) -> Real:
    """Return sizes of cells that fill a length, small at its ends but where that is not wanted."""
    left, right = ([grading.largest_m if plain else grading.edge_m] for plain in coarse)
    if length_m <= 1.2 * min(left[0], right[0]):
        return np.array([length_m])
    total = left[0] + right[0]
    while total < 0.999 * length_m:
        side = left if left[-1] <= right[-1] else right
        side.append(min(side[-1] * grading.ratio, grading.largest_m))
        total += side[-1]
    sizes = np.array(left + right[::-1])
    return np.asarray(sizes * (length_m / sizes.sum()))
