"""A pass over a large circuit: its states are worked out once, its open pins asked in portions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from eda.links.candidates import Candidates
from eda.links.features import ask_features, circuit_features, twin_table
from eda.links.forward import decode, encode
from eda.links.scene import make_scene
from eda.links.score import probabilities

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eda.links.sample import Sample
    from eda.links.weights import Weights

ASKED_AT_ONCE: Final = 4_096
"""Pins whose candidates are weighed at once; it bounds the memory, not the answer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the model says of some of the open pins.

    Attributes:
        positions: Which of the open pins: int [queries].
        start: int [queries + 1], where the candidates of each begin.
        net: int [pairs], candidates; private nets of the open pins follow the others.
        probability: float [pairs].
        none: float [queries], probability of "none of them".
    """

    positions: NDArray[np.int64]
    start: NDArray[np.int64]
    net: NDArray[np.int64]
    probability: NDArray[np.float64]
    none: NDArray[np.float64]


def ask_in_portions(
    sample: Sample,
    pins: NDArray[np.integer],
    positions: NDArray[np.integer],
    models: Sequence[Weights],
    *,
    with_own: bool = False,
) -> Iterator[Asked]:
    """Open pins of a circuit together, and yield the answers for some of them.

    Args:
        sample: The circuit.
        pins: The pins that are open in this pass.
        positions: Which of them are asked, ascending.
        models: Whose answer is taken together.
        with_own: Whether the net that a pin is on in the sample is a candidate in any case.
            That gives the answer away where it is asked for, and is meant for audits.
    """
    finder = Candidates(sample, pins)
    nothing = np.zeros(0, dtype=np.int64)
    scene = make_scene(sample, pins, pairs=(nothing, nothing))
    features = circuit_features(scene)
    table = twin_table(scene)
    states = [encode(weights, features) for weights in models]
    for low in range(0, len(positions), ASKED_AT_ONCE):
        some = positions[low : low + ASKED_AT_ONCE].astype(np.int64)
        own = sample.edge_net[pins[some]] if with_own else None
        query, net = finder.pairs(some, also=own)
        asked = replace(
            scene,
            query_edge=scene.query_edge[some],
            pair_query=query.astype(np.int32),
            pair_net=net.astype(np.int32),
        )
        portion = ask_features(features, asked, table)
        logits = [
            decode(weights, state, portion) for weights, state in zip(models, states, strict=True)
        ]
        probability, none = probabilities(models, logits, asked)
        start = np.searchsorted(query, np.arange(len(some) + 1))
        yield Asked(some, start, net, probability, none)
