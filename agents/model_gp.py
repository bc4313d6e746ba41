"""A model that knows nothing but what was simulated: a Gaussian process per metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eda.agents.gaussian import GaussianProcess
from eda.agents.goal import Scales
from eda.agents.model import Prediction
from eda.agents.space import Floats

if TYPE_CHECKING:
    from eda.spice.case import Case


class GaussianModel:
    """One Gaussian process per metric on its scale, and one for whether a design works."""

    name = "gaussian process"

    def __init__(self, case: Case) -> None:
        """Begin with nothing known."""
        self.scales = Scales.of(case)
        self._m = len(case.metrics)
        self._processes: list[GaussianProcess] = []
        self._shift, self._spread = np.zeros(self._m), self.scales.step * 10
        self._alive: GaussianProcess | None = None
        self._hidden = np.zeros(self._m)

    def predict(self, points: Floats, *, stages: int | None = None) -> Prediction:
        """Return what is known of points."""
        del stages
        n = len(points)
        mean, sigma = np.tile(self._shift, (n, 1)), np.tile(self._spread, (n, 1))
        for at, process in enumerate(self._processes):
            found, doubt = process.predict(points)
            mean[:, at] += found * self._spread[at]
            sigma[:, at] = np.hypot(doubt, process.noise) * self._spread[at]
        alive = np.full(n, 0.5)
        if self._alive is not None:
            found, doubt = self._alive.predict(points)
            alive = 1 / (1 + np.exp(-4 * found / np.sqrt(1 + doubt**2)))
        return Prediction(mean, sigma, alive)

    def learn(self, points: Floats, values: Floats, alive: NDArray[np.bool_]) -> None:
        """Learn from simulations; a metric that is not there teaches only that it is not."""
        scaled = self.scales.scaled(values)
        works = alive & ~np.isnan(scaled).all(1)
        self._alive = GaussianProcess(1.0, 0.3, 0.7).fit(points, np.where(works, 1.0, -1.0))
        self._processes = []
        for at in range(self._m):
            there = ~np.isnan(scaled[:, at])
            known = scaled[there, at]
            if len(known):
                # Dead designs lie far out: they would stretch the scale of the others.
                low, high = np.quantile(known, [0.02, 0.98])
                known = np.clip(known, low - 2 * self.scales.step[at], high)
                self._shift[at] = float(np.median(known))
                self._spread[at] = max(float(known.std()), self.scales.step[at])
            process = GaussianProcess(1.0, 0.03, 0.8)
            self._processes.append(
                process.fit(points[there], (known - self._shift[at]) / self._spread[at])
            )
