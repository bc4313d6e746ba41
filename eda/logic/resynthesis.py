"""Resynthesis: a random walk over circuits of few inputs, one gate at a time.

With few inputs every signal is known in every assignment, as one number. For a gate the walk finds
the assignments in which its value matters to any output, and then other ways to have these values:
an existing signal, an AND or OR of two, or two gates on three. What makes the circuit smaller is
taken, and so is what leaves its size as it is, which is what brings the walk to new places.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.aig import Aig, strash
from eda.logic.cofactors import full, variable

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_INPUTS: Final = 13
MOST_ANDS: Final = 2500
_TRIES: Final = 40
_WORSE: Final = 0.03
"""How often a step is taken that makes the circuit one gate larger."""


def resynthesize(
    aig: Aig,
    *,
    seconds: float,
    seed: int = 0,
    cares: Sequence[int] | None = None,
    most_levels: int | None = None,
) -> Aig:
    """Return the smallest circuit that a random walk of some time finds.

    Args:
        aig: Combinational, of at most `MOST_INPUTS` inputs.
        seconds: Processor time.
        seed: Where chance starts.
        cares: Per output the table of where its value matters; by default everywhere.
        most_levels: The walk takes no step to a deeper circuit than this.

    Returns:
        A circuit with the same outputs wherever they matter; the given one if none is smaller.
    """
    start = strash(aig)
    if start.num_inputs > MOST_INPUTS or not start.num_ands:
        return start
    walk = _Walk(start, random.Random(seed), cares)
    walk.most_levels = most_levels
    walk.run(time.thread_time() + seconds)
    return walk.best_aig(start)


class _Walk:
    """A circuit as lists: literals of fanins by variable, and values in every assignment."""

    def __init__(self, aig: Aig, rng: random.Random, cares: Sequence[int] | None) -> None:
        self.inputs = aig.num_inputs
        self.first = aig.first_and
        self.rng = rng
        self.everything = full(aig.num_inputs)
        self.cares = list(cares) if cares is not None else [self.everything] * aig.num_outputs
        self.leaves = [0, *(variable(at, aig.num_inputs) for at in range(aig.num_inputs))]
        self.gates: list[tuple[int, int]] = [(a, b) for a, b in aig.fanins.tolist()]
        self.roots: list[int] = aig.outputs.tolist()
        self.most_levels: int | None = None
        self.values: list[int] = []
        self.reads: list[int] = []
        self.fill()
        self.best = (list(self.gates), list(self.roots))

    def fill(self) -> None:
        """Compute values and how often each variable is read."""
        values, every = list(self.leaves), self.everything
        reads = [0] * (self.first + len(self.gates))
        add = values.append
        for a, b in self.gates:
            reads[a >> 1] += 1
            reads[b >> 1] += 1
            x, y = values[a >> 1], values[b >> 1]
            add((x ^ every if a & 1 else x) & (y ^ every if b & 1 else y))
        for literal in self.roots:
            reads[literal >> 1] += 1
        self.values, self.reads = values, reads

    def levels(self) -> int:
        """Return how deep the circuit is."""
        level = [0] * self.first
        add = level.append
        for a, b in self.gates:
            x, y = level[a >> 1], level[b >> 1]
            add((x if x > y else y) + 1)
        return max((level[literal >> 1] for literal in self.roots), default=0)

    def best_aig(self, like: Aig) -> Aig:
        gates, roots = self.best
        made = np.array(gates, dtype=np.int64).reshape(-1, 2)
        return strash(like.with_logic(np.sort(made, axis=1)[:, ::-1], np.array(roots)))

    def run(self, end: float) -> None:
        rng = self.rng
        count = 0
        while self.gates and time.thread_time() < end:
            count += 1
            gate = rng.randrange(len(self.gates))
            new = self.replacement(gate)
            if new is None:
                continue
            before = len(self.gates)
            held = (self.gates, self.roots, self.values, self.reads)
            self.replace(gate, new)
            after = len(self.gates)
            larger = after > before and not (after == before + 1 and rng.random() < _WORSE)
            if larger or (self.most_levels is not None and self.levels() > self.most_levels):
                self.gates, self.roots, self.values, self.reads = held
                continue
            self.fill()
            size = len(self.best[0])
            if after < size:
                self.best = (list(self.gates), list(self.roots))
            elif after > size + 3:
                self.gates, self.roots = list(self.best[0]), list(self.best[1])
                self.fill()

    def care(self, gate: int) -> tuple[int, set[int]]:
        """Return where the value of a gate matters, and the variables that depend on it."""
        own = self.first + gate
        values, every = self.values, self.everything
        changed = {own: values[own] ^ every}
        above = {own}
        variable_here = own
        for a, b in self.gates[gate + 1 :]:
            variable_here += 1
            va, vb = a >> 1, b >> 1
            if va in above or vb in above:
                above.add(variable_here)
                x = changed.get(va)
                y = changed.get(vb)
                if x is None and y is None:
                    continue
                if x is None:
                    x = values[va]
                if y is None:
                    y = values[vb]
                new = (x ^ every if a & 1 else x) & (y ^ every if b & 1 else y)
                if new != values[variable_here]:
                    changed[variable_here] = new
        matters = 0
        for literal, care in zip(self.roots, self.cares, strict=True):
            new_value = changed.get(literal >> 1)
            if new_value is not None:
                matters |= (new_value ^ values[literal >> 1]) & care
        return matters, above

    def cone(self, gate: int) -> set[int]:
        """Return the variables that would go with a gate: what only it needs."""
        own = self.first + gate
        left: dict[int, int] = {}
        inside = {own}
        stack = [own]
        while stack:
            for literal in self.gates[stack.pop() - self.first]:
                below = literal >> 1
                if below < self.first:
                    continue
                count = left.get(below, self.reads[below]) - 1
                left[below] = count
                if not count:
                    inside.add(below)
                    stack.append(below)
        return inside

    def replacement(self, gate: int) -> tuple[int, ...] | None:
        """Return what can stand for a gate.

        Returns:
            One literal; three numbers ``(flip, a, b)`` for ``(a AND b) ^ flip``; or five,
            ``(flip, p, inner, q, r)`` for ``(p AND ((q AND r) ^ inner)) ^ flip``.
        """
        rng, every = self.rng, self.everything
        own = self.first + gate
        matters, above = self.care(gate)
        # Mostly only what stands before the gate is looked at, which is quicker.
        seen = self.values[:own] if rng.random() < 0.8 else self.values
        value = self.values[own]
        on, off = value & matters, matters & ~value
        if not on:
            return (0,)
        if not off:
            return (1,)
        cone = self.cone(gate)
        # Literals that hold wherever the gate does, and those whose complement does.
        sup: list[tuple[int, int]] = []
        sub: list[tuple[int, int]] = []
        for other, x in enumerate(seen):
            if not other or other in above:
                continue
            if not on & ~x:
                if not off & x:
                    return (2 * other,)
                sup.append((2 * other, off & x))
            if not on & x:
                y = x ^ every
                if not off & y:
                    return (2 * other + 1,)
                sup.append((2 * other + 1, off & y))
            if not off & x:
                sub.append((2 * other + 1, on & ~x))
            if not off & ~x:
                sub.append((2 * other, on & x))
        fanins = self.gates[gate]
        pairs = [(0, sup), (1, sub)]
        if rng.random() < 0.5:
            pairs.reverse()
        for flip, found in pairs:
            outside = [item for item in found if item[0] >> 1 not in cone]
            chosen = self._pair(outside, fanins if not flip else ())
            if chosen is not None:
                return (flip, *chosen)
        if len(cone) > 2 or rng.random() < 0.1:
            return self._three(on, off, cone, above, sup, sub, seen)
        return None

    def _pair(self, found: list[tuple[int, int]], now: Sequence[int]) -> tuple[int, int] | None:
        """Return two literals that leave nothing between them, other than those of now."""
        rng = self.rng
        if len(found) < 2:
            return None
        for _ in range(min(_TRIES, len(found))):
            a, left = found[rng.randrange(len(found))]
            partners = [b for b, other in found if not left & other and b != a]
            if partners:
                b = partners[rng.randrange(len(partners))]
                if set(now) != {a, b}:
                    return a, b
        return None

    def _three(
        self,
        on: int,
        off: int,
        cone: set[int],
        above: set[int],
        sup: list[tuple[int, int]],
        sub: list[tuple[int, int]],
        seen: list[int],
    ) -> tuple[int, ...] | None:
        """Return two gates on three signals, that need fewer gates than what they replace."""
        rng = self.rng
        flip = rng.random() < 0.5
        found, target = (sub, off) if flip else (sup, on)
        outside = [item for item in found if item[0] >> 1 not in cone]
        if not outside:
            return None
        p, left = outside[rng.randrange(len(outside))]
        # What p leaves must be 0, and the target 1, for (q AND r) ^ inner.
        every = self.everything
        positive: list[tuple[int, int]] = []
        negative: list[tuple[int, int]] = []
        for other, x in enumerate(seen):
            if not other or other in above or other in cone:
                continue
            for literal, y in ((2 * other, x), (2 * other + 1, x ^ every)):
                if not target & ~y:
                    positive.append((literal, left & y))
                if not left & ~y:
                    negative.append((literal, target & y))
        sides = [(0, positive), (1, negative)]
        rng.shuffle(sides)
        for inner, side in sides:
            chosen = self._pair(side, ())
            if chosen is not None:
                return (int(flip), p, inner, *chosen)
        return None

    def replace(self, gate: int, new: tuple[int, ...]) -> None:
        """Build the circuit anew, with something else in place of a gate."""
        first, gates = self.first, self.gates
        own = first + gate
        if max(new) < 2 * own:
            self._replace_behind(gate, new)
            return
        known: dict[tuple[int, int], int] = {}
        made: list[tuple[int, int]] = []
        literal_of: list[int] = [2 * at if at < first else -1 for at in range(first + len(gates))]

        def and_(a: int, b: int) -> int:
            if a < b:
                a, b = b, a
            if b <= 1:
                return a if b else 0
            if a ^ b <= 1:
                return 0 if a ^ b else a
            found = known.get((a, b))
            if found is None:
                found = 2 * (first + len(made))
                known[a, b] = found
                made.append((a, b))
            return found

        def needs(at: int) -> tuple[int, ...]:
            if at == own:
                if len(new) == 1:
                    return new
                return new[1:] if len(new) == 3 else (new[1], new[3], new[4])
            return gates[at - first]

        def finish(at: int) -> int:
            parts = [literal_of[x >> 1] ^ (x & 1) for x in needs(at)]
            if at != own:
                return and_(parts[0], parts[1])
            if len(new) == 1:
                return parts[0]
            if len(new) == 3:
                return and_(parts[0], parts[1]) ^ new[0]
            return and_(parts[0], and_(parts[1], parts[2]) ^ new[2]) ^ new[0]

        order = [literal >> 1 for literal in self.roots]
        if self.rng.random() < 0.3:
            self.rng.shuffle(order)
        for root in order:
            stack = [root]
            while stack:
                at = stack[-1]
                if literal_of[at] >= 0:
                    stack.pop()
                    continue
                missing = [x >> 1 for x in needs(at) if literal_of[x >> 1] < 0]
                if missing:
                    stack += missing
                else:
                    literal_of[at] = finish(at)
                    stack.pop()
        roots = [literal_of[x >> 1] ^ (x & 1) for x in self.roots]
        self.gates, self.roots = _read_only(made, roots, first)

    def _replace_behind(self, gate: int, new: tuple[int, ...]) -> None:
        """Do the same where all that is new stands before the gate: no order has to be found."""
        first = self.first
        made = self.gates[:gate]
        known = {pair: 2 * at for at, pair in enumerate(made, start=first)}

        def and_(a: int, b: int) -> int:
            pair = _pair_of(a, b)
            if isinstance(pair, int):
                return pair
            found = known.get(pair)
            if found is None:
                found = known[pair] = 2 * (first + len(made))
                made.append(pair)
            return found

        if len(new) == 1:
            own = new[0]
        elif len(new) == 3:
            own = and_(new[1], new[2]) ^ new[0]
        else:
            own = and_(new[1], and_(new[3], new[4]) ^ new[2]) ^ new[0]
        moved = list(range(0, 2 * (first + gate), 2))
        moved.append(own)
        add = moved.append
        for a, b in self.gates[gate + 1 :]:
            a, b = moved[a >> 1] ^ (a & 1), moved[b >> 1] ^ (b & 1)
            if a < b:
                a, b = b, a
            found = known.get((a, b))
            add(and_(a, b) if found is None else found)
        roots = [moved[x >> 1] ^ (x & 1) for x in self.roots]
        self.gates, self.roots = _read_only(made, roots, first)


def _pair_of(a: int, b: int) -> tuple[int, int] | int:
    """Return the fanins of an AND, or the literal that it is without a gate."""
    if a < b:
        a, b = b, a
    if b <= 1:
        return a if b else 0
    if a ^ b <= 1:
        return 0 if a ^ b else a
    return a, b


def _read_only(
    gates: list[tuple[int, int]], roots: list[int], first: int
) -> tuple[list[tuple[int, int]], list[int]]:
    """Drop gates that hashing has left unread."""
    read = bytearray(first + len(gates))
    for literal in roots:
        read[literal >> 1] = 1
    for at in range(len(gates) - 1, -1, -1):
        if read[first + at]:
            a, b = gates[at]
            read[a >> 1] = read[b >> 1] = 1
    if all(read[first:]):
        return gates, roots
    new = list(range(first + len(gates)))
    kept: list[tuple[int, int]] = []
    for at, (a, b) in enumerate(gates):
        if read[first + at]:
            new[first + at] = first + len(kept)
            kept.append((2 * new[a >> 1] + (a & 1), 2 * new[b >> 1] + (b & 1)))
    return kept, [2 * new[x >> 1] + (x & 1) for x in roots]
