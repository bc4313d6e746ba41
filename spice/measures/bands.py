"""Measures of filters: pass band, its edges, ripple, group delay; and ranges where all is well."""

from __future__ import annotations

import math

import numpy as np

from eda.spice.measures.crossings import Complex, Crossing, Real, check_same_length, log_interpolate
from eda.spice.measures.response import FLOOR, unwrapped_phase_deg


def passband_hz(
    frequency_hz: Real, response: Complex, *, drop_db: float = 10 * math.log10(2.0)
) -> tuple[float, float]:
    """Return the lower and upper edge of the pass band, in Hz.

    The band round the largest magnitude where the response is at most ``drop_db`` (-3.01 dB)
    below it; edges are linear in the magnitude over log10(frequency). A lower edge of 0 means
    that the band begins at or below the first frequency (a low-pass), an upper edge of
    infinity that it ends beyond the last one (a high-pass).

    Example:
        >>> f = np.logspace(0, 6, 601)
        >>> low, high = passband_hz(f, 1 / (1 + 1j * f / 1e3))
        >>> low, round(high)
        (0.0, 1000)
    """
    check_same_length(frequency_hz, response)
    magnitude = np.abs(response)
    peak = int(np.argmax(magnitude))
    level = float(magnitude[peak]) * 10 ** (-drop_db / 20)
    below = np.flatnonzero(magnitude[: peak + 1] < level)
    above = np.flatnonzero(magnitude[peak:] < level)
    low, high = 0.0, math.inf
    if below.size:
        low = _edge(frequency_hz, magnitude, int(below[-1]), level)
    if above.size:
        high = _edge(frequency_hz, magnitude, peak + int(above[0]) - 1, level)
    return low, high


def ripple_db(
    frequency_hz: Real, response: Complex, *, band_hz: tuple[float, float] | None = None
) -> float:
    """Return the ripple in a pass band, in dB: its highest peak over its deepest valley.

    Without ``band_hz`` the band is that of `passband_hz`, and its edges, where the response
    falls for good, do not count: a valley is a local minimum between two peaks, or the first
    point of a low-pass, or the last of a high-pass. 0 where there is no valley, as in a
    Butterworth filter. With ``band_hz`` it is the largest over the smallest magnitude of the
    points in that band; NaN where no point lies in it.

    Example:
        >>> f = np.linspace(0.001, 1.0, 2001)
        >>> chebyshev = 1 / np.sqrt(1 + 0.1 * (4 * f**3 - 3 * f) ** 2) + 0j
        >>> round(ripple_db(f, chebyshev), 3), round(10 * math.log10(1.1), 3)
        (0.414, 0.414)
    """
    check_same_length(frequency_hz, response)
    magnitude = np.abs(response)
    if band_hz is not None:
        inside = magnitude[(frequency_hz >= band_hz[0]) & (frequency_hz <= band_hz[1])]
        if not inside.size:
            return math.nan
        return _ratio_db(float(np.max(inside)), float(np.min(inside)))
    low, high = passband_hz(frequency_hz, response)
    band = np.flatnonzero((frequency_hz >= low) & (frequency_hz <= high))
    values = magnitude[band]
    top = float(np.max(magnitude))
    inner = values[1:-1]
    valleys = inner[(inner <= values[:-2]) & (inner < values[2:])]
    ends = [values[:1]] if low == 0.0 else []
    ends += [values[-1:]] if high == math.inf else []
    lowest = float(np.min(np.concatenate([valleys, *ends, [top]])))
    return _ratio_db(top, lowest)


def group_delay_s(frequency_hz: Real, response: Complex) -> Real:
    """Return the group delay at every point, in s: minus the slope of the phase over 2 pi f.

    The slope is that of the parabola through three neighbouring points (one-sided at the ends).
    NaN everywhere with fewer than two points.

    Example:
        >>> f = np.linspace(1.0, 100.0, 50)
        >>> bool(np.allclose(group_delay_s(f, np.exp(-2j * np.pi * f * 1e-3)), 1e-3))
        True
    """
    check_same_length(frequency_hz, response)
    if frequency_hz.size < 2:
        return np.full(frequency_hz.size, math.nan)
    radians = np.radians(unwrapped_phase_deg(response))
    made: Real = -np.gradient(radians, 2 * np.pi * np.asarray(frequency_hz, float))
    return made


def steady_range(
    axis: Real, values: Real, *, around: float, tolerance: float, undefined: float = math.nan
) -> tuple[float, float]:
    """Return the ends of the range of an axis round a point where values stay near theirs.

    Near means within ``tolerance`` of the value at the point of the axis nearest to ``around``;
    the range goes from point to point, nothing is interpolated. Both are ``undefined`` where the
    value there is not finite. An input common-mode range is that of the offset over a sweep of
    the common mode.

    Example:
        >>> x = np.linspace(0.0, 1.0, 11)
        >>> low, high = steady_range(x, np.where(x < 0.35, 1.0, 0.0), around=0.5, tolerance=0.1)
        >>> round(low, 3), round(high, 3)
        (0.4, 1.0)
    """
    check_same_length(axis, values)
    middle = int(np.argmin(np.abs(axis - around)))
    if not math.isfinite(float(values[middle])):
        return undefined, undefined
    good = np.abs(values - values[middle]) <= tolerance
    first = last = middle
    while first > 0 and good[first - 1]:
        first -= 1
    while last < good.size - 1 and good[last + 1]:
        last += 1
    low, high = sorted((float(axis[first]), float(axis[last])))
    return low, high


def _edge(frequency_hz: Real, magnitude: Real, at: int, level: float) -> float:
    left, right = float(magnitude[at]), float(magnitude[at + 1])
    return log_interpolate(frequency_hz, Crossing(at, (left - level) / (left - right)))


def _ratio_db(high: float, low: float) -> float:
    return 20 * math.log10(max(high, FLOOR) / max(low, FLOOR))
