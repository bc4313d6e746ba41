"""From a scene to probabilities: the forward pass, the softmax over candidates and "none"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eda.links.features import make_features
from eda.links.forward import forward

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.links.scene import Scene
    from eda.links.weights import Weights


def score(models: Sequence[Weights], scene: Scene) -> tuple[NDArray[np.float64], ...]:
    """Return (probability of every pair, probability of "none" for every query).

    Of several models the mean of the logits is taken, each divided by its temperature; that is
    better calibrated than the mean of the probabilities. The probabilities of a query sum to 1.
    """
    features = make_features(scene)
    pairs = np.zeros(len(scene.pair_net))
    none = np.zeros(scene.num_queries)
    for weights in models:
        pair_logits, none_logits = forward(weights, features)
        pairs += pair_logits / weights.temperature
        none += none_logits / weights.temperature
    return softmax(pairs / len(models), none / len(models), scene.pair_query)


def softmax(
    pair_logits: NDArray[np.float64],
    none_logits: NDArray[np.float64],
    pair_query: NDArray[np.int32],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turn logits into probabilities, query by query; ``pair_query`` is ascending."""
    highest = none_logits.copy()
    np.maximum.at(highest, pair_query, pair_logits)
    pairs = np.exp(pair_logits - highest[pair_query])
    none = np.exp(none_logits - highest)
    total = np.bincount(pair_query, weights=pairs, minlength=len(none)) + none
    return pairs / total[pair_query], none / total
