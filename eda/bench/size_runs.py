"""Single runs of `eda bench size`, and what a row of its tables says of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eda.agents.baselines import run_baseline
from eda.agents.sizer import size
from eda.bench.rules import wilson
from eda.spice.case_reader import read_case

if TYPE_CHECKING:
    from eda.agents.leading import ModelName
    from eda.bench.size_goals import Task
    from eda.bench.table import Cell

Stored = Sequence[tuple[Mapping[str, float], Mapping[str, float]]]


@dataclass(frozen=True, slots=True)
class Row:
    """One run: whether it met its goal, and what it took."""

    met: bool
    online: int
    offline: int
    device: int
    budget: int


def agent_row(task: Task, model: ModelName, budget: int, stored: Stored = ()) -> Row:
    """Size with the agent; nothing comes from the cache."""
    found = size(task.case, task.goal, budget, task.seed, model=model, offline=stored, cache=False)
    met = found.met and confirmed(task, found.design)
    counts = found.counts
    return Row(met, counts.online, counts.offline, counts.device, budget)


def baseline_row(task: Task, name: str, budget: int, stored: Stored = ()) -> Row:
    """Size with a baseline."""
    found = run_baseline(name, task.case, task.goal, budget=budget, seed=task.seed, offline=stored)
    met = found.met and confirmed(task, found.design)
    return Row(met, found.online, found.offline, 0, budget)


def confirmed(task: Task, design: Mapping[str, float]) -> bool:
    """Return whether a design meets the goal when its case is read anew and nothing is cached."""
    fresh = read_case(task.case.folder, include_dirs=task.case.include_dirs)
    result = fresh.simulate([dict(design)], cache=False)[0]
    return task.goal.met(result.metrics)


def summary(rows: Sequence[Row]) -> tuple[Cell, ...]:
    """Return met, of, interval, median online, offline, device."""
    met = sum(row.met for row in rows)
    low, high = wilson(met, len(rows))
    online = float(np.median([row.online if row.met else row.budget for row in rows]))
    offline = max(row.offline for row in rows)
    device = float(np.median([row.device for row in rows]))
    return (met, len(rows), f"{100 * low:.0f}-{100 * high:.0f}", online, offline, device)
