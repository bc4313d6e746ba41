"""Measures of noise: its density at a frequency, and what it adds up to over a band."""

from __future__ import annotations

import math

import numpy as np

from eda.errors import InputError
from eda.spice.measures.crossings import Real, at_frequency, check_same_length


def noise_density(frequency_hz: Real, density: Real, *, at_hz: float) -> float:
    """Return the noise density at a frequency, in V or A per root Hz.

    Linear over log10(frequency), that of the nearest end outside. It always exists. For noise
    referred to the input give ngspice's ``inoise_spectrum``.
    """
    return at_frequency(frequency_hz, density, at_hz)


def integrated_noise(
    frequency_hz: Real, density: Real, *, band_hz: tuple[float, float] | None = None
) -> float:
    """Return the root of the noise power in a band, in V or A rms.

    ``sqrt(integral of density**2 df)``, the density taken as a power of the frequency between
    two points, which is exact for white and for 1/f noise. ``band_hz`` None is all that was
    analysed; the part of a band outside of it counts as nothing. 0 for a single point.
    """
    check_same_length(frequency_hz, density)
    axis, values = np.asarray(frequency_hz, float), np.asarray(density, float)
    if band_hz is not None:
        low, high = max(band_hz[0], float(axis[0])), min(band_hz[1], float(axis[-1]))
        if band_hz[1] < band_hz[0]:
            raise InputError(f"{band_hz[0]:g} to {band_hz[1]:g} Hz is no band; give low, high")
        if high <= low:
            return 0.0
        inner = (axis > low) & (axis < high)
        ends = [_power_law(axis, values, at) for at in (low, high)]
        axis = np.concatenate(([low], axis[inner], [high]))
        values = np.concatenate(([ends[0]], values[inner], [ends[1]]))
    total = 0.0
    for at in range(axis.size - 1):
        total += _segment(axis[at], axis[at + 1], values[at] ** 2, values[at + 1] ** 2)
    return math.sqrt(total)


def _segment(f0: float, f1: float, p0: float, p1: float) -> float:
    """Return the integral of a power law through (f0, p0) and (f1, p1)."""
    if f0 <= 0 or p0 <= 0 or p1 <= 0 or f1 <= f0:
        return float((f1 - f0) * (p0 + p1) / 2)
    ratio = math.log(f1 / f0)
    slope = math.log(p1 / p0) / ratio + 1
    # (e^x - 1) / x keeps its precision where the density is that of 1/f noise, x = 0.
    x = slope * ratio
    return float(p0 * f0 * ratio * (math.expm1(x) / x if x else 1.0))


def _power_law(axis: Real, values: Real, at: float) -> float:
    if axis[0] <= 0 or (values <= 0).any():
        return float(np.interp(at, axis, values))
    return float(np.exp(np.interp(math.log(at), np.log(axis), np.log(values))))
