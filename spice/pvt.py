"""A design at all its corners: process by supply by temperature, the worst first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from eda.errors import InputError
from eda.spice.cache import SimulationCache
from eda.spice.case import Case
from eda.spice.case_parts import Corner, Spec, Target
from eda.spice.case_run import CaseResult
from eda.spice.simulator import NGSPICE, TIME_LIMIT_S, Simulator

_SLOW: Final = ("ss", "slow")
_FAST: Final = ("ff", "fast")


@dataclass(frozen=True, slots=True)
class CornerOutcome:
    """What came of a design at a corner.

    Attributes:
        corner: The conditions.
        result: Status and metrics.
        missed: Metrics that miss their target or have no value; empty without a spec.
    """

    corner: Corner
    result: CaseResult
    missed: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether it could not be simulated, or misses a target."""
        return not self.result.ok or bool(self.missed)


@dataclass(frozen=True, slots=True)
class WorstValue:
    """The worst value of a metric, and the corner that has it."""

    value: float
    corner: Corner


@dataclass(frozen=True, slots=True)
class CornerReport:
    """What came of a sweep of corners.

    Attributes:
        outcomes: The corners that were tried, in the order in which they were.
        skipped: The corners that were not, because another had failed.
        worst: The worst value of each metric, of the corners that gave it.
    """

    outcomes: tuple[CornerOutcome, ...]
    skipped: tuple[Corner, ...]
    worst: Mapping[str, WorstValue]

    @property
    def ok(self) -> bool:
        """Whether every corner was tried, and none failed."""
        return not self.skipped and self.failing is None

    @property
    def failing(self) -> CornerOutcome | None:
        """The first corner, in the order of trying, that failed."""
        return next((outcome for outcome in self.outcomes if outcome.failed), None)

    @property
    def simulated(self) -> int:
        """How many corners were simulated; those that the cache knew do not count."""
        return sum(not outcome.result.cached for outcome in self.outcomes)

    @property
    def cached(self) -> int:
        """How many corners came from the cache."""
        return sum(outcome.result.cached for outcome in self.outcomes)


def sweep_corners(
    case: Case,
    design: Mapping[str, float],
    *,
    spec: Spec | None = None,
    corners: Sequence[Corner] | None = None,
    earlier: CornerReport | None = None,
    stop_on_fail: bool = True,
    executor: Executor | None = None,
    workers: int = 2,
    time_limit_s: float = TIME_LIMIT_S,
    cache: bool | SimulationCache = True,
    simulator: Simulator = NGSPICE,
) -> CornerReport:
    """Simulate a design at its corners, those first that are likely to fail.

    The order is that of `order_corners`. With a spec and ``stop_on_fail`` no corner is begun
    after one has failed; ``workers`` of them run at once, so up to ``workers - 1`` more may be
    in the report. Without a spec every corner is simulated.

    Args:
        case: The case.
        design: Values of every design parameter, by name.
        spec: What is to be met at every corner.
        corners: Which; None for every combination that the case names.
        earlier: A report of a similar design, whose closest corners are then tried first.
        stop_on_fail: Whether to skip the rest once a corner fails ``spec``.
        executor: Where to run; None for worker processes of this machine.
        workers: How many corners run at once.
        time_limit_s: Wall-clock time after which one is stopped.
        cache: True for the user's cache, False for none, or a cache.
        simulator: What runs them.

    Raises:
        SpecError: The design or a corner is none of this case.
        InputError: There is no corner, or ``workers`` is less than one.
        SimulatorNotFoundError: ngspice is not installed.

    Example:
        >>> from eda.spice import example_case
        >>> case = example_case()
        >>> report = sweep_corners(case, case.nominal)  # doctest: +SKIP
        >>> str(report.worst["gain_db"].corner)  # doctest: +SKIP
        'ss, 125 C, 1.98 V'
    """
    wanted = case.corners if corners is None else tuple(corners)
    if not wanted:
        raise InputError("corners is empty; give at least one, or None for all of the case")
    if workers < 1:
        raise InputError(f"workers is {workers}; it must be at least 1")
    for corner in wanted:
        case.deck(design, corner)  # refuses what is none of this case before anything runs
    ordered = order_corners(case, wanted, spec=spec, earlier=earlier)
    how = {"time_limit_s": time_limit_s, "cache": cache, "simulator": simulator}
    stops = spec is not None and stop_on_fail
    at_once = workers if stops else len(ordered)
    if executor is not None:
        tried = _try(executor, case, design, ordered, spec, at_once, how)
    else:
        with ThreadPoolExecutor(max_workers=workers) as threads:
            tried = _try(threads, case, design, ordered, spec, at_once, how)
    return CornerReport(tuple(tried), ordered[len(tried) :], _worst(case, tried))


def order_corners(
    case: Case,
    corners: Sequence[Corner],
    *,
    spec: Spec | None = None,
    earlier: CornerReport | None = None,
) -> tuple[Corner, ...]:
    """Return corners in the order in which a failure is likely found soonest.

    With a spec and an earlier report: those that failed there, the furthest from its targets
    first; then those it does not have; then the others, the closest to a target first. The
    distance of a value from a bound is their difference over the sum of their sizes, so that
    metrics of all units compare. Otherwise, and among equals: slow, low supply and
    hot first, its opposite next, then the other combinations of ends of the ranges, then what
    lies nearer to nominal conditions, and those last.
    """
    known: dict[Corner, float] = {}
    if spec is not None and earlier is not None:
        known = {item.corner: _margin(spec, item.result) for item in earlier.outcomes}
    extremes = _Extremes(corners, case.conditions.process[0] if case.conditions.process else None)

    def key(corner: Corner) -> tuple[float, ...]:
        margin = known.get(corner)
        group = 1.0 if margin is None else 0.0 if margin < 0 else 2.0
        return (group, margin or 0.0, *extremes.key(corner))

    return tuple(sorted(corners, key=key))


class _Extremes:
    """How far corners are from nominal, and whether to the slow side or the fast one."""

    def __init__(self, corners: Sequence[Corner], nominal: str | None) -> None:
        self._nominal = nominal
        self._hot = _Span([c.temperature_c for c in corners])
        self._high = _Span([c.supply_v for c in corners])

    def key(self, corner: Corner) -> tuple[float, ...]:
        name = (corner.process or "").lower()
        process = float(name.startswith(_SLOW)) - float(name.startswith(_FAST))
        heat = self._hot.place(corner.temperature_c)
        low = -self._high.place(corner.supply_v)
        side = process + heat + low
        mixed = process == 0 and corner.process not in (None, self._nominal)
        return (-(abs(process) + mixed + abs(heat) + abs(low)), -abs(side), -side)


class _Span:
    """A range of numbers, and where in it others lie: -1 at its low end, 1 at its high end."""

    def __init__(self, values: Sequence[float | None]) -> None:
        there = [value for value in values if value is not None]
        self._low, self._high = (min(there), max(there)) if there else (0.0, 0.0)

    def place(self, value: float | None) -> float:
        if value is None or self._low == self._high:
            return 0.0
        return 2 * (value - self._low) / (self._high - self._low) - 1


def _margin(spec: Spec, result: CaseResult) -> float:
    """Return the smallest distance from a target, negative where one is missed."""
    if not result.ok:
        return -math.inf
    return min(
        _distance(target, result.metrics.get(name, math.nan))
        for name, target in spec.targets.items()
    )


def _distance(target: Target, value: float) -> float:
    if not math.isfinite(value):
        return -math.inf
    size = abs(value) + abs(target.value)
    distance = abs(value - target.value) / size if size else 0.0
    return distance if target.met_by(value) else -distance


def _try(
    executor: Executor,
    case: Case,
    design: Mapping[str, float],
    corners: Sequence[Corner],
    spec: Spec | None,
    at_once: int,
    how: Mapping[str, Any],
) -> list[CornerOutcome]:
    tried: list[CornerOutcome] = []
    for first in range(0, len(corners), at_once):
        batch = corners[first : first + at_once]
        waiting = [executor.submit(_one, case, design, corner, how) for corner in batch]
        try:
            for corner, future in zip(batch, waiting, strict=True):
                result = future.result()
                missed = () if spec is None else spec.missed(result.metrics)
                tried.append(CornerOutcome(corner, result, missed))
        finally:
            for future in waiting:
                future.cancel()
        if any(outcome.failed for outcome in tried):
            break
    return tried


def _one(
    case: Case, design: Mapping[str, float], corner: Corner, how: Mapping[str, Any]
) -> CaseResult:
    return case.simulate([design], corner=corner, workers=1, **how)[0]


def _worst(case: Case, tried: Sequence[CornerOutcome]) -> dict[str, WorstValue]:
    found = {}
    for metric in case.metrics:
        values = {
            item.corner: item.result.metrics[metric]
            for item in tried
            if metric in item.result.metrics
        }
        if values:
            value = case.worst(metric, list(values.values()))
            corner = next(corner for corner, other in values.items() if other == value)
            found[metric] = WorstValue(value, corner)
    return found
