"""Designs that hold at every corner and with mismatch, without tables: screened, or one by one.

`screened_search` verifies in the order of GLOVA (arXiv:2505.11208): the worst corner first, few
samples next, then the other corners and the other samples, those first that designs failed before.
`corner_by_corner` has no order and no model: it is what both are compared with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.agents.baselines.bayes import gp_bo
from eda.agents.baselines.race import Over, Race
from eda.agents.goal import Goal
from eda.agents.harden import (
    HOPELESS_SIGMA,
    SCREEN,
    WANTED_SIGMA,
    at_corners,
    distances,
    tightened,
    variation,
)
from eda.agents.ledger import Counts, Ledger
from eda.agents.model_gp import GaussianModel
from eda.agents.search import search
from eda.agents.space import DesignSpace, Floats
from eda.spice.case_run import CaseResult
from eda.spice.montecarlo import MonteCarloReport, Sample, monte_carlo
from eda.spice.pvt import order_corners

if TYPE_CHECKING:
    from eda.agents.model import SizingModel
    from eda.spice.case import Case
    from eda.spice.case_parts import Corner

BACKFILL: Final = 8
"""Designs, the best nominally, that are simulated at a corner before its first fit."""

BLOCK: Final = 20
"""Samples that are drawn at once; no block is begun after a sample has failed."""

NOMINAL: Final = 200
"""Most designs that GP-BO simulates until one meets the goal nominally."""

_AT_ONCE: Final = 20
"""Random designs that are simulated together."""


@dataclass(frozen=True)
class Hardened:
    """What came of a search.

    Attributes:
        met: Whether a design holds at every corner and with mismatch.
        counts: What was simulated.
        sigma: Standard deviations between the mean of the last samples and the closest target;
            None where none were drawn.
        design: The design that holds; empty where there is none.
    """

    met: bool
    counts: Counts
    sigma: float | None
    design: Mapping[str, float]


def spent(counts: Counts) -> int:
    """Return the simulations of the circuit: nominal, at corners, and with mismatch."""
    return counts.online + counts.corner + counts.mismatch


@dataclass
class Screen:
    """Decides whether designs hold, with few simulations where they do not.

    Attributes:
        case: The case.
        goal: What must hold.
        ledger: Simulates, and counts.
        samples: With mismatch; 0 for none.
        seed: Of the first sample, less one.
        seen: By corner, the designs that were simulated there and their results.
        failed_corners: How often a design failed at each corner.
        failed_seeds: How often a design failed with each sample's seed.
        report: The samples of the last design.
    """

    case: Case
    goal: Goal
    ledger: Ledger
    samples: int
    seed: int
    seen: dict[Corner, list[tuple[Mapping[str, float], CaseResult]]] = field(default_factory=dict)
    failed_corners: Counter[Corner] = field(default_factory=Counter)
    failed_seeds: Counter[int] = field(default_factory=Counter)
    report: MonteCarloReport | None = None

    def __post_init__(self) -> None:
        """Find out what mismatch switches on."""
        self._vary = variation(self.case) if self.samples else ()

    @property
    def sigma(self) -> float | None:
        """Standard deviations between the mean of the last samples and the closest target."""
        if self.report is None:
            return None
        return min(distances(self.goal, self.report).values(), default=0.0)

    def holds(self, design: Mapping[str, float]) -> bool:
        """Return whether a design meets the goal at every corner and with every sample."""
        corners, seeds = self._corners(), self._seeds()
        self.report = None
        if not all(self.at(design, corner) for corner in corners[:1]):
            return False
        if not self.draw(design, seeds[: min(SCREEN, self.samples)], HOPELESS_SIGMA):
            return False
        if not all(self.at(design, corner) for corner in corners[1:]):
            return False
        return self.draw(design, seeds[SCREEN:], WANTED_SIGMA)

    def at(self, design: Mapping[str, float], corner: Corner) -> bool:
        """Return whether a design meets the goal at a corner."""
        result = self.ledger.corners(design, [corner])[corner]
        self.seen.setdefault(corner, []).append((design, result))
        met = self.goal.met(result.metrics)
        self.failed_corners[corner] += not met
        return met

    def _corners(self) -> list[Corner]:
        """Return all corners, those first where most designs failed."""
        ordered = order_corners(self.case, self.case.corners)
        return sorted(ordered, key=lambda corner: -self.failed_corners[corner])

    def _seeds(self) -> list[int]:
        """Return the seeds of all samples, those first with which most designs failed."""
        every = range(1 + self.seed, 1 + self.seed + self.samples)
        return sorted(every, key=lambda seed: -self.failed_seeds[seed])

    def draw(self, design: Mapping[str, float], seeds: list[int], wanted: float) -> bool:
        """Draw samples until one fails; return whether none did, and all are far enough."""
        for first, count in _runs(seeds):
            more = monte_carlo(
                self.case,
                samples=count,
                seed=first,
                design=design,
                spec=self.goal.spec,
                vary=self._vary,
                workers=self.ledger.workers,
                cache=self.ledger.cache,
            )
            self.ledger.counts.mismatch += count
            before: tuple[Sample, ...] = () if self.report is None else self.report.samples
            self.report = MonteCarloReport(before + more.samples, self.samples, more.confidence)
            self.failed_seeds.update(sample.seed for sample in more.failing)
            if more.failing:
                return False
        return not seeds or (self.sigma or 0.0) >= wanted


def _runs(seeds: list[int]) -> Iterator[tuple[int, int]]:
    """Yield first seeds and counts of what follows in order, blocks at most."""
    first, count = 0, 0
    for seed in seeds:
        if count and (seed != first + count or count == BLOCK):
            yield first, count
            count = 0
        first = first if count else seed
        count += 1
    if count:
        yield first, count


def screened_search(
    case: Case, goal: Goal, *, samples: int, budget: int, seed: int, cache: bool = False
) -> Hardened:
    """Search with Gaussian processes, of the nominal conditions and of each corner that failed.

    GP-BO finds a design that meets the goal nominally. From then on every proposal is simulated
    at its worst corner first, as `Screen` does; a corner that fails gets a process of its own.

    Args:
        case: The case.
        goal: What must hold.
        samples: With mismatch.
        budget: Most simulations of every kind together; one design's are finished.
        seed: Where chance comes from.
        cache: Whether the user's cache is used.
    """
    ledger = Ledger(case, None, min(budget, NOMINAL), cache=cache)
    race = Race(case, goal, ledger, np.random.default_rng(seed))
    with suppress(Over):
        gp_bo(race)
    screen = Screen(case, goal, ledger, samples, seed)
    if not race.met:
        return Hardened(False, ledger.counts, None, {})
    leading: SizingModel = _taught(case, [(t.design, t.result) for t in ledger.trials])
    nearest = [ledger.trials[at].design for at in np.argsort(race.gaps)[:BACKFILL]]
    design: Mapping[str, float] = race.best[1]
    asked, checked = goal, True
    while True:
        if screen.holds(design) and (checked or goal.met(ledger.check(design).metrics)):
            return Hardened(True, ledger.counts, screen.sigma, design)
        if spent(ledger.counts) >= budget:
            return Hardened(False, ledger.counts, screen.sigma, {})
        if screen.report is not None:
            asked = tightened(goal, asked, screen.report)
        models: dict[Corner, SizingModel] = {}
        for corner in list(screen.failed_corners):
            if not screen.failed_corners[corner]:
                continue
            known = [known for known, _ in screen.seen[corner]]
            for other in nearest:
                if other not in known:
                    screen.at(other, corner)
            models[corner] = _taught(case, screen.seen[corner])
        race.points.append(race.space.point(design))
        design, checked = _proposed(race, leading, asked, models), False


def _taught(case: Case, rows: list[tuple[Mapping[str, float], CaseResult]]) -> GaussianModel:
    """Return processes of designs and their results."""
    model, space = GaussianModel(case), DesignSpace.of(case)
    values = [[result.metrics.get(name, np.nan) for name in case.metrics] for _, result in rows]
    alive = np.array([result.ok for _, result in rows])
    model.learn(space.points([design for design, _ in rows]), np.array(values), alive)
    return model


def _proposed(
    race: Race, leading: SizingModel, goal: Goal, models: Mapping[Corner, SizingModel]
) -> Mapping[str, float]:
    """Return the design that most probably meets the goal nominally and at the corners."""

    def apart(points: Floats, _stages: int | None = None) -> Floats:
        nearest = np.abs(points[:, None, :] - np.array(race.points)[None]).max(-1).min(1)
        return np.where(nearest < 1e-3, -1e3, 0.0)

    found = search(
        leading,
        goal,
        space=race.space,
        scales=race.scales,
        starts=np.array(race.points[-12:]),
        rng=race.rng,
        bonus=at_corners(models, race.scales, goal, apart),
    )
    return race.space.design(found.points[0])


def corner_by_corner(
    case: Case, goal: Goal, *, samples: int, budget: int, seed: int, cache: bool = False
) -> Hardened:
    """Draw designs at random; take each that meets the goal through the corners and samples.

    A design is left at the first corner, in the order of the case, or sample that fails.

    Args:
        case: The case.
        goal: What must hold.
        samples: With mismatch.
        budget: Most simulations of every kind together; one design's are finished.
        seed: Where chance comes from.
        cache: Whether the user's cache is used.
    """
    space, rng = DesignSpace.of(case), np.random.default_rng(seed)
    ledger = Ledger(case, cache=cache)
    screen = Screen(case, goal, ledger, samples, seed)
    counts = ledger.counts
    while spent(counts) < budget:
        designs = space.designs(space.snapped(rng.random((_AT_ONCE, space.size))))
        # What misses a target nominally is stopped there; it is counted all the same.
        results = case.simulate(designs, targets=goal.spec, cache=cache)
        for design, result in zip(designs, results, strict=True):
            counts.online += 1
            if not goal.met(result.metrics):
                continue
            screen.report = None
            if not all(screen.at(design, corner) for corner in case.corners):
                continue
            seeds = list(range(1 + seed, 1 + seed + samples))
            holds = screen.draw(design, seeds, WANTED_SIGMA)
            if holds and goal.met(ledger.check(design).metrics):
                return Hardened(True, counts, screen.sigma, design)
    return Hardened(False, counts, None, {})
