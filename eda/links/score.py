"""From a scene to probabilities: the forward pass, the softmax over candidates and "none"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eda.links.calibration import PLAIN, disagreement
from eda.links.features import make_features
from eda.links.forward import forward
from eda.links.weights import calibration_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.links.scene import Scene
    from eda.links.weights import Weights


def score(models: Sequence[Weights], scene: Scene) -> tuple[NDArray[np.float64], ...]:
    """Return (probability of every pair, probability of "none" for every query).

    Of several models the mean of the logits is taken, each divided by its temperature; that is
    better calibrated than the mean of the probabilities. The calibration of the models together
    then sharpens or flattens each question. The probabilities of a query sum to 1.
    """
    features = make_features(scene)
    return probabilities(models, [forward(weights, features) for weights in models], scene)


def probabilities(
    models: Sequence[Weights],
    logits: Sequence[tuple[NDArray[np.floating], NDArray[np.floating]]],
    scene: Scene,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what `score` does, given the logits (of pairs, of "none") of each model."""
    pairs, none = tempered(models, logits)
    calibration = calibration_of(models)
    if calibration == PLAIN:
        return softmax(pairs.mean(axis=0), none.mean(axis=0), scene.pair_query)
    none = none + calibration.none
    count = np.bincount(scene.pair_query, minlength=scene.num_queries)
    sharp = calibration.sharpness(count, disagreement(pairs, none, scene.pair_query))
    return softmax(
        pairs.mean(axis=0) * sharp[scene.pair_query], none.mean(axis=0) * sharp, scene.pair_query
    )


def tempered(
    models: Sequence[Weights],
    logits: Sequence[tuple[NDArray[np.floating], NDArray[np.floating]]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the logits [models, pairs] and [models, queries], each model at its temperature."""
    return (
        np.stack([pair / own.temperature for own, (pair, _) in zip(models, logits, strict=True)]),
        np.stack([none / own.temperature for own, (_, none) in zip(models, logits, strict=True)]),
    )


def softmax(
    pair_logits: NDArray[np.float64],
    none_logits: NDArray[np.float64],
    pair_query: NDArray[np.int32],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turn logits into probabilities, query by query; ``pair_query`` is ascending."""
    highest = none_logits.copy()
    starts = np.flatnonzero(np.diff(pair_query, prepend=-1))
    if len(starts):
        asked = pair_query[starts]
        highest[asked] = np.maximum(highest[asked], np.maximum.reduceat(pair_logits, starts))
    pairs = np.exp(pair_logits - highest[pair_query])
    none = np.exp(none_logits - highest)
    total = np.bincount(pair_query, weights=pairs, minlength=len(none)) + none
    return pairs / total[pair_query], none / total
