"""Goals for `eda bench size`, and stored designs: from random designs, simulated by ngspice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.agents.environments.goals_drawn import SLACK, goal_metrics, goal_of, is_useful
from eda.agents.goal import Goal
from eda.agents.space import DesignSpace

if TYPE_CHECKING:
    from eda.spice.case import Case

RARE: Final = 250

GOALS_FROM: Final = 7_000_000
"""Seeds of goals lie far from those of stored designs and methods."""


@dataclass(frozen=True)
class Task:
    """A goal for a case, and the seed a method gets."""

    case: Case
    goal: Goal
    seed: int

    @property
    def label(self) -> str:
        """Case, targets and seed: what tells it from other tasks."""
        targets = (f"{n} {t.op} {t.value!r}" for n, t in sorted(self.goal.targets.items()))
        return f"{self.case.name}, {', '.join(targets)}, seed {self.seed}"


def draw_goals(case: Case, count: int, seed: int, *, rare: bool = False) -> list[Goal]:
    """Return goals that random designs just meet; the designs are simulated, and forgotten.

    Args:
        case: The case.
        count: How many.
        seed: Where chance comes from.
        rare: Whether only goals count that none of `RARE` other random designs meets; targets
            are then 5 % easier at most than what the design does, else 15 %.
    """
    rng = np.random.default_rng(GOALS_FROM + seed)
    space, names = DesignSpace.of(case), goal_metrics(case)
    others = [metrics for _, metrics in offline_designs(case, RARE, seed + 99)] if rare else []
    slack = (0.0, 0.05) if rare else SLACK
    made: list[Goal] = []
    for _ in range(1000):
        designs = space.designs(space.snapped(rng.random((32, space.size))))
        for result in case.simulate(designs):
            row = np.array([result.metrics.get(name, np.nan) for name in case.metrics])
            if is_useful(case, names, row):
                goal = goal_of(case, names, row, rng, slack=slack)
                if not any(goal.met(metrics) for metrics in others):
                    made.append(goal)
            if len(made) == count:
                return made
    return made


def offline_designs(
    case: Case, count: int, seed: int
) -> list[tuple[Mapping[str, float], Mapping[str, float]]]:
    """Return random designs with their metrics, as a user has them from earlier work."""
    rng = np.random.default_rng(1_000_000 + seed)
    space = DesignSpace.of(case)
    designs = space.designs(space.snapped(rng.random((count, space.size))))
    results = case.simulate(designs)
    return [(d, dict(r.metrics)) for d, r in zip(designs, results, strict=True)]
