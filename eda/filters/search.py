"""The search: screen the starts, refine the best, snap them, and rank what comes out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.evaluator import Evaluator, Ledger
from eda.filters.library import LibraryEvaluator, LibraryPart
from eda.filters.mask import Mask, coarse_mask, with_points
from eda.filters.montecarlo import tolerances
from eda.filters.network import Topology
from eda.filters.nodal import physics_of
from eda.filters.refine import Allowance, refine
from eda.filters.series import values
from eda.filters.snap import Snapped, Snapper
from eda.filters.spec import FilterSpec
from eda.filters.stability import is_stable
from eda.filters.starts import Start, log_bounds, rule_of, rules_of
from eda.filters.verify import dense_mask

Real = NDArray[np.float64]

SAFETY_DB: Final = 0.01
"""Margin a design must have in T0, so that rounding in ngspice costs it nothing."""

_USUAL: Final = 6
_MORE: Final = 12
"""Starts that are refined as a rule; and further ones where none of those led to a design."""

_SHORT_DB: Final = -8.0
"""A cascade this far from the mask is not worth other capacitors."""

_GAP_DB: Final = 0.02
"""Where the dense mask says so much less than the coarse one, its worst points are added."""


@dataclass(frozen=True, eq=False)
class Design:
    """A circuit with values.

    Attributes:
        topology: The circuit.
        log_values: Natural logarithms of the values.
        margin_db: Least margin on the dense mask.
        robust_db: Least margin less the allowance for spread; the margin where none was asked.
        origin: Where it came from.
        snapped: Whether every value is of its series.
    """

    topology: Topology
    log_values: Real
    margin_db: float
    robust_db: float
    origin: str
    snapped: bool

    @property
    def values(self) -> tuple[float, ...]:
        """The values in SI units; those of a series as the series writes them."""
        return tuple(float(f"{value:.12g}") for value in np.exp(self.log_values))


@dataclass
class Search:
    """A search for one specification; keeps its masks and its record.

    Attributes:
        spec: The specification.
        ledger: What was spent.
        factor: Standard deviations of the spread of values that are set aside while searching;
            0 for none.
        worst: Whether all values are taken to err in the worst direction instead.
        parts: Measured parts, of which alone the filter is made; empty for the series.
    """

    spec: FilterSpec
    ledger: Ledger = field(default_factory=Ledger)
    factor: float = 0.0
    worst: bool = False
    parts: tuple[LibraryPart, ...] = ()

    def __post_init__(self) -> None:
        """Make the evaluators."""
        physics = physics_of(self.spec)
        coarse, dense = coarse_mask(self.spec), dense_mask(self.spec)
        self.coarse = Evaluator(coarse, physics, self.ledger)
        self.dense = Evaluator(dense, physics, self.ledger)
        if self.parts:
            self.coarse = LibraryEvaluator(coarse, physics, self.ledger, self.parts)
            self.dense = LibraryEvaluator(dense, physics, self.ledger, self.parts)

    def screen(self, starts: Sequence[Start]) -> list[tuple[float, Start]]:
        """Return the best start of every topology with its margin, best first."""
        groups: dict[Topology, list[Start]] = defaultdict(list)
        for item in starts:
            groups[item.topology].append(item)
        found = []
        for topology, items in groups.items():
            low, high = log_bounds(rules_of(self.spec, topology))
            inside = np.clip(np.log([item.values for item in items]), low, high)
            margins = self.coarse.margin(topology, inside)
            for at in np.argsort(-margins)[:5]:
                if not topology.opamps or is_stable(
                    topology, items[at].values, self.coarse.physics
                ):
                    found.append((float(margins[at]), items[at]))
                    break
        found.sort(key=lambda pair: -pair[0])
        return found

    def rounded(self, starts: Sequence[Start], *, most: int = 400) -> list[Design]:
        """Return starts with every value rounded to its neighbour, those that keep the mask."""
        found = []
        for start in starts[:most]:
            snapper = self.snapper(start.topology, self.coarse.mask)
            x = snapper.on_grid(np.log(start.values))
            margin = snapper.margin(x)
            if margin >= SAFETY_DB:
                found.append(self._judged(start.topology, Snapped(x, margin), start.origin))
        return found

    def refined(self, start: Start, *, steps: int = 25) -> tuple[Design, Mask]:
        """Return the best free values near a start, and the mask that shows all its humps."""
        topology = start.topology
        low, high = log_bounds(rules_of(self.spec, topology))
        x = np.clip(np.log(start.values), low, high)
        mask = self.coarse.mask
        allowance = self._allowance(topology)
        margin, robust = -np.inf, -np.inf
        free = self._movable(topology)
        valid = self._valid(topology)
        for turn in range(3):
            evaluator = self.coarse.on(mask)
            made = refine(
                evaluator,
                topology,
                x,
                low,
                high,
                steps=steps if turn == 0 else 6,
                free=free,
                allowance=allowance,
                first_step=0.2 if turn == 0 else 0.03,
                valid=valid,
            )
            if turn == 0 and free is not None and _SHORT_DB < made.margin_db < SAFETY_DB * 5:
                # The capacitors it was sized with do not do; they may move, and be snapped later.
                made = refine(
                    evaluator,
                    topology,
                    made.log_values,
                    low,
                    high,
                    steps=steps,
                    allowance=allowance,
                    first_step=0.1,
                    valid=valid,
                )
            x, robust = made.log_values, made.margin_db
            gain, back = self.dense.levels(topology, x)
            rows = self.dense.mask.margins(gain[None], back[None])[0]
            margin = float(rows.min())
            known = self.coarse.on(mask).mask
            if allowance is None and margin > robust - _GAP_DB:
                break
            if allowance is not None and turn:
                break
            mask = with_points(known, self._worst_points(gain, back))
            if robust < -3.0:
                break
        design = Design(topology, x, margin, min(robust, margin), start.origin, False)
        return design, mask

    def snapped(
        self, design: Design, mask: Mask, *, enough_db: float, thorough: bool = True
    ) -> Design:
        """Return a design near another whose values are all of their series.

        Args:
            design: Free values.
            mask: Where to look at it.
            enough_db: Margin, less the allowance, at which the search ends.
            thorough: Whether to fix values one by one and exchange them where it is short.
        """
        snapper = self.snapper(design.topology, mask)
        tried = [self._first_snap(snapper, design)]
        if max(item.margin_db for item in tried) < enough_db and thorough:
            tried.append(snapper.one_by_one(design.log_values))
        best = max(tried, key=lambda item: item.margin_db)
        if best.margin_db < enough_db and thorough:
            best = snapper.exchange(best, enough_db=enough_db)
        return self._judged(design.topology, best, design.origin)

    def snapper(self, topology: Topology, mask: Mask) -> Snapper:
        """Return what snaps designs of a topology, looking at them on a mask."""
        rules = rules_of(self.spec, topology)
        low, high = log_bounds(rules)
        return Snapper(
            self.coarse.on(mask),
            topology,
            [self._grid(part.kind) for part in topology.parts],
            low,
            high,
            self._allowance(topology),
            self._valid(topology),
        )

    def _grid(self, kind: str) -> Real:
        """Return the logarithms of all values that parts of a kind may have, ascending."""
        allowed = values(rule_of(self.spec, kind))
        if self.parts:
            allowed = np.unique([part.value for part in self.parts if part.kind == kind])
        return np.log(allowed)

    def _first_snap(self, snapper: Snapper, design: Design) -> Snapped:
        kinds = np.array([part.kind for part in design.topology.parts])
        if self.spec.technology != "active_rc":
            return snapper.at_once(design.log_values, enough_db=max(design.robust_db * 0.7, 0.03))
        groups = [np.flatnonzero(kinds == "resistor")]
        x = design.log_values
        if np.abs(snapper.on_grid(x) - x)[kinds == "capacitor"].max(initial=0.0) > 1e-9:
            groups.insert(0, np.flatnonzero(kinds == "capacitor"))
        return snapper.in_groups(x, groups)

    def _judged(self, topology: Topology, best: Snapped, origin: str) -> Design:
        margin = float(self.dense.margin(topology, best.log_values[None])[0])
        made = Design(topology, best.log_values, margin, min(best.margin_db, margin), origin, True)
        if topology.opamps and not is_stable(topology, made.values, self.dense.physics):
            return Design(topology, best.log_values, -999.0, -999.0, origin, True)
        return made

    def _allowance(self, topology: Topology) -> Allowance | None:
        if not self.factor:
            return None
        return Allowance(tolerances(self.spec, topology), self.factor, self.worst)

    def _movable(self, topology: Topology) -> NDArray[np.bool_] | None:
        """Capacitors of a cascade stay at the values of the series they were sized with."""
        if self.spec.technology != "active_rc":
            return None
        return np.array([part.kind == "resistor" for part in topology.parts])

    def _valid(self, topology: Topology) -> Callable[[Real], bool] | None:
        if not topology.opamps:
            return None
        return lambda x: is_stable(topology, tuple(np.exp(x)), self.coarse.physics)

    def _worst_points(self, gain: Real, back: Real) -> Real:
        """Return the points of the dense mask where each band is worst, locally."""
        mask = self.dense.mask
        found = []
        for at in range(len(self.spec.bands)):
            here = np.flatnonzero(mask.band == at)
            for level in (gain[here], back[here]):
                inner = level[1:-1]
                low = (inner <= level[:-2]) & (inner <= level[2:])
                high = (inner >= level[:-2]) & (inner >= level[2:])
                places = here[1:-1][low | high]
                found.append(mask.frequency_hz[places[:24]])
        return np.concatenate(found)


def search(
    spec: FilterSpec,
    starts: Sequence[Start],
    *,
    ledger: Ledger | None = None,
    refine_most: int = 6,
    snap_most: int = 4,
    factor: float = 0.0,
    worst: bool = False,
    first: bool = False,
    screened: bool = False,
    parts: tuple[LibraryPart, ...] = (),
    progress: Callable[[str], object] | None = None,
) -> list[Design]:
    """Return snapped designs, best first.

    Args:
        spec: The specification.
        starts: Where to begin.
        ledger: Where to keep count.
        refine_most: How many topologies to refine.
        snap_most: How many of those to snap.
        factor: Standard deviations of spread to set aside.
        worst: Whether to set aside the worst case instead.
        first: Whether to end at the first design that keeps the mask.
        screened: Whether the starts are ranked already, best first.
        parts: Measured parts, of which alone to build.
        progress: Called with what is being done.
    """
    ledger = ledger if ledger is not None else Ledger()
    made = Search(spec, ledger, factor, worst, parts)
    say = progress or (lambda text: None)
    ranked = [(0.0, item) for item in starts] if screened else made.screen(starts)
    refined: list[tuple[Design, Mask]] = []
    found: list[Design] = []
    for _, start in ranked[:refine_most]:
        say(f"refining {start.topology.name}")
        refined.append(made.refined(start))
        if first and refined[-1][0].robust_db > 0.1:
            design, mask = refined.pop()
            say(f"snapping {design.topology.name}")
            found.append(made.snapped(design, mask, enough_db=SAFETY_DB, thorough=False))
            if found[-1].margin_db >= SAFETY_DB:
                return found
            refined.append((design, mask))
    refined.sort(key=lambda pair: -pair[0].robust_db)
    for thorough in (False, True):
        for design, mask in refined[:snap_most]:
            if thorough and design.margin_db < SAFETY_DB:
                continue
            say(f"snapping {design.topology.name}")
            snapped = made.snapped(design, mask, enough_db=SAFETY_DB, thorough=thorough)
            found.append(snapped)
            if (first or thorough) and snapped.margin_db >= SAFETY_DB:
                break
        if any(item.margin_db >= SAFETY_DB for item in found):
            break
    if not (first or screened) and not any(item.margin_db >= SAFETY_DB for item in found):
        found += _further(made, starts, ranked, say)
    if not (screened or parts) and not any(item.margin_db >= SAFETY_DB for item in found):
        # Now and then chance rounds a textbook filter better than any search does.
        say("rounding textbook filters")
        found += made.rounded(starts)
    found.sort(key=lambda item: (item.margin_db < 0, -item.robust_db))
    return found


def _further(
    made: Search,
    starts: Sequence[Start],
    ranked: Sequence[tuple[float, Start]],
    say: Callable[[str], object],
) -> list[Design]:
    """Refine and snap what was passed over: other topologies, and other values of the best."""
    tried = {id(start) for _, start in ranked[:_USUAL]}
    best = [start.topology for _, start in ranked[:_USUAL]]
    rest = [start for _, start in ranked[_USUAL:]]
    others = [start for start in starts if start.topology in best and id(start) not in tried]
    others.sort(key=lambda start: best.index(start.topology))
    found: list[Design] = []
    for start in [*rest[:_MORE], *others[:_MORE]]:
        design, mask = made.refined(start)
        if design.margin_db < SAFETY_DB:
            continue
        say(f"snapping {design.topology.name}")
        found.append(made.snapped(design, mask, enough_db=SAFETY_DB))
        if found[-1].margin_db >= SAFETY_DB:
            break
    return found
