"""Designs as arrays: a row a design, a column a parameter of the case; and their CSV files."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from eda.spice import Case

MAX_BYTES: Final = 256 * 1024 * 1024
"""Largest CSV file of designs that is read."""


def design_array(case: Case, designs: ArrayLike) -> NDArray[np.float64]:
    """Return designs as an array [designs, parameters], each of which the case allows.

    Args:
        case: The case; its order of parameters is that of the columns.
        designs: Values in SI, a row a design.

    Raises:
        InputError: The shape is another, a value is not finite, or outside its range.
    """
    return checked(case, designs, lambda row: f"design {row + 1}")


def checked(case: Case, designs: ArrayLike, place: Any) -> NDArray[np.float64]:
    """Return designs as an array; ``place`` names a row, from 0, in messages."""
    names = [item.name for item in case.design_parameters]
    try:
        made = np.array(designs, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("designs must be numbers, as many in each row as parameters") from None
    if made.ndim != 2 or made.shape[1] != len(names):
        raise InputError(
            f"designs have the shape {made.shape}; {case.name} wants rows of {len(names)} values: "
            + ", ".join(names)
        )
    for column, item in enumerate(case.design_parameters):
        values = made[:, column]
        slack = 1e-9 * max(abs(item.lo), abs(item.hi))
        good = (values >= item.lo - slack) & (values <= item.hi + slack)
        if item.kind == "integer":
            good &= values == np.round(values)
        if not good.all():
            row = int(np.argmin(good))
            value = values[row]
            if not math.isfinite(value):
                why = f"is {value}; give a finite number"
            else:
                whole = "a whole number " if item.kind == "integer" else ""
                why = f"is {value:g}; it must be {whole}from {item.lo:g} to {item.hi:g}"
            raise InputError(f"{place(row)}: {item.name} {why}")
    return made


def read_designs(case: Case, path: Path) -> NDArray[np.float64]:
    """Return the designs of a CSV file: a header of parameter names, a design a line, SI.

    Columns may stand in any order; what comes back is in the order of the case.

    Raises:
        InputError: The file, its header or a value cannot be used; the message has its place.
    """
    names = [item.name for item in case.design_parameters]
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path} is larger than {MAX_BYTES >> 20} MB; split it")
        with path.open(newline="", encoding="utf-8-sig") as stream:
            lines = [row for row in enumerate(csv.reader(stream), 1) if any(row[1])]
    except (UnicodeDecodeError, csv.Error):
        raise InputError(f"{path} is no CSV text; write {','.join(names)} and numbers") from None
    except OSError as problem:
        raise InputError(f"{path} cannot be read: {problem.strerror}") from None
    header = [cell.strip() for cell in lines[0][1]] if lines else []
    missing = [name for name in names if name not in header]
    unknown = [name for name in header if name not in names]
    if missing or unknown or len(header) != len(names):
        parts = [f"lacks {', '.join(missing)}"] if missing else []
        parts += [f"has {', '.join(unknown)}"] if unknown else []
        what = " and ".join(parts) or "names a column twice"
        raise InputError(
            f"{path}:1: the header {what}; the columns of {case.name} are {','.join(names)}"
        )
    order = [header.index(name) for name in names]
    values, places = [], []
    for line, cells in lines[1:]:
        if len(cells) != len(names):
            raise InputError(f"{path}:{line}: {len(cells)} cells; there are {len(names)} columns")
        row = []
        for at in order:
            try:
                row.append(float(cells[at]))
            except ValueError:
                raise InputError(
                    f"{path}:{line}: {header[at]} is {cells[at]!r}, which is no number"
                ) from None
        values.append(row)
        places.append(line)
    if not values:
        raise InputError(f"{path} has no designs below its header")
    return checked(case, values, lambda row: f"{path}:{places[row]}")


def as_mappings(case: Case, designs: NDArray[np.float64]) -> list[dict[str, float]]:
    """Return designs by name, as `Case.simulate` takes them."""
    names = [item.name for item in case.design_parameters]
    return [dict(zip(names, map(float, row), strict=True)) for row in designs]


def to_unit(case: Case, designs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return designs as positions from 0 (``lo``) to 1 (``hi``), each on its scale."""
    made = np.empty_like(designs, dtype=np.float64)
    for at, item in enumerate(case.design_parameters):
        if item.hi == item.lo:
            made[:, at] = 0.0
        elif item.scale == "log":
            made[:, at] = np.log(designs[:, at] / item.lo) / math.log(item.hi / item.lo)
        else:
            made[:, at] = (designs[:, at] - item.lo) / (item.hi - item.lo)
    return made


def from_unit(case: Case, positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the designs at positions from 0 to 1; whole numbers where the case wants them."""
    made = np.empty_like(positions, dtype=np.float64)
    for at, item in enumerate(case.design_parameters):
        where = np.clip(positions[:, at], 0.0, 1.0)
        if item.scale == "log":
            values = item.lo * np.exp(where * math.log(item.hi / item.lo))
        else:
            values = item.lo + where * (item.hi - item.lo)
        values = np.clip(values, item.lo, item.hi)
        made[:, at] = np.round(values) if item.kind == "integer" else values
    return made
