"""What tells whether a signal belongs at an open fanin: structure, regularity, simulation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.aig import fanouts, random_patterns, simulate
from eda.aig.simulation import read, spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.aig import Aig
    from eda.logic.open_fanins import Ints, OpenAig

    Floats = NDArray[np.float32]

_WORDS: Final = 16
"""Words of 64 patterns that are simulated."""

_MARKS: Final = 4
"""Words of 64 marks for the inputs that a signal depends on, and the outputs that depend on it."""

_DEPTHS: Final = (1, 2, 3)
"""How far below a signal its colour looks."""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """An open circuit with what the features are computed from, made once."""

    opened: OpenAig
    seed: int = 0

    @property
    def aig(self) -> Aig:
        """The circuit."""
        return self.opened.aig

    @cached_property
    def gates(self) -> tuple[Ints, Ints]:
        """Fanin literals of ANDs without an open fanin, first and second."""
        aig = self.aig
        whole = np.ones(aig.num_ands, dtype=bool)
        whole[self.opened.gates - aig.first_and] = False
        kept = aig.fanins[whole]
        return kept[:, 0], kept[:, 1]

    @cached_property
    def read_together(self) -> Any:
        """How many ANDs read two literals, sparse and symmetric, ``[2 variables, 2 variables]``."""
        first, second = self.gates
        return _counts(
            np.concatenate([first, second]), np.concatenate([second, first]), self._sides(2, 2)
        )

    @cached_property
    def partners(self) -> Any:
        """The same of variables, ``[variables, variables]``."""
        first, second = (literals >> 1 for literals in self.gates)
        return _counts(
            np.concatenate([first, second]), np.concatenate([second, first]), self._sides(1, 1)
        )

    @cached_property
    def reads(self) -> Any:
        """Which literals an AND reads, sparse, ``[variables, 2 variables]``; open ones are none."""
        aig = self.aig
        own = np.repeat(np.arange(aig.first_and, aig.num_variables), 2)
        literals = aig.fanins.reshape(-1)
        known = (literals >> 1 < self.opened.first_open) | (literals >> 1 >= aig.first_and)
        return _counts(own[known], literals[known], self._sides(1, 2))

    def _sides(self, rows: int, columns: int) -> tuple[int, int]:
        return rows * self.aig.num_variables, columns * self.aig.num_variables

    @cached_property
    def fanouts(self) -> Ints:
        """How often each variable is read."""
        return fanouts(self.aig)

    @cached_property
    def inverted_share(self) -> NDArray[np.float64]:
        """How often each variable is read inverted, over how often it is read."""
        literals = np.concatenate([self.aig.fanins.reshape(-1), self.aig.roots])
        turned = np.bincount(literals[literals & 1 == 1] >> 1, minlength=self.aig.num_variables)
        share: NDArray[np.float64] = turned / np.maximum(1, self.fanouts)
        return share

    @cached_property
    def heights(self) -> NDArray[np.int32]:
        """Longest way from each variable up to a root; 0 where there is none."""
        aig = self.aig
        height = [0] * aig.num_variables
        pairs = (aig.fanins >> 1).tolist()
        for at in range(aig.num_ands - 1, -1, -1):
            above = height[aig.first_and + at] + 1
            for fanin in pairs[at]:
                if height[fanin] < above:
                    height[fanin] = above
        return np.array(height, dtype=np.int32)

    @cached_property
    def supports(self) -> NDArray[np.uint64]:
        """Marks of the inputs that each variable depends on, ``[variables, words]``."""
        leaves = self.opened.first_open - 1
        marks = np.zeros((self.aig.first_and - 1, _MARKS), dtype=np.uint64)
        marks[:leaves] = _marks(leaves, self.seed)
        return spread(self.aig, marks)

    @cached_property
    def observers(self) -> NDArray[np.uint64]:
        """Marks of the roots that depend on each variable, ``[variables, words]``."""
        aig = self.aig
        found = np.zeros((aig.num_variables, _MARKS), dtype=np.uint64)
        np.bitwise_or.at(found, aig.roots >> 1, _marks(len(aig.roots), self.seed))
        level = aig.levels[aig.first_and :]
        order = np.argsort(-level, kind="stable")
        for own in np.split(order, np.flatnonzero(np.diff(level[order])) + 1):
            for side in (0, 1):
                np.bitwise_or.at(found, aig.fanins[own, side] >> 1, found[aig.first_and + own])
        return found

    @cached_property
    def values(self) -> NDArray[np.uint64]:
        """Values of all variables in random patterns; open fanins are 1."""
        opened = self.opened
        patterns = random_patterns(opened.aig.first_and - 1, _WORDS, seed=self.seed)
        patterns[opened.first_open - 1 :] = ~np.uint64(0)
        return simulate(opened.aig, patterns)

    @cached_property
    def colours(self) -> list[Ints]:
        """A number per variable for the form of the ANDs below it, for each of `_DEPTHS`."""
        aig, opened = self.aig, self.opened
        colour = np.zeros(aig.num_variables, dtype=np.int64)
        colour[opened.first_open : aig.first_and] = 1
        colour[aig.first_and :] = 2
        found = []
        for _ in _DEPTHS:
            below = 2 * colour[aig.fanins >> 1] + (aig.fanins & 1)
            below.sort(axis=1)
            keys = np.concatenate(
                [
                    np.stack([-1 - colour[: aig.first_and], 0 * colour[: aig.first_and]], axis=1),
                    below,
                ]
            )
            _, colour = np.unique(keys, axis=0, return_inverse=True)
            colour = colour.reshape(-1)
            found.append(colour)
        return found

    @cached_property
    def offsets(self) -> NDArray[np.float64]:
        """Log density of the level of one fanin less that of the other, from -32 to 32."""
        first, second = (self.aig.levels[literals >> 1] for literals in self.gates)
        steps = np.clip(np.concatenate([first - second, second - first]), -32, 32) + 32
        counts = np.bincount(steps, minlength=65) + 0.5
        density: NDArray[np.float64] = np.log(counts / counts.sum())
        return density


def _counts(rows: Ints, columns: Ints, shape: tuple[int, int]) -> Any:
    from scipy.sparse import csr_array

    return csr_array((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=shape)


def _marks(count: int, seed: int) -> NDArray[np.uint64]:
    """Return a bit of `_MARKS` words for each of so many; drawn where there are more than bits."""
    bits = 64 * _MARKS
    at = np.arange(count)
    if count > bits:
        at = np.random.default_rng(seed).permutation(count) % bits
    marks = np.zeros((count, _MARKS), dtype=np.uint64)
    marks[np.arange(count), at // 64] = np.uint64(1) << (at % 64).astype(np.uint64)
    return marks


def neighbours(around: Surroundings, asked: Ints, candidates: Ints) -> dict[str, Floats]:
    """Return in how many ways candidates stand next to open fanins.

    Args:
        around: The circuit.
        asked: Numbers of open fanins.
        candidates: Variables, ``[queries, candidates]``.

    Returns:
        ``together``: ANDs that read candidate and sibling, by their inverters (4 columns);
        ``brothers``: ANDs read beside the open one that read the candidate, plain and inverted
        (2); ``second``: signals that are read beside both, each counting less the more it is
        read beside (1); ``below``: whether one of sibling and candidate reads the other (2), and
        fanins in common (1); ``beside``: whether both are read by one AND with the open one (1).
    """
    opened = around.opened
    gate, sibling = opened.gates[asked], opened.siblings[asked]
    other = sibling >> 1
    row = np.repeat(np.arange(len(asked)), candidates.shape[1])
    flat = candidates.reshape(-1)

    def taken(matrix: Any, columns: Ints) -> Floats:
        found = np.asarray(matrix[row, columns], dtype=np.float32)
        return found.reshape(candidates.shape)

    same, turned = around.read_together[sibling], around.read_together[sibling ^ 1]
    brothers = around.partners[gate] @ around.reads
    degree = np.maximum(1, np.asarray(around.partners.sum(axis=1)).reshape(-1))
    partners = around.partners[other]
    scaled = partners.copy()
    scaled.data = scaled.data / degree[scaled.indices]
    second = scaled @ around.partners
    fanins = around.reads
    folded = fanins[other]
    common = folded @ fanins.T
    under_candidate = np.asarray(
        (fanins[flat, 2 * other[row]] + fanins[flat, 2 * other[row] + 1]), dtype=np.float32
    )
    return {
        "together": np.stack(
            [taken(side, 2 * flat + flip) for side in (same, turned) for flip in (0, 1)], axis=-1
        ),
        "brothers": np.stack([taken(brothers, 2 * flat + flip) for flip in (0, 1)], axis=-1),
        "second": taken(second, flat)[..., None],
        "below": np.stack(
            [
                taken(folded, 2 * flat) + taken(folded, 2 * flat + 1),
                under_candidate.reshape(candidates.shape),
                taken(common, flat),
            ],
            axis=-1,
        ),
        "beside": taken(around.partners[gate], flat)[..., None],
    }


def _levels(around: Surroundings, asked: Ints, candidates: Ints) -> Floats:
    aig, opened = around.aig, around.opened
    level, height = aig.levels, around.heights
    gate, other = opened.gates[asked], opened.siblings[asked] >> 1
    depth = max(1, int(level.max(initial=1)))
    step = level[candidates] - level[other][:, None]
    rise = height[candidates] - height[gate][:, None]
    columns = [
        _squeezed(step),
        _squeezed(np.abs(step)),
        _squeezed(level[candidates] - level[gate][:, None]),
        _squeezed(rise),
        _squeezed(height[candidates] - height[other][:, None]),
        around.offsets[np.clip(step, -32, 32) + 32],
        level[candidates] / depth,
        np.broadcast_to(level[gate][:, None] / depth, candidates.shape),
    ]
    return np.stack(columns, axis=-1).astype(np.float32)


def _squeezed(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return the sign and the logarithm of the size."""
    made: NDArray[np.float64] = np.sign(values) * np.log1p(np.abs(values))
    return made


def _own(around: Surroundings, asked: Ints, candidates: Ints) -> Floats:
    aig, opened = around.aig, around.opened
    read_by = around.fanouts
    is_open = np.zeros(aig.num_variables, dtype=bool)
    is_open[opened.gates] = True
    gate, other = opened.gates[asked], opened.siblings[asked] >> 1
    shape = candidates.shape
    columns = [
        np.log1p(read_by[candidates]),
        read_by[candidates] == 0,
        read_by[candidates] == 1,
        candidates < aig.first_and,
        is_open[candidates],
        around.inverted_share[candidates],
        np.broadcast_to(np.log1p(read_by[other])[:, None], shape),
        np.broadcast_to((opened.siblings[asked] & 1)[:, None], shape),
        np.broadcast_to((other < aig.first_and)[:, None], shape),
        np.broadcast_to(np.log1p(read_by[gate])[:, None], shape),
        np.broadcast_to(around.inverted_share[gate][:, None], shape),
        np.broadcast_to(around.inverted_share[other][:, None], shape),
    ]
    return np.stack(columns, axis=-1).astype(np.float32)


def _likeness(around: Surroundings, asked: Ints, candidates: Ints) -> Floats:
    """Return how the inputs below and the roots above agree with those of the sibling and AND."""
    opened = around.opened
    gate, other = opened.gates[asked], opened.siblings[asked] >> 1
    columns = []
    for marks, own in ((around.supports, other), (around.observers, gate)):
        sizes = np.bitwise_count(marks).sum(axis=1).astype(np.float64)
        both = np.zeros(candidates.shape)
        for word in range(marks.shape[1]):
            both += np.bitwise_count(marks[candidates, word] & marks[own, word][:, None])
        here, there = sizes[own][:, None], sizes[candidates]
        columns += [
            both / np.maximum(1, here + there - both),
            both / np.maximum(1, here),
            both / np.maximum(1, there),
            np.log1p(there) - np.log1p(here),
        ]
    return np.stack(columns, axis=-1).astype(np.float32)


def _simulated(around: Surroundings, asked: Ints, candidates: Ints) -> Floats:
    """Return how often candidates are 1 where the sibling (as it is read) is 1, and elsewhere."""
    values = around.values
    total = 64.0 * values.shape[1]
    sibling = read(values, around.opened.siblings[asked])
    both = np.zeros(candidates.shape)
    for word in range(values.shape[1]):
        both += np.bitwise_count(values[candidates, word] & sibling[:, word][:, None])
    ones = np.bitwise_count(values).sum(axis=1)[candidates] / total
    own = (np.bitwise_count(sibling).sum(axis=1) / total)[:, None]
    both /= total
    rest = np.maximum(1e-9, 1 - own)
    columns = [
        ones,
        np.minimum(ones, 1 - ones),
        np.broadcast_to(own, ones.shape),
        both / np.maximum(1e-9, own),
        (ones - both) / rest,
        both < 1e-9,
        own - both < 1e-9,
        ones - both < 1e-9,
        (1 - own) - (ones - both) < 1e-9,
        (both - ones * own) / np.sqrt(np.maximum(1e-6, ones * (1 - ones) * own * rest)),
    ]
    return np.stack(columns, axis=-1).astype(np.float32)


def _regularity(around: Surroundings, asked: Ints, candidates: Ints) -> Floats:
    """Return how usual such a pair of fanins is in the rest of this very circuit.

    Per depth of the colours: log of how much oftener the colour of the candidate is read beside
    that of the sibling than by chance, log of how often, and the same of the colours that are
    read beside this sibling.
    """
    opened = around.opened
    other = opened.siblings[asked] >> 1
    turned = opened.siblings[asked] & 1
    first, second = around.gates
    columns = []
    for colour in around.colours:
        kinds = int(colour.max(initial=0)) + 1
        own = np.concatenate([first, second])
        read_beside = np.concatenate([second, first])
        keys = 2 * colour[own >> 1] + (own & 1)
        pairs = _counts(keys, colour[read_beside >> 1], (2 * kinds, kinds))
        per_key = np.bincount(keys, minlength=2 * kinds)
        base = np.bincount(colour[read_beside >> 1], minlength=kinds) / max(1, len(own))
        mine = 2 * colour[other] + turned
        seen = colour[candidates]
        row = np.repeat(mine, candidates.shape[1])
        count = np.asarray(pairs[row, seen.reshape(-1)], dtype=np.float64).reshape(seen.shape)
        expected = per_key[mine][:, None] * base[seen]
        columns += [np.log((count + 0.5) / (expected + 0.5)), np.log1p(count)]
        beside = _counts(first >> 1, colour[second >> 1], (around.aig.num_variables, kinds))
        beside = beside + _counts(
            second >> 1, colour[first >> 1], (around.aig.num_variables, kinds)
        )
        chosen = np.repeat(other, candidates.shape[1])
        here = np.asarray(beside[chosen, seen.reshape(-1)], dtype=np.float64).reshape(seen.shape)
        degree = np.asarray(beside.sum(axis=1)).reshape(-1)[other][:, None]
        columns.append(here / np.maximum(1, degree))
    return np.stack(columns, axis=-1).astype(np.float32)


def features(around: Surroundings, asked: Ints, candidates: Ints) -> Floats:
    """Return the features of candidates at open fanins.

    The numbering of the variables does not count, nor do the other candidates.

    Args:
        around: The circuit.
        asked: Numbers of open fanins, ``[queries]``.
        candidates: Variables, ``[queries, candidates]``.

    Returns:
        Shape ``[queries, candidates, features]``.
    """
    near = neighbours(around, asked, candidates)
    parts = [np.log1p(near[key]) for key in ("together", "brothers", "below", "beside")]
    parts += [near["second"], near["second"] > 0]
    parts += [
        make(around, asked, candidates)
        for make in (_levels, _own, _likeness, _simulated, _regularity)
    ]
    return np.concatenate(parts, axis=-1).astype(np.float32)
