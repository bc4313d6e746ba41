"""The mask: where a specification is checked, and by how much a response keeps it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.nodal import Response
from eda.filters.spec import FilterSpec

Real = NDArray[np.float64]

RETURN_LOSS_WEIGHT: Final = 0.2
"""A decibel of return loss counts as a fifth of one of insertion loss."""

DB: Final = 20 / math.log(10)
_SMALLEST: Final = 1e-15


@dataclass(frozen=True)
class Mask:
    """A specification on a grid of frequencies.

    Attributes:
        spec: The specification.
        frequency_hz: Every point of every band, band after band.
        band: Index of the band of each point; pass bands come first.
    """

    spec: FilterSpec
    frequency_hz: Real
    band: NDArray[np.int64]

    @cached_property
    def passed(self) -> NDArray[np.int64]:
        """Points in pass bands."""
        return np.flatnonzero(self.band < len(self.spec.passbands))

    @cached_property
    def matched(self) -> NDArray[np.int64]:
        """Points where return loss counts."""
        wanted = [band.rl_min_db > 0 for band in self.spec.passbands]
        wanted += [False] * len(self.spec.stopbands)
        return np.flatnonzero(np.array(wanted)[self.band])

    @cached_property
    def stopped(self) -> NDArray[np.int64]:
        """Points in stop bands."""
        return np.flatnonzero(self.band >= len(self.spec.passbands))

    @cached_property
    def rippled(self) -> tuple[tuple[NDArray[np.int64], float], ...]:
        """Points of each band whose ripple is bounded, and the bound."""
        return tuple(
            (np.flatnonzero(self.band == at), band.ripple_max_db)
            for at, band in enumerate(self.spec.passbands)
            if band.ripple_max_db is not None
        )

    @cached_property
    def bounds(self) -> tuple[Real, Real, Real]:
        """Loss, return loss and attenuation asked for, at the points where each counts."""
        bands = self.spec.bands
        loss = np.array([getattr(band, "il_max_db", 0.0) for band in bands])
        match = np.array([getattr(band, "rl_min_db", 0.0) for band in bands])
        stop = np.array([getattr(band, "atten_min_db", 0.0) for band in bands])
        return (
            loss[self.band[self.passed]],
            match[self.band[self.matched]],
            stop[self.band[self.stopped]],
        )

    @property
    def gain_offset_db(self) -> float:
        """What is added to S21 in dB, so that 0 dB is what loss is relative to."""
        spec = self.spec
        if spec.technology != "active_rc":
            return 0.0
        return 20 * math.log10(math.sqrt(spec.zl_ohm / spec.zs_ohm) / 2) - spec.gain_nominal_db

    def levels(self, response: Response) -> tuple[Real, Real]:
        """Return gain and return loss in dB, designs x points."""
        gain = DB * np.log(np.maximum(np.abs(response.s21), _SMALLEST)) + self.gain_offset_db
        back = -DB * np.log(np.maximum(np.abs(response.s11), _SMALLEST))
        return gain, back

    def margins(self, gain_db: Real, back_db: Real) -> Real:
        """Return the margin in dB at each point and bound, designs x rows.

        Rows: loss in pass bands, return loss, attenuation, ripple of each band.
        """
        loss, match, stop = self.bounds
        rows = [
            loss + gain_db[:, self.passed],
            RETURN_LOSS_WEIGHT * (back_db[:, self.matched] - match),
            -gain_db[:, self.stopped] - stop,
        ]
        for points, most in self.rippled:
            inside = gain_db[:, points]
            rows.append((most - (inside.max(1) - inside.min(1)))[:, None])
        made = np.concatenate(rows, axis=1)
        # A response that overflowed meets nothing.
        return np.where(np.isfinite(made), made, -1e6)

    def slopes(self, response: Response) -> tuple[Real, Real]:
        """Return derivatives of gain and return loss in dB, designs x parts x points."""
        gain = DB * (response.d_s21 / _guarded(response.s21)[:, None]).real
        back = -DB * (response.d_s11 / _guarded(response.s11)[:, None]).real
        return gain, back

    def by_band(self, gain_db: Real, back_db: Real) -> dict[str, float]:
        """Return the least margin of one design in each band, in dB, by the band's name."""
        made = {}
        for at, band in enumerate(self.spec.bands):
            here = self.band == at
            inside, back = gain_db[here], back_db[here]
            if at < len(self.spec.passbands):
                passed = self.spec.passbands[at]
                name = f"pass {span(band.f_lo_hz, band.f_hi_hz)}"
                found = passed.il_max_db + float(inside.min())
                if passed.rl_min_db > 0:
                    match = RETURN_LOSS_WEIGHT * (float(back.min()) - passed.rl_min_db)
                    found = min(found, match)
                if passed.ripple_max_db is not None:
                    ripple = float(inside.max() - inside.min())
                    found = min(found, passed.ripple_max_db - ripple)
            else:
                stopped = self.spec.stopbands[at - len(self.spec.passbands)]
                name = f"stop {span(band.f_lo_hz, band.f_hi_hz)}"
                found = -float(inside.max()) - stopped.atten_min_db
            made[name] = found
        return made


def _guarded(value: Any) -> Any:
    return np.where(np.abs(value) < _SMALLEST, _SMALLEST, value)


def span(low_hz: float, high_hz: float) -> str:
    """Return a band for people.

    Example:
        >>> span(2.4e9, 2.5e9)
        '2.4-2.5 GHz'
    """
    power = min(max(int(math.log10(high_hz) // 3), -1), 4)
    unit = {-1: "mHz", 0: "Hz", 1: "kHz", 2: "MHz", 3: "GHz", 4: "THz"}[power]
    scale = 1000.0**power
    return f"{low_hz / scale:.6g}-{high_hz / scale:.6g} {unit}"


def grid(low_hz: float, high_hz: float, linear: int, logarithmic: int) -> Real:
    """Return points of a band, ascending, edges included, evenly and by ratio."""
    parts = [np.array([low_hz, high_hz])]
    if linear > 2:
        parts.append(np.linspace(low_hz, high_hz, linear))
    if logarithmic > 2:
        parts.append(np.geomspace(low_hz, high_hz, logarithmic))
    return np.unique(np.clip(np.concatenate(parts), low_hz, high_hz))


def make_mask(spec: FilterSpec, *, linear: int = 101, logarithmic: int = 101) -> Mask:
    """Return a mask with so many points in every band, spread evenly and by ratio."""
    points = [grid(band.f_lo_hz, band.f_hi_hz, linear, logarithmic) for band in spec.bands]
    return _of_points(spec, points)


def coarse_mask(spec: FilterSpec) -> Mask:
    """Return a mask to optimise on: as few points as show every hump."""
    points = []
    for at, band in enumerate(spec.bands):
        wide = band.f_hi_hz / band.f_lo_hz
        passed = at < len(spec.passbands)
        if wide < 1.5:
            points.append(grid(band.f_lo_hz, band.f_hi_hz, 25 if passed else 13, 0))
        else:
            count = 20 if passed else 18
            points.append(grid(band.f_lo_hz, band.f_hi_hz, count, count))
    return _of_points(spec, points)


def with_points(mask: Mask, frequency_hz: Real) -> Mask:
    """Return a mask with further points; those outside all bands are left out."""
    points = []
    for at, band in enumerate(mask.spec.bands):
        inside = (frequency_hz >= band.f_lo_hz) & (frequency_hz <= band.f_hi_hz)
        old = mask.frequency_hz[mask.band == at]
        points.append(np.unique(np.concatenate([old, frequency_hz[inside]])))
    return _of_points(mask.spec, points)


def _of_points(spec: FilterSpec, points: list[Real]) -> Mask:
    band = np.concatenate([np.full(len(item), at) for at, item in enumerate(points)])
    return Mask(spec, np.concatenate(points), band.astype(np.int64))
