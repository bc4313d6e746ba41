"""``eda bench size``: how many simulations it takes to meet a spec, beside other methods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.bench.resume import Kept, kept_path
from eda.bench.rules import wilson
from eda.bench.size_goals import Task, draw_goals, offline_designs
from eda.bench.size_runs import Row, agent_row, baseline_row, summary
from eda.bench.table import Cell, Table, render, result_of
from eda.datasets.corpora import data_folder
from eda.spice import example_case, read_case

if TYPE_CHECKING:
    from eda.spice.case import Case

__all__ = ["render", "run"]

Log = Callable[[str], object]

BUDGET: Final = 40
COLD_BUDGET: Final = 60
OFFLINE: Final = 250

KEPT: Final = "bench-size.jsonl"
"""Where the runs of the full form are kept, in the folder ``runs``."""

_COLUMNS: Final = ("method", "met", "of", "95 %", "median online", "offline", "device", "CPU s")
_NOTES: Final = (
    "met: re-simulated from a fresh deck. median online: the check included; a goal that was not "
    "met counts as the whole budget. device: simulations of single transistors for the tables.",
    "goals: what a random design does, up to 5 % easier, for every metric that the case's own "
    "levels name, and none of 250 other random designs does; no method is given these designs.",
)


def run(
    *,
    full: bool = False,
    seed: int = 0,
    data: Path | None = None,
    log: Log = lambda _text: None,
) -> dict[str, Any]:
    """Size circuits with every method, at equal budgets.

    Args:
        full: 12 goals and 3 seeds, every method, 1,000 goals of the policies, two objectives,
            corners; every run is written to ``runs/bench-size.jsonl`` as it ends, and not repeated
            when the command is given again. Else 6 goals, one seed, fewer methods.
        seed: Draws the goals, and seeds the methods.
        data: Folder with ``sizing/circuits``; by default what ``EDA_DATA`` names. Without, only
            the shipped case is sized.
        log: Called with what is being done.
    """
    folder = data if data is not None else data_folder()
    circuits = None if folder is None else folder / "sizing" / "circuits"
    goals, seeds = (12, 3) if full else (6, 1)
    kept = Kept(kept_path(KEPT) if full else None)
    tables = []
    own = example_case()
    known = own
    if circuits is not None and (circuits / "ota2s_fpdk45").is_dir():
        known = read_case(circuits / "ota2s_fpdk45")
    tables.append(known_table(known, goals, seeds, seed, full=full, log=log, kept=kept))
    unseen = [own] if known is not own else []
    for name in ("ota2s_gf180", "ota5t_sky130", "tia_fpdk45"):
        if circuits is not None and (circuits / name).is_dir():
            unseen.append(read_case(circuits / name))
    if unseen:
        tables.append(unseen_table(unseen, goals // 3, seeds, seed, full=full, log=log, kept=kept))
    tables.append(policy_table(own, 1000 if full else 60, seed, log, kept))
    if full:
        from eda.bench.size_corners import corner_table
        from eda.bench.size_pareto import pareto_table

        tables.append(pareto_table(known, 200, seeds, seed, log=log, kept=kept))
        for case in unseen:
            if case.name == "ota2s_gf180":
                tables.append(corner_table(case, 200, seeds, seed, log=log, kept=kept))
    return result_of("size", tables, full=full, seed=seed)


def known_table(
    case: Case,
    goals: int,
    seeds: int,
    seed: int,
    *,
    full: bool,
    log: Log,
    kept: Kept | None = None,
) -> Table:
    """Return the table of one circuit, with stored designs and without."""
    tasks = [
        Task(case, goal, seed + s)
        for goal in draw_goals(case, goals, seed, rare=True)
        for s in range(seeds)
    ]
    stored = offline_designs(case, OFFLINE, seed)
    methods: list[tuple[str, Callable[[Task], Row]]] = [
        ("agent, tables", lambda t: agent_row(t, "tables", COLD_BUDGET)),
        (f"nearest of {len(stored)} stored + local search",
         lambda t: baseline_row(t, "nearest stored + local search", BUDGET, stored)),
        (f"GP-BO, {len(stored)} stored", lambda t: baseline_row(t, "GP-BO", BUDGET, stored)),
        ("GP-BO, cold", lambda t: baseline_row(t, "GP-BO", COLD_BUDGET)),
        ("Sobol + local search", lambda t: baseline_row(t, "Sobol + local search", COLD_BUDGET)),
        ("CMA-ES", lambda t: baseline_row(t, "CMA-ES", COLD_BUDGET)),
        ("random", lambda t: baseline_row(t, "random", COLD_BUDGET)),
    ]  # fmt: skip
    if full:
        name = f"agent, tables + {len(stored)} stored"
        methods.insert(1, (name, lambda t: agent_row(t, "tables", BUDGET, stored)))
        methods.insert(5, ("SCBO, cold", lambda t: baseline_row(t, "SCBO", COLD_BUDGET)))
    return _table(f"Unseen goals, {case.name}: {len(tasks)} runs", tasks, methods, log, kept)


def unseen_table(
    cases: Sequence[Case],
    goals: int,
    seeds: int,
    seed: int,
    *,
    full: bool,
    log: Log,
    kept: Kept | None = None,
) -> Table:
    """Return the table of circuits of which nothing was simulated before."""
    tasks = [
        Task(case, goal, seed + s)
        for case in cases
        for goal in draw_goals(case, goals, seed, rare=True)
        for s in range(seeds)
    ]
    methods: list[tuple[str, Callable[[Task], Row]]] = [
        ("agent, tables", lambda t: agent_row(t, "tables", COLD_BUDGET)),
        ("GP-BO", lambda t: baseline_row(t, "GP-BO", COLD_BUDGET)),
        ("Sobol + local search", lambda t: baseline_row(t, "Sobol + local search", COLD_BUDGET)),
    ]
    if full:
        methods.append(("CMA-ES", lambda t: baseline_row(t, "CMA-ES", COLD_BUDGET)))
        methods.append(("random", lambda t: baseline_row(t, "random", COLD_BUDGET)))
    names = ", ".join(case.name for case in cases)
    return _table(f"Circuits never seen, {names}: {len(tasks)} runs", tasks, methods, log, kept)


def policy_table(case: Case, count: int, seed: int, log: Log, kept: Kept | None = None) -> Table:
    """Return the table of many goals: a fast model, and policies, each then in ngspice."""
    from eda.bench.size_policies import policy_rows

    goals = draw_goals(case, count, seed + 1)
    rows = []
    for name, runs, steps in policy_rows(case, goals, seed, log, kept or Kept(None)):
        met = sum(ok for ok, _ in runs)
        low, high = wilson(met, len(runs))
        took = float(np.median([n for _, n in runs]))
        rows.append((name, met, len(runs), f"{100 * low:.1f}-{100 * high:.1f}", took, steps))
    return Table(
        f"Many goals, {case.name}: {count}",
        ("method", "met", "of", "95 %", "median simulations", "trained on"),
        tuple(rows),
        (
            "anchor: AutoCkt's two-stage op-amp, 963 of 1000 goals, 27 simulations on average.",
            "policies: five seeds each, the goals dealt out among them; 40 steps at most.",
        ),
    )


def _table(
    title: str,
    tasks: Sequence[Task],
    methods: Sequence[tuple[str, Callable[[Task], Row]]],
    log: Log,
    kept: Kept | None = None,
) -> Table:
    kept = kept or Kept(None)
    rows: list[tuple[Cell, ...]] = []
    for name, method in methods:
        log(f"{title}: {name}")
        runs = [
            kept.get(f"{title}: {name}: {task.label}", partial(_timed, method, task))
            for task in tasks
        ]
        seconds = sum(run["seconds"] for run in runs) / max(len(tasks), 1)
        rows.append((name, *summary([Row(**run["row"]) for run in runs]), seconds))
    return Table(title, _COLUMNS, tuple(rows), _NOTES)


def _timed(method: Callable[[Task], Row], task: Task) -> dict[str, Any]:
    """Return what came of a run, and its processor time, as it is written down."""
    begun = process_time()
    row = method(task)
    return {"row": asdict(row), "seconds": process_time() - begun}
