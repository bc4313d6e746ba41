"""The search for a layout: screen textbook layouts, refine the best, snap them to the grid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from eda.filters.descent import descend
from eda.filters.evaluator import Ledger
from eda.filters.mask import coarse_mask, with_points
from eda.filters.microstrip.evaluator import LayoutEvaluator
from eda.filters.microstrip.fences import Fences
from eda.filters.microstrip.free_template import free_template
from eda.filters.microstrip.layout import Layout
from eda.filters.microstrip.limits import MicrostripLimits, breaches
from eda.filters.microstrip.starts import Start
from eda.filters.microstrip.template import Real, Template
from eda.filters.nodal import Physics
from eda.filters.refine import refine
from eda.filters.spec import FilterSpec
from eda.filters.verify import dense_mask

GOOD_DB: Final = 0.25
"""A margin with which the search is content: deck and etching take a part of it."""

_REFINED: Final = 8
_CLOSE_DB: Final = 0.2
_DESCENTS: Final = 1
_STEPS: Final = 30
_FIRST_STEP: Final = 0.05
_HOPELESS_DB: Final = 12.0
_NEARLY_DB: Final = 1.5
_AGAIN: Final = 3
_SWEEPS: Final = 3
_EVOLVED: Final = 700
_TOPOLOGIES: Final = 3

_OUTSIDE_DB: Final = 40.0
"""What a start loses in the ranking by being larger than its limits, by that share."""

_BEYOND_DB: Final = 100.0
"""What a millimetre beyond a limit costs on the grid."""


@dataclass(frozen=True)
class PrintedDesign:
    """A layout with values on the grid.

    Attributes:
        template: Its topology.
        values_mm: Sizes, in the order of the template's names.
        layout: The copper.
        margin_db: Least margin on the dense mask, by the closed forms.
        broken: Limits that it breaks, a sentence each.
        origin: Where the search began.
    """

    template: Template
    values_mm: Real
    layout: Layout
    margin_db: float
    broken: tuple[str, ...]
    origin: str

    @property
    def met(self) -> bool:
        """Whether the closed forms keep the mask, and the layout every limit."""
        return self.margin_db >= 0 and not self.broken

    @property
    def rank(self) -> tuple[bool, bool, float]:
        """Sorts better designs higher: limits first, then the mask, then the margin."""
        return not self.broken, self.margin_db >= 0, self.margin_db


@dataclass
class PrintedSearch:
    """A search for one specification; keeps its masks and its record.

    Attributes:
        spec: The specification.
        limits: What a layout must keep.
        ledger: What was spent.
    """

    spec: FilterSpec
    limits: MicrostripLimits
    ledger: Ledger = field(default_factory=Ledger)

    def __post_init__(self) -> None:
        """Make the evaluators."""
        physics = Physics(self.spec.zs_ohm, self.spec.zl_ohm)
        board = self.limits.substrate
        self.coarse = LayoutEvaluator(coarse_mask(self.spec), physics, self.ledger, board)
        self.dense = LayoutEvaluator(dense_mask(self.spec), physics, self.ledger, board)
        self.delivered = replace(self.dense, grid_mm=self.limits.grid_mm)

    def screen(self, starts: Sequence[Start]) -> list[tuple[float, Start, Real]]:
        """Return margin, start and best values of every start, best first."""
        found = []
        for start in starts:
            margins = self.coarse.margin(start.template, np.log(start.values_mm))
            beyond = Fences(start.template, self.limits).broken_mm(start.values_mm)
            margins = margins - _OUTSIDE_DB * beyond / max(self.limits.footprint_mm)
            at = int(margins.argmax())
            found.append((float(margins[at]), start, start.values_mm[at]))
        found.sort(key=lambda item: -item[0])
        return found

    def design(self, start: Start, values_mm: Real) -> PrintedDesign:
        """Return the best layout near a start, its sizes on the grid."""
        template = start.template
        low, high = np.log(template.low_mm), np.log(template.high_mm)
        fence = Fences.free(template, self.limits).linearised
        evaluator, x = self.coarse, np.log(values_mm)
        for turn in range(2):
            made = refine(
                evaluator,
                template,
                x,
                low,
                high,
                steps=_STEPS if turn == 0 else _STEPS // 3,
                first_step=_FIRST_STEP if turn == 0 else _FIRST_STEP / 5,
                fence=fence,
            )
            x = made.log_values
            rows = self.dense.margins(template, x[None])[0]
            if rows.min() > made.margin_db - 0.02 or made.margin_db < -3:
                break
            gain, back = self.dense.levels(template, x)
            evaluator = evaluator.on(with_points(evaluator.mask, _humps(self.dense, gain, back)))
        return self.on_grid(start, np.exp(x), evaluator)

    def descended(self, start: Start, values_mm: Real) -> PrintedDesign:
        """Return the best layout near where L-BFGS ends from a start.

        A smoothed minimum leads past corners in which linear programs stop.
        """
        low, high = np.log(start.template.low_mm), np.log(start.template.high_mm)
        x = descend(self.coarse, start.template, np.log(values_mm), low, high)
        return self.design(start, np.exp(x))

    def on_grid(
        self, start: Start, values_mm: Real, evaluator: LayoutEvaluator | None = None
    ) -> PrintedDesign:
        """Return the best layout on the grid near values.

        Args:
            start: Its topology and origin.
            values_mm: Sizes on no grid.
            evaluator: Whose mask to look at; by default the coarse one.
        """
        template = start.template
        first = template.snapped(values_mm, self._grid)
        values = self._exchanged(evaluator or self.coarse, template, first)
        return self.judged(template, values, start.origin)

    def evolved(self, start: Start, values_mm: Real, *, seed: int = 1) -> PrintedDesign:
        """Return the best layout that CMA-ES finds around a start, its sizes on the grid.

        It looks at the worst margin alone, with no slopes, and so leaves valleys in which linear
        programs stop; it takes some hundred evaluations.
        """
        import cma

        low, high = np.log(start.template.low_mm), np.log(start.template.high_mm)
        options = {
            "bounds": [list(low - 1e-6), list(high + 1e-6)],
            "verbose": -9,
            "seed": seed,
            "maxfevals": _EVOLVED,
            "tolfun": 1e-3,
        }
        x = np.clip(np.log(values_mm), low + 1e-9, high - 1e-9)
        strategy = cma.CMAEvolutionStrategy(list(x), _FIRST_STEP, options)
        while not strategy.stop():
            asked = np.array(strategy.ask())
            strategy.tell(list(asked), list(-self.rated(start.template, asked)))
        return self.on_grid(start, np.exp(np.asarray(strategy.result.xbest)))

    def rated(self, template: Template, log_values: Real) -> Real:
        """Return the coarse margins of designs, less what they lie beyond their limits."""
        beyond = Fences.free(template, self.limits).broken_mm(np.exp(log_values))
        return np.asarray(self.coarse.margin(template, log_values) - _BEYOND_DB * beyond)

    def judged(self, template: Template, values_mm: Real, origin: str) -> PrintedDesign:
        """Return the design of values on the grid, with its margin and what it breaks."""
        layout = template.draw(values_mm, self._grid)
        margin = float(self.delivered.margin(template, np.log(values_mm)[None])[0])
        broken = tuple(breaches(layout, self.limits))
        return PrintedDesign(template, values_mm, layout, margin, broken, origin)

    @property
    def _grid(self) -> float:
        return self.limits.grid_mm

    def _exchanged(self, evaluator: LayoutEvaluator, template: Template, values: Real) -> Real:
        """Return better values on the grid: one step of one size at a time."""
        fences = Fences(template, self.limits)

        def rated(tried: Real) -> Real:
            beyond = fences.broken_mm(tried, grid_mm=self._grid)
            margins = evaluator.margin(template, np.log(tried))
            return np.asarray(margins - _BEYOND_DB * np.where(beyond > 1e-6, beyond, 0.0))

        best = float(rated(values[None])[0])
        moves = np.concatenate([np.eye(len(values)), -np.eye(len(values))]) * self._grid
        for _ in range(_SWEEPS * len(values)):
            tried = template.snapped(values + moves, self._grid)
            margins = rated(tried)
            at = int(margins.argmax())
            if margins[at] <= best + 1e-3:
                break
            best, values = float(margins[at]), tried[at]
        return values


def _humps(evaluator: LayoutEvaluator, gain: Real, back: Real) -> Real:
    """Return the points where gain or return loss has a local extreme."""
    mask = evaluator.mask
    found = []
    for at in range(len(mask.spec.bands)):
        here = np.flatnonzero(mask.band == at)
        for level in (gain[here], back[here]):
            turn = np.diff(np.sign(np.diff(level)))
            found.append(mask.frequency_hz[here[1:-1][turn != 0][:24]])
    return np.concatenate(found)


def search_layouts(
    spec: FilterSpec,
    limits: MicrostripLimits,
    starts: Sequence[Start],
    *,
    reserve: Callable[[], Sequence[Start]] = tuple,
    ledger: Ledger | None = None,
    progress: Callable[[str], object] | None = None,
    each: Callable[[PrintedDesign], object] = lambda _: None,
) -> list[PrintedDesign]:
    """Return layouts on the grid, best first.

    Args:
        spec: The specification.
        limits: What a layout must keep.
        starts: Where to begin.
        reserve: Makes further starts, where none of those meets the mask.
        ledger: Where to keep count.
        progress: Called with what is being done.
        each: Called with every layout as it is found.
    """
    made = PrintedSearch(spec, limits, ledger if ledger is not None else Ledger())
    found = _refined(made, starts, progress, each)
    found.sort(key=lambda item: item.rank, reverse=True)
    if found and -_NEARLY_DB < found[0].margin_db < 0:
        if progress:
            progress("freeing sizes")
        found += _freed(made, found, each)
        found.sort(key=lambda item: item.rank, reverse=True)
    if not found or not found[0].met:
        known = {start.origin for start in starts}
        others = [start for start in reserve() if start.origin not in known]
        starts = [*starts, *others]
        found += _refined(made, others, progress, each)
        found.sort(key=lambda item: item.rank, reverse=True)
    if found and -_NEARLY_DB < found[0].margin_db < 0:
        if progress:
            progress("trying once more")
        found += _further(made, starts, found, each)
        found.sort(key=lambda item: item.rank, reverse=True)
    if found and -_NEARLY_DB < found[0].margin_db < 0:
        for _, start, values in made.screen(starts)[:_TOPOLOGIES]:
            if progress:
                progress(f"evolving {start.origin}")
            found.append(made.evolved(start, values))
            each(found[-1])
            if found[-1].met:
                break
        found.sort(key=lambda item: item.rank, reverse=True)
    return found


def _refined(
    made: PrintedSearch,
    starts: Sequence[Start],
    progress: Callable[[str], object] | None,
    each: Callable[[PrintedDesign], object],
) -> list[PrintedDesign]:
    """Refine starts, the best first, until one is good."""
    found: list[PrintedDesign] = []
    descents = 0
    for margin, start, values in made.screen(starts)[:_REFINED]:
        if margin < -_HOPELESS_DB and any(item.met for item in found):
            break
        if progress:
            progress(f"refining {start.origin}")
        found.append(made.design(start, values))
        each(found[-1])
        if -_CLOSE_DB < found[-1].margin_db < 0 and descents < _DESCENTS:
            descents += 1
            found.append(made.descended(start, values))
            each(found[-1])
        if found[-1].margin_db >= GOOD_DB and not found[-1].broken:
            break
    return found


def _freed(
    made: PrintedSearch,
    found: Sequence[PrintedDesign],
    each: Callable[[PrintedDesign], object],
) -> list[PrintedDesign]:
    """Refine the best layouts with all their sizes open, also those that their templates derive."""
    freed: list[PrintedDesign] = []
    for item in found[:_AGAIN]:
        if item.broken or item.margin_db < -_NEARLY_DB:
            continue
        template, own = free_template(item.layout, made.limits)
        freed.append(made.design(Start(template, own[None], item.origin), own))
        each(freed[-1])
        if freed[-1].met:
            break
    return freed


def _further(
    made: PrintedSearch,
    starts: Sequence[Start],
    found: Sequence[PrintedDesign],
    each: Callable[[PrintedDesign], object],
) -> list[PrintedDesign]:
    """Refine the best topologies again, from values that were passed over."""
    known = {id(start.template) for start in starts}
    best = [item.template for item in found if id(item.template) in known][:_AGAIN]
    again: list[PrintedDesign] = []
    for start in (start for template in best for start in starts if start.template is template):
        margins = made.coarse.margin(start.template, np.log(start.values_mm))
        for at in np.argsort(-margins)[1 : 1 + _AGAIN]:
            again.append(made.design(start, start.values_mm[at]))
            each(again[-1])
            if again[-1].met:
                return again
    return again


def held_back(design: PrintedDesign, limits: MicrostripLimits) -> tuple[str, ...]:
    """Return which limits a design that fails has run into, a phrase each."""
    template, values, grid = design.template, design.values_mm, limits.grid_mm
    found = []
    for letter, least, what in (
        ("g", limits.min_gap_mm, "gaps"),
        ("w", limits.min_width_mm, "widths"),
    ):
        at = [
            name
            for name, value, low in zip(template.names, values, template.low_mm, strict=True)
            if name[0] == letter and value <= low + grid
        ]
        if at:
            found.append(f"{what} {', '.join(at)} at the least allowed, {least:g} mm")
    slack = Fences(template, limits).slack_mm(values[None], grid_mm=grid)[0]
    if slack[:2].min() < 5 * grid:
        wide, high = limits.footprint_mm
        found.append(f"footprint {wide:g} x {high:g} mm")
    if len(slack) > 2 and slack[2:].min() < 3 * grid:
        found.append("least distances of strips that must not couple or touch")
    if template.order >= limits.max_order:
        found.append(f"largest order {limits.max_order}")
    return tuple(found)
