"""What an agent sees of a printed filter: mask and board, sizes, and how the mask is kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.features import band_features
from eda.filters.mask import RETURN_LOSS_WEIGHT, Mask
from eda.filters.microstrip.limits import MicrostripLimits
from eda.filters.microstrip.template import (
    Template,
    line_permittivity_of,
    line_width_mm,
    quarter_mm,
)
from eda.filters.spec import FilterSpec

Real = NDArray[np.float64]
Row = NDArray[np.float32]

FAMILIES: Final = ("edge_coupled", "hairpin", "open_loop", "stepped_impedance", "stub")
MOST_SIZES: Final = 24
"""Sizes that are shown and can be changed; a larger layout keeps the textbook's for the rest."""

BANDS: Final = 6
THIRDS: Final = 3
"""Parts of a band whose margins are shown."""

_SOFT_DB: Final = 5.0
_BANDS_OF_MASK: Final = 42
_LIMITS: Final = 9
SIZE: Final = _BANDS_OF_MASK + _LIMITS + len(FAMILIES) + 2 + 2 * MOST_SIZES + BANDS * THIRDS + 1


def mask_row(spec: FilterSpec, limits: MicrostripLimits) -> Row:
    """Return the bands, the board and the limits; lengths as shares of a wave, or of the height."""
    board = limits.substrate
    height = 1e3 * board.height_m
    quarter = _quarter_mm(spec, limits)
    small, large = sorted(limits.footprint_mm)
    made = [
        *band_features(spec),
        *(math.log(board.er) / 3, math.log10(height / quarter) / 2, 10 * board.tan_delta),
        *(math.log(limits.min_width_mm / height) / 4, math.log(limits.min_gap_mm / height) / 4),
        *(math.log(small / quarter) / 3, math.log(large / quarter) / 3),
        *(limits.max_order / 12, float(limits.vias)),
    ]
    return np.clip(np.array(made, dtype=np.float32), -1.0, 1.0)


def size_row(
    template: Template, log_values: Real, spec: FilterSpec, limits: MicrostripLimits, *, step: float
) -> Row:
    """Return family, order and step, and of each size how large it is and where in its bounds.

    Args:
        template: The layout's topology.
        log_values: Logarithms of its sizes in mm.
        spec: What is designed for.
        limits: Its limits.
        step: Share of the episode that is over.
    """
    count = min(len(log_values), MOST_SIZES)
    quarter, height = _quarter_mm(spec, limits), 1e3 * limits.substrate.height_m
    unit = np.log([quarter if name[0] == "l" else height for name in template.names])
    low, high = np.log(template.low_mm), np.log(template.high_mm)
    sizes = np.zeros((2, MOST_SIZES))
    sizes[0, :count] = np.tanh((log_values - unit) / 2)[:count]
    sizes[1, :count] = (2 * (log_values - low) / np.maximum(high - low, 1e-9) - 1)[:count]
    made = [float(template.family == name) for name in FAMILIES]
    made += [template.order / 12, step]
    row = np.concatenate([made, sizes.ravel()])
    return np.asarray(np.clip(row, -1.0, 1.0), dtype=np.float32)


def margin_row(mask: Mask, gain_db: Real, back_db: Real, beyond: float) -> Row:
    """Return the least margins of the thirds of each band, and how far limits are broken.

    Args:
        mask: The mask.
        gain_db: Gain at its points.
        back_db: Return loss there.
        beyond: By how much the worst limit is broken, in heights of the board.
    """
    made = np.zeros(BANDS * THIRDS + 1)
    found = _by_point(mask, gain_db, back_db)
    for band in range(min(len(mask.spec.bands), BANDS)):
        here = np.flatnonzero(mask.band == band)
        for third, points in enumerate(np.array_split(here, THIRDS)):
            made[THIRDS * band + third] = math.tanh(float(found[points].min()) / _SOFT_DB)
    made[-1] = math.tanh(beyond)
    return made.astype(np.float32)


def _by_point(mask: Mask, gain_db: Real, back_db: Real) -> Real:
    loss, match, stop = mask.bounds
    found = np.full(len(mask.frequency_hz), np.inf)
    found[mask.passed] = loss + gain_db[mask.passed]
    matched = RETURN_LOSS_WEIGHT * (back_db[mask.matched] - match)
    found[mask.matched] = np.minimum(found[mask.matched], matched)
    found[mask.stopped] = -gain_db[mask.stopped] - stop
    return np.where(np.isfinite(found), found, -1e3)


def _quarter_mm(spec: FilterSpec, limits: MicrostripLimits) -> float:
    width = line_width_mm(limits.port_ohm, limits.substrate)
    return quarter_mm(spec.centre_hz, line_permittivity_of(width, limits.substrate))


def joined(rows: Sequence[Row]) -> Row:
    """Return the observation that the rows make."""
    return np.concatenate(rows).astype(np.float32)
