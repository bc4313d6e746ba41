"""How wiring went: the wires as polylines, and what a worse drawing has more of."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eda.schematic.grid import Grid
    from eda.schematic.sheet import Cell, Wiring

Path = tuple[int, ...]
"""Neighbouring points of a grid, by index."""


@dataclass
class Outcome:
    """How wiring went.

    Attributes:
        wirings: Of every net, in the order of the scene.
        crossings: Points where wires of two nets cross.
        length: Of all wires, in grid steps.
        bends: Corners.
        failed: Nets for whose names there was no room.
        crossed: Nets that cross others.
    """

    wirings: list[Wiring]
    crossings: int
    length: int
    bends: int
    failed: list[int]
    crossed: frozenset[int] = frozenset()

    @property
    def cost(self) -> float:
        """What a worse drawing has more of."""
        named = sum(1 for item in self.wirings if not item.wired and not item.rail)
        return (
            12 * self.crossings
            + self.length
            + 2 * self.bends
            + 25 * named
            + 1000 * len(self.failed)
        )


def corners(path: Path) -> int:
    """Return how often a path turns."""
    return sum(1 for a, b, c in zip(path, path[1:], path[2:], strict=False) if b - a != c - b)


def polyline(grid: Grid, path: Path) -> tuple[Cell, ...]:
    """Return the ends and corners of a path."""
    kept = [path[0]]
    kept += [b for a, b, c in zip(path, path[1:], path[2:], strict=False) if b - a != c - b]
    kept.append(path[-1])
    return tuple(grid.cell(at) for at in kept)


def dots(grid: Grid, paths: list[Path], pins: set[int]) -> list[Cell]:
    """Return where three or more branches of one net meet."""
    branches: dict[int, set[int]] = {}
    for path in paths:
        for a, b in itertools.pairwise(path):
            branches.setdefault(a, set()).add(b)
            branches.setdefault(b, set()).add(a)
    return [
        grid.cell(at) for at, around in sorted(branches.items()) if len(around) + (at in pins) > 2
    ]
