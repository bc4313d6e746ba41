"""The op-amp: open loop, rejection, noise, ranges; then `eda.spice.testbenches.follower`."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.spice.analyses import Ac, Dc, Noise, Op
from eda.spice.measures import (
    bandwidth_hz,
    cmrr_db,
    gain_db,
    gain_margin_db,
    integrated_noise,
    mos_saves,
    noise_density,
    output_swing,
    phase_margin_deg,
    psrr_db,
    steady_range,
    unity_gain_hz,
    unwrapped_phase_deg,
)
from eda.spice.simulation import SimulationResult
from eda.spice.testbenches.amplifier_bias import search_bias, tell_inputs
from eda.spice.testbenches.amplifier_decks import Amplifier
from eda.spice.testbenches.follower import measure_follower
from eda.spice.testbenches.result import Line, Panel
from eda.spice.testbenches.setup import Run, Setup, Task, voltage

START_HZ: Final = 0.01
STOP_HZ: Final = 100e9
COMMON_TOLERANCE_V: Final = 10e-3
"""How far the offset may move inside the input common-mode range."""

ROUNDING_V: Final = 1e-12
COMMON_POINTS: Final = 25
"""Common modes at which the gain of a differential amplifier is looked at."""

NOTHING_DB: Final = 200.0
"""A rejection beyond this is only rounding: a circuit without mismatch has no limit."""

_AC: Final = Ac(START_HZ, STOP_HZ)


def measure_opamp(setup: Setup, run: Run) -> Setup:
    """Characterise an op-amp; return the setup as it was measured in."""
    amplifier = tell_inputs(setup, run)
    if run.failed is not None:
        return setup
    amplifier = search_bias(amplifier, run)
    run.note(f"inputs told apart by simulation: + is {amplifier.plus}, - is {amplifier.minus}")
    results = run.simulate(_small_signal(amplifier))
    loop = results["open loop"]
    if not loop.ok:
        run.failed = loop.status
        return amplifier.setup
    _open_loop(amplifier, loop, run)
    _rejection(amplifier, results, run)
    _noise(amplifier, results["noise"], run)
    window = _ranges(amplifier, loop, run)
    margins = [run_metric(run, name) for name in ("phase_margin", "gain_margin")]
    stable = not any(margin < 0 for margin in margins)
    measure_follower(amplifier, run, run_metric(run, "unity_gain"), window, stable=stable)
    _rest(amplifier, loop, run)
    return amplifier.setup


def run_metric(run: Run, name: str) -> float:
    """Return a metric measured before; NaN where it was not."""
    return next((item.value for item in run.metrics if item.name == name), math.nan)


def _small_signal(amplifier: Amplifier) -> dict[str, Task]:
    roles = amplifier.setup.roles
    signal = amplifier.open_loop("open loop", signal_ac=1.0)
    common = amplifier.open_loop("common mode", common_ac=1.0)
    tasks = {
        "open loop": Task(signal, (Op(), _AC), mos_saves(signal)),
        "common mode": Task(common, (_AC,)),
    }
    if roles.one("vdd"):
        deck = amplifier.open_loop("upper supply", supply_ac=1.0)
        tasks["upper supply"] = Task(deck, (_AC,))
    if amplifier.setup.lower_rails:
        deck = amplifier.open_loop("lower supply", ground_ac=1.0)
        tasks["lower supply"] = Task(deck, (_AC,))
    noise = Noise(amplifier.out, "Vd", 1.0, 1e9, points=10, reference=amplifier.out_minus)
    tasks["noise"] = Task(signal, (noise,))
    return tasks


def _open_loop(amplifier: Amplifier, result: SimulationResult, run: Run) -> None:
    item = result.of("ac")
    frequency, response = item.axis, amplifier.output(item)
    unity = unity_gain_hz(frequency, response)
    margin = phase_margin_deg(frequency, response)
    run.metric("dc_gain", gain_db(frequency, response), "dB", "open-loop gain at 0.01 Hz")
    run.metric("bandwidth", bandwidth_hz(frequency, response), "Hz", "-3 dB of the open loop")
    run.metric("unity_gain", unity, "Hz", "where the open-loop gain falls through 1")
    run.metric("phase_margin", margin, "deg", "in a follower")
    run.metric("gain_margin", gain_margin_db(frequency, response), "dB", "in a follower")
    phase = unwrapped_phase_deg(response)
    shown = slice(0, _last_shown(frequency, response))
    marks = [] if math.isnan(unity) else [(unity, 0.0, "unity gain {x}")]
    run.panels.append(
        Panel(
            "open-loop gain",
            ("frequency", "Hz"),
            ("gain / dB", ""),
            (Line("", frequency[shown], _db(response)[shown]),),
            x_log=True,
            marks=tuple(marks),
        )
    )
    phase_marks = [] if math.isnan(margin) else [(unity, margin - 180, f"margin {margin:.1f} deg")]
    turned = phase - phase[0]
    run.panels.append(
        Panel(
            "open-loop phase",
            ("frequency", "Hz"),
            ("phase / degrees", ""),
            (Line("", frequency[shown], turned[shown]),),
            x_log=True,
            marks=tuple(phase_marks),
        )
    )


def _rejection(amplifier: Amplifier, results: dict[str, SimulationResult], run: Run) -> None:
    signal = results["open loop"].of("ac")
    response = amplifier.output(signal)
    lines = []
    for name, bench, label, meaning in (
        ("cmrr", "common mode", "CMRR", "differential over common-mode gain"),
        ("psrr_plus", "upper supply", "PSRR+", "differential gain over gain from the upper supply"),
        ("psrr_minus", "lower supply", "PSRR-", "differential gain over gain from the lower rail"),
    ):
        result = results.get(bench)
        if result is None or not result.ok:
            continue
        other = amplifier.middle(result.of("ac"))
        ratio = cmrr_db if name == "cmrr" else psrr_db
        value = ratio(signal.axis, response, other)
        if value > NOTHING_DB:
            run.note(f"{name} is only rounding in a circuit without mismatch, and is left out")
            value = math.nan
        run.metric(name, value, "dB", f"{meaning}, at 0.01 Hz")
        if math.isfinite(value):
            shown = slice(0, _last_shown(signal.axis, response))
            curve = _db(response) - _db(other)
            lines.append(Line(label, signal.axis[shown], curve[shown]))
    if amplifier.differential:
        run.note("rejection of a differential output is that of the mean of both outputs")
    if lines:
        run.panels.append(
            Panel("rejection", ("frequency", "Hz"), ("dB", ""), tuple(lines), x_log=True)
        )


def _noise(amplifier: Amplifier, result: SimulationResult, run: Run) -> None:
    if not result.ok:
        return
    item = result.of("noise")
    density = np.abs(item.arrays["inoise_spectrum"]).astype(float)
    run.metric(
        "noise_1k",
        noise_density(item.axis, density, at_hz=1e3),
        "V/sqrt(Hz)",
        "referred to the input, at 1 kHz",
    )
    unity = run_metric(run, "unity_gain")
    if math.isfinite(unity) and unity > 1:
        total = integrated_noise(item.axis, density, band_hz=(1.0, min(unity, 1e9)))
        run.metric("noise_total", total, "V", "rms at the input, from 1 Hz to unity gain")
    shown = item.axis <= (min(10 * unity, 1e9) if math.isfinite(unity) else 1e9)
    run.panels.append(
        Panel(
            "input-referred noise",
            ("frequency", "Hz"),
            ("density per root hertz", "V"),
            (Line("", item.axis[shown], density[shown]),),
            x_log=True,
            y_log=True,
        )
    )


def _ranges(amplifier: Amplifier, loop: SimulationResult, run: Run) -> tuple[float, float] | None:
    """Measure offset, swing and common-mode range; return where a follower may move."""
    setup = amplifier.setup
    point = loop.operating_point
    offset = point[voltage(amplifier.plus)] - point[voltage(amplifier.minus)]
    offset = offset if abs(offset) > ROUNDING_V else 0.0
    run.metric("offset", offset, "V", "differential input at rest in a follower, with no mismatch")
    gain = 10 ** (run_metric(run, "dc_gain") / 20)
    tasks = {}
    if gain > 1:
        width = 3 * setup.conditions.supply_v * (2 if amplifier.differential else 1) / gain
        width = min(width, setup.conditions.supply_v)
        sweep = Dc("Vd", offset - width, offset + width, width / 200)
        tasks["DC transfer"] = Task(amplifier.transfer(), (sweep,))
    step = (setup.high_v - setup.low_v) / 180
    common = Dc("Vx", setup.low_v, setup.high_v, step)
    if not amplifier.differential:
        tasks["common-mode range"] = Task(amplifier.common_mode(), (common,))
    results = run.simulate(tasks)
    swing = _swing(amplifier, results.get("DC transfer"), run)
    if amplifier.differential:
        reach: tuple[float, float] | None = _gain_range(amplifier, run)
    else:
        reach = _common_range(amplifier, results["common-mode range"], run)
    if swing is None or reach is None:
        return None
    if amplifier.differential:
        return swing
    low, high = max(swing[0], reach[0]), min(swing[1], reach[1])
    return (low, high) if high > low else None


def _swing(
    amplifier: Amplifier, result: SimulationResult | None, run: Run
) -> tuple[float, float] | None:
    if result is None or not result.ok:
        return None
    item = result.of("dc")
    values = np.asarray(amplifier.output(item)).real
    low, high = output_swing(item.axis, values)
    meaning = "where the gain is at least half of its largest"
    run.metric("swing_low", low, "V", f"lowest output {meaning}")
    run.metric("swing_high", high, "V", f"highest output {meaning}")
    run.panels.append(
        Panel(
            "DC transfer, open loop",
            ("differential input", "V"),
            ("output", "V"),
            (Line("", item.axis, values),),
        )
    )
    return (low, high) if math.isfinite(low) else None


def _common_range(
    amplifier: Amplifier, result: SimulationResult, run: Run
) -> tuple[float, float] | None:
    if not result.ok:
        return None
    item = result.of("dc")
    plus = np.asarray(item.arrays[voltage(amplifier.plus)]).real
    moved = plus - np.asarray(item.arrays[voltage(amplifier.minus)]).real
    around = amplifier.setup.common_v
    low, high = steady_range(item.axis, moved, around=around, tolerance=COMMON_TOLERANCE_V)
    meaning = "where the offset moves by 10 mV at most"
    run.metric("common_low", low, "V", f"lowest common mode of the inputs {meaning}")
    run.metric("common_high", high, "V", f"highest common mode of the inputs {meaning}")
    shown = np.clip(moved, -0.1, 0.1)
    run.panels.append(
        Panel(
            "offset over common mode (cut at 100 mV)",
            ("common mode", "V"),
            ("offset", "V"),
            (Line("", item.axis, shown),),
        )
    )
    return low, high


def _gain_range(amplifier: Amplifier, run: Run) -> tuple[float, float] | None:
    """Measure where a differential amplifier keeps its gain: symmetric, it has no offset."""
    setup = amplifier.setup
    levels = np.linspace(setup.low_v, setup.high_v, COMMON_POINTS)
    low_hz = Ac(START_HZ, START_HZ, points=1, spacing="lin")
    tasks = {}
    for level in levels:
        conditions = replace(setup.conditions, common_v=float(level))
        moved = replace(amplifier, setup=replace(setup, conditions=conditions))
        tasks[f"common mode {level:.3g} V"] = Task(moved.open_loop("", signal_ac=1.0), (low_hz,))
    gains = np.array(
        [
            abs(complex(amplifier.output(result.of("ac"))[0])) if result.ok else math.nan
            for result in run.simulate(tasks, quiet=True).values()
        ]
    )
    decibel = 20 * np.log10(np.maximum(gains, 1e-30))
    decibel[np.isnan(gains)] = -600.0
    near = decibel[np.argmin(np.abs(levels - setup.common_v))]
    kept = np.minimum(decibel, near)  # more gain elsewhere does no harm
    low, high = steady_range(levels, kept, around=setup.common_v, tolerance=6.0)
    meaning = "where the gain is at most 6 dB below that at rest"
    run.metric("common_low", low, "V", f"lowest common mode of the inputs {meaning}")
    run.metric("common_high", high, "V", f"highest common mode of the inputs {meaning}")
    shown = np.maximum(decibel, -60.0)
    run.panels.append(
        Panel(
            "gain over common mode",
            ("common mode", "V"),
            ("gain / dB", ""),
            (Line("", levels, shown),),
        )
    )
    return low, high


def _rest(amplifier: Amplifier, loop: SimulationResult, run: Run) -> None:
    setup = amplifier.setup
    if setup.roles.one("vdd"):
        watts = setup.power_w(loop.operating_point)
        run.metric("power", watts, "W", "of the rails at rest, in a follower")
    run.read_transistors(amplifier.setup, loop)
    if not run_metric(run, "dc_gain") > 0:
        run.note("it does not amplify at this working point; see the transistors, give biases")
    poor = [
        name
        for name, point in run.transistors.items()
        if point.region in ("triode", "off", "reverse")
    ]
    if poor:
        run.note(f"not in saturation at rest: {', '.join(poor)}")


def _db(response: NDArray[np.complex128]) -> NDArray[np.float64]:
    made: NDArray[np.float64] = 20 * np.log10(np.maximum(np.abs(response), 1e-30))
    return made


def _last_shown(frequency: NDArray[np.float64], response: NDArray[np.complex128]) -> int:
    """Return where a figure ends: two decades beyond unity gain."""
    unity = unity_gain_hz(frequency, response)
    if math.isnan(unity):
        return len(frequency)
    return int(np.searchsorted(frequency, 100 * unity, side="right"))
