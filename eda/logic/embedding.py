"""Embeddings of circuits: what they compute on random patterns, and how they are built.

Signatures of signals are their values in many random patterns, which are the same for every
circuit with as many inputs; two signals with one signature are candidates for being equal. A
circuit as a whole is described by numbers that do not depend on the order of its inputs, so that
variants of it, optimised or not, come out near each other.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.aig import fanouts, random_patterns, simulate_roots, support
from eda.aig.simulation import MAX_BYTES, simulate
from eda.logic.equivalence import check_equivalence
from eda.logic.patterns import batches, pack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.aig import Aig
    from eda.logic.equivalence import Verdict

WORDS: Final = 128
_PAIR_SECONDS: Final = 5.0
"""Processor time for one pair: the patterns have been tried already."""

_BINS: Final = np.linspace(0, 1, 17)


@dataclass(frozen=True, slots=True)
class Embedding:
    """A circuit as numbers.

    Attributes:
        function: What its outputs compute: histograms over the outputs of how often they are 1,
            of the size of their support, of how often they turn when one input does, and of how
            pairs of outputs agree; float32, ``[64]``.
        structure: How it is built: sizes, levels, fanouts, inverters; float32, ``[24]``.
    """

    function: NDArray[np.float32]
    structure: NDArray[np.float32]

    @property
    def vector(self) -> NDArray[np.float32]:
        """Both, one behind the other."""
        return np.concatenate([self.function, self.structure])


def embed(aig: Aig, *, seed: int = 0) -> Embedding:
    """Return the embedding of a circuit; latches count as inputs, next states as outputs."""
    logic = aig.combinational()
    return Embedding(_function(logic, seed), _structure(logic))


def signatures(aig: Aig, *, words: int = 0, seed: int = 0) -> NDArray[np.uint64]:
    """Return the values of all variables in random patterns, shape ``[num_variables, words]``.

    Args:
        aig: The circuit.
        words: How many times 64 patterns; by default 128, fewer where the memory says so. Random
            ones, even and biased, and the corners: signals that are nearly always 0 show
            their differences in few others.
        seed: Draws the patterns.
    """
    logic = aig.combinational()
    most = max(1, MAX_BYTES // (8 * logic.num_variables))
    count = min(words or WORDS, most)
    parts, total = [], 0
    for patterns in batches(logic.num_inputs, seed=seed, words=max(1, count // 8)):
        parts.append(patterns[:, : count - total])
        total += parts[-1].shape[1]
        if total >= count:
            break
    return simulate(logic, np.concatenate(parts, axis=1))


def equal_signals(aig: Aig, *, words: int = 0, seed: int = 0) -> list[list[int]]:
    """Return classes of ANDs and inputs with one signature, up to complement.

    Returns:
        Lists of literals of at least two; the lowest variable first, as it is; the others
        complemented where they are its complement. The constant (0) is in the first place of its
        class. Equal signatures are no proof; `mine_equal` gives one.
    """
    return _classes(signatures(aig, words=words, seed=seed))


def _classes(values: NDArray[np.uint64]) -> list[list[int]]:
    flips = (values[:, 0] & np.uint64(1)).astype(bool)
    values = np.where(flips[:, None], ~values, values)
    keys = np.ascontiguousarray(values).view(f"V{8 * values.shape[1]}").reshape(-1)
    classes: dict[bytes, list[int]] = {}
    for variable, (key, flip) in enumerate(zip(keys.tolist(), flips.tolist(), strict=True)):
        classes.setdefault(bytes(key), []).append(2 * variable + int(flip))
    return [
        [literal ^ (members[0] & 1) for literal in members]
        for members in classes.values()
        if len(members) > 1
    ]


@dataclass(frozen=True, slots=True)
class Mined:
    """Pairs of literals with one signature, and what became of them.

    Attributes:
        proved: Pairs that are proved equal.
        open: Pairs that no pattern tells apart, and for whose proof there was no time.
        refuted: How many pairs of one signature a counterexample told apart.
        values: Values of all variables in all patterns, counterexamples included.
    """

    proved: tuple[tuple[int, int], ...]
    open: tuple[tuple[int, int], ...]
    refuted: int
    values: NDArray[np.uint64]


def mine_equal(aig: Aig, *, seconds: float = 20.0, seed: int = 0) -> Mined:
    """Find signals that are equal, and prove it.

    Each counterexample of the prover becomes patterns (itself, and with a few inputs turned) in
    which all signals are simulated, so that it tells other pairs apart too.

    Args:
        aig: The circuit.
        seconds: Time on the clock after which pairs are left open.
        seed: Draws the patterns.
    """
    logic = aig.combinational()
    rng = np.random.default_rng(seed)
    values = signatures(logic, seed=seed)
    proved: dict[tuple[int, int], bool] = {}
    refuted = 0
    end = time.monotonic() + seconds
    while True:
        pairs = [(c[0], other) for c in _classes(values) for other in c[1:]]
        unknown = [pair for pair in pairs if pair not in proved]
        if not unknown or time.monotonic() > end:
            break
        verdict = _compared(logic, unknown[0], min(_PAIR_SECONDS, max(0.2, end - time.monotonic())))
        if verdict.counterexample is None:
            proved[unknown[0]] = verdict.equivalent
            continue
        refuted += 1
        example = np.array(list(verdict.counterexample.inputs.values()), dtype=bool)
        near = example[:, None] ^ (rng.random((len(example), 64)) < 2 / max(2, len(example)))
        near[:, 0] = example
        values = np.concatenate([values, simulate(logic, pack(near))], axis=1)
    return Mined(
        tuple(pair for pair in pairs if proved.get(pair)),
        tuple(pair for pair in pairs if not proved.get(pair)),
        refuted,
        values,
    )


def _compared(logic: Aig, pair: tuple[int, int], seconds: float) -> Verdict:
    first, second = (
        replace(logic, outputs=np.array([literal]), output_names=(), input_names=())
        for literal in pair
    )
    return check_equivalence(first, second, seconds=seconds)


def prove_equal(aig: Aig, pairs: list[tuple[int, int]], *, seconds: float = 20.0) -> list[str]:
    """Return for pairs of literals whether they are equal.

    Returns:
        ``equivalent``, ``different`` or ``unknown`` each.
    """
    logic = aig.combinational()
    share = seconds / max(1, len(pairs))
    return [_compared(logic, pair, share).answer for pair in pairs]


def _function(aig: Aig, seed: int) -> NDArray[np.float32]:
    patterns = random_patterns(aig.num_inputs, 16, seed=seed)
    values = simulate_roots(aig, patterns)
    total = 64 * 16
    ones = np.bitwise_count(values).sum(axis=1) / total
    parts = [_histogram(np.minimum(ones, 1 - ones) * 2)]
    sizes = np.array([len(item) for item in support(aig)]) / max(1, aig.num_inputs)
    parts.append(_histogram(sizes))
    rng = np.random.default_rng(seed)
    turned = np.zeros(len(values))
    tries = min(8, aig.num_inputs)
    for index in rng.permutation(aig.num_inputs)[:tries]:
        other = patterns.copy()
        other[index] = ~other[index]
        turned += np.bitwise_count(simulate_roots(aig, other) ^ values).sum(axis=1) / total
    parts.append(_histogram(np.minimum(1, turned / max(1, tries) * 2)))
    few = values[rng.permutation(len(values))[:48]]
    agree = [np.bitwise_count(few ^ row).sum(axis=1) / total for row in few]
    distances = np.concatenate(agree) if agree else np.zeros(0)
    parts.append(_histogram(np.minimum(distances, 1 - distances) * 2))
    return np.concatenate(parts).astype(np.float32)


def _histogram(values: NDArray[np.float64]) -> NDArray[np.float64]:
    counts, _ = np.histogram(values, bins=_BINS)
    return counts / max(1, len(values))


def _structure(aig: Aig) -> NDArray[np.float32]:
    read = fanouts(aig)[1:]
    level = aig.levels[aig.first_and :] / max(1, aig.depth)
    spread, _ = np.histogram(level, bins=np.linspace(0, 1, 9))
    fan, _ = np.histogram(read, bins=[0, 1, 2, 3, 4, 6, 10, 20, 1 << 40])
    ands = max(1, aig.num_ands)
    sizes = [aig.num_inputs, len(aig.roots), aig.num_ands, aig.depth]
    return np.concatenate(
        [
            np.log10(1 + np.array(sizes)),
            [(aig.fanins & 1).mean() if aig.num_ands else 0.0],
            [(aig.roots & 1).mean() if len(aig.roots) else 0.0],
            [(aig.fanins >> 1 < aig.first_and).mean() if aig.num_ands else 0.0],
            [read.mean() if len(read) else 0.0],
            spread / ands,
            fan / max(1, len(read)),
        ]
    ).astype(np.float32)


def nearness(one: Embedding, two: Embedding) -> float:
    """Return how alike two circuits compute, from 0 to 1; the interface counts too."""
    function = 1 - np.abs(one.function - two.function).sum() / 8
    sizes = np.abs(one.structure[:2] - two.structure[:2]).sum()
    return max(0.0, float(function - sizes))
