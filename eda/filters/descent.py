"""Descent on a smoothed minimum: where L-BFGS ends on a mask."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.evaluator import Evaluator, Shape
from eda.filters.refine import mask_rows

Real = NDArray[np.float64]

_SOFTNESS_DB: Final = (1.0, 0.1)
"""How far from the worst a point still counts: first wide, then narrow."""


def soft_loss(margins: Real, slopes: Real, softness_db: float) -> tuple[float, Real]:
    """Return the smoothed negative least margin in dB, and its gradient by the values.

    Args:
        margins: Of every row.
        slopes: Of every row by every value, rows x parts.
        softness_db: Rows within so much of the worst count.
    """
    scaled = -margins / softness_db
    top = float(scaled.max())
    weight = np.exp(scaled - top)
    total = float(weight.sum())
    gradient = -(weight / total) @ slopes
    return softness_db * (top + float(np.log(total))), gradient


def descend(
    evaluator: Evaluator,
    topology: Shape,
    start: Real,
    low: Real,
    high: Real,
    *,
    iterations: int = 60,
    free: NDArray[np.bool_] | None = None,
) -> Real:
    """Return where L-BFGS ends from a start, twice: on a wide and on a narrow minimum."""
    from scipy.optimize import minimize

    moving = np.ones(len(start), bool) if free is None else free
    x = np.clip(start, low, high)
    for softness in _SOFTNESS_DB:

        def loss(part: Real, softness: float = softness, at: Real = x) -> tuple[float, Real]:
            full = at.copy()
            full[moving] = part
            margins, slopes = mask_rows(evaluator, evaluator.linearised(topology, full))
            value, gradient = soft_loss(margins, slopes, softness)
            return value, gradient[moving]

        bounds = list(zip(low[moving], high[moving], strict=True))
        found = minimize(
            loss,
            x[moving],
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": iterations},
        )
        x = x.copy()
        x[moving] = found.x
    return x
