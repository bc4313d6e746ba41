"""Monte Carlo: reproducible draws, exact intervals, and a screen that keeps its confidence."""

import json
import math
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.errors import InputError, SimulationError, ToolNotFoundError
from eda.spice import (
    Corner,
    Op,
    SimulationResult,
    Spec,
    Status,
    Target,
    clopper_pearson,
    example_case,
    monte_carlo,
    parse_netlist,
    read_case,
    simulate,
)
from eda.spice.case_reader import example_folder
from eda.spice.job import Job
from eda.spice.montecarlo import MonteCarloReport, Sample
from eda.spice.ngspice_shared import library_path
from eda.spice.simulator import Options

DECK = parse_netlist("* r\nI1 0 a 1m\nR1 a 0 {agauss(1k, 30, 3)}\n")
"""1 V, with a standard deviation of 10 mV."""


@pytest.fixture
def ngspice() -> None:
    """Skip where libngspice is not installed."""
    try:
        library_path()
    except ToolNotFoundError:
        pytest.skip("libngspice is not installed")


class Coin:
    """A simulator whose measure ``x`` is 1 for the seeds that a function names, else 0."""

    def __init__(self, passes: Callable[[int], bool], status: Status = Status.OK) -> None:
        """Take the function, and the status of the others."""
        self.passes, self.status, self.seen = passes, status, list[int]()

    def run(self, job: Job, options: Options) -> SimulationResult:
        """Answer from the seed."""
        seed = job.seed or 0
        self.seen.append(seed)
        good = self.passes(seed)
        status = Status.OK if good else self.status
        measures: Mapping[str, float] = {"x": float(good)}
        return SimulationResult(status, measures=measures, log="" if good else "as told")


ONE = Spec({"x": Target(">=", 1)})


# -- the interval -------------------------------------------------------------------------------


@pytest.mark.parametrize("samples", [1, 10, 200])
def test_the_closed_forms_at_the_ends(samples: int) -> None:
    # No failure among n: the yield at which that is 2.5 % likely solves p^n = 0.025.
    low, high = clopper_pearson(samples, samples)
    assert low == pytest.approx(0.025 ** (1 / samples), rel=1e-12)
    assert high == 1
    low, high = clopper_pearson(0, samples, confidence=0.9)
    assert low == 0
    assert high == pytest.approx(1 - 0.05 ** (1 / samples), rel=1e-12)


def tail(first: int, last: int, samples: int, probability: float) -> float:
    """The chance of ``first`` to ``last`` passes."""
    return math.fsum(
        math.comb(samples, k) * probability**k * (1 - probability) ** (samples - k)
        for k in range(first, last + 1)
    )


@given(st.integers(2, 60), st.data(), st.sampled_from([0.8, 0.95, 0.99]))
def test_the_bounds_solve_the_binomial_tails(
    samples: int, data: st.DataObject, confidence: float
) -> None:
    passes = data.draw(st.integers(1, samples - 1))
    low, high = clopper_pearson(passes, samples, confidence=confidence)
    risk = (1 - confidence) / 2
    assert tail(passes, samples, samples, low) == pytest.approx(risk, rel=1e-6)
    assert tail(0, passes, samples, high) == pytest.approx(risk, rel=1e-6)


@pytest.mark.parametrize(
    ("passes", "samples", "confidence", "message"),
    [
        (3, 2, 0.95, "3 passes of 2 samples: give 0 to samples of at least 1"),
        (0, 0, 0.95, "0 passes of 0 samples: give 0 to samples of at least 1"),
        (1, 2, 1.0, "confidence is 1; it must be between 0 and 1"),
    ],
)
def test_what_is_no_count(passes: int, samples: int, confidence: float, message: str) -> None:
    with pytest.raises(InputError) as caught:
        clopper_pearson(passes, samples, confidence=confidence)
    assert str(caught.value) == message


# -- counting and the screen --------------------------------------------------------------------


def test_failing_seeds_are_named() -> None:
    coin = Coin(lambda seed: seed not in (7, 12))
    report = monte_carlo(DECK, Op(), samples=20, seed=3, spec=ONE, simulator=coin)
    assert [sample.seed for sample in report.samples] == list(range(3, 23))
    assert [(sample.seed, sample.missed) for sample in report.failing] == [
        (7, ("x",)),
        (12, ("x",)),
    ]
    assert (report.passes, report.estimate, report.looks) == (18, 0.9, 1)
    assert report.interval == clopper_pearson(18, 20)
    assert report.verdict == "undecided"
    assert report.values("x").sum() == 18
    with pytest.raises(InputError) as caught:
        report.values("y")
    assert str(caught.value) == "no sample has a metric 'y'; there are x"


def test_a_simulation_that_fails_counts_against_the_yield() -> None:
    coin = Coin(lambda seed: seed != 2, Status.TIMEOUT)
    report = monte_carlo(DECK, Op(), samples=4, simulator=coin)
    assert [(s.seed, s.status, s.log) for s in report.failing] == [(2, Status.TIMEOUT, "as told")]
    assert report.passes == 3


@pytest.mark.parametrize(
    ("passes", "target", "verdict", "drawn"),
    [
        (lambda seed: False, 0.9, "missed", 16),
        (lambda seed: True, 0.7, "met", 16),
        (lambda seed: True, 0.9, "met", 64),
        (lambda seed: seed % 10 != 0, 0.9, "undecided", 200),
    ],
)
def test_the_screen_stops_as_soon_as_it_is_decided(
    passes: Callable[[int], bool], target: float, verdict: str, drawn: int
) -> None:
    coin = Coin(passes)
    report = monte_carlo(DECK, Op(), samples=200, target_yield=target, spec=ONE, simulator=coin)
    assert (report.verdict, len(report.samples), report.planned) == (verdict, drawn, 200)
    assert sorted(coin.seen) == list(range(1, drawn + 1))
    assert report.looks == 5


def test_early_stopping_is_wrong_no_more_often_than_it_says() -> None:
    """Exactly, over every path of passes: the chance of a wrong verdict at the target itself."""
    ends, target, looks = (16, 32, 64, 128, 200), 0.9, 5
    alive = {0: 1.0}
    wrong, before = 0.0, 0
    for end in ends:
        steps = end - before
        ways: dict[int, float] = {}
        for passes, chance in alive.items():
            for more in range(steps + 1):
                share = chance * tail(more, more, steps, target)
                ways[passes + more] = ways.get(passes + more, 0.0) + share
        alive = {}
        for passes, chance in ways.items():
            samples = (Sample(1, Status.OK, {}),) * passes
            samples += (Sample(1, Status.CRASHED, {}),) * (end - passes)
            low, high = MonteCarloReport(samples, 200, 0.95, looks, target).interval
            if low > target or high < target:
                wrong += chance
            else:
                alive[passes] = chance
        before = end
    assert 0 < wrong < 0.05


# -- ngspice ------------------------------------------------------------------------------------


def test_draws_follow_their_distribution_and_their_seed(ngspice: None) -> None:
    report = monte_carlo(
        DECK, Op(), samples=300, spec=Spec({"v(a)": Target(">=", 0.99)}), cache=False
    )
    values = report.values("v(a)")
    # Seeds are fixed: four standard errors leave room for another generator.
    assert values.mean() == pytest.approx(1, abs=4 * 0.01 / math.sqrt(300))
    assert values.std() == pytest.approx(0.01, rel=4 / math.sqrt(600))
    assert len(set(values)) > 290
    low, high = report.interval
    assert low < 0.8413 < high  # a normal draw above minus one standard deviation
    bad = report.failing[0]
    again = simulate(DECK, Op(), seed=bad.seed, cache=False)
    assert again.operating_point["v(a)"] == bad.metrics["v(a)"] < 0.99


def test_a_sample_does_not_depend_on_the_others_or_the_process(ngspice: None) -> None:
    whole = monte_carlo(DECK, Op(), samples=12, cache=False)
    late = monte_carlo(DECK, Op(), samples=5, seed=8, workers=1, cache=False)
    assert list(late.values("v(a)")) == list(whole.values("v(a)")[7:])
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        other = monte_carlo(DECK, Op(), samples=12, executor=processes, cache=False)
    assert list(other.values("v(a)")) == list(whole.values("v(a)"))


def test_own_metrics(ngspice: None) -> None:
    report = monte_carlo(
        DECK,
        Op(),
        samples=3,
        metrics=lambda result: {"mv": 1e3 * result.operating_point["v(a)"]},
        cache=False,
    )
    assert [list(sample.metrics) for sample in report.samples] == [["mv"]] * 3
    assert report.values("mv").mean() == pytest.approx(1000, rel=0.05)


def test_chance_that_is_switched_off_is_seen(ngspice: None) -> None:
    deck = parse_netlist("* r\n.param on=0\nI1 0 a 1m\nR1 a 0 {1k + on*agauss(0, 30, 3)}\n")
    still = monte_carlo(deck, Op(), samples=3, cache=False)
    assert (still.varied, still.estimate) == (False, 1)
    assert monte_carlo(DECK, Op(), samples=3, cache=False).varied


def test_a_case_with_a_random_load(ngspice: None, tmp_path: Path) -> None:
    folder = tmp_path / "circuits" / "mine"
    folder.mkdir(parents=True)
    for item in example_folder().iterdir():
        (folder / item.name).write_text(item.read_text())
    deck = (folder / "deck.cir").read_text()
    extra = "rmc mc 0 {agauss(1k, 300, 3)}\nimc 0 mc {1m*vdd}\n.end\n"
    (folder / "deck.cir").write_text(deck.replace(".end\n", extra))
    described = json.loads((folder / "case.json").read_text())
    described["measures"]["vos_v"]["output"] = "v(mc)"
    (folder / "case.json").write_text(json.dumps(described))
    case = read_case(folder)
    low = Corner("ss", 125, 1.62)
    found = monte_carlo(case, samples=4, corner=low, cache=False)
    again = monte_carlo(case, samples=2, seed=3, corner=low, workers=1, cache=False)
    assert [s.status for s in found.samples] == [Status.OK] * 4, found.samples[0].log
    assert [s.metrics for s in again.samples] == [s.metrics for s in found.samples[2:]]
    assert len(set(found.values("vos_v"))) == 4
    # At the corner the load carries 1.62 mA, and v(mc) is compared with vcm = 0.7 V.
    assert found.values("vos_v").mean() == pytest.approx(0.92, abs=0.4)


# -- what is refused ----------------------------------------------------------------------------


def test_a_deck_without_chance_is_refused() -> None:
    deck = parse_netlist("* r\nI1 0 a 1m\nR1 a 0 1k\n")
    with pytest.raises(InputError) as caught:
        monte_carlo(deck, Op())
    assert str(caught.value) == (
        "the deck: nothing is left to chance, so every sample would be the same; give parameters "
        "or models a distribution, as {agauss(1k, 30, 3)}"
    )


def test_a_deck_that_cannot_run_gives_no_yield() -> None:
    coin = Coin(lambda seed: False, Status.MISSING_MODEL)
    with pytest.raises(SimulationError) as caught:
        monte_carlo(DECK, Op(), samples=3, simulator=coin)
    assert str(caught.value) == "the deck: missing_model: as told"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"samples": 0}, "samples is 0; it must be at least 1"),
        ({"seed": 0}, "seed is 0; it must be at least 1"),
        ({"screen": 0}, "screen is 0; it must be at least 1"),
        ({"workers": 0}, "workers is 0; it must be at least 1"),
        ({"confidence": 95}, "confidence is 95; it must be between 0 and 1"),
        ({"target_yield": 1}, "target_yield is 1; it must be between 0 and 1"),
        ({"corner": Corner("ss")}, "design and corner belong to a case, and a deck was given"),
    ],
)
def test_arguments_without_sense(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        monte_carlo(DECK, Op(), **options)  # type: ignore[arg-type]
    assert str(caught.value) == message


def test_a_case_has_its_own_analyses() -> None:
    with pytest.raises(InputError) as caught:
        monte_carlo(example_case(), Op())
    assert str(caught.value) == "opamp2 has analyses and metrics of its own; give none"
