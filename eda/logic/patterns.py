"""Patterns that find differences: random ones, even and biased, and those near the corners."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eda.aig import random_patterns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


def batches(inputs: int, *, seed: int, words: int = 64) -> Iterator[NDArray[np.uint64]]:
    """Yield batches of patterns without end, shape ``[inputs, words]`` each.

    The first one is random; then come all zeros and all ones with one input or two neighbours
    turned; then random ones, in which ones are as likely as zeros, or up to 15 times more or less.
    """
    yield random_patterns(inputs, words, seed=seed)
    if inputs:
        yield corner_patterns(inputs)
    number = 0
    while True:
        number += 1
        made = random_patterns(inputs, words, seed=seed + 7919 * number)
        for extra in range(number % 4):
            more = random_patterns(inputs, words, seed=seed + 7919 * number + 104729 * (extra + 1))
            made = made & more if (number // 4) % 2 else made | more
        yield made


def corner_patterns(inputs: int) -> NDArray[np.uint64]:
    """Return all zeros, all ones, and both with one input or two neighbours turned."""
    turned = np.zeros((2 * inputs + 1, inputs), dtype=bool)
    at = np.arange(inputs)
    turned[1 + at, at] = True
    turned[1 + inputs + at, at] = True
    turned[1 + inputs + at, (at + 1) % inputs] = True
    rows = np.concatenate([turned, ~turned])
    return pack(rows.T)


def pack(bits: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Return bits of shape ``[inputs, patterns]`` as words; the last word is filled with zeros."""
    words = -(-bits.shape[1] // 64)
    whole = np.zeros((bits.shape[0], 64 * words), dtype=bool)
    whole[:, : bits.shape[1]] = bits
    made = np.packbits(whole, axis=1, bitorder="little").view(np.uint64)
    return np.ascontiguousarray(made)


def first_one(words: NDArray[np.uint64]) -> int | None:
    """Return the number of the first pattern whose bit is set in a row of words."""
    place = np.flatnonzero(words)
    if not len(place):
        return None
    at = int(place[0])
    word = int(words[at])
    return 64 * at + (word & -word).bit_length() - 1


def column(patterns: NDArray[np.uint64], number: int) -> list[int]:
    """Return one pattern: 0 or 1 for each input."""
    word = patterns[:, number // 64] >> np.uint64(number % 64)
    return [int(bit) for bit in word & np.uint64(1)]
