"""What an agent needs of a model of a circuit, whoever makes it: metrics with their doubt.

Three stand behind this face: a Gaussian process that knows nothing but what was simulated
(`eda.agents.model_gp`), the tables of the case's own transistors with a Gaussian process for what
they get wrong (`eda.agents.model_tables`), and a network fitted to these
(`eda.agents.model_network`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from eda.agents.goal import Goal, Scales
from eda.agents.space import Floats


@dataclass(frozen=True)
class Prediction:
    """Metrics of n points on the scales of `Scales`.

    Attributes:
        mean: [n, m]; NaN where the metric cannot exist.
        sigma: Standard deviation, [n, m].
        alive: Probability that the design works at all, [n].
    """

    mean: Floats
    sigma: Floats
    alive: Floats


class SizingModel(Protocol):
    """A model of one case's metrics over its design space."""

    name: str

    def predict(self, points: Floats, *, stages: int | None = None) -> Prediction:
        """Return what is known of points, [n, d]; of the first stages where that is cheaper."""
        ...

    def learn(self, points: Floats, values: Floats, alive: NDArray[np.bool_]) -> None:
        """Learn from simulations.

        Args:
            points: [n, d].
            values: Metrics [n, m], NaN where there is none.
            alive: Whether each could be simulated to its end, [n].
        """
        ...


def log_feasibility(
    prediction: Prediction, scales: Scales, goal: Goal, *, temper: float = 0.0
) -> Floats:
    """Return the logarithm of the probability that each point meets every target, [n].

    Args:
        prediction: Of the points.
        scales: Of the case.
        goal: The targets.
        temper: Doubt, in steps, that is added to every metric: it smooths the way to a goal.
    """
    from scipy.special import log_ndtr

    margins = scales.margins(prediction.mean, goal)
    columns = [scales.metrics.index(name) for name in goal.targets]
    sigma = prediction.sigma[:, columns] / scales.step[columns]
    doubt = np.sqrt(sigma**2 + temper**2 + 1e-8)
    ratio = np.where(np.isnan(margins), -40.0, np.clip(margins / doubt, -1e4, 40.0))
    made = log_ndtr(ratio).sum(-1) + np.log(np.clip(prediction.alive, 1e-9, 1.0))
    return np.asarray(made)


def stacked(rows: Sequence[Floats], width: int) -> Floats:
    """Return rows as a matrix, [0, width] where there is none."""
    return np.array(rows, dtype=np.float64).reshape(-1, width)
