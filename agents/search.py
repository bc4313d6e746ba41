"""Where a model expects designs that meet a goal: differential evolution on its predictions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.agents.goal import Goal, Scales
from eda.agents.model import Prediction, SizingModel, log_feasibility
from eda.agents.space import DesignSpace, Floats

SURE: Final = 0.9
"""A probability of feasibility from which on an objective counts."""


Bonus = Callable[[Floats, int | None], Floats]
"""What is added to the score of points, where the first so many stages are looked at."""


@dataclass(frozen=True)
class Candidates:
    """Points that a model thinks well of, the best first.

    Attributes:
        points: [n, d].
        log_feasibility: Logarithm of the probability that each meets the goal, [n].
        score: What they were ranked by, [n].
        generations: How many generations the search took.
        mean: What the model expects of each, on the scales of `Scales`, [n, m].
    """

    points: Floats
    log_feasibility: Floats
    score: Floats
    generations: int
    mean: Floats

    def batch(self, most: int, apart: float) -> Floats:
        """Return the best points that lie at least so far apart, [<= most, d]."""
        taken: list[Floats] = []
        for point in self.points:
            if all(float(np.abs(point - other).max()) >= apart for other in taken):
                taken.append(point)
            if len(taken) == most:
                break
        return np.array(taken)


@dataclass(frozen=True)
class SearchPlan:
    """How hard to search.

    Attributes:
        population: Points that evolve.
        generations: Most of them.
        enough: Probability of feasibility at which to stop, without an objective.
        patience: Generations without progress after which to stop.
    """

    population: int = 48
    generations: int = 60
    enough: float = 0.95
    patience: int = 15


def search(
    model: SizingModel,
    goal: Goal,
    *,
    space: DesignSpace,
    scales: Scales,
    starts: Floats,
    rng: np.random.Generator,
    plan: SearchPlan | None = None,
    inside: tuple[Floats, Floats] | None = None,
    bonus: Bonus | None = None,
) -> Candidates:
    """Return the points where a goal is met most probably.

    Where a model takes long for some analyses, designs first evolve towards the targets that the
    cheap ones tell; the best of them go on towards all.

    Args:
        model: What predicts.
        goal: What is to be met.
        space: The design space.
        scales: Of the case.
        starts: Points to begin with, [k, d]; the rest is spread evenly.
        rng: Where chance comes from.
        plan: How hard to search.
        inside: Lowest and highest corner of a trust region.
        bonus: Added to the score of points, for instance to keep away from what was tried.
    """
    plan = plan or SearchPlan()
    low, high = inside or (np.zeros(space.size), np.ones(space.size))
    fresh = low + (high - low) * space.spread(plan.population, rng)
    pool = np.concatenate([starts, fresh])[: max(plan.population, len(starts))]
    pool = space.snapped(np.clip(pool, low, high))
    stages: int | None = getattr(model, "cheap_stages", None)
    cheap = goal if stages is None else _cheap(model, goal)
    if cheap is None:
        stages, cheap = None, goal
    run = _Evolution(model, cheap, stages, space, scales, bonus, (low, high), rng)
    spent = run.evolve(pool, plan, plan.generations)
    if cheap is not goal:
        run = _Evolution(model, goal, None, space, scales, bonus, (low, high), rng)
        run.cheap_stages = stages
        pool = run.best_of(spent.points, _SHARE)
        more = run.evolve(pool, plan, plan.generations // 2)
        return replace(more, generations=spent.generations + more.generations)
    return spent


_SHARE: Final = 0.4
"""Part of a population that goes on where every analysis counts."""


def _cheap(model: SizingModel, goal: Goal) -> Goal | None:
    """Return a goal without what only the dear analyses tell, itself where they tell nothing.

    None where they tell all.
    """
    dear: frozenset[str] = getattr(model, "dear_metrics", frozenset())
    kept = {name: target for name, target in goal.targets.items() if name not in dear}
    objective = goal.objective
    if objective is not None and objective.metric in dear:
        objective = None
    if not kept:
        return None
    if len(kept) == len(goal.targets) and objective == goal.objective:
        return goal
    return Goal(kept, objective, goal.name)


@dataclass
class _Evolution:
    """Differential evolution towards a goal with one set of analyses."""

    model: SizingModel
    goal: Goal
    stages: int | None
    space: DesignSpace
    scales: Scales
    bonus: Bonus | None
    inside: tuple[Floats, Floats]
    rng: np.random.Generator
    cheap_stages: int | None = None

    def best_of(self, points: Floats, share: float) -> Floats:
        """Return the first points, which are the best, of a population."""
        return points[: max(int(share * len(points)), 12)]

    def evolve(self, pool: Floats, plan: SearchPlan, generations: int) -> Candidates:
        """Return a population after some generations, the best first."""
        known = self._predict(pool, self.stages)
        tempers = _tempers(generations)
        best_so_far, since, generation = -np.inf, 0, 0
        for generation in range(generations):
            temper = tempers[generation]
            score = self._score(known, pool, temper)
            order = np.argsort(-score)
            sure = float(log_feasibility(_row(known, int(order[0])), self.scales, self.goal)[0])
            if self.goal.objective is None and sure > np.log(plan.enough) and generation:
                break
            top = float(score[order[0]])
            settled = temper == tempers[-1]
            since = since + 1 if settled and top <= best_so_far + 1e-3 else 0
            best_so_far = max(best_so_far, top) if settled else -np.inf
            if since > plan.patience:
                break
            children = self.space.snapped(np.clip(_children(pool, order, self.rng), *self.inside))
            hopeful = np.arange(len(pool))
            if self.cheap_stages is not None:
                # What is not looked at yet can but lower the probability.
                found = _hopeful(self._predict(children, self.cheap_stages), self.scales, self.goal)
                hopeful = np.flatnonzero(
                    self._score(found, children, temper, self.cheap_stages) > score
                )
            if not len(hopeful):
                continue
            found = self._predict(children[hopeful], self.stages)
            better = self._score(found, children[hopeful], temper) > score[hopeful]
            at = hopeful[better]
            pool[at] = children[at]
            known.mean[at], known.sigma[at] = found.mean[better], found.sigma[better]
            known.alive[at] = found.alive[better]
        score = self._score(known, pool, 0.0)
        order = np.argsort(-score)
        sure_all = log_feasibility(known, self.scales, self.goal)
        return Candidates(
            pool[order], sure_all[order], score[order], generation + 1, known.mean[order]
        )

    def _predict(self, points: Floats, stages: int | None) -> Prediction:
        found = self.model.predict(points, stages=stages)
        return Prediction(found.mean.copy(), found.sigma.copy(), found.alive.copy())

    def _score(
        self, known: Prediction, points: Floats, temper: float, stages: int | None = None
    ) -> Floats:
        made = log_feasibility(known, self.scales, self.goal, temper=temper)
        objective = self.goal.objective
        if objective is not None:
            at = self.scales.metrics.index(objective.metric)
            sign = 1.0 if objective.sense == "max" else -1.0
            worth = sign * known.mean[:, at] / self.scales.step[at]
            edge = np.log(SURE) if temper == 0 else np.log(0.5)
            good = np.nan_to_num(np.clip(worth, -1e3, 1e3), nan=-1e3)
            made = np.minimum(made, edge) + np.where(made >= edge, 1e3 + good, 0.0)
        if self.bonus is not None:
            made = made + self.bonus(points, stages or self.stages)
        return np.asarray(made)


def _tempers(generations: int) -> Floats:
    """Return a doubt per generation that falls to a little: it smooths the way at first."""
    falling = np.geomspace(4.0, 0.3, max(generations // 3, 2))
    return np.concatenate([falling, np.full(max(generations - len(falling), 1), 0.3)])


def _row(known: Prediction, at: int) -> Prediction:
    return Prediction(known.mean[[at]], known.sigma[[at]], known.alive[[at]])


def _hopeful(found: Prediction, scales: Scales, goal: Goal) -> Prediction:
    """Return a prediction in which what was not looked at is met."""
    mean = found.mean.copy()
    for name, target in goal.targets.items():
        at = scales.metrics.index(name)
        row = np.full(len(scales.metrics), np.nan)
        row[at] = target.value
        edge = scales.scaled(row)[at]
        missing = np.isnan(mean[:, at]) & (found.alive > 0.5)
        mean[missing, at] = edge + scales.sign[at] * 50 * scales.step[at]
    return Prediction(mean, found.sigma, found.alive)


def _children(pool: Floats, order: NDArray[Any], rng: np.random.Generator) -> Floats:
    """Return one child per point: towards one of the best, by the difference of two others."""
    n, d = pool.shape
    best = order[rng.integers(max(n // 8, 2), size=n)]
    one, other = rng.integers(n, size=n), rng.integers(n, size=n)
    factor = np.clip(rng.normal(0.6, 0.25, size=(n, 1)), 0.05, 1.2)
    moved = pool + factor * (pool[best] - pool) + factor * (pool[one] - pool[other])
    moved += rng.normal(0.0, 0.01, size=moved.shape)
    taken = rng.random((n, d)) < np.clip(rng.normal(0.7, 0.2, size=(n, 1)), 0.1, 1.0)
    taken[np.arange(n), rng.integers(d, size=n)] = True
    child = np.where(taken, moved, pool)
    # Beyond an edge: half way between the parent and the edge, so that edges are reached slowly.
    child = np.where(child < 0, pool / 2, child)
    return np.where(child > 1, (1 + pool) / 2, child)
