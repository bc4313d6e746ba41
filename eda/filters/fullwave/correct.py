"""A layout verified in full wave, and corrected by space mapping in a few calls."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.evaluator import Ledger
from eda.filters.fullwave.aim import Aim, aimed_spec, fit_aim
from eda.filters.fullwave.solve import FullWave
from eda.filters.microstrip.evaluator import reference_s
from eda.filters.microstrip.layout import Layout
from eda.filters.microstrip.limits import MicrostripLimits, breaches
from eda.filters.microstrip.search import GOOD_DB, PrintedDesign, PrintedSearch, search_layouts
from eda.filters.microstrip.starts import Start
from eda.filters.spec import FilterSpec
from eda.filters.verify import Verified, dense_mask, judge

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Solver = Callable[[Layout], FullWave]

MOST_CALLS: Final = 10
_FIT_POINTS: Final = 241


@dataclass(frozen=True)
class Step:
    """A layout that was solved in full wave.

    Attributes:
        design: The layout, and what the closed forms said of the mask they were aimed at.
        solved: Full wave, as solved.
        verified: Full wave, judged by the specification.
        broken: Limits that the layout breaks.
        aim: How full wave was expected to differ; None for the first.
    """

    design: PrintedDesign
    solved: FullWave
    verified: Verified
    broken: tuple[str, ...]
    aim: Aim | None

    @property
    def rank(self) -> tuple[bool, float]:
        """Sorts better layouts higher."""
        return not self.broken, self.verified.margin_db

    @property
    def met(self) -> bool:
        """Whether full wave keeps the mask, and the layout every limit."""
        return self.verified.margin_db >= 0 and not self.broken


def corrected(
    spec: FilterSpec,
    first: PrintedDesign,
    starts: Sequence[Start],
    solver: Solver,
    *,
    calls: int,
    plain: bool = False,
    ledger: Ledger | None = None,
    progress: Callable[[str], object] | None = None,
) -> list[Step]:
    """Return what was solved in full wave, in order; the first is the layout as it was.

    After each call that does not keep the mask the closed forms are aimed anew, and the layout is
    designed again for them.

    Args:
        spec: What full wave has to keep.
        first: A layout designed by the closed forms.
        starts: Where else a design may begin.
        solver: Full wave.
        calls: Most calls of it.
        plain: One factor on the frequency is all that is fitted.
        ledger: Where evaluations of the closed forms are counted.
        progress: Called with what is being done.

    Raises:
        ToolNotFoundError: openEMS is not installed.
        SimulationError: openEMS failed.
    """
    limits = spec.printed
    ledger = ledger if ledger is not None else Ledger()
    frequency = np.unique(dense_mask(spec).frequency_hz)
    steps: list[Step] = []
    design, aim = first, None
    for call in range(calls):
        if progress:
            progress(f"full wave, call {call + 1} of at most {calls}")
        solved = solver(design.layout)
        verified = judge(spec, frequency, solved.at(frequency))
        steps.append(Step(design, solved, verified, tuple(breaches(design.layout, limits)), aim))
        if steps[-1].met or call == calls - 1:
            break
        if progress:
            progress("aiming the closed forms anew")
        aim, target = _aimed(spec, limits, design.layout, solved, frequency, plain=plain)
        design = _redesigned(target, limits, design, starts, aim, ledger)
        if any(design.layout.strips == step.design.layout.strips for step in steps):
            break
    return steps


def _aimed(
    spec: FilterSpec,
    limits: MicrostripLimits,
    layout: Layout,
    solved: FullWave,
    frequency_hz: Real,
    *,
    plain: bool,
) -> tuple[Aim, FilterSpec]:
    closed = partial(reference_s, spec, limits, layout)
    near = np.linspace(solved.frequency_hz[0], solved.frequency_hz[-1], _FIT_POINTS)
    for band in spec.passbands:
        wide = band.f_hi_hz - band.f_lo_hz
        low = max(band.f_lo_hz - wide, near[0])
        high = min(band.f_hi_hz + wide, near[-1])
        near = np.concatenate([near, np.linspace(low, high, _FIT_POINTS)])
    near = np.unique(near)
    aim = fit_aim(spec, closed, near, solved.at(near), stretched=not plain)
    full = solved.at(frequency_hz)
    return aim, aimed_spec(spec, aim, closed, frequency_hz, full, level=not plain)


def _redesigned(
    target: FilterSpec,
    limits: MicrostripLimits,
    design: PrintedDesign,
    starts: Sequence[Start],
    aim: Aim,
    ledger: Ledger,
) -> PrintedDesign:
    """Return the best layout for a mask that was moved, of the same kind where that is good."""
    template = design.template
    # Lengths first: they follow the frequency.
    moved = np.array(
        [
            value / aim.scale if name.startswith("l") else value
            for name, value in zip(template.names, design.values_mm, strict=True)
        ]
    )
    moved = np.clip(moved, template.low_mm, template.high_mm)
    search = PrintedSearch(target, limits, ledger)
    # The less a layout changes, the better the aim holds for it.
    scaled = search.judged(template, template.snapped(moved, limits.grid_mm), design.origin)
    if scaled.margin_db >= GOOD_DB and not scaled.broken:
        return scaled
    made = search.design(Start(template, moved[None], design.origin), moved)
    if made.margin_db >= 0 and not made.broken:
        return made
    alike = [start for start in starts if start.template.family == template.family]
    if not alike or math.isclose(aim.scale, 1.0, abs_tol=1e-6):
        return made
    longer = [replace(start, values_mm=_lengthened(start, 1 / aim.scale)) for start in alike]
    found = search_layouts(target, limits, longer, ledger=ledger)
    return max([made, *found], key=lambda item: item.rank)


def _lengthened(start: Start, factor: float) -> Real:
    template = start.template
    lengths = np.array([factor if name.startswith("l") else 1.0 for name in template.names])
    return np.asarray(np.clip(start.values_mm * lengths, template.low_mm, template.high_mm))
