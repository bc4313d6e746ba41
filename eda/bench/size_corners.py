"""All corners and mismatch: the agent beside a search that tries design after design."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eda.agents.environments.goals_drawn import goal_metrics
from eda.agents.goal import Goal
from eda.agents.sizer import size
from eda.agents.space import DesignSpace
from eda.bench.table import Cell, Table
from eda.spice.case_parts import Target
from eda.spice.pvt import sweep_corners

if TYPE_CHECKING:
    from eda.spice.case import Case

SLACK = 0.1
"""How much easier the goal is than what its design does at its worst corner."""


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


def corner_table(case: Case, samples: int, seed: int, most: int) -> Table:
    """Return the table: the agent, and random designs that go through the corners one by one."""
    goal = corner_goal(case)
    found = size(case, goal, 60, seed, corners=True, monte_carlo=samples, cache=False)
    counts = found.counts
    agent: tuple[Cell, ...] = (
        *("agent, tables", "yes" if found.met else "no", counts.online, counts.corner),
        *(counts.mismatch, counts.device, found.sigma),
    )
    nominal, corner, met = _random(case, goal, seed, most)
    rows = (
        agent,
        ("random, corner by corner", "yes" if met else "no", nominal, corner, None, 0, None),
    )
    return Table(
        f"Every corner and {samples} samples of mismatch, {case.name}: {len(case.corners)} corners",
        ("method", "found", "nominal", "corner", "mismatch", "device", "sigma"),
        rows,
        (
            "goal: what the witness of the case does at its worst corner, 10 % easier. sigma: "
            "standard deviations between the mean and the closest target. The random search stops "
            f"a design at the first corner that fails, itself at {most} designs, and draws no "
            "samples.",
        ),
    )


def _random(case: Case, goal: Goal, seed: int, most: int) -> tuple[int, int, bool]:
    """Return nominal and corner simulations of a random search, and whether it found a design."""
    space, rng = DesignSpace.of(case), np.random.default_rng(seed)
    nominal = corner = 0
    while nominal < most:
        designs = space.designs(space.snapped(rng.random((20, space.size))))
        for design, result in zip(designs, case.simulate(designs, cache=False), strict=True):
            nominal += 1
            if not goal.met(result.metrics):
                continue
            report = sweep_corners(case, design, spec=goal.spec, cache=False, workers=1)
            corner += len(report.outcomes)
            if report.ok:
                return nominal, corner, True
    return nominal, corner, False
