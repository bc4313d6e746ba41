"""Solutions of random masks: what an optimiser makes of each circuit, for a policy to clone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.agents.filter_specs import random_spec
from eda.filters.search import Search
from eda.filters.spec import FilterSpec
from eda.filters.spec_writer import spec_to_dict
from eda.filters.starts import Start, log_bounds, rules_of, textbook

Real = NDArray[np.float64]

REFINED: Final = 4
"""Circuits of each mask that are refined: the best of the textbook, ..."""
DRAWN: Final = 2
"""... and some others, so that what a textbook leaves bad is seen too."""


@dataclass(frozen=True)
class Solution:
    """What became of one circuit for one mask.

    Attributes:
        topology: Name of the circuit.
        parts: Number of its parts.
        margin_db: Least margin of its best free values.
        residual: Their natural logarithms, less those of the textbook's values.
    """

    topology: str
    parts: int
    margin_db: float
    residual: tuple[float, ...]


def plain_starts(spec: FilterSpec) -> dict[str, Start]:
    """Return one textbook design of every circuit, by its name."""
    found: dict[str, Start] = {}
    for start in textbook(spec, plain=True):
        found.setdefault(start.topology.name, start)
    return found


def clipped(spec: FilterSpec, start: Start) -> Real:
    """Return the logarithms of a start's values, within what the specification allows."""
    low, high = log_bounds(rules_of(spec, start.topology))
    return np.clip(np.log(start.values), low, high)


def solve(spec: FilterSpec, random: np.random.Generator) -> list[Solution]:
    """Return solutions of some circuits for a mask, the best first."""
    search = Search(spec)
    starts = plain_starts(spec)
    ranked = [start for _, start in search.screen(list(starts.values()))]
    chosen = ranked[:REFINED]
    rest = ranked[REFINED : REFINED + 12]
    if rest:
        count = min(DRAWN, len(rest))
        chosen += [rest[int(at)] for at in random.choice(len(rest), count, replace=False)]
    found = []
    for start in chosen:
        design, _ = search.refined(start, steps=18)
        residual = design.log_values - clipped(spec, start)
        found.append(
            Solution(
                start.topology.name,
                start.topology.size,
                design.margin_db,
                tuple(round(float(value), 5) for value in residual),
            )
        )
    return sorted(found, key=lambda item: -item.margin_db)


def write_solutions(
    path: Path,
    *,
    technology: str,
    count: int,
    seed: int,
    log: Callable[[str], object] = lambda text: None,
) -> int:
    """Write solutions of random masks to a file, a mask a line; go on where it ends.

    Args:
        path: A ``.jsonl`` file.
        technology: ``lumped_lc`` or ``active_rc``.
        count: Masks in all.
        seed: Mask ``i`` depends on the seed and ``i`` only.
        log: Called now and then.

    Returns:
        How many were added.
    """
    done = sum(1 for _ in path.open(encoding="utf-8")) if path.exists() else 0
    with path.open("a", encoding="utf-8") as stream:
        for at in range(done, count):
            random = np.random.default_rng([seed, at, technology == "active_rc"])
            tier = "hard" if at % 3 == 0 else "standard"
            spec = random_spec(random, technology=technology, tier=tier)
            line = {
                "spec": spec_to_dict(spec),
                "solutions": [vars_of(item) for item in solve(spec, random)],
            }
            stream.write(json.dumps(line) + "\n")
            stream.flush()
            if at % 50 == 49:
                log(f"{technology}: {at + 1} of {count} masks solved")
    return count - done


def vars_of(item: Solution) -> dict[str, Any]:
    """Return a solution as plain values."""
    return {
        "topology": item.topology,
        "parts": item.parts,
        "margin_db": round(item.margin_db, 4),
        "residual": list(item.residual),
    }


def read_solutions(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a file of solutions; a last line cut short by a kill is left out."""
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            if line.endswith("\n"):
                yield json.loads(line)
