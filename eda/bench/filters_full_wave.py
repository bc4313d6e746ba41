"""``eda bench filters-full-wave``: closed forms against openEMS, and corrections in three calls.

It takes minutes and needs openEMS. Every simulation is cached: a run that was stopped goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from eda.bench.table import Cell, Table, render, result_of
from eda.datasets.corpora import data_folder
from eda.errors import DatasetError
from eda.filters.fullwave.aim import Aim, difference_db, fit_aim
from eda.filters.fullwave.correct import Step, corrected
from eda.filters.fullwave.openems import find_openems, openems_version
from eda.filters.fullwave.solve import FullWave, solve_layout
from eda.filters.microstrip.evaluator import reference_s
from eda.filters.microstrip.layout import Layout
from eda.filters.microstrip.search import search_layouts
from eda.filters.microstrip.starts import textbook_layouts
from eda.filters.montecarlo import wilson
from eda.filters.neural.weights import knows, load_weights
from eda.filters.spec import FilterSpec
from eda.filters.spec_reader import read_spec

__all__ = ["render", "run"]

CALLS: Final = 3
QUICK: Final = ("flt-dev-ms-02", "flt-dev-ms-08", "flt-dev-ms-09")
_POINTS: Final = 801
_WAYS: Final = ("closed forms as they are", "one scale factor", "space mapping", "the command")

Log = Callable[[str], object]


@dataclass(frozen=True)
class Case:
    """One specification, designed and corrected in three ways.

    Attributes:
        spec: What is to be kept.
        plain: By one factor on the frequency of the closed forms.
        mapped: By space mapping of the closed forms.
        neural: By the neural simulator and its space mapping, for families that it has learned.
        seconds: On the clock.
    """

    spec: FilterSpec
    plain: list[Step]
    mapped: list[Step]
    neural: list[Step]
    seconds: float


def run(
    *, full: bool = False, seed: int = 0, data: Path | None = None, log: Log = lambda text: None
) -> dict[str, Any]:
    """Measure on the development specifications.

    Args:
        full: All printed specifications instead of three.
        seed: Of no account: nothing is left to chance.
        data: Folder of the corpora; by default what ``EDA_DATA`` names.
        log: Called with what is being done.

    Raises:
        DatasetError: The specifications are not there.
        ToolNotFoundError: openEMS is not installed.
    """
    folder = data if data is not None else data_folder()
    paths = sorted((folder / "filters").glob("flt-dev-ms-*.json")) if folder is not None else []
    if not full:
        paths = [path for path in paths if path.stem in QUICK]
    if not paths:
        raise DatasetError("no printed specifications: set EDA_DATA to a folder with filters/")
    version = openems_version(find_openems())
    cases = []
    for path in paths:
        cases.append(_case(read_spec(path)))
        log(f"{path.stem}: {cases[-1].seconds:.0f} s")
    tables = [agreement_table(cases, version), ways_table(cases), steps_table(cases)]
    return result_of("filters-full-wave", tables, full=full, seed=seed)


def _case(spec: FilterSpec) -> Case:
    begun = time.perf_counter()
    limits = spec.printed
    starts = textbook_layouts(spec, limits)
    first = search_layouts(spec, limits, starts)[0]
    low, high = spec.edges_hz

    def solver(layout: Layout) -> FullWave:
        return solve_layout(
            layout, limits.substrate, low, high, zs_ohm=spec.zs_ohm, zl_ohm=spec.zl_ohm
        )

    def steps(**how: Any) -> list[Step]:
        return corrected(spec, first, starts, solver, calls=CALLS, **how)

    plain, mapped = steps(plain=True), steps()
    neural = steps(neural=load_weights()) if knows(first.layout) else mapped
    return Case(spec, plain, mapped, neural, time.perf_counter() - begun)


def agreement_table(cases: Sequence[Case], version: str) -> Table:
    """Return how far the closed forms are from full wave, on layouts designed by them."""
    rows: list[tuple[Cell, ...]] = []
    for case in cases:
        step = case.mapped[0]
        frequency = np.linspace(step.solved.frequency_hz[0], step.solved.frequency_hz[-1], _POINTS)
        full = step.solved.at(frequency)

        def closed(at: Any, case: Case = case, step: Step = step) -> Any:
            return reference_s(case.spec, case.spec.printed, step.design.layout, at)

        aims = [
            Aim(case.spec.centre_hz, 1.0),
            fit_aim(case.spec, closed, frequency, full, stretched=False),
            fit_aim(case.spec, closed, frequency, full),
        ]
        errors = [difference_db(closed(aim.of(frequency)), full) for aim in aims]
        cells: list[Cell] = [
            case.spec.id,
            f"{step.design.layout.family}, {step.design.layout.order}",
        ]
        cells += [step.solved.cells, f"{1 / aims[2].scale - 1:+.1%}"]
        cells += [f"{1 / aims[2].stretch - 1:+.1%}", *(round(error, 2) for error in errors)]
        rows.append(tuple(cells))
    means = [round(float(np.mean([float(row[at] or 0) for row in rows])), 2) for at in (5, 6, 7)]
    return Table(
        "Closed forms against full wave",
        (
            *("specification", "layout", "cells", "full wave higher by", "wider by"),
            *("raw / dB", "one factor / dB", "factor and stretch / dB"),
        ),
        (*rows, ("mean", "", None, "", "", *means)),
        (
            f"openEMS {version}; layouts designed by the closed forms",
            "last columns: mean difference of |S21| above -40 dB over all bands",
        ),
    )


def ways_table(cases: Sequence[Case]) -> Table:
    """Return how many specifications each way meets in full wave, under one budget of calls."""
    rows: list[tuple[Cell, ...]] = []
    for way in _WAYS:
        runs = [_of_way(case, way) for case in cases]
        best = [max(steps, key=lambda step: step.rank) for steps in runs]
        met = sum(step.met for step in best)
        low, high = wilson(met, len(cases))
        rows.append(
            (
                *(way, f"{met}/{len(cases)}", f"{low:.0%} to {high:.0%}"),
                sum(len(steps) for steps in runs),
                round(float(np.median([step.verified.margin_db for step in best])), 2),
            )
        )
    return Table(
        f"Met in full wave within {CALLS} calls",
        ("way", "met", "95 %", "calls", "median margin / dB"),
        tuple(rows),
        (
            "the best layout that was solved counts; limits and footprint kept",
            "the command: designed by the neural simulator, which is mapped then; layouts with vias"
            " as by space mapping",
        ),
    )


def steps_table(cases: Sequence[Case]) -> Table:
    """Return the margin after every call."""

    def told(steps: Sequence[Step]) -> str:
        return ", ".join(
            f"{step.verified.margin_db:+.2f}{'' if not step.broken else '!'}" for step in steps
        )

    rows = tuple(
        (
            *(case.spec.id, f"{case.mapped[0].design.layout.family}"),
            *(told(case.plain), told(case.mapped), told(case.neural)),
        )
        for case in cases
    )
    return Table(
        "Margin in full wave after each call, dB",
        ("specification", "family", *_WAYS[1:]),
        rows,
        ("the first call is the layout as it was designed; ! breaks a limit",),
    )


def _of_way(case: Case, way: str) -> list[Step]:
    ways = case.mapped[:1], case.plain, case.mapped, case.neural
    return dict(zip(_WAYS, ways, strict=True))[way]
