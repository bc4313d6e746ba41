"""Averages of potentials over pairs of cells: closed form for 1/R, quadrature for the rest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from eda.filters.planar.green import Complex, Real, Slab
from eda.filters.planar.mesh import Mesh

_NEAR: Final = 6.0
"""Cells closer than so many distances of their points are integrated in closed form."""

_CANCELS: Final = 1e-9
"""Product of areas over distance^4 below which digits cancel in the closed form."""

_CHUNK: Final = 40_000


@dataclass(frozen=True, eq=False)
class Kernels:
    """Potentials between the cells of a mesh, averaged over both.

    Attributes:
        mesh: The cells.
        slab: The Green's functions.
        fine_heights: Spacing of points for the static potentials, in heights of the board.
        coarse_heights: Spacing for what is not static.
    """

    mesh: Mesh
    slab: Slab
    fine_heights: float = 0.8
    coarse_heights: float = 1.6

    @cached_property
    def static(self) -> tuple[Complex, Complex]:
        """Vector potential in H/m per moment, and scalar in V/C, at low frequency."""
        points = _Points.of(self.mesh, self.fine_heights * self.slab.board.height_m)
        distance = points.distances()
        table = self.slab.static_table()
        places = self.slab.places(distance)
        vector, scalar = (points.averaged(_looked_up(row, places)) for row in table)
        np.fill_diagonal(distance, 1.0)
        inverse = points.averaged(1 / distance).real
        _put_near(inverse, self.mesh, points.spacing)
        return vector + self.slab.vector_scale * inverse, scalar + self.slab.scalar_scale * inverse

    @cached_property
    def _coarse(self) -> tuple[_Points, tuple[np.ndarray, Real]]:
        points = _Points.of(self.mesh, self.coarse_heights * self.slab.board.height_m)
        return points, self.slab.places(points.distances())

    def at(self, frequency_hz: float) -> tuple[Complex, Complex]:
        """Return vector and scalar potential at a frequency, each ``(cells, cells)``."""
        points, places = self._coarse
        waves = [points.averaged(_looked_up(row, places)) for row in self.slab.waves(frequency_hz)]
        return self.static[0] + waves[0], self.static[1] + waves[1]


def _looked_up(table: Complex, places: tuple[np.ndarray, Real]) -> Complex:
    below, share = places
    step = np.append(np.diff(table), 0)
    return np.asarray(table[below] + share * step[below])


@dataclass(frozen=True, eq=False)
class _Points:
    """Points of Gauss's rule in cells.

    Attributes:
        at: ``(points, 2)``, those of a cell next to each other.
        weight: ``(points,)``; the weights of a cell add up to one.
        first: First point of each cell.
        spacing: Largest size of a cell divided by its count of points, ``(cells,)``.
    """

    at: Real
    weight: Real
    first: np.ndarray
    spacing: Real

    @classmethod
    def of(cls, mesh: Mesh, spacing_m: float) -> _Points:
        size = mesh.high_m - mesh.low_m
        counts = np.clip(np.ceil(size / spacing_m), 1, 8).astype(int)
        total = counts.prod(1)
        first = np.concatenate([[0], np.cumsum(total)[:-1]])
        at = np.empty((total.sum(), 2))
        weight = np.empty(total.sum())
        for shape in np.unique(counts, axis=0):
            cells = np.flatnonzero((counts == shape).all(1))
            (x, wx), (y, wy) = (np.polynomial.legendre.leggauss(int(n)) for n in shape)
            unit = np.stack([np.repeat(x, shape[1]), np.tile(y, shape[0])], 1)
            middle = (mesh.low_m[cells] + mesh.high_m[cells]) / 2
            rows = first[cells][:, None] + np.arange(len(unit))
            at[rows] = middle[:, None] + unit * size[cells][:, None] / 2
            weight[rows] = np.outer(wx, wy).ravel() / 4
        return cls(at, weight, first, (size / counts).max(1))

    def distances(self) -> Real:
        """Return distances between all points."""
        x, y = self.at.T
        return np.asarray(np.hypot(x[:, None] - x, y[:, None] - y))

    def averaged(self, values: Complex | Real) -> Complex:
        """Return averages over pairs of cells of values at pairs of points."""
        if len(self.first) == len(self.at):
            return np.asarray(values)
        rows = np.add.reduceat(values * self.weight, self.first, axis=1) * self.weight[:, None]
        return np.asarray(np.add.reduceat(rows, self.first, axis=0))


def _put_near(inverse: Real, mesh: Mesh, spacing: Real) -> None:
    """Overwrite averages of 1/R by the closed form for cells that lie near each other."""
    gap = [
        np.maximum(
            np.maximum(mesh.low_m[:, None, axis] - mesh.high_m[None, :, axis], 0.0),
            mesh.low_m[None, :, axis] - mesh.high_m[:, None, axis],
        )
        for axis in (0, 1)
    ]
    apart = np.hypot(*gap)
    area = (mesh.high_m - mesh.low_m).prod(1)
    near = apart < _NEAR * np.maximum(spacing[:, None], spacing)
    near &= _CANCELS * apart**4 < np.outer(area, area)
    rows, cols = np.nonzero(np.triu(near))
    for start in range(0, len(rows), _CHUNK):
        a, b = rows[start : start + _CHUNK], cols[start : start + _CHUNK]
        inverse[a, b] = inverse[b, a] = mean_inverse_distance(
            mesh.low_m[a], mesh.high_m[a], mesh.low_m[b], mesh.high_m[b]
        )


def mean_inverse_distance(low_a: Real, high_a: Real, low_b: Real, high_b: Real) -> Real:
    """Return the mean of 1/R between rectangles of a plane, in closed form.

    The fourfold integral of 1/R is a sum over differences u, v of corners of
    ``u v^2/2 asinh(u/|v|) + u^2 v/2 asinh(v/|u|) - (u^2 + v^2)^(3/2)/6``.

    Args:
        low_a: Left and bottom of the first, ``(pairs, 2)``.
        high_a: Right and top of the first.
        low_b: Left and bottom of the second.
        high_b: Right and top of the second.
    """
    terms = (
        (high_a, low_b, 1.0),
        (low_a, low_b, -1.0),
        (high_a, high_b, -1.0),
        (low_a, high_b, 1.0),
    )
    total = np.zeros(len(low_a))
    for p, q, sign_x in terms:
        u = np.abs(p[:, 0] - q[:, 0])
        for r, s, sign_y in terms:
            v = np.abs(r[:, 1] - s[:, 1])
            total += sign_x * sign_y * _fourfold(u, v)
    area_a = (high_a - low_a).prod(1)
    return np.asarray(total / (area_a * (high_b - low_b).prod(1)))


def _fourfold(u: Real, v: Real) -> Real:
    far = np.hypot(u, v)
    tiny = 1e-200
    first = np.log((u + far + tiny) / (v + tiny))
    second = np.log((v + far + tiny) / (u + tiny))
    return u * v / 2 * (v * first + u * second) - far**3 / 6
