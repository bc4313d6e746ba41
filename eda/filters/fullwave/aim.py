"""Space mapping: where to aim the closed forms so that full wave hits the mask.

The closed forms, read at other frequencies, follow full wave: ``f' = scale * c * (f / c)**stretch``
with the middle c of the specification. A scale above one says that full wave lies lower; a stretch
above one that its pass band is narrower. What is left in the bands is a difference of decibels.
A mask moved by both is what the closed forms have to keep (aggressive space mapping: J. W. Bandler
et al., "Electromagnetic optimization exploiting aggressive space mapping", IEEE Trans. MTT 43
(1995), with the mapping on frequency).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.mask import DB
from eda.filters.spec import FilterSpec
from eda.filters.verify import judge

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Response = Callable[[Real], Complex]
"""S-parameters of a layout, points x 2 x 2, by frequencies in Hz."""

FLOOR_DB: Final = -40.0
"""Below this transmissions count as alike."""

_MATCH_FLOOR_DB: Final = -20.0
_MATCH_WEIGHT: Final = 0.3
_SCALES: Final = np.geomspace(0.84, 1.16, 129)
_STRETCHES: Final = (0.8, 1.25)
_WORTH: Final = 0.8
"""A stretch has to bring the error down to this share."""

_MOST_DB: Final = {"il": 1.5, "rl": 4.0, "atten": 6.0}
"""How far a bound is moved at once."""

_LEAST_IL_DB: Final = 0.05


@dataclass(frozen=True, slots=True)
class Aim:
    """How full wave differs from the closed forms.

    Attributes:
        centre_hz: The frequency that stays in its place when the band is stretched.
        scale: The closed forms are read at so many times the frequency.
        stretch: Ratio of bandwidths, closed forms to full wave.
        error_db: Mean difference of the transmissions that is left, above the floor.
    """

    centre_hz: float
    scale: float
    stretch: float = 1.0
    error_db: float = 0.0

    def of(self, frequency_hz: Real) -> Real:
        """Return where the closed forms are to be read for full wave at some frequencies."""
        ratio: Real = frequency_hz / self.centre_hz
        return self.scale * self.centre_hz * ratio**self.stretch


def difference_db(closed: Complex, full: Complex) -> float:
    """Return the mean difference of |S21| in dB, where either is above the floor."""
    a, b = _levels(closed[:, 1, 0]), _levels(full[:, 1, 0])
    seen = (a > FLOOR_DB) | (b > FLOOR_DB)
    if not seen.any():
        return 0.0
    return float(np.abs(np.maximum(a, FLOOR_DB) - np.maximum(b, FLOOR_DB))[seen].mean())


def _levels(value: Complex) -> Real:
    return np.asarray(DB * np.log(np.maximum(np.abs(value), 1e-12)))


def fit_aim(
    spec: FilterSpec, closed: Response, frequency_hz: Real, full: Complex, *, stretched: bool = True
) -> Aim:
    """Return the aim that brings the closed forms closest to full wave.

    Args:
        spec: Its centre stays when the band is stretched.
        closed: The closed forms of the layout that was solved.
        frequency_hz: Where full wave is known.
        full: Points x 2 x 2.
        stretched: Whether the bandwidth may differ too, where that explains a good part of the
            difference; else one factor on the frequency is all.
    """
    from scipy.optimize import minimize

    def miss(logs: Real) -> float:
        if not math.log(_STRETCHES[0]) <= logs[1] <= math.log(_STRETCHES[1]):
            return 1e3
        aim = Aim(spec.centre_hz, math.exp(logs[0]), math.exp(logs[1]))
        found = closed(aim.of(frequency_hz))
        back = [np.maximum(_levels(s[:, 0, 0]), _MATCH_FLOOR_DB) for s in (found, full)]
        return difference_db(found, full) + _MATCH_WEIGHT * float(np.abs(back[0] - back[1]).mean())

    def made(logs: Real) -> Aim:
        aim = Aim(spec.centre_hz, math.exp(logs[0]), math.exp(logs[1]))
        return replace(aim, error_db=difference_db(closed(aim.of(frequency_hz)), full))

    best = min((np.array([math.log(scale), 0.0]) for scale in _SCALES), key=miss)
    step = math.log(_SCALES[1] / _SCALES[0])
    best = min((best + np.array([at * step, 0.0]) for at in np.linspace(-1, 1, 41)), key=miss)
    plain = made(best)
    if not stretched:
        return plain
    corners = best + np.array([[0.0, 0.0], [step, 0.0], [0.0, 0.03]])
    more = {"initial_simplex": corners, "xatol": 1e-5, "fatol": 1e-4, "maxiter": 120}
    found = made(minimize(miss, best, method="Nelder-Mead", options=more).x)
    # A stretch that explains little sends the next layout astray.
    return found if found.error_db < _WORTH * plain.error_db else plain


def aimed_spec(
    spec: FilterSpec, aim: Aim, closed: Response, frequency_hz: Real, full: Complex, *, level: bool
) -> FilterSpec:
    """Return the mask that the closed forms have to keep.

    Args:
        spec: The mask that full wave has to keep.
        aim: From :func:`fit_aim`.
        closed: The closed forms of the layout that was solved.
        frequency_hz: Where full wave is known; every band is covered.
        full: Points x 2 x 2.
        level: Whether bounds are moved by the decibels that are left, too.
    """
    predicted = closed(aim.of(frequency_hz))
    worst = [_worst(spec, frequency_hz, s) for s in (predicted, full)]

    def moved(name: str, at: int) -> float:
        gap = worst[0][name][at] - worst[1][name][at] if level else 0.0
        return min(max(gap, -_MOST_DB[name]), _MOST_DB[name])

    def edges(low_hz: float, high_hz: float) -> dict[str, float]:
        low, high = aim.of(np.array([low_hz, high_hz]))
        return {"f_lo_hz": float(low), "f_hi_hz": float(high)}

    passed = tuple(
        replace(
            band,
            **edges(band.f_lo_hz, band.f_hi_hz),
            il_max_db=max(band.il_max_db + moved("il", at), _LEAST_IL_DB),
            rl_min_db=max(band.rl_min_db + moved("rl", at), 0.1) if band.rl_min_db > 0 else 0.0,
        )
        for at, band in enumerate(spec.passbands)
    )
    stopped = tuple(
        replace(
            band,
            **edges(band.f_lo_hz, band.f_hi_hz),
            atten_min_db=max(band.atten_min_db + moved("atten", at), 0.1),
        )
        for at, band in enumerate(spec.stopbands)
    )
    return replace(spec, passbands=passed, stopbands=stopped)


def _worst(spec: FilterSpec, frequency_hz: Real, s: Complex) -> dict[str, list[float]]:
    """Return the least of gain (il), return loss (rl) and attenuation in each band."""
    verified = judge(spec, frequency_hz, s)
    found: dict[str, list[float]] = {"il": [], "rl": [], "atten": []}
    for at in range(len(spec.bands)):
        here = verified.mask.band == at
        if at < len(spec.passbands):
            # A loss is a negative gain: where full wave loses more, less is allowed.
            found["il"].append(-float(verified.gain_db[here].min()))
            found["rl"].append(float(verified.back_db[here].min()))
        else:
            found["atten"].append(-float(verified.gain_db[here].max()))
    return found
