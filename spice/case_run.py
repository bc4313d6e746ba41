"""Running designs of a case: simulations in, metrics out, stage by stage."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.spice.analyses import Analysis
from eda.spice.case_kinds import NoValue, Reading
from eda.spice.case_parts import Corner, Spec
from eda.spice.simulation import SimulationResult, Status
from eda.spice.simulator import simulate_many

if TYPE_CHECKING:
    from eda.spice.case import Case


@dataclass(frozen=True)
class CaseResult:
    """What came of a design.

    Attributes:
        status: How it ended; ``ok`` where every stage that was run gave its metrics. A metric
            that has no value is ``missing_vector``.
        metrics: Values by name (SI), of the stages that were finished.
        stage: How many stages were finished.
        cached: Whether nothing had to be simulated.
        log: What went wrong, and what ngspice said.
        seconds: Time the simulations took; 0 where they came from the cache.
    """

    status: Status
    metrics: Mapping[str, float] = field(default_factory=dict)
    stage: int = 0
    cached: bool = False
    log: str = ""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether every stage that was run gave its metrics."""
        return self.status is Status.OK


def run_designs(
    case: Case,
    designs: Sequence[Mapping[str, float]],
    corner: Corner,
    stages: int,
    targets: Spec | None,
    how: Mapping[str, Any],
) -> list[CaseResult]:
    """Return a result for each design; see `Case.simulate`."""
    results = [
        CaseResult(Status.REFUSED, log=why) if (why := case.problem(design)) else None
        for design in designs
    ]
    open_ = [at for at, result in enumerate(results) if result is None]
    # Without targets one simulation does all stages; ngspice stops at the first that fails.
    groups = [(0, stages)] if targets is None else [(at, at + 1) for at in range(stages)]
    for first, end in groups:
        ran = _simulate(case, [designs[at] for at in open_], corner, first, end, how)
        for at, simulation in zip(open_, ran, strict=True):
            parameters = case.parameters(designs[at], corner)
            before = results[at]
            results[at] = read_metrics(case, simulation, parameters, first, end, before)
        if targets is not None:
            open_ = [at for at in open_ if _goes_on(results[at], targets)]
    return [result for result in results if result is not None]


def read_metrics(
    case: Case,
    simulation: SimulationResult,
    parameters: Mapping[str, float],
    first: int,
    end: int,
    before: CaseResult | None = None,
) -> CaseResult:
    """Return the metrics of stages ``first`` to ``end`` from a simulation of their analyses.

    Args:
        case: The case.
        simulation: What ngspice gave.
        parameters: Design and fixed parameters with the values of this run.
        first: The first stage, from 0.
        end: The stage after the last.
        before: The result of the stages before.
    """
    metrics = dict(before.metrics) if before is not None else {}
    stage, status, log = first, Status.OK, simulation.log
    for at in range(first, end):
        reading = _reading(simulation, case.analyses[at])
        if reading is None:
            status = simulation.status
            break
        try:
            metrics.update(_stage(case, at, reading, parameters))
        except NoValue as problem:
            status = Status.MISSING_VECTOR if simulation.ok else simulation.status
            log = f"{problem}\n{log}".strip()
            break
        stage = at + 1
    if stage == end and not simulation.ok:
        status = simulation.status
    made = CaseResult(status, metrics, stage, simulation.cached, log, simulation.seconds)
    if before is None:
        return made
    seconds = made.seconds + before.seconds
    return replace(made, cached=made.cached and before.cached, seconds=seconds)


def _simulate(
    case: Case,
    designs: Sequence[Mapping[str, float]],
    corner: Corner,
    first: int,
    end: int,
    how: Mapping[str, Any],
) -> list[SimulationResult]:
    if not designs:
        return []
    circuit = case.circuit(Corner(corner.process, corner.temperature_c))
    supply = {} if corner.supply_v is None else {"vdd": corner.supply_v}
    return simulate_many(
        [circuit],
        *case.analyses[first:end],
        parameters=[{**design, **supply} for design in designs],
        **how,
    )


def _reading(simulation: SimulationResult, analysis: Analysis) -> Reading | None:
    try:
        waveforms = simulation.of(analysis)
    except KeyError:
        return None
    totals: dict[str, float] = {}
    if analysis.kind == "noise":
        totals = {
            name: value for name, value in simulation.measures.items() if math.isfinite(value)
        }
    axis = np.asarray(waveforms.axis, dtype=np.float64)
    return Reading(axis, waveforms.arrays, totals)


def _stage(
    case: Case, at: int, reading: Reading, parameters: Mapping[str, float]
) -> dict[str, float]:
    made = {}
    for metric in case.stages[at]:
        try:
            made[metric] = case.measures[metric].compute(reading, parameters)
        except NoValue as problem:
            raise NoValue(f"{metric} has no value: {problem}") from None
    return made


def _goes_on(result: CaseResult | None, targets: Spec) -> bool:
    if result is None or not result.ok:
        return False
    there = {name: target for name, target in targets.targets.items() if name in result.metrics}
    return Spec(there).met(result.metrics)
