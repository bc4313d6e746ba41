"""Counted evaluation of layouts against a mask, with slopes by every open size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from eda.filters.evaluator import Evaluator
from eda.filters.mask import Mask
from eda.filters.microstrip.layout import Layout
from eda.filters.microstrip.limits import MicrostripLimits
from eda.filters.microstrip.network import Scattering, Sizes, scattering, sizes_of
from eda.filters.microstrip.substrate import Substrate
from eda.filters.microstrip.template import Template
from eda.filters.nodal import Response
from eda.filters.spec import FilterSpec

Real = NDArray[np.float64]

_STEP: Final = 1e-5
"""Change of a logarithm for a slope: far above rounding, far below any curvature."""


class Model(Protocol):
    """What answers as :func:`eda.filters.microstrip.network.scattering` does."""

    def __call__(
        self,
        layout: Layout,
        sizes: Sizes,
        frequency_hz: Any,
        board: Substrate,
        *,
        zs_ohm: float,
        zl_ohm: float,
    ) -> Scattering:
        """Return the S-parameters of designs that share a layout's topology."""


@dataclass(slots=True)
class LayoutEvaluator(Evaluator):
    """Evaluates the designs of a template; counts as its kin for circuits of parts does.

    Attributes:
        board: The substrate.
        grid_mm: The grid that derived lengths are drawn on; 0 for none.
        model: What computes S-parameters; the closed forms by default.
    """

    board: Substrate | None = None
    grid_mm: float = 0.0
    model: Model = scattering

    def on(self, mask: Mask) -> LayoutEvaluator:
        """Return an evaluator of another mask that keeps the same record."""
        return replace(self, mask=mask)

    def _respond(self, topology: Any, log_values: Real, **more: Any) -> Response:
        if not more.get("derivatives"):
            return self._at(topology, log_values)
        self.ledger.calls += len(log_values[0])
        count = log_values.shape[1]
        around = np.concatenate([log_values, log_values + _STEP * np.eye(count)])
        with np.errstate(all="ignore"):
            found = self._at(topology, around)
        s21, s11 = np.asarray(found.s21), np.asarray(found.s11)
        return Response(
            s21[:1],
            s11[:1],
            ((s21[1:] - s21[0]) / _STEP)[None],
            ((s11[1:] - s11[0]) / _STEP)[None],
        )

    def _at(self, template: Template, log_values: Real) -> Response:
        assert self.board is not None
        layouts = [template.draw(values, self.grid_mm) for values in np.exp(log_values)]
        found = self.model(
            layouts[0],
            sizes_of(*layouts),
            self.mask.frequency_hz,
            self.board,
            zs_ohm=self.physics.zs_ohm,
            zl_ohm=self.physics.zl_ohm,
        )
        return Response(found.s21, found.s11)


def reference_s(
    spec: FilterSpec, limits: MicrostripLimits, layout: Layout, frequency_hz: NDArray[np.float64]
) -> NDArray[np.complex128]:
    """Return the S-parameters of a layout by the closed forms, points x 2 x 2."""
    found = scattering(
        layout,
        sizes_of(layout),
        frequency_hz,
        limits.substrate,
        zs_ohm=spec.zs_ohm,
        zl_ohm=spec.zl_ohm,
    )
    return found.matrix()
