"""The rectilinear mesh of a filter: as few cells as its edges, gaps and wavelengths take."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from eda.errors import InputError
from eda.filters.fullwave.axis import RATIO, Edge, Real, axis_lines
from eda.filters.fullwave.copper import Box, Copper
from eda.filters.microstrip.substrate import LIGHT_M_PER_S, Substrate

BOARD_CELLS: Final = 4
"""In the height of the board."""

_NEAR: Final = 1e-6
_FACING_HEIGHTS: Final = 2.0
_MOST_CELLS: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class MeshOptions:
    """How fine a mesh is.

    Attributes:
        finer: Cells in the board and around edges are so many times smaller than the board's height
            and the gaps ask for.
        per_wavelength: Least cells in a wavelength in the board.
        side_heights: From the copper to the walls, in heights of the board. Half as many take a
            decibel out of a pass band: walls that absorb must not reach into the field of a strip.
        air_heights: From the copper to the lid.
    """

    finer: float = 1.0
    per_wavelength: float = 20.0
    side_heights: float = 12.0
    air_heights: float = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Lines along x, y and z in mm; the ground is z = 0.

    Attributes:
        x_mm: Ascending.
        y_mm: Ascending.
        z_mm: Ascending from 0.
        cell_mm: Wanted size of cells around edges.
    """

    x_mm: Real
    y_mm: Real
    z_mm: Real
    cell_mm: float

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return math.prod(len(lines) - 1 for lines in (self.x_mm, self.y_mm, self.z_mm))

    @property
    def smallest_mm(self) -> tuple[float, float, float]:
        """The smallest cell along each axis."""
        x, y, z = (float(np.diff(lines).min()) for lines in (self.x_mm, self.y_mm, self.z_mm))
        return x, y, z

    @property
    def step_s(self) -> float:
        """Upper bound of the time step by Courant's criterion, for the smallest cells in air."""
        rate = math.sqrt(sum((1e-3 * size) ** -2 for size in self.smallest_mm))
        return 1 / (LIGHT_M_PER_S * rate)


def mesh_of(
    copper: Copper, board: Substrate, highest_hz: float, options: MeshOptions | None = None
) -> Mesh:
    """Return the mesh of a filter.

    Args:
        copper: The filter and its feeds.
        board: What it lies on.
        highest_hz: Highest frequency of interest.
        options: How fine.

    Raises:
        InputError: The mesh would have too many cells to be solved.
    """
    options = options or MeshOptions()
    height = 1e3 * board.height_m
    # A gap is two thirds of a cell from each of its edges, with one line in its middle.
    cell = min(height / BOARD_CELLS, *(0.75 * gap for gap in copper.gaps_mm), math.inf)
    cell /= options.finer
    wavelength = 1e3 * LIGHT_M_PER_S / (highest_hz * math.sqrt(board.er))
    largest = max(wavelength / options.per_wavelength, cell)
    corners = np.array(copper.boxes)
    side = options.side_heights * height
    lines = []
    for axis in (0, 1):
        low = float(corners[:, axis].min()) - side
        high = float(corners[:, axis + 2].max()) + side
        if (high - low) / largest > _MOST_CELLS:
            raise InputError("layout: too large for its frequencies to be solved in full wave")
        edges = list(_edges(copper, axis, height))
        lines.append(axis_lines(edges, low, high, cell_mm=cell, largest_mm=largest))
    made = Mesh(lines[0], lines[1], _upright(height, largest, options), cell)
    if made.cells > _MOST_CELLS:
        raise InputError(
            f"layout: its mesh has {made.cells} cells; {_MOST_CELLS} are the most that are solved"
        )
    return made


def _upright(height_mm: float, largest_mm: float, options: MeshOptions) -> Real:
    """Return lines from the ground to the lid."""
    count = math.ceil(BOARD_CELLS * options.finer - 1e-9)
    size = height_mm / count
    lines = list(np.linspace(0.0, height_mm, count + 1))
    lid = height_mm * (1 + options.air_heights)
    while lines[-1] < lid:
        size = min(size * RATIO, 2 * largest_mm)
        lines.append(lines[-1] + size)
    return np.array(lines)


def _edges(copper: Copper, axis: int, height_mm: float) -> Iterator[Edge]:
    """Yield every edge across an axis that copper does not go on behind, and fixed lines."""
    ends = {round(feed.end_mm, 6) for feed in copper.feeds if feed.axis == axis}
    yield from (Edge(at, 0) for at in sorted(ends))
    for box in copper.boxes:
        for side, at in ((1, box[axis]), (-1, box[axis + 2])):
            if round(at, 6) in ends:
                continue
            weight = _exposed(copper.boxes, box, axis, at, side, height_mm)
            if weight > _NEAR:
                yield Edge(at, side, weight)


def _exposed(
    boxes: tuple[Box, ...], own: Box, axis: int, at: float, side: int, height_mm: float
) -> float:
    """Return how much an edge matters: its free length, more where copper faces it closely."""
    low, high = own[1 - axis], own[3 - axis]
    covered: list[tuple[float, float]] = []
    facing = 0.0
    for box in boxes:
        if box is own:
            continue
        start, stop = max(low, box[1 - axis]), min(high, box[3 - axis])
        if stop - start < _NEAR:
            continue
        near = box[axis + 2] if side > 0 else box[axis]
        far = box[axis] if side > 0 else box[axis + 2]
        # Seen from the edge, outwards.
        nearest, farthest = -side * (near - at), -side * (far - at)
        if nearest < _NEAR < farthest - _NEAR / 2:
            covered.append((start, stop))
        elif _NEAR <= nearest < _FACING_HEIGHTS * height_mm:
            facing += (stop - start) * height_mm / nearest
    free, reached = 0.0, low
    for start, stop in sorted(covered):
        free += max(start - reached, 0.0)
        reached = max(reached, stop)
    free += max(high - reached, 0.0)
    return free + facing if free > _NEAR else 0.0
