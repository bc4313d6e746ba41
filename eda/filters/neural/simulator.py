"""The neural simulator: S-parameters of a layout as full wave would give them, in milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eda.errors import InputError
from eda.filters.microstrip.etching import Model
from eda.filters.microstrip.layout import Layout
from eda.filters.microstrip.limits import MicrostripLimits
from eda.filters.microstrip.network import Scattering
from eda.filters.microstrip.substrate import Substrate
from eda.filters.neural.circuit import corrected_scattering
from eda.filters.neural.closed import ClosedForms, closed_forms, stacked
from eda.filters.neural.corrections import Corrections, no_corrections, published
from eda.filters.neural.features import features_of
from eda.filters.neural.graph import FilterGraph, graph_of
from eda.filters.neural.network import predicted
from eda.filters.neural.weights import NeuralWeights, knows, load_weights
from eda.filters.spec import FilterSpec
from eda.filters.verify import dense_mask, judge

Real = NDArray[np.float64]


def neural_scattering(
    layouts: Sequence[Layout],
    board: Substrate,
    frequency_hz: Real,
    *,
    zs_ohm: float = 50.0,
    zl_ohm: float = 50.0,
    weights: NeuralWeights | None = None,
) -> Scattering:
    """Return the S-parameters of layouts, ``(layouts, points)`` each.

    Args:
        layouts: Filters on one board; those of one topology are computed together.
        board: What they lie on.
        frequency_hz: ``(points,)``.
        zs_ohm: Reference resistance of port 1.
        zl_ohm: Reference resistance of port 2.
        weights: Other weights than the shipped ones.

    Raises:
        WeightsError: There are no shipped weights.
        InputError: A layout has no room for the feeds that full wave gives it.
    """
    weights = weights or load_weights()
    groups: dict[FilterGraph, list[int]] = {}
    for row, layout in enumerate(layouts):
        groups.setdefault(graph_of(layout, 1e3 * board.height_m), []).append(row)
    made = np.zeros((3, len(layouts), len(frequency_hz)), dtype=np.complex128)
    for graph, rows in groups.items():
        closed = stacked(
            [
                closed_forms(layouts[row], graph, board, frequency_hz, zs_ohm=zs_ohm, zl_ohm=zl_ohm)
                for row in rows
            ]
        )
        found = corrected_scattering(graph, closed, corrections_of(graph, closed, weights))
        made[:, rows] = np.stack([found.s11, found.s21, found.s22])
    return Scattering(*made)


def corrections_of(
    graph: FilterGraph, closed: ClosedForms, weights: NeuralWeights | None = None
) -> Corrections:
    """Return what the networks correct of designs of one topology, their mean.

    Args:
        graph: The topology.
        closed: Closed forms of the designs.
        weights: Other weights than the shipped ones.
    """
    return mean_of(member_corrections(graph, closed, weights or load_weights()))


def member_corrections(
    graph: FilterGraph, closed: ClosedForms, weights: NeuralWeights
) -> list[Corrections]:
    """Return what every network corrects."""
    prior = published(graph, closed) if weights.prior else no_corrections(graph, len(closed.er))
    features = features_of(graph, closed)
    return [
        predicted(member, weights.shape, graph, closed, features, prior)
        for member in weights.members
    ]


def mean_of(corrections: Sequence[Corrections]) -> Corrections:
    """Return the mean of corrections of the same designs."""
    first = corrections[0]
    means: dict[str, Any] = {
        one.name: sum(getattr(item, one.name) for item in corrections) / len(corrections)
        for one in fields(first)
        if one.name != "near"
    }
    return replace(first, **means)


def neural_s(
    spec: FilterSpec,
    limits: MicrostripLimits,
    layout: Layout,
    frequency_hz: Real,
    *,
    weights: NeuralWeights | None = None,
) -> NDArray[np.complex128]:
    """Return the S-parameters of a layout, points x 2 x 2; see :func:`neural_scattering`."""
    found = neural_scattering(
        [layout],
        limits.substrate,
        frequency_hz,
        zs_ohm=spec.zs_ohm,
        zl_ohm=spec.zl_ohm,
        weights=weights,
    )
    return found.matrix()


def boards_of(layout: Layout, board: Substrate) -> Model:
    """Return a model of a layout on boards that differ a little from one, whose topology holds.

    Args:
        layout: The filter.
        board: What was ordered.

    Raises:
        InputError: The layout has no room for the feeds that full wave gives it.
    """
    graph = graph_of(layout, 1e3 * board.height_m)

    def model(
        spec: FilterSpec, limits: MicrostripLimits, layout: Layout, frequency_hz: Real
    ) -> NDArray[np.complex128]:
        closed = closed_forms(
            layout,
            graph,
            limits.substrate,
            frequency_hz,
            zs_ohm=spec.zs_ohm,
            zl_ohm=spec.zl_ohm,
        )
        return corrected_scattering(graph, closed, corrections_of(graph, closed)).matrix()

    return model


def foreseen_margin_db(spec: FilterSpec, layout: Layout) -> float | None:
    """Return the margin that full wave would come to; None for layouts that were not learned.

    Args:
        spec: A printed specification.
        layout: On its board.
    """
    if not knows(layout):
        return None
    frequency = np.unique(dense_mask(spec).frequency_hz)
    try:
        s = neural_s(spec, spec.printed, layout, frequency)
    except InputError:  # No room for the feeds that full wave has.
        return None
    return judge(spec, frequency, s).margin_db
