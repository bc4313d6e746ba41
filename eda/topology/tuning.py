"""Better sizes for a new circuit: a local search on its testbench, within a number of simulations.

What is moved are the wishes that sizes follow from: currents and overdrives of transistors that
are alike, drops over resistors, capacitances. So every try keeps Kirchhoff's law and, where that
can be, saturation; a search over the sizes themselves loses both at the first step. What is asked
for, in this order: an operating point, every transistor saturated, a testbench that is passed, a
better figure.
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
from eda.topology.parts import CAPACITOR, DIODE, INDUCTOR, KINDS, NMOS, NPN, PMOS, PNP, RESISTOR
from eda.topology.sized import Design, Wishes, design
from eda.topology.technology import LOAD_F, SUPPLIES_V
from eda.topology.types import TYPES

if TYPE_CHECKING:
    from eda.spice.simulation import SimulationResult

BUDGET: Final = 200
"""Simulations of one circuit at most."""
_CURRENT, _VOLTAGE, _VALUE = range(3)
_MOVED: Final = {
    **dict.fromkeys((NMOS, PMOS), (_CURRENT, _VOLTAGE)),
    **dict.fromkeys((NPN, PNP, DIODE), (_CURRENT,)),
    RESISTOR: (_VOLTAGE,),
    **dict.fromkeys((CAPACITOR, INDUCTOR), (_VALUE,)),
}
"""Which wishes there are of a device, by kind."""
_RANGE: Final = (1 / 20, 20.0)
"""How far a wish may be from the usual."""


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
        topology = self.best.design.topology
        lower = self.best.design.supply_v < SUPPLIES_V[-1]
        if lower and not self._done() and self.used < self.budget:
            self._better(self._try(design(topology, supply_v=SUPPLIES_V[-1])))
        groups = matched_groups(self.best.design)
        wishes = Wishes.usual(len(topology))
        step, failed = 0.6, 0
        while self.used < self.budget and groups and not self._done():
            moved = self._moved(wishes, groups, step)
            made = design(topology, supply_v=self.best.design.supply_v, wishes=moved)
            if self._better(self._try(made)):
                wishes, failed = moved, 0
            else:
                failed += 1
                if failed % 15 == 0:
                    step = max(0.1, step * 0.7)
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

    def _moved(self, wishes: Wishes, groups: list[list[int]], step: float) -> Wishes:
        """Return wishes of which those of one to three groups are other ones."""
        rng, topology = self.rng, self.best.design.topology
        made = Wishes(wishes.current.copy(), wishes.voltage.copy(), wishes.value.copy())
        for _ in range(1 + int(rng.integers(3))):
            group = groups[int(rng.integers(len(groups)))]
            moved = _MOVED[topology.devices[group[0]][0]]
            wish = (made.current, made.voltage, made.value)[moved[int(rng.integers(len(moved)))]]
            wish[group] = np.clip(wish[group] * math.exp(step * rng.normal()), *_RANGE)
        return made

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
