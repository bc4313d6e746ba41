"""What a sizing run is asked for: targets on metrics, and perhaps something to be best at."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from eda.agents.space import Floats
from eda.errors import SpecError
from eda.spice import case_fields as read
from eda.spice.case_fields import Place
from eda.spice.case_parts import Spec, Target, read_spec

if TYPE_CHECKING:
    from eda.spice.case import Case

Sense = Literal["min", "max"]

_STRAIGHT: Final = frozenset(("dB", "degree", "1", "fraction", "fraction of the step"))
"""Units of metrics that are compared as they are; others in their logarithm."""

_SCALES: Final = {"dB": 3.0, "degree": 5.0}
"""What counts as one step of a straight metric."""

FLOOR: Final = 1e-30

_HOPELESS: Final = 8.0
"""By how many steps a design misses a target that is not worth simulating further."""


@dataclass(frozen=True, slots=True)
class Objective:
    """A metric to be best at, among designs that meet the targets."""

    metric: str
    sense: Sense


@dataclass(frozen=True)
class Goal:
    """Targets by metric, and an objective or none.

    Attributes:
        targets: By metric.
        objective: What to be best at, if anything.
        name: The level or the file it came from, for people.
    """

    targets: Mapping[str, Target]
    objective: Objective | None = None
    name: str = ""

    @property
    def spec(self) -> Spec:
        """The targets as a target set of the case."""
        return Spec(dict(self.targets))

    def met(self, metrics: Mapping[str, float]) -> bool:
        """Return whether every target is met; a metric that is not there meets none."""
        return self.spec.met(metrics)

    def loosened(self, case: Case) -> Spec:
        """Return targets that only a hopeless design misses, to stop its simulation early."""
        scales, made = Scales.of(case), {}
        for name, target in self.targets.items():
            at = scales.metrics.index(name)
            row = np.full(len(scales.metrics), np.nan)
            row[at] = target.value
            easy = scales.scaled(row) - _HOPELESS * scales.sign * scales.step
            value = float(scales.values(easy)[at])
            if math.isfinite(value):
                made[name] = Target(target.op, value)
        return Spec(made)


def read_goal(case: Case, which: str | os.PathLike[str] | Mapping[str, Any] | Goal | Spec) -> Goal:
    """Return a goal for a case.

    Args:
        case: The case.
        which: A level of its ``specs``, a JSON file with ``targets`` and perhaps ``objective``,
            the object of such a file, or a goal.

    Raises:
        SpecError: It is none of these, or does not fit the case; the message names the field.

    Example:
        >>> from eda.spice import example_case
        >>> goal = read_goal(example_case(), {"targets": {"gain_db": {"op": ">=", "value": 60}}})
        >>> goal.met({"gain_db": 61.0}), goal.met({})
        (True, False)
    """
    if isinstance(which, Goal):
        return which
    if isinstance(which, Spec):
        return Goal(which.targets)
    if isinstance(which, Mapping):
        return _goal(dict(which), case, Place("spec"), "")
    if isinstance(which, str) and which in case.specs:
        return Goal(case.specs[which].targets, name=which)
    path = Path(which)
    if not path.is_file():
        levels = ", ".join(case.specs) or "none"
        raise SpecError(
            f"{path} is neither a level of {case.name} (it has {levels}) nor a file with targets"
        )
    return _goal(read.read_json(path), case, Place(str(path)), path.name)


def _goal(given: Any, case: Case, place: Place, name: str) -> Goal:
    # Further fields are passed over, as in case.json: a level may have a witness, a history.
    item = read.an_object(given, place)
    spec = read_spec({"targets": read.field(item, "targets", place)}, case.direction, place)
    if "objective" not in item:
        return Goal(spec.targets, name=name)
    here = place / "objective"
    raw = read.an_object(item["objective"], here)
    metric = read.a_text(read.field(raw, "metric", here), here / "metric")
    if metric not in case.direction:
        (here / "metric").refuse(f"is {metric!r}, no metric; there are {', '.join(case.direction)}")
    word = read.a_choice(read.field(raw, "sense", here), ("min", "max"), here / "sense")
    return Goal(spec.targets, Objective(metric, "min" if word == "min" else "max"), name)


@dataclass(frozen=True)
class Scales:
    """Metrics on scales where errors are alike: logarithms of quantities, dB and degrees as is.

    Attributes:
        metrics: Names, in the order of the case.
        logarithmic: Which are taken in their logarithm, [m].
        step: What counts as one on each scale, [m].
        sign: +1 where large is good, -1 where small is, [m].
    """

    metrics: tuple[str, ...]
    logarithmic: np.ndarray[Any, np.dtype[np.bool_]]
    step: Floats
    sign: Floats
    least: Floats = field(repr=False)

    @classmethod
    def of(cls, case: Case) -> Scales:
        """Return the scales of a case."""
        units = [case.unit(name) for name in case.metrics]
        straight = [unit in _STRAIGHT or unit.startswith("fraction") for unit in units]
        step = [
            _SCALES.get(unit, 0.1) if flat else 0.2
            for unit, flat in zip(units, straight, strict=True)
        ]
        sign = [1.0 if case.direction[name] == "min" else -1.0 for name in case.metrics]
        # Offsets lie at any distance below what matters: their logarithm has a floor.
        least = [1e-5 if case.measures[n].kind == "dc_offset" else FLOOR for n in case.metrics]
        return cls(
            case.metrics, ~np.array(straight), np.array(step), np.array(sign), np.array(least)
        )

    def scaled(self, values: Floats) -> Floats:
        """Return metrics [..., m] on their scales; NaN where a logarithm has none."""
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(np.maximum(values, self.least))
        # Where small is good nothing is better than zero; where large is good, zero is no value.
        none = (values <= 0) & (self.least <= FLOOR) & (self.sign > 0)
        logs = np.where(none | np.isnan(values), np.nan, logs)
        return np.where(self.logarithmic, logs, values)

    def values(self, scaled: Floats) -> Floats:
        """Return metrics from their scales."""
        return np.where(self.logarithmic, np.exp(np.clip(scaled, -700, 700)), scaled)

    def margins(self, scaled: Floats, goal: Goal) -> Floats:
        """Return by how many steps each target is met, [..., targets]; negative where missed."""
        columns = [self.metrics.index(name) for name in goal.targets]
        bounds = np.full(len(self.metrics), np.nan)
        for name, target in goal.targets.items():
            bounds[self.metrics.index(name)] = target.value
        edges = self.scaled(bounds)
        # A bound of zero or less on a logarithmic scale: whatever is there is on one side of it.
        edges = np.where(np.isnan(edges) & ~np.isnan(bounds), np.log(FLOOR), edges)
        made = self.sign * (scaled - edges) / self.step
        return np.asarray(made[..., columns])


def shortfall(case: Case, goal: Goal, metrics: Mapping[str, float]) -> float:
    """Return how far a design is from a goal: the sum of what its targets are missed by, in steps.

    A target counts ten at most, and ten where its metric is not there; 0 means that it is met.
    """
    scales = Scales.of(case)
    row = np.array([metrics.get(name, math.nan) for name in case.metrics])
    margins = scales.margins(scales.scaled(row), goal)
    missed = np.where(np.isnan(margins), 10.0, np.clip(-margins, 0.0, 10.0))
    # A value on the bound but for rounding is decided by the bound itself.
    exact = [target.met_by(metrics.get(n, math.nan)) for n, target in goal.targets.items()]
    return float(np.where(exact, 0.0, np.maximum(missed, 1e-6)).sum())


def worst_target(case: Case, goal: Goal, metrics: Mapping[str, float]) -> str:
    """Return the metric that a design misses most, or nothing."""
    missed = goal.spec.missed(metrics)
    if not missed:
        return ""
    return max(
        missed,
        key=lambda n: shortfall(case, Goal({n: goal.targets[n]}), metrics),
    )
