"""Waveforms as files for other programs: ``.raw`` (ngspice), ``.csv`` and ``.npz``."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from eda.errors import InputError
from eda.spice.rawfile import write_raw
from eda.spice.simulation import Array, Waveforms

SUFFIXES: Final = (".raw", ".csv", ".npz")


def write_waveforms(
    path: str | os.PathLike[str], waveforms: Sequence[Waveforms], *, title: str = "eda"
) -> None:
    """Write the waveforms of a simulation in the format the file's name ends in.

    * ``.raw``: all analyses, as ngspice writes them (binary).
    * ``.csv``: a single analysis; the axis first, complex values as two columns, ``re`` and ``im``.
    * ``.npz``: all analyses; arrays are called ``ac0/v(out)``, axes ``ac0/frequency_hz``.

    Args:
        path: The file.
        waveforms: What to write.
        title: Title of the deck.

    Raises:
        InputError: The name ends in something else, or ``.csv`` is to hold several analyses.
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".raw":
        write_raw(path, waveforms, title=title)
    elif suffix == ".npz":
        with Path(path).open("wb") as stream:
            np.savez_compressed(stream, allow_pickle=False, **dict(_named(waveforms)))
    elif suffix == ".csv":
        if len(waveforms) != 1:
            raise InputError(
                f"{path}: a .csv holds one analysis and there are {len(waveforms)}; "
                "write .raw or .npz"
            )
        _write_csv(Path(path), waveforms[0])
    else:
        raise InputError(f"{path}: waveforms are written as {', '.join(SUFFIXES)}")


def _named(waveforms: Sequence[Waveforms]) -> list[tuple[str, Array]]:
    items: list[tuple[str, Array]] = []
    for number, item in enumerate(waveforms):
        kind = item.analysis.kind if item.analysis is not None else "plot"
        if item.axis_name:
            items.append((f"{kind}{number}/{item.axis_name}", item.axis))
        items += [(f"{kind}{number}/{name}", values) for name, values in item.arrays.items()]
    return items


def _write_csv(path: Path, waveforms: Waveforms) -> None:
    columns: list[tuple[str, Array]] = []
    if waveforms.axis_name:
        columns.append((waveforms.axis_name, waveforms.axis))
    for name, values in waveforms.arrays.items():
        if np.iscomplexobj(values):
            columns += [(f"re {name}", values.real), (f"im {name}", values.imag)]
        else:
            columns.append((name, values))
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow([name for name, _ in columns])
        writer.writerows(zip(*(values.tolist() for _, values in columns), strict=True))
