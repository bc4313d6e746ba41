"""Few frequencies to many: a rational function through samples, and where to sample next.

Source: Y. Nakatsukasa, O. Sete and L. N. Trefethen, "The AAA algorithm for rational
approximation", SIAM J. Sci. Comput. 40 (2018), A1494-A1522, here for several functions with common
poles. Samples are added where a fit to all of them and the fit before disagree most.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

_FITS: Final = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Rational:
    """Functions in barycentric form with common support points.

    Attributes:
        support: Where the values are met exactly, ``(points,)``.
        values: The values there, ``(points, functions)``.
        weights: ``(points,)``.
    """

    support: Real
    values: Complex
    weights: Complex

    def __call__(self, at: Real) -> Complex:
        """Return the functions, ``(len(at), functions)``."""
        distance = at[:, None] - self.support
        exact = distance == 0
        terms = self.weights / np.where(exact, 1.0, distance)
        found = (terms @ self.values) / terms.sum(1, keepdims=True)
        rows, cols = np.nonzero(exact)
        found[rows] = self.values[cols]
        return np.asarray(found)


def rational_fit(at: Real, values: Complex) -> Rational:
    """Return a rational function through samples, of the smallest degree that meets them.

    Args:
        at: Where the samples are, ``(samples,)``.
        values: ``(samples, functions)``.
    """
    chosen: list[int] = []
    fit = np.broadcast_to(values.mean(0), values.shape)
    made: Rational | None = None
    for _ in range((len(at) + 1) // 2):
        rest = np.setdiff1d(np.arange(len(at)), chosen)
        error = np.abs(values - fit).max(1)
        chosen.append(int(rest[np.argmax(error[rest])]))
        rest = np.setdiff1d(rest, chosen)
        cauchy = 1 / (at[rest, None] - at[chosen])
        difference = values[rest, None, :] - values[chosen][None]
        loewner = (cauchy[:, :, None] * difference).transpose(0, 2, 1).reshape(-1, len(chosen))
        weights = np.linalg.svd(loewner)[2][-1].conj()
        made = Rational(at[chosen], values[chosen], weights)
        fit = made(at)
        if np.abs(fit - values).max() < _FITS:
            break
    assert made is not None
    return made


def adaptive(
    sample: Callable[[float], Complex],
    low: float,
    high: float,
    *,
    tolerance: float,
    first: int = 9,
    most: int = 40,
) -> tuple[Rational, int]:
    """Return functions of frequency from as few samples as a tolerance takes.

    Args:
        sample: Computes all functions at one point, ``(functions,)``.
        low: Where the range begins.
        high: Where it ends.
        tolerance: Largest change of any function by the last samples.
        first: Samples to begin with.
        most: Samples at the most.

    Returns:
        The functions, and how many samples were taken.
    """
    # Chebyshev's points, ends included, keep a fit of low degree from swinging at the ends.
    angle = np.linspace(0.0, np.pi, first)
    at = list(low + (high - low) * (1 - np.cos(angle)) / 2)
    values = [sample(point) for point in at]
    grid = np.linspace(low, high, 1601)
    before = rational_fit(np.array(at[::2]), np.array(values[::2]))(grid)
    calm = 0
    while True:
        fit = rational_fit(np.array(at), np.array(values))
        now = fit(grid)
        change = np.abs(now - before).max(1)
        calm = calm + 1 if change.max() < tolerance else 0
        if calm == 2 or len(at) >= most:
            return fit, len(at)
        near = np.abs(grid[:, None] - np.array(at)).min(1)
        point = float(grid[np.argmax(np.where(near > 0.25 * (high - low) / 1600, change, -1.0))])
        at.append(point)
        values.append(sample(point))
        before = now
