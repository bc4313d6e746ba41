"""Two objectives: the area that 200 simulations dominate, with a model and without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eda.agents.goal import Goal, Objective
from eda.agents.ledger import Ledger
from eda.agents.model_tables import TablesModel
from eda.agents.pareto import Problem, evolve, hypervolume, trade_offs
from eda.agents.space import DesignSpace, Floats
from eda.bench.table import Cell, Table
from eda.spice.case_parts import Target

if TYPE_CHECKING:
    from eda.spice.case import Case


def pareto_table(case: Case, budget: int, seeds: int, seed: int) -> Table:
    """Return the table of hypervolumes: power and bandwidth, with bounds on gain and margin."""
    goal = Goal({"gain_db": Target(">=", 55.0), "pm_deg": Target(">=", 50.0)})
    problem = Problem(case, goal, (Objective("power_w", "min"), Objective("ugbw_hz", "max")))
    found: dict[str, list[Floats]] = {"agent, tables": [], "NSGA-II": [], "random": []}
    for at in range(seeds):
        ledger = Ledger(case, budget=budget, cache=False)
        model = TablesModel(case)
        model.focus([*goal.targets, "power_w", "ugbw_hz"])
        found["agent, tables"].append(trade_offs(problem, model, ledger, seed + at))
        found["NSGA-II"].append(_nsga(problem, budget, seed + at))
        space, rng = DesignSpace.of(case), np.random.default_rng(seed + at)
        found["random"].append(_simulated(case, space.snapped(rng.random((budget, space.size)))))
    everything = np.concatenate([rows for runs in found.values() for rows in runs])
    values, missed = problem.values(everything)
    fine = values[missed <= 0]
    # The reference: the worst of all that meets the goal, so that every such design counts.
    reference = (fine.max(0) if len(fine) else np.zeros(2)) + 0.1
    rows: list[tuple[Cell, ...]] = []
    for name, runs in found.items():
        areas = [hypervolume(*problem.values(run), list(reference)) for run in runs]
        good = float(np.median([(problem.values(run)[1] <= 0).sum() for run in runs]))
        rows.append((name, float(np.median(areas)), min(areas), max(areas), good))
    return Table(
        f"Two objectives, {case.name}: {budget} simulations, {seeds} seeds",
        ("method", "hypervolume", "least", "most", "designs that meet"),
        tuple(rows),
        (
            "power small and unity-gain frequency large, with gain >= 55 dB and phase margin >= 50 "
            "degrees; area in steps of a fifth of a quantity, squared.",
            "qNEHVI was not run: at 200 points a step of it takes longer than the simulations.",
        ),
    )


def _nsga(problem: Problem, budget: int, seed: int) -> Floats:
    """Spend the budget on NSGA-II in ngspice."""
    space, rng = DesignSpace.of(problem.case), np.random.default_rng(seed)
    seen: list[Floats] = []

    def evaluate(points: Floats) -> tuple[Floats, Floats]:
        metrics = _simulated(problem.case, points)
        seen.append(metrics)
        return problem.values(metrics)

    population = 20
    evolve(evaluate, space, rng, population=population, generations=budget // population - 1)
    return np.concatenate(seen)


def _simulated(case: Case, points: Floats) -> Floats:
    results = case.simulate(DesignSpace.of(case).designs(points), cache=False)
    return np.array([[r.metrics.get(name, np.nan) for name in case.metrics] for r in results])
