"""Monte Carlo: one circuit with many seeds, and the yield with its confidence interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from eda.circuit import Circuit
from eda.errors import InputError, SimulationError
from eda.spice.analyses import Analysis
from eda.spice.cache import SimulationCache
from eda.spice.case import Case
from eda.spice.case_deck import deck_text
from eda.spice.case_parts import Corner, Spec
from eda.spice.case_run import read_metrics
from eda.spice.deck import make_job
from eda.spice.job import NotRun
from eda.spice.reader import parse_netlist, read_netlist
from eda.spice.simulation import SimulationResult, Status
from eda.spice.simulator import NGSPICE, TIME_LIMIT_S, Deck, Simulator, simulate
from eda.spice.variation import Variation, switched, switches

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Verdict = Literal["met", "missed", "undecided"]
Metrics = Callable[[SimulationResult], Mapping[str, float]]

_NO_CHANCE: Final = frozenset((Status.REFUSED, Status.MISSING_MODEL))
"""Statuses that come from the deck itself and not from what was drawn."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One draw.

    Attributes:
        seed: Simulating with this ``seed`` gives it again.
        status: How its simulation ended.
        metrics: Values by name.
        missed: Metrics that miss their target or have no value; empty without a spec.
        log: What ngspice said.
    """

    seed: int
    status: Status
    metrics: Mapping[str, float]
    missed: tuple[str, ...] = ()
    log: str = ""

    @property
    def passed(self) -> bool:
        """Whether it was simulated and meets every target."""
        return self.status is Status.OK and not self.missed


@dataclass(frozen=True, slots=True)
class MonteCarloReport:
    """What came of many draws.

    Attributes:
        samples: In the order of their seeds.
        planned: How many were asked for; fewer were drawn where the screen was enough.
        confidence: That of ``interval``.
        looks: How often it could have been stopped; each look takes its share of the risk.
        target_yield: What was to be decided, if anything.
    """

    samples: tuple[Sample, ...]
    planned: int
    confidence: float
    looks: int = 1
    target_yield: float | None = None

    @property
    def passes(self) -> int:
        """How many samples passed."""
        return sum(sample.passed for sample in self.samples)

    @property
    def failing(self) -> tuple[Sample, ...]:
        """The samples that did not, with their seeds; a simulation that failed is among them."""
        return tuple(sample for sample in self.samples if not sample.passed)

    @property
    def estimate(self) -> float:
        """The part of the samples that passed."""
        return self.passes / len(self.samples)

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper bound of the yield, by Clopper and Pearson.

        It holds with ``confidence`` although the sampling may have stopped early: with n looks
        each is made at 1 - (1 - confidence) / n.
        """
        each = 1 - (1 - self.confidence) / self.looks
        return clopper_pearson(self.passes, len(self.samples), confidence=each)

    @property
    def verdict(self) -> Verdict:
        """Whether ``target_yield`` is met; ``undecided`` while it lies in ``interval``."""
        if self.target_yield is None:
            return "undecided"
        low, high = self.interval
        if low >= self.target_yield:
            return "met"
        return "missed" if high < self.target_yield else "undecided"

    @property
    def varied(self) -> bool:
        """Whether any two samples differ; if not, chance may be switched off in the models."""
        first = self.samples[0]
        return any((s.status, s.metrics) != (first.status, first.metrics) for s in self.samples)

    def values(self, metric: str) -> NDArray[np.float64]:
        """Return a metric of the samples that have it, in the order of their seeds.

        Raises:
            InputError: No sample has it.
        """
        import numpy as np

        found = [item.metrics[metric] for item in self.samples if metric in item.metrics]
        if not found:
            known = ", ".join(sorted({name for item in self.samples for name in item.metrics}))
            raise InputError(f"no sample has a metric {metric!r}; there are {known or 'none'}")
        return np.array(found, dtype=np.float64)


def clopper_pearson(passes: int, samples: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact two-sided interval of a probability, from passes among samples.

    The bounds are the probabilities at which so many passes or more, or so many or fewer, are
    just (1 - confidence) / 2 likely: quantiles of beta distributions.

    Raises:
        InputError: The numbers are no such counts, or the confidence is not between 0 and 1.

    Example:
        >>> low, high = clopper_pearson(10, 10)
        >>> round(low, 4), high
        (0.6915, 1.0)
    """
    if not 0 <= passes <= samples or samples < 1:
        raise InputError(f"{passes} passes of {samples} samples: give 0 to samples of at least 1")
    if not 0 < confidence < 1:
        raise InputError(f"confidence is {confidence:g}; it must be between 0 and 1")
    from scipy.special import betaincinv

    tail = (1 - confidence) / 2
    fails = samples - passes
    low = 0.0 if passes == 0 else float(betaincinv(passes, fails + 1, tail))
    high = 1.0 if fails == 0 else float(betaincinv(passes + 1, fails, 1 - tail))
    return low, high


def monte_carlo(
    deck: Case | Deck,
    *analyses: Analysis,
    samples: int = 200,
    seed: int = 1,
    design: Mapping[str, float] | None = None,
    corner: Corner | None = None,
    metrics: Metrics | None = None,
    spec: Spec | None = None,
    parameters: Mapping[str, float] | None = None,
    vary: Sequence[Variation] = (),
    target_yield: float | None = None,
    confidence: float = 0.95,
    screen: int = 16,
    executor: Executor | None = None,
    workers: int = 2,
    time_limit_s: float = TIME_LIMIT_S,
    cache: bool | SimulationCache = True,
    simulator: Simulator = NGSPICE,
) -> MonteCarloReport:
    r"""Simulate a circuit with the seeds ``seed``, ``seed + 1``, ... and count what passes.

    Sample k depends on its seed only: not on the other samples, their order, or the process.
    A sample passes if its simulation is ``ok`` and meets ``spec``; whatever else happens, a
    limit that was reached included, counts against the yield.

    With ``target_yield`` it is decided as early as possible: after ``screen`` samples, then
    after twice, four times, ... as many, it stops where the interval of the yield lies on one
    side of the target. Every look takes an equal share of the risk of being wrong.

    Args:
        deck: A case, a circuit, or the path of a netlist, in which chance enters (``agauss``).
        analyses: For a deck, as in `simulate`; a case has its own.
        samples: How many at most.
        seed: The first seed, at least 1.
        design: For a case; None for its nominal design.
        corner: For a case; None for nominal conditions.
        metrics: For a deck: from a result to values by name. Without it, operating point and
            measures.
        spec: The targets; without, a sample passes that can be simulated.
        parameters: Values of parameters at the top level of deck or models, such as
            ``{"sw_stat_mismatch": 1}``.
        vary: Of ``process`` and ``mismatch``: sets the switches of GF180 and SKY130 for these
            to 1, and the others to 0; empty leaves them as they are.
        target_yield: Stop once the yield is known to be above or below this.
        confidence: That of the interval.
        screen: Samples before the first look, with ``target_yield``.
        executor: Where to run; None for worker processes of this machine.
        workers: How many run at once, without an executor.
        time_limit_s: Wall-clock time after which one is stopped.
        cache: True for the user's cache, False for none, or a cache.
        simulator: What runs them.

    Raises:
        InputError: Nothing in the deck is left to chance, a parameter or switch is not there, or
            an argument makes no sense.
        SpecError: The design or corner is none of the case.
        SimulationError: The deck is refused, or a model is missing, whatever is drawn.
        SimulatorNotFoundError: ngspice is not installed.

    Example:
        >>> from eda.spice import Op, parse_netlist
        >>> deck = parse_netlist("* r\nI1 0 a 1m\nR1 a 0 {agauss(1k, 30, 3)}\n")
        >>> report = monte_carlo(deck, Op(), samples=50)  # doctest: +SKIP
        >>> report.values("v(a)").std()  # doctest: +SKIP
        0.0096
    """
    _check(samples, seed, target_yield, confidence, screen, workers)
    circuit, steps, read = _source(deck, analyses, design, corner, metrics)
    chosen = switches(circuit, vary) if vary else {}
    circuit = switched(circuit, {**chosen, **(parameters or {})})
    job = make_job(circuit, steps, seed=seed)
    if isinstance(job, NotRun):
        raise SimulationError(f"{_label(deck)}: {job.status.value}: {job.reason}")
    if job.seed is None:
        raise InputError(
            f"{_label(deck)}: nothing is left to chance, so every sample would be the same; give "
            "parameters or models a distribution, as {agauss(1k, 30, 3)}"
        )
    ends = [samples] if target_yield is None else _looks(screen, samples)
    how = {"time_limit_s": time_limit_s, "cache": cache, "simulator": simulator}
    drawn: list[Sample] = []

    def draw(pool: Executor) -> MonteCarloReport:
        report = MonteCarloReport((), samples, confidence)
        for end in ends:
            seeds = range(seed + len(drawn), seed + end)
            drawn.extend(_draw(pool, circuit, steps, read, spec, seeds, how))
            if all(sample.status in _NO_CHANCE for sample in drawn):
                first = drawn[0]
                raise SimulationError(f"{_label(deck)}: {first.status.value}: {first.log}")
            report = MonteCarloReport(tuple(drawn), samples, confidence, len(ends), target_yield)
            if report.verdict != "undecided":
                break
        return report

    if executor is not None:
        return draw(executor)
    with ThreadPoolExecutor(max_workers=workers) as threads:
        return draw(threads)


def _check(
    samples: int,
    seed: int,
    target_yield: float | None,
    confidence: float,
    screen: int,
    workers: int,
) -> None:
    counts = {"samples": samples, "seed": seed, "screen": screen, "workers": workers}
    for name, value in counts.items():
        if value < 1:
            raise InputError(f"{name} is {value}; it must be at least 1")
    shares = {"confidence": confidence, "target_yield": target_yield}
    for name, share in shares.items():
        if share is not None and not 0 < share < 1:
            raise InputError(f"{name} is {share:g}; it must be between 0 and 1")


def _label(deck: Case | Deck) -> str:
    if isinstance(deck, Case | Circuit):
        return deck.name or "the deck"
    return str(deck)


def _looks(screen: int, samples: int) -> list[int]:
    """Return after how many samples to look: the screen, doubled until all are drawn."""
    ends = [min(screen, samples)]
    while ends[-1] < samples:
        ends.append(min(2 * ends[-1], samples))
    return ends


def _source(
    deck: Case | Deck,
    analyses: Sequence[Analysis],
    design: Mapping[str, float] | None,
    corner: Corner | None,
    metrics: Metrics | None,
) -> tuple[Circuit, tuple[Analysis, ...], Callable[[SimulationResult], Sample]]:
    """Return the circuit, its analyses, and what makes a sample (of seed 0) of a result."""
    if not isinstance(deck, Case):
        if design is not None or corner is not None:
            raise InputError("design and corner belong to a case, and a deck was given")
        circuit = deck if isinstance(deck, Circuit) else read_netlist(deck, strict=False)
        of = metrics or _everything
        return circuit, tuple(analyses), lambda r: Sample(0, r.status, dict(of(r)), (), r.log)
    if analyses or metrics is not None:
        raise InputError(f"{deck.name} has analyses and metrics of its own; give none")
    case, conditions = deck, corner or Corner()
    values = case.nominal if design is None else design
    case.deck(values, corner)  # refuses what is none of this case
    # The sizes stand in the text, so that ngspice draws once, when it loads the deck: what is
    # drawn must not depend on what the worker ran before.
    circuit = parse_netlist(
        deck_text(case.deck_source, values, conditions, case.conditions),
        dialect="ngspice",
        name=str(case.folder / "deck.cir"),
        include_dirs=case.include_dirs,
        strict=False,
    )
    parameters = case.parameters(values, conditions)

    def of_case(result: SimulationResult) -> Sample:
        read = read_metrics(case, result, parameters, 0, len(case.stages))
        return Sample(0, read.status, dict(read.metrics), (), read.log)

    return circuit, case.analyses, of_case


def _everything(result: SimulationResult) -> dict[str, float]:
    return {**result.operating_point, **result.measures}


def _draw(
    pool: Executor,
    circuit: Circuit,
    steps: Sequence[Analysis],
    read: Callable[[SimulationResult], Sample],
    spec: Spec | None,
    seeds: range,
    how: Mapping[str, Any],
) -> list[Sample]:
    waiting = [pool.submit(simulate, circuit, *steps, seed=at, **how) for at in seeds]
    drawn = []
    try:
        for at, future in zip(seeds, waiting, strict=True):
            found = read(future.result())
            missed = () if spec is None else spec.missed(found.metrics)
            drawn.append(Sample(at, found.status, found.metrics, missed, found.log))
    finally:
        for future in waiting:
            future.cancel()
    return drawn
