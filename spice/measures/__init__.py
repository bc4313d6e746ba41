"""Measures: numbers a designer asks of waveforms, as pure functions on numpy arrays.

Every function says its formula, its unit, and what it returns where the quantity does not exist:
``undefined``, which is NaN unless the caller names another value. Frequencies (Hz) and times (s)
ascend; signals are as long as they are. Nothing is resampled.

Example:
    >>> import numpy as np
    >>> frequency_hz = np.logspace(0, 8, 401)
    >>> response = 1000 / (1 + 1j * frequency_hz / 1e4)
    >>> round(gain_db(frequency_hz, response), 3), round(unity_gain_hz(frequency_hz, response), -5)
    (60.0, 10000000.0)
"""

from eda.spice.measures.bands import group_delay_s, passband_hz, ripple_db, steady_range
from eda.spice.measures.crossings import (
    Crossing,
    at_frequency,
    falling_crossing,
    interpolate,
    value_before,
    window,
)
from eda.spice.measures.operating_point import (
    MosOperatingPoint,
    mos_operating_points,
    mos_region,
    mos_saves,
)
from eda.spice.measures.periodic import harmonics, oscillation_hz, peak_to_peak, thd
from eda.spice.measures.response import (
    bandwidth_hz,
    cmrr_db,
    decibels,
    gain_db,
    gain_margin_db,
    peaking_db,
    phase_margin_deg,
    psrr_db,
    rejection_db,
    unity_gain_hz,
    unwrapped_phase_deg,
)
from eda.spice.measures.scattering import s_matrix, to_network, write_touchstone
from eda.spice.measures.spectrum import integrated_noise, noise_density
from eda.spice.measures.static import (
    efficiency,
    line_regulation,
    load_regulation,
    offset,
    output_swing,
    power,
)
from eda.spice.measures.transient import (
    Step,
    delay_s,
    energy_j,
    overshoot,
    propagation_delay_s,
    read_step,
    settling_s,
    slew_rate,
    undershoot,
)

__all__ = [
    "Crossing",
    "MosOperatingPoint",
    "Step",
    "at_frequency",
    "bandwidth_hz",
    "cmrr_db",
    "decibels",
    "delay_s",
    "efficiency",
    "energy_j",
    "falling_crossing",
    "gain_db",
    "gain_margin_db",
    "group_delay_s",
    "harmonics",
    "integrated_noise",
    "interpolate",
    "line_regulation",
    "load_regulation",
    "mos_operating_points",
    "mos_region",
    "mos_saves",
    "noise_density",
    "offset",
    "oscillation_hz",
    "output_swing",
    "overshoot",
    "passband_hz",
    "peak_to_peak",
    "peaking_db",
    "phase_margin_deg",
    "power",
    "propagation_delay_s",
    "psrr_db",
    "read_step",
    "rejection_db",
    "ripple_db",
    "s_matrix",
    "settling_s",
    "slew_rate",
    "steady_range",
    "thd",
    "to_network",
    "undershoot",
    "unity_gain_hz",
    "unwrapped_phase_deg",
    "value_before",
    "window",
    "write_touchstone",
]
