"""Golden tables of cases: designs with known metrics, and how closely another run agrees."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eda.errors import SpecError
from eda.spice.analyses import Tran
from eda.spice.case import Case

RELATIVE: Final = 0.005
"""Allowed relative difference of a metric, where no other applies (another ngspice version)."""

DECIBEL: Final = 0.05
DEGREE: Final = 0.3

SAME_VERSION: Final = 2e-5
"""Allowed relative difference with ngspice 39 itself; a table of six digits rounds to 5e-6."""


@dataclass(frozen=True, slots=True)
class GoldenRow:
    """A design with its known metrics.

    Attributes:
        line: Where in the file it stands, from 2.
        design: Values by name.
        metrics: Values by name.
    """

    line: int
    design: Mapping[str, float]
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A metric that differs by more than is allowed; ``found`` is NaN where it is not there."""

    line: int
    metric: str
    expected: float
    found: float


def read_golden(case: Case, path: Path | None = None) -> list[GoldenRow]:
    """Return the rows of a case's golden table; none where it has no such file.

    Args:
        case: The case.
        path: Another table; it must then be there.

    Raises:
        SpecError: Its columns are not those of the case, or a cell is no number.
    """
    source = case.folder / "golden.csv" if path is None else path
    if path is None and not source.is_file():
        return []
    names = [item.name for item in case.design_parameters]
    wanted = [*names, *case.metrics]
    try:
        with source.open(newline="", encoding="utf-8") as stream:
            lines = list(csv.reader(stream))
    except OSError as problem:
        raise SpecError(f"{source} cannot be read: {problem.strerror}") from None
    if not lines or lines[0] != wanted:
        raise SpecError(f"{source}:1: the columns must be {','.join(wanted)}")
    rows = []
    for at, cells in enumerate(lines[1:], 2):
        try:
            values = [float(cell) for cell in cells]
        except ValueError:
            raise SpecError(f"{source}:{at}: a cell is no number") from None
        if len(values) != len(wanted):
            raise SpecError(f"{source}:{at}: {len(values)} cells; there are {len(wanted)} columns")
        split = len(names)
        rows.append(
            GoldenRow(
                at,
                dict(zip(names, values[:split], strict=True)),
                dict(zip(case.metrics, values[split:], strict=True)),
            )
        )
    return rows


def write_golden(
    case: Case, path: Path, rows: Sequence[tuple[Mapping[str, float], Mapping[str, float]]]
) -> None:
    """Write a golden table of designs and their metrics, six significant digits."""
    names = [item.name for item in case.design_parameters]
    lines = [",".join([*names, *case.metrics])]
    for design, metrics in rows:
        cells = [*(design[name] for name in names), *(metrics[name] for name in case.metrics)]
        lines.append(",".join(f"{cell:.6g}" for cell in cells))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def tolerance(case: Case, metric: str, expected: float, *, same_version: bool = False) -> float:
    """Return how far a metric may be from its known value, in its unit.

    With the ngspice the table was made with: a relative 2e-5, for its six digits. With others
    0.5 %, for gains 0.05 dB, for phases 0.3 degrees, and for settling times a time step more,
    because they are read at time points.
    """
    if same_version:
        return SAME_VERSION * max(abs(expected), 1e-30)
    measure = case.measures[metric]
    if measure.unit == "dB":
        return DECIBEL
    if measure.unit == "degree":
        return DEGREE
    allowed = RELATIVE * abs(expected)
    if measure.kind == "settling_s":
        for item in case.analyses:
            if isinstance(item, Tran):
                allowed += item.max_step_s or item.step_s
    return allowed


def compare_golden(
    case: Case,
    line: int,
    expected: Mapping[str, float],
    found: Mapping[str, float],
    *,
    same_version: bool = False,
) -> list[Mismatch]:
    """Return the metrics that are further away than allowed, or not there."""
    return [
        Mismatch(line, metric, value, found.get(metric, math.nan))
        for metric, value in expected.items()
        if not abs(found.get(metric, math.nan) - value)
        <= tolerance(case, metric, value, same_version=same_version)
    ]


def is_undefined(case: Case, row: GoldenRow, metric: str) -> bool:
    """Return whether a golden metric is what its measure returns for a quantity that is not there.

    Tables made without regard to the status of an analysis hold this for a transient that
    ngspice gave up, where we report a failed design.
    """
    value = case.measures[metric].undefined(case.parameters(row.design))
    return value is not None and relative_error(value, row.metrics[metric]) <= SAME_VERSION


def relative_error(expected: float, found: float) -> float:
    """Return ``|found - expected| / |expected|``; the difference itself where 0 is expected."""
    return abs(found - expected) / abs(expected) if expected else abs(found)
