"""A family of layouts with numbers left open: what a search moves, and how it is drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.microstrip.layout import Layout
from eda.filters.microstrip.limits import APART_HEIGHTS, MicrostripLimits
from eda.filters.microstrip.line import static_line
from eda.filters.microstrip.pair import static_pair
from eda.filters.microstrip.substrate import LIGHT_M_PER_S, Substrate

Real = NDArray[np.float64]

WIDEST_HEIGHTS: Final = 9.0
"""Strips wider than this, in heights of the board, are outside of the closed forms of pairs."""

_TABLE: Final = 400
"""Points of a table that a closed form is turned around with."""


@dataclass(frozen=True)
class Template:
    """A topology whose sizes are open.

    Attributes:
        family: As in the specification.
        order: How many resonators, or elements of a low-pass.
        names: What each value is, as ``w1`` (width), ``g1`` (gap) or ``l1`` (length).
        low_mm: Smallest value of each.
        high_mm: Largest.
        draw: Makes the layout of values in mm; with a grid, derived lengths lie on it too.
    """

    family: str
    order: int
    names: tuple[str, ...]
    low_mm: Real
    high_mm: Real
    draw: Callable[[Real | Sequence[float], float], Layout]

    def snapped(self, values_mm: Real, grid_mm: float) -> Real:
        """Return values on the grid, inside their bounds, which need not lie on it."""
        low = np.ceil(self.low_mm / grid_mm - 1e-6)
        high = np.maximum(np.floor(self.high_mm / grid_mm + 1e-6), low)
        rounded = np.clip(np.round(values_mm / grid_mm), low, high) * grid_mm
        return np.round(rounded, 9)


def bounds_of(
    names: Sequence[str], limits: MicrostripLimits, longest_mm: float
) -> tuple[Real, Real]:
    """Return smallest and largest values by the first letter of their names."""
    height = 1e3 * limits.substrate.height_m
    grid = limits.grid_mm
    table = {
        "w": (limits.min_width_mm, WIDEST_HEIGHTS * height),
        "g": (limits.min_gap_mm, WIDEST_HEIGHTS * height),
        "l": (max(limits.min_width_mm, 0.25 * height, grid), longest_mm),
    }
    pairs = [table[name[0]] for name in names]
    return np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])


def apart_mm(width_a_mm: float, width_b_mm: float, board: Substrate, grid_mm: float) -> float:
    """Return the distance of the centre lines of strips that must not couple."""
    wanted = APART_HEIGHTS * 1e3 * board.height_m + (width_a_mm + width_b_mm) / 2
    return math.ceil(wanted / grid_mm - 1e-6) * grid_mm if grid_mm else wanted


def quarter_mm(frequency_hz: float, permittivity: float) -> float:
    """Return a quarter of a wavelength on a line."""
    return 1e3 * LIGHT_M_PER_S / (4 * frequency_hz * math.sqrt(permittivity))


def line_width_mm(impedance_ohm: float, board: Substrate) -> float:
    """Return the width of a line of an impedance.

    Example:
        >>> round(line_width_mm(50.0, Substrate(er=3.66, height_m=0.508e-3)), 2)
        1.11
    """
    return 1e3 * float(np.exp(np.interp(-impedance_ohm, *_widths(board))))


@lru_cache(maxsize=256)
def _widths(board: Substrate) -> tuple[Real, Real]:
    """Return falling impedances, with their sign turned, and logarithms of widths in metres."""
    widths = np.geomspace(2e-3 * board.height_m, 100 * board.height_m, _TABLE)
    return -np.asarray(static_line(widths, board)[0]), np.log(widths)


def line_permittivity_of(width_mm: float, board: Substrate) -> float:
    """Return the static effective permittivity of a strip."""
    return float(static_line(np.array([1e-3 * width_mm]), board)[1][0])


def gap_mm(coupling: float, width_mm: float, board: Substrate) -> float:
    """Return the gap at which a pair has (Ze - Zo) / (Ze + Zo) of a size."""
    return 1e3 * float(np.exp(np.interp(-coupling, *_gaps(width_mm, board))))


@lru_cache(maxsize=256)
def _gaps(width_mm: float, board: Substrate) -> tuple[Real, Real]:
    """Return falling couplings, with their sign turned, and logarithms of gaps in metres."""
    gaps = np.geomspace(0.02 * board.height_m, WIDEST_HEIGHTS * board.height_m, _TABLE)
    ohm, _ = static_pair(np.full(_TABLE, 1e-3 * width_mm), gaps, board)
    return -np.asarray((ohm.even - ohm.odd) / (ohm.even + ohm.odd)), np.log(gaps)
