"""``eda bench spice``: what the reader reads, agreement with ngspice, round trip, speed, scale."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from eda.bench.spice_dialects import conversion_table, spectre_table
from eda.bench.spice_files import dialect_pairs_table, every_file_table, reading_tables
from eda.bench.spice_ngspice import listing_tables, round_trip_tables
from eda.bench.spice_round_trip import round_trips_table
from eda.bench.spice_speed import scale_table, series_table, side_by_side_table
from eda.bench.table import render, result_of
from eda.datasets.corpora import data_folder
from eda.errors import DatasetError

__all__ = ["render", "run"]


def run(
    *,
    full: bool = False,
    seed: int = 0,
    data: Path | None = None,
    log: Callable[[str], object] = lambda _text: None,
) -> dict[str, Any]:
    """Measure the SPICE front end on the corpora.

    Args:
        full: Whether every file is asked about; else samples, some minutes on two cores.
        seed: Chooses the samples.
        data: Folder of the corpora; by default what ``EDA_DATA`` names.
        log: Called with what is being done.

    Raises:
        DatasetError: There are no corpora.
        SimulatorNotFoundError: ngspice is not installed.
    """
    folder = data if data is not None else data_folder()
    if folder is None or not (folder / "spice").is_dir():
        raise DatasetError(
            "this bench reads the corpora; set EDA_DATA to their folder, the one that holds spice/"
        )
    tables = [
        *reading_tables(folder, log),
        every_file_table(folder, log),
        dialect_pairs_table(folder, log),
        spectre_table(folder, log),
        conversion_table(folder, log, full=full, seed=seed),
        *round_trips_table(folder, log, full=full, seed=seed),
        *listing_tables(folder, log, full=full, seed=seed),
        *round_trip_tables(folder, log, full=full, seed=seed),
        side_by_side_table(folder, log, full=full, seed=seed),
        scale_table(folder, log),
        series_table(log, full=full),
    ]
    return result_of("spice", tables, full=full, seed=seed)
