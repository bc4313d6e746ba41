"""Yield of a printed filter: what etching, permittivity and thickness of the board do to it.

Copper that is etched too far has narrower strips and wider gaps, on the whole board alike; a
laminate's permittivity and thickness differ from sheet to sheet. All three are drawn evenly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.mask import Mask
from eda.filters.microstrip.layout import Layout
from eda.filters.microstrip.limits import MicrostripLimits
from eda.filters.microstrip.network import Sizes, scattering, sizes_of
from eda.filters.montecarlo import Yield
from eda.filters.nodal import Response
from eda.filters.spec import FilterSpec

Real = NDArray[np.float64]


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
) -> Yield:
    """Return how many of a batch of boards keep the mask, by the closed forms.

    Args:
        spec: The specification.
        limits: The board that was ordered.
        layout: What is printed.
        mask: Where to look.
        tolerances: How far boards differ.
        trials: How many boards.
        seed: The same seed draws the same boards.
    """
    random = np.random.default_rng(seed)
    plain = sizes_of(layout)
    margins = np.empty(trials)
    points = len(mask.frequency_hz)
    low, high = np.full(points, np.inf), np.full(points, -np.inf)
    for at, (etch, er, height) in enumerate(random.uniform(-1.0, 1.0, (trials, 3))):
        board = replace(
            limits.substrate,
            er=max(1.0, limits.substrate.er * (1 + tolerances.permittivity * er)),
            height_m=limits.substrate.height_m * (1 + tolerances.height * height),
        )
        found = scattering(
            layout,
            _etched(plain, 1e-3 * tolerances.etch_mm * etch),
            mask.frequency_hz,
            board,
            zs_ohm=spec.zs_ohm,
            zl_ohm=spec.zl_ohm,
        )
        gain, back = mask.levels(Response(found.s21, found.s11))
        margins[at] = mask.margins(gain, back).min()
        low, high = np.minimum(low, gain[0]), np.maximum(high, gain[0])
    return Yield(int((margins >= 0).sum()), trials, margins, low, high)


def _etched(sizes: Sizes, wider_m: float) -> Sizes:
    """Return sizes whose strips are all wider by the same; none vanishes."""
    least = 1e-6
    return Sizes(
        {name: np.maximum(width + wider_m, least) for name, width in sizes.width_m.items()},
        sizes.length_m,
        {pair: np.maximum(gap - wider_m, least) for pair, gap in sizes.gap_m.items()},
    )
