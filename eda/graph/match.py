"""Exact isomorphism: refine both graphs together, tell one pair of nodes apart, repeat.

Both graphs share one partition of their nodes into cells. A cell that holds as many nodes of
one graph as of the other may still be matched; one that does not proves the graphs different
(under the choices made so far). Where all cells hold one node of each, the cells are the
mapping, and it is checked edge by edge. Otherwise a node of some cell is paired with each
candidate in turn.

A change only ever visits the neighbours of nodes that changed cell. So a thousand equal blocks
cost a thousand small steps, and the rails between them cost nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eda.errors import UndecidedError
from eda.graph.refine import ColouredGraph, next_round, refine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_WORD = (1 << 64) - 1


def find_isomorphism(
    a: ColouredGraph, b: ColouredGraph, *, limit: int = 5_000_000
) -> NDArray[np.int64] | None:
    """Return for each node of ``a`` its node of ``b``, or None where the graphs differ.

    Raises:
        UndecidedError: More than ``limit`` edges were looked at.
    """
    if (a.num_nodes, a.num_devices, len(a.edge_to)) != (b.num_nodes, b.num_devices, len(b.edge_to)):
        return None

    colours_a, colours_b = refine(a), refine(b)
    order_a, order_b = np.argsort(colours_a), np.argsort(colours_b)
    if not np.array_equal(colours_a[order_a], colours_b[order_b]):
        return None
    sorted_colours = colours_a[order_a]
    if len(np.unique(sorted_colours)) == len(sorted_colours):
        mapping = np.empty(a.num_nodes, dtype=np.int64)
        mapping[order_a] = order_b
        return mapping if preserves_edges(a, b, mapping) else None
    return _Search(a, b, colours_a, colours_b, limit=limit).run()


def preserves_edges(a: ColouredGraph, b: ColouredGraph, mapping: NDArray[np.int64]) -> bool:
    """Return whether a mapping takes the edges of ``a`` to those of ``b``, labels and all."""
    if not np.array_equal(a.initial, b.initial[mapping]):
        return False
    mapped = np.rec.fromarrays([mapping[a.edge_from], mapping[a.edge_to], a.edge_label])
    wanted = np.rec.fromarrays([b.edge_from, b.edge_to, b.edge_label])
    keys_a = np.lexsort((mapped.f2, mapped.f1, mapped.f0))
    keys_b = np.lexsort((wanted.f2, wanted.f1, wanted.f0))
    return bool(np.array_equal(mapped[keys_a], wanted[keys_b]))


class _ContradictionError(Exception):
    """The choices made so far cannot be completed."""


class _Search:
    """The shared partition, what was done to it, and the choices still to be made.

    Nodes of ``b`` are numbered after those of ``a``.
    """

    def __init__(
        self,
        a: ColouredGraph,
        b: ColouredGraph,
        colours_a: NDArray[np.uint64],
        colours_b: NDArray[np.uint64],
        *,
        limit: int,
    ) -> None:
        self.a, self.b = a, b
        self.size = a.num_nodes
        self.steps = 0
        self.limit = limit
        colours = np.concatenate([colours_a, colours_b])
        found, cell, counts = np.unique(colours, return_inverse=True, return_counts=True)
        self.cell: list[int] = cell.tolist()
        self.cells = len(found)
        # Members are only needed of cells that may split.
        self.members: tuple[dict[int, set[int]], dict[int, set[int]]] = ({}, {})
        self.stack: list[int] = []
        open_nodes = np.flatnonzero(counts[cell] > 2)
        for node, at in zip(open_nodes.tolist(), cell[open_nodes].tolist(), strict=True):
            self.members[node >= self.size].setdefault(at, set()).add(node)
        self.stack = sorted(self.members[0], key=lambda at: (-len(self.members[0][at]), at))
        self.log: list[tuple[int, int]] = []
        self.rows = (
            (a.row_start, a.edge_to, a.edge_label, 0),
            (b.row_start, b.edge_to, b.edge_label, self.size),
        )
        self.finer = np.concatenate([next_round(a, colours_a), next_round(b, colours_b)])
        self.starting_cell = cell

    def run(self) -> NDArray[np.int64] | None:
        """Return the mapping, or None; raise where the limit is reached."""
        try:
            self._finish_refinement()
            found = self._search(strengthened=False)
            if found is None:
                self._strengthen()
                found = self._search(strengthened=True)
        except _ContradictionError:
            return None
        return found

    # Partition ------------------------------------------------------------------------------

    def _sizes(self, cell: int) -> tuple[int, int]:
        first, second = self.members
        if cell not in first:
            return 1, 1
        return len(first[cell]), len(second[cell])

    def _spend(self, steps: int) -> None:
        self.steps += steps
        if self.steps > self.limit:
            raise UndecidedError(
                f"no decision whether the circuits are the same after {self.limit} steps: "
                "they are too symmetric; give them port names, or raise the limit"
            )

    def _neighbours(self, node: int) -> Iterator[tuple[int, int]]:
        starts, to, labels, offset = self.rows[node >= self.size]
        at = node - offset
        begin, end = int(starts[at]), int(starts[at + 1])
        self._spend(end - begin)
        return zip(
            [other + offset for other in to[begin:end].tolist()],
            labels[begin:end].tolist(),
            strict=True,
        )

    def _move(self, nodes: list[int], old: int, new: int) -> None:
        for node in nodes:
            side = self.members[node >= self.size]
            side[old].discard(node)
            side[new].add(node)
            self.cell[node] = new
            self.log.append((node, old))

    def _split(
        self, cell: int, groups: dict[int, list[int]], *, balanced: bool
    ) -> list[tuple[list[int], int]]:
        """Split the nodes met of a cell into groups; return the groups with their new cells.

        Groups are taken in the order of their keys, so that equal work on either graph gives
        equal cell numbers.
        """
        met = {key: groups[key] for key in sorted(groups) if key}
        if balanced:
            for nodes in met.values():
                if 2 * sum(node < self.size for node in nodes) != len(nodes):
                    raise _ContradictionError
            whole = sum(self._sizes(cell))
        else:
            some = next(iter(met.values()), [0])[0]
            whole = self._sizes(cell)[some >= self.size]
        if sum(map(len, met.values())) == whole:
            # Nobody stays behind, so the largest group may keep the cell.
            stays = max(met, key=lambda key: (len(met[key]), key))
            del met[stays]
        moved = []
        for nodes in met.values():
            new = self.cells
            self.cells += 1
            self.members[0][new] = set()
            self.members[1][new] = set()
            self._move(nodes, cell, new)
            self.stack.append(new)
            moved.append((nodes, new))
        if moved:
            self.stack.append(cell)
        return moved

    def _propagate(
        self, moved: list[tuple[int, list[int], int]], *, balanced: bool = True
    ) -> list[tuple[int, int, int, int]]:
        """Refine until nothing splits; return what happened, comparable between the graphs.

        Args:
            moved: (old cell, nodes, new cell) of what changed.
            balanced: Whether both graphs must change alike.
        """
        trace: list[tuple[int, int, int, int]] = []
        turn = 0
        while moved:
            turn += 1
            self._spend(8)
            delta: dict[int, int] = {}
            for old, nodes, new in moved:
                change = _cell_hash(new) - _cell_hash(old)
                for node in nodes:
                    for other, label in self._neighbours(node):
                        delta[other] = delta.get(other, 0) + label * change
            cells: dict[int, dict[int, list[int]]] = {}
            for node, value in delta.items():
                groups = cells.setdefault(self.cell[node], {})
                groups.setdefault(value & _WORD, []).append(node)
            moved = []
            for cell in sorted(cells):
                groups = cells[cell]
                if not balanced:
                    trace += [(turn, cell, key, len(groups[key])) for key in sorted(groups)]
                for nodes, new in self._split(cell, groups, balanced=balanced):
                    moved.append((cell, nodes, new))
        return trace

    def _undo(self, mark: int, cells: int) -> None:
        while len(self.log) > mark:
            node, old = self.log.pop()
            side = self.members[node >= self.size]
            side[self.cell[node]].discard(node)
            side[old].add(node)
            self.cell[node] = old
            self.stack.append(old)
        for cell in range(cells, self.cells):
            del self.members[0][cell], self.members[1][cell]
        self.cells = cells

    def _finish_refinement(self) -> None:
        """Take up refinement where the cap on its rounds left it."""
        cells: dict[int, dict[int, list[int]]] = {}
        pairs = np.unique(np.stack([self.starting_cell.astype(np.uint64), self.finer]), axis=1)
        split, counts = np.unique(pairs[0], return_counts=True)
        for node in np.flatnonzero(np.isin(self.starting_cell, split[counts > 1])).tolist():
            groups = cells.setdefault(self.cell[node], {})
            groups.setdefault(int(self.finer[node]) | 1 << 64, []).append(node)
        moved = []
        for cell in sorted(cells):
            for nodes, new in self._split(cell, cells[cell], balanced=True):
                moved.append((cell, nodes, new))
        self._propagate(moved)

    # Search ---------------------------------------------------------------------------------

    def _next_cell(self) -> int | None:
        while self.stack:
            cell = self.stack.pop()
            if self._sizes(cell)[0] > 1:
                return cell
        return None

    def _pair(
        self, cell: int, nodes: list[int], *, balanced: bool = True
    ) -> list[tuple[int, int, int, int]]:
        new = self.cells
        self.cells += 1
        self.members[0][new] = set()
        self.members[1][new] = set()
        self._move(nodes, cell, new)
        self.stack.append(cell)
        return self._propagate([(cell, nodes, new)], balanced=balanced)

    def _search(self, *, strengthened: bool) -> NDArray[np.int64] | None:
        """Pair nodes until all cells are pairs.

        Without strengthening, the first dead end undoes everything and returns None.
        """
        # Of each choice: the cell, the node of a, the candidates left, and how to undo.
        frames: list[tuple[int, int, list[int], int, int]] = []
        start = (len(self.log), self.cells)
        forward = True
        while True:
            if forward:
                cell = self._next_cell()
                if cell is None:
                    mapping = self._mapping()
                    if preserves_edges(self.a, self.b, mapping):
                        return mapping
                    forward = False
                    continue
                first = self.members[0][cell].pop()
                self.members[0][cell].add(first)
                second = self.members[1][cell].pop()
                self.members[1][cell].add(second)
                frames.append((cell, first, [-1], len(self.log), self.cells))
            elif not strengthened:
                self._undo(*start)
                return None
            else:
                if not frames:
                    return None
                cell, first, left, mark, cells = frames[-1]
                self._undo(mark, cells)
                if left == [-1]:
                    # The candidates are only listed when the first of them has failed.
                    left[:] = sorted(self.members[1][cell])
                if not left:
                    frames.pop()
                    continue
                second = left.pop()
            try:
                self._pair(cell, [first, second])
                forward = True
            except _ContradictionError:
                forward = False

    def _strengthen(self) -> None:
        """Split cells by what happens when each node is told apart on its own."""
        for cell in sorted(self.members[0]):
            if self._sizes(cell)[0] < 2:
                continue
            kinds: dict[tuple[tuple[int, int, int, int], ...], int] = {}
            groups: dict[int, list[int]] = {}
            for node in sorted(self.members[0][cell]) + sorted(self.members[1][cell]):
                mark, cells, depth = len(self.log), self.cells, len(self.stack)
                trace = tuple(self._pair(cell, [node], balanced=False))
                self._undo(mark, cells)
                del self.stack[depth:]
                kind = kinds.setdefault(trace, len(kinds) + 1)
                groups.setdefault(kind, []).append(node)
            if len(groups) > 1:
                split = self._split(cell, groups, balanced=True)
                self._propagate([(cell, nodes, new) for nodes, new in split])

    def _mapping(self) -> NDArray[np.int64]:
        cells = np.array(self.cell, dtype=np.int64)
        order_a = np.argsort(cells[: self.size], kind="stable")
        order_b = np.argsort(cells[self.size :], kind="stable")
        mapping = np.empty(self.size, dtype=np.int64)
        mapping[order_a] = order_b
        return mapping


def _cell_hash(cell: int) -> int:
    value = (cell + 1) * 0x9E3779B97F4A7C15 & _WORD
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & _WORD
    value = (value ^ value >> 27) * 0x94D049BB133111EB & _WORD
    return value ^ value >> 31
