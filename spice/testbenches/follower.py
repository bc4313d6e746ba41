"""An op-amp as a follower: slewing, settling and overshoot, with times found by trying."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np

from eda.spice.analyses import Tran
from eda.spice.measures import Step, overshoot, read_step, settling_s, slew_rate
from eda.spice.measures.transient import Edge
from eda.spice.simulation import Status, Waveforms
from eda.spice.testbenches.amplifier_decks import Amplifier
from eda.spice.testbenches.result import Line, Panel
from eda.spice.testbenches.setup import Run, Task, voltage

SMALL_V: Final = 0.05
"""Step for settling and overshoot: small enough not to slew in most amplifiers."""

LARGE: Final = 0.6
"""Step for slewing, as a part of the range that a follower has."""

PERIODS: Final = 20.0
"""Length of a step, in periods of the unity-gain frequency, to begin with."""

TRIES: Final = 4
LONGER: Final = 4.0
POINTS: Final = 1600


def measure_follower(
    amplifier: Amplifier,
    run: Run,
    unity_hz: float,
    window: tuple[float, float] | None,
    *,
    stable: bool = True,
) -> None:
    """Step an amplifier up and down, by a little and by much, until it settles.

    One that is not ``stable`` by its margins is given one length of time only.
    """
    tries = TRIES if stable else 1
    if not stable:
        run.note("its margins say that a follower oscillates")
    if not unity_hz > 0 or not math.isfinite(unity_hz):
        run.note("no unity-gain frequency: a follower is not stepped")
        return
    middle, large = amplifier.rest_v, 2 * SMALL_V
    if window is not None and window[1] - window[0] > 2 * SMALL_V:
        middle = (window[0] + window[1]) / 2
        large = LARGE * (window[1] - window[0])
    small = _stepped(amplifier, run, middle, SMALL_V, unity_hz, "small step", tries)
    big = _stepped(amplifier, run, middle, large, unity_hz, "large step", tries)
    if big is not None:
        item, length = big
        meaning = f"20 % to 80 % of a step of {large:.3g} V"
        edges: tuple[tuple[Edge, float], ...] = (("rise", 0.1), ("fall", 1.1))
        for edge, begin in edges:
            step = _read(amplifier, item, length, begin, edge)
            run.metric(f"slew_{edge}", slew_rate(step, min_step=large / 2), "V/s", meaning)
        run.panels.append(_panel(amplifier, item, f"step of {large:.3g} V"))
    if small is not None:
        item, length = small
        rise = _read(amplifier, item, length, 0.1, "rise")
        for name, tolerance in (("settling_1pct", 0.01), ("settling_0p1pct", 0.001)):
            value = settling_s(_until(rise), tolerance=tolerance, min_step=SMALL_V / 2)
            run.metric(name, value, "s", f"to {100 * tolerance:g} % of a step of {SMALL_V:g} V")
        fall = _read(amplifier, item, length, 1.1, "fall")
        for name, step in (("overshoot_rise", rise), ("overshoot_fall", fall)):
            value = 100 * overshoot(step, min_step=SMALL_V / 2)
            run.metric(name, value, "%", f"of a step of {SMALL_V:g} V")
        run.panels.append(_panel(amplifier, item, f"step of {SMALL_V:g} V"))


def _stepped(
    amplifier: Amplifier,
    run: Run,
    middle: float,
    size: float,
    unity_hz: float,
    name: str,
    tries: int,
) -> tuple[Waveforms, float] | None:
    """Return the response to a step up and down and how long each lasted, once it settles."""
    length = PERIODS / unity_hz
    for _ in range(tries):
        edge = length / 5000
        wave = {
            "pulse": (
                *(middle - size / 2, middle + size / 2, 0.1 * length),
                *(edge, edge, length - edge, 4 * length),
            )
        }
        deck = amplifier.follower(wave, middle - size / 2)
        fine = length / POINTS
        tran = Tran(fine, 2.1 * length, 0.0, fine)
        result = run.simulate({name: Task(deck, (tran,))}, quiet=True)[name]
        if result.status is Status.NO_CONVERGENCE:
            # Tolerances as tight as settling to a thousandth wants them can be too much.
            result = run.one(f"{name}, looser", Task(replace(deck, cards=deck.cards[:-1]), (tran,)))
        if not result.ok:
            run.note(f"{name}: ended as {result.status.value}")
            return None
        item = result.of("tran")
        if _settled(amplifier, item, length, size):
            return item, length
        length *= LONGER
    run.note(f"{name}: the follower does not settle; it may oscillate, or not follow")
    run.panels.append(_panel(amplifier, item, f"{name}, not settled"))
    return None


def _settled(amplifier: Amplifier, item: Waveforms, length: float, size: float) -> bool:
    values = np.asarray(amplifier.output(item)).real
    for begin in (0.1, 1.1):
        end = values[(item.axis > (begin + 0.7) * length) & (item.axis < (begin + 1) * length)]
        if end.size < 2 or np.ptp(end) > 2e-4 * size:
            return False
    first = values[np.searchsorted(item.axis, 0.1 * length) - 1]
    return bool(abs(values[np.searchsorted(item.axis, 1.1 * length) - 1] - first) > size / 2)


def _read(amplifier: Amplifier, item: Waveforms, length: float, begin: float, edge: Edge) -> Step:
    values = np.asarray(amplifier.output(item)).real
    return read_step(
        item.axis,
        values,
        step_at_s=begin * length,
        final_at_s=(begin + 1) * length,
        edge=edge,
    )


def _until(step: Step) -> Step:
    """Return the step cut off where the next one begins, as settling reads to the end."""
    kept = step.time_s < step.until_s
    return replace(step, time_s=step.time_s[kept], signal=step.signal[kept])


def _panel(amplifier: Amplifier, item: Waveforms, title: str) -> Panel:
    values = np.asarray(amplifier.output(item)).real
    source = np.asarray(item.arrays[voltage("tb_s")]).real
    return Panel(
        f"follower, {title}",
        ("time", "s"),
        ("", "V"),
        (Line("input", item.axis, source), Line("output", item.axis, values)),
    )
