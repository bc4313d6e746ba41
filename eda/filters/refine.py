"""Refinement: the largest least margin, by a sequence of linear programs.

A mask is a minimax problem: the worst of some hundred points decides. Its solution is a vertex,
where as many points are equally bad as there are values; linear programs on exact derivatives walk
there in some ten steps, where descent on a smoothed sum takes hundreds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.evaluator import Evaluator, Shape
from eda.filters.mask import RETURN_LOSS_WEIGHT

Real = NDArray[np.float64]

_FIRST_STEP: Final = 0.2
_LARGEST_STEP: Final = 0.6
_SMALLEST_STEP: Final = 2e-3
_ENOUGH: Final = 2e-3
"""A step that promises less than this many dB is not made."""

_FENCE_DB: Final = 100.0
"""What a unit beyond a fence costs: more than any step can gain there."""

Fence = Callable[[Real], tuple[Real, Real]]
"""Returns distances that must not be negative, and their slopes, rows x values."""


@dataclass(frozen=True, slots=True)
class Refined:
    """Where a refinement ended.

    Attributes:
        log_values: Natural logarithms of the values.
        margin_db: The least margin there, less the allowance for spread.
        steps: How many linear programs were solved.
    """

    log_values: Real
    margin_db: float
    steps: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """Margin set aside for the spread of the values.

    Attributes:
        tolerance: Relative spread of each value.
        factor: How many standard deviations (``worst`` False) or tolerances (True).
        worst: Whether all values are taken to err in the worst direction at once.
    """

    tolerance: Real
    factor: float
    worst: bool = False

    def of(self, slopes: Real) -> Real:
        """Return the allowance in dB at each point; slopes are parts x points."""
        if self.worst:
            return self.factor * np.asarray(np.abs(slopes).T @ self.tolerance)
        # Evenly spread values have a variance of a third of the square of their bound.
        return self.factor * np.sqrt((slopes**2).T @ (self.tolerance**2 / 3))


def refine(
    evaluator: Evaluator,
    topology: Shape,
    start: Real,
    low: Real,
    high: Real,
    *,
    steps: int = 25,
    free: NDArray[np.bool_] | None = None,
    enough_db: float = np.inf,
    allowance: Allowance | None = None,
    first_step: float = _FIRST_STEP,
    valid: Callable[[Real], bool] | None = None,
    tables: Any = None,
    fence: Fence | None = None,
) -> Refined:
    """Return a design of the largest least margin near a start.

    Args:
        evaluator: What evaluates, and keeps count.
        topology: The circuit.
        start: Natural logarithms of its values, as many as parts.
        low: Smallest logarithm of each.
        high: Largest.
        steps: Most linear programs.
        free: Which values may move; None for all.
        enough_db: Where to stop.
        allowance: Margin set aside for the spread of the values; the least margin after it is
            what grows.
        first_step: Largest change of a logarithm in the first step.
        valid: Whether a design may be gone to: an active one has to be stable, which its
            response does not show.
        tables: Measured parts, as for `respond`.
        fence: Distances that must not be negative, as those of a layout inside its footprint; what
            is beyond counts as lost margin.
    """
    moving = np.flatnonzero(np.ones(len(start), bool) if free is None else free)
    x = np.clip(start, low, high)
    state = evaluator.linearised(topology, x, tables=tables)
    rows = _rows(evaluator, state, allowance)
    walls = fence(x) if fence is not None else None
    margin = rows[0].min() - _beyond(walls)
    radius, done = first_step, 0
    while done < steps and margin < enough_db and len(moving):
        done += 1
        step, promised = _best_step(
            evaluator,
            state,
            rows,
            moving,
            low[moving] - x[moving],
            high[moving] - x[moving],
            radius,
            walls,
        )
        if promised - margin < _ENOUGH:
            break
        tried = x.copy()
        tried[moving] = np.clip(x[moving] + step, low[moving], high[moving])
        if valid is not None and not valid(tried):
            radius = 0.4 * min(radius, float(np.abs(step).max()) + 1e-9)
            if radius < _SMALLEST_STEP:
                break
            continue
        fresh = evaluator.linearised(topology, tried, tables=tables)
        found = _rows(evaluator, fresh, allowance)
        beside = fence(tried) if fence is not None else None
        reached = found[0].min() - _beyond(beside)
        gained = reached - margin
        share = gained / (promised - margin)
        if gained > 0:
            x, state, rows, walls, margin = tried, fresh, found, beside, reached
        if share > 0.7:
            radius = min(2 * radius, _LARGEST_STEP)
        elif share < 0.3:
            radius = 0.4 * min(radius, float(np.abs(step).max()) + 1e-9)
        if radius < _SMALLEST_STEP or (gained > 0 and gained < _ENOUGH):
            break
    return Refined(x, float(margin), done)


def _beyond(walls: tuple[Real, Real] | None) -> float:
    """Return what it costs to be beyond the farthest fence, in dB."""
    return 0.0 if walls is None else _FENCE_DB * max(0.0, -float(walls[0].min()))


def mask_rows(evaluator: Evaluator, state: tuple[Real, Real, Real, Real]) -> tuple[Real, Real]:
    """Return the margin of every row and its slopes, rows x parts, ripple rows included.

    A ripple row has the slope of its highest point less that of its lowest.
    """
    margins, slopes = _rows(evaluator, state, None)
    gain, _, d_gain, _ = state
    extra = []
    for points, _most in evaluator.mask.rippled:
        inside = gain[points]
        top, bottom = points[int(inside.argmax())], points[int(inside.argmin())]
        extra.append(d_gain[:, bottom] - d_gain[:, top])
    return margins, np.vstack([slopes, *extra]) if extra else slopes


def _rows(
    evaluator: Evaluator, state: tuple[Real, Real, Real, Real], allowance: Allowance | None
) -> tuple[Real, Real]:
    """Return the margin of every row and its slopes, rows x parts; ripple rows have no slopes."""
    mask = evaluator.mask
    gain, back, d_gain, d_back = state
    margins = mask.margins(gain[None], back[None])[0]
    slopes = np.concatenate(
        [
            d_gain[:, mask.passed],
            RETURN_LOSS_WEIGHT * d_back[:, mask.matched],
            -d_gain[:, mask.stopped],
        ],
        axis=1,
    )
    if allowance is not None:
        plain = margins[: slopes.shape[1]]
        plain -= allowance.of(slopes)
        for at, (points, most) in enumerate(mask.rippled):
            inside = gain[points]
            top, bottom = points[int(inside.argmax())], points[int(inside.argmin())]
            spread = allowance.of((d_gain[:, top] - d_gain[:, bottom])[:, None])[0]
            margins[slopes.shape[1] + at] = most - float(np.ptp(inside)) - spread
    return margins, np.nan_to_num(slopes.T, nan=0.0, posinf=0.0, neginf=0.0)


def _best_step(
    evaluator: Evaluator,
    state: tuple[Real, Real, Real, Real],
    rows: tuple[Real, Real],
    moving: NDArray[np.int64],
    low: Real,
    high: Real,
    radius: float,
    walls: tuple[Real, Real] | None,
) -> tuple[Real, float]:
    """Return the step with the largest least margin of the linear model, and that margin.

    What is beyond a fence after the step is taken off.
    """
    from scipy.optimize import linprog

    margins, slopes = rows
    plain = len(slopes)
    slopes = slopes[:, moving]
    ripples = evaluator.mask.rippled
    count = len(moving)
    # Rows that no step within the radius can make the worst are left out.
    reach = radius * np.abs(slopes).sum(1)
    ceiling = float((margins[:plain] + reach).min())
    if ripples or walls is not None:
        ceiling = max(ceiling, float(margins.min()) + 30.0)
    near = margins[:plain] - reach <= ceiling
    width = count + 1 + len(ripples) + (walls is not None)
    blocks, bounds = [], []
    kept = slopes[near]
    block = np.zeros((len(kept), width))
    block[:, :count] = -kept
    block[:, count] = 1.0
    blocks.append(block)
    bounds.append(margins[:plain][near])
    gain, _, d_gain, _ = state
    for at, (points, most) in enumerate(ripples):
        inside, d_inside = gain[points], d_gain[moving][:, points].T
        spare = most - np.ptp(inside) - margins[plain + at]
        under = np.zeros((len(points), width))
        under[:, :count] = d_inside
        under[:, count + 1 + at] = -1.0
        over = np.zeros((len(points), width))
        over[:, :count] = -d_inside
        over[:, count] = over[:, count + 1 + at] = 1.0
        blocks += [under, over]
        bounds += [-inside, inside + most - spare]
    aim = np.zeros(width)
    aim[count] = -1.0
    if walls is not None:
        distance, leaning = walls[0], walls[1][:, moving]
        close = distance - radius * np.abs(leaning).sum(1) < 0
        block = np.zeros((int(close.sum()), width))
        block[:, :count] = -leaning[close]
        block[:, -1] = -1.0
        blocks.append(block)
        bounds.append(distance[close])
        aim[-1] = _FENCE_DB
    box = [
        (max(-radius, a), min(radius, b)) if a <= b else (0.0, 0.0)
        for a, b in zip(np.minimum(low, 0.0), np.maximum(high, 0.0), strict=True)
    ]
    solved = linprog(
        aim,
        A_ub=np.concatenate(blocks),
        b_ub=np.concatenate(bounds),
        bounds=box + [(None, None)] * (1 + len(ripples)) + [(0.0, None)] * (walls is not None),
        method="highs",
    )
    if solved.x is None:
        return np.zeros(count), float(margins.min())
    beyond = 0.0 if walls is None else _FENCE_DB * float(solved.x[-1])
    return np.asarray(solved.x[:count]), float(solved.x[count]) - beyond
