"""A Gaussian process on blocks of features, with its answer to leaving one out.

The covariance is a sum: a Matern kernel with a length for every feature on each block, a linear
kernel on what is already a good guess, and noise. Lengths, sizes and noise maximise the posterior
on a part of the data; all of the data then decide the answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FIT_POINTS: Final = 256
"""Most points that the lengths are fitted on."""
MOST_POINTS: Final = 2000
"""Most points that an answer is made from."""
ITERATIONS: Final = 45
MOST_STRANGE: Final = 0.2
NO_FAITH: Final = 1e10
STRANGE: Final = 4.0
"""A point this many standard deviations beside the others is believed less."""
JITTER: Final = 1e-8
_ROOT5: Final = 5.0**0.5


@dataclass(frozen=True, eq=False)
class Process:
    """A fitted process.

    Attributes:
        blocks: Centre and length of every feature of a block, block by block.
        sizes: Variances of the blocks, of the linear kernel, of the constant, and the noise.
        points: The training features, scaled, block by block.
        guesses: The training guesses, scaled, [points, guesses].
        guess_scale: Centre and size of the guesses, [2, guesses].
        noise: Variance of each training point, [points].
        target: The training values, scaled, [points].
        weights: K^-1 y, [points].
        root: Lower Cholesky factor of K.
        centre: Median of y.
        scale: Spread of y.
        left_out: Error of each training point, in standard deviations, when it is left out.
        left_out_errors: The same errors in the unit of y.
        fresh: Which training points the lengths were not fitted on, [points].
    """

    blocks: tuple[tuple[Floats, Floats], ...]
    sizes: Floats
    points: tuple[Floats, ...]
    guesses: Floats
    guess_scale: Floats
    noise: Floats
    target: Floats
    weights: Floats
    root: Floats
    centre: float
    scale: float
    left_out: Floats
    left_out_errors: Floats
    fresh: NDArray[np.bool_]

    def predict(self, blocks: Sequence[Floats], guesses: Floats) -> tuple[Floats, Floats]:
        """Return mean and standard deviation [points] at features and guesses."""
        from scipy.linalg import solve_triangular

        means, spreads = [], []
        for at in range(0, len(guesses), 2048):
            part = [block[at : at + 2048] for block in blocks]
            scaled = self._scaled(part)
            guess = self._guess(guesses[at : at + 2048])
            cross = self._covariance(scaled, guess, self.points, self.guesses)
            own = self.sizes[: len(blocks)].sum() + self.sizes[-2]
            own = own + self.sizes[-3] * (guess**2).sum(axis=1)
            half = solve_triangular(self.root, cross.T, lower=True, check_finite=False)
            left = own + self.sizes[-1] - (half**2).sum(axis=0)
            means.append(cross @ self.weights)
            spreads.append(np.sqrt(np.maximum(left, 0.5 * self.sizes[-1])))
        return (
            self.centre + self.scale * np.concatenate(means),
            self.scale * np.concatenate(spreads),
        )

    def draw(
        self, blocks: Sequence[Floats], guesses: Floats, count: int, rng: np.random.Generator
    ) -> Floats:
        """Return functions drawn from the process at points [count, points], jointly."""
        from scipy.linalg import cholesky, solve_triangular

        scaled, guess = self._scaled(blocks), self._guess(guesses)
        cross = self._covariance(scaled, guess, self.points, self.guesses)
        own = self._covariance(scaled, guess, scaled, guess)
        half = solve_triangular(self.root, cross.T, lower=True, check_finite=False)
        left = own - half.T @ half
        left[np.diag_indices_from(left)] += JITTER + self.sizes[-1]
        try:
            root = cholesky(left, lower=True, check_finite=False)
        except np.linalg.LinAlgError:
            root = np.diag(np.sqrt(np.maximum(np.diag(left), JITTER)))
        noise = rng.standard_normal((count, len(guess)))
        return np.asarray(self.centre + self.scale * (cross @ self.weights + noise @ root.T))

    def _scaled(self, blocks: Sequence[Floats]) -> list[Floats]:
        return [
            _inside((block - centre) / length, points)
            for block, (centre, length), points in zip(
                blocks, self.blocks, self.points, strict=True
            )
        ]

    def _guess(self, guesses: Floats) -> Floats:
        return _inside((guesses - self.guess_scale[0]) / self.guess_scale[1], self.guesses)

    def _covariance(
        self, one: Sequence[Floats], guess: Floats, two: Sequence[Floats], other: Floats
    ) -> Floats:
        made = self.sizes[-3] * (guess @ other.T) + self.sizes[-2]
        for size, a, b in zip(self.sizes, one, two, strict=False):
            made += size * _matern(_distance(a, b))[0]
        return np.asarray(made)


def fit_process(
    blocks: Sequence[Floats], guesses: Floats, y: Floats, *, seed: int = 0, labels: bool = False
) -> Process:
    """Return the process that explains y [points] best.

    Args:
        blocks: Features [points, features], block by block.
        guesses: What y is roughly a linear function of, [points, guesses].
        y: The values.
        seed: Of which points the lengths are fitted on.
        labels: Whether y is labels: then what is rare is believed all the same.
    """
    rng = np.random.default_rng(seed)
    # Of a robust size, so that one wild value does not make all others look alike; but values of
    # which most are equal, as labels are, have no such size.
    centre, scale = float(y.mean()), float(y.std()) or 1.0
    robust = 1.4826 * float(np.median(np.abs(y - np.median(y))))
    if 0.05 * scale < robust < scale:
        centre, scale = float(np.median(y)), robust
    if len(y) > MOST_POINTS:
        keep = rng.permutation(len(y))[:MOST_POINTS]
        blocks, guesses, y = [block[keep] for block in blocks], guesses[keep], y[keep]
    target = (y - centre) / scale
    middles = [block.mean(axis=0) for block in blocks]
    spreads = [_spread(block) for block in blocks]
    whole = [(b - m) / s for b, m, s in zip(blocks, middles, spreads, strict=True)]
    guess_scale = np.array([guesses.mean(axis=0), _spread(guesses)])
    guess = (guesses - guess_scale[0]) / guess_scale[1]
    part = rng.permutation(len(y))[:FIT_POINTS]
    theta = _fitted([block[part] for block in whole], guess[part], target[part])

    def made(rows: NDArray[np.int64], doubt: Floats) -> Process:
        lengths, sizes = _unpacked(theta, [block.shape[1] for block in whole])
        return assemble(
            blocks=tuple((m, s * n) for m, s, n in zip(middles, spreads, lengths, strict=True)),
            sizes=sizes,
            points=tuple(b[rows] / length for b, length in zip(whole, lengths, strict=True)),
            guesses=guess[rows],
            guess_scale=guess_scale,
            noise=sizes[-1] * doubt + JITTER,
            target=target[rows],
            centre=centre,
            scale=scale,
        )

    # A point far beside what the others say is not believed, and the lengths are fitted anew.
    doubt = np.ones(len(y))
    strange = np.abs(made(part, np.ones(len(part))).left_out) > STRANGE
    if not labels and 0.0 < strange.mean() <= MOST_STRANGE:
        calm = part[~strange]
        doubt[part[strange]] = NO_FAITH
        theta = _fitted([block[calm] for block in whole], guess[calm], target[calm])
    everything = np.arange(len(y))
    found = made(everything, doubt)
    strange = (np.abs(found.left_out) > STRANGE) & (doubt == 1.0)
    if not labels and 0.0 < strange.mean() <= MOST_STRANGE:
        doubt[strange] = np.minimum(found.left_out[strange] ** 2, NO_FAITH)
        found = made(everything, doubt)
    fresh = np.ones(len(y), dtype=bool)
    fresh[part] = False
    return replace(found, fresh=fresh)


def assemble(
    *,
    blocks: tuple[tuple[Floats, Floats], ...],
    sizes: Floats,
    points: tuple[Floats, ...],
    guesses: Floats,
    guess_scale: Floats,
    noise: Floats,
    target: Floats,
    centre: float,
    scale: float,
) -> Process:
    """Return the process of given lengths and sizes; the arguments are those of `Process`."""
    from scipy.linalg import cho_solve, cholesky, lapack

    matrix = sizes[-3] * (guesses @ guesses.T) + sizes[-2]
    for size, item in zip(sizes, points, strict=False):
        matrix += size * _matern(_distance(item, item))[0]
    matrix[np.diag_indices_from(matrix)] += noise
    root = cholesky(matrix, lower=True, check_finite=False)
    weights = cho_solve((root, True), target, check_finite=False)
    half, _ = lapack.dtrtri(root, lower=1)
    diagonal = (half**2).sum(axis=0)
    # What a new point there would be told, which nobody has reason to doubt.
    left = np.sqrt(np.maximum(1.0 / diagonal - noise + sizes[-1] + JITTER, JITTER))
    return Process(
        blocks,
        sizes,
        points,
        guesses,
        guess_scale,
        noise,
        target,
        weights,
        root,
        centre,
        scale,
        weights / diagonal / left,
        scale * weights / diagonal,
        np.zeros(len(target), dtype=bool),
    )


def _inside(features: Floats, points: Floats) -> Floats:
    """Return features no further out than a tenth of the range of the training points.

    A first answer that went astray must not be followed to where nothing was learned.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    slack = 0.1 * (high - low)
    return np.asarray(np.clip(features, low - slack, high + slack))


def _spread(features: Floats) -> Floats:
    """Return the scale of features; of one that never varied nothing is known, so it is dropped."""
    found = features.std(axis=0)
    return np.asarray(np.where(found > 1e-6, found, 1e9))


def _distance(one: Floats, two: Floats) -> Floats:
    squared = (one**2).sum(axis=1)[:, None] + (two**2).sum(axis=1)[None] - 2 * one @ two.T
    return np.asarray(np.sqrt(np.maximum(squared, 0.0)))


def _matern(distance: Floats) -> tuple[Floats, Floats]:
    """Return the Matern 5/2 kernel, and its part of the derivative by the lengths."""
    far = _ROOT5 * distance
    fall = np.exp(-far)
    return (1 + far + far**2 / 3) * fall, (5 / 3) * (1 + far) * fall


def _unpacked(theta: Floats, widths: Sequence[int]) -> tuple[list[Floats], Floats]:
    lengths, at = [], 0
    for width in widths:
        lengths.append(np.exp(theta[at : at + width]))
        at += width
    return lengths, np.exp(theta[at:])


def _fitted(blocks: Sequence[Floats], guess: Floats, y: Floats) -> Floats:
    """Return logarithms of lengths and sizes that maximise the posterior."""
    from scipy.optimize import minimize

    widths = [block.shape[1] for block in blocks]
    prior = np.concatenate([np.full(width, 0.5 * np.log(width + 1.0) + 0.5) for width in widths])
    count = len(blocks)
    begin = np.concatenate(
        [prior, np.full(count, np.log(0.3)), [np.log(1.0)], [np.log(0.5)], [np.log(0.02)]]
    )
    middle = np.concatenate(
        [prior, np.full(count, np.log(0.3)), [np.log(1.0)], [np.log(0.5)], [np.log(0.005)]]
    )
    width = np.concatenate([np.full(len(prior), 1.0), np.full(count, 2.0), [2.0, 2.0, 2.0]])
    bounds = [(-2.0, 6.0)] * len(prior) + [(-12.0, 5.0)] * (count + 2) + [(-14.0, 1.0)]

    def loss(theta: Floats) -> tuple[float, Floats]:
        value, slope = _evidence(theta, widths, blocks, guess, y)
        away = (theta - middle) / width
        return value + 0.5 * float(away @ away), slope + away / width

    limits = {"maxiter": ITERATIONS}
    found: Any = minimize(loss, begin, jac=True, bounds=bounds, method="L-BFGS-B", options=limits)
    return np.asarray(found.x)


def _evidence(
    theta: Floats, widths: Sequence[int], blocks: Sequence[Floats], guess: Floats, y: Floats
) -> tuple[float, Floats]:
    """Return minus the log marginal likelihood and its gradient."""
    from scipy.linalg import LinAlgError, cholesky, lapack

    lengths, sizes = _unpacked(theta, widths)
    linear = guess @ guess.T
    matrix = sizes[-3] * linear + sizes[-2]
    parts = []
    for size, block, length in zip(sizes, blocks, lengths, strict=False):
        scaled = block / length
        kernel, slope = _matern(_distance(scaled, scaled))
        matrix += size * kernel
        parts.append((scaled, kernel, slope))
    matrix[np.diag_indices_from(matrix)] += sizes[-1] + JITTER
    try:
        root = cholesky(matrix, lower=True, check_finite=False)
    except LinAlgError:
        return 1e25, np.zeros_like(theta)
    inverse, _ = lapack.dpotri(root, lower=1)
    inverse = np.tril(inverse) + np.tril(inverse, -1).T
    weights = inverse @ y
    value = 0.5 * y @ weights + np.log(np.diag(root)).sum()
    # dL/dK, of which every derivative is a sum over K's elements.
    pull = 0.5 * (inverse - np.outer(weights, weights))
    gradient = []
    for size, (scaled, _, slope) in zip(sizes, parts, strict=False):
        pulled = pull * slope * size
        rows = pulled.sum(axis=1)
        gradient.append(2 * (rows @ scaled**2 - (scaled * (pulled @ scaled)).sum(axis=0)))
    tail = [
        size * (pull * kernel).sum() for size, (_, kernel, _) in zip(sizes, parts, strict=False)
    ]
    tail += [sizes[-3] * (pull * linear).sum(), sizes[-2] * pull.sum(), sizes[-1] * np.trace(pull)]
    return float(value), np.concatenate([*gradient, np.array(tail)])
