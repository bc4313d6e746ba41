"""# Grid: which points of the sheet are taken, by bodies and texts, pins, and wires."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eda.schematic.sheet import Cell

FREE: Final = -1
RIGHT, LEFT, DOWN, UP = 0, 1, 2, 3
VECTORS: Final = ((1, 0), (-1, 0), (0, 1), (0, -1))
BACK: Final = (LEFT, RIGHT, UP, DOWN)


def direction(dx: int, dy: int) -> int:
    """Return the direction of a unit vector."""
    return VECTORS.index((dx, dy))


class Grid:
    """Points with what is on them; every point is an index into flat lists.

    Attributes:
        blocked: 1 where a body or a text is, and round the edge.
        across, along: Net whose wire passes horizontally (vertically) through a point.
        node: Net that has a corner, an end or a junction at a point: no other net may pass.
        escape: Net of the pin in front of which a point lies: kept free for it.
        xs, ys: Column and row of every point, counted from the corner of the grid.
        looked: Steps that the search for ways has looked at: how much work there was.
        boxes: Of bodies and texts, which may reach between points: no name may lie on them.
        pins: By point: the net of the pin there, and the direction in which it leaves.
    """

    def __init__(self, left: int, top: int, right: int, bottom: int) -> None:
        """Make a grid for the points from (left, top) to (right, bottom)."""
        self.x0, self.y0 = left - 1, top - 1
        self.width = right - left + 3
        self.height = bottom - top + 3
        size = self.width * self.height
        self.steps = (1, -1, self.width, -self.width)
        self.xs = list(range(self.width)) * self.height
        self.ys = [y for y in range(self.height) for _ in range(self.width)]
        self.looked = 0
        self.boxes: list[tuple[float, float, float, float]] = []
        self.blocked = bytearray(size)
        for x in range(self.width):
            self.blocked[x] = self.blocked[size - 1 - x] = 1
        for y in range(self.height):
            self.blocked[y * self.width] = self.blocked[(y + 1) * self.width - 1] = 1
        self.across = [FREE] * size
        self.along = [FREE] * size
        self.node = [FREE] * size
        self.escape = [FREE] * size
        self.pins: dict[int, tuple[int, int]] = {}

    def at(self, x: int, y: int) -> int:
        """Return the index of a point."""
        return (y - self.y0) * self.width + x - self.x0

    def cell(self, index: int) -> Cell:
        """Return the point of an index."""
        y, x = divmod(index, self.width)
        return x + self.x0, y + self.y0

    def inside(self, x: float, y: float) -> bool:
        """Return whether a point is on the grid, its edge left out."""
        return 0 < x - self.x0 < self.width - 1 and 0 < y - self.y0 < self.height - 1

    def block(self, box: tuple[float, float, float, float]) -> None:
        """Take every point in or on a box."""
        for index in self.points_in(box):
            self.blocked[index] = 1

    def points_in(self, box: tuple[float, float, float, float]) -> Iterable[int]:
        """Return the points in or on a box, as far as they are on the grid."""
        from math import ceil, floor

        left = max(ceil(box[0] - 1e-6), self.x0)
        right = min(floor(box[2] + 1e-6), self.x0 + self.width - 1)
        top = max(ceil(box[1] - 1e-6), self.y0)
        bottom = min(floor(box[3] + 1e-6), self.y0 + self.height - 1)
        for y in range(top, bottom + 1):
            start = self.at(left, y)
            yield from range(start, start + right - left + 1)

    def add_pin(self, x: int, y: int, dx: int, dy: int, net: int) -> int:
        """Register a pin, and keep the point before it free; return its index."""
        index = self.at(x, y)
        way = direction(dx, dy)
        self.pins[index] = (net, way)
        self.blocked[index] = 1
        self.escape[index + self.steps[way]] = net
        return index

    def lay(self, path: Sequence[int], net: int) -> None:
        """Put a wire through neighbouring points."""
        for a, b in itertools.pairwise(path):
            table = self.across if abs(b - a) == 1 else self.along
            table[a] = table[b] = net
        self.node[path[0]] = self.node[path[-1]] = net
        for a, b, c in zip(path, path[1:], path[2:], strict=False):
            if b - a != c - b:
                self.node[b] = net

    def clear_wires(self) -> None:
        """Take every wire away."""
        size = len(self.node)
        self.across, self.along, self.node = [FREE] * size, [FREE] * size, [FREE] * size

    def empty(self, index: int, net: int) -> bool:
        """Return whether nothing is at a point: no body, no wire, no other net's way out."""
        return (
            not self.blocked[index]
            and self.across[index] == FREE
            and self.along[index] == FREE
            and self.node[index] == FREE
            and self.escape[index] in (FREE, net)
        )
