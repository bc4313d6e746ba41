"""Random functions of a few inputs: of small random circuits, and of windows of large ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eda.aig import Aig, AigBuilder, extract, strash, support
from eda.logic.truth import tables_of

if TYPE_CHECKING:
    import random


def random_circuit(inputs: int, outputs: int, rng: random.Random, *, gates: int = 84) -> Aig:
    """Return a random circuit, all of whose outputs depend on several inputs."""
    while True:
        made = AigBuilder(inputs)
        pool = list(made.inputs)
        while made.num_ands < gates:
            # Late signals are chosen more often, so that the circuit is deep and not only wide.
            a = pool[int(len(pool) * rng.random() ** 0.6)] ^ rng.randrange(2)
            b = pool[rng.randrange(len(pool))] ^ rng.randrange(2)
            new = made.and_(a, b)
            if new > 1 and new not in pool and new ^ 1 not in pool:
                pool.append(new)
        for literal in rng.sample(pool[-2 * outputs - 2 :], outputs):
            made.output(literal ^ rng.randrange(2))
        aig = strash(made.build())
        if min(map(len, support(aig))) >= min(4, inputs):
            return aig


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
    for variable in inside:
        a, b = aig.fanins[variable - aig.first_and].tolist()
        new[variable] = made.and_(new[a >> 1] ^ (a & 1), new[b >> 1] ^ (b & 1))
    made.output(new[root])
    return extract(made.build(), [0])
