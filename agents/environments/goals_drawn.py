"""Drawing goals: from what random designs of a case can do, so that each can be met."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from eda.agents.goal import Goal
from eda.agents.space import Floats
from eda.spice.case_parts import Target

if TYPE_CHECKING:
    from eda.spice.case import Case

SLACK = (0.0, 0.15)
"""A target lies this part (drawn) of its value on the easy side of what a design has."""


def goal_metrics(case: Case) -> tuple[str, ...]:
    """Return the metrics that goals of a case are about: those of its levels, else all."""
    named = dict.fromkeys(name for spec in case.specs.values() for name in spec.targets)
    return tuple(name for name in case.metrics if name in named) or case.metrics


def goal_of(
    case: Case,
    names: Sequence[str],
    metrics: Floats,
    rng: np.random.Generator,
    *,
    slack: tuple[float, float] = SLACK,
) -> Goal:
    """Return a goal that a design with these metrics, [m], just meets."""
    targets = {}
    for name in names:
        value = float(metrics[case.metrics.index(name)])
        room = abs(value) * float(rng.uniform(*slack))
        easy = value - room if case.direction[name] == "min" else value + room
        targets[name] = Target(">=" if case.direction[name] == "min" else "<=", easy)
    return Goal(targets)


def is_useful(case: Case, names: Sequence[str], metrics: Floats) -> bool:
    """Return whether a design works well enough to make a goal of it.

    Its metrics exist and none is what a measure gives where the quantity does not exist.
    """
    for name in names:
        value = metrics[case.metrics.index(name)]
        undefined = case.measures[name].undefined(case.parameters(case.nominal))
        if not np.isfinite(value) or (undefined is not None and value == undefined):
            return False
        unit = case.unit(name)
        if unit in ("dB", "degree") and case.direction[name] == "min" and value < 20:
            return False
    return True
