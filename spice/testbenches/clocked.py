"""The clocked comparator: which phase decides, offset by a staircase, delay, energy.

Every cycle the input takes another level, so that each decision starts from the opposite one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.circuit import Device
from eda.spice.analyses import Tran
from eda.spice.simulation import Status, Waveforms
from eda.spice.testbenches import parts
from eda.spice.testbenches.result import Line, Panel
from eda.spice.testbenches.setup import Run, Setup, Task, voltage

CLOCKS_HZ: Final = (1e9, 200e6, 50e6, 10e6, 1e6, 100e3)
FULL_V: Final = 0.1
OVERDRIVES_V: Final = (0.1e-3, 0.3e-3, 1e-3, 3e-3, 10e-3, 30e-3, 100e-3)
ENOUGH: Final = 0.35
"""Least output of a decision, from the middle, as a part of the supply."""

STAIRS: Final = 20
REACHES_V: Final = (20e-3, 200e-3)
POINTS: Final = 400
"""Time points per cycle."""


@dataclass(frozen=True)
class _Clocked:
    """What is known of the comparator: its clock, the phase that decides, the sign."""

    setup: Setup
    clock_hz: float
    inverted: bool
    sign: float

    def cycles(self, run: Run, levels: Sequence[float], name: str) -> Waveforms | None:
        """Run one cycle for each level of the differential input."""
        return _cycles(self.setup, run, self.clock_hz, self.inverted, levels, name)


def measure_clocked(setup: Setup, run: Run) -> Setup:
    """Characterise a clocked comparator; return the setup."""
    given = setup.conditions.clock_hz
    levels = (FULL_V, -FULL_V, FULL_V, -FULL_V)
    clocks = (given,) if given is not None else CLOCKS_HZ
    found: _Clocked | None = None
    item: Waveforms | None = None
    for clock, inverted in ((clock, way) for clock in clocks for way in (False, True)):
        item = _cycles(setup, run, clock, inverted, levels, "decisions")
        if item is None:
            run.failed = run.failed or Status.NO_CONVERGENCE
            return setup
        values = _decisions(setup, item, clock, len(levels))[1:]
        follows = np.sign(values) * np.sign(levels[1:])
        if (np.abs(values) >= ENOUGH * setup.conditions.supply_v).all() and abs(follows.sum()) == 3:
            found = _Clocked(setup, clock, inverted, float(follows[0]))
            break
    if found is None or item is None:
        run.failed = Status.NO_CONVERGENCE
        run.note(
            "it does not decide on 100 mV at any clock tried; is the clock the right port? "
            "name it with --port clk=PORT, and the clock with --clock"
        )
        if item is not None:
            run.panels.append(_waves(setup, item))
        return setup
    plus, minus = setup.roles.one("inp"), setup.roles.one("inn")
    plus, minus = (plus, minus) if found.sign > 0 else (minus, plus)
    run.note(f"inputs told apart by simulation: + is {plus}, - is {minus}")
    phase = "low" if found.inverted else "high"
    run.note(f"clock {found.clock_hz:g} Hz; it decides while the clock is {phase}")
    run.metric("clock", found.clock_hz, "Hz", "given" if given else "fastest tried that it keeps")
    _delays(found, run, _offset(found, run))
    _power(found, run, item)
    run.panels.append(_waves(setup, item))
    return setup


def _cycles(
    setup: Setup,
    run: Run,
    clock_hz: float,
    inverted: bool,
    levels: Sequence[float],
    name: str,
) -> Waveforms | None:
    """Run one cycle for each level of the differential input.

    The clock is low in the first half of a cycle and high in the second, where the circuit is
    to decide; inverted, the other way round.
    """
    period = 1 / clock_hz
    edge = period / 100
    points: list[float] = [0.0, levels[0]]
    for at, level in enumerate(levels[1:], start=1):
        points += [at * period, levels[at - 1], at * period + edge, level]
    first, second = setup.low_v, setup.high_v
    first, second = (second, first) if inverted else (first, second)
    clock = (first, second, period / 2, edge, edge, period / 2 - edge, period)
    made: list[Device] = [
        parts.vsource("cm", "tb_cm", setup.common_v),
        parts.vsource("d", "tb_d", levels[0], wave={"pwl": points}),
        parts.vcvs("ip", setup.roles.one("inp"), ("tb_d", "0"), 0.5, minus="tb_cm"),
        parts.vcvs("in", setup.roles.one("inn"), ("tb_d", "0"), -0.5, minus="tb_cm"),
        parts.vsource("clk", setup.roles.one("clk"), first, wave={"pulse": clock}),
    ]
    outs = [net for net in (setup.roles.one("out"), setup.roles.one("outn")) if net]
    if setup.conditions.load_f > 0:
        made += [
            parts.capacitor(f"load{at}", net, "0", setup.conditions.load_f)
            for at, net in enumerate(outs)
        ]
    deck = setup.deck("clocked comparator", *made)
    step = period / POINTS
    result = run.one(name, Task(deck, (Tran(step, len(levels) * period, 0.0, step),)))
    return result.of("tran") if result.ok else None


def _output(setup: Setup, item: Waveforms) -> NDArray[np.float64]:
    values = np.asarray(item.arrays[voltage(setup.roles.one("out"))]).real
    minus = setup.roles.one("outn")
    return values - (np.asarray(item.arrays[voltage(minus)]).real if minus else setup.mid_v)


def _decisions(setup: Setup, item: Waveforms, clock_hz: float, count: int) -> NDArray[np.float64]:
    """Return the output at the end of every cycle."""
    moments = (np.arange(count) + 0.98) / clock_hz
    return np.asarray(np.interp(moments, item.axis, _output(setup, item)), dtype=np.float64)


def _offset(found: _Clocked, run: Run) -> float:
    """Return the input where decisions change: a staircase up and down, then a finer one."""
    for reach in REACHES_V:
        trips = _stairs(found, run, 0.0, reach)
        if all(map(math.isfinite, trips)):
            break
    else:
        run.note(f"no decision changes within {REACHES_V[-1]:g} V; delays are for no offset")
        return 0.0
    middle = sum(trips) / 2
    fine = max(2 * reach / STAIRS, abs(trips[0] - trips[1]))
    closer = _stairs(found, run, middle, fine)
    if all(map(math.isfinite, closer)):
        trips, reach = closer, fine
    step = 2 * reach / STAIRS
    run.metric(
        "offset", found.sign * sum(trips) / 2, "V", f"of decisions, to {1e3 * step / 2:.2g} mV"
    )
    memory = trips[0] - trips[1]
    run.metric("hysteresis", memory if abs(memory) > step else 0.0, "V", f"to {1e3 * step:.2g} mV")
    return sum(trips) / 2


def _stairs(found: _Clocked, run: Run, middle: float, reach: float) -> tuple[float, float]:
    # Half a step aside, so that no step meets a symmetric comparator at exactly zero.
    up = middle + reach * (2 * (np.arange(STAIRS) + 0.5) / STAIRS - 1)
    levels = [up[0], *up, *up[::-1]]
    item = found.cycles(run, levels, f"staircase of {reach:.2g} V")
    if item is None:
        return math.nan, math.nan
    signs = np.sign(_decisions(found.setup, item, found.clock_hz, len(levels)))[1:]
    return _flip(up, signs[:STAIRS]), _flip(up[::-1], signs[STAIRS:])


def _flip(levels: NDArray[np.float64], signs: NDArray[np.float64]) -> float:
    found = np.flatnonzero(signs[1:] != signs[:-1])
    return float((levels[found[0]] + levels[found[0] + 1]) / 2) if found.size == 1 else math.nan


def _delays(found: _Clocked, run: Run, trip_v: float) -> None:
    """Measure the time from the clock's edge to half of the supply at the outputs."""
    away = trip_v - found.sign * FULL_V
    levels: list[float] = [away]
    for overdrive in OVERDRIVES_V:
        levels += [away, trip_v + found.sign * overdrive]
    item = found.cycles(run, levels, "delay over overdrive")
    if item is None:
        return
    period = 1 / found.clock_hz
    half = 0.5 * found.setup.conditions.supply_v
    reached = half if found.setup.roles.one("outn") else 0.0
    output = _output(found.setup, item)
    delays = []
    for at in range(len(OVERDRIVES_V)):
        # Half of the clock's edge, which lasts a hundredth of the period.
        start = (2 + 2 * at + 0.5) * period + period / 200
        inside = (item.axis >= start) & (item.axis < start + period / 2)
        times, values = item.axis[inside], output[inside]
        above = np.flatnonzero((values[1:] >= reached) & (values[:-1] < reached))
        if above.size:
            k = int(above[0])
            part = (reached - values[k]) / (values[k + 1] - values[k])
            delays.append(float(times[k] + part * (times[k + 1] - times[k]) - start))
        else:
            delays.append(math.nan)
    for overdrive in (1e-3, 10e-3, 100e-3):
        value = delays[OVERDRIVES_V.index(overdrive)]
        beyond = f"{1e3 * overdrive:g} mV beyond the offset"
        meaning = f"from half of the clock's edge to half of the supply, {beyond}"
        run.metric(f"delay_{1e3 * overdrive:g}m", value, "s", meaning)
    line = Line("", np.array(OVERDRIVES_V), np.array(delays))
    run.panels.append(Panel("delay", ("overdrive", "V"), ("delay", "s"), (line,), x_log=True))


def _power(found: _Clocked, run: Run, item: Waveforms) -> None:
    setup = found.setup
    if not setup.roles.one("vdd"):
        return
    kept = item.axis >= 1 / found.clock_hz
    values, times = setup.power_over_time_w(item)[kept], item.axis[kept]
    mean = float(np.trapezoid(values, times) / (times[-1] - times[0]))
    run.metric("power", mean, "W", "mean of the rails, without the driver of the clock")
    run.metric("energy", mean / found.clock_hz, "J", "of one cycle")


def _waves(setup: Setup, item: Waveforms) -> Panel:
    nets = ("clk", "out", "outn")
    names = [net for role in nets if (net := setup.roles.one(role))]
    lines = tuple(Line(net, item.axis, np.asarray(item.arrays[voltage(net)]).real) for net in names)
    return Panel("decisions on +100 mV and -100 mV", ("time", "s"), ("", "V"), lines)
