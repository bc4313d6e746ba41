"""What a sizing run answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eda.agents.goal import Goal
from eda.agents.ledger import Counts, Trial, counted
from eda.agents.space import Floats

if TYPE_CHECKING:
    from eda.spice.case import Case
    from eda.spice.case_parts import Corner
    from eda.spice.case_run import CaseResult
    from eda.spice.montecarlo import MonteCarloReport
    from eda.spice.simulation import SimulationResult


@dataclass(frozen=True)
class Miss:
    """A target that a design misses.

    Attributes:
        metric: Its name.
        value: What the design has; None where it has no value.
        target: The bound.
        op: ``>=`` or ``<=``.
        short_by: How far it is from the bound, in the metric's unit; None without a value.
    """

    metric: str
    value: float | None
    target: float
    op: str
    short_by: float | None


@dataclass(frozen=True)
class SizingResult:
    """The best design a run found, what it is worth, and what finding it took.

    Attributes:
        case: The case.
        goal: What was asked for.
        met: Whether the design meets every target, at the nominal corner and wherever else was
            asked; confirmed by ngspice from a fresh deck.
        design: Every design parameter, in SI, inside its range.
        metrics: The design's metrics, by name.
        missed: What it misses, if anything.
        counts: How many simulations it took.
        trials: Every design that was simulated, in order.
        model: Which model led the way.
        likely_infeasible: Whether the model sees no design that meets the goal; None where it met.
        corners: Results at corners, where those were asked for.
        samples: The Monte-Carlo report, where one was asked for.
        sigma: Smallest distance of a target from the mean of the samples, in standard deviations.
        seconds: Wall-clock time.
        folder: The run's folder, if any.
        interrupted: Whether it was stopped by hand.
        seed: The seed.
        checked: The simulation that confirmed the design, with its waveforms.
        expected: Metrics that the model expects of the designs it last thought best, [k, m].
    """

    case: Case
    goal: Goal
    met: bool
    design: Mapping[str, float]
    metrics: Mapping[str, float]
    missed: tuple[Miss, ...]
    counts: Counts
    trials: tuple[Trial, ...]
    model: str
    likely_infeasible: bool | None = None
    corners: Mapping[Corner, CaseResult] = field(default_factory=dict)
    samples: MonteCarloReport | None = None
    sigma: float | None = None
    seconds: float = 0.0
    folder: Path | None = None
    interrupted: bool = False
    seed: int = 0
    checked: SimulationResult | None = field(default=None, repr=False)
    expected: Floats | None = field(default=None, repr=False, compare=False)

    @property
    def online_simulations(self) -> int:
        """Designs simulated at the nominal corner, the final check included."""
        return self.counts.online

    @property
    def failing_corner(self) -> Corner | None:
        """The first corner that misses the goal."""
        return next(
            (corner for corner, item in self.corners.items() if not self.goal.met(item.metrics)),
            None,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        samples = self.samples
        return {
            "case": self.case.name,
            "met": self.met,
            **counted(self.counts),
            "design": dict(self.design),
            "metrics": dict(self.metrics),
            "targets": {
                name: {"op": target.op, "value": target.value}
                for name, target in self.goal.targets.items()
            },
            "missed": [
                {
                    "metric": item.metric,
                    "value": item.value,
                    "op": item.op,
                    "target": item.target,
                    "short_by": item.short_by,
                    "unit": self.case.unit(item.metric),
                }
                for item in self.missed
            ],
            "likely_infeasible": self.likely_infeasible,
            "corners": [
                {
                    "process": corner.process,
                    "temperature_c": corner.temperature_c,
                    "supply_v": corner.supply_v,
                    "status": item.status.value,
                    "met": self.goal.met(item.metrics),
                    "missed": list(self.goal.spec.missed(item.metrics)),
                    "metrics": dict(item.metrics),
                }
                for corner, item in self.corners.items()
            ],
            "monte_carlo": None
            if samples is None
            else {
                "samples": len(samples.samples),
                "passes": samples.passes,
                "yield": samples.estimate,
                "interval": list(samples.interval),
                "sigma": self.sigma,
            },
            "model": self.model,
            "seed": self.seed,
            "seconds": round(self.seconds, 2),
            "interrupted": self.interrupted,
            "run": None if self.folder is None else str(self.folder),
        }


def misses(case: Case, goal: Goal, metrics: Mapping[str, float]) -> tuple[Miss, ...]:
    """Return what a design misses, and by how much."""
    made = []
    for name in goal.spec.missed(metrics):
        target, value = goal.targets[name], metrics.get(name)
        short = None if value is None else abs(value - target.value)
        made.append(Miss(name, value, target.value, target.op, short))
    del case
    return tuple(made)
