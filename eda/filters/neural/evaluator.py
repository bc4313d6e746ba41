"""The neural simulator in place of the closed forms: counted evaluations, and a search by it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from eda.filters.mask import Mask
from eda.filters.microstrip.evaluator import LayoutEvaluator
from eda.filters.microstrip.search import PrintedSearch
from eda.filters.microstrip.template import Template
from eda.filters.neural.simulator import neural_scattering
from eda.filters.neural.weights import NeuralWeights
from eda.filters.nodal import Response

Real = NDArray[np.float64]


@dataclass(slots=True)
class NeuralEvaluator(LayoutEvaluator):
    """Evaluates the designs of a template by the neural simulator.

    Attributes:
        weights: Other weights than the shipped ones.
    """

    weights: NeuralWeights | None = None

    def on(self, mask: Mask) -> NeuralEvaluator:
        """Return an evaluator of another mask that keeps the same record."""
        return replace(self, mask=mask)

    def _at(self, template: Template, log_values: Real) -> Response:
        assert self.board is not None
        layouts = [template.draw(values, 0.0) for values in np.exp(log_values)]
        found = neural_scattering(
            layouts,
            self.board,
            self.mask.frequency_hz,
            zs_ohm=self.physics.zs_ohm,
            zl_ohm=self.physics.zl_ohm,
            weights=self.weights,
        )
        return Response(found.s21, found.s11)


@dataclass
class NeuralSearch(PrintedSearch):
    """A search whose margins are those of the neural simulator.

    Attributes:
        weights: Other weights than the shipped ones.
    """

    weights: NeuralWeights | None = None

    def __post_init__(self) -> None:
        """Make the evaluators."""
        super().__post_init__()
        for name, value in list(vars(self).items()):
            if isinstance(value, LayoutEvaluator):
                kept = {one.name: getattr(value, one.name) for one in fields(value)}
                setattr(self, name, NeuralEvaluator(**kept, weights=self.weights))
