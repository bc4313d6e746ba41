"""``eda bench logic``, synthesis: truth tables of a contest, beside the best known and ABC."""

from __future__ import annotations

import csv
import math
from functools import partial
from typing import TYPE_CHECKING, Any

from eda.bench.resume import Kept
from eda.bench.table import Table
from eda.logic.synthesis import synthesize
from eda.logic.truth import parse_truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

SMALL_INPUTS = 8


def synthesis_table(
    folder: Path,
    *,
    full: bool,
    seed: int,
    log: Callable[[str], object],
    kept: Kept,
) -> Table:
    """Return ANDs beside the best known, of functions of few inputs and of more."""
    known = _rows(folder / "results.csv")
    anchors = _rows(folder / "abc_baseline.csv")
    names = sorted(known)
    small = [name for name in names if int(known[name]["inputs"]) <= SMALL_INPUTS]
    large = [name for name in names if name not in small]
    if not full:
        small, large = small[::7], large[::19]
    seconds = 10.0
    rows: list[tuple[Any, ...]] = []
    for what, chosen in ((f"<= {SMALL_INPUTS} inputs", small), ("more inputs", large)):
        ratios: dict[str, list[float]] = {
            "here": [],
            "compress2rs": [],
            "resyn2": [],
            "deepsyn": [],
        }
        for name in chosen:
            found = kept.get(
                f"synthesis/{name}/{seconds:g}/{seed}",
                partial(_one, folder, name, seconds, seed),
            )
            log(f"{name}: {found['ands']} ANDs, best known {known[name]['best_and']}")
            best = max(1, int(known[name]["best_and"]))
            ratios["here"].append(found["ands"] / best)
            for key, column in (
                ("compress2rs", "abc_compress2rs_x3"),
                ("resyn2", "abc_resyn2_x2"),
                ("deepsyn", "abc_deepsyn_T1"),
            ):
                text = anchors[name].get(column) or ""
                if text:
                    ratios[key].append(max(1, int(text)) / best)
        rows.append((what, len(chosen), *(geomean(ratios[key]) for key in ratios)))
    rows.append(_together(rows))
    return Table(
        "Synthesis: ANDs over the best known, geometric mean (IWLS 2022 functions)",
        (
            "functions",
            "count",
            "here, 10 s",
            "SOP, compress2rs x3",
            "SOP, resyn2 x2",
            "&deepsyn 1 s",
        ),
        tuple(rows),
        (
            "10 s of processor time each; every circuit compared with its table in all assignments",
            "the last three columns: ABC on the same functions, as measured once and kept with "
            "the data",
        ),
    )


def _together(rows: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    count = sum(row[1] for row in rows)
    merged: list[Any] = []
    for column in (2, 3, 4):
        logs = sum(row[1] * math.log(row[column]) for row in rows if row[column])
        merged.append(math.exp(logs / count) if count else None)
    return ("all of these", count, *merged, None)


def _one(folder: Path, name: str, seconds: float, seed: int) -> dict[str, Any]:
    text = (folder / "truth" / f"{name}.truth").read_text(encoding="utf-8")
    made = synthesize(parse_truth(text, name), seconds=seconds, seed=seed)
    return {"ands": made.aig.num_ands, "levels": made.aig.depth}


def _rows(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["function"]: row for row in csv.DictReader(file)}


def geomean(values: Iterable[float]) -> float | None:
    """Return the geometric mean, or None of nothing."""
    logs = [math.log(value) for value in values]
    return math.exp(sum(logs) / len(logs)) if logs else None
