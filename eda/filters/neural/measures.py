"""How far one response is from another: decibels, centre, bandwidth; and one factor that helps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Response = Callable[[Real], Complex]
"""S21 of a layout by frequencies in Hz."""

FLOOR_DB: Final = -40.0
_SCALES: Final = np.geomspace(0.84, 1.16, 161)
_FINE: Final = 41
_HALF: Final = math.sqrt(0.5)


@dataclass(frozen=True, slots=True)
class Band:
    """Where a filter passes.

    Attributes:
        centre_hz: Mean of both 3 dB edges; of a low-pass the edge, of a notch its middle.
        width_hz: Distance of the edges; 0 for a low-pass.
    """

    centre_hz: float
    width_hz: float


def error_db(found: Complex, full: Complex) -> float:
    """Return the mean difference of |S21| where either is above -40 dB; below all is alike."""
    a, b = levels_db(found), levels_db(full)
    seen = (a > FLOOR_DB) | (b > FLOOR_DB)
    if not seen.any():
        return 0.0
    apart = np.abs(np.maximum(a, FLOOR_DB) - np.maximum(b, FLOOR_DB))
    return float(apart[seen].mean())


def levels_db(s: Complex) -> Real:
    """Return decibels, none below -240."""
    return np.asarray(20 * np.log10(np.maximum(np.abs(s), 1e-12)))


def band_of(frequency_hz: Real, s21: Complex, response: str) -> Band | None:
    """Return where a filter passes, or stops for a notch, by 3 dB from its peak; None if nowhere.

    Args:
        frequency_hz: Ascending, fine enough for a straight line between neighbours.
        s21: Transmission there.
        response: ``bandpass``, ``lowpass`` or ``bandstop``.
    """
    level = np.abs(s21) / np.abs(s21).max()
    if response == "lowpass":
        below = np.flatnonzero(level < _HALF)
        if not len(below) or below[0] == 0:
            return None
        return Band(_crossing(frequency_hz, level, int(below[0])), 0.0)
    inside = level < _HALF if response == "bandstop" else level >= _HALF
    middle = int(level.argmin() if response == "bandstop" else _middle(inside, level))
    low = middle
    while low > 0 and inside[low - 1]:
        low -= 1
    high = middle
    while high < len(level) - 1 and inside[high + 1]:
        high += 1
    if low == 0 or high == len(level) - 1:
        return None
    left = _crossing(frequency_hz, level, low)
    right = _crossing(frequency_hz, level, high + 1)
    return Band((left + right) / 2, right - left)


def _middle(inside: NDArray[np.bool_], level: Real) -> int:
    """Return a point of the widest stretch: a ripple below 3 dB does not part a band in two."""
    padded = np.concatenate([[False], inside, [False]]).astype(int)
    starts, stops = np.flatnonzero(np.diff(padded) == 1), np.flatnonzero(np.diff(padded) == -1)
    widest = int((stops - starts).argmax())
    return int(starts[widest] + level[starts[widest] : stops[widest]].argmax())


def _crossing(frequency_hz: Real, level: Real, at: int) -> float:
    """Return where the level passes 3 dB between a point and the one before."""
    before, after = level[at - 1], level[at]
    share = (_HALF - before) / (after - before)
    return float(frequency_hz[at - 1] + share * (frequency_hz[at] - frequency_hz[at - 1]))


def one_factor(response: Response, frequency_hz: Real, full: Complex) -> tuple[float, Complex]:
    """Return the factor on the frequency that brings a response closest, and what it then is.

    The factor is fitted to the very response it is judged by: no prediction can use it.
    """

    def miss(scale: float) -> float:
        return error_db(response(scale * frequency_hz), full)

    best = min(_SCALES, key=miss)
    step = _SCALES[1] / _SCALES[0]
    best = min((best * step**at for at in np.linspace(-1, 1, _FINE)), key=miss)
    return float(best), response(best * frequency_hz)
