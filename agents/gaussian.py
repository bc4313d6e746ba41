"""Gaussian processes on a unit cube, small enough to be read: one per metric, exact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from eda.agents.space import Floats

_FITTED: Final = 100
"""Most points that lengths are fitted to."""


@dataclass
class GaussianProcess:
    """Regression with a squared-exponential kernel of one length per dimension.

    The lengths and the noise are those of the largest marginal likelihood with a prior that
    prefers lengths of about the diagonal's size; with few points they stay at the prior.

    Attributes:
        amplitude: Standard deviation of the function before anything is known.
        noise: Standard deviation of what is measured.
        length: Prior of the lengths.
    """

    amplitude: float = 1.0
    noise: float = 0.05
    length: float = 1.0
    fit_from: int = 12

    def fit(self, points: Floats, values: Floats) -> GaussianProcess:
        """Learn; points [n, d], values [n]."""
        self._x, self._y = points, values
        d = points.shape[1] if points.size else 1
        self._lengths = np.full(d, self.length)
        self._scale = self.amplitude
        if len(points) >= self.fit_from:
            self._optimise()
        self._factor()
        return self

    def predict(self, points: Floats) -> tuple[Floats, Floats]:
        """Return mean and standard deviation, [n] each."""
        if not len(self._x):
            return np.zeros(len(points)), np.full(len(points), self._scale)
        cross = self._scale**2 * _kernel(points, self._x, self._lengths)
        mean = cross @ self._alpha
        half = self._root @ cross.T
        variance = self._scale**2 - (half**2).sum(0)
        return mean, np.sqrt(np.maximum(variance, 1e-10))

    def _factor(self) -> None:
        if not len(self._x):
            return
        matrix = self._scale**2 * _kernel(self._x, self._x, self._lengths)
        matrix[np.diag_indices_from(matrix)] += self.noise**2 + 1e-8 * self._scale**2
        self._root = np.linalg.inv(np.linalg.cholesky(matrix))
        self._alpha = self._root.T @ (self._root @ self._y)

    def _optimise(self) -> None:
        from scipy.optimize import minimize

        # The newest points, which lie where it matters; all of them would take too long.
        x, y = self._x[-_FITTED:], self._y[-_FITTED:]
        d = x.shape[1]
        squares = (x[:, None, :] - x[None, :, :]) ** 2
        start = np.concatenate([np.full(d, np.log(self.length)), [np.log(self.amplitude)]])

        def loss(theta: Floats) -> tuple[float, Floats]:
            inverse = np.exp(-2 * theta[:d])
            scale = np.exp(2 * theta[d])
            kernel = scale * np.exp(-0.5 * (squares @ inverse))
            matrix = kernel + (self.noise**2 + 1e-6 * scale) * np.eye(len(x))
            try:
                chol = np.linalg.cholesky(matrix)
            except np.linalg.LinAlgError:
                return 1e12, np.zeros_like(theta)
            inv = np.linalg.inv(chol)
            whole = inv.T @ inv
            alpha = whole @ y
            away = theta - start
            width = np.concatenate([np.full(d, 0.7), [1.0]])
            value = (
                0.5 * y @ alpha + np.log(np.diag(chol)).sum() + 0.5 * ((away / width) ** 2).sum()
            )
            outer = 0.5 * (whole - np.outer(alpha, alpha)) * kernel
            gradient = np.empty_like(theta)
            for at in range(d):
                gradient[at] = (outer * squares[:, :, at]).sum() * inverse[at]
            gradient[d] = 2 * outer.sum()
            return float(value), gradient + away / width**2

        found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 20})
        self._lengths = np.exp(found.x[:d])
        self._scale = float(np.exp(found.x[d]))


def _kernel(a: Floats, b: Floats, lengths: Floats) -> Floats:
    a, b = a / lengths, b / lengths
    squared = (a**2).sum(1)[:, None] + (b**2).sum(1)[None, :] - 2 * a @ b.T
    return np.asarray(np.exp(-0.5 * np.maximum(squared, 0.0)))
