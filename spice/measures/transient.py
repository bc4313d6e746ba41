"""Measures over time: slewing, settling, overshoot, undershoot, delay, energy.

Everything is read at the time points that the simulator gave, which are not equally spaced;
nothing is interpolated, but in `propagation_delay_s`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from eda.spice.measures.crossings import Real, check_same_length, value_before, window

Edge = Literal["rise", "fall"]

SHORTEST_S = 1e-13
"""A step that is faster than this is taken as this fast."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of an output, turned so that it rises.

    Attributes:
        time_s: The time points.
        signal: The output; negated for a falling edge.
        at_s: When the input steps.
        until_s: When the output is taken as settled.
        initial: The last value before ``at_s``.
        final: The last value before ``until_s``.
    """

    time_s: Real
    signal: Real
    at_s: float
    until_s: float
    initial: float
    final: float

    @property
    def size(self) -> float:
        """How far the output has gone; negative where it went the wrong way."""
        return self.final - self.initial


def read_step(
    time_s: Real, signal: Real, *, step_at_s: float, final_at_s: float, edge: Edge = "rise"
) -> Step:
    """Return the step that begins at ``step_at_s`` and has ended at ``final_at_s``.

    The initial and final values are those of the last time points strictly before; NaN where
    there is no such point.
    """
    check_same_length(time_s, signal)
    turned = -signal if edge == "fall" else signal
    return Step(
        time_s,
        turned,
        step_at_s,
        final_at_s,
        value_before(time_s, turned, step_at_s),
        value_before(time_s, turned, final_at_s),
    )


def slew_rate(step: Step, *, min_step: float = 0.0, undefined: float = math.nan) -> float:
    """Return the slew rate, in V/s (or A/s): ``0.6 step / (t80 - t20)``.

    t20 and t80 are the first time points from the step on where the output has gone 20 % and
    80 % of the way; they are taken as 1e-13 s apart at least. ``undefined`` where the step is
    smaller than ``min_step``, is not there, or never gets that far.
    """
    if not _big_enough(step, min_step):
        return undefined
    after = step.time_s >= step.at_s
    times: list[float] = []
    for part in (0.2, 0.8):
        reached = np.flatnonzero(after & (step.signal >= step.initial + part * step.size))
        if not reached.size:
            return undefined
        times.append(float(step.time_s[reached[0]]))
    return 0.6 * step.size / max(times[1] - times[0], SHORTEST_S)


def settling_s(
    step: Step, *, tolerance: float = 0.01, min_step: float = 0.0, undefined: float = math.nan
) -> float:
    """Return the settling time, in s: from the step until the output stays near its final value.

    Near means within ``tolerance`` times the step. The time is that of the point after the last
    bad one, to the end of the signal; of the last point where the last one is bad; 0 where none
    is. ``undefined`` where the step is smaller than ``min_step``.
    """
    if not _big_enough(step, min_step):
        return undefined
    first = int(np.searchsorted(step.time_s, step.at_s, side="left"))
    bad = np.flatnonzero(np.abs(step.signal[first:] - step.final) > tolerance * step.size)
    if not bad.size:
        return 0.0
    after = min(first + int(bad[-1]) + 1, step.time_s.size - 1)
    return float(step.time_s[after]) - step.at_s


def overshoot(step: Step, *, min_step: float = 0.0, undefined: float = math.nan) -> float:
    """Return the overshoot, as a fraction of the step: ``(largest - final) / step``, at least 0.

    The largest output between the step and its end. ``undefined`` where the step is smaller
    than ``min_step``; NaN where there is no point between.
    """
    if not _big_enough(step, min_step):
        return undefined
    inside = step.signal[window(step.time_s, step.at_s, step.until_s)]
    if not inside.size or step.size == 0:
        return math.nan
    return max(float(np.max(inside) - step.final) / step.size, 0.0)


def undershoot(
    time_s: Real, signal: Real, *, window_s: tuple[float, float], reference: float
) -> float:
    """Return how far the output dips below a reference within a window, in its unit.

    ``reference - smallest``; negative where it stays above. NaN where no point lies in it.
    """
    check_same_length(time_s, signal)
    inside = signal[window(time_s, *window_s)]
    return reference - float(np.min(inside)) if inside.size else math.nan


def delay_s(
    time_s: Real,
    signal: Real,
    *,
    from_s: float,
    until_s: float,
    level: float,
    absolute: bool = False,
    undefined: float = math.nan,
) -> float:
    """Return the time, in s, from ``from_s`` to the first point in the window above a level.

    The window is ``from_s <= t < until_s``; ``absolute`` compares the size of the signal.
    ``undefined`` where none is above; NaN where no point lies in the window.
    """
    check_same_length(time_s, signal)
    place = window(time_s, from_s, until_s)
    inside = np.abs(signal[place]) if absolute else signal[place]
    if not inside.size:
        return math.nan
    above = np.flatnonzero(inside > level)
    return float(time_s[place][above[0]]) - from_s if above.size else undefined


def propagation_delay_s(
    time_s: Real,
    source: Real,
    output: Real,
    *,
    source_level: float,
    output_level: float,
    after_s: float = -math.inf,
    undefined: float = math.nan,
) -> float:
    """Return the time, in s, from the source's crossing of a level to the output's next one.

    Both crossings may rise or fall, and are interpolated linearly between time points; the
    output's is the first at or after the source's. ``undefined`` where either is missing.
    """
    check_same_length(time_s, source, output)
    started = _first_crossing(time_s, source, source_level, after_s)
    ended = _first_crossing(time_s, output, output_level, started)
    return ended - started if math.isfinite(ended) else undefined


def energy_j(
    time_s: Real, current: Real, *, supply_v: float, window_s: tuple[float, float]
) -> float:
    """Return the energy, in J, that a source delivers: minus the integral of current * voltage.

    The current counts into the plus terminal, as in SPICE; trapezoidal rule over the points of
    the window, whose ends are not interpolated. NaN where no point lies in it.
    """
    check_same_length(time_s, current)
    place = window(time_s, *window_s)
    if not time_s[place].size:
        return math.nan
    times, values = time_s[place], current[place]
    total = float(np.sum(np.diff(times) * (values[:-1] + values[1:]))) / 2
    return -total * supply_v


def _big_enough(step: Step, min_step: float) -> bool:
    # Written so that a step that is not there (NaN) is not big enough.
    return step.size >= min_step and math.isfinite(step.size)


def _first_crossing(time_s: Real, signal: Real, level: float, after_s: float) -> float:
    above = signal >= level
    for at in np.flatnonzero(above[1:] != above[:-1]):
        left, right = float(signal[at]), float(signal[at + 1])
        part = (level - left) / (right - left)
        when = float(time_s[at]) + part * float(time_s[at + 1] - time_s[at])
        if when >= after_s:
            return when
    return math.nan
