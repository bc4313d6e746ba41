"""The part of a model that belongs to one case: it corrects the first answer, and knows its error.

A head is a Gaussian process on the sizes and on the first answer. Which features it sees, and how
wide its intervals are, is decided by leaving data out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.surrogate.gp import Process, fit_process

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eda.surrogate.describe import Description

    Floats = NDArray[np.float64]

FOLDS: Final = 5
CHOSEN_BY: Final = 240
FOLDS_UP_TO: Final = 400
"""With more points, leaving out one each in closed form is as good as folds."""
LEAST: Final = 6
"""Fewest points that a process is fitted to."""
COVERED: Final = 0.9
NORMAL_90: Final = 1.6448536269514722
GIVE_UP_Z: Final = 50.0
GUESS_WEIGHT: Final = 10.0
GUESS_RIGHT: Final = 9.5
"""A first guess counts as if it had been right in so many of so many designs."""

CHOICES: Final = (("sizes", "answer"), ("sizes", "answer", "points"))
"""Which features a head may see; the sizes alone where there is no first answer."""
CLASSES: Final = (*CHOICES, ("sizes", "answer", "network"))
"""Which features tell whether something exists."""


@dataclass(frozen=True, eq=False)
class Head:
    """One fitted quantity.

    Attributes:
        process: Of the points there are; None where there are too few, or all are equal.
        choice: Which features it sees.
        margin: The 90 % interval, in standard deviations of the process.
        constant: The value, without a process.
        spread: Half of the 90 % interval, without a process.
    """

    process: Process | None
    choice: tuple[str, ...]
    margin: float
    constant: float = 0.0
    spread: float = 0.0

    def predict(self, about: Description) -> tuple[Floats, Floats]:
        """Return value and half of the 90 % interval, [designs]."""
        if self.process is None:
            many = len(about)
            return np.full(many, self.constant), np.full(many, self.spread)
        mean, deviation = self.process.predict(*about.features(self.choice))
        return mean, self.margin * deviation

    def draw(self, about: Description, count: int, rng: np.random.Generator) -> Floats:
        """Return draws [count, designs] as wide as the intervals."""
        if self.process is None:
            noise = rng.standard_normal((count, len(about)))
            return np.asarray(self.constant + self.spread / NORMAL_90 * noise)
        blocks, guesses = about.features(self.choice)
        mean, deviation = self.process.predict(blocks, guesses)
        wide = self.margin / NORMAL_90
        if len(about) > JOINT:
            return np.asarray(mean + wide * deviation * rng.standard_normal((count, len(about))))
        drawn = self.process.draw(blocks, guesses, count, rng)
        return np.asarray(mean + wide * (drawn - mean))


JOINT: Final = 1500
"""Most designs whose draws are joint; beyond, each design is drawn by itself."""


def fit_head(about: Description, y: Floats, *, seed: int = 0) -> Head:
    """Return the head of a quantity.

    Args:
        about: Features of the points, from `describe`.
        y: Its values, [points].
        seed: Of the folds.
    """
    if len(y) < LEAST or np.ptp(y) <= 1e-12 * max(1.0, float(np.abs(y).max())):
        middle = float(np.median(y)) if len(y) else 0.0
        spread = float(np.ptp(y)) if len(y) else math.inf
        return Head(None, (), 0.0, middle, spread)
    choices = about.choices(CHOICES)
    if len(y) > FOLDS_UP_TO:
        choice = _chosen(about, y, choices, seed)
        process = fit_process(*about.features(choice), y, seed=seed)
        # Only points that the lengths were not fitted on tell how wrong the process is.
        return Head(process, choice, margin_of(process.left_out[process.fresh]))
    found = [(*_left_out(about, y, choice, seed), choice) for choice in choices]
    _, scores, choice = min(found, key=lambda item: item[0])
    process = fit_process(*about.features(choice), y, seed=seed)
    return Head(process, choice, margin_of(scores))


def _chosen(
    about: Description, y: Floats, choices: Sequence[tuple[str, ...]], seed: int
) -> tuple[str, ...]:
    """Return the features that do best when points of a part of the data are left out."""
    part = np.random.default_rng(seed).permutation(len(y))[:CHOSEN_BY]
    some = about.take(part)
    errors = [
        float(np.minimum(process.left_out_errors**2, _cap(y)).mean())
        for process in (fit_process(*some.features(c), y[part], seed=seed) for c in choices)
    ]
    return choices[int(np.argmin(errors))]


def margin_of(scores: Floats) -> float:
    """Return the conformal margin: what covers 90 % of errors that were left out."""
    sizes = np.sort(np.minimum(np.abs(scores), GIVE_UP_Z))
    rank = math.ceil((len(sizes) + 1) * COVERED)
    return float(sizes[min(rank, len(sizes)) - 1])


def _left_out(
    about: Description, y: Floats, choice: Sequence[str], seed: int
) -> tuple[float, Floats]:
    """Return the mean squared error, and the errors in standard deviations."""
    order = np.random.default_rng(seed).permutation(len(y))
    scores, squares = np.zeros(len(y)), np.zeros(len(y))
    for fold in range(FOLDS):
        out = order[fold::FOLDS]
        kept = np.setdiff1d(order, out)
        process = fit_process(*about.take(kept).features(choice), y[kept], seed=seed)
        mean, deviation = process.predict(*about.take(out).features(choice))
        squares[out] = (y[out] - mean) ** 2
        scores[out] = (y[out] - mean) / deviation
    return float(np.minimum(squares, _cap(y)).mean()), scores


def _cap(y: Floats) -> float:
    """Return the largest squared error that counts, so that one outlier decides nothing."""
    return float(np.var(y))


@dataclass(frozen=True, eq=False)
class Classifier:
    """How likely something is, from the same features.

    Attributes:
        head: A head of -1 and 1; None where too few points differ.
        slope: Of the logit by the head's value; without a head, by the first guess.
        offset: Of the logit.
    """

    head: Head | None
    slope: float
    offset: float

    def predict(self, about: Description, guess: Floats) -> Floats:
        """Return probabilities, [designs].

        Args:
            about: The features.
            guess: A first guess from -1 to 1, which counts where there is no head.
        """
        value = guess if self.head is None else self.head.predict(about)[0]
        return _sigmoid(self.slope * value + self.offset)


def fit_classifier(
    about: Description, guess: Floats, labels: NDArray[np.bool_], *, seed: int = 0
) -> Classifier:
    """Return the classifier of labels [points].

    Args:
        about: Features of the points.
        guess: A first guess of the labels from -1 to 1, [points].
        labels: What is the case.
        seed: Of the folds.
    """
    yes, many = int(labels.sum()), len(labels)
    if min(yes, many - yes) < LEAST or many < 2 * LEAST:
        # Too few differ to learn from: the guess, with the frequencies of its two answers.
        chances = []
        for sign in (1.0, -1.0):
            here = sign * guess > 0
            hits = int(labels[here].sum()) + (
                GUESS_RIGHT if sign > 0 else GUESS_WEIGHT - GUESS_RIGHT
            )
            chances.append(hits / (int(here.sum()) + GUESS_WEIGHT))
        high, low = (math.log(chance / (1 - chance)) for chance in chances)
        return Classifier(None, (high - low) / 2, (high + low) / 2)
    y = np.where(labels, 1.0, -1.0)
    choices = about.choices(CLASSES)
    if many > FOLDS_UP_TO:
        process = fit_process(*about.features(choices[-1]), y, seed=seed, labels=True)
        truth = process.target * process.scale + process.centre
        slope, offset = _platt(truth - process.left_out_errors, truth > 0)
        return Classifier(Head(process, choices[-1], NORMAL_90), slope, offset)
    values = [_held_out_values(about, y, choice, seed) for choice in choices]
    best = int(np.argmin([((y - value) ** 2).mean() for value in values]))
    value, choice = values[best], choices[best]
    slope, offset = _platt(value, labels)
    process = fit_process(*about.features(choice), y, seed=seed, labels=True)
    return Classifier(Head(process, choice, NORMAL_90), slope, offset)


def _held_out_values(about: Description, y: Floats, choice: Sequence[str], seed: int) -> Floats:
    order = np.random.default_rng(seed).permutation(len(y))
    value = np.zeros(len(y))
    for fold in range(FOLDS):
        out = order[fold::FOLDS]
        kept = np.setdiff1d(order, out)
        process = fit_process(*about.take(kept).features(choice), y[kept], seed=seed, labels=True)
        value[out] = process.predict(*about.take(out).features(choice))[0]
    return value


def _platt(value: Floats, labels: NDArray[np.bool_]) -> tuple[float, float]:
    """Return slope and offset of the logit that make held-out values probabilities."""
    from scipy.optimize import minimize

    sign = np.where(labels, 1.0, -1.0)

    def loss(theta: Floats) -> float:
        logit = sign * (theta[0] * value + theta[1])
        # A weak pull to a moderate slope, because few points may be told apart without error.
        return float(np.logaddexp(0.0, -logit).sum() + 0.005 * (theta[0] - 4) ** 2)

    found = minimize(loss, np.array([4.0, 0.0]), method="BFGS")
    return max(float(found.x[0]), 0.1), float(found.x[1])


def _sigmoid(logit: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logit, -40.0, 40.0))))
