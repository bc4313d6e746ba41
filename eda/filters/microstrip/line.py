"""A single microstrip line in closed form: impedance, permittivity with dispersion, losses.

Sources: E. Hammerstad and O. Jensen, "Accurate models for microstrip computer-aided design",
IEEE MTT-S Digest 1980, pp. 407-409 (impedance, static permittivity); M. Kirschning and
R. H. Jansen, "Accurate model for effective dielectric constant of microstrip with validity up to
millimetre-wave frequencies", Electronics Letters 18 (1982), pp. 272-273 (dispersion). The strip
has no thickness, and the impedance no dispersion.

Widths are per design, ``(designs,)``; frequencies ``(points,)``; what depends on both is
``(designs, points)``. All of it runs on numpy arrays and on torch tensors with gradients.
"""

from __future__ import annotations

import math
from typing import Any, Final

from eda.filters.microstrip.arrays import column, functions_of
from eda.filters.microstrip.substrate import (
    ETA0_OHM,
    LIGHT_M_PER_S,
    MU0_H_PER_M,
    Substrate,
)

CROWDING: Final = 1.3
"""Stands for the roughness of copper and for the current at the edges of a strip."""


def static_line(width_m: Any, board: Substrate) -> tuple[Any, Any]:
    """Return impedance in ohm and effective permittivity of a strip at low frequency.

    Example:
        >>> import numpy as np
        >>> board = Substrate(er=3.66, height_m=0.508e-3)
        >>> impedance, permittivity = static_line(np.array([1.1e-3]), board)
        >>> round(float(impedance[0]), 1), round(float(permittivity[0]), 2)
        (50.3, 2.86)
    """
    xp = functions_of(width_m)
    u = width_m / board.height_m
    a = (
        1
        + xp.log((u**4 + (u / 52) ** 2) / (u**4 + 0.432)) / 49
        + xp.log(1 + (u / 18.1) ** 3) / 18.7
    )
    b = 0.564 * ((board.er - 0.9) / (board.er + 3)) ** 0.053
    permittivity = (board.er + 1) / 2 + (board.er - 1) / 2 * (1 + 10 / u) ** (-a * b)
    f = 6 + (2 * math.pi - 6) * xp.exp(-((30.666 / u) ** 0.7528))
    in_air = ETA0_OHM / (2 * math.pi) * xp.log(f / u + xp.sqrt(1 + (2 / u) ** 2))
    return in_air / xp.sqrt(permittivity), permittivity


def ghz_mm(frequency_hz: Any, board: Substrate) -> Any:
    """Return frequency times height in GHz mm, the variable of Kirschning and Jansen."""
    return frequency_hz * (board.height_m * 1e-6)


def first_terms(u: Any, fn: Any, er: float) -> tuple[Any, Any, Any, Any]:
    """Return P1 to P4 of the dispersion, which a single line and a pair have in common."""
    xp = functions_of(u, fn)
    p1 = 0.27488 + (0.6315 + 0.525 / (1 + 0.0157 * fn) ** 20) * u - 0.065683 * xp.exp(-8.7513 * u)
    p2 = 0.33622 * (1 - math.exp(-0.03442 * er))
    p3 = 0.0363 * xp.exp(-4.6 * u) * (1 - xp.exp(-((fn / 38.7) ** 4.97)))
    p4 = 1 + 2.751 * (1 - math.exp(-((er / 15.916) ** 8)))
    return p1, p2, p3, p4


def line_permittivity(
    width_m: Any, static_permittivity: Any, frequency_hz: Any, board: Substrate
) -> Any:
    """Return the effective permittivity at frequencies, ``(designs, points)``."""
    fn = ghz_mm(frequency_hz, board)
    p1, p2, p3, p4 = first_terms(column(width_m / board.height_m), fn, board.er)
    p = p1 * p2 * ((0.1844 + p3 * p4) * fn) ** 1.5763
    return board.er - (board.er - column(static_permittivity)) / (1 + p)


def propagation(
    width_m: Any, impedance_ohm: Any, permittivity: Any, frequency_hz: Any, board: Substrate
) -> Any:
    """Return the propagation constant alpha + j beta of a mode, per metre.

    Args:
        width_m: Width of the strip, ``(designs,)``.
        impedance_ohm: Impedance of the mode, ``(designs,)``.
        permittivity: Effective permittivity of the mode, ``(designs, points)``.
        frequency_hz: ``(points,)``.
        board: The substrate.
    """
    xp = functions_of(permittivity)
    root = xp.sqrt(permittivity)
    surface = (math.pi * MU0_H_PER_M / board.sigma_s_per_m) ** 0.5 * frequency_hz**0.5
    conductor = CROWDING * surface / column(width_m * impedance_ohm)
    wave = 2 * math.pi / LIGHT_M_PER_S * frequency_hz
    dielectric = wave * root * filling(permittivity, board) * (board.tan_delta / 2)
    return conductor + dielectric + 1j * wave * root


def filling(permittivity: Any, board: Substrate) -> Any:
    """Return which part of a mode's field energy suffers the loss of the dielectric."""
    if board.er == 1:
        return 0 * permittivity
    return board.er * (permittivity - 1) / (permittivity * (board.er - 1))
