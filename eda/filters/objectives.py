"""What a designer can ask for beyond the mask: yield, margin, few parts, small spread."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from eda.filters.evaluator import Ledger
from eda.filters.library import LibraryPart
from eda.filters.montecarlo import monte_carlo_yield, tolerances
from eda.filters.search import SAFETY_DB, Design, Search, search
from eda.filters.spec import ActiveLimits, FilterSpec, LumpedLimits, PartRule
from eda.filters.starts import Start

OBJECTIVES: Final = {
    "yield": "the mask in most filters of a batch: margin less a deviation of the parts' spread",
    "margin": "the largest margin at nominal values",
    "parts": "the fewest parts (op-amps first, then parts, of an active filter)",
    "worst-case": "the largest margin with every part at its worst tolerance at once",
    "spread": "the smallest ratio of largest to smallest value of a kind",
}

_TRIALS: Final = 60
"""Filters of a batch that compare two designs; the same draws for both."""
_SPREAD_MARGIN_DB: Final = 0.05

Say = Callable[[str], object] | None


def designs_for(
    spec: FilterSpec,
    starts: Sequence[Start],
    objective: str,
    *,
    ledger: Ledger,
    screened: bool = False,
    parts: tuple[LibraryPart, ...] = (),
    progress: Say = None,
) -> list[Design]:
    """Return snapped designs for an objective, best first; those that keep the mask lead.

    Args:
        spec: The specification.
        starts: Where to begin.
        objective: One of `OBJECTIVES`.
        ledger: Where to keep count.
        screened: Whether the starts are ranked already.
        parts: Measured parts, of which alone to build; `OBJECTIVES` other than ``margin`` and
            ``worst-case`` are for series.
        progress: Called with what is being done.
    """
    if parts:
        worst = objective == "worst-case"
        factor = 1.0 if worst else 0.0
        return search(
            spec, starts, ledger=ledger, factor=factor, worst=worst, parts=parts, progress=progress
        )
    if objective == "parts":
        return _fewest(spec, starts, ledger, progress)
    if objective == "yield":
        return _centred(spec, starts, ledger, screened, progress)
    if objective == "spread":
        return _narrowest(spec, starts, ledger, progress)
    return search(
        spec,
        starts,
        ledger=ledger,
        factor=1.0 if objective == "worst-case" else 0.0,
        worst=objective == "worst-case",
        screened=screened,
        progress=progress,
    )


def _centred(
    spec: FilterSpec,
    starts: Sequence[Start],
    ledger: Ledger,
    screened: bool,
    progress: Say,
) -> list[Design]:
    """Find designs of large margin, move the best ones away from their nearest bounds, compare."""
    found = search(spec, starts, ledger=ledger, screened=screened, progress=progress)
    solved = [item for item in found if item.margin_db >= SAFETY_DB]
    if not solved:
        return found
    if progress:
        progress("centring within tolerances")
    pool = list(solved)
    for base in solved[:2]:
        # From a nominal vertex to where a deviation of the spread is set aside as well.
        made = Search(spec, ledger, factor=1.0)
        start = Start(base.topology, base.values, base.origin)
        design, mask = made.refined(start, steps=8)
        if design.margin_db >= SAFETY_DB:
            pool.append(made.snapped(design, mask, enough_db=-np.inf, thorough=False))
    shares = {id(item): estimated_yield(spec, item, ledger) for item in pool}
    kept = [item for item in pool if item.margin_db >= SAFETY_DB]
    kept.sort(key=lambda item: (-shares[id(item)], -item.margin_db))
    return kept + [item for item in found if item not in kept]


def estimated_yield(spec: FilterSpec, design: Design, ledger: Ledger) -> float:
    """Return the share of a small batch that keeps the mask; every filter of it is charged."""
    batch = monte_carlo_yield(
        Search(spec).coarse,
        design.topology,
        design.log_values,
        tolerances(spec, design.topology),
        trials=_TRIALS,
        seed=1,
    )
    ledger.charge(_TRIALS)
    return batch.share


def cost(design: Design) -> tuple[int, int]:
    """Return op-amps and parts of a design."""
    return len(design.topology.opamps), design.topology.size


def _fewest(
    spec: FilterSpec, starts: Sequence[Start], ledger: Ledger, progress: Say
) -> list[Design]:
    """Try circuits in the order of their cost, those first that textbooks leave least wrong."""
    made = Search(spec, ledger)
    ranked = made.screen(starts)
    levels: dict[tuple[int, int], list[Start]] = {}
    for _, start in ranked:
        key = (len(start.topology.opamps), start.topology.size)
        levels.setdefault(key, []).append(start)
    found: list[Design] = []
    for key in sorted(levels):
        if progress:
            progress(f"{key[1]} parts")
        for start in levels[key][:4]:
            design, mask = made.refined(start)
            if design.margin_db < SAFETY_DB:
                found.append(design)
                continue
            snapped = made.snapped(design, mask, enough_db=SAFETY_DB)
            found.append(snapped)
        solved = [item for item in found if item.snapped and item.margin_db >= SAFETY_DB]
        if solved:
            return sorted(solved, key=lambda item: (cost(item), -item.margin_db))
    # Nothing keeps the mask: the closest, whatever it costs.
    return search(spec, starts, ledger=ledger, progress=progress)


def spread_of(design: Design) -> float:
    """Return the ratio of the largest to the smallest value, of the kind where it is largest."""
    kinds = np.array([part.kind for part in design.topology.parts])
    return float(
        np.exp(max(np.ptp(design.log_values[kinds == kind]) for kind in sorted(set(kinds))))
    )


def _narrowest(
    spec: FilterSpec, starts: Sequence[Start], ledger: Ledger, progress: Say
) -> list[Design]:
    """Narrow the allowed range of values for as long as the mask can be kept."""
    best = search(spec, starts, ledger=ledger, progress=progress)
    solved = [item for item in best if item.margin_db >= _SPREAD_MARGIN_DB]
    if not solved:
        return best
    found = list(best)
    for base in sorted(solved, key=spread_of)[:3]:
        now = base
        for _ in range(6):
            aim = spread_of(now) ** 0.8
            narrow = _narrowed(spec, now, aim)
            if narrow is None:
                break
            values = tuple(float(v) for v in np.exp(now.log_values))
            start = Start(now.topology, values, f"{base.origin}, spread {aim:.1f}")
            again = Search(narrow, ledger)
            design, mask = again.refined(start)
            if design.margin_db < _SPREAD_MARGIN_DB:
                break
            snapped = again.snapped(design, mask, enough_db=_SPREAD_MARGIN_DB)
            if snapped.margin_db < _SPREAD_MARGIN_DB or spread_of(snapped) >= spread_of(now):
                break
            now = snapped
            found.append(now)
            if progress:
                progress(f"spread {spread_of(now):.1f}")
    return sorted(found, key=lambda item: (item.margin_db < _SPREAD_MARGIN_DB, spread_of(item)))


def _narrowed(spec: FilterSpec, design: Design, aim: float) -> FilterSpec | None:
    """Return the specification with ranges no wider than ``aim`` around a design's values."""
    kinds = [part.kind for part in design.topology.parts]

    def narrow(kind: str, rule: PartRule) -> PartRule:
        own = [v for v, k in zip(design.log_values, kinds, strict=True) if k == kind]
        if not own:
            return rule
        middle = (max(own) + min(own)) / 2
        half = math.log(aim) / 2 + 1e-6
        low, high = math.exp(middle - half), math.exp(middle + half)
        return dataclasses.replace(rule, low=max(rule.low, low), high=min(rule.high, high))

    limits = spec.limits
    if isinstance(limits, LumpedLimits):
        return dataclasses.replace(
            spec,
            limits=dataclasses.replace(
                limits,
                inductor=narrow("inductor", limits.inductor),
                capacitor=narrow("capacitor", limits.capacitor),
            ),
        )
    if isinstance(limits, ActiveLimits):
        return dataclasses.replace(
            spec,
            limits=dataclasses.replace(
                limits,
                resistor=narrow("resistor", limits.resistor),
                capacitor=narrow("capacitor", limits.capacitor),
            ),
        )
    return None
