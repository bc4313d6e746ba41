"""From a design that meets a goal nominally to one that meets it at corners and with mismatch.

The corners that fail join the search; few samples screen before many are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.agents.goal import Goal, Scales
from eda.agents.ledger import Trial
from eda.agents.model import SizingModel, log_feasibility
from eda.agents.search import Bonus
from eda.agents.space import Floats
from eda.errors import InputError
from eda.spice.cache import SimulationCache
from eda.spice.case_parts import Corner, Target
from eda.spice.montecarlo import MonteCarloReport, Sample, monte_carlo
from eda.spice.pvt import order_corners
from eda.spice.variation import Variation, switches

if TYPE_CHECKING:
    from eda.agents.sizer import SizingRun
    from eda.spice.case import Case
    from eda.spice.case_run import CaseResult

SCREEN: Final = 16
"""Samples that are drawn before all are."""

WANTED_SIGMA: Final = 3.0
HOPELESS_SIGMA: Final = 1.8
"""Below this in the screen the full number of samples is not drawn."""

_ROUNDS: Final = 12


def variation(case: Case) -> tuple[Variation, ...]:
    """Return what a Monte-Carlo run of a case switches on.

    Raises:
        InputError: Nothing in its models is left to chance.
    """
    circuit = case.circuit()
    try:
        switches(circuit, ("mismatch",))
    except InputError:
        texts = [source.text.lower() for source in circuit.files]
        if any("gauss" in text or "aunif" in text for text in texts):
            return ()
        raise InputError(
            f"--monte-carlo: nothing in the models of {case.name} is left to chance; it needs "
            "models with mismatch, or parameters such as {agauss(1k, 30, 3)}"
        ) from None
    return ("mismatch",)


class Hardening:
    """The second half of a run: corners, then samples."""

    def __init__(self, run: SizingRun, model: SizingModel) -> None:
        """Begin with the design that the run has confirmed."""
        self.run_, self.model = run, model
        self.best = self._first = run._best
        self.results: dict[Corner, CaseResult] = {}
        self.samples: MonteCarloReport | None = None
        self.sigma: float | None = None
        self._models: dict[Corner, SizingModel] = {}
        self._active: list[Corner] = []
        self._seen: dict[Corner, list[tuple[Floats, Mapping[str, float], bool]]] = {}
        self._goal = run.goal

    def run(self, *, corners: bool, monte_carlo: int) -> bool:
        """Return whether a design was found that holds."""
        run = self.run_
        vary = variation(run.case) if monte_carlo else ()
        trial = run._best
        most_corners = -1
        for _ in range(_ROUNDS):
            if trial is None:
                return False
            holds = True
            if corners:
                run._tell("corners")
                results = self._try_corners(trial)
                passed = sum(run.goal.met(item.metrics) for item in results.values())
                holds = passed == len(run.case.corners)
                if passed >= most_corners:
                    most_corners, self.results, self.best = passed, results, trial
            if holds and monte_carlo:
                run._tell("monte-carlo")
                holds = self._try_samples(trial, monte_carlo, vary)
            if holds and self._confirmed(trial):
                self.best = run._best
                return True
            trial = self._next()
        return False

    def _confirmed(self, trial: Trial) -> bool:
        """Return whether a design has been simulated from a fresh deck, or is now, and holds."""
        best = self.run_._best
        if best is not None and best.design == trial.design and self._first is best:
            return True
        return self.run_.confirm(trial)

    # -- corners -----------------------------------------------------------------------------

    def _try_corners(self, trial: Trial) -> dict[Corner, CaseResult]:
        """Simulate corners, the likely failures first, until one fails."""
        run = self.run_
        ordered = [*self._active]
        ordered += [c for c in order_corners(run.case, run.case.corners) if c not in ordered]
        results: dict[Corner, CaseResult] = {}
        point = run.space.point(trial.design)
        for corner in ordered:
            result = run.ledger.corners(trial.design, [corner])[corner]
            results[corner] = result
            self._seen.setdefault(corner, []).append((point, result.metrics, result.ok))
            if not run.goal.met(result.metrics):
                if corner not in self._active:
                    self._active.append(corner)
                break
        return results

    def _next(self) -> Trial | None:
        """Return a design that the models expect to hold where the last ones failed."""
        run = self.run_
        for corner in self._active:
            self._corner_model(corner)
        for _ in range(6):
            if run.ledger.left <= 1:
                return None
            run._learn(self.model)
            models = {corner: self._models[corner] for corner in self._active}
            bonus = at_corners(models, run.scales, self._goal, run._away)
            found = run.propose(self.model, self._goal, 0, bonus=bonus)
            batch = found.batch(1, 0.02)
            if not len(batch):
                return None
            trial = run.simulate(batch[0], run.goal)
            if run.goal.met(trial.result.metrics):
                return trial
        return None

    def _corner_model(self, corner: Corner) -> None:
        run = self.run_
        if corner not in self._models:
            from eda.agents.leading import focus
            from eda.agents.model_gp import GaussianModel
            from eda.agents.model_tables import TablesModel
            from eda.spice.quick import UnsupportedCircuitError

            try:
                made: SizingModel = TablesModel(run.case, corner, cache=run.ledger.cache)
                run.ledger.counts.device += made.simulations  # type: ignore[attr-defined]
            except UnsupportedCircuitError:
                made = GaussianModel(run.case)
            focus(made, run.goal)
            self._models[corner] = made
        rows = self._seen.get(corner, [])
        names = run.case.metrics
        values = np.array([[m.get(name, np.nan) for name in names] for _, m, _ in rows])
        self._models[corner].learn(
            np.array([point for point, _, _ in rows]), values, np.array([ok for _, _, ok in rows])
        )

    # -- samples -----------------------------------------------------------------------------

    def _try_samples(self, trial: Trial, count: int, vary: tuple[Variation, ...]) -> bool:
        """Draw few samples, and all where these are promising; tighten what is too close."""
        run = self.run_
        drawn: tuple[Sample, ...] = ()
        for samples in dict.fromkeys((min(SCREEN, count), count)):
            more = monte_carlo(
                run.case,
                samples=samples - len(drawn),
                seed=1 + run.seed + len(drawn),
                design=trial.design,
                spec=run.goal.spec,
                vary=vary,
                workers=run.ledger.workers,
                cache=self._cache(),
            )
            drawn += more.samples
            run.ledger.counts.mismatch += len(more.samples)
            report = self.samples = replace(more, samples=drawn, planned=count)
            self.sigma = min(distances(run.goal, report).values(), default=0.0)
            if self.sigma < (HOPELESS_SIGMA if samples < count else WANTED_SIGMA):
                self._goal = tightened(run.goal, self._goal, report)
                return False
        return not report.failing

    def _cache(self) -> bool | SimulationCache:
        """Return where samples are kept: with the run, where the user's cache is not used."""
        ledger = self.run_.ledger
        if ledger.cache is False and ledger.folder is not None:
            return SimulationCache(ledger.folder / "samples")
        return ledger.cache


def at_corners(
    models: Mapping[Corner, SizingModel], scales: Scales, goal: Goal, before: Bonus
) -> Bonus:
    """Return what is added to the score of points: their chances at the corners that count.

    Args:
        models: One for each corner that counts.
        scales: Of the case.
        goal: What is to be met there; metrics that a model does not know are left out.
        before: What is added anyway.
    """

    def bonus(points: Floats, stages: int | None = None) -> Floats:
        made = before(points, stages)
        for model in models.values():
            prediction = model.predict(points, stages=stages)
            known = [
                name
                for name in goal.targets
                if not np.isnan(prediction.mean[:, scales.metrics.index(name)]).all()
            ]
            if known:
                part = Goal({name: goal.targets[name] for name in known})
                made = made + log_feasibility(prediction, scales, part, temper=0.3)
        return np.asarray(made)

    return bonus


def tightened(goal: Goal, asked: Goal, report: MonteCarloReport) -> Goal:
    """Return what to ask nominally: as much more than a goal as samples scatter.

    Args:
        goal: What the samples must meet.
        asked: What was asked before.
        report: The samples; targets that lie far enough from them stay.
    """
    targets = dict(asked.targets)
    for name, distance in distances(goal, report).items():
        if distance >= WANTED_SIGMA + 0.3 or not any(
            name in sample.metrics for sample in report.samples
        ):
            continue
        sign = 1.0 if targets[name].op == ">=" else -1.0
        values = report.values(name)
        spread = float(values.std(ddof=1)) if len(values) > 1 else 0.0
        missing = (WANTED_SIGMA + 0.5 - max(distance, 0.0)) * spread
        nominal = goal.targets[name].value
        most = max(sign * targets[name].value, sign * nominal) + missing
        targets[name] = Target(targets[name].op, sign * most)
    return Goal(targets, asked.objective, asked.name)


def distances(goal: Goal, report: MonteCarloReport) -> dict[str, float]:
    """Return how many standard deviations lie between the mean of samples and each target.

    -10 where a sample has no value, or where all are the same and miss it.
    """
    made = {}
    for name, target in goal.targets.items():
        if not all(name in sample.metrics for sample in report.samples):
            made[name] = -10.0
            continue
        values = report.values(name)
        sign = 1.0 if target.op == ">=" else -1.0
        spread = float(values.std(ddof=1)) if len(values) > 1 else 0.0
        away = sign * (float(values.mean()) - target.value)
        made[name] = away / spread if spread > 0 else (np.inf if away >= 0 else -10.0)
    return made
