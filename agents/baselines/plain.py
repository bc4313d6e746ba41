"""Searches that need no library: at random, and from a good start step by step."""

from __future__ import annotations

import numpy as np

from eda.agents.baselines.race import Race
from eda.agents.goal import shortfall
from eda.agents.space import Floats

SOBOL = 20
"""Points before the local search begins."""


def random_search(race: Race) -> None:
    """Simulate designs drawn evenly from the cube."""
    while True:
        race(race.rng.random(race.space.size))


def sobol_local(race: Race) -> None:
    """Simulate the nominal design and an even spread, then search from the best of them."""
    race(race.space.point(race.case.nominal))
    for point in race.space.spread(SOBOL, race.rng):
        race(point)
    best = int(np.argmin(race.gaps))
    local_search(race, race.points[best], race.gaps[best])


def nearest_local(race: Race) -> None:
    """Begin at the stored design that is nearest to the goal, and search from there."""
    gaps = [shortfall(race.case, race.goal, metrics) for _, metrics in race.offline]
    if not gaps:
        sobol_local(race)
        return
    start = race.space.point(race.offline[int(np.argmin(gaps))][0])
    local_search(race, start, race(start))


def local_search(race: Race, point: Floats, gap: float) -> None:
    """A (1+1) evolution strategy: steps grow where they help and shrink where they do not."""
    step = 0.1
    while True:
        child = np.clip(point + step * race.rng.normal(size=len(point)), 0.0, 1.0)
        found = race(child)
        if found <= gap:
            point, gap, step = child, found, min(step * 1.5, 0.4)
        else:
            step = max(step * 0.86, 0.005)
