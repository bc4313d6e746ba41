"""Two equal coupled strips in closed form: even and odd mode.

Source: M. Kirschning and R. H. Jansen, "Accurate wide-range design equations for the
frequency-dependent characteristic of parallel coupled microstrip lines", IEEE Trans. Microwave
Theory Tech. 32 (1984), pp. 83-90, with the corrections of 1985. Impedances are the static ones,
permittivities have dispersion. Stated range: 0.1 <= w/h <= 10, 0.1 <= s/h <= 10, er <= 18.
"""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

from eda.filters.microstrip.arrays import column, functions_of
from eda.filters.microstrip.line import first_terms, ghz_mm, static_line
from eda.filters.microstrip.substrate import Substrate

_ETA_KJ_OHM: Final = 377.0
"""The wave impedance as the authors wrote it; their fits belong to this figure."""


class Modes(NamedTuple):
    """A quantity of the even and of the odd mode."""

    even: Any
    odd: Any


def static_pair(width_m: Any, gap_m: Any, board: Substrate) -> tuple[Modes, Modes]:
    """Return impedances in ohm and effective permittivities at low frequency.

    Args:
        width_m: Width of either strip, ``(designs,)``.
        gap_m: Space between them, ``(designs,)``.
        board: The substrate.
    """
    xp = functions_of(width_m, gap_m)
    u, g, er = width_m / board.height_m, gap_m / board.height_m, board.er
    single_ohm, single = static_line(width_m, board)
    even = _even_permittivity(u, g, er)
    odd = _odd_permittivity(u, g, er, single)
    q4, q10 = _impedance_terms(u, g)
    load = single_ohm / _ETA_KJ_OHM * xp.sqrt(single)
    return (
        Modes(
            single_ohm * xp.sqrt(single / even) / (1 - load * q4),
            single_ohm * xp.sqrt(single / odd) / (1 - load * q10),
        ),
        Modes(even, odd),
    )


def _even_permittivity(u: Any, g: Any, er: float) -> Any:
    xp = functions_of(u, g)
    v = u * (20 + g**2) / (10 + g**2) + g * xp.exp(-g)
    a = (
        1
        + xp.log((v**4 + (v / 52) ** 2) / (v**4 + 0.432)) / 49
        + xp.log(1 + (v / 18.1) ** 3) / 18.7
    )
    b = 0.564 * ((er - 0.9) / (er + 3)) ** 0.053
    return (er + 1) / 2 + (er - 1) / 2 * (1 + 10 / v) ** (-a * b)


def _odd_permittivity(u: Any, g: Any, er: float, single: Any) -> Any:
    xp = functions_of(u, g)
    a = 0.7287 * (single - (er + 1) / 2) * (1 - xp.exp(-0.179 * u))
    b = 0.747 * er / (0.15 + er)
    c = b - (b - 0.207) * xp.exp(-0.414 * u)
    d = 0.593 + 0.694 * xp.exp(-0.562 * u)
    return ((er + 1) / 2 + a - single) * xp.exp(-c * g**d) + single


def _impedance_terms(u: Any, g: Any) -> tuple[Any, Any]:
    """Return Q4 of the even and Q10 of the odd impedance."""
    xp = functions_of(u, g)
    q1 = 0.8695 * u**0.194
    q2 = 1 + 0.7519 * g + 0.189 * g**2.31
    q3 = 0.1975 + (16.6 + (8.4 / g) ** 6) ** -0.387 + xp.log(g**10 / (1 + (g / 3.4) ** 10)) / 241
    q4 = 2 * q1 / q2 / (xp.exp(-g) * u**q3 + (2 - xp.exp(-g)) * u**-q3)
    q5 = 1.794 + 1.14 * xp.log(1 + 0.638 / (g + 0.517 * g**2.43))
    q6 = 0.2305 + xp.log(g**10 / (1 + (g / 5.8) ** 10)) / 281.3 + xp.log(1 + 0.598 * g**1.154) / 5.1
    q7 = (10 + 190 * g**2) / (1 + 82.3 * g**3)
    q8 = xp.exp(-6.5 - 0.95 * xp.log(g) - (g / 0.15) ** 5)
    q9 = xp.log(q7) * (q8 + 1 / 16.5)
    q10 = q4 - q5 / q2 * xp.exp(xp.log(u) * q6 * u**-q9)
    return q4, q10


def pair_permittivity(
    width_m: Any, gap_m: Any, static: Modes, frequency_hz: Any, board: Substrate
) -> Modes:
    """Return the effective permittivities at frequencies, each ``(designs, points)``."""
    er, fn = board.er, ghz_mm(frequency_hz, board)
    u, g = column(width_m / board.height_m), column(gap_m / board.height_m)
    xp = functions_of(u, g, fn)
    p1, p2, p3, p4 = first_terms(u, fn, er)
    p5 = 0.334 * math.exp(-3.3 * (er / 15) ** 3) + 0.746
    p6 = p5 * xp.exp(-((fn / 18) ** 0.368))
    p7 = 1 + 4.069 * p6 * g**0.479 * xp.exp(-1.347 * g**0.595 - 0.17 * g**2.5)
    f_even = p1 * p2 * ((p3 * p4 + 0.1844 * p7) * fn) ** 1.5763

    p8 = 0.7168 * (1 + 1.076 / (1 + 0.0576 * (er - 1)))
    p9 = p8 - 0.7913 * (1 - xp.exp(-((fn / 20) ** 1.424))) * math.atan(2.481 * (er / 8) ** 0.946)
    p10 = 0.242 * (er - 1) ** 0.55
    p11 = 0.6366 * (xp.exp(-0.3401 * fn) - 1) * xp.arctan(1.263 * (u / 3) ** 1.629)
    p12 = p9 + (1 - p9) / (1 + 1.183 * u**1.376)
    p13 = 1.695 * p10 / (0.414 + 1.605 * p10)
    p14 = 0.8928 + 0.1072 * (1 - xp.exp(-0.42 * (fn / 20) ** 3.215))
    p15 = xp.abs(1 - 0.8928 * (1 + p11) * p12 * xp.exp(-p13 * g**1.092) / p14)
    f_odd = p1 * p2 * ((p3 * p4 + 0.1844) * fn * p15) ** 1.5763
    return Modes(
        er - (er - column(static.even)) / (1 + f_even),
        er - (er - column(static.odd)) / (1 + f_odd),
    )
