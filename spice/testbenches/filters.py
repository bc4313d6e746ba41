"""The filter: its kind, pass band, ripple, stop band, group delay; S-parameters of a two-port."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.circuit import Device
from eda.spice.analyses import Ac, Noise, Op, Sp
from eda.spice.measures import (
    gain_db,
    group_delay_s,
    integrated_noise,
    passband_hz,
    ripple_db,
    s_matrix,
)
from eda.spice.simulation import Waveforms
from eda.spice.testbenches import parts
from eda.spice.testbenches.result import Line, Panel
from eda.spice.testbenches.setup import Run, Setup, Task, voltage

_WIDE: Final = Ac(1e-3, 1e12, points=100)
DEEPEST_DB: Final = 150.0
"""Figures end so far below the pass band; what is deeper is rounding."""

_DROP: Final = math.sqrt(0.5)
_PASSIVE: Final = frozenset({"resistor", "capacitor", "inductor", "mutual", "tline"})


def measure_filter(setup: Setup, run: Run) -> Setup:
    """Characterise a filter; return the setup."""
    terminated = _terminated(setup)
    if terminated:
        z0 = setup.conditions.z0_ohm
        run.note(f"between {z0:g} ohm at both ends; the gain is that of S21")
    deck = setup.deck("response", *_drive(setup, terminated), *_load(setup, terminated))
    wide = run.one("wide response", Task(deck, (Op(), _WIDE)), needed=True)
    if not wide.ok:
        return setup
    if setup.roles.one("vdd"):
        run.metric("power", setup.power_w(wide.operating_point), "W", "of the rails at rest")
    item = wide.of("ac")
    band = _band(item.axis, _output(setup, item))
    spans = _span(item.axis, band)
    fine = run.simulate({f"response {at}": Task(deck, (span,)) for at, span in enumerate(spans)})
    parts_ = [result.of("ac") for result in fine.values() if result.ok]
    if not parts_:
        parts_ = [item]
    frequency = np.concatenate([part.axis for part in parts_])
    values = np.concatenate([_output(setup, part) for part in parts_])
    frequency, kept = np.unique(frequency, return_index=True)
    response = values[kept]
    _describe(run, frequency, response, band[0])
    noise = Noise(setup.roles.one("out"), "Vin", frequency[0], frequency[-1], points=20)
    found = run.one("noise", Task(deck, (noise,)))
    if found.ok:
        spectrum = found.of("noise")
        density = np.abs(spectrum.arrays["onoise_spectrum"]).astype(float)
        total = integrated_noise(spectrum.axis, density)
        span = f"{spectrum.axis[0]:.3g} to {spectrum.axis[-1]:.3g} Hz"
        run.metric("output_noise", total, "V", f"rms, {span}")
    _two_port(setup, run, frequency, band)
    return setup


def _is_two_port(setup: Setup) -> bool:
    """Return whether a filter is passive, with one input and one output."""
    kinds = {device.kind for device in setup.dut.flat.devices}
    return kinds <= _PASSIVE and not (setup.roles.one("outn") or setup.roles.one("inn"))


def _terminated(setup: Setup) -> bool:
    """Return whether a filter works between resistors: lossless, or with a reference given."""
    resistors = any(device.kind == "resistor" for device in setup.dut.flat.devices)
    return _is_two_port(setup) and (setup.conditions.terminated or not resistors)


def _drive(setup: Setup, terminated: bool) -> list[Device]:
    roles = setup.roles
    level = setup.common_v if roles.one("vdd") else 0.0
    if terminated:
        # Twice the voltage, as the reference of S21 is what arrives at a matched load.
        return [
            parts.vsource("in", "tb_in", 0.0, ac=2.0),
            parts.resistor("in", "tb_in", roles.one("in"), setup.conditions.z0_ohm),
        ]
    if not roles.one("inn"):
        return [parts.vsource("in", roles.one("in"), level, ac=1.0)]
    return [
        parts.vsource("cm", "tb_cm", level),
        parts.vsource("in", "tb_d", 0.0, ac=1.0),
        parts.vcvs("ip", roles.one("in"), ("tb_d", "0"), 0.5, minus="tb_cm"),
        parts.vcvs("in", roles.one("inn"), ("tb_d", "0"), -0.5, minus="tb_cm"),
    ]


def _load(setup: Setup, terminated: bool) -> list[Device]:
    outs = [net for net in (setup.roles.one("out"), setup.roles.one("outn")) if net]
    made = []
    if setup.conditions.load_f:
        made += [
            parts.capacitor(f"load{at}", net, "0", setup.conditions.load_f)
            for at, net in enumerate(outs)
        ]
    if terminated:
        made.append(parts.resistor("out", outs[0], "0", setup.conditions.z0_ohm))
    return made


def _output(setup: Setup, item: Waveforms) -> NDArray[Any]:
    values = np.asarray(item.arrays[voltage(setup.roles.one("out"))])
    minus = setup.roles.one("outn")
    return values - item.arrays[voltage(minus)] if minus else values


def _band(frequency: NDArray[np.float64], response: NDArray[Any]) -> tuple[str, float, float]:
    """Return the kind of a filter and its two edges."""
    magnitude = np.abs(response)
    low, high = passband_hz(frequency, response)
    top = float(magnitude.max()) * _DROP
    if low == 0 and math.isinf(high):
        return "all-pass", low, high
    if magnitude[0] >= top and magnitude[-1] >= top:
        below = np.flatnonzero(magnitude < top)
        return "band-stop", float(frequency[below[0]]), float(frequency[below[-1]])
    if low == 0:
        return "low-pass", low, high
    if math.isinf(high):
        return "high-pass", low, high
    return "band-pass", low, high


def _span(frequency: NDArray[np.float64], band: tuple[str, float, float]) -> list[Ac]:
    """Return sweeps that show the band finely, and what is beside it."""
    _, low, high = band
    edges = [edge for edge in (low, high) if 0 < edge < math.inf]
    if not edges:
        return [Ac(1.0, 1e9, points=50)]
    start, stop = min(edges) / 1e3, max(edges) * 1e3
    made = [Ac(max(start, float(frequency[0])), min(stop, float(frequency[-1])), points=200)]
    if len(edges) == 2:
        width = high - low
        made.append(Ac(max(low - width, low / 2), high + width, points=601, spacing="lin"))
    return made


def _describe(run: Run, frequency: NDArray[np.float64], response: NDArray[Any], kind: str) -> None:
    _, low, high = _band(frequency, response)
    run.note(f"kind of filter: {kind}")
    peak = float(frequency[int(np.argmax(np.abs(response)))])
    middle = {"low-pass": float(frequency[0]), "high-pass": float(frequency[-1])}.get(kind, peak)
    if kind in ("band-stop", "all-pass"):
        middle = float(frequency[0])
    reference = gain_db(frequency, response, at_hz=middle)
    run.metric("passband_gain", reference, "dB", f"at {middle:.4g} Hz")
    if kind in ("high-pass", "band-pass", "band-stop"):
        run.metric("lower_edge", low, "Hz", "-3 dB of the largest gain")
    if kind in ("low-pass", "band-pass", "band-stop"):
        run.metric("upper_edge", high, "Hz", "-3 dB of the largest gain")
    if kind == "band-pass":
        run.metric("centre", math.sqrt(low * high), "Hz", "geometric mean of the edges")
        run.metric("quality", math.sqrt(low * high) / (high - low), "", "centre over bandwidth")
    if kind == "band-stop":
        deep = int(np.argmin(np.abs(response)))
        run.metric("notch", float(frequency[deep]), "Hz", "where the gain is smallest")
        depth = reference - gain_db(frequency, response, at_hz=float(frequency[deep]))
        run.metric("notch_depth", depth, "dB", "below the pass band")
    else:
        run.metric("ripple", ripple_db(frequency, response), "dB", "in the pass band")
    for name, factor in (("2x", 2.0), ("10x", 10.0)):
        places = []
        if kind in ("low-pass", "band-pass"):
            places.append(high * factor)
        if kind in ("high-pass", "band-pass"):
            places.append(low / factor)
        there = [at for at in places if frequency[0] <= at <= frequency[-1]]
        if there:
            worst = max(gain_db(frequency, response, at_hz=at) for at in there)
            meaning = f"below the pass band, at {name} the edge"
            run.metric(f"attenuation_{name}", reference - worst, "dB", meaning)
    delay = group_delay_s(frequency, response)
    inside = (frequency >= low) & (frequency <= high)
    run.metric(
        "group_delay", float(np.interp(middle, frequency, delay)), "s", f"at {middle:.4g} Hz"
    )
    if kind in ("low-pass", "band-pass") and inside.any():
        run.metric("group_delay_max", float(np.max(delay[inside])), "s", "in the pass band")
    _draw(run, frequency, response, delay, (low, high), inside)


def _draw(
    run: Run,
    frequency: NDArray[np.float64],
    response: NDArray[Any],
    delay: NDArray[np.float64],
    edges: tuple[float, float],
    inside: NDArray[np.bool_],
) -> None:
    decibel = 20 * np.log10(np.maximum(np.abs(response), 1e-15))
    kept = decibel > float(decibel.max()) - DEEPEST_DB
    frequency, decibel, response = frequency[kept], decibel[kept], response[kept]
    delay, inside = delay[kept], inside[kept]
    marks = tuple(
        (edge, float(np.interp(edge, frequency, decibel)), "{x}")
        for edge in edges
        if frequency[0] < edge < frequency[-1]
    )
    axis = ("frequency", "Hz")
    run.panels.append(
        Panel("gain", axis, ("gain / dB", ""), (Line("", frequency, decibel),), True, False, marks)
    )
    if inside.sum() > 2:
        near = (frequency >= edges[0] / 2) & (frequency <= 2 * edges[1])
        top = float(decibel.max())
        close = near & (decibel > top - 6)
        run.panels.append(
            Panel(
                "pass band",
                axis,
                ("gain / dB", ""),
                (Line("", frequency[close], decibel[close]),),
                x_log=True,
            )
        )
    degrees = np.degrees(np.unwrap(np.angle(response)))
    run.panels.append(
        Panel("phase", axis, ("phase / degrees", ""), (Line("", frequency, degrees),), x_log=True)
    )
    run.panels.append(
        Panel("group delay", axis, ("delay", "s"), (Line("", frequency, delay),), x_log=True)
    )


def _two_port(
    setup: Setup, run: Run, frequency: NDArray[np.float64], band: tuple[str, float, float]
) -> None:
    """Measure the S-parameters of a passive filter with one input and one output."""
    roles = setup.roles
    if not _is_two_port(setup):
        return
    z0 = setup.conditions.z0_ohm
    ports = (
        parts.vsource("p1", roles.one("in"), ac=1.0, port=1, z0_ohm=z0),
        parts.vsource("p2", roles.one("out"), port=2, z0_ohm=z0),
    )
    deck = setup.deck("S-parameters", *ports)
    edges = [edge for edge in band[1:] if 0 < edge < math.inf] or [float(frequency[-1]) / 10]
    sweep = Sp(min(edges) / 100, max(edges) * 100, points=100, spacing="dec")
    result = run.one("S-parameters", Task(deck, (sweep,)))
    if not result.ok:
        return
    item = result.of("sp")
    s = s_matrix(item.arrays)
    run.network = (item.axis, s)
    through, back = (20 * np.log10(np.maximum(np.abs(s[:, k, 0]), 1e-15)) for k in (1, 0))
    best = int(np.argmax(through))
    run.metric("insertion_loss", -float(through[best]), "dB", f"least, between {z0:g} ohm")
    run.metric("return_loss", -float(back[best]), "dB", f"there, at {item.axis[best]:.4g} Hz")
    run.panels.append(
        Panel(
            f"S-parameters, {z0:g} ohm",
            ("frequency", "Hz"),
            ("dB", ""),
            (Line("S21", item.axis, through), Line("S11", item.axis, back)),
            x_log=True,
        )
    )
