"""The oscillator: frequency, swing, start-up, power, and its tuning where there is a control.

It starts from its operating point, which may be the unstable one, by a short pulse of current
into an output; the time it needs is found by trying longer and longer ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.circuit import Device
from eda.spice.analyses import Tran
from eda.spice.measures import harmonics, oscillation_hz, peak_to_peak, thd
from eda.spice.simulation import SimulationResult, Waveforms
from eda.spice.testbenches import parts
from eda.spice.testbenches.result import Line, Panel
from eda.spice.testbenches.setup import Run, Setup, Task, voltage

SHORTEST_S: Final = 2e-9
LONGEST_S: Final = 20e-3
LONGER: Final = 5.0
LEAST_PERIODS: Final = 8
SHOWN_PERIODS: Final = 6
POINTS: Final = 100
"""Time points per period, at least."""

STEADY: Final = 0.05
"""How far the size of the oscillation may still change, from one half of the time to the next."""

TUNING_POINTS: Final = 7
KICK_A: Final = 1e-6

UNMOVED: Final = 1e-5
"""A tuning range below this part of the frequency is rounding."""

SMALLEST: Final = 0.01
"""Least size of an oscillation, as a part of the supply."""


@dataclass(frozen=True)
class _Steady:
    item: Waveforms
    frequency_hz: float
    since_s: float


def measure_oscillator(setup: Setup, run: Run) -> Setup:
    """Characterise an oscillator; return the setup."""
    level = setup.mid_v
    if setup.roles.one("control"):
        run.note(f"control {setup.roles.one('control')} at {level:g} V, the middle of the rails")
    found = _steady(setup, run, level)
    if found is None:
        return setup
    _describe(setup, run, found)
    if setup.roles.one("control"):
        _tuning(setup, run, found)
    return setup


def _deck(setup: Setup, control_v: float, kick_s: float) -> Any:
    roles = setup.roles
    made: list[Device] = []
    outs = [net for net in (roles.one("out"), roles.one("outn")) if net]
    for at, net in enumerate(outs):
        if setup.conditions.load_f > 0:
            made.append(parts.capacitor(f"load{at}", net, "0", setup.conditions.load_f))
    if roles.one("control"):
        made.append(parts.vsource("ctl", roles.one("control"), control_v))
    wave = {"pulse": (0.0, KICK_A, 0.0, kick_s / 10, kick_s / 10, kick_s, 1e3)}
    made.append(parts.isource("kick", "0", 0.0, minus=outs[0], wave=wave))
    return setup.deck("oscillator", *made)


def _signal(setup: Setup, item: Waveforms) -> NDArray[np.float64]:
    values = np.asarray(item.arrays[voltage(setup.roles.one("out"))]).real
    minus = setup.roles.one("outn")
    return values - np.asarray(item.arrays[voltage(minus)]).real if minus else values


def _steady(setup: Setup, run: Run, control_v: float) -> _Steady | None:
    length = SHORTEST_S
    last: SimulationResult | None = None
    while length <= LONGEST_S:
        deck = _deck(setup, control_v, length / 200)
        step = length / 2000
        last = run.one("start", Task(deck, (Tran(step, length, 0.0, step),)))
        if not last.ok:
            run.failed = last.status
            return None
        frequency = _frequency(setup, last.of("tran"), length)
        if frequency * length >= LEAST_PERIODS:
            return _refined(setup, run, control_v, frequency, length)
        length *= LONGER
    from eda.spice.simulation import Status

    run.failed = Status.NO_CONVERGENCE
    run.note(f"it does not oscillate within {LONGEST_S:g} s of a kick into its output")
    if last is not None:
        run.panels.append(_panel(setup, last.of("tran"), "no oscillation"))
    return None


def _frequency(setup: Setup, item: Waveforms, length: float) -> float:
    """Return the frequency in the second half, 0 where nothing swings there."""
    return oscillation_hz(
        item.axis,
        _signal(setup, item),
        window_s=(length / 2, math.inf),
        min_swing=SMALLEST * setup.conditions.supply_v,
        undefined=0.0,
    )


def _refined(
    setup: Setup, run: Run, control_v: float, frequency: float, length: float
) -> _Steady | None:
    """Run again with steps short against the period, and longer until the size stands still."""
    for _ in range(5):
        length = max(length, 40 / frequency)
        step = 1 / (frequency * POINTS)
        deck = _deck(setup, control_v, min(0.1 / frequency, length / 200))
        result = run.one("oscillation", Task(deck, (Tran(step, length, 0.0, step),)))
        if not result.ok:
            run.failed = result.status
            return None
        item = result.of("tran")
        signal = _signal(setup, item)
        sizes = [
            peak_to_peak(item.axis, signal, window_s=(part * length, (part + 0.25) * length))
            for part in (0.5, 0.75)
        ]
        found = _frequency(setup, item, length)
        if not found:
            run.note("the oscillation dies away")
            return None
        frequency = found
        if abs(sizes[1] - sizes[0]) <= STEADY * sizes[1]:
            return _Steady(item, frequency, 0.75 * length)
        length *= 3
    run.note("the size of the oscillation still changes at the end of the longest simulation")
    return _Steady(item, frequency, 0.75 * length)


def _describe(setup: Setup, run: Run, found: _Steady) -> None:
    item, since = found.item, found.since_s
    signal = _signal(setup, item)
    last = (since, math.inf)
    frequency = oscillation_hz(item.axis, signal, window_s=last)
    size = peak_to_peak(item.axis, signal, window_s=last)
    run.metric("frequency", frequency, "Hz", "periods over their time, in the last quarter")
    what = "peak to peak" + (
        ", of the difference of the outputs" if setup.roles.one("outn") else ""
    )
    run.metric("swing", size, "V", what)
    late = item.axis >= since
    run.metric("output_low", float(signal[late].min()), "V", "lowest output")
    run.metric("output_high", float(signal[late].max()), "V", "highest output")
    run.metric(
        "startup",
        _startup(item, signal, size, frequency),
        "s",
        "from a kick of 1 uA to 90 % of the swing",
    )
    amplitudes = harmonics(item.axis, signal, fundamental_hz=frequency, periods=4)
    distortion = thd(item.axis, signal, fundamental_hz=frequency, periods=4)
    run.metric("thd", 100 * distortion, "%", "of the output, 9 harmonics")
    if setup.roles.one("vdd"):
        power = setup.power_over_time_w(item)
        times, values = item.axis[late], power[late]
        mean = float(np.trapezoid(values, times) / (times[-1] - times[0]))
        run.metric("power", mean, "W", "mean of the rails, in the last quarter")
    run.panels.append(_panel(setup, item, "start"))
    shown = item.axis >= item.axis[-1] - SHOWN_PERIODS / frequency
    run.panels.append(_panel(setup, item, "steady", shown))
    orders = np.arange(1, len(amplitudes))
    level = 20 * np.log10(np.maximum(np.abs(amplitudes[1:]) / abs(amplitudes[1]), 1e-9))
    run.panels.append(
        Panel(
            "harmonics",
            ("multiple of the frequency", ""),
            ("dB of the first", ""),
            (Line("", orders.astype(float), level),),
        )
    )


def _startup(item: Waveforms, signal: NDArray[np.float64], size: float, frequency: float) -> float:
    """Return when the size over one period first reaches 90 % of its last value."""
    period = 1 / frequency
    for begin in np.arange(0.0, float(item.axis[-1]) - period, period / 4):
        now = peak_to_peak(item.axis, signal, window_s=(begin, begin + period))
        if now >= 0.9 * size:
            return float(begin)
    return math.nan


def _tuning(setup: Setup, run: Run, found: _Steady) -> None:
    """Measure the frequency over the control voltage."""
    levels = np.linspace(setup.low_v, setup.high_v, TUNING_POINTS)
    length = float(found.item.axis[-1])
    step = 1 / (found.frequency_hz * POINTS)
    kick = min(0.1 / found.frequency_hz, length / 200)
    tasks = {
        f"control {level:.3g} V": Task(
            _deck(setup, float(level), kick), (Tran(step, length, 0, step),)
        )
        for level in levels
    }
    results = run.simulate(tasks)
    values = np.array(
        [
            (_frequency(setup, result.of("tran"), length) or math.nan) if result.ok else math.nan
            for result in results.values()
        ]
    )
    good = np.isfinite(values)
    if good.sum() < 2:
        run.note("the control does not leave enough points that oscillate for a tuning range")
        return
    if np.ptp(values[good]) < UNMOVED * found.frequency_hz:
        run.note("the control does not move the frequency")
        return
    run.metric("frequency_min", float(values[good].min()), "Hz", "over the control, rail to rail")
    run.metric("frequency_max", float(values[good].max()), "Hz", "over the control, rail to rail")
    slope = np.gradient(values[good], levels[good])
    steepest = float(slope[int(np.argmax(np.abs(slope)))])
    run.metric("tuning_gain", steepest, "Hz/V", "steepest, over the control")
    run.panels.append(
        Panel(
            "tuning",
            ("control", "V"),
            ("frequency", "Hz"),
            (Line("", levels[good], values[good]),),
        )
    )


def _panel(
    setup: Setup, item: Waveforms, title: str, shown: NDArray[np.bool_] | None = None
) -> Panel:
    kept = np.ones(len(item.axis), bool) if shown is None else shown
    outs = [net for net in (setup.roles.one("out"), setup.roles.one("outn")) if net]
    lines = tuple(
        Line(net, item.axis[kept], np.asarray(item.arrays[voltage(net)]).real[kept]) for net in outs
    )
    return Panel(title, ("time", "s"), ("", "V"), lines)
