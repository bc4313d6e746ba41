"""Calibration: the temperature of the softmax, and how far probabilities can be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from eda.links.features import make_features
from eda.links.forward import forward
from eda.links.scene import join_scenes, make_scene, right_pairs
from eda.links.score import softmax

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.links.sample import Sample
    from eda.links.weights import Weights

TEMPERATURES: Final = np.geomspace(0.5, 3.0, 41)
_PINS_AT_ONCE: Final = 8_000


def fit_temperature(
    weights: Weights, samples: Sequence[Sample], *, queries: int = 24, seed: int = 0
) -> float:
    """Return the temperature under which the right answers of P1 are most likely.

    Args:
        weights: A model; its own temperature is not used.
        samples: Circuits it was not trained on.
        queries: Pins asked of each circuit at most.
        seed: Which pins.
    """
    logits = [_logits(weights, sample, queries, seed) for sample in samples]
    likelihood = [
        sum(_log_likelihood(item, float(temperature)) for item in logits)
        for temperature in TEMPERATURES
    ]
    return float(TEMPERATURES[int(np.argmax(likelihood))])


_Logits = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int32], NDArray[np.bool_]]


def _logits(weights: Weights, sample: Sample, queries: int, seed: int) -> _Logits:
    asked = sample.queries()
    rng = np.random.default_rng((seed, len(asked)))
    if len(asked) > queries:
        asked = np.sort(rng.choice(asked, queries, replace=False))
    if not len(asked):
        nothing = np.zeros(0)
        return nothing, nothing, np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.bool_)
    scenes = [make_scene(sample, asked[at : at + 1]) for at in range(len(asked))]
    right = np.concatenate([right_pairs(scene, sample) for scene in scenes])
    together = join_scenes(scenes)
    pair, none = forward(weights, make_features(together))
    return pair.astype(np.float64), none.astype(np.float64), together.pair_query, right


def _log_likelihood(item: _Logits, temperature: float) -> float:
    pair, none, query, right = item
    probability, _ = softmax(pair / temperature, none / temperature, query)
    return float(np.log(probability[right] + 1e-30).sum())


def reliability(
    confidence: NDArray[np.float64], correct: NDArray[np.bool_], *, bins: int = 10
) -> tuple[list[tuple[float, float, int]], float]:
    """Return (mean confidence, share right, count) per bin, and the expected calibration error.

    Args:
        confidence: Probability of the first answer to each query.
        correct: Whether that answer was right.
        bins: Number of bins of equal width between 0 and 1.
    """
    place = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    rows = []
    error = 0.0
    for number in range(bins):
        here = place == number
        count = int(here.sum())
        if not count:
            continue
        said, was = float(confidence[here].mean()), float(correct[here].mean())
        rows.append((said, was, count))
        error += abs(said - was) * count / len(confidence)
    return rows, error
