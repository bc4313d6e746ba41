"""Simulation: 64 patterns a word, all ANDs of a level at once."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.aig.aig import UNDEFINED
from eda.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from eda.aig.aig import Aig

    Words = NDArray[np.uint64]

MAX_TABLE_INPUTS: Final = 16
MAX_BYTES: Final = 256 << 20
"""Memory that the values of all variables may take at a time; more patterns go in pieces."""

_ALL: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
_PERIODS: Final = tuple(
    np.uint64(word)
    for word in (
        0xAAAAAAAAAAAAAAAA,
        0xCCCCCCCCCCCCCCCC,
        0xF0F0F0F0F0F0F0F0,
        0xFF00FF00FF00FF00,
        0xFFFF0000FFFF0000,
        0xFFFFFFFF00000000,
    )
)


def random_patterns(count: int, words: int, *, seed: int = 0) -> Words:
    """Return random patterns, shape ``[count, words]``: 64 patterns a word for each input."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 1 << 64, size=(count, words), dtype=np.uint64)


def simulate(aig: Aig, patterns: Words) -> Words:
    r"""Return the value of every variable.

    Args:
        aig: Latches are treated as inputs behind the inputs.
        patterns: Shape ``[inputs + latches, words]``, of type uint64.

    Returns:
        Shape ``[num_variables, words]``.

    Raises:
        InputError: The patterns have another shape, or the values would not fit `MAX_BYTES`;
            `simulate_roots` goes in pieces.

    Example:
        >>> from eda.aig import parse_aiger
        >>> aig = parse_aiger(b"aag 3 2 0 1 1\n2\n4\n6\n6 4 2\n")
        >>> hex(simulate(aig, np.array([[12], [10]], dtype=np.uint64))[3, 0])
        '0x8'
    """
    _check(aig, patterns)
    if aig.num_variables * patterns.shape[1] * 8 > MAX_BYTES:
        raise InputError(
            f"the values of {aig.num_variables} variables in {64 * patterns.shape[1]} patterns "
            f"take more than {MAX_BYTES >> 20} MB; give fewer, or use simulate_roots"
        )
    return _sweep(aig, patterns, np.bitwise_and, inverting=True)


def simulate_roots(aig: Aig, patterns: Words) -> Words:
    """Return the value of every root (`Aig.roots`), shape ``[roots, words]``.

    Args:
        aig: Latches are treated as inputs behind the inputs.
        patterns: As for `simulate`, of any length: they are taken in pieces.
    """
    _check(aig, patterns)
    piece = max(1, MAX_BYTES // (8 * aig.num_variables))
    parts = [
        read(_sweep(aig, patterns[:, at : at + piece], np.bitwise_and, inverting=True), aig.roots)
        for at in range(0, patterns.shape[1], piece)
    ]
    return np.concatenate(parts, axis=1) if parts else np.zeros((len(aig.roots), 0), np.uint64)


def read(values: Words, literals: NDArray[np.int64]) -> Words:
    """Return the values of literals, given those of all variables."""
    found: Words = values[literals >> 1] ^ masks(literals)
    return found


def masks(literals: NDArray[np.int64]) -> Words:
    """Return a column of all ones where a literal is a complement, and of zeros elsewhere."""
    return np.where(literals & 1, _ALL, np.uint64(0))[:, None]


def _check(aig: Aig, patterns: Words) -> None:
    leaves = aig.num_inputs + aig.num_latches
    if patterns.ndim != 2 or len(patterns) != leaves or patterns.dtype != np.uint64:
        raise InputError(
            f"patterns are {patterns.dtype} {patterns.shape}; this circuit takes "
            f"uint64 ({leaves}, words): a row for each input and latch"
        )


def _sweep(aig: Aig, leaves: Words, join: Callable[..., Words], *, inverting: bool) -> Words:
    """Fill the values of all variables from those of inputs and latches, level by level."""
    values = np.zeros((aig.num_variables, leaves.shape[1]), dtype=np.uint64)
    values[1 : aig.first_and] = leaves
    for own, first, second, mask_first, mask_second in _batches(aig):
        a, b = values[first], values[second]
        if inverting:
            a ^= mask_first
            b ^= mask_second
        values[own] = join(a, b, out=a)
    return values


def _batches(aig: Aig) -> Iterator[tuple[NDArray[Any], ...]]:
    if not aig.num_ands:
        return
    level = aig.levels[aig.first_and :]
    order = np.argsort(level, kind="stable")
    ends = np.flatnonzero(np.diff(level[order])) + 1
    sorted_fanins = aig.fanins[order]
    own = order + aig.first_and
    first, second = sorted_fanins[:, 0], sorted_fanins[:, 1]
    columns = (own, first >> 1, second >> 1, masks(first), masks(second))
    bounds = [0, *ends.tolist(), len(order)]
    for start, stop in pairwise(bounds):
        yield tuple(column[start:stop] for column in columns)


def spread(aig: Aig, leaves: Words) -> Words:
    """Return for every variable the union of the words of the inputs it depends on."""
    return _sweep(aig, leaves, np.bitwise_or, inverting=False)


def truth_table_patterns(inputs: int) -> Words:
    """Return every assignment of so many inputs, input 0 changing fastest.

    Returns:
        Shape ``[inputs, words]``; below six inputs the patterns repeat to fill the word.
    """
    words = 1 << max(inputs - 6, 0)
    made = np.empty((inputs, words), dtype=np.uint64)
    at = np.arange(words)
    for index in range(inputs):
        made[index] = _PERIODS[index] if index < 6 else np.where(at >> (index - 6) & 1, _ALL, 0)
    return made


def truth_tables(aig: Aig) -> Words:
    """Return the truth table of every root, of at most 16 inputs and latches.

    Returns:
        Shape ``[roots, words]``; bit ``m`` is the value for the assignment in which input ``k``
        is bit ``k`` of ``m``. With fewer than six inputs only the low bits are set.

    Raises:
        InputError: There are more inputs and latches than that.
    """
    inputs = aig.num_inputs + aig.num_latches
    if inputs > MAX_TABLE_INPUTS:
        raise InputError(
            f"{inputs} inputs and latches have too many assignments; "
            f"truth tables go up to {MAX_TABLE_INPUTS}"
        )
    tables = simulate_roots(aig, truth_table_patterns(inputs))
    return tables & np.uint64((1 << (1 << inputs)) - 1) if inputs < 6 else tables


def simulate_steps(aig: Aig, patterns: Words, *, seed: int | None = None) -> Words:
    """Return the roots at each clock, the latches starting with their resets.

    Args:
        aig: A circuit with latches, or without.
        patterns: Shape ``[steps, inputs, words]``.
        seed: Draws the start of latches with undefined reset; they start with 0 where None.

    Returns:
        Shape ``[steps, roots, words]``.
    """
    words = patterns.shape[2]
    state = np.where(aig.resets == 1, _ALL, np.uint64(0))[:, None].repeat(words, axis=1)
    if seed is not None:
        unknown = aig.resets == UNDEFINED
        state[unknown] = random_patterns(int(unknown.sum()), words, seed=seed)
    found = np.empty((len(patterns), len(aig.roots), words), dtype=np.uint64)
    outputs = aig.num_outputs
    for at, row in enumerate(patterns):
        found[at] = simulate_roots(aig, np.concatenate([row, state]))
        state = found[at, outputs : outputs + aig.num_latches]
    return found
