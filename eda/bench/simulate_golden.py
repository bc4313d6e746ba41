"""Golden tables of sizing cases: how closely our simulations agree with known metrics."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

from eda.bench.table import Cell, Table
from eda.spice import Case, Status, example_case, read_case
from eda.spice.case_golden import (
    GoldenRow,
    compare_golden,
    is_undefined,
    read_golden,
    relative_error,
)

SAMPLE = {"opamp2": 12, "ota2s_fpdk45": 40, "ota2s_gf180": 12, "ota5t_sky130": 3, "tia_fpdk45": 80}
"""Rows of each case in the quick form; any other case gives ten."""

TOLERANCE = (
    "tolerance: 0.5 %, gains 0.05 dB, phases 0.3 degrees, settling one time step more (it is read "
    "at time points); the tables have six digits, which alone is 5e-6"
)

GIVEN_UP = (
    "given up: ngspice stops in the transient (timestep too small), also when run by itself; we "
    "report a failed design, the table holds what the measures give for no step at all"
)


def golden_tables(
    data: Path | None,
    log: Callable[[str], object],
    *,
    full: bool,
    seed: int,
    executor: Executor | None = None,
) -> list[Table]:
    """Return the agreement with every golden table, a row for each metric of each case.

    Args:
        data: Folder of the corpora; None for the shipped case alone.
        log: Called with what is being done.
        full: Whether every design is simulated; else a sample.
        seed: Chooses the sample.
        executor: Where to run; None for worker processes of this machine.
    """
    rows: list[tuple[Cell, ...]] = []
    summary: list[tuple[Cell, ...]] = []
    for case in _cases(data):
        golden = read_golden(case)
        count = len(golden) if full else min(SAMPLE.get(case.name, 10), len(golden))
        chosen = sorted(random.Random(seed).sample(golden, count), key=lambda row: row.line)
        log(f"{case.name}: {count} of {len(golden)} designs")
        metrics, total = _compare(case, chosen, executor)
        rows += metrics
        summary.append((case.name, len(golden), *total))
    return [
        Table(
            "Golden designs: nominal conditions, every analysis, without cache",
            ("case", "in table", "simulated", "given up", "mismatches", "ms a design"),
            tuple(summary),
            (
                TOLERANCE,
                GIVEN_UP,
                "mismatches: metrics of all designs; ms: wall clock, two workers",
            ),
        ),
        Table(
            "Golden designs: largest relative error of each metric",
            ("case", "metric", "largest", "beyond 2e-5", "mismatches"),
            tuple(rows),
            ("beyond 2e-5: designs further away than the same ngspice should be",),
        ),
    ]


def _cases(data: Path | None) -> list[Case]:
    found = [example_case()]
    if data is not None:
        folders = sorted((data / "sizing" / "circuits").glob("*/case.json"))
        found += [read_case(path) for path in folders]
    return found


def _compare(
    case: Case, golden: list[GoldenRow], executor: Executor | None
) -> tuple[list[tuple[Cell, ...]], tuple[Cell, ...]]:
    begun = time.perf_counter()
    results = case.simulate([row.design for row in golden], cache=False, executor=executor)
    seconds = time.perf_counter() - begun
    worst = dict.fromkeys(case.metrics, 0.0)
    strict, loose = dict.fromkeys(case.metrics, 0), dict.fromkeys(case.metrics, 0)
    given_up = 0
    for row, result in zip(golden, results, strict=True):
        expected = dict(row.metrics)
        lost = [metric for metric in case.metrics if metric not in result.metrics]
        if result.status is Status.NO_CONVERGENCE and all(
            is_undefined(case, row, metric) for metric in lost
        ):
            given_up += 1
            expected = {name: row.metrics[name] for name in result.metrics}
        for metric, value in result.metrics.items():
            worst[metric] = max(worst[metric], relative_error(row.metrics[metric], value))
        for counts, same in ((strict, True), (loose, False)):
            for item in compare_golden(case, row.line, expected, result.metrics, same_version=same):
                counts[item.metric] += 1
    rows: list[tuple[Cell, ...]] = [
        (case.name, metric, f"{worst[metric]:.1e}", strict[metric], loose[metric])
        for metric in case.metrics
    ]
    each = 1000 * seconds / len(golden) if golden else None
    return rows, (len(golden), given_up, sum(loose.values()), each)
