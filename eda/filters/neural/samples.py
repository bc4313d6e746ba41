"""Layouts that full wave has solved, made ready to learn from: at as many frequencies each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.microstrip.layout import Layout
from eda.filters.microstrip.substrate import Substrate
from eda.filters.neural.closed import ClosedForms, closed_forms, stacked
from eda.filters.neural.corrections import Corrections, no_corrections, published
from eda.filters.neural.features import Features, features_of
from eda.filters.neural.graph import FilterGraph, graph_of

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

POINTS: Final = 81
"""Frequencies of a sample: half of them even, the others where something passes."""

_PASSES_DB: Final = -15.0


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """A layout and its S-parameters in full wave.

    Attributes:
        name: What it is called in its data set.
        layout: The filter.
        board: What it lies on.
        frequency_hz: Ascending.
        s: Points x 2 x 2, power waves.
        zs_ohm: Reference resistance of port 1.
        zl_ohm: Reference resistance of port 2.
    """

    name: str
    layout: Layout
    board: Substrate
    frequency_hz: Real
    s: Complex
    zs_ohm: float = 50.0
    zl_ohm: float = 50.0

    def at(self, frequency_hz: Real) -> Complex:
        """Return S-parameters between the frequencies that were solved, points x 2 x 2."""
        from scipy.interpolate import CubicSpline

        parts = np.stack([self.s.real, self.s.imag])
        found = CubicSpline(self.frequency_hz, parts, axis=1)(frequency_hz)
        made: Complex = found[0] + 1j * found[1]
        return made


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Samples of one topology.

    Attributes:
        graph: The topology.
        closed: Closed forms, at the frequencies of each sample.
        features: What the network reads.
        prior: What is corrected before it.
        s: Full wave, ``(designs, 3, points)``: S11, S21, S22.
        rows: Which of the samples that were given these are.
    """

    graph: FilterGraph
    closed: ClosedForms
    features: Features
    prior: Corrections
    s: Any
    rows: tuple[int, ...]

    def split(self, order: Sequence[int], size: int) -> Iterator[Batch]:
        """Yield parts of at most a size, in an order."""
        for at in range(0, len(order), size):
            pick = np.asarray(order[at : at + size])
            yield Batch(
                self.graph,
                self.closed.picked(pick),
                Features(*(getattr(self.features, k)[pick] for k in ("end", "joint", "link"))),
                _picked(self.prior, pick),
                self.s[pick],
                tuple(self.rows[row] for row in pick),
            )


def _picked(prior: Corrections, rows: Any) -> Corrections:
    names = [one.name for one in fields(prior) if one.name != "near"]
    return replace(prior, **{name: getattr(prior, name)[rows] for name in names})


def chosen_frequencies(solved: Solved, points: int = POINTS) -> Real:
    """Return the frequencies a sample is looked at: even ones, and more where something passes."""
    frequency = solved.frequency_hz
    level = np.abs(solved.s[:, 1, 0])
    passed = frequency[level > min(10 ** (_PASSES_DB / 20), 0.7 * level.max())]
    even = np.linspace(frequency[0], frequency[-1], points - points // 2)
    low, high = passed[0], passed[-1]
    if high - low < 1e-6 * high:
        low, high = frequency[0], frequency[-1]
    # Shifted by a little, so that no frequency comes twice.
    more = np.linspace(low, high, points // 2 + 2)[1:-1] * (1 + 1e-9)
    return np.sort(np.concatenate([even, more]))


def batches_of(
    solved: Iterable[Solved], *, points: int = POINTS, prior: bool = True, even: bool = False
) -> list[Batch]:
    """Return samples, those of one topology together.

    Args:
        solved: What full wave has solved.
        points: Frequencies of each sample.
        prior: Whether what is published of discontinuities stands before the network.
        even: All frequencies evenly spaced, as errors are measured.
    """
    groups: dict[FilterGraph, list[tuple[int, ClosedForms, Complex]]] = {}
    for row, one in enumerate(solved):
        graph = graph_of(one.layout, 1e3 * one.board.height_m)
        frequency = (
            np.linspace(one.frequency_hz[0], one.frequency_hz[-1], points)
            if even
            else chosen_frequencies(one, points)
        )
        closed = closed_forms(
            one.layout, graph, one.board, frequency, zs_ohm=one.zs_ohm, zl_ohm=one.zl_ohm
        )
        s = one.at(frequency)
        wanted = np.stack([s[:, 0, 0], (s[:, 1, 0] + s[:, 0, 1]) / 2, s[:, 1, 1]])
        groups.setdefault(graph, []).append((row, closed, wanted))
    made = []
    for graph, members in groups.items():
        closed = stacked([part for _, part, _ in members])
        made.append(
            Batch(
                graph,
                closed,
                features_of(graph, closed),
                published(graph, closed) if prior else no_corrections(graph, len(members)),
                np.stack([s for _, _, s in members]),
                tuple(row for row, _, _ in members),
            )
        )
    return made
