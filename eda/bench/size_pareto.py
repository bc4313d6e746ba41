"""Two objectives: the area that 200 simulations dominate, with a model and without."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.agents.baselines.qnehvi import qnehvi
from eda.agents.goal import Goal, Objective
from eda.agents.ledger import Ledger
from eda.agents.model_tables import TablesModel
from eda.agents.pareto import Problem, evolve, hypervolume, trade_offs
from eda.agents.space import DesignSpace, Floats
from eda.bench.resume import Kept
from eda.bench.size_goals import offline_designs
from eda.bench.table import Cell, Table
from eda.errors import ToolNotFoundError
from eda.spice.case_parts import Target

if TYPE_CHECKING:
    from eda.spice.case import Case

Log = Callable[[str], object]
Method = Callable[[Problem, int, int, list[float]], Floats]
"""From problem, budget, seed and reference point to the metrics of every design it simulated."""

REFERENCE_FROM: Final = 250
"""Random designs, of no method, of which the reference point is the worst that meets the goal."""


def pareto_table(
    case: Case,
    budget: int,
    seeds: int,
    seed: int,
    *,
    log: Log = lambda _text: None,
    kept: Kept | None = None,
) -> Table:
    """Return the table of hypervolumes: power and bandwidth, with bounds on gain and margin."""
    kept = kept or Kept(None)
    goal = Goal({"gain_db": Target(">=", 55.0), "pm_deg": Target(">=", 50.0)})
    problem = Problem(case, goal, (Objective("power_w", "min"), Objective("ugbw_hz", "max")))
    reference = reference_point(problem, seed)
    notes = [
        "power small and unity-gain frequency large, with gain >= 55 dB and phase margin >= 50 "
        "degrees; area in steps of a fifth of a quantity, squared, up to a reference point that is "
        f"the same for all: the worst of {REFERENCE_FROM} other random designs that meet the "
        "bounds."
    ]
    rows: list[tuple[Cell, ...]] = []
    for name, method in METHODS.items():
        log(f"two objectives, {case.name}: {name}")
        runs = []
        try:
            for at in range(seed, seed + seeds):
                key = f"two objectives, {case.name}, {budget} simulations, seed {at}: {name}"
                made = kept.get(key, partial(_listed, method, problem, budget, at, reference))
                runs.append(np.array(made))
        except ToolNotFoundError as missing:
            notes.append(f"no row: {missing}")
            continue
        areas = [hypervolume(*problem.values(run), reference) for run in runs]
        good = float(np.median([(problem.values(run)[1] <= 0).sum() for run in runs]))
        rows.append((name, float(np.median(areas)), min(areas), max(areas), good))
    return Table(
        f"Two objectives, {case.name}: {budget} simulations, {seeds} seeds",
        ("method", "hypervolume", "least", "most", "designs that meet"),
        tuple(rows),
        tuple(notes),
    )


def _listed(
    method: Method, problem: Problem, budget: int, seed: int, reference: list[float]
) -> list[list[float]]:
    """Return the metrics of a run as they are written down."""
    made: list[list[float]] = method(problem, budget, seed, reference).tolist()
    return made


def reference_point(problem: Problem, seed: int) -> list[float]:
    """Return the worst value of each objective among random designs that meet the goal."""
    names = problem.case.metrics
    stored = offline_designs(problem.case, REFERENCE_FROM, seed)
    metrics = np.array([[found.get(name, np.nan) for name in names] for _, found in stored])
    values, missed = problem.values(metrics)
    fine = values[missed <= 0]
    return [float(value) for value in (fine.max(0) if len(fine) else np.zeros(2)) + 0.1]


def _agent(problem: Problem, budget: int, seed: int, _reference: list[float]) -> Floats:
    """Spend the budget on what the tables think the best trade-offs."""
    ledger = Ledger(problem.case, budget=budget, cache=False)
    model = TablesModel(problem.case)
    model.focus([*problem.goal.targets, *(item.metric for item in problem.objectives)])
    return trade_offs(problem, model, ledger, seed)


def _qnehvi(problem: Problem, budget: int, seed: int, reference: list[float]) -> Floats:
    """Spend the budget on qNEHVI."""
    return qnehvi(problem, Ledger(problem.case, budget=budget, cache=False), seed, reference)


def _random(problem: Problem, budget: int, seed: int, _reference: list[float]) -> Floats:
    """Spend the budget at random."""
    space, rng = DesignSpace.of(problem.case), np.random.default_rng(seed)
    return _simulated(problem.case, space.snapped(rng.random((budget, space.size))))


def _nsga(problem: Problem, budget: int, seed: int, _reference: list[float]) -> Floats:
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


METHODS: Final[dict[str, Method]] = {
    "agent, tables": _agent,
    "qNEHVI": _qnehvi,
    "NSGA-II": _nsga,
    "random": _random,
}
