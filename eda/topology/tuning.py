"""Better sizes for a new circuit: a local search on its testbench, within a number of simulations.

What is moved: widths of transistors that belong together (one polarity on one gate net), bias
voltages and currents, resistors and capacitors. What is asked for, in this order: an operating
point, every transistor saturated, a testbench that is passed, a better figure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.spice.analyses import Ac, Op
from eda.spice.measures import mos_operating_points, mos_saves
from eda.spice.simulator import simulate
from eda.topology.benches import BENCHES, figure_of_merit, opamp_works
from eda.topology.measured import EDGE_V, OFF_A, TIME_LIMIT_S
from eda.topology.parts import CAPACITOR, FIXED_PORTS, KINDS, NMOS, PMOS, RESISTOR
from eda.topology.sized import Design, design
from eda.topology.technology import LOAD_F, NARROW_M, SUPPLIES_V, WIDE_M
from eda.topology.types import TYPES

if TYPE_CHECKING:
    from eda.spice.simulation import SimulationResult

BUDGET: Final = 200
"""Simulations of one circuit at most."""


@dataclass(slots=True)
class Tuned:
    """The best sizes found.

    Attributes:
        design: The circuit with them.
        simulations: How many it took.
        score: What was reached; larger is better.
        saturated: Whether every transistor is saturated.
        works: Whether its testbench is passed.
    """

    design: Design
    simulations: int
    score: float
    saturated: bool
    works: bool


def tune(
    start: Design,
    *,
    budget: int = BUDGET,
    seed: int = 0,
    merit: bool = False,
    **options: Any,
) -> Tuned:
    """Search for better sizes.

    Args:
        start: Where to begin.
        budget: Simulations at most.
        seed: Of the draws.
        merit: Whether to go on for the figure of merit when all else is reached.
        options: Those of `eda.spice.simulate`.

    Raises:
        SimulatorNotFoundError: ngspice is not installed.
    """
    return _Search(start, budget, seed, merit, {"time_limit_s": TIME_LIMIT_S, **options}).run()


class _Search:
    def __init__(
        self, start: Design, budget: int, seed: int, merit: bool, options: dict[str, Any]
    ) -> None:
        self.budget, self.merit, self.options = budget, merit, options
        self.rng = np.random.default_rng(seed)
        self.bench = BENCHES.get(TYPES[start.topology.type].testbench)
        self.used = 0
        self.best = self._try(start)

    def run(self) -> Tuned:
        """Return the best that was found."""
        lower = self.best.design.supply_v < SUPPLIES_V[-1]
        if lower and not self._done() and self.used < self.budget:
            higher = design(self.best.design.topology, supply_v=SUPPLIES_V[-1])
            self._better(self._try(higher))
        groups = matched_groups(self.best.design)
        step, failed = 0.5, 0
        while self.used < self.budget and not self._done():
            moved = self._moved(self.best.design, groups, step)
            if self._better(self._try(moved)):
                failed = 0
            else:
                failed += 1
                if failed % 15 == 0:
                    step = max(0.05, step * 0.7)
        return replace(self.best, simulations=self.used)

    def _done(self) -> bool:
        if self.merit:
            return False
        return self.best.saturated and (self.best.works or self.bench is None)

    def _better(self, made: Tuned) -> bool:
        if made.score > self.best.score:
            self.best = made
            return True
        return False

    def _moved(self, design: Design, groups: list[list[int]], step: float) -> Design:
        rng = self.rng
        sizes = [dict(item) for item in design.sizes]
        volts = list(design.voltages)
        feeds = dict(design.feeds)
        held = [net for net, own in enumerate(design.topology.net_class) if own in FIXED_PORTS]
        for _ in range(1 + int(rng.integers(3))):
            draw = rng.random()
            if draw < 0.3 and held:
                net = held[int(rng.integers(len(held)))]
                moved = volts[net] + 0.15 * step * rng.normal()
                volts[net] = float(np.clip(moved, 0.0, design.supply_v))
            elif draw < 0.4 and feeds:
                net = list(feeds)[int(rng.integers(len(feeds)))]
                feeds[net] *= math.exp(step * rng.normal())
            elif groups:
                group = groups[int(rng.integers(len(groups)))]
                factor = math.exp(step * rng.normal())
                for at in group:
                    _scale(sizes[at], factor)
        return replace(design, sizes=tuple(sizes), voltages=tuple(volts), feeds=feeds)

    def _try(self, made: Design) -> Tuned:
        self.used += 1
        score, saturated, works = -1e6, False, False
        deck, analyses = made.deck(), [Op()]
        if self.bench is not None and made.topology.type == "opamp":
            decks = self.bench.decks(made)
            if decks:
                deck = decks[0][0]
                analyses += [Ac(1.0, 100e9, points=5)]  # type: ignore[list-item]
        result = simulate(deck, *analyses, save=mos_saves(deck), **self.options)
        if result.ok:
            score, saturated = _strain(result)
            if len(analyses) > 1 and self.bench is not None:
                metrics = self.bench.read(made, [result])
                works = opamp_works(metrics)
                score += _wanted(metrics)
                if self.merit:
                    score += math.log1p(figure_of_merit(metrics, LOAD_F)) if works else 0.0
            elif self.bench is not None and saturated:
                works = True  # the whole bench is run once, at the end
        return Tuned(made, self.used, score, saturated, works)


def _strain(result: SimulationResult) -> tuple[float, bool]:
    """Return minus how far transistors are from saturation, in tenths of a volt."""
    total, good = 0.0, True
    for point in mos_operating_points(result.operating_point).values():
        lack = point.vdsat_v - EDGE_V - point.vds_v
        on = abs(point.id_a) > OFF_A
        good = good and lack <= 0 and on
        total += min(max(lack, 0.0) * 10, 5.0) + 0.05 * (lack > 0) + 2.0 * (not on)
    return -total, good


def _wanted(metrics: dict[str, float]) -> float:
    """Return a reward for gain up to 40 dB, and for a phase margin up to 60 degrees."""
    gain = metrics.get("gain_db", math.nan)
    margin = metrics.get("phase_margin_deg", math.nan)
    reward = min(max(gain, -20.0), 40.0) / 20 if math.isfinite(gain) else -1.0
    if math.isfinite(margin):
        reward += min(margin, 60.0) / 30
    return reward + 1.0 * opamp_works(metrics)


def _scale(size: dict[str, float], factor: float) -> None:
    for key in ("w", "value", "area"):
        if key in size:
            size[key] *= factor
    if "w" in size:
        size["w"] = min(max(size["w"], NARROW_M), WIDE_M)


def matched_groups(made: Design) -> list[list[int]]:
    """Return devices that are sized together: transistors that share gate or source, pairs.

    Halves of a differential circuit have equal currents and sizes from the start; those that
    are equal in kind and size stay equal.
    """
    found: dict[tuple[object, ...], list[int]] = {}
    for at, (kind, _) in enumerate(made.topology.devices):
        size = made.sizes[at]
        if kind in (NMOS, PMOS):
            found.setdefault((kind, f"{size['w']:.3g}"), []).append(at)
        elif kind in (RESISTOR, CAPACITOR):
            found.setdefault((kind, f"{size['value']:.3g}"), []).append(at)
        else:
            found.setdefault((KINDS[kind].name, at), []).append(at)
    return list(found.values())
