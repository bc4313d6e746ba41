"""Equilibrium of charges on intervals, by Chebyshev series: what the limits of theory rest on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

_TERMS: Final = 28


class Charges:
    """Charges on intervals of a line that repel by ``-log|a - b|``.

    On each interval the density is a Chebyshev series over the root that every equilibrium has
    at its ends; the logarithm of such a density is known in closed form on its own interval.
    """

    def __init__(self, intervals: Sequence[tuple[float, float]]) -> None:
        """Take the intervals, disjoint."""
        self.intervals = tuple(intervals)
        angles = (np.arange(_TERMS) + 0.5) * np.pi / _TERMS
        self._unit = np.cos(angles)
        self._shape = np.cos(np.outer(np.arange(_TERMS), angles))  # terms x points
        self.points = np.concatenate(
            [(a + b) / 2 + (b - a) / 2 * self._unit for a, b in self.intervals]
        )

    def matrix(self) -> Real:
        """Return the potential at every point by every coefficient, points x coefficients."""
        blocks = []
        for at, (a, b) in enumerate(self.intervals):
            block = self.potential(self.points, at)
            own = slice(at * _TERMS, (at + 1) * _TERMS)
            # On its own interval: -log of T_k over the root is pi/k T_k; pi log 2 for k = 0.
            k = np.arange(1, _TERMS)
            block[own, 0] = np.pi * (np.log(2) - np.log((b - a) / 2))
            block[own, 1:] = (np.pi / k) * self._shape[1:].T
            blocks.append(block)
        return np.concatenate(blocks, axis=1)

    def potential(self, where: Real, at: int) -> Real:
        """Return the potential away from interval ``at`` by each of its coefficients."""
        a, b = self.intervals[at]
        source = (a + b) / 2 + (b - a) / 2 * self._unit
        distance = np.abs(where[:, None] - source[None])
        kernel = -np.log(np.where(distance == 0, 1.0, distance))
        made: Real = kernel @ self._shape.T * (np.pi / _TERMS)
        return made

    def total(self, at: int) -> Real:
        """Return the charge on an interval by every coefficient of all."""
        made = np.zeros(len(self.points))
        made[at * _TERMS] = np.pi
        return made

    @property
    def terms(self) -> int:
        """Coefficients of each interval."""
        return _TERMS
