"""Power that open ends radiate: conductances between them, positive whatever they are times."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eda.filters.microstrip.layout import Strip
from eda.filters.microstrip.substrate import LIGHT_M_PER_S, Substrate
from eda.filters.neural.graph import FilterGraph

Real = NDArray[np.float64]


def radiated_siemens(
    strips: Sequence[Strip],
    graph: FilterGraph,
    ohm: Real,
    static: Real,
    frequency_hz: Real,
    board: Substrate,
) -> Real:
    """Return the conductances between open ends by what they radiate, ``(ends, ends, points)``.

    Each end alone loses what Lewin gives for an open line. Two ends lose more or less together by
    how they point and by how far apart they are, as two sources that radiate alike into all
    directions do: by ``sin(k d) / (k d)``. Both ends of a hairpin nearly cancel so, and those of a
    straight half-wave line do not. Such a matrix has no negative eigenvalue.

    Source: L. Lewin, "Radiation from discontinuities in strip-line", Proc. IEE 107C (1960),
    pp. 163-170.

    Args:
        strips: Of the layout.
        graph: Of that layout.
        ohm: Impedance of every strip.
        static: Effective permittivity of every strip.
        frequency_hz: ``(points,)``.
        board: What they lie on.
    """
    ends = graph.opened
    places, ways = np.zeros((len(ends), 2)), np.zeros((len(ends), 2))
    for row, end in enumerate(ends):
        strip = strips[end // 2]
        axis = 0 if strip.horizontal else 1
        last = bool(end % 2) is not graph.turned[end // 2]
        pick = max if last else min
        places[row] = 1e-3 * np.array(
            pick(strip.start_mm, strip.end_mm, key=lambda point: point[axis])
        )
        ways[row, axis] = 1.0 if last else -1.0
    wave = 2 * math.pi * frequency_hz / LIGHT_M_PER_S
    at = np.asarray(ends, dtype=int) // 2
    size = np.sqrt(15 * _share(static[at])) / ohm[at] * board.height_m
    apart = np.linalg.norm(places[:, None] - places[None], axis=-1)
    shape = (ways @ ways.T) * size[:, None] * size[None]
    return np.asarray(shape[..., None] * np.sinc(apart[..., None] * wave / math.pi) * wave**2)


def _share(er: Real) -> Real:
    """Return Lewin's factor of an open end."""
    root = np.sqrt(np.maximum(er, 1.0 + 1e-9))
    return np.asarray(
        (er + 1) / er - (er - 1) ** 2 / (2 * er * root) * np.log((root + 1) / (root - 1))
    )
