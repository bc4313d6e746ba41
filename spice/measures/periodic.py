"""Measures of what repeats: frequency of an oscillation, harmonics, distortion, size."""

from __future__ import annotations

import math

import numpy as np

from eda.errors import InputError
from eda.spice.measures.crossings import Complex, Real, check_same_length, window

HYSTERESIS = 0.1
"""Part of the size that a signal must fall below its middle before a rise counts again."""


def peak_to_peak(
    time_s: Real, signal: Real, *, window_s: tuple[float, float] = (-math.inf, math.inf)
) -> float:
    """Return largest minus smallest value in a window; NaN where no point lies in it."""
    check_same_length(time_s, signal)
    inside = signal[window(time_s, *window_s)]
    return float(np.max(inside) - np.min(inside)) if inside.size else math.nan


def oscillation_hz(
    time_s: Real,
    signal: Real,
    *,
    window_s: tuple[float, float] = (-math.inf, math.inf),
    min_swing: float = 0.0,
    undefined: float = math.nan,
) -> float:
    """Return the frequency of an oscillation, in Hz: periods over the time they took.

    Periods run between rises through the middle of the signal (half-way between its extremes in
    the window), interpolated linearly; a rise counts after the signal was a tenth of its size
    below the middle. ``undefined`` with less than one whole period, or where the signal's size
    is not above ``min_swing``.
    """
    check_same_length(time_s, signal)
    place = window(time_s, *window_s)
    times, values = time_s[place], signal[place]
    if values.size < 2:
        return undefined
    low, high = float(np.min(values)), float(np.max(values))
    size = high - low
    if not size > min_swing:
        return undefined
    middle = (low + high) / 2
    rises: list[float] = []
    armed = False
    for at in range(values.size - 1):
        armed = armed or bool(values[at] < middle - HYSTERESIS * size)
        if armed and values[at] < middle <= values[at + 1]:
            part = (middle - values[at]) / (values[at + 1] - values[at])
            rises.append(float(times[at] + part * (times[at + 1] - times[at])))
            armed = False
    return (len(rises) - 1) / (rises[-1] - rises[0]) if len(rises) > 1 else undefined


def harmonics(
    time_s: Real, signal: Real, *, fundamental_hz: float, count: int = 9, periods: int = 1
) -> Complex:
    """Return the complex amplitudes of DC, the fundamental and its multiples.

    Entry k is ``A exp(j phi)`` of ``A cos(2 pi k f t + phi)``; entry 0 is the mean. They are
    fitted by least squares, each point with the time it stands for, over the last ``periods``
    whole periods, so that the unequal spacing of the points does no harm. NaN where the signal
    is shorter than that, or has too few points.

    Raises:
        InputError: The frequency or a count makes no sense.
    """
    check_same_length(time_s, signal)
    if not fundamental_hz > 0 or count < 1 or periods < 1:
        raise InputError(
            "harmonics need a frequency above zero, and counts of harmonics and periods from 1"
        )
    span = periods / fundamental_hz
    start = float(time_s[-1]) - span
    none = np.full(count + 1, complex(math.nan, math.nan))
    # Half a millionth of a period short is rounding, not a missing part.
    if start < float(time_s[0]) - 5e-7 / fundamental_hz:
        return none
    kept = time_s >= start
    times, values = time_s[kept], signal[kept]
    if times.size < 2 * count + 1:
        return none
    angles = 2 * math.pi * fundamental_hz * np.outer(times, np.arange(count + 1))
    columns = np.concatenate((np.cos(angles), -np.sin(angles[:, 1:])), axis=1)
    weights = np.sqrt(np.maximum(np.gradient(times), 0))
    found = np.linalg.lstsq(columns * weights[:, None], values * weights, rcond=None)[0]
    made: Complex = found[: count + 1].astype(np.complex128)
    made[1:] += 1j * found[count + 1 :]
    return made


def thd(
    time_s: Real,
    signal: Real,
    *,
    fundamental_hz: float,
    count: int = 9,
    periods: int = 1,
    undefined: float = math.nan,
) -> float:
    """Return the total harmonic distortion, as a fraction (0.01 is 1 %, or -40 dB).

    ``sqrt(A2**2 + ... + Acount**2) / A1`` of the amplitudes of `harmonics`. ``undefined`` where
    there is no fundamental, or the signal is too short.
    """
    sizes = np.abs(
        harmonics(time_s, signal, fundamental_hz=fundamental_hz, count=count, periods=periods)
    )
    if not sizes[1] > 0:
        return undefined
    return float(np.linalg.norm(sizes[2:]) / sizes[1])
