"""Who makes circuits in ``eda bench generate``: the model, and two that have learned nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.topology.edits import edited
from eda.topology.generated import request_of
from eda.topology.sample import Request, sample
from eda.topology.types import TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.datasets.topologies import TopologyRecord
    from eda.topology.circuit import Topology
    from eda.topology.weights import Weights

MODEL: Final = "model"
CHANCE: Final = "chance over the grammar"
EDITS: Final = "random edits of known circuits"
MAKERS: Final = (MODEL, CHANCE, EDITS)


@dataclass(frozen=True, slots=True)
class Made:
    """Circuits of one type and seed.

    Attributes:
        maker: One of ``MAKERS``.
        type: What was asked for.
        seed: Of the draws.
        circuits: All that were begun.
        cpu_s: Processor time they took.
    """

    maker: str
    type: str
    seed: int
    circuits: tuple[Topology, ...]
    cpu_s: float


def make(
    maker: str,
    circuit_type: str,
    count: int,
    seed: int,
    weights: Weights,
    training: Sequence[TopologyRecord],
) -> Made:
    """Return circuits of a maker; every one that is begun is among them."""
    begun = time.process_time()
    made: list[Topology]
    if maker == MODEL:
        made = sample(
            [request_of(circuit_type, seed, number, weights, {}) for number in range(count)],
            weights,
        )
    elif maker == CHANCE:
        # As large as the circuits that were learned from, so that size decides nothing.
        sizes = [len(item.topology) for item in training if item.topology.type == circuit_type]
        rng = np.random.default_rng((seed, TYPES[circuit_type].number))
        made = sample(
            [
                Request(
                    circuit_type,
                    (seed, number, TYPES[circuit_type].number),
                    budget=max(int(rng.choice(sizes)) if sizes else 15, 3),
                )
                for number in range(count)
            ],
            None,
        )
    else:
        own = [item.topology for item in training if item.topology.type == circuit_type]
        rng = np.random.default_rng((seed, TYPES[circuit_type].number, 2))
        made = [
            edited(own[int(rng.integers(len(own)))], rng, edits=int(rng.integers(1, 4)))
            for _ in range(count)
        ]
    return Made(maker, circuit_type, seed, tuple(made), time.process_time() - begun)
