"""Variants of a circuit of which it is known how they were made, and so what they compute."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.aig import AigBuilder, random_patterns, simulate_roots, strash, support

if TYPE_CHECKING:
    import random

    from eda.aig import Aig

SAME: Final = ("shannon", "redundant", "distributed")
OTHER: Final = ("minterm", "cube", "inverter", "swapped")
KINDS: Final = (*SAME, *OTHER)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A variant.

    Attributes:
        kind: How it was made: one of `KINDS`.
        aig: The variant.
        same: Whether it computes the same, by how it was made.
        probe: For one that does not, an assignment that shows it, where how it was made says so.
    """

    kind: str
    aig: Aig
    same: bool
    probe: tuple[int, ...] = ()


def mutant(aig: Aig, kind: str, rng: random.Random) -> Mutant:
    """Return a variant of a combinational circuit.

    ``shannon`` rebuilds an output around one of its inputs; ``redundant`` ANDs gates with what
    they imply; ``distributed`` multiplies gates out. ``minterm`` turns an output for one single
    assignment of the inputs it depends on; ``cube`` for those that agree in 12 inputs;
    ``inverter`` and ``swapped`` change fanins of a gate until random patterns see it.
    """
    if kind in ("inverter", "swapped"):
        return _broken_gate(aig, kind, rng)
    if kind in ("minterm", "cube"):
        return _turned(aig, kind, rng)
    made = AigBuilder(aig.num_inputs)
    if kind == "shannon":
        at = rng.randrange(aig.num_outputs)
        index = rng.choice(support(aig)[at] or [0])
        leaves = list(made.inputs)
        low = made.copy(aig, [*leaves[:index], 0, *leaves[index + 1 :]])
        high = made.copy(aig, [*leaves[:index], 1, *leaves[index + 1 :]])
        roots = made.copy(aig, made.inputs)
        roots[at] = made.mux(leaves[index], high[at], low[at])
    else:
        chosen = {rng.randrange(aig.num_ands) for _ in range(min(12, aig.num_ands))}
        roots = _rewritten(made, aig, chosen, kind)
    for literal in roots:
        made.output(literal)
    return Mutant(kind, replace(strash(made.build()), source=aig.source), same=True)


def _rewritten(made: AigBuilder, aig: Aig, chosen: set[int], kind: str) -> list[int]:
    new = [0, *made.inputs]
    first = aig.first_and
    for own, (a, b) in enumerate(aig.fanins.tolist()):
        one, two = new[a >> 1] ^ (a & 1), new[b >> 1] ^ (b & 1)
        plain = made.and_(one, two)
        if own in chosen and kind == "redundant":
            # a b = a (b + !a): the bracket is implied by nothing that hashing would see.
            plain = made.and_(one, made.or_(two, one ^ 1))
        elif own in chosen and a >> 1 >= first and a & 1:
            # !(x y) b = !x b + !y b
            x, y = aig.fanins[(a >> 1) - first].tolist()
            left = made.and_(new[x >> 1] ^ (x & 1) ^ 1, two)
            right = made.and_(new[y >> 1] ^ (y & 1) ^ 1, two)
            plain = made.or_(left, right)
        new.append(plain)
    return [new[literal >> 1] ^ (literal & 1) for literal in aig.roots.tolist()]


def _turned(aig: Aig, kind: str, rng: random.Random) -> Mutant:
    at = rng.randrange(aig.num_outputs)
    reached = support(aig)[at] or [0]
    count = len(reached) if kind == "minterm" else min(12, len(reached))
    values = [rng.randrange(2) for _ in range(aig.num_inputs)]
    made = AigBuilder(aig.num_inputs)
    roots = made.copy(aig, made.inputs)
    cube = made.and_all(
        made.inputs[index] ^ 1 ^ values[index] for index in rng.sample(reached, count)
    )
    roots[at] = made.xor(roots[at], cube)
    for literal in roots:
        made.output(literal)
    other = replace(strash(made.build()), source=aig.source)
    return Mutant(kind, other, same=False, probe=tuple(values))


def _broken_gate(aig: Aig, kind: str, rng: random.Random) -> Mutant:
    """Change a gate so that some output differs, which random patterns have to show."""
    patterns = random_patterns(aig.num_inputs, 16, seed=rng.randrange(1 << 30))
    wanted = simulate_roots(aig, patterns)
    for _ in range(60):
        fanins = np.array(aig.fanins)
        own = rng.randrange(aig.num_ands)
        if kind == "inverter":
            fanins[own, rng.randrange(2)] ^= 1
        else:
            fanins[own, rng.randrange(2)] = rng.randrange(2, 2 * (aig.first_and + own))
        other = replace(aig, fanins=np.sort(fanins, axis=1)[:, ::-1])
        if not np.array_equal(simulate_roots(other, patterns), wanted):
            return Mutant(kind, other, same=False)
    return _turned(aig, "cube", rng)
