"""Where a strip ends: open ends, steps of width, vias.

Sources: M. Kirschning, R. H. Jansen and N. H. L. Koster, "Accurate model for open end effect of
microstrip lines", Electronics Letters 17 (1981), pp. 123-125; M. Goldfarb and R. Pucel,
"Modeling via hole grounds in microstrip", IEEE Microwave Guided Wave Lett. 1 (1991), pp. 135-137.
"""

from __future__ import annotations

import math
from typing import Any

from eda.filters.microstrip.arrays import functions_of
from eda.filters.microstrip.line import static_line
from eda.filters.microstrip.substrate import MU0_H_PER_M, Substrate


def open_end_m(width_m: Any, board: Substrate) -> Any:
    """Return by how much an open strip seems longer than it is.

    Example:
        >>> import numpy as np
        >>> board = Substrate(er=3.66, height_m=0.508e-3)
        >>> round(float(open_end_m(np.array([1.1e-3]), board)[0]) * 1e6)
        217
    """
    xp = functions_of(width_m)
    u, er = width_m / board.height_m, board.er
    _, permittivity = static_line(width_m, board)
    power = permittivity**0.81
    x1 = 0.434907 * (power + 0.26) / (power - 0.189) * (u**0.8544 + 0.236) / (u**0.8544 + 0.87)
    x2 = 1 + u**0.371 / (2.358 * er + 1)
    x3 = 1 + 0.5274 * xp.arctan(0.084 * u ** (1.9413 / x2)) / permittivity**0.9236
    x4 = 1 + 0.0377 * xp.arctan(0.067 * u**1.456) * (6 - 5 * math.exp(0.036 * (1 - er)))
    x5 = 1 - 0.218 * xp.exp(-7.5 * u)
    return board.height_m * x1 * x3 * x5 / x4


def step_m(wide_m: Any, narrow_m: Any, board: Substrate) -> Any:
    """Return by how much the wider of two strips in line seems longer than it is."""
    return open_end_m(wide_m, board) * (1 - narrow_m / wide_m)


def via_henry(diameter_m: float, board: Substrate) -> float:
    """Return the inductance of a via to the ground plane.

    Example:
        >>> round(via_henry(0.3e-3, Substrate(er=3.66, height_m=0.508e-3)) * 1e12, 1)
        82.6
    """
    h, r = board.height_m, diameter_m / 2
    far = math.hypot(r, h)
    return MU0_H_PER_M / (2 * math.pi) * (h * math.log((h + far) / r) + 1.5 * (r - far))
