"""The equations of the method of moments: currents on a mesh, and the admittances at its ports.

Galerkin's method on the mixed-potential integral equation with roof-top currents. A roof-top
enters the potentials by the mean current of each of its two cells, so that two matrices over cells
serve both directions and the charge. Along a line this is the trapezoidal rule, whose phase per
cell, 2 atan(b d / 2), is known; currents are weighted by tan(b d / 2) / (b d / 2), which undoes it.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import sparse
from scipy.linalg import lu_factor, lu_solve

from eda.filters.planar.green import Complex, Real
from eda.filters.planar.kernels import Kernels
from eda.filters.planar.mesh import Mesh


def admittances(
    kernels: Kernels, frequency_hz: float, *, surface_ohm: complex, slow: float
) -> Complex:
    """Return the admittance matrix at the ports, ``(ports, ports)``, in siemens.

    Args:
        kernels: Potentials between cells.
        frequency_hz: The frequency.
        surface_ohm: Surface impedance of the copper.
        slow: Root of the effective permittivity of lines, for the phase of a cell.
    """
    mesh = kernels.mesh
    omega = 2 * math.pi * frequency_hz
    vector, scalar = kernels.at(frequency_hz)
    size = mesh.high_m - mesh.low_m
    vector = vector + np.diag(surface_ohm / (1j * omega * size.prod(1)))
    half = omega * slow / 299_792_458.0 * size / 2
    weight = np.tan(half) / half
    charge = _charges(mesh)
    matrix = (charge.T @ (charge.T @ scalar).T) / (1j * omega)
    for axis in (0, 1):
        rows = np.flatnonzero(mesh.axis == axis)
        moment = _moments(mesh, axis, size[:, axis] * weight[:, axis])
        block = moment.T @ (moment.T @ vector).T
        matrix[np.ix_(rows, rows)] += 1j * omega * block
    found = lu_solve(lu_factor(matrix, overwrite_a=True, check_finite=False), mesh.drive)
    return np.asarray(mesh.drive.T @ found)


def _charges(mesh: Mesh) -> sparse.csr_array:
    """Return the charge per second in each cell of each current, ``(cells, currents)``."""
    count = len(mesh.axis)
    sign = np.repeat([1.0, -1.0], count)
    place = np.concatenate([mesh.head, mesh.tail]), np.tile(np.arange(count), 2)
    return sparse.csr_array((sign, place), shape=(len(mesh.low_m), count))


def _moments(mesh: Mesh, axis: int, length_m: Real) -> sparse.csr_array:
    """Return the moment along an axis of its currents in each cell, ``(cells, currents)``."""
    of = np.flatnonzero(mesh.axis == axis)
    cells = np.concatenate([mesh.head[of], mesh.tail[of]])
    place = cells, np.tile(np.arange(len(of)), 2)
    return sparse.csr_array((length_m[cells] / 2, place), shape=(len(mesh.low_m), len(of)))
