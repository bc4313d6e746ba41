"""From voltages and currents on the feeds over time to the S-parameters of a filter.

On the plane of a feed, voltage V and current I give the waves V + Z I and V - Z I. Z and the
speed of the waves are those that the mesh has, found from V and I on neighbouring lines (medians
over frequency, for at a node of a standing wave the formula fails). Referred to its own feeds a
lossless filter then keeps power, whatever line a voltage is taken on. From there to the
impedance at the ports Z is what the closed forms say.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.errors import SimulationError
from eda.filters.fullwave.problem import Plane
from eda.filters.microstrip.substrate import LIGHT_M_PER_S

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

Signals = Mapping[str, tuple[Real, Real]]
"""Times in s and values, by the name of the probe."""

_STRONG: Final = 0.01
"""Impedance and speed are taken where there is this share of the largest power on the feed."""

POINTS: Final = 1601
"""Frequencies that are computed; between them the S-parameters are interpolated."""


def waves(
    signals: Signals, plane: Plane, number: int, frequency_hz: Real
) -> tuple[Complex, Complex]:
    """Return the waves into the filter and out of it at a port, in volts.

    Args:
        signals: Of one simulation.
        plane: Where they were taken.
        number: Of the port.
        frequency_hz: Where.

    Raises:
        SimulationError: No wave can be told from them.
    """
    volts = [_spectrum(signals[f"u{number}{name}"], frequency_hz) for name in "abc"]
    before, after = (_spectrum(signals[f"i{number}{name}"], frequency_hz) for name in "ab")
    left, right = (1e-3 * abs(plane.at_mm[1] - plane.at_mm[at]) for at in (0, 2))
    # The currents are halfway to the next lines.
    amperes = (before * right + after * left) / (left + right)
    slope_v = (volts[2] - volts[0]) / (left + right)
    slope_i = (after - before) / ((left + right) / 2)
    with np.errstate(all="ignore"):
        # Behind a stop band there is no wave of the feed, but what strays past the filter.
        power = np.abs(volts[1] * amperes)
        strong = power >= _STRONG * power.max()
        ohm = _median(np.sqrt(volts[1] * slope_v / (amperes * slope_i)).real[strong])
        root = np.sqrt(-slope_v * slope_i / (amperes * volts[1])).real
        slowness = _median((np.abs(root) / (2 * math.pi * frequency_hz))[strong])
    if not (0 < ohm < 1e4 and 0.5 < slowness * LIGHT_M_PER_S < 20):
        raise SimulationError(
            f"openEMS: port {number} shows no wave on its feed ({ohm:.3g} ohm); "
            "ask for a finer mesh"
        )
    turn = np.exp(2j * math.pi * frequency_hz * slowness * 1e-3 * plane.to_port_mm)
    return (volts[1] + ohm * amperes) / 2 / turn, (volts[1] - ohm * amperes) / 2 * turn


def _median(values: Real) -> float:
    """Return the median of what is finite, or 0."""
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else 0.0


def _spectrum(signal: tuple[Real, Real], frequency_hz: Real) -> Complex:
    """Return the integral of a signal times exp(-2 pi j f t); both are evenly spaced as a rule."""
    from scipy.signal import czt

    time, value = signal
    count = len(frequency_hz)
    step_s = (time[-1] - time[0]) / (len(time) - 1)
    step_hz = (frequency_hz[-1] - frequency_hz[0]) / max(count - 1, 1)
    even = frequency_hz[0] + step_hz * np.arange(count)
    made: Complex
    if count > 1 and np.abs(even - frequency_hz).max() < 1e-9 * frequency_hz.max():
        # The chirp z-transform: a hundred times as fast as the sum.
        first, turn = (2j * math.pi * step_s * hz for hz in (frequency_hz[0], step_hz))
        made = czt(value, m=count, w=np.exp(-turn), a=np.exp(first))
        made = made * np.exp(-2j * math.pi * frequency_hz * time[0])
    else:
        made = np.exp(-2j * math.pi * np.outer(frequency_hz, time)) @ value
    made *= step_s
    return made


def scattering_of(
    runs: Sequence[Signals],
    planes: tuple[Plane, Plane],
    frequency_hz: Real,
    *,
    zs_ohm: float,
    zl_ohm: float,
) -> Complex:
    """Return S-parameters as power waves, points x 2 x 2.

    Args:
        runs: Signals with port 1 driven, and with port 2 driven; the second is left out where
            the filter is symmetric.
        planes: Where they were taken.
        frequency_hz: Where S-parameters are wanted.
        zs_ohm: Reference resistance of port 1.
        zl_ohm: Reference resistance of port 2.

    Raises:
        SimulationError: The signals hold no waves.
    """
    into = np.empty((len(frequency_hz), 2, 2), np.complex128)
    out = np.empty_like(into)
    for at, signals in enumerate(runs):
        for row, plane in enumerate(planes):
            into[:, row, at], out[:, row, at] = waves(signals, plane, row + 1, frequency_hz)
    if len(runs) == 1:
        # Driven from the other side a symmetric filter shows the same, ports exchanged.
        into[:, :, 1], out[:, :, 1] = into[:, ::-1, 0], out[:, ::-1, 0]
    own = np.array([plane.ohm for plane in planes])
    # Waves in volts become power waves of the feeds.
    scale = 1 / np.sqrt(own)[:, None]
    s = (scale * out) @ np.linalg.inv(scale * into)
    return renormalised(s, own, np.array([zs_ohm, zl_ohm]))


def renormalised(s: Complex, from_ohm: Real, to_ohm: Real) -> Complex:
    """Return S-parameters referred to other resistances; power waves, points x ports x ports.

    Source: K. Kurokawa, "Power waves and the scattering matrix", IEEE Trans. MTT 13 (1965).

    Args:
        s: Referred to ``from_ohm``.
        from_ohm: Of each port.
        to_ohm: Of each port.
    """
    one = np.eye(len(from_ohm))
    root = np.sqrt(from_ohm)
    # Voltages and currents per incident power wave, from the old resistances.
    volts = root[:, None] * (one + s)
    amperes = (one - s) / root[:, None]
    new = np.sqrt(to_ohm)[:, None]
    a = volts / new + new * amperes
    b = volts / new - new * amperes
    made: Complex = b @ np.linalg.inv(a)
    return made
