"""Yield of a printed filter: what etching, permittivity and thickness of the board do to it.

Copper that is etched too far has narrower strips and wider gaps, on the whole board alike; a
laminate's permittivity and thickness differ from sheet to sheet. All three are drawn evenly.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.mask import Mask
from eda.filters.microstrip.evaluator import reference_s
from eda.filters.microstrip.layout import Layout
from eda.filters.microstrip.limits import MicrostripLimits
from eda.filters.montecarlo import Yield
from eda.filters.nodal import Response
from eda.filters.spec import FilterSpec

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Model = Callable[[FilterSpec, MicrostripLimits, Layout, Real], Complex]
"""S-parameters of a layout at some frequencies, points x 2 x 2."""


@dataclass(frozen=True, slots=True)
class Tolerances:
    """How far boards differ from what was ordered, each way.

    Attributes:
        etch_mm: Change of a strip's width; the gap beside it changes the other way.
        permittivity: Relative change of the permittivity.
        height: Relative change of the thickness.
    """

    etch_mm: float = 0.015
    permittivity: float = 0.015
    height: float = 0.05


_LEAST_MM: Final = 1e-3

USUAL: Final = Tolerances()
"""Of common makers: 15 um of copper, 1.5 % of permittivity (FR-4: more), 5 % of thickness."""


def etching_yield(
    spec: FilterSpec,
    limits: MicrostripLimits,
    layout: Layout,
    mask: Mask,
    *,
    tolerances: Tolerances = USUAL,
    trials: int,
    seed: int,
    model: Model = reference_s,
    solved: Complex | None = None,
) -> Yield:
    """Return how many of a batch of boards keep the mask.

    Args:
        spec: The specification.
        limits: The board that was ordered.
        layout: What is printed.
        mask: Where to look.
        tolerances: How far boards differ.
        trials: How many boards.
        seed: The same seed draws the same boards.
        model: Of boards; the closed forms where nothing is named.
        solved: What full wave says of the layout as drawn, at the frequencies of the mask, points x
            2 x 2. The model then says by how many decibels a board differs from it.
    """
    random = np.random.default_rng(seed)
    margins = np.empty(trials)
    points = len(mask.frequency_hz)
    low, high = np.full(points, np.inf), np.full(points, -np.inf)

    def levels(s: Complex) -> tuple[Real, Real]:
        return mask.levels(Response(s[None, :, 1, 0], s[None, :, 0, 0]))

    more: tuple[Real, ...] = (np.zeros(points), np.zeros(points))
    if solved is not None:
        drawn = levels(model(spec, limits, layout, mask.frequency_hz))
        more = tuple(full - own for full, own in zip(levels(solved), drawn, strict=True))
    for at, (etch, er, height) in enumerate(random.uniform(-1.0, 1.0, (trials, 3))):
        board = replace(
            limits.substrate,
            er=max(1.0, limits.substrate.er * (1 + tolerances.permittivity * er)),
            height_m=limits.substrate.height_m * (1 + tolerances.height * height),
        )
        found = model(
            spec,
            replace(limits, substrate=board),
            _etched(layout, tolerances.etch_mm * etch),
            mask.frequency_hz,
        )
        gain, back = (own + extra for own, extra in zip(levels(found), more, strict=True))
        margins[at] = mask.margins(gain, back).min()
        low, high = np.minimum(low, gain[0]), np.maximum(high, gain[0])
    return Yield(int((margins >= 0).sum()), trials, margins, low, high)


def _etched(layout: Layout, wider_mm: float) -> Layout:
    """Return a layout whose strips are all wider by the same; no strip vanishes, and no gap."""
    room_mm = min((layout.gap_mm(pair) for pair in layout.coupled), default=math.inf) - _LEAST_MM
    wider_mm = min(wider_mm, room_mm)
    strips = tuple(
        replace(strip, width_mm=max(strip.width_mm + wider_mm, _LEAST_MM))
        for strip in layout.strips
    )
    return replace(layout, strips=strips)
