"""AigBuilder: an AIG made gate by gate; equal gates are made once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from eda.aig.aig import Aig

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class AigBuilder:
    """Makes an `Aig`; constants, equal fanins and gates that exist already cost nothing.

    Attributes:
        inputs: Literals of the inputs.
        latches: Literals of the latches.
        outputs: Literals given to `output` so far.

    Example:
        >>> made = AigBuilder(3)
        >>> made.output(made.mux(*made.inputs))
        >>> made.build().num_ands
        3
    """

    def __init__(self, num_inputs: int, *, num_latches: int = 0) -> None:
        """Start with inputs and latches only."""
        self.num_inputs = num_inputs
        self.inputs = [2 * at for at in range(1, 1 + num_inputs)]
        first = 1 + num_inputs
        self.latches = [2 * at for at in range(first, first + num_latches)]
        self._first_and = first + num_latches
        self.outputs: list[int] = []
        self._fanins: list[tuple[int, int]] = []
        self._known: dict[tuple[int, int], int] = {}

    @property
    def num_ands(self) -> int:
        """How many ANDs there are so far."""
        return len(self._fanins)

    def and_(self, a: int, b: int) -> int:
        """Return the literal of ``a AND b``."""
        if a < b:
            a, b = b, a
        if b <= 1:
            return a if b else 0
        if a ^ b <= 1:
            return 0 if a ^ b else a
        found = self._known.get((a, b))
        if found is None:
            found = 2 * (self._first_and + len(self._fanins))
            self._known[a, b] = found
            self._fanins.append((a, b))
        return found

    def or_(self, a: int, b: int) -> int:
        """Return the literal of ``a OR b``."""
        return self.and_(a ^ 1, b ^ 1) ^ 1

    def xor(self, a: int, b: int) -> int:
        """Return the literal of ``a XOR b``, of three ANDs."""
        flip = (a & 1) ^ (b & 1)
        a, b = a & ~1, b & ~1
        if a <= 1 or b <= 1:
            return (a | b) ^ flip
        return self.and_(self.and_(a, b) ^ 1, self.and_(a ^ 1, b ^ 1) ^ 1) ^ flip

    def mux(self, select: int, then: int, otherwise: int) -> int:
        """Return the literal of ``then`` where ``select`` holds, of ``otherwise`` elsewhere."""
        if then ^ otherwise == 1:
            return self.xor(select, otherwise)
        yes = self.and_(select, then)
        return self.and_(yes ^ 1, self.and_(select ^ 1, otherwise) ^ 1) ^ 1

    def and_all(self, literals: Iterable[int]) -> int:
        """Return the AND of many, as a balanced tree."""
        return self._tree(list(literals), 1)

    def or_all(self, literals: Iterable[int]) -> int:
        """Return the OR of many, as a balanced tree."""
        return self._tree([literal ^ 1 for literal in literals], 1) ^ 1

    def xor_all(self, literals: Iterable[int]) -> int:
        """Return the XOR of many, as a balanced tree."""
        row = list(literals)
        while len(row) > 1:
            pairs = zip(row[::2], row[1::2], strict=False)
            row = [self.xor(a, b) for a, b in pairs] + row[len(row) & ~1 :]
        return row[0] if row else 0

    def _tree(self, row: list[int], empty: int) -> int:
        while len(row) > 1:
            pairs = zip(row[::2], row[1::2], strict=False)
            row = [self.and_(a, b) for a, b in pairs] + row[len(row) & ~1 :]
        return row[0] if row else empty

    def copy(self, aig: Aig, leaves: Sequence[int]) -> list[int]:
        """Build the logic of another AIG on these literals.

        Args:
            aig: Its inputs and latches are replaced.
            leaves: A literal for each of them.

        Returns:
            Its roots, as literals here.
        """
        made = [0, *leaves]
        and_, add = self.and_, made.append
        for a, b in aig.fanins.tolist():
            add(and_(made[a >> 1] ^ (a & 1), made[b >> 1] ^ (b & 1)))
        return [made[lit >> 1] ^ (lit & 1) for lit in aig.roots.tolist()]

    def output(self, literal: int) -> None:
        """Add an output."""
        self.outputs.append(literal)

    def build(self, **more: Any) -> Aig:
        """Return the AIG; ANDs that nothing reads are still in it (`strash` drops them).

        Args:
            more: Other attributes of `Aig`: ``next_states``, names, ...
        """
        return Aig(
            self.num_inputs,
            fanins=np.array(self._fanins, dtype=np.int64).reshape(-1, 2),
            outputs=np.array(self.outputs, dtype=np.int64),
            **more,
        )
