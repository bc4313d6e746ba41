"""The mask as a vector: what the policy sees of a specification, free of scale.

Frequencies are ratios to the design frequency, impedances to the port's, so that a filter of
100 kHz and one of 1 GHz with the same mask look the same.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.nodal import physics_of
from eda.filters.spec import RESPONSES, FilterSpec, LumpedLimits, PassBand, StopBand

Real = NDArray[np.float64]

_SIDES: Final = 2
NAMES: Final = (
    *RESPONSES,
    "active",
    "width",
    *(
        f"pass{at}_{what}"
        for at in range(2)
        for what in ("there", "low", "high", "il", "rl", "ripple")
    ),
    *(
        f"{side}{at}_{what}"
        for side in ("below", "above", "within")
        for at in range(_SIDES)
        for what in ("there", "near", "far", "attenuation")
    ),
    *("parts", "q", "capacitor_q", "step", "mismatch", "gain", "speed"),
    *("l_low", "l_high", "c_low", "c_high"),
)
"""What stands where in the vector."""

SIZE: Final = len(NAMES)


def features(spec: FilterSpec) -> NDArray[np.float32]:
    """Return the vector of a specification, every entry within -1 and 1.

    Example:
        >>> from eda.filters.terse import terse_spec
        >>> a = features(terse_spec(lowpass="1MHz", stop="2MHz:40dB"))
        >>> b = features(terse_spec(lowpass="1GHz", stop="2GHz:40dB"))
        >>> bool(abs(a - b).max() < 1e-5)
        True
    """
    made = [*band_features(spec), *_limits(spec, spec.centre_hz)]
    return np.clip(np.array(made, dtype=np.float32), -1.0, 1.0)


def band_features(spec: FilterSpec) -> list[float]:
    """Return the part of the vector that says what is passed and what is stopped.

    Args:
        spec: Of any technology.
    """
    centre = spec.centre_hz
    low, high = spec.passbands[0].f_lo_hz, spec.passbands[-1].f_hi_hz
    if spec.response == "bandstop":
        low, high = spec.stopbands[0].f_lo_hz, spec.stopbands[-1].f_hi_hz
    width = math.log(high / low)
    made: list[float] = [float(spec.response == name) for name in RESPONSES]
    made += [float(spec.technology == "active_rc"), math.log10(width) / 2]
    # In a narrow filter it is the distance in bandwidths that counts.
    scale = min(width, 1.0) if spec.response in ("bandpass", "bandstop") else 1.0

    def place(frequency: float) -> float:
        return math.asinh(math.log(frequency / centre) / scale) / 4

    for at in range(2):
        made += _passed(spec.passbands[at], place) if at < len(spec.passbands) else [0.0] * 6
    below = [b for b in spec.stopbands if b.f_hi_hz <= low][::-1]
    above = [b for b in spec.stopbands if b.f_lo_hz >= high]
    within = [b for b in spec.stopbands if b not in below and b not in above]
    for bands, near_is_high in ((below, True), (above, False), (within, False)):
        for at in range(_SIDES):
            made += _stopped(bands[at], place, near_is_high) if at < len(bands) else [0.0] * 4
    return made


def _passed(band: PassBand, place: object) -> list[float]:
    assert callable(place)
    return [
        1.0,
        place(band.f_lo_hz),
        place(band.f_hi_hz),
        band.il_max_db / 8,
        band.rl_min_db / 25,
        (band.ripple_max_db or 0.0) / 4,
    ]


def _stopped(band: StopBand, place: object, near_is_high: bool) -> list[float]:
    assert callable(place)
    near, far = band.f_lo_hz, band.f_hi_hz
    if near_is_high:
        near, far = far, near
    return [1.0, place(near), place(far), band.atten_min_db / 80]


def _limits(spec: FilterSpec, centre: float) -> list[float]:
    physics = physics_of(spec)
    omega, resistance = 2 * math.pi * centre, math.sqrt(spec.zs_ohm * spec.zl_ohm)
    mismatch = math.log(spec.zl_ohm / spec.zs_ohm) / 6
    if isinstance(spec.limits, LumpedLimits):
        limits = spec.limits
        q = float(np.asarray(physics.inductor_q(np.array([centre])))[0])
        step = math.log10(float(limits.inductor.series[1:])) / 2.5
        return [
            *(limits.max_parts / 16, math.log10(q) / 3, math.log10(limits.capacitor_q) / 4, step),
            *(mismatch, 0.0, 0.0),
            *(math.log10(limits.inductor.low * omega / resistance) / 4,),
            *(math.log10(limits.inductor.high * omega / resistance) / 4,),
            *(math.log10(limits.capacitor.low * omega * resistance) / 4,),
            *(math.log10(limits.capacitor.high * omega * resistance) / 4,),
        ]
    active = spec.active
    step = math.log10(float(active.capacitor.series[1:])) / 2.5
    return [
        *(active.max_opamps / 8, 0.0, 0.0, step, mismatch, spec.gain_nominal_db / 40),
        math.log10(active.opamp.gbw_hz / centre) / 6,
        *(0.0, 0.0, 0.0, 0.0),
    ]
