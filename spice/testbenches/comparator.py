"""The continuous comparator: trip points, hysteresis, delay over overdrive, power.

A comparator with a clock is measured in `eda.spice.testbenches.clocked`.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.circuit import Circuit, Device
from eda.spice.analyses import Dc, Op, Tran
from eda.spice.measures import mos_saves, propagation_delay_s
from eda.spice.simulation import SimulationResult, Waveforms
from eda.spice.testbenches import parts
from eda.spice.testbenches.clocked import measure_clocked
from eda.spice.testbenches.result import Line, Panel
from eda.spice.testbenches.setup import Run, Setup, Task, voltage

WIDE: Final = 0.25
"""Reach of the first sweep of the differential input, as a part of the supply."""

FULL_V: Final = 0.1
"""Overdrive that the input comes from, and the largest it goes to."""

OVERDRIVES_V: Final = (1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 50e-3, 100e-3)
SHORTEST_S: Final = 10e-9
LONGER: Final = 4.0
TRIES: Final = 9


def measure_comparator(setup: Setup, run: Run) -> Setup:
    """Characterise a comparator; return the setup."""
    if setup.roles.one("clk"):
        return measure_clocked(setup, run)
    reach = WIDE * setup.conditions.supply_v
    wide = _sweeps(setup, run, "transfer", -reach, reach, 1000)
    if wide is None:
        return setup
    trips = [_trip(setup, item) for item in wide]
    if not all(map(math.isfinite, trips)):
        run.note(f"the output does not change within {reach:g} V of differential input")
        run.panels.append(_transfer(setup, wide))
        return setup
    low, high = min(trips), max(trips)
    margin = reach / 100
    fine = _sweeps(setup, run, "transfer, close", low - margin, high + margin, 1000) or wide
    closer = [_trip(setup, item) for item in fine]
    trips = closer if all(map(math.isfinite, closer)) else trips
    rising = bool(_output(setup, wide[0])[-1] > _output(setup, wide[0])[0])
    plus, minus = setup.roles.one("inp"), setup.roles.one("inn")
    plus, minus = (plus, minus) if rising else (minus, plus)
    run.note(f"inputs told apart by simulation: + is {plus}, - is {minus}")
    sign = 1.0 if rising else -1.0
    middle = (trips[0] + trips[1]) / 2
    run.metric("offset", sign * middle, "V", "differential input between the trip points")
    run.metric("trip_rise", sign * trips[0 if rising else 1], "V", "where the output goes high")
    run.metric("trip_fall", sign * trips[1 if rising else 0], "V", "where the output goes low")
    run.metric("hysteresis", abs(trips[0] - trips[1]), "V", "between the trip points")
    values = _output(setup, wide[0])
    run.metric("output_low", float(values.min()), "V", "lowest output")
    run.metric("output_high", float(values.max()), "V", "highest output")
    run.panels.append(_transfer(setup, fine))
    _delays(setup, run, middle, abs(trips[0] - trips[1]) / 2)
    _power(setup, run, middle)
    return setup


def _deck(setup: Setup, title: str, level: float, wave: dict[str, tuple[float, ...]]) -> Circuit:
    made: list[Device] = [
        parts.vsource("cm", "tb_cm", setup.common_v),
        parts.vsource("d", "tb_d", level, wave=wave),
        parts.vcvs("ip", setup.roles.one("inp"), ("tb_d", "0"), 0.5, minus="tb_cm"),
        parts.vcvs("in", setup.roles.one("inn"), ("tb_d", "0"), -0.5, minus="tb_cm"),
    ]
    outs = [net for net in (setup.roles.one("out"), setup.roles.one("outn")) if net]
    if setup.conditions.load_f > 0:
        made += [
            parts.capacitor(f"load{at}", net, "0", setup.conditions.load_f)
            for at, net in enumerate(outs)
        ]
    return setup.deck(title, *made)


def _output(setup: Setup, item: Waveforms) -> NDArray[np.float64]:
    values = np.asarray(item.arrays[voltage(setup.roles.one("out"))]).real
    minus = setup.roles.one("outn")
    return values - np.asarray(item.arrays[voltage(minus)]).real if minus else values


def _level(setup: Setup) -> float:
    return 0.0 if setup.roles.one("outn") else setup.mid_v


def _sweeps(
    setup: Setup, run: Run, name: str, low: float, high: float, points: int
) -> tuple[Waveforms, Waveforms] | None:
    """Sweep the differential input up and down: a comparator with hysteresis has two ways."""
    step = (high - low) / points
    deck = _deck(setup, name, low, {})
    tasks = {
        f"{name} up": Task(deck, (Dc("Vd", low, high, step),)),
        f"{name} down": Task(deck, (Dc("Vd", high, low, -step),)),
    }
    results = list(run.simulate(tasks, needed=True).values())
    if not all(result.ok for result in results):
        return None
    return results[0].of("dc"), results[1].of("dc")


def _trip(setup: Setup, item: Waveforms) -> float:
    """Return the differential input where the output passes its middle level."""
    values = _output(setup, item) - _level(setup)
    found = np.flatnonzero(np.signbit(values[1:]) != np.signbit(values[:-1]))
    if not found.size:
        return math.nan
    at = int(found[0])
    part = values[at] / (values[at] - values[at + 1])
    return float(item.axis[at] + part * (item.axis[at + 1] - item.axis[at]))


def _delays(setup: Setup, run: Run, middle: float, half: float) -> None:
    length = SHORTEST_S
    for _ in range(TRIES):
        found = _delay(setup, run, middle, half, FULL_V, length, "delay, how long")
        if found is None:
            return
        if all(delay < length / 4 for delay in found[:2]):
            break
        length *= LONGER
    else:
        run.note(f"no answer to an overdrive of {FULL_V:g} V within {length / LONGER:.3g} s")
        return
    rises, falls = [], []
    for overdrive in OVERDRIVES_V:
        longer = length * (4 if overdrive < 20e-3 else 1)
        found = _delay(setup, run, middle, half, overdrive, longer, f"overdrive {overdrive:g} V")
        up, down, item = found if found is not None else (math.nan, math.nan, None)
        rises.append(up)
        falls.append(down)
        if item is not None and overdrive == 10e-3:
            run.panels.append(_waves(setup, item))
    for overdrive in (10e-3, 100e-3):
        at = OVERDRIVES_V.index(overdrive)
        shown = f"{1e3 * overdrive:g}m"
        for name, values in (("rise", rises), ("fall", falls)):
            meaning = f"from {FULL_V:g} V on the other side to {overdrive:g} V of overdrive"
            run.metric(f"delay_{name}_{shown}", values[at], "s", meaning)
    axis = np.array(OVERDRIVES_V)
    run.panels.append(
        Panel(
            "delay",
            ("overdrive", "V"),
            ("delay", "s"),
            (Line("input rises", axis, np.array(rises)), Line("falls", axis, np.array(falls))),
            x_log=True,
        )
    )


def _delay(
    setup: Setup, run: Run, middle: float, half: float, overdrive: float, length: float, name: str
) -> tuple[float, float, Waveforms] | None:
    """Return the delays after a rise and a fall of the input; infinite where it does not answer."""
    edge = length / 1000
    low, high = middle - half - FULL_V, middle + half + FULL_V
    up, down = middle + half + overdrive, middle - half - overdrive
    wave = (
        *(0.0, low, 0.5 * length, low, 0.5 * length + edge, up, 1.5 * length, up),
        *(1.5 * length + edge, high, 2 * length, high, 2 * length + edge, down, 3 * length, down),
    )
    deck = _deck(setup, "delay", low, {"pwl": wave})
    step = length / 1000
    result = run.simulate({name: Task(deck, (Tran(step, 3 * length, 0.0, step),))})[name]
    if not result.ok:
        return None
    item = result.of("tran")
    source = np.asarray(item.arrays["v(tb_d)"]).real
    delays = []
    for begin in (0.5, 2.0):
        ended = item.axis < (begin + 1) * length
        delays.append(
            propagation_delay_s(
                item.axis[ended],
                source[ended],
                _output(setup, item)[ended],
                source_level=middle,
                output_level=_level(setup),
                after_s=begin * length,
                undefined=math.inf,
            )
        )
    return delays[0], delays[1], item


def _power(setup: Setup, run: Run, middle: float) -> None:
    tasks = {}
    for name, level in (("input low", middle - FULL_V), ("input high", middle + FULL_V)):
        deck = _deck(setup, name, level, {})
        tasks[name] = Task(deck, (Op(),), mos_saves(deck))
    results: dict[str, SimulationResult] = run.simulate(tasks)
    for (name, result), short in zip(results.items(), ("low", "high"), strict=True):
        if result.ok and setup.roles.one("vdd"):
            watts = setup.power_w(result.operating_point)
            run.metric(f"power_{short}", watts, "W", f"of the rails at rest, {name}")
    if results["input high"].ok:
        run.read_transistors(setup, results["input high"])


def _transfer(setup: Setup, items: tuple[Waveforms, Waveforms]) -> Panel:
    lines = tuple(
        Line(name, item.axis, _output(setup, item))
        for name, item in zip(("upwards", "downwards"), items, strict=True)
    )
    return Panel("DC transfer", ("differential input", "V"), ("output", "V"), lines)


def _waves(setup: Setup, item: Waveforms) -> Panel:
    lines = (
        Line("input", item.axis, np.asarray(item.arrays["v(tb_d)"]).real),
        Line("output", item.axis, _output(setup, item)),
    )
    return Panel("10 mV of overdrive", ("time", "s"), ("", "V"), lines)
