"""Behavioural op-amps searched for: topology and values together, within so many evaluations."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eda.topology.ocb import (
    ACROSS,
    MOST_BRANCHES,
    MOST_CODE,
    PASSIVE,
    Branch,
    OcbCircuit,
    OcbFigures,
    Stage,
    analyse,
    merit,
)

if TYPE_CHECKING:
    import numpy as np

FIRST: Final = 80
"""Random circuits that the search begins with."""
KEPT: Final = 16
KINDS: Final = (*PASSIVE, "gm+", "gm-")


def random_circuit(rng: np.random.Generator) -> OcbCircuit:
    """Return a circuit drawn evenly from all of them: what block enumeration has to offer."""
    count = int(rng.integers(2, 4))
    stages = tuple(
        Stage(int(rng.choice([-1, 1])), _code(rng), _code(rng) if rng.random() < 0.5 else 0)
        for _ in range(count)
    )
    branches = tuple(_branch(count, rng) for _ in range(int(rng.integers(MOST_BRANCHES + 1))))
    return OcbCircuit(stages, branches)


def search(budget: int, rng: np.random.Generator) -> tuple[OcbCircuit, float]:
    """Return the best circuit of an evolutionary search, and its corrected figure of merit.

    Args:
        budget: Evaluations.
        rng: Draws.
    """
    pool: list[tuple[float, OcbCircuit]] = []
    best: tuple[float, OcbCircuit] | None = None
    for used in range(budget):
        if used < min(FIRST, budget // 4) or not pool:
            made = random_circuit(rng)
        else:
            parents = pool[: max(2, min(KEPT, len(pool)))]
            made = parents[int(len(parents) * rng.random() ** 2)][1]
            for _ in range(1 + int(rng.integers(3))):
                made = changed(made, rng)
        figures = analyse(made.elements)
        pool.append((drawn_to(figures), made))
        pool.sort(key=lambda item: -item[0])
        pool = pool[: 4 * KEPT]
        value = merit(figures)
        if best is None or value > best[0]:
            best = (value, made)
    if best is None:  # no evaluation at all
        return random_circuit(rng), 0.0
    return best[1], best[0]


def drawn_to(figures: OcbFigures) -> float:
    """Return what the search climbs: the merit, and below it how far a circuit is from one."""
    value = merit(figures)
    if value > 0:
        return math.log10(value)
    lack = 3.0 * figures.unstable + max(0.0, 40.0 - figures.gain_db) / 10
    if math.isnan(figures.margin_deg):
        return -20.0 - lack
    lack += max(0.0, 45.0 - figures.margin_deg) / 45 + max(0.0, figures.margin_deg - 120) / 45
    return -lack


def changed(circuit: OcbCircuit, rng: np.random.Generator) -> OcbCircuit:
    """Return a circuit with one thing changed: a value, a sign, a branch."""
    stages, branches = list(circuit.stages), list(circuit.branches)
    draw = rng.random()
    if draw < 0.5:
        at = int(rng.integers(len(stages) + len(branches)))
        if at < len(stages):
            stage = stages[at]
            if rng.random() < 0.5:
                stages[at] = replace(stage, code=_near(stage.code, rng))
            else:
                across = _near(stage.across, rng) if stage.across else _code(rng)
                stages[at] = replace(stage, across=0 if rng.random() < 0.2 else across)
        else:
            branch = branches[at - len(stages)]
            codes = list(branch.codes)
            place = int(rng.integers(3))
            codes[place] = _near(codes[place], rng)
            branches[at - len(stages)] = replace(branch, codes=(codes[0], codes[1], codes[2]))
    elif draw < 0.6:
        at = int(rng.integers(len(stages)))
        stages[at] = replace(stages[at], sign=-stages[at].sign)
    elif draw < 0.75 and len(branches) < MOST_BRANCHES:
        branches.append(_branch(len(stages), rng))
    elif draw < 0.85 and branches:
        branches.pop(int(rng.integers(len(branches))))
    elif branches:
        branches[int(rng.integers(len(branches)))] = _branch(len(stages), rng)
    return OcbCircuit(tuple(stages), tuple(branches))


def _branch(stages: int, rng: np.random.Generator) -> Branch:
    first, second = rng.choice(stages + 1, size=2, replace=False).tolist()
    kind = str(rng.choice(KINDS))
    if not kind.startswith("gm"):
        first, second = sorted((first, second))
    elif second == 0:
        first, second = second, first  # nothing drives the input
    across = str(rng.choice(ACROSS)) if kind.startswith("gm") else ""
    return Branch(first, second, kind, across, (_code(rng), _code(rng), _code(rng)))


def _code(rng: np.random.Generator) -> int:
    return int(rng.integers(1, MOST_CODE + 1))


def _near(code: int, rng: np.random.Generator) -> int:
    moved = round(max(code, 1) * math.exp(0.6 * rng.normal()) + rng.normal())
    return min(max(moved, 1), MOST_CODE)
