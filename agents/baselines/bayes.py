"""Bayesian optimisation: a small GP-BO of our own, and SCBO by the library ``botorch``."""

from __future__ import annotations

from typing import Any

import numpy as np

from eda.agents.baselines.race import Race
from eda.agents.goal import shortfall
from eda.agents.model_gp import GaussianModel
from eda.agents.search import SearchPlan, search
from eda.agents.space import Floats
from eda.errors import ToolNotFoundError

FIRST = 20
"""Designs before the first fit, where nothing is stored."""

_WORST = 10.0


def gp_bo(race: Race) -> None:
    """A Gaussian process per metric; the next design is where all targets are met most probably."""
    model = GaussianModel(race.case)
    if not race.offline:
        race(race.space.point(race.case.nominal))
        for point in race.space.spread(FIRST - 1, race.rng):
            race(point)
    while True:
        points, values, alive = _known(race)
        model.learn(points, values, alive)
        order = np.argsort([*_stored_gaps(race), *race.gaps])[:8]
        found = search(
            model,
            race.goal,
            space=race.space,
            scales=race.scales,
            starts=points[order],
            rng=race.rng,
            plan=SearchPlan(population=48, generations=12, patience=6),
            bonus=lambda points, _stages: _apart(race, points),
        )
        race(found.points[0])


def scbo(race: Race) -> None:
    """Scalable constrained BO: a trust region, Thompson samples of targets as constraints.

    Raises:
        ToolNotFoundError: botorch is not installed.
    """
    try:
        import torch
        from botorch.fit import fit_gpytorch_mll
        from botorch.models import SingleTaskGP
        from gpytorch.mlls import ExactMarginalLogLikelihood
    except ImportError:
        raise ToolNotFoundError(
            "SCBO needs botorch; install it with: pip install 'eda-toolkit[bo]'"
        ) from None
    torch.manual_seed(int(race.rng.integers(2**31)))
    if not race.offline:
        race(race.space.point(race.case.nominal))
        for point in race.space.spread(FIRST - 1, race.rng):
            race(point)
    length, wins, losses = 0.8, 0, 0
    while True:
        points, values, _ = _known(race)
        margins = race.scales.margins(race.scales.scaled(values), race.goal)
        margins = np.clip(np.nan_to_num(margins, nan=-_WORST), -_WORST, _WORST)
        gaps = np.array([*_stored_gaps(race), *race.gaps])
        near = np.argsort(gaps)[:120]
        x = torch.tensor(points[near], dtype=torch.float64)
        models: list[Any] = []
        for column in margins[near].T:
            y = torch.tensor(column, dtype=torch.float64)[:, None]
            model = SingleTaskGP(x, (y - y.mean()) / (y.std() + 1e-6))
            fit_gpytorch_mll(
                ExactMarginalLogLikelihood(model.likelihood, model),
                optimizer_kwargs={"options": {"maxiter": 30}},
            )
            models.append((model, float(y.mean()), float(y.std() + 1e-6)))
        centre = points[int(np.argmin(gaps))]
        low, high = np.clip(centre - length / 2, 0, 1), np.clip(centre + length / 2, 0, 1)
        candidates = low + (high - low) * race.space.spread(256, race.rng)
        keep = race.rng.random(candidates.shape) > min(1.0, 20 / race.space.size)
        candidates = np.where(keep, centre, candidates)
        total = np.zeros(len(candidates))
        with torch.no_grad():
            for model, mean, spread in models:
                posterior = model.posterior(torch.tensor(candidates, dtype=torch.float64))
                drawn = posterior.rsample().numpy().reshape(-1) * spread + mean
                total += np.minimum(drawn, 0.0)
        before = float(gaps.min())
        gap = race(candidates[int(np.argmax(total + _apart(race, candidates)))])
        wins, losses = (wins + 1, 0) if gap < before else (0, losses + 1)
        if wins >= 3:
            length, wins = min(2 * length, 1.6), 0
        if losses >= 5:
            length, losses = max(length / 2, 0.05), 0


def _known(race: Race) -> tuple[Floats, Floats, Any]:
    names = race.case.metrics
    rows = [(dict(d), dict(m), True) for d, m in race.offline]
    rows += [(t.design, dict(t.result.metrics), t.result.ok) for t in race.ledger.trials]
    values = np.array([[m.get(name, np.nan) for name in names] for _, m, _ in rows])
    return race.space.points([d for d, _, _ in rows]), values, np.array([ok for *_, ok in rows])


def _stored_gaps(race: Race) -> list[float]:
    return [shortfall(race.case, race.goal, metrics) for _, metrics in race.offline]


def _apart(race: Race, points: Floats) -> Floats:
    """Return a malus for points that were simulated already."""
    if not race.points:
        return np.zeros(len(points))
    nearest = np.abs(points[:, None, :] - np.array(race.points)[None]).max(-1).min(1)
    return np.where(nearest < 1e-3, -1e3, 0.0)
