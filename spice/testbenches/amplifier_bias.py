"""Finding a working point for an op-amp: which input inverts, and biases nobody gave.

Both come from the gain at a low frequency. The loop that closes the wrong way rests at a rail, or
at an unstable point between them; there the sign of the gain still tells the inputs apart.
Voltages that were only assumed are moved by coordinates, in steps that get smaller, where the
gain is poor; nothing that was given moves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from eda.spice.analyses import Ac, Op
from eda.spice.measures import mos_operating_points, mos_saves
from eda.spice.simulation import SimulationResult
from eda.spice.testbenches.amplifier_decks import Amplifier
from eda.spice.testbenches.setup import Run, Setup, Task, voltage

LOW_HZ: Final = 0.01
POOR_DB: Final = 30.0
ENOUGH_DB: Final = 70.0
GOOD_DB: Final = 10.0
"""A working point that loses less than this is taken as it is."""

MARGIN_V: Final = 0.05
OFF_V: Final = 0.1
PER_VOLT_DB: Final = 100.0
"""What a volt that transistors lack to saturation counts for, beside the gain."""

STEPS: Final = (0.04, 0.1, 0.2, 0.1, 0.04, 0.02)
"""Steps of the search, as parts of the supply voltage: near by first, then far, then fine."""

COMMON: Final = "common mode"
_LOWEST: Final = -1e9


def tell_inputs(setup: Setup, run: Run) -> Amplifier:
    """Return the amplifier with its inputs told apart."""
    one = Amplifier(setup, setup.roles.one("inp"), setup.roles.one("inn"))
    found = run.simulate(
        {
            "which input inverts": _task(one),
            "which input inverts, swapped": _task(one.swapped()),
        }
    )
    scored = []
    for amplifier, result in zip((one, one.swapped()), found.values(), strict=True):
        gain = _gain(amplifier, result)
        scored.append((amplifier if gain.real >= 0 else amplifier.swapped(), abs(gain), result))
    best = max(scored, key=lambda item: item[1])
    if not best[1]:
        run.failed = next((item[2].status for item in scored if not item[2].ok), None)
    return best[0]


def search_bias(amplifier: Amplifier, run: Run) -> Amplifier:
    """Return the amplifier with assumed biases moved to where its gain is large."""
    setup = amplifier.setup
    moving = [item.port for item in setup.bias if item.origin == "assumed" and item.unit == "V"]
    if setup.conditions.common_v is None:
        moving.append(COMMON)
    if not moving:
        return amplifier
    first = run.one("working point", _task(amplifier))
    if _is_good(amplifier, first):
        return amplifier
    start = {item.port: item.value for item in setup.bias if item.port in moving}
    start |= {COMMON: setup.common_v} if COMMON in moving else {}
    best, score = start, _score(amplifier, first)
    found_by: dict[tuple[tuple[str, float], ...], SimulationResult] = {}
    count = 0
    for part in STEPS:
        if _is_good(_moved(amplifier, best), found_by.get(tuple(best.items()), first)):
            break
        better = True
        rounds = 0
        while better and rounds < 3:
            better, rounds = False, rounds + 1
            tries = {}
            for port in moving:
                for way in (-1, 1):
                    value = best[port] + way * part * setup.conditions.supply_v
                    value = float(f"{min(max(value, setup.low_v), setup.high_v):.4g}")
                    tries[f"{port} {value:g}"] = {**best, port: value}
            made = {name: _moved(amplifier, values) for name, values in tries.items()}
            results = run.simulate({n: _task(item) for n, item in made.items()}, quiet=True)
            count += len(results)
            for name, result in results.items():
                found = _score(made[name], result)
                if found > score + 0.1:
                    best, score, better = tries[name], found, True
                    found_by = {tuple(best.items()): result}
    if best == start:
        return amplifier
    run.note(
        "at the assumed bias the gain was poor or transistors were not saturated; "
        f"{', '.join(_told(best, start))} found by a search "
        f"for gain ({count} operating points); give them with --bias and --vcm"
    )
    return _moved(amplifier, best)


def _told(best: Mapping[str, float], start: Mapping[str, float]) -> list[str]:
    return [f"{name} {value:g} V" for name, value in best.items() if value != start[name]]


def _moved(amplifier: Amplifier, values: Mapping[str, float]) -> Amplifier:
    bias = {port: value for port, value in values.items() if port != COMMON}
    setup = amplifier.setup.with_bias(bias, "searched")
    if COMMON in values:
        setup = replace(setup, conditions=replace(setup.conditions, common_v=values[COMMON]))
    return replace(amplifier, setup=setup)


def _task(amplifier: Amplifier) -> Task:
    deck = amplifier.open_loop("open loop", signal_ac=1.0)
    return Task(deck, (Op(), Ac(LOW_HZ, LOW_HZ, points=1, spacing="lin")), mos_saves(deck))


def _is_good(amplifier: Amplifier, result: SimulationResult) -> bool:
    """Return whether there is gain, at a working point where little is wrong."""
    gain = abs(_gain(amplifier, result))
    return gain >= 10 ** (POOR_DB / 20) and _loss_db(amplifier, result) < GOOD_DB


def _shortage(result: SimulationResult) -> float:
    """Return by how many volts transistors lack saturation, summed; those that are off too."""
    total = 0.0
    for point in mos_operating_points(result.operating_point).values():
        if point.region == "off":
            total += OFF_V
        elif math.isfinite(point.saturation_margin_v):
            total += min(max(0.0, MARGIN_V - point.saturation_margin_v), 1.0)
    return total


def _gain(amplifier: Amplifier, result: SimulationResult) -> complex:
    if not result.ok:
        return 0j
    return complex(np.asarray(amplifier.output(result.of("ac")))[0])


def _score(amplifier: Amplifier, result: SimulationResult) -> float:
    """Return the gain in dB, less what is wrong with the working point."""
    if not result.ok:
        return _LOWEST
    gain = _gain(amplifier, result)
    decibel = 20 * math.log10(max(abs(gain), 1e-30))
    # Close to a second operating point the gain grows without a limit, and means nothing.
    decibel = min(decibel, ENOUGH_DB) + 0.1 * max(0.0, decibel - ENOUGH_DB)
    sign = 0.0 if gain.real > 0 else -200.0
    return decibel - _loss_db(amplifier, result) + sign


def _loss_db(amplifier: Amplifier, result: SimulationResult) -> float:
    """Return what is wrong at a working point, as a loss of gain.

    The output off its place, inputs apart, inputs near a rail, transistors out of saturation.
    """
    setup, point = amplifier.setup, result.operating_point
    aim = setup.mid_v if amplifier.differential else setup.common_v
    off = abs(amplifier.middle_v(point) - aim) / setup.conditions.supply_v
    head = min(setup.common_v - setup.low_v, setup.high_v - setup.common_v)
    edge = max(0.0, 0.2 - head / setup.conditions.supply_v)
    apart = abs(point[voltage(amplifier.plus)] - point[voltage(amplifier.minus)])
    return (
        200 * max(0.0, off - 0.1)
        + 300 * edge
        + 1000 * max(0.0, apart - 0.01)
        + PER_VOLT_DB * _shortage(result)
    )
