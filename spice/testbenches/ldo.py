"""The LDO: regulation, dropout, quiescent current, supply rejection, load step, loop."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.circuit import Circuit, Device
from eda.spice.analyses import Ac, Dc, Noise, Op, Tran
from eda.spice.measures import (
    efficiency,
    gain_db,
    gain_margin_db,
    integrated_noise,
    line_regulation,
    load_regulation,
    mos_saves,
    phase_margin_deg,
    rejection_db,
    unity_gain_hz,
)
from eda.spice.simulation import SimulationResult, Status, Waveforms
from eda.spice.testbenches import parts
from eda.spice.testbenches.result import Line, Panel
from eda.spice.testbenches.setup import EXACT, Run, Setup, Task, voltage

LIGHT: Final = 0.1
"""The light load of a load step, as a part of the largest load."""

DROPPED: Final = 0.02
"""Part of the output that is lost where dropout begins."""

ABOVE: Final = 1.2
"""How far above the supply the line is swept."""

SHORTEST_S: Final = 10e-6
LONGER: Final = 4.0
TRIES: Final = 7
SERVO_H: Final = 1e12
SERVO_F: Final = 100.0

_AC: Final = Ac(0.01, 1e9)


def measure_ldo(setup: Setup, run: Run) -> Setup:
    """Characterise a low-dropout regulator; return the setup."""
    full = setup.conditions.load_a
    ripple = _deck(setup, "supply ripple", full, supply_ac=1.0)
    idle, loaded = _deck(setup, "no load", 0.0), _deck(setup, "full load", full)
    results = run.simulate(
        {
            "no load": Task(idle, (Op(),)),
            "full load": Task(loaded, (Op(),), mos_saves(loaded)),
        },
        needed=True,
    )
    if run.failed is not None:
        return setup
    out = setup.roles.one("out")
    nominal = results["full load"].operating_point[voltage(out)]
    run.metric("output", nominal, "V", f"at {full:g} A")
    if not setup.low_v < nominal < setup.high_v:
        run.failed = Status.NO_CONVERGENCE
        run.note(
            f"at {full:g} A the output lies outside the rails: it does not regulate. Is the load "
            "too large (--load-current), the reference right (--bias), the feedback negative?"
        )
        return setup
    sweeps = run.simulate(_sweeps(setup, ripple, nominal / full))
    _regulation(setup, run, sweeps, nominal)
    _currents(setup, run, results)
    _rejection(setup, run, sweeps)
    _loop(setup, run)
    _load_step(setup, run, nominal)
    run.read_transistors(setup, results["full load"])
    return setup


def _deck(
    setup: Setup,
    title: str,
    load_a: float,
    *,
    supply_ac: float = 0.0,
    wave: dict[str, tuple[float, ...]] | None = None,
    loop: bool = False,
    load_ohm: float = 0.0,
    cards: tuple[str, ...] = (),
) -> Circuit:
    out, feedback = setup.roles.one("out"), setup.roles.one("fb")
    made: list[Device] = [parts.isource("load", out, load_a, minus=setup.ground_net, wave=wave)]
    if setup.conditions.load_f > 0:
        made.append(parts.capacitor("load", out, setup.ground_net, setup.conditions.load_f))
    if load_ohm > 0:
        # A current would go on being drawn where the input has gone.
        made.append(parts.resistor("load", out, setup.ground_net, load_ohm))
    if feedback and not loop:
        made.append(parts.vsource("fb", feedback, 0.0, minus=out))
    if feedback and loop:
        made += [
            parts.inductor("fb", out, feedback, SERVO_H),
            parts.capacitor("fb", feedback, "tb_loop", SERVO_F),
            parts.vsource("loop", "tb_loop", 0.0, ac=1.0),
        ]
    return setup.deck(title, *made, supply_ac=supply_ac, cards=cards)


def _sweeps(setup: Setup, ripple: Circuit, load_ohm: float) -> dict[str, Task]:
    full, high = setup.conditions.load_a, setup.high_v
    noise = Noise(setup.roles.one("out"), "Vdd0", 10.0, 100e3, points=20)
    line = Dc("Vdd0", ABOVE * high, setup.low_v, -(ABOVE * high - setup.low_v) / 400)
    load = _deck(setup, "load regulation", 0.0, cards=(EXACT,))
    light = _deck(setup, "supply ripple, light load", LIGHT * full, supply_ac=1.0)
    return {
        "load regulation": Task(load, (Dc("Iload", full / 100, full, full / 100),)),
        "line": Task(_deck(setup, "line", 0.0, load_ohm=load_ohm, cards=(EXACT,)), (line,)),
        "supply ripple": Task(ripple, (_AC,)),
        "supply ripple, light load": Task(light, (_AC,)),
        "noise": Task(ripple, (noise,)),
    }


def _regulation(
    setup: Setup, run: Run, sweeps: dict[str, SimulationResult], nominal: float
) -> None:
    full, out = setup.conditions.load_a, setup.roles.one("out")
    load = sweeps["load regulation"]
    if load.ok:
        item = load.of("dc")
        values = np.asarray(item.arrays[voltage(out)]).real
        fall = load_regulation(item.axis, values)
        run.metric(
            "load_regulation", fall, "V/A", f"fall of the output, {full / 100:g} to {full:g} A"
        )
        run.panels.append(_panel("load", ("load current", "A"), ("output", "V"), item.axis, values))
    line = sweeps["line"]
    if not line.ok:
        return
    item = line.of("dc")
    order = np.argsort(item.axis)
    axis, values = item.axis[order], np.asarray(item.arrays[voltage(out)]).real[order]
    drop_at = _dropout_at(axis, values, nominal)
    dropout = drop_at - float(np.interp(drop_at, axis, values)) if drop_at == drop_at else math.nan
    meaning = f"input less output where the output has lost 2 %, at {full:g} A"
    run.metric("dropout", dropout, "V", meaning)
    begin = drop_at + 0.1 if drop_at == drop_at else axis[0]
    good = (axis >= min(begin, setup.high_v)) & (axis <= ABOVE * setup.high_v)
    if good.sum() > 1:
        slope = line_regulation(axis[good], values[good])
        span = f"{axis[good][0]:.3g} to {axis[good][-1]:.3g} V"
        run.metric("line_regulation", slope, "V/V", f"change of the output by the input, {span}")
    run.panels.append(_panel("line, full load", ("input", "V"), ("output", "V"), axis, values))


def _dropout_at(axis: NDArray[np.float64], values: NDArray[np.float64], nominal: float) -> float:
    """Return the lowest input from which on the output stays within 2 % of its nominal value."""
    low = np.flatnonzero(values < (1 - DROPPED) * nominal)
    if not low.size or low[-1] + 1 >= axis.size:
        return math.nan
    at = int(low[-1])
    level = (1 - DROPPED) * nominal
    part = (level - values[at]) / (values[at + 1] - values[at])
    return float(axis[at] + part * (axis[at + 1] - axis[at]))


def _currents(setup: Setup, run: Run, results: dict[str, SimulationResult]) -> None:
    full, high = setup.conditions.load_a, setup.high_v - setup.low_v
    idle, loaded = (results[name].operating_point for name in ("no load", "full load"))
    quiescent = setup.power_w(idle) / high
    run.metric("quiescent", quiescent, "A", "of the supply without load")
    into = setup.power_w(loaded)
    run.metric("ground_current", into / high - full, "A", "supply less load, at full load")
    delivered = (loaded[voltage(setup.roles.one("out"))] - setup.low_v) * full
    run.metric("efficiency", 100 * efficiency(delivered, into), "%", "at full load")


def _rejection(setup: Setup, run: Run, sweeps: dict[str, SimulationResult]) -> None:
    out, lines = setup.roles.one("out"), []
    for name, label in (("supply ripple", "full load"), ("supply ripple, light load", "10 %")):
        result = sweeps[name]
        if not result.ok:
            continue
        item = result.of("ac")
        response = item.arrays[voltage(out)].astype(complex)
        if label == "full load":
            for at, shown in ((1e3, "1k"), (100e3, "100k"), (1e6, "1meg")):
                value = rejection_db(item.axis, response, at_hz=at)
                run.metric(f"psrr_{shown}", value, "dB", f"at {at:g} Hz and full load")
        decibel = -20 * np.log10(np.maximum(np.abs(response), 1e-15))
        lines.append(Line(label, item.axis, decibel))
    if lines:
        axis = ("frequency", "Hz")
        run.panels.append(Panel("supply rejection", axis, ("dB", ""), tuple(lines), x_log=True))
    noise = sweeps["noise"]
    if noise.ok:
        item = noise.of("noise")
        density = np.abs(item.arrays["onoise_spectrum"]).astype(float)
        total = integrated_noise(item.axis, density)
        run.metric("output_noise", total, "V", "rms, 10 Hz to 100 kHz")


def _loop(setup: Setup, run: Run) -> None:
    if not setup.roles.one("fb"):
        run.note("no feedback pin: the loop cannot be opened, its phase margin is not measured")
        return
    full, lines = setup.conditions.load_a, []
    for name, load in (("full load", full), ("light load", LIGHT * full)):
        deck = _deck(setup, "loop", load, loop=True)
        result = run.one(f"loop, {name}", Task(deck, (_AC,)))
        if not result.ok:
            continue
        item = result.of("ac")
        response = item.arrays[voltage(setup.roles.one("out"))].astype(complex)
        short = name.split()[0]
        run.metric(f"loop_gain_{short}", gain_db(item.axis, response), "dB", f"at 0.01 Hz, {name}")
        run.metric(f"loop_unity_{short}", unity_gain_hz(item.axis, response), "Hz", name)
        run.metric(f"phase_margin_{short}", phase_margin_deg(item.axis, response), "deg", name)
        run.metric(f"gain_margin_{short}", gain_margin_db(item.axis, response), "dB", name)
        decibel = 20 * np.log10(np.maximum(np.abs(response), 1e-15))
        lines.append(Line(name, item.axis, decibel))
    if lines:
        axis = ("frequency", "Hz")
        run.panels.append(Panel("loop gain", axis, ("dB", ""), tuple(lines), x_log=True))


def _load_step(setup: Setup, run: Run, nominal: float) -> None:
    full, out = setup.conditions.load_a, setup.roles.one("out")
    length = SHORTEST_S
    for _ in range(TRIES):
        edge = length / 1000
        pulse = (LIGHT * full, full, 0.2 * length, edge, edge, length - edge, 4 * length)
        deck = _deck(setup, "load step", LIGHT * full, wave={"pulse": pulse})
        step = length / 500
        result = run.one("load step", Task(deck, (Tran(step, 2.2 * length, 0.0, step),)))
        if not result.ok:
            return
        item = result.of("tran")
        values = np.asarray(item.arrays[voltage(out)]).real
        if _settled(item, values, length):
            break
        length *= LONGER
    else:
        run.note("the output does not settle after a load step; it may oscillate")
        run.panels.append(_panel("load step", ("time", "s"), ("output", "V"), item.axis, values))
        return
    down = (item.axis >= 0.2 * length) & (item.axis < 1.2 * length)
    up = item.axis >= 1.2 * length
    loaded, light = float(values[down][-1]), float(values[up][-1])
    meaning = f"{LIGHT * full:g} to {full:g} A within {edge:.2g} s"
    run.metric("undershoot", loaded - float(values[down].min()), "V", f"below rest, {meaning}")
    run.metric("overshoot", float(values[up].max()) - light, "V", f"above rest, {meaning}, back")
    bad = np.flatnonzero(np.abs(values[down] - loaded) > 0.01 * abs(nominal))
    times = item.axis[down]
    settled = 0.0 if not bad.size else float(times[min(bad[-1] + 1, times.size - 1)]) - 0.2 * length
    run.metric("recovery", settled, "s", "to 1 % of the output after the load has come")
    run.panels.append(_panel("load step", ("time", "s"), ("output", "V"), item.axis, values))


def _settled(item: Waveforms, values: NDArray[np.float64], length: float) -> bool:
    whole = float(np.ptp(values))
    for begin in (0.2, 1.2):
        end = values[(item.axis > (begin + 0.7) * length) & (item.axis < (begin + 1) * length)]
        if end.size < 2 or np.ptp(end) > max(0.02 * whole, 1e-6):
            return False
    return True


def _panel(
    title: str,
    x: tuple[str, str],
    y: tuple[str, str],
    axis: NDArray[np.float64],
    values: NDArray[np.float64],
) -> Panel:
    return Panel(title, x, y, (Line("", axis, values),))
