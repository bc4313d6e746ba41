"""All corners and mismatch: the agent beside a screen without tables and a random search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from eda.agents.baselines.screened import Hardened, corner_by_corner, screened_search, spent
from eda.agents.environments.goals_drawn import goal_metrics
from eda.agents.goal import Goal
from eda.agents.sizer import size
from eda.bench.resume import Kept
from eda.bench.rules import wilson
from eda.bench.table import Cell, Table
from eda.spice.case_parts import Target
from eda.spice.pvt import sweep_corners

if TYPE_CHECKING:
    from eda.spice.case import Case

Log = Callable[[str], object]


class Method(Protocol):
    """From a case and a goal to a design that holds, or none."""

    def __call__(self, case: Case, goal: Goal, *, samples: int, budget: int, seed: int) -> Hardened:
        """Search until the budget is spent."""


AGENT: Final = "agent, tables"
RANDOM: Final = "random, corner by corner"

ONLINE: Final = 60
"""Most designs that the agent simulates nominally."""

SLACK: Final = 0.1
"""How much easier the goal is than what its design does at its worst corner."""

MOST: Final = 2000
"""Most simulations of the screen without tables."""

TIMES: Final = 10
"""By how much more than the agent's simulations the random search may take."""

_KINDS: Final = ("online", "corner", "mismatch", "device")


def corner_goal(case: Case) -> Goal:
    """Return a goal that the witness of the case's first level meets at every corner."""
    level = next(iter(case.specs.values()))
    worst = sweep_corners(case, dict(level.witness or case.nominal)).worst
    targets = {}
    for name in goal_metrics(case):
        value = worst[name].value
        room = SLACK * abs(value)
        large = case.direction[name] == "min"
        targets[name] = Target(">=" if large else "<=", value - room if large else value + room)
    return Goal(targets)


def corner_table(
    case: Case,
    samples: int,
    seeds: int,
    seed: int,
    *,
    log: Log = lambda _text: None,
    kept: Kept | None = None,
) -> Table:
    """Return the table: the agent, GP-BO screened as GLOVA does, random designs one by one."""
    kept = kept or Kept(None)
    goal = corner_goal(case)
    runs: dict[str, list[dict[str, Any]]] = {}
    for at in range(seed, seed + seeds):
        most = MOST
        for name, method in METHODS.items():
            log(f"every corner, {case.name}, seed {at}: {name}")
            if name == RANDOM:
                most = TIMES * runs[AGENT][-1]["total"]
            key = f"corners, {case.name}, {samples} samples, seed {at}: {name}"
            found = kept.get(key, partial(_run, method, case, goal, samples, at, most))
            runs.setdefault(name, []).append(found)
    return Table(
        f"Every corner and {samples} samples of mismatch, {case.name}: {len(case.corners)} corners",
        (
            "method",
            "found",
            "of",
            "95 %",
            "nominal",
            "corner",
            "mismatch",
            "device",
            "all",
            "sigma",
        ),
        tuple(row(name, found) for name, found in runs.items()),
        (
            "goal: what the witness of the case does at its worst corner, 10 % easier. Medians of "
            "simulations; all: without those of single transistors. sigma: standard deviations "
            "between the mean and the closest target. No method draws more samples of a design "
            f"that failed. The random search ends at {TIMES} times what the agent took with the "
            f"same seed, the screen without tables at {MOST}.",
        ),
    )


def row(name: str, runs: list[dict[str, Any]]) -> tuple[Cell, ...]:
    """Return a row: how many runs found a design, and medians of what they took."""
    met = sum(run["met"] for run in runs)
    low, high = wilson(met, len(runs))
    counts = [float(np.median([run[kind] for run in runs])) for kind in (*_KINDS, "total")]
    sigmas = [run["sigma"] for run in runs if run["met"]]
    sigma = float(np.median(sigmas)) if sigmas else None
    return (name, met, len(runs), f"{100 * low:.0f}-{100 * high:.0f}", *counts, sigma)


def _run(
    method: Method, case: Case, goal: Goal, samples: int, seed: int, budget: int
) -> dict[str, Any]:
    """Return what came of a run as it is written down."""
    found = method(case, goal, samples=samples, budget=budget, seed=seed)
    total = spent(found.counts)
    return {"met": found.met, "sigma": found.sigma, "total": total, **asdict(found.counts)}


def _agent(case: Case, goal: Goal, *, samples: int, budget: int, seed: int) -> Hardened:
    """Size with the agent, which ends by itself long before such a budget."""
    del budget
    found = size(case, goal, ONLINE, seed, corners=True, monte_carlo=samples, cache=False)
    return Hardened(found.met, found.counts, found.sigma, found.design)


METHODS: Final[dict[str, Method]] = {
    AGENT: _agent,
    "GP-BO, screened as GLOVA": screened_search,
    RANDOM: corner_by_corner,
}
