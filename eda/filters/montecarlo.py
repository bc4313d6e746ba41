"""Yield: how many filters of a batch keep the mask, when parts differ within their tolerance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.evaluator import Evaluator
from eda.filters.network import Topology
from eda.filters.nodal import respond
from eda.filters.spec import FilterSpec
from eda.filters.starts import rules_of

Real = NDArray[np.float64]

_CHUNK: Final = 12


@dataclass(frozen=True, slots=True)
class Yield:
    """What came of a Monte-Carlo run.

    Attributes:
        passed: Trials that keep the mask.
        trials: All trials.
        margins_db: Least margin of every trial.
        gain_low_db: Least gain over the trials at each point of the mask.
        gain_high_db: Largest.
    """

    passed: int
    trials: int
    margins_db: Real
    gain_low_db: Real
    gain_high_db: Real

    @property
    def share(self) -> float:
        """Passed over all."""
        return self.passed / self.trials

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson interval of the share, 95 %."""
        return wilson(self.passed, self.trials)


def wilson(passed: int, trials: int) -> tuple[float, float]:
    """Return the Wilson interval of a share, 95 %.

    Example:
        >>> low, high = wilson(8, 10)
        >>> round(low, 3), round(high, 3)
        (0.49, 0.943)
    """
    if not trials:
        return 0.0, 1.0
    z = 1.959963984540054
    share = passed / trials
    middle = share + z * z / (2 * trials)
    half = z * ((share * (1 - share) + z * z / (4 * trials)) / trials) ** 0.5
    scale = 1 + z * z / trials
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def tolerances(spec: FilterSpec, topology: Topology) -> Real:
    """Return the relative tolerance of every part."""
    return np.array([rule.tolerance for rule in rules_of(spec, topology)])


def monte_carlo_yield(
    evaluator: Evaluator,
    topology: Topology,
    log_values: Real,
    tolerance: Real,
    *,
    trials: int,
    seed: int,
) -> Yield:
    """Return the yield of a design, every value spread evenly within its tolerance.

    Args:
        evaluator: Mask and physics; its record is not charged, as nothing is decided here.
        topology: The circuit.
        log_values: Natural logarithms of the values.
        tolerance: Relative, of each part.
        trials: How many filters.
        seed: The same seed draws the same filters.
    """
    random = np.random.default_rng(seed)
    spread = 1 + tolerance * random.uniform(-1.0, 1.0, (trials, len(tolerance)))
    drawn = log_values + np.log(spread)
    margins = []
    points = len(evaluator.mask.frequency_hz)
    low, high = np.full(points, np.inf), np.full(points, -np.inf)
    for at in range(0, trials, _CHUNK):
        response = respond(
            topology, drawn[at : at + _CHUNK], evaluator.mask.frequency_hz, evaluator.physics
        )
        gain, back = evaluator.mask.levels(response)
        margins.append(evaluator.mask.margins(gain, back).min(1))
        low, high = np.minimum(low, gain.min(0)), np.maximum(high, gain.max(0))
    found = np.concatenate(margins)
    return Yield(int((found >= 0).sum()), trials, found, low, high)
