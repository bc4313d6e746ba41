"""How good a model of a case is: errors, coverage and the telling of dead designs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.errors import InputError
from eda.surrogate.scales import is_alive, is_defined, learned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.surrogate.case_model import CaseModel
    from eda.surrogate.prediction import Prediction

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MetricScore:
    """How well one metric is predicted.

    Attributes:
        metric: Its name.
        designs: Designs that work, on which it was measured.
        r2: Explained share of the variance among them, on the learned scale (logarithms for
            powers, frequencies and times).
        median_error: Median of the error there: a ratio for logarithms, else in the unit.
        coverage: Share of them inside the 90 % interval.
        coverage_all: The same among all designs that have the metric, dead ones included.
    """

    metric: str
    designs: int
    r2: float
    median_error: float
    coverage: float
    coverage_all: float


@dataclass(frozen=True, slots=True)
class Score:
    """How good a model is on designs it was not trained on.

    Attributes:
        designs: How many there were.
        alive: How many of them work.
        auc: Chance that a design that works is called more likely to than one that does not;
            None where all do, or none.
        metrics: By metric.
    """

    designs: int
    alive: int
    auc: float | None
    metrics: tuple[MetricScore, ...]

    @property
    def coverage(self) -> float:
        """Share of all metrics of designs that work inside their 90 % intervals."""
        total = sum(item.designs for item in self.metrics)
        return sum(i.coverage * i.designs for i in self.metrics) / total if total else float("nan")

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {**asdict(self), "coverage": self.coverage}


def evaluate(model: CaseModel, designs: Floats, metrics: Floats) -> Score:
    """Return how good a model is on simulated designs.

    Args:
        model: The model.
        designs: SI, [designs, parameters].
        metrics: What ngspice gave, SI, [designs, metrics]; NaN where there is none.

    Raises:
        InputError: There are no designs, or they do not fit the case.
    """
    if not len(designs):
        raise InputError("there are no designs to evaluate the model on")
    return score(model, model.predict(designs), metrics)


def score(model: CaseModel, said: Prediction, metrics: Floats) -> Score:
    """Return how good predictions are against metrics [designs, metrics]."""
    case = model.case
    alive, there = is_alive(case, metrics), is_defined(case, metrics)
    truth, guess = learned(case, metrics), learned(case, said.value)
    slack = 1e-9 * np.abs(metrics) + 1e-300
    inside = (metrics >= said.low - slack) & (metrics <= said.high + slack)
    made = []
    for at, name in enumerate(model.metrics):
        live = alive & there[:, at]
        known = np.isfinite(metrics[:, at])
        error = guess[live, at] - truth[live, at]
        spread = float(np.var(truth[live, at])) if live.any() else 0.0
        r2 = 1.0 - float((error**2).mean()) / spread if spread > 0 else float("nan")
        made.append(
            MetricScore(
                name,
                int(live.sum()),
                r2,
                float(np.median(np.abs(error))) if live.any() else float("nan"),
                float(inside[live, at].mean()) if live.any() else float("nan"),
                float(inside[known, at].mean()) if known.any() else float("nan"),
            )
        )
    return Score(len(metrics), int(alive.sum()), area(said.alive, alive), tuple(made))


def area(chance: Floats, labels: NDArray[np.bool_]) -> float | None:
    """Return the area under the ROC curve; None where there is only one class.

    Example:
        >>> area(np.array([0.1, 0.4, 0.9]), np.array([False, False, True]))
        1.0
    """
    from scipy.stats import rankdata

    yes, no = int(labels.sum()), int((~labels).sum())
    if not yes or not no:
        return None
    ranks = rankdata(chance)
    return float((ranks[labels].sum() - yes * (yes + 1) / 2) / (yes * no))
