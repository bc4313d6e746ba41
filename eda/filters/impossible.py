"""What theory forbids: too few parts for the mask, too much loss, too slow an op-amp.

* **Order.** With N reactive parts, 1/|S21|^2 - 1 is a rational function of the squared frequency,
  of degree N. How much larger it can be in the stop bands than in the pass bands is bounded by
  exp(N w), where w is the voltage between the plates of the condenser that the bands form
  (Zolotarev's problem; an elliptic filter comes within 6 dB).
* **Loss.** With parts of quality Q the response is that of a lossless network at frequencies
  turned by 1/Q into the right half plane, where |S21| is at most 1. What is stopped on parts of
  that ray holds down what is between (harmonic measure), whatever the order. That the inductors'
  and capacitors' losses count by their mean is exact for equal ones.
* **Gain.** N op-amps have at most (gain-bandwidth / frequency)^N of gain, and passive parts at
  the ports have no more than the ports allow.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.chebyshev_charges import Charges
from eda.filters.mask import span
from eda.filters.nodal import physics_of
from eda.filters.spec import FilterSpec, LumpedLimits

Real = NDArray[np.float64]

_DB: Final = 10 / math.log(10)
_PANELS: Final = 120
"""On every stop band, for the bound on loss."""

_LOSS_CAUTION: Final = 0.9
"""The loss bound is used with a tenth less loss than the parts have."""


def why_impossible(spec: FilterSpec) -> str:
    """Return why theory forbids a specification, or nothing where it does not.

    Example:
        >>> from eda.filters.terse import terse_spec
        >>> why_impossible(terse_spec(lowpass="1MHz", stop="1.1MHz:80dB", parts=3))[:34]
        'order limit: 3 reactive parts stop'
    """
    for reason in (_order_limit, _loss_limit, _gain_limit):
        found = reason(spec)
        if found:
            return found
    return ""


def most_attenuation_db(spec: FilterSpec, parts: int) -> float:
    """Return the largest attenuation that so many reactive parts have in all stop bands at once.

    Each band counts by what it asks for: the bound is on the weakest. 0 where nothing is known.
    """
    loss = min(band.il_max_db for band in spec.passbands)
    passed = 10 ** (loss / 10) - 1
    if passed <= 0:
        return 0.0
    voltage = _voltage(spec)
    # Values 0..e in pass bands and d..inf in stop bands, mapped to equal halves: about e/4d.
    rho = math.exp(-min(parts * voltage, 600.0))
    kappa = 4 * rho / (1 + rho) ** 2
    return _DB * math.log(1 + passed / kappa)


def _voltage(spec: FilterSpec) -> float:
    """Return the voltage between pass and stop bands as plates of unit charge, in x = f^2."""
    middle = spec.centre_hz**2

    def mapped(low: float, high: float) -> tuple[float, float]:
        # A Moebius map leaves the condenser as it is and makes the bands alike in size.
        ends = [(f * f - middle) / (f * f + middle) for f in (low, high)]
        return ends[0], ends[1]

    plates = [mapped(band.f_lo_hz, band.f_hi_hz) for band in spec.passbands]
    passed = len(plates)
    plates += _joined([mapped(band.f_lo_hz, band.f_hi_hz) for band in spec.stopbands])
    charges = Charges(plates)
    count = len(charges.points)
    # Unknown: the coefficients, and the potential of each of the two plates.
    system = np.zeros((count + 2, count + 2))
    target = np.zeros(count + 2)
    system[:count, :count] = charges.matrix()
    for at in range(len(plates)):
        side = 0 if at < passed else 1
        system[at * charges.terms : (at + 1) * charges.terms, count + side] = -1.0
        system[count + side, :count] += charges.total(at)
    target[count], target[count + 1] = 1.0, -1.0
    solved = np.linalg.solve(system, target)
    return float(solved[count] - solved[count + 1])


def _joined(intervals: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return intervals with those that touch made one."""
    made: list[tuple[float, float]] = []
    for low, high in sorted(intervals):
        if made and low <= made[-1][1] + 1e-12:
            made[-1] = (made[-1][0], max(high, made[-1][1]))
        else:
            made.append((low, high))
    return made


def _order_limit(spec: FilterSpec) -> str:
    if not isinstance(spec.limits, LumpedLimits):
        return ""
    parts = spec.lumped.max_parts
    needed = min(band.atten_min_db for band in spec.stopbands)
    bound = most_attenuation_db(spec, parts)
    where = "the stop bands"
    for band in spec.stopbands:
        single = FilterSpec(
            spec.response,
            spec.technology,
            spec.zs_ohm,
            spec.zl_ohm,
            spec.passbands,
            (band,),
            spec.limits,
        )
        alone = most_attenuation_db(single, parts)
        if alone and alone < band.atten_min_db:
            bound, needed = alone, band.atten_min_db
            where = span(band.f_lo_hz, band.f_hi_hz)
            break
    if not bound or bound >= needed:
        return ""
    enough = parts
    while enough < 200 and most_attenuation_db(spec, enough) < needed:
        enough += 1
    return (
        f"order limit: {parts} reactive parts stop at most {bound:.1f} dB in {where} beside this "
        f"pass band, and {needed:g} dB are asked for; that takes {enough} parts or more"
    )


def least_loss_db(spec: FilterSpec) -> tuple[float, float]:
    """Return the least insertion loss in dB at the worst place of the pass bands, and where.

    Whatever the order, for parts of the quality that the specification gives.
    """
    physics = physics_of(spec)
    top = max(band.f_hi_hz for band in spec.passbands)
    q = float(np.asarray(physics.inductor_q(np.array([top])))[0])
    angle = _LOSS_CAUTION * 0.5 * (1 / q + 1 / physics.capacitor_q)
    scale = math.log(spec.centre_hz)
    slits, levels = _apart(
        [(math.log(b.f_lo_hz) - scale, math.log(b.f_hi_hz) - scale) for b in spec.stopbands],
        [band.atten_min_db for band in spec.stopbands],
    )
    # Panels that are fine at the ends of a slit, where charge gathers.
    shape = (1 - np.cos(np.linspace(0.0, math.pi, _PANELS + 1))) / 2
    ends = [low + (high - low) * shape for low, high in slits]
    left = np.concatenate([item[:-1] for item in ends])
    right = np.concatenate([item[1:] for item in ends])
    middle = (left + right) / 2
    charge = np.linalg.solve(_influence(middle, left, right, angle), np.repeat(levels, _PANELS))
    points = np.concatenate(
        [
            np.linspace(math.log(band.f_lo_hz) - scale, math.log(band.f_hi_hz) - scale, 41)
            for band in spec.passbands
        ]
    )
    loss = _influence(points, left, right, angle) @ charge
    at = int(loss.argmax())
    return float(loss[at]), float(np.exp(points[at] + scale))


def _influence(where: Real, left: Real, right: Real, angle: float) -> Real:
    """Return the potential at points by a unit density on each panel, on the turned ray.

    The kernel is Green's function of the right half plane, in the logarithm of frequency; with
    the mirror image at negative frequencies. What is nearly singular is integrated in closed form.
    """

    def inner(t: Real) -> Real:
        size = np.maximum(np.abs(t), 1e-300)
        width = 2 * angle
        made = t / 2 * np.log1p((width / size) ** 2) + width * np.arctan(t / width)
        return np.asarray(made)

    near = inner(right[None] - where[:, None]) - inner(left[None] - where[:, None])
    x = np.maximum(np.abs(where[:, None] - (left + right)[None] / 2) / 2, 1e-12)
    turned = x - 1j * angle
    rest = np.log(np.abs(np.sinh(turned) / turned)) - np.log(np.sinh(x) / x)
    mirror = np.log(np.cosh(x)) - np.log(np.abs(np.sinh(x + 1j * (math.pi / 2 - angle))))
    return np.asarray(near + (rest + mirror) * (right - left)[None])


def _apart(
    slits: list[tuple[float, float]], levels: list[float]
) -> tuple[list[tuple[float, float]], list[float]]:
    """Return slits that do not touch: where two do, they are one at the lower level."""
    made: list[tuple[float, float]] = []
    kept: list[float] = []
    for slit, level in sorted(zip(slits, levels, strict=True)):
        if made and slit[0] <= made[-1][1] + 1e-9:
            made[-1] = (made[-1][0], max(slit[1], made[-1][1]))
            kept[-1] = min(kept[-1], level)
        else:
            made.append(slit)
            kept.append(level)
    return made, kept


def _loss_limit(spec: FilterSpec) -> str:
    if not isinstance(spec.limits, LumpedLimits):
        return ""
    loss, where = least_loss_db(spec)
    allowed = min(
        band.il_max_db
        for band in spec.passbands
        if band.f_lo_hz <= where * (1 + 1e-9) and band.f_hi_hz >= where * (1 - 1e-9)
    )
    if loss <= allowed:
        return ""
    q = float(np.asarray(physics_of(spec).inductor_q(np.array([where])))[0])
    return (
        f"Q limit: with inductors of Q {q:.0f} and capacitors of Q {spec.lumped.capacitor_q:g}, "
        f"any filter that stops this much loses at least {loss:.2f} dB at "
        f"{span(where, where).split('-')[-1]}, and {allowed:g} dB are allowed; widen the gap to "
        "the stop bands, or use better inductors"
    )


def _gain_limit(spec: FilterSpec) -> str:
    if isinstance(spec.limits, LumpedLimits) or spec.limits is None:
        return ""
    opamp, count = spec.active.opamp, spec.active.max_opamps
    for band in spec.passbands:
        most = 20 * count * math.log10(math.hypot(1.0, opamp.gbw_hz / band.f_hi_hz))
        needed = spec.gain_nominal_db - band.il_max_db
        if needed > most:
            return (
                f"gain limit: {count} op-amps of {opamp.gbw_hz:g} Hz have at most {most:.1f} dB "
                f"of gain at {band.f_hi_hz:g} Hz, and {needed:g} dB are asked for"
            )
    return ""
