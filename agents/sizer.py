"""The main agent: a model proposes, ngspice decides, the model learns, until the goal is met."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.agents.goal import Goal, Scales, read_goal, shortfall, worst_target
from eda.agents.leading import ModelName, focus, make_model
from eda.agents.ledger import Ledger, Trial
from eda.agents.model import SizingModel
from eda.agents.model_gp import GaussianModel
from eda.agents.result import SizingResult, misses
from eda.agents.search import Bonus, Candidates, SearchPlan, search
from eda.agents.space import DesignSpace, Floats
from eda.errors import InputError

if TYPE_CHECKING:
    import os

    from eda.spice.cache import SimulationCache
    from eda.spice.case import Case
    from eda.spice.simulator import Simulator


MOST_AT_ONCE: Final = 4
"""Largest batch of simulations between two fits."""

_STUCK: Final = 8
"""Failures in a row after which samples alone lead every second time."""

_FIRST: Final = 12
"""Designs that are simulated before a model that knows nothing is asked."""

_IMPROVEMENTS: Final = 2
"""Designs simulated for the sake of an objective once the targets are met."""

_RISK: Final = 0.1
"""A batch grows until the chance that nobody in it meets the goal is as small as this."""

_TRUST: Final = (0.5, 0.25, 0.12)
"""Half widths of the trust region round the best design, after ever more failures."""


@dataclass(frozen=True)
class Progress:
    """What a run tells while it goes on.

    Attributes:
        stage: ``model``, ``size``, ``check``, ``corners``, ``monte-carlo``.
        online: Online simulations so far.
        budget: Their largest number.
        worst: The target that the best design misses most; empty where it meets all.
        shortfall: How far the best design is from the goal, in steps.
    """

    stage: str
    online: int
    budget: int
    worst: str = ""
    shortfall: float = float("inf")


def size(
    case: Case | str | os.PathLike[str],
    spec: str | os.PathLike[str] | Mapping[str, Any] | Goal,
    budget: int = 40,
    seed: int = 0,
    *,
    model: ModelName | SizingModel = "auto",
    corners: bool = False,
    monte_carlo: int = 0,
    offline: Sequence[tuple[Mapping[str, float], Mapping[str, float]]] = (),
    folder: str | os.PathLike[str] | None = None,
    resume: bool = False,
    cache: bool | SimulationCache = True,
    simulator: Simulator | None = None,
    workers: int = 2,
    progress: Callable[[Progress], object] | None = None,
) -> SizingResult:
    """Return sizes of a case's circuit that meet a goal, confirmed by ngspice.

    The chances of every design are worked out with a model; the best are simulated, four at most
    at a time, each only as far as it is worth it; what they teach improves the model. The design
    that meets the goal is simulated once more from a fresh deck, which counts too.

    Args:
        case: A case or its folder.
        spec: A level of the case, a JSON file with targets, or their object.
        budget: Most online simulations, the final check included.
        seed: Where chance comes from.
        model: ``tables`` of the case's transistors; ``network``, fitted to these; ``gp``, which
            knows nothing but what was simulated; ``auto``: tables where they can, else gp; or a
            model of your own.
        corners: Whether the goal must hold at every corner of the case too.
        monte_carlo: Samples with mismatch that must hold too; 0 for none.
        offline: Designs of this case that were simulated before, with their metrics.
        folder: Where the run keeps its journal; None keeps none.
        resume: Whether the folder may hold a journal, whose simulations are not repeated.
        cache: True for the user's cache, False for none, or a cache.
        simulator: What runs simulations; None for ngspice.
        workers: How many samples run at once.
        progress: Told how it goes.

    Raises:
        SpecError: The case or the spec is malformed.
        InputError: An argument makes no sense.
        SimulatorNotFoundError: ngspice is not installed.

    Example:
        >>> import eda
        >>> from eda.spice import example_case
        >>> result = eda.size(example_case(), "easy", budget=10)  # doctest: +SKIP
        >>> result.met, result.online_simulations  # doctest: +SKIP
        (True, 2)
    """
    from eda.spice.case import Case as CaseType
    from eda.spice.case_reader import read_case

    if not isinstance(case, CaseType):
        case = read_case(case)
    goal = read_goal(case, spec)
    if budget < 2:
        raise InputError(f"budget is {budget}; it must be at least 2: a design, and its check")
    if monte_carlo < 0 or monte_carlo == 1:
        raise InputError(f"monte_carlo is {monte_carlo}; give 0, or at least 2 samples")
    path = None if folder is None else Path(folder)
    if path is not None:
        path.mkdir(parents=True, exist_ok=True)
        if not resume and (path / "simulations.jsonl").exists():
            raise InputError(f"{path} holds a run already; resume it, or name another folder")
    if monte_carlo:
        from eda.agents.harden import variation

        variation(case)
    ledger = Ledger(case, path, budget, cache=cache, simulator=simulator, workers=workers)
    run = SizingRun(case, goal, ledger, seed, model, progress, offline)
    return run.run(corners=corners, monte_carlo=monte_carlo)


@dataclass
class SizingRun:
    """One run, from a model to a confirmed design."""

    case: Case
    goal: Goal
    ledger: Ledger
    seed: int
    chosen: ModelName | SizingModel
    progress: Callable[[Progress], object] | None = None
    offline: Sequence[tuple[Mapping[str, float], Mapping[str, float]]] = ()
    interrupted: bool = False
    _tried: list[Floats] = field(default_factory=list)
    _best: Trial | None = None
    _hope: float = 0.0
    _pool: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    _expected: Floats = field(default_factory=lambda: np.zeros((0, 0)))

    def __post_init__(self) -> None:
        """Prepare spaces and chance."""
        self.space, self.scales = DesignSpace.of(self.case), Scales.of(self.case)
        self.rng = np.random.default_rng(self.seed)

    def run(self, *, corners: bool, monte_carlo: int) -> SizingResult:
        """Size, check, and harden; what was found is kept where it is interrupted."""
        begun = time.perf_counter()
        met, hard = False, None
        model: SizingModel | None = None
        try:
            self._tell("model")
            model = make_model(self.case, self.chosen, self.ledger)
            focus(model, self.goal)
            self._learn(model)
            met = self._size(model, Goal(self.goal.targets, None, self.goal.name))
            if met and (corners or monte_carlo):
                from eda.agents.harden import Hardening

                hard = Hardening(self, model)
                met = hard.run(corners=corners, monte_carlo=monte_carlo)
        except KeyboardInterrupt:
            self.interrupted = True
        best = hard.best if hard is not None and hard.best is not None else self._best
        design = dict(best.design) if best is not None else self.case.nominal
        metrics = dict(best.result.metrics) if best is not None else {}
        return SizingResult(
            case=self.case,
            goal=self.goal,
            met=met and not self.interrupted,
            design=design,
            metrics=metrics,
            missed=misses(self.case, self.goal, metrics),
            counts=self.ledger.counts,
            trials=tuple(self.ledger.trials),
            model=model.name if model is not None else "none",
            likely_infeasible=None if met else bool(self._hope < np.log(1e-3)),
            corners={} if hard is None else hard.results,
            samples=None if hard is None else hard.samples,
            sigma=None if hard is None else hard.sigma,
            seconds=time.perf_counter() - begun,
            folder=self.ledger.folder,
            interrupted=self.interrupted,
            seed=self.seed,
            checked=self.ledger.checked,
            expected=self._expected,
        )

    # -- the loop ----------------------------------------------------------------------------

    def _size(self, model: SizingModel, goal: Goal) -> bool:
        """Simulate what the model proposes until a design meets the goal."""
        failures = 0
        if self._blind(model) and not self.offline and self._begin_blind(goal):
            return True
        self._learn(model)
        while self.ledger.left > 1:
            leader = model
            if failures >= _STUCK and failures % 2 and not self._blind(model):
                # A model that keeps being wrong is not asked alone any more.
                leader = GaussianModel(self.case)
                self._learn(leader)
            found = self.propose(leader, goal, failures)
            batch = self._batch(found)
            if not len(batch):
                return False
            for point in batch:
                if self.ledger.left <= 1:
                    break
                trial = self.simulate(point, goal)
                if not goal.met(trial.result.metrics):
                    continue
                if self.goal.objective is not None:
                    if self._improve(model):
                        return True
                elif self.confirm(trial):
                    return True
            failures += 1
            self._learn(model)
        return False

    def _begin_blind(self, goal: Goal) -> bool:
        """Simulate the nominal design and an even spread, where nothing is known yet."""
        count = min(_FIRST, max(self.ledger.left // 3, 1))
        points = [self.space.point(self.case.nominal)]
        if count > 1:
            points += list(self.space.spread(count - 1, self.rng))
        for point in points:
            trial = self.simulate(point, goal)
            if goal.met(trial.result.metrics) and self.confirm(trial):
                return True
        return False

    def _improve(self, model: SizingModel) -> bool:
        """Spend a little more on the objective; return whether what came of it is confirmed."""
        for _ in range(min(_IMPROVEMENTS, self.ledger.left - 1)):
            self._learn(model)
            found = self.propose(model, self.goal, 0, plan=SearchPlan(generations=24, patience=6))
            batch = found.batch(1, 0.02)
            if not len(batch):
                break
            self.simulate(batch[0], self.goal)
        best = self._best
        return best is not None and self.confirm(best)

    def propose(
        self,
        model: SizingModel,
        goal: Goal,
        failures: int,
        *,
        bonus: Bonus | None = None,
        plan: SearchPlan | None = None,
    ) -> Candidates:
        """Return where the model expects the goal to be met."""
        starts = [self.space.point(self.case.nominal)]
        if self._best is not None:
            starts.append(self.space.point(self._best.design))
        starts += sorted(self._tried, key=lambda p: float(np.abs(p - starts[-1]).sum()))[:6]
        starts += list(self._pool[:24])
        inside = None
        if self._best is not None and failures >= 3 and self._blind(model):
            half = _TRUST[min(failures // 3 - 1, len(_TRUST) - 1)]
            middle = self.space.point(self._best.design)
            inside = (np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0))
        found = search(
            model,
            goal,
            space=self.space,
            scales=self.scales,
            starts=np.array(starts),
            rng=self.rng,
            plan=plan,
            inside=inside,
            bonus=bonus or self._away,
        )
        self._hope = float(found.log_feasibility[0])
        self._pool = found.points
        self._expected = self.scales.values(found.mean)
        return found

    def simulate(self, point: Floats, goal: Goal) -> Trial:
        """Simulate a point, and remember it."""
        design = self.space.design(point)
        trial = self.ledger.nominal([design], hopeless=goal.loosened(self.case))[0]
        self._tried.append(self.space.point(design))
        if self._best is None or self._better(trial):
            self._best = trial
        self._tell("size")
        return trial

    def confirm(self, trial: Trial) -> bool:
        """Simulate a design from a fresh deck; return whether it holds."""
        self._tell("check")
        result = self.ledger.check(trial.design)
        if self.goal.met(result.metrics):
            self._best = Trial(trial.design, result, self.ledger.counts.online)
            return True
        return False

    def _batch(self, found: Candidates) -> Floats:
        """Return few points, so many that one of them very likely meets the goal."""
        points = found.batch(MOST_AT_ONCE, 0.05)
        chances = np.exp(found.log_feasibility[: len(points)])
        alone = np.cumprod(1 - chances)
        enough = int(np.argmax(alone < _RISK)) + 1 if (alone < _RISK).any() else len(points)
        return np.asarray(points[: min(enough, self.ledger.left - 1)])

    def _away(self, points: Floats, stages: int | None = None) -> Floats:
        """Return a malus for points that were simulated already."""
        del stages
        if not self._tried:
            return np.zeros(len(points))
        tried = np.array(self._tried)
        nearest = np.abs(points[:, None, :] - tried[None, :, :]).max(-1).min(1)
        return np.where(nearest < 1e-3, -1e3, 0.0)

    def _blind(self, model: SizingModel) -> bool:
        """Return whether the model knows nothing of the circuit but its samples."""
        return model.name == "gaussian process"

    def _better(self, trial: Trial) -> bool:
        best = self._best
        if best is None:
            return True
        here = shortfall(self.case, self.goal, trial.result.metrics)
        there = shortfall(self.case, self.goal, best.result.metrics)
        if here == there == 0 and self.goal.objective is not None:
            name = self.goal.objective.metric
            sign = 1.0 if self.goal.objective.sense == "max" else -1.0
            return sign * trial.result.metrics[name] > sign * best.result.metrics[name]
        return here < there

    def _learn(self, model: SizingModel) -> None:
        """Teach the model every design that was simulated, before this run and in it."""
        names = self.case.metrics
        rows = [(dict(design), dict(metrics), True) for design, metrics in self.offline]
        rows += [(t.design, dict(t.result.metrics), t.result.ok) for t in self.ledger.trials]
        self.ledger.counts.offline = len(self.offline)
        if not rows:
            return
        points = self.space.points([design for design, _, _ in rows])
        values = np.array([[metrics.get(name, np.nan) for name in names] for _, metrics, _ in rows])
        model.learn(points, values, np.array([alive for _, _, alive in rows]))

    def _tell(self, stage: str) -> None:
        if self.progress is None:
            return
        worst, short = "", float("inf")
        if self._best is not None:
            metrics = self._best.result.metrics
            short = shortfall(self.case, self.goal, metrics)
            worst = worst_target(self.case, self.goal, metrics)
        counts = self.ledger.counts
        self.progress(Progress(stage, counts.online, self.ledger.budget, worst, short))
