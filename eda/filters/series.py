"""Preferred values: the E series, and the nearest of them within a range."""

from __future__ import annotations

import math
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.spec import PartRule

_E24: Final = (
    *(10, 11, 12, 13, 15, 16, 18, 20, 22, 24, 27, 30),
    *(33, 36, 39, 43, 47, 51, 56, 62, 68, 75, 82, 91),
)
"""IEC 60063 rounds E3 to E24 by history, not by formula."""

SERIES: Final = ("E3", "E6", "E12", "E24", "E48", "E96", "E192")


@cache
def decade(series: str) -> tuple[float, ...]:
    """Return the values of a series from 1 up to 10, after IEC 60063.

    Example:
        >>> decade("E6")
        (1.0, 1.5, 2.2, 3.3, 4.7, 6.8)
        >>> decade("E192")[185]
        9.2
    """
    count = int(series[1:])
    if count <= 24:
        return tuple(value / 10 for value in _E24[:: 24 // count])
    values = [round(10 ** (step / count), 2) for step in range(count)]
    # The standard keeps 9.20 where the formula gives 9.19.
    return tuple(9.2 if value == 9.19 else value for value in values)


@cache
def values(rule: PartRule) -> NDArray[np.float64]:
    """Return every value that a rule allows, ascending, in SI units.

    Each is the double nearest to its decimal text, so that it can be written without loss.
    """
    low = math.floor(math.log10(rule.low)) - 1
    high = math.ceil(math.log10(rule.high)) + 1
    slack = 1e-9
    found = [
        value
        for exponent in range(low, high + 1)
        for mantissa in decade(rule.series)
        if rule.low * (1 - slack)
        <= (value := float(f"{mantissa:.2f}e{exponent}"))
        <= rule.high * (1 + slack)
    ]
    return np.array(found, dtype=np.float64)


def nearest(rule: PartRule, value: float) -> float:
    """Return the allowed value that is nearest by ratio."""
    allowed = values(rule)
    return float(allowed[int(np.argmin(np.abs(np.log(allowed / value))))])
