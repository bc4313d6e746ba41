"""Measures of a frequency response: gain, margins, bandwidth, rejection.

``response`` is the complex transfer from a source of 1 (V or A, ac) to the output.
"""

from __future__ import annotations

import math

import numpy as np

from eda.errors import InputError
from eda.spice.measures.crossings import (
    Complex,
    Real,
    at_frequency,
    check_same_length,
    falling_crossing,
    interpolate,
    log_interpolate,
)

FLOOR = 1e-30
"""Smallest magnitude that decibels are taken of: -600 dB stands for nothing at all."""

BAND_SLACK = 1e-6
"""Relative slack of the ends of a band, because simulators round their frequencies."""


def decibels(magnitude: float) -> float:
    """Return ``20 log10(max(magnitude, 1e-30))``, in dB.

    Example:
        >>> decibels(100.0), decibels(0.0)
        (40.0, -600.0)
    """
    return 20.0 * math.log10(max(magnitude, FLOOR)) if magnitude == magnitude else math.nan


def gain_db(frequency_hz: Real, response: Complex, *, at_hz: float | None = None) -> float:
    """Return the gain, in dB: 20 log10 of the magnitude at ``at_hz``.

    Without ``at_hz`` it is the gain at the lowest frequency, which stands for DC. Between two
    points the magnitude is linear over log10(frequency); outside it is that of the nearest end.
    It always exists.
    """
    check_same_length(frequency_hz, response)
    magnitude = np.abs(response)
    if at_hz is None:
        return decibels(float(magnitude[0]))
    return decibels(at_frequency(frequency_hz, magnitude, at_hz))


def unity_gain_hz(frequency_hz: Real, response: Complex, *, undefined: float = math.nan) -> float:
    """Return the frequency, in Hz, where the magnitude first falls through 1.

    Linear in the magnitude over log10(frequency); ``undefined`` where it never does.
    """
    return _falling_hz(frequency_hz, response, 1.0, undefined)


def bandwidth_hz(
    frequency_hz: Real,
    response: Complex,
    *,
    ref_hz: float | None = None,
    undefined: float = math.nan,
) -> float:
    """Return the -3 dB frequency, in Hz: the first falling crossing of |H|(ref_hz) / sqrt(2).

    Args:
        frequency_hz: Frequencies.
        response: Complex response.
        ref_hz: Where the reference is taken; None for the lowest frequency.
        undefined: Returned where the response never falls that far.
    """
    check_same_length(frequency_hz, response)
    reference = at_frequency(
        frequency_hz, np.abs(response), float(frequency_hz[0]) if ref_hz is None else ref_hz
    )
    return _falling_hz(frequency_hz, response, reference / math.sqrt(2.0), undefined)


def phase_margin_deg(
    frequency_hz: Real, response: Complex, *, undefined: float = math.nan
) -> float:
    """Return the phase margin, in degrees.

    180 + the unwrapped phase at the unity-gain frequency - the phase at the lowest frequency;
    so it does not matter which input of the amplifier is driven. ``undefined`` where the
    magnitude never falls through 1.
    """
    check_same_length(frequency_hz, response)
    crossing = falling_crossing(np.abs(response), 1.0)
    if crossing is None:
        return undefined
    phase = unwrapped_phase_deg(response)
    return 180.0 + interpolate(phase, crossing) - float(phase[0])


def gain_margin_db(frequency_hz: Real, response: Complex, *, undefined: float = math.nan) -> float:
    """Return the gain margin, in dB: minus the gain where the phase has turned by 180 degrees.

    The first frequency where the unwrapped phase, less that of the lowest frequency, falls
    through -180 degrees; phase and dB are linear over log10(frequency). ``undefined`` where it
    never does: a loop of one or two poles has no gain margin.
    """
    check_same_length(frequency_hz, response)
    phase = unwrapped_phase_deg(response)
    crossing = falling_crossing(phase - phase[0], -180.0)
    if crossing is None:
        return undefined
    return -interpolate(20.0 * np.log10(np.maximum(np.abs(response), FLOOR)), crossing)


def peaking_db(frequency_hz: Real, response: Complex, *, ref_hz: float | None = None) -> float:
    """Return how far, in dB, the largest magnitude stands above the one at ``ref_hz``.

    ``ref_hz`` None is the lowest frequency. It always exists; 0 where nothing stands above.
    """
    check_same_length(frequency_hz, response)
    return decibels(float(np.max(np.abs(response)))) - gain_db(frequency_hz, response, at_hz=ref_hz)


def rejection_db(
    frequency_hz: Real,
    response: Complex,
    *,
    at_hz: float | None = None,
    band_hz: tuple[float, float] | None = None,
    undefined: float = math.nan,
) -> float:
    """Return how much of a disturbance of 1 is kept from the output, in dB.

    Minus the gain at ``at_hz``; or minus the largest gain at the points in ``band_hz``, both
    ends included; ``undefined`` where no point lies in the band.
    """
    check_same_length(frequency_hz, response)
    if (at_hz is None) == (band_hz is None):
        raise InputError("a rejection is measured at a frequency or in a band: give one of them")
    if band_hz is None:
        return -gain_db(frequency_hz, response, at_hz=at_hz)
    low, high = band_hz
    inside = (frequency_hz >= low * (1 - BAND_SLACK)) & (frequency_hz <= high * (1 + BAND_SLACK))
    if not inside.any():
        return undefined
    return -decibels(float(np.max(np.abs(response[inside]))))


def psrr_db(
    frequency_hz: Real,
    signal_response: Complex,
    supply_response: Complex,
    *,
    at_hz: float | None = None,
) -> float:
    """Return the power-supply rejection ratio, in dB: gain from the input over gain from supply.

    In unity gain the first is 1, and `rejection_db` of the second is the same number. ``at_hz``
    None is the lowest frequency. It always exists; 600 dB where nothing gets through.
    """
    return gain_db(frequency_hz, signal_response, at_hz=at_hz) - gain_db(
        frequency_hz, supply_response, at_hz=at_hz
    )


def cmrr_db(
    frequency_hz: Real,
    differential_response: Complex,
    common_response: Complex,
    *,
    at_hz: float | None = None,
) -> float:
    """Return the common-mode rejection ratio, in dB: differential over common-mode gain.

    ``at_hz`` None is the lowest frequency. It always exists.
    """
    return psrr_db(frequency_hz, differential_response, common_response, at_hz=at_hz)


def unwrapped_phase_deg(response: Complex) -> Real:
    """Return the phase, in degrees, without jumps of more than 180 between neighbours."""
    return np.degrees(np.unwrap(np.angle(response)))


def _falling_hz(frequency_hz: Real, response: Complex, level: float, undefined: float) -> float:
    check_same_length(frequency_hz, response)
    crossing = falling_crossing(np.abs(response), level)
    return undefined if crossing is None else log_interpolate(frequency_hz, crossing)
