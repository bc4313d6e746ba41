"""Open fanins: ANDs of which one fanin is missing, and what may stand there without a loop.

An AND that reads the constant 1 computes its other fanin, so no hashed circuit has one: it is how
an open fanin is written in a file. Inside, every open fanin is an input of its own behind the
others, so that levels, supports and simulation go through.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.aig import Aig
from eda.aig.simulation import spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

OPEN: Final = 1
"""The literal of an open fanin: the constant 1."""

SHARE: Final = 0.1
"""Part of all fanins that is hidden."""

CANDIDATES: Final = 50
"""How many are ranked where a hidden fanin is looked for, the true one included."""


@dataclass(frozen=True, eq=False)
class OpenAig:
    """A circuit with open fanins, as one with an input for each of them.

    Attributes:
        aig: Combinational; its last inputs are the open fanins.
        gates: Variables of the ANDs with an open fanin, shape ``[open]``.
        siblings: Literals of their other fanins, shape ``[open]``.
    """

    aig: Aig
    gates: Ints
    siblings: Ints

    @property
    def first_open(self) -> int:
        """Variable of the first open fanin."""
        return self.aig.first_and - len(self.gates)

    def original(self, literals: Ints) -> Ints:
        """Return literals of this circuit as those of the circuit that was opened."""
        shift = 2 * len(self.gates) * (literals >> 1 >= self.aig.first_and)
        return literals - shift


def open_circuit(aig: Aig) -> OpenAig:
    """Return a circuit with its open fanins: those that read the constant 1.

    Args:
        aig: Latches count as inputs, next states as outputs.
    """
    logic = aig.combinational()
    at = np.flatnonzero((logic.fanins[:, 1] == OPEN) & (logic.fanins[:, 0] > OPEN))
    first, count = logic.first_and, len(at)

    def moved(literals: Ints) -> Ints:
        return literals + 2 * count * (literals >> 1 >= first)

    fanins = moved(logic.fanins)
    siblings = fanins[at, 0].copy()
    fanins[at, 1] = 2 * (first + np.arange(count))
    probe = Aig(first - 1 + count, fanins=fanins, outputs=moved(logic.roots), source=aig.source)
    return OpenAig(probe, first + count + at, siblings)


@dataclass(frozen=True, eq=False)
class Hidden:
    """A circuit of which fanins were hidden.

    Attributes:
        opened: What is left of it.
        truth: Literals that were there, in the numbering of ``opened.aig``.
    """

    opened: OpenAig
    truth: Ints


def hide(aig: Aig, rng: np.random.Generator, *, share: float = SHARE) -> Hidden:
    """Hide a share of all fanins, at most one of an AND, drawn at random.

    Args:
        aig: Hashed (`eda.aig.strash`), so that no AND reads a constant.
        rng: Where chance comes from.
        share: Part of the fanins; at least one is hidden, and at most one of each AND.
    """
    logic = aig.combinational()
    count = min(logic.num_ands, max(1, round(2 * share * logic.num_ands)))
    at = np.sort(rng.permutation(logic.num_ands)[:count])
    side = rng.integers(0, 2, size=count)
    truth = logic.fanins[at, side]
    fanins = logic.fanins.copy()
    fanins[at, side] = OPEN
    left = Aig(logic.num_inputs, fanins=fanins, outputs=logic.outputs, source=logic.source)
    opened = open_circuit(left)
    return Hidden(opened, truth + 2 * count * (truth >> 1 >= logic.first_and))


def forbidden(opened: OpenAig, asked: Ints) -> NDArray[np.bool_]:
    """Return which variables cannot stand at open fanins, shape ``[asked, variables]``.

    The constant, other open fanins, the other fanin of the AND, the AND, and what depends on it.

    Args:
        opened: The circuit.
        asked: Numbers of open fanins.
    """
    aig, count = opened.aig, len(asked)
    marks = np.zeros((aig.first_and - 1, -(-count // 64)), dtype=np.uint64)
    at = np.arange(count)
    marks[opened.first_open - 1 + asked, at // 64] = np.uint64(1) << (at % 64).astype(np.uint64)
    behind = spread(aig, marks).view(np.uint8)
    found = np.unpackbits(behind, axis=1, bitorder="little")[:, :count].T.astype(bool)
    found[:, 0] = True
    found[:, opened.first_open : aig.first_and] = True
    found[at, opened.siblings[asked] >> 1] = True
    return found


@dataclass(frozen=True, eq=False)
class Queries:
    """Which fanin was it? Questions with candidates of which the first is true.

    Attributes:
        opened: The circuit.
        asked: Numbers of the open fanins, shape ``[queries]``.
        candidates: Variables, shape ``[queries, CANDIDATES]``.
        inverted: Whether the true one is read inverted, shape ``[queries]``.
    """

    opened: OpenAig
    asked: Ints
    candidates: Ints
    inverted: NDArray[np.bool_]


def draw_queries(
    hidden: Hidden, rng: np.random.Generator, *, most: int, near: bool = True
) -> Queries:
    """Draw hidden fanins, and for each of them others that would be as plausible by level.

    Candidates make no loop, and stand near the true one: drawn from all legal variables within
    the smallest distance in levels (of the circuit as it is left) that holds twice as many as
    are needed. Hidden fanins with fewer legal variables than are needed are left out.

    Args:
        hidden: The circuit.
        rng: Where chance comes from.
        most: How many questions at most.
        near: Whether candidates stand near the true one; else anywhere.
    """
    opened = hidden.opened
    asked = np.sort(rng.permutation(len(opened.gates))[:most])
    barred = forbidden(opened, asked)
    levels = opened.aig.levels
    need = CANDIDATES - 1
    kept, rows = [], []
    for row, number in enumerate(asked.tolist()):
        true = int(hidden.truth[number] >> 1)
        legal = ~barred[row]
        legal[true] = False
        choice = np.flatnonzero(legal)
        if len(choice) < need:
            continue
        if near:
            distance = np.abs(levels[choice] - levels[true])
            reach = np.sort(distance)[min(2 * need, len(choice)) - 1]
            choice = choice[distance <= reach]
        rows.append([true, *rng.permutation(choice)[:need].tolist()])
        kept.append(number)
    found = np.array(kept, dtype=np.int64)
    return Queries(
        opened,
        found,
        np.array(rows, dtype=np.int64).reshape(-1, CANDIDATES),
        (hidden.truth[found] & 1).astype(bool),
    )
