"""Coupled resonators: from a coupling matrix to tanks with capacitors or inductors between them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eda.filters.transformations import Ladder


def coupling_matrix(g: Sequence[float]) -> NDArray[np.float64]:
    """Return the normalised coupling matrix of a ladder prototype, with source and load.

    Args:
        g: Values of the prototype between resistances of 1 ohm.

    Returns:
        (n+2) x (n+2), symmetric; entry [i, i+1] is the coupling of neighbours, row 0 the source.

    Example:
        >>> coupling_matrix([1.0, 2.0, 1.0]).round(3)[0:3, 1:4]
        array([[1.   , 0.   , 0.   ],
               [0.   , 0.707, 0.   ],
               [0.707, 0.   , 0.707]])
    """
    whole = [1.0, *g, 1.0]
    size = len(whole)
    made = np.zeros((size, size))
    for at in range(size - 1):
        made[at, at + 1] = made[at + 1, at] = 1 / math.sqrt(whole[at] * whole[at + 1])
    return made


def tanks(
    matrix: NDArray[np.float64],
    low_hz: float,
    high_hz: float,
    zs_ohm: float,
    zl_ohm: float,
    *,
    coupling: str,
    inductance: float | None,
) -> Ladder | None:
    """Return tanks to ground with series couplings, or None where a part would be negative.

    Args:
        matrix: The coupling matrix.
        low_hz: Lower edge of the band.
        high_hz: Upper edge.
        zs_ohm: Source.
        zl_ohm: Load.
        coupling: A letter for each coupling between tanks: ``C`` or ``L``.
        inductance: Of every tank, in henry, before couplings take their share; the end tanks are
            coupled to the ports through capacitors. None: the end tanks lie at the ports, and the
            inductance follows.
    """
    middle = 2 * math.pi * math.sqrt(low_hz * high_hz)
    width = (high_hz - low_hz) / math.sqrt(low_hz * high_hz)
    count = len(matrix) - 2
    if len(coupling) != count - 1:
        raise ValueError(f"{count} tanks have {count - 1} couplings, not {coupling!r}")
    if inductance is None:
        # A tank at the port has the slope that its external quality asks for.
        ends = (
            1 / (matrix[0, 1] ** 2 * width * zs_ohm),
            1 / (matrix[-1, -2] ** 2 * width * zl_ohm),
        )
        slopes = np.geomspace(ends[0], ends[1], count) if count > 1 else np.array([ends[0]])
    else:
        slopes = np.full(count, 1 / (middle * inductance))
    tank_c = slopes / middle
    tank_g = slopes / middle  # 1/L of each tank is slope * middle
    tank_g = slopes * middle
    word: list[str] = []
    values: list[list[float]] = []

    def end(which: int, coupling_value: float, resistance: float) -> float | None:
        j = coupling_value * math.sqrt(width * slopes[which] / resistance)
        share = (j * resistance) ** 2
        if share >= 1:
            return None
        series = j / (middle * math.sqrt(1 - share))
        tank_c[which] -= series / (1 + (middle * series * resistance) ** 2)
        return series

    ports: list[float] = []
    if inductance is not None:
        for which, value, resistance in (
            (0, matrix[0, 1], zs_ohm),
            (count - 1, matrix[-1, -2], zl_ohm),
        ):
            found = end(which, value, resistance)
            if found is None:
                return None
            ports.append(found)
    between = []
    for at, letter in enumerate(coupling):
        j = matrix[at + 1, at + 2] * width * math.sqrt(slopes[at] * slopes[at + 1])
        if letter == "C":
            between.append(j / middle)
            tank_c[at : at + 2] -= j / middle
        else:
            between.append(1 / (middle * j))
            tank_g[at : at + 2] -= middle * j
    if tank_c.min() <= 0 or tank_g.min() <= 0:
        return None
    for at in range(count):
        word.append("p")
        values.append([1 / tank_g[at], tank_c[at]])
        if at < count - 1:
            word.append(coupling[at])
            values.append([between[at]])
    if ports:
        word = ["C", *word, "C"]
        values = [[ports[0]], *values, [ports[1]]]
    return Ladder("".join(word), tuple(float(v) for part in values for v in part))
