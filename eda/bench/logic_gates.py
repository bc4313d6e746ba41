"""``eda bench logic``, five gates: puzzle levels with a leaderboard of people's solutions."""

from __future__ import annotations

import csv
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from eda.aig import read_aiger
from eda.bench.table import Table
from eda.logic.five_gates import map_gates

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from eda.bench.resume import Kept

LOST: Final = ("20_store_byte",)
"""Levels whose AIG lost its memory in the conversion."""

SECONDS: Final = 3.0


def gates_table(
    folder: Path, *, full: bool, seed: int, log: Callable[[str], object], kept: Kept
) -> Table:
    """Return gates plus delay of each level beside the best, the best quarter and the median."""
    with (folder / "problems.csv").open(encoding="utf-8", newline="") as file:
        problems = list(csv.DictReader(file))
    rows: list[tuple[Any, ...]] = []
    met = {"human_p25_total": 0, "human_median_total": 0, "human_best_total": 0}
    seconds = 3 * SECONDS if full else SECONDS
    for problem in problems:
        name = problem["problem"]
        path = folder / f"{name}.aig"
        if name in LOST or not path.is_file() or read_aiger(path).num_latches:
            continue
        found = kept.get(f"gates/{name}/{seconds:g}/{seed}", partial(_one, path, seconds, seed))
        log(f"{name}: {found['cost']}")
        people = [int(problem[key]) for key in met]
        for key, limit in zip(met, people, strict=True):
            met[key] += found["cost"] <= limit
        rows.append((name, found["gates"], found["delay"], found["cost"], *people))
    count = len(rows)
    return Table(
        "Mapping to five gates: gates plus delay",
        ("level", "gates", "delay", "sum", "best quarter", "median", "best of 1000"),
        tuple(rows),
        (
            f"at or below the best quarter of people on {met['human_p25_total']} of {count}, the "
            f"median on {met['human_median_total']}, the very best on {met['human_best_total']}",
            "each proved equivalent; some of the people's best use parts that are no gates",
        ),
    )


def _one(path: Path, seconds: float, seed: int) -> dict[str, int]:
    made = map_gates(read_aiger(path), seconds=seconds, seed=seed)
    return {"gates": len(made.gates), "delay": made.delay, "cost": made.cost}
