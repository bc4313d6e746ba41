"""The screen of corners and samples: its order, its counts, and when it stops."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from eda.agents.baselines import screened
from eda.agents.baselines.screened import Screen
from eda.agents.goal import Goal
from eda.agents.harden import SCREEN, distances, tightened
from eda.agents.ledger import Ledger
from eda.agents.search import SearchPlan, search
from eda.agents.space import DesignSpace
from eda.spice import Case, Target
from eda.spice.case_parts import Corner
from eda.spice.case_run import CaseResult
from eda.spice.montecarlo import MonteCarloReport, Sample
from eda.spice.simulation import Status

GOAL = Goal({"gain_db": Target(">=", 60.0)})
DESIGN = {"w": 1.0}


class Gains(Ledger):
    """Gains by corner instead of simulations."""

    gains: Mapping[Corner, float] = {}

    def corners(
        self, design: Mapping[str, float], corners: Sequence[Corner]
    ) -> dict[Corner, CaseResult]:
        """Return the gain of each corner, 80 dB where none is given."""
        self.counts.corner += len(corners)
        return {
            corner: CaseResult(Status.OK, {"gain_db": self.gains.get(corner, 80.0)}, 0)
            for corner in corners
        }


@pytest.fixture
def screen(opamp: Case, monkeypatch: pytest.MonkeyPatch) -> Screen:
    """A screen whose sample of seed k has the gain 80 dB plus what repeats every five seeds."""
    monkeypatch.setattr(screened, "variation", lambda _case: ("mismatch",))
    made = Screen(opamp, GOAL, Gains(opamp, cache=False), 40, 0)
    made.lows = {}  # type: ignore[attr-defined]

    def draw(_case: Case, *, samples: int, seed: int, **_how: Any) -> MonteCarloReport:
        drawn = []
        for at in range(seed, seed + samples):
            gain = made.lows.get(at, 80.0 + at % 5)  # type: ignore[attr-defined]
            missed = () if gain >= 60 else ("gain_db",)
            drawn.append(Sample(at, Status.OK, {"gain_db": gain}, missed))
        return MonteCarloReport(tuple(drawn), samples, 0.95)

    monkeypatch.setattr(screened, "monte_carlo", draw)
    return made


def test_a_design_that_holds_takes_every_corner_and_sample_once(screen: Screen) -> None:
    assert screen.holds(DESIGN)
    assert screen.ledger.counts.corner == len(screen.case.corners) == len(screen.seen)
    assert screen.ledger.counts.mismatch == 40
    assert screen.report is not None
    assert sorted(s.seed for s in screen.report.samples) == list(range(1, 41))
    values = 80.0 + np.arange(1, 41) % 5
    assert screen.sigma == pytest.approx((values.mean() - 60) / values.std(ddof=1))


def test_a_corner_that_failed_is_tried_first_and_alone(screen: Screen) -> None:
    last = screen.case.corners[-1]
    screen.ledger.gains = {last: 50.0}  # type: ignore[attr-defined]
    assert not screen.holds(DESIGN)
    before = screen.ledger.counts.corner
    samples = screen.ledger.counts.mismatch
    assert samples <= SCREEN
    assert not screen.holds(DESIGN)
    assert screen.ledger.counts.corner == before + 1
    assert screen.ledger.counts.mismatch == samples
    assert screen.failed_corners[last] == 2


def test_a_sample_that_failed_is_drawn_first(screen: Screen) -> None:
    screen.lows = {38: 55.0}  # type: ignore[attr-defined]
    assert not screen.holds(DESIGN)
    corners, samples = screen.ledger.counts.corner, screen.ledger.counts.mismatch
    assert not screen.holds(DESIGN)
    assert screen.ledger.counts.mismatch == samples + 1
    assert screen.ledger.counts.corner == corners + 1


def test_samples_that_scatter_too_much_stop_at_the_screen(screen: Screen) -> None:
    wide = {at: 61.0 + 30 * (at % 2) for at in range(1, 41)}
    screen.lows = wide  # type: ignore[attr-defined]
    assert not screen.holds(DESIGN)
    assert (screen.ledger.counts.corner, screen.ledger.counts.mismatch) == (1, SCREEN)


def test_what_is_asked_grows_with_the_scatter() -> None:
    gains = [61.0, 63.0, 65.0]
    samples = tuple(Sample(at, Status.OK, {"gain_db": g}) for at, g in enumerate(gains))
    report = MonteCarloReport(samples, 3, 0.95)
    assert distances(GOAL, report) == {"gain_db": pytest.approx(1.5)}
    asked = tightened(GOAL, GOAL, report)
    assert asked.targets["gain_db"].value == pytest.approx(60 + (3.5 - 1.5) * 2)
    assert distances(Goal({"psrr_db": Target(">=", 1.0)}), report) == {"psrr_db": -10.0}


def test_a_random_search_keeps_its_budget(opamp: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screened, "_AT_ONCE", 2)
    goal = Goal({"gain_db": Target(">=", 500.0)})
    found = screened.corner_by_corner(opamp, goal, samples=0, budget=3, seed=0)
    assert (found.met, found.counts.online, found.counts.corner) == (False, 4, 0)


def test_the_search_learns_at_the_corner_that_fails(
    opamp: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness = dict(opamp.specs["medium"].witness or {})
    result = opamp.simulate([witness])[0]
    bad = opamp.corners[0]

    def begin(race: Any) -> None:
        race(race.space.point(witness))

    def at(self: Ledger, design: Mapping[str, float], corners: Sequence[Corner]) -> Any:
        self.counts.corner += len(corners)
        fails = dict(design) == found and corners[0] == bad
        poor = CaseResult(Status.OK, {"gain_db": 1.0}, 0)
        return {corner: poor if fails else result for corner in corners}

    space = DesignSpace.of(opamp)
    found = space.design(space.point(witness))
    monkeypatch.setattr(screened, "gp_bo", begin)
    monkeypatch.setattr(Ledger, "corners", at)
    monkeypatch.setattr(
        screened,
        "search",
        lambda *a, **k: search(*a, **k, plan=PLAN),
    )
    goal = Goal({"gain_db": Target(">=", result.metrics["gain_db"] - 80)})
    done = screened.screened_search(opamp, goal, samples=0, budget=500, seed=0)
    assert done.counts.corner > len(opamp.corners)
    assert done.met
    assert dict(done.design) != found


PLAN = SearchPlan(population=8, generations=2, patience=1)
