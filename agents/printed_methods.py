"""Ways to design a printed filter, side by side: textbooks, optimisers, all on one record."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.descent import descend
from eda.filters.evaluator import BudgetSpentError, Ledger
from eda.filters.microstrip.search import PrintedDesign, PrintedSearch, search_layouts
from eda.filters.microstrip.starts import Start, reserve_layouts, textbook_layouts
from eda.filters.microstrip.template import Template
from eda.filters.spec import FilterSpec

Real = NDArray[np.float64]

_SPREAD: Final = 0.1
_TOPOLOGIES: Final = 6
_DRAWN: Final = 25


@dataclass(frozen=True)
class PrintedOutcome:
    """What a way of designing came to.

    Attributes:
        design: The layout; None where there is none.
        ledger: What was spent.
        seconds: Time it took, simulation left out.
    """

    design: PrintedDesign | None
    ledger: Ledger
    seconds: float


@dataclass
class _Best:
    """The best layout so far; what is delivered when the budget is spent."""

    design: PrintedDesign | None = None

    def offer(self, design: PrintedDesign) -> bool:
        """Keep a layout where it is better; return whether it keeps the mask and its limits."""
        if self.design is None or design.rank > self.design.rank:
            self.design = design
        return design.margin_db >= 0 and not design.broken


Method = Callable[[PrintedSearch, list[Start], np.random.Generator, _Best], None]


def run_printed(name: str, spec: FilterSpec, *, seed: int, budget: int) -> PrintedOutcome:
    """Design a printed filter in one of the ways of `PRINTED_METHODS`, within a budget.

    Args:
        name: Which.
        spec: The specification.
        seed: Where chance enters, it starts from here.
        budget: Most calls and gradients together.
    """
    ledger = Ledger(limit=budget)
    best = _Best()
    begun = time.perf_counter()
    starts = textbook_layouts(spec, spec.printed)
    try:
        if starts:
            made = PrintedSearch(spec, spec.printed, ledger)
            PRINTED_METHODS[name](made, starts, np.random.default_rng(seed), best)
    except BudgetSpentError:
        pass
    return PrintedOutcome(best.design, ledger, time.perf_counter() - begun)


def _textbook(
    made: PrintedSearch, starts: list[Start], random: np.random.Generator, best: _Best
) -> None:
    """The first textbook layout by rank, its sizes not on the grid."""
    _, start, values = made.screen(starts)[0]
    best.offer(made.judged(start.template, values, start.origin))


def _rounded(
    made: PrintedSearch, starts: list[Start], random: np.random.Generator, best: _Best
) -> None:
    grid = made.limits.grid_mm
    for _, start, values in made.screen(starts):
        if best.offer(
            made.judged(start.template, start.template.snapped(values, grid), start.origin)
        ):
            return


def _random(
    made: PrintedSearch, starts: list[Start], random: np.random.Generator, best: _Best
) -> None:
    ranked = made.screen(starts)[:_TOPOLOGIES]
    grid = made.limits.grid_mm
    while True:
        _, start, values = ranked[int(random.integers(len(ranked)))]
        template = start.template
        moved = values * np.exp(random.normal(0.0, _SPREAD, (_DRAWN, len(values))))
        tried = np.array([template.snapped(item, grid) for item in moved])
        # The best of a batch on the coarse mask is looked at closely.
        at = int(np.argmax(made.rated(template, np.log(tried))))
        if best.offer(made.judged(template, tried[at], start.origin)):
            return


def _cma(
    made: PrintedSearch, starts: list[Start], random: np.random.Generator, best: _Best
) -> None:
    for _, start, values in made.screen(starts)[:_TOPOLOGIES]:
        if best.offer(made.evolved(start, values, seed=int(random.integers(1, 2**31)))):
            return


def _lbfgs(
    made: PrintedSearch, starts: list[Start], random: np.random.Generator, best: _Best
) -> None:
    for _, start, values in made.screen(starts)[:_TOPOLOGIES]:
        low, high = _bounds(start.template)
        x = descend(made.coarse, start.template, np.log(values), low, high)
        if best.offer(made.on_grid(start, np.exp(x))):
            return


def _programs(
    made: PrintedSearch, starts: list[Start], random: np.random.Generator, best: _Best
) -> None:
    """What `eda design-filter` does."""
    more = partial(reserve_layouts, made.spec, made.limits)
    search_layouts(
        made.spec, made.limits, starts, reserve=more, ledger=made.ledger, each=best.offer
    )


def _bounds(template: Template) -> tuple[Real, Real]:
    return np.log(template.low_mm), np.log(template.high_mm)


PRINTED_METHODS: Final[dict[str, Method]] = {
    "textbook": _textbook,
    "textbook+snap": _rounded,
    "random": _random,
    "CMA-ES": _cma,
    "L-BFGS multistart": _lbfgs,
    "linear programs": _programs,
}
"""Every way by its name; the last is that of the command."""
