"""Random functions of a few inputs: of small random circuits, and of windows of large ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eda.aig import Aig, AigBuilder, extract, strash, support
from eda.logic.cofactors import full, variable
from eda.logic.truth import tables_of

if TYPE_CHECKING:
    import random


def random_circuit(inputs: int, outputs: int, rng: random.Random, *, gates: int = 54) -> Aig:
    """Return a random circuit, all of whose outputs depend on several inputs.

    Each gate computes something new that is neither nearly always 0 nor nearly always 1, and
    signals that nothing reads yet are read with preference, so that not much of it is idle.
    """
    while True:
        aig = _drawn(inputs, outputs, rng, gates)
        if min(map(len, support(aig))) >= min(4, inputs):
            return aig


def _drawn(inputs: int, outputs: int, rng: random.Random, gates: int) -> Aig:
    every = full(inputs)
    made = AigBuilder(inputs)
    tables = {2 * at + 2: variable(at, inputs) for at in range(inputs)}
    seen = {0} | {min(table, table ^ every) for table in tables.values()}
    pool, unread = list(made.inputs), list(made.inputs)
    for _ in range(40 * gates):
        if made.num_ands >= gates:
            break
        prefers = len(unread) > outputs and rng.random() < 0.6
        a, b = rng.choice(unread if prefers else pool), rng.choice(pool)
        if a == b:
            continue
        one, two = a ^ rng.randrange(2), b ^ rng.randrange(2)
        table = (tables[a] ^ (every * (one & 1))) & (tables[b] ^ (every * (two & 1)))
        key = min(table, table ^ every)
        if key in seen or table.bit_count() < (1 << inputs) // 16:
            continue
        seen.add(key)
        new = made.and_(one, two)
        tables[new] = table
        pool.append(new)
        unread = [item for item in (*unread, new) if item not in (a, b)]
    last = [item for item in reversed(pool) if item in unread and item > 2 * inputs]
    for literal in (last if len(last) >= outputs else pool[::-1])[:outputs]:
        made.output(literal ^ rng.randrange(2))
    return strash(made.build())


def random_function(inputs: int, outputs: int, rng: random.Random) -> list[int]:
    """Return the truth tables of a random circuit."""
    return tables_of(random_circuit(inputs, outputs, rng))


def window_of(aig: Aig, inputs: int, rng: random.Random, *, tries: int = 200) -> Aig | None:
    """Return a cone of a circuit that stands on at most so many signals, or None.

    The cone grows from an AND downwards; at each step the leaf of the highest level is opened.
    """
    levels = aig.levels.tolist()
    first = aig.first_and
    fanins = (aig.fanins >> 1).tolist()
    for _ in range(tries):
        root = rng.randrange(aig.num_ands)
        leaves, inside = set(fanins[root]) - {0}, {first + root}
        while True:
            inner = [leaf for leaf in leaves if leaf >= first]
            if not inner:
                break
            leaf = max(inner, key=lambda item: levels[item])
            wider = (leaves - {leaf}) | (set(fanins[leaf - first]) - {0})
            if len(wider) > inputs:
                break
            leaves, inside = wider, inside | {leaf}
        if len(leaves) == inputs and len(inside) >= inputs:
            return _cone(aig, first + root, sorted(leaves), sorted(inside))
    return None


def _cone(aig: Aig, root: int, leaves: list[int], inside: list[int]) -> Aig:
    made = AigBuilder(len(leaves))
    new = {0: 0} | dict(zip(leaves, made.inputs, strict=True))
    for own in inside:
        a, b = aig.fanins[own - aig.first_and].tolist()
        new[own] = made.and_(new[a >> 1] ^ (a & 1), new[b >> 1] ^ (b & 1))
    made.output(new[root])
    return extract(made.build(), [0])
