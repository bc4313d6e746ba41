"""Which designs are simulated: all over the space, near what works, between good ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.surrogate.designs import from_unit, to_unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.spice import Case

KINDS: Final = ("sobol", "local", "feasible")
"""How a design was drawn; the number in the data is the position here."""

SPREAD: Final = 0.12
"""Standard deviation of local designs, as a share of each range."""


def sobol(case: Case, block: int, size: int, seed: int) -> NDArray[np.float64]:
    """Return a block of ``size`` designs, a power of two, of a scrambled Sobol sequence."""
    from scipy.stats import qmc

    engine = qmc.Sobol(len(case.design_parameters), scramble=True, rng=np.random.default_rng(seed))
    if block:
        engine.fast_forward(block * size)
    return from_unit(case, engine.random(size))


def local(
    case: Case, alive: NDArray[np.float64], count: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return designs near those that work."""
    base = to_unit(case, alive)[rng.integers(len(alive), size=count)]
    moved = base + rng.normal(0.0, SPREAD, base.shape)
    return from_unit(case, _folded(moved))


def feasible(
    case: Case, good: NDArray[np.float64], count: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return designs between, and a little beside, the good ones."""
    unit = to_unit(case, good)
    one, two = unit[rng.integers(len(unit), size=count)], unit[rng.integers(len(unit), size=count)]
    share = rng.uniform(-0.2, 1.2, (count, 1))
    moved = one + share * (two - one) + rng.normal(0.0, SPREAD / 3, one.shape)
    return from_unit(case, _folded(moved))


def goodness(case: Case, metrics: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many targets each design [designs, metrics] meets, over all levels.

    A case without target sets counts its metrics that are on the better side of the median.
    """
    score = np.zeros(len(metrics))
    for spec in case.specs.values():
        for name, target in spec.targets.items():
            values = metrics[:, case.metrics.index(name)]
            score += np.array([target.met_by(float(value)) for value in values])
    if not case.specs:
        for at, name in enumerate(case.metrics):
            values = metrics[:, at]
            middle = np.nanmedian(values) if np.isfinite(values).any() else 0.0
            score += (values >= middle) if case.direction[name] == "min" else (values <= middle)
    return score


def _folded(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return positions reflected into 0 to 1, so that the ends are not crowded."""
    folded = np.abs(positions)
    return np.where(folded > 1.0, np.maximum(2.0 - folded, 0.0), folded)
