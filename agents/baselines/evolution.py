"""CMA-ES, by the library ``cma``."""

from __future__ import annotations

from eda.agents.baselines.race import Race


def cma_es(race: Race) -> None:
    """Evolve from the nominal design with CMA-ES in the unit cube."""
    import cma

    options = {
        "bounds": [0.0, 1.0],
        "seed": int(race.rng.integers(1, 2**31)),
        "verbose": -9,
        "maxfevals": 10**6,
    }
    start = race.space.point(race.case.nominal)
    while True:
        strategy = cma.CMAEvolutionStrategy(start, 0.25, options)
        while not strategy.stop():
            points = strategy.ask()
            strategy.tell(points, [race(point) for point in points])
        start = race.rng.random(race.space.size)
