"""Policies that write circuits: by chance, greedily, and by Monte Carlo tree search."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from eda.logic.cofactors import variable
from eda.logic.cutoff import Cutoff

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Policy = Callable[[Cutoff, random.Random], Sequence[int]]

EXPLORE: Final = 1.0


def by_chance(state: Cutoff, rng: random.Random) -> Sequence[int]:
    """Return any legal token; literals three times as often as gates, so that trees end."""
    legal = state.legal()
    weights = [1 if token >= state.and_token else 3 for token in legal]
    return rng.choices(legal, weights)[:1]


def options(state: Cutoff) -> list[tuple[float, tuple[int, ...]]]:
    """Return what may be good here: scores (more is better) and tokens, the best first.

    A literal that does all that is wished; at the left of an AND one that does a part of it, and
    leaves the rest to the right; an AND with a literal that holds wherever the position should be
    1, and takes off its hands some assignments in which it should be 0; the same with NAND the
    other way round; and a split at an input, as a NAND of two NANDs.
    """
    legal = state.legal()
    on, off = state.on | state.wish_on, state.off | state.wish_off
    ones, zeros = on.bit_count(), off.bit_count()
    gates = state.and_token in legal
    found: list[tuple[float, tuple[int, ...]]] = []
    for token, value in enumerate(state.literals):
        misses, spares = not on & ~value, not off & ~value
        if token in legal:
            left = (on & ~value).bit_count() + (off & value).bit_count()
            if not left:
                score = 3.0
            elif state.is_left and misses:
                score = 1.0 + (zeros - left) / max(1, zeros)
            else:
                score = -1.0 - left / max(1, ones + zeros)
            found.append((score, (token,)))
        if not gates:
            continue
        if misses and not state.is_left and zeros:
            share = (off & ~value).bit_count() / zeros
            if share:
                found.append((share, (state.and_token, token)))
        if spares and ones:
            share = (on & ~value).bit_count() / ones
            if share:
                found.append((share, (state.and_token + 1, token)))
    if gates and ones and zeros:
        found += [
            (0.6 * _purity(on, off, index, state.inputs) - 0.3, _split(state, index))
            for index in range(state.inputs)
            if on & state.leaves[index] and on & ~state.leaves[index]
        ]
    if not found:
        found = [(0.0, (token,)) for token in legal]
    return sorted(found, key=lambda item: -item[0])


def _split(state: Cutoff, index: int) -> tuple[int, ...]:
    nand = state.and_token + 1
    return nand, nand, 2 * index


def _purity(on: int, off: int, index: int, inputs: int) -> float:
    """Return how far an input separates what must be 1 from what must be 0, between 0 and 1."""
    high = variable(index, inputs)
    total, pure = 0, 0.0
    for side in (high, ~high):
        a, b = (on & side).bit_count(), (off & side).bit_count()
        total += a + b
        pure += max(a, b)
    return 2 * (pure / total - 0.5) if total else 0.0


def greedy(state: Cutoff, rng: random.Random) -> Sequence[int]:
    """Return what scores best."""
    return options(state)[0][1]


def noisy(state: Cutoff, rng: random.Random) -> Sequence[int]:
    """Return what scores best or nearly so."""
    return max(options(state), key=lambda item: item[0] + rng.gauss(0, 0.15))[1]


def write_all(state: Cutoff, policy: Policy, rng: random.Random) -> Cutoff:
    """Let a policy write until the circuit is finished or nothing more can be written."""
    while not (state.finished or state.failed):
        for token in policy(state, rng):
            if token not in state.legal():
                break
            state.write(token)
    return state


@dataclass
class _Node:
    edges: list[tuple[float, tuple[int, ...]]] = field(default_factory=list)
    children: dict[int, _Node] = field(default_factory=dict)
    visits: int = 0
    best: float = -math.inf


def search(state: Cutoff, *, playouts: int = 60, seed: int = 0, width: int = 6) -> Cutoff:
    """Return the best circuit that Monte Carlo tree search finds.

    Edges are the best few of `options`; a playout ends with `noisy`; the best value goes up.

    Args:
        state: Where to start; it is not changed.
        playouts: How many circuits are written.
        seed: Where chance starts.
        width: Edges that are kept of a position.

    Returns:
        A finished circuit, or a failed one where none of the playouts ended.
    """
    rng = random.Random(seed)
    root = _Node()
    best: Cutoff | None = None
    for number in range(playouts):
        here = state.replayed(state.tokens)
        node, path = root, [root]
        while node.edges and not (here.finished or here.failed):
            edge = _chosen(node)
            for token in node.edges[edge][1]:
                if token in here.legal():
                    here.write(token)
            node = node.children.setdefault(edge, _Node())
            path.append(node)
        if not (here.finished or here.failed):
            node.edges = options(here)[:width]
        write_all(here, greedy if number == 0 else noisy, rng)
        value = -float(here.num_ands) if here.finished else -1e3
        for passed in path:
            passed.visits += 1
            passed.best = max(passed.best, value)
        if best is None or (here.finished, value) > (best.finished, -float(best.num_ands)):
            best = here
    return best if best is not None else write_all(state.replayed(state.tokens), greedy, rng)


def _chosen(node: _Node) -> int:
    """Return the edge of the greatest upper bound (PUCT, on values scaled to 0..1)."""
    seen = [child.best for child in node.children.values() if child.visits]
    low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
    weights = [math.exp(2 * score) for score, _ in node.edges]
    total = sum(weights)

    def bound(edge: int) -> float:
        child = node.children.get(edge)
        prior = weights[edge] / total
        value = 0.5
        if child is not None and child.visits:
            value = (child.best - low) / (high - low) if high > low else 1.0
        visits = child.visits if child is not None else 0
        return value + EXPLORE * prior * math.sqrt(node.visits + 1) / (1 + visits)

    return max(range(len(node.edges)), key=bound)
