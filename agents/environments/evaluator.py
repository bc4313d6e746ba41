"""What stands behind an environment: ngspice, or a model of it, behind one face."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from eda.agents.goal import Scales
from eda.agents.space import DesignSpace, Floats

if TYPE_CHECKING:
    from eda.agents.model import SizingModel
    from eda.spice.case import Case


class Evaluator(Protocol):
    """Gives the metrics of points of the cube."""

    def metrics(self, points: Floats) -> Floats:
        """Return metrics [n, m] of points [n, d]; NaN where a design has none."""
        ...


class SimulatorEvaluator:
    """ngspice, with the cache."""

    def __init__(self, case: Case, *, workers: int = 2, cache: Any = True) -> None:
        """Take a case."""
        self.case, self.space = case, DesignSpace.of(case)
        self.workers, self.cache = workers, cache

    def metrics(self, points: Floats) -> Floats:
        """Simulate points."""
        results = self.case.simulate(
            self.space.designs(points), workers=self.workers, cache=self.cache
        )
        names = self.case.metrics
        return np.array([[item.metrics.get(name, np.nan) for name in names] for item in results])


class ModelEvaluator:
    """A model's expectation, for training without simulations."""

    def __init__(self, case: Case, model: SizingModel) -> None:
        """Take a model of the case."""
        self.case, self.model, self.scales = case, model, Scales.of(case)

    def metrics(self, points: Floats) -> Floats:
        """Predict points; a design that hardly works has none."""
        found = self.model.predict(points)
        values = self.scales.values(found.mean)
        return np.where(found.alive[:, None] < 0.2, np.nan, values)


def make_evaluator(case: Case, backend: str | Evaluator, workers: int) -> Evaluator:
    """Return the evaluator of a name: ``ngspice``, ``tables``, ``network``; or the given one.

    Raises:
        InputError: There is none of this name.
    """
    from eda.errors import InputError

    if not isinstance(backend, str):
        return backend
    if backend == "ngspice":
        return SimulatorEvaluator(case, workers=workers)
    if backend == "tables":
        from eda.agents.model_tables import TablesModel

        return ModelEvaluator(case, TablesModel(case))
    if backend == "network":
        from eda.agents.model_network import NetworkModel

        return ModelEvaluator(case, NetworkModel.trained(case))
    raise InputError(f"there is no backend {backend!r}; there are ngspice, tables and network")
