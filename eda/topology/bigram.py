"""The bigram grammar: the simplest model of a circuit as a sequence, which others must beat.

A kind of device depends on the kind before; the net of a pin on the pin and on what was chosen
just before, as a category (a new net, an unused port of a class, a used one of a class, an inner
net); nets of a category are equally likely.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from eda.topology.parts import INTERNAL, KINDS
from eda.topology.walk import (
    BULK_SLOT,
    DEVICE_SLOT,
    END,
    FRESH_PORT,
    KIND_WORD,
    NEW,
    NUM_WORDS,
    PIN_SLOT,
    PORT_SLOT,
    Walk,
    decisions,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np

    from eda.topology.circuit import Topology
    from eda.topology.walk import Decision

_USED: Final = 1000
_INNER: Final = 2000
SMOOTHING: Final = 0.3


class Bigram:
    """Counts of decisions after decisions."""

    def __init__(self) -> None:
        """Know nothing."""
        self.counts: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)

    def learn(self, topologies: Iterable[tuple[Topology, float]], rng: np.random.Generator) -> None:
        """Count the decisions of circuits, each in a random order and with a weight."""
        for topology, weight in topologies:
            for context, category, _ in _steps(topology, decisions(topology, rng)):
                self.counts[context][category] += weight  # type: ignore[assignment]

    def bits(self, topology: Topology, rng: np.random.Generator) -> float:
        """Return minus the binary logarithm of the probability of a circuit in a random order.

        Ports are given; what is decided about devices is counted.
        """
        total = 0.0
        for context, category, able in _steps(topology, decisions(topology, rng)):
            counts = self.counts.get(context, Counter())
            weight = {item: counts.get(item, 0) + SMOOTHING for item in able}
            share = weight[category] / sum(weight.values()) / able[category]
            total -= math.log2(share)
        return total


def _category(walk: Walk, word: int) -> int:
    if word < NUM_WORDS:
        return word
    own = walk.net_class[word - NUM_WORDS]
    return _INNER if own == INTERNAL else _USED + own


def _steps(
    topology: Topology, made: list[Decision]
) -> Iterator[tuple[tuple[int, int], int, dict[int, int]]]:
    """Yield context, category and the categories there are, with how many nets each has."""
    walk = Walk.begin(topology.type)
    before_kind, before = -1, -1
    for slot, word in made:
        if slot != PORT_SLOT:
            able: dict[int, int] = {}
            if slot == DEVICE_SLOT:
                able = dict.fromkeys((*range(KIND_WORD, KIND_WORD + len(KINDS)), END), 1)
                context = (slot, before_kind)
            elif slot == BULK_SLOT:
                able = {NEW - 2: 1, NEW - 1: 1}
                context = (slot, walk.kind)
            else:
                able = {NEW: 1}
                able |= {FRESH_PORT + port: 1 for port, left in enumerate(walk.unused) if left}
                for net in range(len(walk.net_class)):
                    item = _category(walk, NUM_WORDS + net)
                    able[item] = able.get(item, 0) + 1
                context = (slot, before if slot > PIN_SLOT else before_kind)
            category = _category(walk, word)
            yield context, category, able
            before = category
            if slot == DEVICE_SLOT:
                before_kind = word
        walk.take(word)
