"""Two objectives by Bayesian optimisation: qNEHVI, by the library ``botorch``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.agents.space import DesignSpace, Floats
from eda.errors import ToolNotFoundError

if TYPE_CHECKING:
    from eda.agents.ledger import Ledger
    from eda.agents.pareto import Problem

FIRST: Final = 20
"""Designs before the first fit."""

BATCH: Final = 4
"""Designs between two fits."""

_DRAWS: Final = 64
"""Samples of the posterior, which the expected improvement is the mean of."""

_WORST: Final = 10.0
"""What a target that is missed counts at most, in steps: dead designs would stretch the scale."""


def qnehvi(problem: Problem, ledger: Ledger, seed: int, reference: Sequence[float]) -> Floats:
    """Spend a budget on expected hypervolume improvement; return the metrics, [budget, m].

    A Gaussian process for each objective, of the designs that have one, and for each target's
    margin. The logarithm of the noisy expected hypervolume improvement under these constraints
    (Daulton et al., arXiv:2105.08195; Ament et al., arXiv:2310.20708) is maximised one design of
    a batch after the other.

    Args:
        problem: What is wanted.
        ledger: Simulates; its budget is spent.
        seed: Where chance comes from.
        reference: The reference point of the hypervolume, on the scales of the problem.

    Raises:
        ToolNotFoundError: botorch is not installed.
    """
    try:
        import torch
        from botorch.acquisition.multi_objective import logei
        from botorch.acquisition.multi_objective.objective import IdentityMCMultiOutputObjective
        from botorch.optim.optimize import optimize_acqf
        from botorch.sampling.normal import SobolQMCNormalSampler
    except ImportError:
        raise ToolNotFoundError(
            "qNEHVI needs botorch; install it with: pip install 'eda-toolkit[bo]'"
        ) from None
    space, rng = DesignSpace.of(problem.case), np.random.default_rng(seed)
    torch.manual_seed(seed)
    points = space.snapped(space.spread(min(FIRST, ledger.budget), rng))
    metrics = _simulated(problem, ledger, space, points)
    while ledger.left:
        sampler = SobolQMCNormalSampler(torch.Size([_DRAWS]), seed=int(rng.integers(2**31)))
        gain = logei.qLogNoisyExpectedHypervolumeImprovement(
            model=_fitted(problem, points, metrics),
            ref_point=[-value for value in reference],
            X_baseline=torch.tensor(points),
            sampler=sampler,
            objective=IdentityMCMultiOutputObjective(outcomes=[0, 1]),
            constraints=[_missed(2 + at) for at in range(len(problem.goal.targets))],
            prune_baseline=True,
        )
        found, _ = optimize_acqf(
            gain,
            bounds=torch.tensor([[0.0] * space.size, [1.0] * space.size], dtype=torch.float64),
            q=min(BATCH, ledger.left),
            num_restarts=2,
            raw_samples=64,
            sequential=True,
            options={"maxiter": 40},
        )
        fresh = space.snapped(found.detach().numpy())
        metrics = np.concatenate([metrics, _simulated(problem, ledger, space, fresh)])
        points = np.concatenate([points, fresh])
    return metrics


def _fitted(problem: Problem, points: Floats, metrics: Floats) -> Any:
    """Return processes of the objectives, large is good, and of the targets, negative is met."""
    import torch
    from botorch.fit import fit_gpytorch_mll
    from botorch.models import SingleTaskGP
    from botorch.models.model_list_gp_regression import ModelListGP
    from gpytorch.mlls import ExactMarginalLogLikelihood

    values, _ = problem.values(metrics)
    names = [item.metric for item in problem.objectives]
    there = ~np.isnan(metrics[:, [problem.case.metrics.index(name) for name in names]]).any(1)
    there &= (values < 1e6).all(1)
    if there.sum() < 2:  # nothing works yet: any value that is the same everywhere will do
        values, there = np.zeros_like(values), np.ones(len(values), dtype=bool)
    margins = np.clip(np.nan_to_num(problem.margins(metrics), nan=-_WORST), -_WORST, _WORST)
    columns = [(points[there], -column) for column in values[there].T]
    columns += [(points, -column) for column in margins.T]
    models = []
    for x, y in columns:
        model = SingleTaskGP(torch.tensor(x), torch.tensor(y.copy())[:, None])
        fit_gpytorch_mll(
            ExactMarginalLogLikelihood(model.likelihood, model),
            optimizer_kwargs={"options": {"maxiter": 30}},
        )
        models.append(model)
    return ModelListGP(*models)


def _missed(column: int) -> Any:
    """Return the constraint that a column of outcomes is negative."""
    return lambda outcomes: outcomes[..., column]


def _simulated(problem: Problem, ledger: Ledger, space: DesignSpace, points: Floats) -> Floats:
    names = problem.case.metrics
    trials = ledger.nominal(space.designs(points))
    return np.array([[t.result.metrics.get(name, np.nan) for name in names] for t in trials])
