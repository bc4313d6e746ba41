"""Where the quick simulator looks: frequencies, and the time points that ngspice would take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from eda.spice.analyses import Ac, Noise, Tran
from eda.spice.quick.table import Floats

POINTS_PER_DECADE: Final = 8


def frequencies(analysis: Ac | Noise) -> Floats:
    """Return frequencies, fewer than ngspice takes: measures interpolate."""
    decades = np.log10(analysis.stop_hz / analysis.start_hz)
    count = max(int(np.ceil(decades * POINTS_PER_DECADE)) + 1, 2)
    return np.asarray(np.geomspace(analysis.start_hz, analysis.stop_hz, count))


def times_of(corners: Sequence[float], analysis: Tran) -> Floats:
    """Return times: dense after every corner of a waveform, then ever wider."""
    # ngspice's own longest step: measures are read at accepted time points.
    longest = min(analysis.max_step_s or analysis.step_s, analysis.stop_s / 50)
    longest = max(longest, analysis.stop_s / 400)
    made, planned = [0.0], longest
    for begin, end in zip(corners, [*corners[1:], analysis.stop_s], strict=True):
        if begin == 0.0 and len(corners) > 1:
            made += [0.5 * end]  # nothing moves yet
        else:
            # Steps as ngspice takes them: a tenth of what was planned, then twice as long each.
            step, now = 0.1 * min(planned, end - begin), begin
            while now + step < end * (1 - 1e-12):
                now += step
                made.append(now)
                step = min(2 * step, longest)
            planned = step
        made.append(end)
    return np.array(sorted(set(made)))
