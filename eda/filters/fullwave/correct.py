"""A layout verified in full wave, and corrected by space mapping in a few calls.

What is mapped is a model that takes milliseconds: the closed forms, or the neural simulator, which
is closer to full wave and by which the layout is designed before the first call.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.evaluator import Ledger
from eda.filters.fullwave.aim import Aim, Response, aimed_spec, fit_aim
from eda.filters.fullwave.solve import FullWave
from eda.filters.mask import coarse_mask
from eda.filters.microstrip.etching import USUAL, Model, Tolerances, etching_yield
from eda.filters.microstrip.evaluator import reference_s
from eda.filters.microstrip.layout import Layout
from eda.filters.microstrip.limits import MicrostripLimits, breaches
from eda.filters.microstrip.search import GOOD_DB, PrintedDesign, PrintedSearch, search_layouts
from eda.filters.microstrip.starts import Start
from eda.filters.montecarlo import Yield
from eda.filters.spec import FilterSpec
from eda.filters.verify import Verified, dense_mask, judge

if TYPE_CHECKING:
    from eda.filters.neural.weights import NeuralWeights

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Solver = Callable[[Layout], FullWave]

MOST_CALLS: Final = 10
_FIT_POINTS: Final = 241
_BEYOND: Final = 1.45
_SAMPLES: Final = 3201
"""A model is computed once for a fit, so far beyond the bands and so densely."""

_SCREENED: Final = 3
"""Other starts that are refined by the neural simulator, where one is not enough."""

Coarse = Callable[[Layout, Real], Complex]
"""S-parameters of a layout by the model that is mapped, points x 2 x 2."""


@dataclass(frozen=True)
class Step:
    """A layout that was solved in full wave.

    Attributes:
        design: The layout, and what the model that was mapped said of the mask it was aimed at.
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

    def to_json(self) -> dict[str, object]:
        """Return what a call of full wave came to, for programs."""
        return {
            "margin_db": round(self.verified.margin_db, 6),
            "margins_db": {name: round(value, 6) for name, value in self.verified.by_band.items()},
            "met": self.met,
            "cells": self.solved.cells,
            "runs": self.solved.runs,
            "seconds": round(self.solved.seconds, 3),
            "cached": self.solved.cached,
            "frequency_scale": round(self.aim.scale, 6) if self.aim else None,
            "bandwidth_ratio": round(self.aim.stretch, 6) if self.aim else None,
        }


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
    neural: NeuralWeights | None = None,
) -> list[Step]:
    """Return what was solved in full wave, in order.

    The first is the layout as it was, or designed again by the neural simulator. After each call
    that does not keep the mask the model is aimed anew, and the layout is designed again for it.

    Args:
        spec: What full wave has to keep.
        first: A layout designed by the closed forms.
        starts: Where else a design may begin.
        solver: Full wave.
        calls: Most calls of it.
        plain: One factor on the frequency is all that is fitted.
        ledger: Where evaluations of the closed forms are counted.
        progress: Called with what is being done.
        neural: Weights of the neural simulator, which is mapped then in place of the closed forms.

    Raises:
        ToolNotFoundError: openEMS is not installed.
        SimulationError: openEMS failed.
    """
    limits = spec.printed
    ledger = ledger if ledger is not None else Ledger()
    frequency = np.unique(dense_mask(spec).frequency_hz)
    coarse = _coarse(spec, limits, neural)
    steps: list[Step] = []
    design, aim = first, None
    if neural is not None:
        if progress:
            progress("designing by the neural simulator")
        design = _foreseen(spec, limits, first, starts, ledger, neural)
    for call in range(calls):
        if progress:
            progress(f"full wave, call {call + 1} of at most {calls}")
        solved = solver(design.layout)
        verified = judge(spec, frequency, solved.at(frequency))
        steps.append(Step(design, solved, verified, tuple(breaches(design.layout, limits)), aim))
        if steps[-1].met or call == calls - 1:
            break
        if progress:
            progress("aiming anew")
        near = _frequencies(spec, solved.frequency_hz)
        closed: Response = partial(coarse, design.layout)
        closed = closed if neural is None else _sampled(closed, near)
        aim = fit_aim(spec, closed, near, solved.at(near), stretched=not plain)
        full = solved.at(frequency)
        target = aimed_spec(spec, aim, closed, frequency, full, level=not plain)
        design = _redesigned(_search(target, limits, ledger, neural), design, starts, aim)
        if any(design.layout.strips == step.design.layout.strips for step in steps):
            break
    return steps


def solved_yield(
    spec: FilterSpec, step: Step, *, tolerances: Tolerances = USUAL, seed: int
) -> Yield:
    """Return how many boards of a layout that was solved keep the mask as they are etched.

    Full wave says what the layout as drawn does. What boards change of that the neural simulator
    says; of layouts that it does not know, the closed forms, read where they follow full wave.

    Args:
        spec: The specification.
        step: A layout and what full wave says of it.
        tolerances: How far boards differ.
        seed: Draws the boards.
    """
    from eda.filters.neural.simulator import boards_of, foreseen_margin_db

    mask, layout = coarse_mask(spec), step.design.layout
    foreseen = foreseen_margin_db(spec, layout) is not None
    return etching_yield(
        spec,
        spec.printed,
        layout,
        mask,
        tolerances=tolerances,
        trials=spec.mc_trials,
        seed=seed,
        model=boards_of(layout, spec.printed.substrate) if foreseen else _aimed(spec, step),
        solved=step.solved.at(mask.frequency_hz),
    )


def _aimed(spec: FilterSpec, step: Step) -> Model:
    """Return the closed forms, read where they follow full wave on a layout that was solved."""
    near = _frequencies(spec, step.solved.frequency_hz)
    closed = partial(reference_s, spec, spec.printed, step.design.layout)
    aim = fit_aim(spec, closed, near, step.solved.at(near))

    def model(spec: FilterSpec, limits: MicrostripLimits, layout: Layout, at: Real) -> Complex:
        return reference_s(spec, limits, layout, aim.of(at))

    return model


def _coarse(spec: FilterSpec, limits: MicrostripLimits, neural: NeuralWeights | None) -> Coarse:
    if neural is None:
        return partial(reference_s, spec, limits)
    from eda.filters.neural.simulator import neural_s

    return partial(neural_s, spec, limits, weights=neural)


def _search(
    spec: FilterSpec, limits: MicrostripLimits, ledger: Ledger, neural: NeuralWeights | None
) -> PrintedSearch:
    if neural is None:
        return PrintedSearch(spec, limits, ledger)
    from eda.filters.neural.evaluator import NeuralSearch

    return NeuralSearch(spec, limits, ledger, weights=neural)


def _frequencies(spec: FilterSpec, solved_hz: Real) -> Real:
    """Return where a model is fitted: evenly, and closer around the pass bands."""
    near = np.linspace(solved_hz[0], solved_hz[-1], _FIT_POINTS)
    for band in spec.passbands:
        wide = band.f_hi_hz - band.f_lo_hz
        low = max(band.f_lo_hz - wide, near[0])
        high = min(band.f_hi_hz + wide, near[-1])
        near = np.concatenate([near, np.linspace(low, high, _FIT_POINTS)])
    return np.unique(near)


def _sampled(response: Response, near_hz: Real) -> Response:
    """Return a response that is computed once, and then read off at any factor on the frequency."""
    from scipy.interpolate import CubicSpline

    frequency = np.linspace(near_hz[0] / _BEYOND, near_hz[-1] * _BEYOND, _SAMPLES)
    found = response(frequency)
    spline = CubicSpline(frequency, np.stack([found.real, found.imag]), axis=1)

    def read(frequency_hz: Real) -> Complex:
        parts = spline(np.clip(frequency_hz, frequency[0], frequency[-1]))
        made: Complex = parts[0] + 1j * parts[1]
        return made

    return read


def _foreseen(
    spec: FilterSpec,
    limits: MicrostripLimits,
    design: PrintedDesign,
    starts: Sequence[Start],
    ledger: Ledger,
    neural: NeuralWeights,
) -> PrintedDesign:
    """Return a layout that keeps the mask by the neural simulator, or comes closest to it."""
    near = _frequencies(spec, np.array(spec.edges_hz))
    closed = partial(reference_s, spec, limits, design.layout)
    expected = _coarse(spec, limits, neural)(design.layout, near)
    aim = fit_aim(spec, closed, near, expected, stretched=False)
    return _redesigned(_search(spec, limits, ledger, neural), design, starts, aim)


def _redesigned(
    search: PrintedSearch, design: PrintedDesign, starts: Sequence[Start], aim: Aim
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
    # The less a layout changes, the better the aim holds for it.
    scaled = search.judged(template, template.snapped(moved, search.limits.grid_mm), design.origin)
    if scaled.margin_db >= GOOD_DB and not scaled.broken:
        return scaled
    made = search.design(Start(template, moved[None], design.origin), moved)
    if made.margin_db >= 0 and not made.broken:
        return made
    alike = [start for start in starts if start.template.family == template.family]
    if not alike or math.isclose(aim.scale, 1.0, abs_tol=1e-6):
        return made
    longer = [replace(start, values_mm=_lengthened(start, 1 / aim.scale)) for start in alike]
    if type(search) is PrintedSearch:
        found = search_layouts(search.spec, search.limits, longer, ledger=search.ledger)
    else:
        best = search.screen(longer)[:_SCREENED]
        found = [search.design(start, values) for _, start, values in best]
    return max([made, *found], key=lambda item: item.rank)


def _lengthened(start: Start, factor: float) -> Real:
    template = start.template
    lengths = np.array([factor if name.startswith("l") else 1.0 for name in template.names])
    return np.asarray(np.clip(start.values_mm * lengths, template.low_mm, template.high_mm))
