"""``eda bench simulate``: agreement with golden tables and with ngspice, speed, memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from eda.bench.simulate_decks import deck_tables
from eda.bench.simulate_golden import golden_tables
from eda.bench.simulate_speed import memory_table, overhead_table, speed_table
from eda.bench.table import render, result_of
from eda.datasets.corpora import data_folder

__all__ = ["render", "run"]


def run(
    *,
    full: bool = False,
    seed: int = 0,
    data: Path | None = None,
    log: Callable[[str], object] = lambda _text: None,
) -> dict[str, Any]:
    """Measure simulations.

    Args:
        full: Whether every golden design and every deck of ngspice is simulated; else samples.
        seed: Chooses the samples.
        data: Folder of the corpora; by default what ``EDA_DATA`` names. Without any, only the
            shipped case is measured.
        log: Called with what is being done.

    Raises:
        SimulatorNotFoundError: ngspice is not installed.
    """
    folder = data if data is not None else data_folder()
    tables = [
        *golden_tables(folder, log, full=full, seed=seed),
        *deck_tables(folder, log, full=full, seed=seed),
        speed_table(folder, log, full=full),
        overhead_table(log, full=full),
        memory_table(folder, log, full=full),
    ]
    return result_of("simulate", tables, full=full, seed=seed)
