"""Potentials of currents on a board: Green's functions of a grounded dielectric slab, open above.

Currents and charges lie on the face of the slab. In the spectral domain, with k the radial wave
number, the potentials are

    A(k) = mu0 / (g0 + g1 coth g1 h)                 vector potential, per current moment,
    P(k) = j w (Z_tm - Z_te) / k^2                   scalar potential, per charge,

where g0, g1 are the vertical wave numbers and Z_te, Z_tm the impedances that a sheet on the slab
sees (formulation C of K. A. Michalski and D. Zheng, "Electromagnetic scattering and radiation by
surfaces of arbitrary shape in layered media", IEEE Trans. Antennas Propag. 38 (1990), pp. 335-344).
Their limits at low frequency are 1/R and images, in closed form; the rest is a smooth function of
the distance, a Sommerfeld integral by quadrature. No walls and no lid: surface waves and radiation
are in the answer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.special import j0, jv

from eda.filters.microstrip.substrate import LIGHT_M_PER_S, MU0_H_PER_M, Substrate

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

EPS0_F_PER_M: Final = 1 / (MU0_H_PER_M * LIGHT_M_PER_S**2)

_IMAGES: Final = 400
_NODES: Final = 360
"""Distances at which the integrals are taken."""

_TABLE: Final = 6000
"""Entries of a table over distance, from which values are interpolated linearly."""

_HIGHEST_HEIGHTS: Final = 30.0
"""Where the integral ends: k h. Beyond, the rest falls with k^-3."""


@dataclass(frozen=True, eq=False)
class Slab:
    """Green's functions of a board up to a frequency and a distance.

    Attributes:
        board: The board; copper losses of its ground are in ``surface_ohm``.
        highest_hz: Highest frequency that will be asked for.
        reach_m: Largest distance.
        rough: Factor on the surface resistance of the ground, for its roughness.
    """

    board: Substrate
    highest_hz: float
    reach_m: float
    rough: float = 1.0

    @property
    def permittivity(self) -> complex:
        """Permittivity of the slab in F/m, its losses in the imaginary part."""
        return EPS0_F_PER_M * self.board.er * (1 - 1j * self.board.tan_delta)

    @property
    def vector_scale(self) -> float:
        """What the singular 1/R of the vector potential is multiplied with, in H/m."""
        return MU0_H_PER_M / (4 * math.pi)

    @property
    def scalar_scale(self) -> complex:
        """What the singular 1/R of the scalar potential is multiplied with, in m/F."""
        return 1 / (2 * math.pi * (EPS0_F_PER_M + self.permittivity))

    def images(self, distance_m: Real) -> tuple[Real, Complex]:
        """Return the static vector and scalar potentials without their 1/R."""
        height = 2 * self.board.height_m
        slab = self.permittivity
        share = (slab - EPS0_F_PER_M) / (slab + EPS0_F_PER_M)
        vector = -self.vector_scale / np.hypot(distance_m, height)
        scalar = np.zeros(distance_m.shape, complex)
        weight = -(1 + share)
        for n in range(1, _IMAGES + 1):
            scalar += weight / np.hypot(distance_m, n * height)
            weight *= -share
            if abs(weight) < 1e-9:
                break
        return vector, self.scalar_scale * scalar

    @cached_property
    def _radii(self) -> Real:
        scale = 0.2 * self.board.height_m
        top = math.asinh(1.02 * self.reach_m / scale)
        return np.asarray(scale * np.sinh(np.linspace(0.0, top, _NODES)))

    @cached_property
    def _contour(self) -> tuple[Complex, Complex, int]:
        """Return nodes and weights along k, and how many lie on the detour around the poles."""
        slow = 2 * math.pi * self.highest_hz / LIGHT_M_PER_S
        end = 1.5 * slow * math.sqrt(self.board.er)
        detour = min(0.25 * end, 4 / self.reach_m)
        at, weight = _panels(0.0, 1.0, max(6, math.ceil(end * self.reach_m / 6)), 12)
        path = end * at + 4j * detour * at * (1 - at)
        path_weight = (end + 4j * detour * (1 - 2 * at)) * weight
        top = _HIGHEST_HEIGHTS / self.board.height_m
        count = math.ceil((top - end) * self.reach_m / 8) + 20
        tail, tail_weight = _panels(end, top, count, 8)
        return np.append(path, tail), np.append(path_weight, tail_weight), len(path)

    @cached_property
    def _bessel(self) -> tuple[Complex, Real]:
        nodes, weights, bent = self._contour
        scaled = weights * nodes / (2 * math.pi)
        first = jv(0, np.outer(self._radii, nodes[:bent])) * scaled[:bent]
        rest = j0(np.outer(self._radii, nodes[bent:].real)) * scaled[bent:].real
        return first, rest

    def _spectra(self, frequency_hz: float) -> Complex:
        """Return what is not static of both potentials at the nodes, ``(2, nodes)``."""
        k = self._contour[0]
        h, omega = self.board.height_m, 2 * math.pi * frequency_hz
        slab = self.permittivity
        g0 = np.sqrt(k * k - omega**2 * MU0_H_PER_M * EPS0_F_PER_M + 0j)
        g1 = np.sqrt(k * k - omega**2 * MU0_H_PER_M * slab + 0j)
        tanh = np.tanh(g1 * h)
        ground = self.rough * self.board.surface_ohm(frequency_hz) * (1 + 1j)
        te, tm = g1 / (1j * omega * MU0_H_PER_M), 1j * omega * slab / g1
        below_te = te * (1 + te * ground * tanh) / (te * ground + tanh)
        below_tm = tm * (1 + tm * ground * tanh) / (tm * ground + tanh)
        z_te = 1 / (g0 / (1j * omega * MU0_H_PER_M) + below_te)
        z_tm = 1 / (1j * omega * EPS0_F_PER_M / g0 + below_tm)
        decay = np.exp(-2 * k * h)
        share = (slab - EPS0_F_PER_M) / (slab + EPS0_F_PER_M)
        vector = MU0_H_PER_M * (1 - decay) / (2 * k)
        scalar = (1 - decay) / (k * (EPS0_F_PER_M + slab) * (1 + share * decay))
        return np.stack(
            [z_te / (1j * omega) - vector, 1j * omega * (z_tm - z_te) / (k * k) - scalar]
        )

    def waves(self, frequency_hz: float) -> Complex:
        """Return what is not static of both potentials over distance, as a table ``(2, n)``.

        Where a distance lies in it is told by :meth:`places`.
        """
        spectra = self._spectra(frequency_hz)
        first, rest = self._bessel
        bent = first.shape[1]
        values = first @ spectra[:, :bent].T + rest @ spectra[:, bent:].T
        return np.ascontiguousarray(self._tabulated(values).T)

    def static_table(self) -> Complex:
        """Return the static potentials without their 1/R, as a table ``(2, n)``."""
        scale = 0.2 * self.board.height_m
        top = math.asinh(1.02 * self.reach_m / scale)
        vector, scalar = self.images(scale * np.sinh(np.linspace(0.0, top, _TABLE)))
        return np.stack([vector + 0j, scalar])

    def _tabulated(self, values: Complex) -> Complex:
        at = np.linspace(0.0, 1.0, _NODES)
        return np.asarray(CubicSpline(at, values)(np.linspace(0.0, 1.0, _TABLE)))

    def places(self, distance_m: Real) -> tuple[NDArray[np.int32], Real]:
        """Return where distances lie in a table: the entry below, and the share of the next."""
        scale = 0.2 * self.board.height_m
        top = math.asinh(1.02 * self.reach_m / scale)
        at = np.arcsinh(distance_m / scale) * ((_TABLE - 1) / top)
        below = np.minimum(at.astype(np.int32), _TABLE - 2)
        return below, at - below


def _panels(low: float, high: float, count: int, order: int) -> tuple[Real, Real]:
    """Return nodes and weights of Gauss's rule on equal panels."""
    at, weight = np.polynomial.legendre.leggauss(order)
    edges = np.linspace(low, high, count + 1)
    half = np.diff(edges)[:, None] / 2
    return ((edges[:-1, None] + half) + half * at).ravel(), (half * weight).ravel()
