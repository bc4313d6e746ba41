"""Edges between nets, and which nets can be reached along them, or how far away they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Edges:
    """Directed edges between nets, sorted by where they start.

    Attributes:
        start: int64 [edges].
        stop: int64 [edges].
        row_start: int64 [nets + 1], where the edges of each net begin.
        via: int64 [edges], the device that makes each edge; -1 where nobody asks.
    """

    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    row_start: NDArray[np.int64]
    via: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        start: NDArray[np.int64],
        stop: NDArray[np.int64],
        nets: int,
        via: NDArray[np.int64] | None = None,
    ) -> Edges:
        """Return edges, sorted."""
        order = np.argsort(start, kind="stable")
        counts = np.bincount(start, minlength=nets)
        row_start = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])
        via = np.full(len(start), -1, dtype=np.int64) if via is None else via
        return cls(start[order], stop[order], row_start, via[order])

    def reversed(self) -> Edges:
        """Return the edges the other way round."""
        return Edges.of(self.stop, self.start, len(self.row_start) - 1, self.via)

    def select(self, chosen: NDArray[np.bool_]) -> Edges:
        """Return some of the edges."""
        nets = len(self.row_start) - 1
        return Edges.of(self.start[chosen], self.stop[chosen], nets, self.via[chosen])


def reachable(edges: Edges, seeds: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return bool [nets]: a seed, or reached from one.

    Example:
        >>> edges = Edges.of(np.array([0, 2]), np.array([1, 1]), 3)
        >>> reachable(edges, np.array([True, False, False])).tolist()
        [True, True, False]
    """
    return distances(edges, seeds) >= 0


def distances(edges: Edges, seeds: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return int64 [nets]: edges on the shortest way from a seed; -1 where there is none."""
    found = np.where(seeds, 0, -1).astype(np.int64)
    frontier = np.flatnonzero(seeds)
    step = 0
    while len(frontier):
        step += 1
        begin, end = edges.row_start[frontier], edges.row_start[frontier + 1]
        counts = end - begin
        total = int(counts.sum())
        shift = np.repeat(begin - np.cumsum(counts) + counts, counts)
        stops = edges.stop[np.arange(total, dtype=np.int64) + shift]
        fresh = stops[found[stops] < 0]
        if not len(fresh):
            break
        found[fresh] = step
        # A net may be met twice in one step; a mark and a sort of few numbers keep it once.
        frontier = np.unique(fresh)
    return found
