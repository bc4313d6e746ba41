"""Spread pairs of nodes between two circuits that are nearly the same."""

from __future__ import annotations

from collections import defaultdict, deque
from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from eda.graph.refine import ColouredGraph

_MAX_SIGNED: Final = 64
_MAX_SPREAD: Final = 2000
_MAX_TRIED: Final = 4


class Growth:
    """Pairs spread from node to node, where colours and pairs around them agree.

    Nodes of a colour that all look alike are paired as they come, one at a time; what follows
    from one choice is settled before the next.
    """

    def __init__(
        self,
        graphs: tuple[ColouredGraph, ColouredGraph],
        colours: tuple[NDArray[np.uint64], NDArray[np.uint64]],
        paired: tuple[NDArray[np.int64], NDArray[np.int64]],
    ) -> None:
        """Take both graphs, the colours of their nodes, and each node's partner or -1."""
        self.colours = (colours[0].tolist(), colours[1].tolist())
        # Lists, since every node and edge is looked at on its own.
        self.edges = [
            (graph.row_start.tolist(), graph.edge_to.tolist(), graph.edge_label.tolist())
            for graph in graphs
        ]
        self.partner = (paired[0].tolist(), paired[1].tolist())
        self.queue: deque[tuple[int, int]] = deque()
        self.frontier: list[tuple[int, int]] = []

    def run(self) -> NDArray[np.int64]:
        """Return the partner, or -1, of each node of the first circuit.

        Pairs spread from those there are, then from one pair of each colour.
        """
        self.queue.extend(
            (one, int(other)) for one, other in enumerate(self.partner[0]) if other >= 0
        )
        self._settle()
        for colour_nodes in self._balanced_colours():
            waiting: dict[object, list[int]] = defaultdict(list)
            for node in reversed(colour_nodes[1]):
                waiting[self._signature(1, node)].append(node)
            for node in colour_nodes[0]:
                if self.partner[0][node] >= 0:
                    continue
                signature = self._signature(0, node)
                others = waiting[signature]
                while others and self.partner[1][others[-1]] >= 0:
                    others.pop()
                # The signature may have changed since: it must hold now.
                if others and self._signature(1, others[-1]) == signature:
                    self._pair(node, others.pop())
                    self._settle()
        return np.array(self.partner[0], dtype=np.int64)

    def _balanced_colours(self) -> list[tuple[list[int], list[int]]]:
        """Return the free nodes of each colour that as many nodes of either circuit have."""
        free = [np.flatnonzero(np.array(self.partner[side], dtype=np.int64) < 0) for side in (0, 1)]
        groups: list[dict[int, list[int]]] = [defaultdict(list), defaultdict(list)]
        for side in (0, 1):
            for node in free[side].tolist():
                groups[side][self.colours[side][node]].append(node)
        first, second = groups
        both = [colour for colour in first if len(first[colour]) == len(second.get(colour, ()))]
        both.sort(key=lambda colour: (len(first[colour]), first[colour][0]))
        return [(first[colour], second[colour]) for colour in both]

    def _pair(self, one: int, other: int) -> None:
        self.partner[0][one], self.partner[1][other] = other, one
        self.queue.append((one, other))

    def _degree(self, node: int) -> int:
        starts: list[int] = self.edges[0][0]
        return starts[node + 1] - starts[node]

    def _signature(self, side: int, node: int) -> object:
        """Return which pairs a node touches, and how; of large nets nothing."""
        starts, ends, labels = self.edges[side]
        begin, end = starts[node], starts[node + 1]
        if end - begin > _MAX_SIGNED:
            return None
        partner = self.partner[side]
        touched = [
            # Pairs go by their number in the first circuit.
            (labels[at], partner[ends[at]] if side else ends[at])
            for at in range(begin, end)
            if partner[ends[at]] >= 0
        ]
        touched.sort()
        return tuple(touched)

    def _groups(self, side: int, node: int) -> dict[object, list[int]]:
        """Return the free neighbours of a node by what can be told of them."""
        starts, ends, labels = self.edges[side]
        partner, colours = self.partner[side], self.colours[side]
        groups: dict[object, list[int]] = {}
        for at in range(starts[node], starts[node + 1]):
            other = ends[at]
            if partner[other] < 0:
                key = labels[at], colours[other], self._signature(side, other)
                groups.setdefault(key, []).append(other)
        return groups

    def _settle(self) -> None:
        """Pair all that follows; then choose one pair near by, until nothing is left near by."""
        while True:
            while self.queue:
                one, other = self.queue.popleft()
                if self._degree(one) <= _MAX_SPREAD and self._spread(one, other):
                    self.frontier.append((one, other))
            if not self.frontier:
                return
            one, other = self.frontier.pop()
            if self._choose(one, other):
                self.frontier.append((one, other))

    def _spread(self, one: int, other: int) -> bool:
        """Pair neighbours that are alone of their sort; return whether others are left."""
        groups = self._groups(0, one)
        if not groups:
            return False
        left = False
        others = self._groups(1, other)
        for key, nodes in groups.items():
            rivals = others.get(key, [])
            if len(nodes) == len(rivals) == 1:
                if self.partner[0][nodes[0]] < 0 and self.partner[1][rivals[0]] < 0:
                    self._pair(nodes[0], rivals[0])
            elif len(nodes) == len(rivals):
                left = True
        return left

    def _choose(self, one: int, other: int) -> bool:
        """Pair one of several neighbours that look alike; return whether it did."""
        for node, key in islice(self._free(0, one), _MAX_TRIED):
            for rival, rival_key in self._free(1, other):
                if key == rival_key and self._signature(0, node) == self._signature(1, rival):
                    self._pair(node, rival)
                    return True
        return False

    def _free(self, side: int, node: int) -> Iterator[tuple[int, tuple[int, int]]]:
        """Yield the free neighbours of a node with role and colour."""
        starts, ends, labels = self.edges[side]
        partner, colours = self.partner[side], self.colours[side]
        for at in range(starts[node], starts[node + 1]):
            other = ends[at]
            if partner[other] < 0:
                yield other, (labels[at], colours[other])
