"""Random numbers in the place of a model: the grammar alone must keep every rule."""

from __future__ import annotations

import numpy as np

from eda.bench.generate_judge import strict
from eda.topology.grammar import Grammar
from eda.topology.types import TYPES


def drive(count: int, seed: int) -> tuple[int, int, float]:
    """Drive the grammar with random scores of random sharpness.

    Args:
        count: Circuits, of all types in turn, with budgets from 4 to 72 devices.
        seed: Of the scores.

    Returns:
        Circuits that break a rule, circuits that nothing could be decided for, median devices.
    """
    rng = np.random.default_rng(seed)
    names = list(TYPES)
    broken = stuck = 0
    sizes = []
    for number in range(count):
        grammar = Grammar(names[number % len(names)], budget=int(rng.integers(4, 73)))
        sharpness = 8 * rng.random()
        while not grammar.done:
            able = np.flatnonzero(grammar.allowed())
            if not len(able):
                stuck += 1
                break
            scores = sharpness * rng.normal(size=len(able)) + rng.gumbel(size=len(able))
            grammar.take(int(able[np.argmax(scores)]))
        if not grammar.done:
            continue
        sizes.append(len(grammar.walk.devices))
        good = grammar.complete() and not grammar.type.lacks(grammar.topology().ports)
        if good and number % 10 == 0:
            good = strict(grammar.topology())
        broken += not good
    return broken, stuck, float(np.median(sizes)) if sizes else 0.0
