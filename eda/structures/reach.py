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

    def together(self, other: Edges) -> Edges:
        """Return these edges and others."""
        return Edges.of(
            np.concatenate([self.start, other.start]),
            np.concatenate([self.stop, other.stop]),
            len(self.row_start) - 1,
            np.concatenate([self.via, other.via]),
        )

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
    _walk(edges, found, np.flatnonzero(seeds), 0)
    return found


def layers(
    active: Edges, passive: Edges, seeds: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return how far nets are, and which are entered through a passive edge.

    Passive edges are only taken where active ones lead nowhere new: so a resistor or capacitor
    across an amplifier, which is feedback, is no way past it.

    Returns:
        int64 [nets], the layer of each net, -1 where it is not reached; a net comes before
        those that are reached from it. bool [nets], entered through a passive edge.
    """
    found = np.where(seeds, 0, -1).astype(np.int64)
    entered = np.zeros(len(seeds), dtype=np.bool_)
    fresh = np.flatnonzero(seeds)
    layer = 0
    while len(fresh):
        reached, layer = _walk(active, found, fresh, layer)
        layer += 1
        stops = _stops(passive, np.concatenate([fresh, reached]))
        fresh = np.unique(stops[found[stops] < 0])
        found[fresh] = layer
        entered[fresh] = True
    return found, entered


def _walk(
    edges: Edges, found: NDArray[np.int64], frontier: NDArray[np.int64], step: int
) -> tuple[NDArray[np.int64], int]:
    """Fill in what is reached, step by step; return the nets reached and the last step."""
    reached = [np.zeros(0, dtype=np.int64)]
    while len(frontier):
        stops = _stops(edges, frontier)
        # A net may be met twice in one step.
        frontier = np.unique(stops[found[stops] < 0])
        if len(frontier):
            step += 1
            found[frontier] = step
            reached.append(frontier)
    return np.concatenate(reached), step


def _stops(edges: Edges, starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where the edges from these nets lead."""
    begin, end = edges.row_start[starts], edges.row_start[starts + 1]
    counts = end - begin
    shift = np.repeat(begin - np.cumsum(counts) + counts, counts)
    return np.asarray(edges.stop[np.arange(len(shift), dtype=np.int64) + shift], dtype=np.int64)
