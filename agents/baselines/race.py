"""One run of a baseline: a goal, a budget, a count; it ends when a design meets the goal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.agents.goal import Goal, Scales, shortfall
from eda.agents.ledger import Ledger
from eda.agents.space import DesignSpace, Floats

if TYPE_CHECKING:
    from eda.spice.case import Case

Offline = Sequence[tuple[Mapping[str, float], Mapping[str, float]]]

BASELINES: Final[dict[str, str]] = {
    "random": "eda.agents.baselines.plain:random_search",
    "CMA-ES": "eda.agents.baselines.evolution:cma_es",
    "Sobol + local search": "eda.agents.baselines.plain:sobol_local",
    "nearest stored + local search": "eda.agents.baselines.plain:nearest_local",
    "GP-BO": "eda.agents.baselines.bayes:gp_bo",
    "SCBO": "eda.agents.baselines.bayes:scbo",
}
"""Each baseline and the function that runs it; SCBO needs the extra ``bo``."""


class Over(Exception):  # ends a search from within
    """The goal is met, or the budget is spent."""


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    Attributes:
        met: Whether a design meets the goal.
        online: How many designs were simulated, the check included.
        offline: How many stored designs it learned from.
        design: The best design.
        shortfall: How far that is from the goal, in steps.
    """

    met: bool
    online: int
    offline: int
    design: Mapping[str, float]
    shortfall: float


@dataclass
class Race:
    """What a baseline gets: a function to call, and chance."""

    case: Case
    goal: Goal
    ledger: Ledger
    rng: np.random.Generator
    offline: Offline = ()
    best: tuple[float, Mapping[str, float]] = (float("inf"), {})
    points: list[Floats] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    met: bool = False

    def __post_init__(self) -> None:
        """Prepare spaces."""
        self.space, self.scales = DesignSpace.of(self.case), Scales.of(self.case)

    def __call__(self, point: Floats) -> float:
        """Simulate a point; return how far it is from the goal.

        Raises:
            Over: It meets the goal, or the budget is spent.
        """
        if self.ledger.left <= 1:
            raise Over
        trial = self.ledger.nominal([self.space.design(point)])[0]
        gap = shortfall(self.case, self.goal, trial.result.metrics)
        self.points.append(self.space.point(trial.design))
        self.gaps.append(gap)
        if gap < self.best[0]:
            self.best = (gap, trial.design)
        if self.goal.met(trial.result.metrics):
            self.met = self.goal.met(self.ledger.check(trial.design).metrics)
            raise Over
        return gap


def run_baseline(
    name: str,
    case: Case,
    goal: Goal,
    *,
    budget: int,
    seed: int,
    offline: Offline = (),
    cache: bool = False,
) -> Outcome:
    """Run a baseline.

    Args:
        name: One of `BASELINES`.
        case: The case.
        goal: What is to be met.
        budget: Most online simulations.
        seed: Where chance comes from.
        offline: Designs that were simulated before.
        cache: Whether the user's cache is used.
    """
    module, _, function = BASELINES[name].partition(":")
    run: Callable[[Race], None] = getattr(import_module(module), function)
    ledger = Ledger(case, None, budget, cache=cache)
    race = Race(case, goal, ledger, np.random.default_rng(seed), offline)
    with suppress(Over):
        run(race)
    return Outcome(race.met, ledger.counts.online, len(offline), race.best[1], race.best[0])
