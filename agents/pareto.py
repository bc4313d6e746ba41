"""Two metrics at once: the best trade-offs among designs that meet a goal.

`evolve` is NSGA-II, small enough to be read. With ngspice behind it it is a baseline; with a model
behind it it finds the designs that `trade_offs` then simulates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eda.agents.goal import Goal, Objective, Scales
from eda.agents.ledger import Ledger
from eda.agents.model import log_feasibility
from eda.agents.space import DesignSpace, Floats

if TYPE_CHECKING:
    from eda.agents.model import SizingModel
    from eda.spice.case import Case

Evaluate = Callable[[Floats], tuple[Floats, Floats]]
"""From points [n, d] to objectives to be made small [n, 2] and how far each misses the goal [n]."""


@dataclass(frozen=True)
class Problem:
    """Two objectives under a goal."""

    case: Case
    goal: Goal
    objectives: tuple[Objective, Objective]

    def values(self, metrics: Floats) -> tuple[Floats, Floats]:
        """Return objectives on their scales, small is good, and misses, of metrics [n, m]."""
        scales = Scales.of(self.case)
        scaled = scales.scaled(metrics)
        columns = [self.case.metrics.index(item.metric) for item in self.objectives]
        signs = np.array([1.0 if item.sense == "min" else -1.0 for item in self.objectives])
        wanted = signs * scaled[:, columns] / scales.step[columns]
        margins = np.nan_to_num(self.margins(metrics), nan=-10.0)
        missed = np.clip(-margins, 0.0, 10.0).sum(1) + 100.0 * np.isnan(wanted).any(1)
        return np.nan_to_num(wanted, nan=1e6), missed

    def margins(self, metrics: Floats) -> Floats:
        """Return by how many steps metrics [n, m] meet each target of the goal, [n, targets]."""
        scales = Scales.of(self.case)
        return scales.margins(scales.scaled(metrics), self.goal)


def evolve(
    evaluate: Evaluate,
    space: DesignSpace,
    rng: np.random.Generator,
    *,
    population: int,
    generations: int,
    starts: Floats | None = None,
) -> Floats:
    """Return the last population of NSGA-II, the best first."""
    points = space.snapped(space.spread(population, rng))
    if starts is not None:
        points[: len(starts)] = starts[:population]
    values, missed = evaluate(points)
    for _ in range(generations):
        order = _ranked(values, missed)
        parents = points[order]
        ahead = np.minimum(*rng.integers(population, size=(2, population)))
        other = np.minimum(*rng.integers(population, size=(2, population)))
        mixed = rng.uniform(-0.25, 1.25, size=points.shape)
        children = mixed * parents[ahead] + (1 - mixed) * parents[other]
        changed = rng.random(points.shape) < 1.5 / space.size
        children += changed * rng.normal(0.0, 0.12, size=points.shape)
        children = space.snapped(np.clip(children, 0.0, 1.0))
        more, more_missed = evaluate(children)
        points = np.concatenate([points, children])
        values, missed = np.concatenate([values, more]), np.concatenate([missed, more_missed])
        kept = _ranked(values, missed)[:population]
        points, values, missed = points[kept], values[kept], missed[kept]
    return np.asarray(points[_ranked(values, missed)])


def trade_offs(
    problem: Problem, model: SizingModel, ledger: Ledger, seed: int, *, rounds: int = 4
) -> Floats:
    """Simulate the designs that a model thinks the best trade-offs; return their metrics, [n, m].

    Args:
        problem: What is wanted.
        model: What leads; it learns after every round.
        ledger: Simulates; its budget is spent.
        seed: Where chance comes from.
        rounds: How often the model is asked.
    """
    case = problem.case
    space, scales = DesignSpace.of(case), Scales.of(case)
    rng = np.random.default_rng(seed)
    names = case.metrics
    found: list[list[float]] = []
    points: list[Floats] = []
    each = -(-ledger.budget // rounds)

    def expected(asked: Floats) -> tuple[Floats, Floats]:
        prediction = model.predict(asked)
        values, missed = problem.values(scales.values(prediction.mean))
        sure = np.exp(log_feasibility(prediction, scales, problem.goal))
        return values, missed + np.clip(0.5 - sure, 0.0, 0.5)

    for _ in range(rounds):
        starts = np.array(points[-16:]) if points else None
        front = evolve(expected, space, rng, population=64, generations=15, starts=starts)
        fresh = [p for p in front if not any(np.abs(p - q).max() < 1e-3 for q in points)]
        while len(fresh) < each:  # what is left goes to neighbours of the front
            near = front[rng.integers(24)] + rng.normal(0.0, 0.03, size=space.size)
            fresh.append(space.snapped(np.clip(near, 0.0, 1.0)[None])[0])
        for trial in ledger.nominal(space.designs(np.array(fresh[:each]))):
            points.append(space.point(trial.design))
            found.append([trial.result.metrics.get(name, np.nan) for name in names])
        alive = np.array([t.result.ok for t in ledger.trials])
        model.learn(np.array(points), np.array(found), alive)
    return np.array(found)


def hypervolume(values: Floats, missed: Floats, reference: Sequence[float]) -> float:
    """Return the area that designs which miss nothing dominate, up to a reference point."""
    kept = values[(missed <= 0) & (values < np.array(reference)).all(1)]
    area, low = 0.0, float(reference[1])
    for x, y in kept[np.lexsort((kept[:, 1], kept[:, 0]))]:
        if y < low:
            area += (float(reference[0]) - float(x)) * (low - float(y))
            low = float(y)
    return area


def _ranked(values: Floats, missed: Floats) -> NDArray[Any]:
    """Return the order of NSGA-II: what misses less first, then fronts, then lonely ones."""
    n = len(values)
    better = (values[:, None] <= values[None]).all(-1) & (values[:, None] < values[None]).any(-1)
    fine = missed <= 0
    better &= fine[:, None] & fine[None]
    rank = np.full(n, n, dtype=np.int64)
    left = fine.copy()
    level = 0
    while left.any():
        first = left & ~(better & left[:, None]).any(0)
        rank[first], left = level, left & ~first
        level += 1
    crowd = np.zeros(n)
    for front in np.unique(rank):
        rows = np.flatnonzero(rank == front)
        for column in range(values.shape[1]):
            order = rows[np.argsort(values[rows, column])]
            span = max(float(np.ptp(values[rows, column])), 1e-12)
            crowd[order[[0, -1]]] = np.inf
            crowd[order[1:-1]] += (values[order[2:], column] - values[order[:-2], column]) / span
    return np.lexsort((-crowd, rank, np.where(fine, 0.0, missed)))
