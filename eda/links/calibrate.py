"""Fits what makes probabilities believable, and measures how far they can be believed.

Two steps: a temperature for each model, under which the right answers are most likely; then, for
the models that answer together, the numbers of `eda.links.calibration`, under which "the first
answer is right" is told best. The likelihood alone is led by the few answers that are far off and
leaves the others too timid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from eda.links.calibration import FILE, PLAIN, Calibration, disagreement, set_key
from eda.links.features import make_features
from eda.links.forward import forward
from eda.links.partial import partner_questions
from eda.links.scene import join_scenes, make_scene, right_pairs
from eda.links.score import softmax, tempered

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eda.links.sample import Sample
    from eda.links.weights import Weights

TEMPERATURES: Final = np.geomspace(0.5, 3.0, 41)
SHIFTS: Final = np.round(np.arange(-4.0, 2.01, 0.1), 2)
"""What may be added to the logits of "none"."""
MISSING: Final = 0.2
"""So many pins whose partner is taken out are asked, beside those that are asked of a circuit."""
RIDGE: Final = 1e-3
_PINS_AT_ONCE: Final = 8_000

Questions = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int32], NDArray[np.bool_]]
"""Logits of pairs [models, pairs] and of "none" [models, queries]; query and truth of pairs."""


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
    logits = [
        ask([weights], sample, chosen)
        for sample in samples
        if len(chosen := _choose(sample.queries(), queries, seed))
    ]
    own = weights.temperature
    likelihood = [
        sum(_log_likelihood(item, float(temperature) / own) for item in logits)
        for temperature in TEMPERATURES
    ]
    return float(TEMPERATURES[int(np.argmax(likelihood))])


def fit_calibration(
    models: Sequence[Weights], samples: Sequence[Sample], *, queries: int = 24, seed: int = 0
) -> Calibration:
    """Return the calibration of models that answer together.

    Asked are pins as in P1, pins that are alone on their net, and, a fifth as many, pins whose
    partner is taken out; both belong on none. First the logit of "none" is shifted to make the
    truth likeliest; then, without the lost partners, what is made likely is whether the first
    answer is right, by the logistic loss with a small ridge.

    Args:
        models: Trained models, with their temperatures.
        samples: Circuits none of them was trained on.
        queries: Pins asked of each circuit at most.
        seed: Which pins.
    """
    from scipy.optimize import minimize

    asked, lost = [], []
    for sample in samples:
        chosen = _choose(answerable(sample), queries, seed)
        if len(chosen):
            asked.append(ask(models, sample, chosen))
        missing = partner_questions(sample)
        some = _choose(np.arange(len(missing)), max(1, round(MISSING * len(chosen))), seed)
        lost += [ask(models, missing[at][0], np.array([missing[at][1]])) for at in some.tolist()]
    if not asked:
        return PLAIN
    pairs, none, query, right = _join(asked + lost)
    shift = _fit_shift(pairs.mean(axis=0), none.mean(axis=0), query, right)
    pairs, none, query, right = _join(asked)
    none = none + shift
    count = np.bincount(query, minlength=none.shape[1])
    apart = disagreement(pairs, none, query)
    table = np.stack((np.ones(len(count)), np.log(np.maximum(count, 1)), apart), axis=1)
    if not apart.any():
        table = table[:, :2]
    pairs, none = pairs.mean(axis=0), none.mean(axis=0)
    first, correct = _first_answers(pairs, none, query, right)

    def loss(numbers: NDArray[np.float64]) -> float:
        sharp = np.exp(table @ numbers)
        probability, alone = softmax(pairs * sharp[query], none * sharp, query)
        said = np.where(first < 0, alone, probability[np.maximum(first, 0)])
        said = np.clip(said, 1e-6, 1 - 1e-6)
        likely = np.where(correct, np.log(said), np.log(1 - said)).mean()
        return float(-likely + RIDGE * (numbers**2).sum())

    found = minimize(loss, np.zeros(table.shape[1]), method="L-BFGS-B").x
    fitted = dict(zip(("constant", "candidates", "disagreement"), found.tolist(), strict=False))
    return Calibration(**{key: round(value, 5) for key, value in fitted.items()}, none=shift)


def _fit_shift(
    pairs: NDArray[np.float64],
    none: NDArray[np.float64],
    query: NDArray[np.int32],
    right: NDArray[np.bool_],
) -> float:
    """Return what to add to the logits of "none" for the truth to be likeliest."""
    belongs = np.zeros(len(none), dtype=np.bool_)
    belongs[query[right]] = True

    def likelihood(shift: float) -> float:
        probability, alone = softmax(pairs, none + shift, query)
        truth = np.bincount(query, weights=probability * right, minlength=len(none))
        return float(np.log(np.where(belongs, truth, alone) + 1e-12).mean())

    return float(SHIFTS[int(np.argmax([likelihood(float(shift)) for shift in SHIFTS]))])


def fit_folder(
    folder: Path, samples: Sequence[Sample], *, about: str, seed: int = 0
) -> dict[str, Calibration]:
    """Fit the weights in a folder, together and each alone, and write ``calibration.json``.

    Args:
        folder: Of ``*.safetensors``; the checkpoint of a training is passed over.
        samples: Circuits none of the models was trained on.
        about: What these circuits are, for the file.
        seed: Which pins are asked.

    Returns:
        The calibrations, by the digests of their weights.

    Raises:
        WeightsError: There are no weights in the folder, or they are damaged.
    """
    from eda.links.calibration import save_calibrations
    from eda.links.weights import weights_in

    (folder / FILE).unlink(missing_ok=True)
    models = weights_in(folder)
    sets = [[model] for model in models] + ([models] if len(models) > 1 else [])
    fitted = {
        set_key(model.digest for model in one): fit_calibration(one, samples, seed=seed)
        for one in sets
    }
    save_calibrations(folder / FILE, fitted, about)
    return fitted


def answerable(sample: Sample) -> NDArray[np.int64]:
    """Return the pins that can be asked: as in P1, and those alone on a net that is no port."""
    alone = (sample.net_degree[sample.edge_net] == 1) & ~sample.net_is_port[sample.edge_net]
    return np.union1d(sample.queries(), np.flatnonzero(alone & ~sample.is_bulk))


def ask(models: Sequence[Weights], sample: Sample, pins: NDArray[np.integer]) -> Questions:
    """Ask for pins of a circuit, each hidden by itself.

    Returns:
        Logits of pairs [models, pairs] and of "none" [models, queries], each model at its
        temperature; the query of each pair, and whether the pair is right.
    """
    step = max(1, _PINS_AT_ONCE // max(1, len(sample.edge_net)))
    parts = []
    for start in range(0, len(pins), step):
        scenes = [make_scene(sample, pins[at : at + 1]) for at in range(start, len(pins))[:step]]
        right = np.concatenate([right_pairs(scene, sample) for scene in scenes])
        together = join_scenes(scenes)
        features = make_features(together)
        logits = [forward(weights, features) for weights in models]
        pairs, none = tempered(models, logits)
        parts.append((pairs, none, together.pair_query, right))
    return _join(parts)


def first_answers(
    models: Sequence[Weights], sample: Sample, pins: NDArray[np.integer]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the probability of the first answer to each pin, and whether it is right."""
    from eda.links.weights import calibration_of

    pairs, none, query, right = ask(models, sample, pins)
    calibration = calibration_of(models)
    none = none + calibration.none
    count = np.bincount(query, minlength=none.shape[1])
    sharp = calibration.sharpness(count, disagreement(pairs, none, query))
    pairs, none = pairs.mean(axis=0), none.mean(axis=0)
    probability, alone = softmax(pairs * sharp[query], none * sharp, query)
    first, correct = _first_answers(pairs, none, query, right)
    return np.where(first < 0, alone, probability[np.maximum(first, 0)]), correct


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


def _choose(pins: NDArray[np.int64], queries: int, seed: int) -> NDArray[np.int64]:
    if len(pins) <= queries:
        return pins
    rng = np.random.default_rng((seed, len(pins)))
    return np.sort(rng.choice(pins, queries, replace=False))


def _join(parts: Sequence[Questions]) -> Questions:
    queries = np.array([part[1].shape[1] for part in parts])
    shift = np.cumsum(queries) - queries
    return (
        np.concatenate([part[0] for part in parts], axis=1),
        np.concatenate([part[1] for part in parts], axis=1),
        np.concatenate([part[2] + by for part, by in zip(parts, shift, strict=True)]),
        np.concatenate([part[3] for part in parts]),
    )


def _first_answers(
    pairs: NDArray[np.float64],
    none: NDArray[np.float64],
    query: NDArray[np.integer],
    right: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the first answer to each query (a pair, or -1 for "none"), and whether it is right."""
    from eda.links.calibration import firsts

    first = firsts(pairs, none, query)
    has_net = np.zeros(len(none), dtype=np.bool_)
    has_net[query[right]] = True
    correct = np.where(first < 0, ~has_net, right[np.maximum(first, 0)])
    return first, correct


def _log_likelihood(item: Questions, temperature: float) -> float:
    pairs, none, query, right = item
    probability, _ = softmax(pairs[0] / temperature, none[0] / temperature, query)
    return float(np.log(probability[right] + 1e-30).sum())
