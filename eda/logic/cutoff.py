"""Cutoff: an and-inverter graph written token by token, in which no token can break the function.

The trees of the outputs are written in preorder: AND, NAND, or a literal. Where a position stands
in its tree says in which assignments it has to be 1 and in which 0, whatever comes later; a
literal that contradicts this is no legal token. So every sequence that ends is equivalent to its
truth tables. Subtrees that compute what is there already, or its complement, are merged.

Method: X. Li et al., "Circuit Transformer: A Transformer That Preserves Logical Equivalence",
ICLR 2025.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.aig import Aig, AigBuilder, strash
from eda.errors import InputError
from eda.logic.cofactors import full, variable

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_INPUTS: Final = 12
UNFINISHED_REWARD: Final = -10.0


@dataclass(slots=True)
class _Frame:
    """An AND whose operands are being written."""

    inverted: int
    on: int
    off: int
    wish_on: int
    wish_off: int
    left: int = -1
    left_value: int = 0


class Cutoff:
    """A circuit being written.

    Tokens ``2 i`` and ``2 i + 1`` are input ``i`` and its complement, ``2 n`` is AND and
    ``2 n + 1`` is NAND.

    Attributes:
        inputs: How many inputs.
        tables: Truth tables of the outputs; bit ``m`` is the assignment ``m``.
        cares: Where they matter.
        tokens: What was written so far.
        on, off: Where the position has to be 1, and where 0.
        wish_on, wish_off: Where it would have to be, if nothing were left to what comes to the
            right of it. A left operand has no duty to be 0 anywhere, and is useless if it is not.
        finished: Whether every output is complete.
        failed: Whether no more can be written: no token is legal, or they are too many.

    Example:
        >>> made = Cutoff(2, [0b1000])
        >>> made.legal()
        [4, 5]
        >>> [made.write(token) for token in (4, 0, 2)], made.finished
        ([-1.0, 0.0, 0.0], True)
    """

    def __init__(
        self,
        inputs: int,
        tables: Sequence[int],
        *,
        cares: Sequence[int] | None = None,
        max_tokens: int = 200,
        max_depth: int = 32,
    ) -> None:
        """Stand before the first token.

        Raises:
            InputError: There are too many inputs, none, or no outputs.
        """
        if not 1 <= inputs <= MOST_INPUTS or not tables:
            raise InputError(
                f"{inputs} inputs and {len(tables)} outputs; give 1 to {MOST_INPUTS} inputs and at "
                "least one output"
            )
        self.inputs = inputs
        self.every = full(inputs)
        self.tables = [table & self.every for table in tables]
        self.cares = [self.every] * len(tables) if cares is None else list(cares)
        self.max_tokens = max_tokens
        self.max_depth = max_depth
        self.and_token = 2 * inputs
        self.tokens: list[int] = []
        self.roots: list[int] = []
        self.leaves = [variable(at, inputs) for at in range(inputs)]
        self.literals = [
            leaf ^ (self.every if flip else 0) for leaf in self.leaves for flip in (0, 1)
        ]
        self._stack: list[_Frame] = []
        # A function and its complement are one node: that which is 0 in assignment 0.
        self._tables = [0, *self.leaves]
        self._node_of = {table: at for at, table in enumerate(self._tables)}
        self._children: list[tuple[int, int] | None] = [None] * (inputs + 1)
        self._reads = [1] * (inputs + 1)
        self.on, self.off = self.wish_on, self.wish_off = self._output_needs()
        self.failed = False

    @property
    def finished(self) -> bool:
        """Whether every output is complete."""
        return len(self.roots) == len(self.tables)

    @property
    def depth(self) -> int:
        """How many ANDs stand above the position."""
        return len(self._stack)

    @property
    def decides(self) -> bool:
        """Whether a literal here completes its output: nothing is open to the left above."""
        return all(frame.left >= 0 for frame in self._stack)

    @property
    def num_ands(self) -> int:
        """How many ANDs there are, merged, open ones included."""
        alive = sum(1 for at, pair in enumerate(self._children) if pair and self._reads[at] > 0)
        return alive + len(self._stack)

    @property
    def is_left(self) -> bool:
        """Whether the position is the left operand of an AND."""
        return bool(self._stack) and self._stack[-1].left < 0

    def _output_needs(self) -> tuple[int, int]:
        if self.finished:
            return 0, 0
        at = len(self.roots)
        table, care = self.tables[at], self.cares[at]
        return table & care, ~table & care & self.every

    def legal(self) -> list[int]:
        """Return the tokens that may stand here; none where the writing has ended."""
        if self.finished or self.failed:
            return []
        on, off = self.on, self.off
        fits = [
            token
            for token, value in enumerate(self.literals)
            if not on & ~value and not off & value
        ]
        if fits and self.decides:
            return fits
        if self.depth < self.max_depth:
            fits += [self.and_token, self.and_token + 1]
        return fits

    def write(self, token: int) -> float:
        """Write a token.

        Returns:
            Minus the ANDs that it adds, plus those that merging takes away; -10 more where it
            leads to where nothing more can be written.

        Raises:
            InputError: The token is not legal here.
        """
        if token not in self.legal():
            raise InputError(f"token {token} is not legal here; legal are {self.legal()}")
        self.tokens.append(token)
        reward = 0.0
        if token >= self.and_token:
            inverted = token - self.and_token
            on, off = (self.off, self.on) if inverted else (self.on, self.off)
            wish = (self.wish_off, self.wish_on) if inverted else (self.wish_on, self.wish_off)
            self._stack.append(_Frame(inverted, on, off, *wish))
            self.on, self.off = on, 0
            self.wish_on, self.wish_off = wish
            reward = -1.0
        else:
            node = 1 + token // 2
            self._reads[node] += 1
            reward = float(self._close(2 * node + token % 2))
        if not self.finished and (len(self.tokens) >= self.max_tokens or not self.legal()):
            self.failed = True
            reward += UNFINISHED_REWARD
        return reward

    def _value(self, literal: int) -> int:
        table = self._tables[literal >> 1]
        return table ^ self.every if literal & 1 else table

    def _close(self, literal: int) -> int:
        """Hand a finished operand to the AND above it, and so on; return the ANDs freed."""
        freed = 0
        while self._stack:
            frame = self._stack[-1]
            if frame.left < 0:
                frame.left, frame.left_value = literal, self._value(literal)
                self.on, self.off = frame.on, frame.off & frame.left_value
                self.wish_on = frame.wish_on & frame.left_value
                self.wish_off = frame.wish_off & frame.left_value
                return freed
            self._stack.pop()
            literal, count = self._join(frame.left, literal)
            literal ^= frame.inverted
            freed += count
        self.roots.append(literal)
        self.on, self.off = self.wish_on, self.wish_off = self._output_needs()
        return freed

    def _join(self, a: int, b: int) -> tuple[int, int]:
        """Return the AND of two operands, and how many ANDs merging frees, its own included."""
        table = self._value(a) & self._value(b)
        flip = table & 1
        key = table ^ self.every if flip else table
        found = self._node_of.get(key)
        if found is None:
            self._tables.append(key)
            self._children.append((a, b))
            self._reads.append(1)
            node = len(self._tables) - 1
            self._node_of[key] = node
            return 2 * node + flip, 0
        self._reads[found] += 1
        freed = 1 + self._release(a) + self._release(b)
        return 2 * found + flip, freed

    def _release(self, literal: int) -> int:
        """Give back an operand; return how many ANDs go with it."""
        freed, stack = 0, [literal >> 1]
        while stack:
            node = stack.pop()
            self._reads[node] -= 1
            children = self._children[node]
            if self._reads[node] or children is None:
                continue
            freed += 1
            self._children[node] = None
            del self._node_of[self._tables[node]]
            stack += [child >> 1 for child in children]
        return freed

    def to_aig(self) -> Aig:
        """Return the finished circuit.

        Raises:
            InputError: It is not finished.
        """
        if not self.finished:
            raise InputError("the circuit is not finished; write more tokens")
        made = AigBuilder(self.inputs)
        # Children come before the ANDs that read them, except for merged ones.
        literal_of: dict[int, int] = {0: 0} | {1 + at: x for at, x in enumerate(made.inputs)}
        for root in self.roots:
            stack = [root >> 1]
            while stack:
                node = stack[-1]
                if node in literal_of:
                    stack.pop()
                    continue
                pair = self._children[node]
                if pair is None:
                    raise InputError(f"node {node} was merged away and is still read")
                missing = [child >> 1 for child in pair if child >> 1 not in literal_of]
                if missing:
                    stack += missing
                    continue
                a, b = (literal_of[child >> 1] ^ (child & 1) for child in pair)
                # Stored tables are 0 in assignment 0, so an AND that is 1 there is turned.
                turned = self._value(pair[0]) & self._value(pair[1]) & 1
                literal_of[node] = made.and_(a, b) ^ turned
                stack.pop()
        for root in self.roots:
            made.output(literal_of[root >> 1] ^ (root & 1))
        return strash(made.build())

    def replayed(self, tokens: Sequence[int]) -> Cutoff:
        """Return a new writing of the same functions with these tokens."""
        made = Cutoff(
            self.inputs,
            self.tables,
            cares=self.cares,
            max_tokens=self.max_tokens,
            max_depth=self.max_depth,
        )
        for token in tokens:
            made.write(token)
        return made
