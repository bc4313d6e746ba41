"""A model made of the case's own transistors, and what ngspice taught about its errors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.agents.gaussian import GaussianProcess
from eda.agents.goal import Scales
from eda.agents.model import Prediction
from eda.agents.space import DesignSpace, Floats
from eda.spice.quick import QuickSimulator

if TYPE_CHECKING:
    from eda.spice.case import Case
    from eda.spice.case_parts import Corner

KNOWN: Final = 0.25
"""Doubt about a metric the tables give, before anything was simulated, in steps."""

_REACH: Final = 0.12
"""How far, per dimension, a design that failed against expectation casts doubt."""

UNKNOWN: Final = 8.0
"""Doubt about a metric that the tables do not give."""

NOISE: Final = 1.5
"""Doubt about noise: the tables give what is thermal, not what flickers."""


class CorrectedModel(ABC):
    """A model that is right but for its errors, which Gaussian processes learn.

    `_raw` gives what it is to correct.
    """

    name = "corrected"

    def __init__(self, case: Case) -> None:
        """Begin with nothing learned."""
        self.space, self.scales = DesignSpace.of(case), Scales.of(case)
        self._kinds = [item.kind for item in case.analyses]
        dear = [at for at, kind in enumerate(self._kinds) if kind == "tran"]
        self.cheap_stages = dear[0] if dear else None
        self.dear_metrics = frozenset(
            name for name in case.metrics if case.measures[name].analysis == "tran"
        )
        self._memory: dict[bytes, Floats] = {}
        self._absent = np.zeros(len(case.metrics), dtype=bool)
        self.forget()
        self._doubt = np.array(
            [NOISE if case.measures[n].analysis == "noise" else KNOWN for n in case.metrics]
        )

    def forget(self) -> None:
        """Forget what was learned, not what the model is made of."""
        self._processes: list[GaussianProcess | None] = [None] * len(self.scales.metrics)
        self._shift = np.zeros(len(self.scales.metrics))
        self._broken: Floats = np.zeros((0, self.space.size))

    def predict(self, points: Floats, *, stages: int | None = None) -> Prediction:
        """Return what is known of points; of the first ``stages`` analyses only."""
        raw, found = self._raw(points, stages)
        mean = np.where(self._absent, 0.0, raw)
        sigma = np.tile(self._doubt * self.scales.step, (len(points), 1))
        for at, process in enumerate(self._processes):
            if process is not None:
                add, doubt_here = process.predict(points)
                mean[:, at] += (add + self._shift[at]) * self.scales.step[at]
                sigma[:, at] = np.hypot(doubt_here, process.noise) * self.scales.step[at]
        return Prediction(mean, sigma, np.where(found, 0.995, 0.05) * self._sound(points))

    def _sound(self, points: Floats) -> Floats:
        """Return how far points are from designs that failed against expectation, 0.1 to 1."""
        if not len(self._broken):
            return np.ones(len(points))
        apart = ((points[:, None, :] - self._broken[None, :, :]) ** 2).sum(-1).min(1)
        return np.asarray(1 - 0.9 * np.exp(-apart / (2 * _REACH**2 * points.shape[1])))

    def learn(self, points: Floats, values: Floats, alive: NDArray[np.bool_]) -> None:
        """Learn what the tables get wrong, and where they are wrong altogether."""
        raw = self._remembered(points)
        scaled = self.scales.scaled(values)
        expected = ~np.isnan(raw[:, ~self._absent]).all(1)
        self._broken = points[expected & ~alive]
        for at in range(scaled.shape[1]):
            off = (scaled[:, at] - raw[:, at]) / self.scales.step[at]
            there = np.isfinite(off)
            if not self._absent[at]:
                off = np.clip(off, -10.0, 10.0)
            doubt = self._doubt[at]
            # What the tables miss everywhere alike is learned at once; the rest from nearby.
            weight = doubt**2 / (doubt**2 + KNOWN**2 / max(there.sum(), 1))
            self._shift[at] = weight * float(np.median(off[there])) if there.any() else 0.0
            rest = off[there] - self._shift[at]
            # Errors grow with what was seen: tables that are off somewhere are so elsewhere.
            size = float(np.sqrt((3 * KNOWN**2 + (rest**2).sum()) / (3 + there.sum())))
            process = GaussianProcess(max(size, 0.3 * KNOWN), 0.05, 0.8)
            self._processes[at] = process.fit(points[there], rest)

    def _remembered(self, points: Floats) -> Floats:
        """Return what `_raw` gives of points, asked once for each."""
        new = [point for point in points if point.tobytes() not in self._memory]
        if new:
            found, _ = self._raw(np.array(new), None)
            for point, row in zip(new, found, strict=True):
                self._memory[point.tobytes()] = row
        found = np.array([self._memory[point.tobytes()] for point in points])
        return np.where(self._absent, 0.0, found)

    @abstractmethod
    def _raw(self, points: Floats, stages: int | None) -> tuple[Floats, NDArray[np.bool_]]:
        """Return metrics on their scales, and whether each design works."""


class TablesModel(CorrectedModel):
    """Metrics from transistor tables, corrected."""

    name = "transistor tables"

    def __init__(self, case: Case, corner: Corner | None = None, **how: Any) -> None:
        """Measure the transistors of the case.

        Raises:
            UnsupportedCircuitError: The circuit is not dealt with.
        """
        super().__init__(case)
        self.quick = QuickSimulator(case, corner, **how)
        # What it gives of no design at all is learned from simulations alone.
        spread = self.space.spread(8, np.random.default_rng(0))
        spread[0] = self.space.point(case.nominal)
        self._metrics: frozenset[str] | None = None
        raw, found = self._raw(spread, None)
        self._absent = np.asarray(np.isnan(raw).all(0) & bool(found.any()))
        self._doubt = np.where(self._absent, UNKNOWN, self._doubt)

    def focus(self, metrics: Iterable[str]) -> None:
        """Work out these metrics only; the others are not known then."""
        self._metrics = frozenset(metrics)
        self._memory.clear()

    @property
    def simulations(self) -> int:
        """How many simulations of single transistors it took."""
        return self.quick.simulations

    def _raw(self, points: Floats, stages: int | None) -> tuple[Floats, NDArray[np.bool_]]:
        kinds = self._kinds if stages is None else self._kinds[:stages]
        result = self.quick.run(self.space.designs(points), analyses=kinds, metrics=self._metrics)
        return self.scales.scaled(result.metrics), result.found
