"""Random masks that can be met: each is drawn around the response of a design that is known.

A filter is made first, from parts of the series, then its response is measured, and the mask is
laid beside it. The design is thrown away; that it existed is what makes the mask feasible.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.descent import descend
from eda.filters.mask import Mask
from eda.filters.nodal import physics_of
from eda.filters.search import Search
from eda.filters.series import nearest
from eda.filters.spec import FilterSpec
from eda.filters.spec_reader import spec_of
from eda.filters.stability import is_stable
from eda.filters.starts import Start, log_bounds, rules_of, textbook

Real = NDArray[np.float64]

_TRIES: Final = 200
_CLASSES: Final = (
    (1e6, (1e-6, 1e-2), (1e-11, 1e-5)),
    (2e8, (5e-9, 2.2e-5), (5e-13, 1e-8)),
    (1e13, (8e-10, 1e-7), (3e-13, 1e-10)),
)
"""Up to a frequency: inductors and capacitors that shops sell."""

_PORTS: Final = (
    (50, 50),
    (50, 50),
    (50, 50),
    (75, 75),
    (200, 200),
    (330, 330),
    (50, 75),
    (100, 50),
)


def random_spec(
    random: np.random.Generator,
    *,
    technology: str = "lumped_lc",
    tier: str = "standard",
    name: str = "random",
) -> FilterSpec:
    """Return a mask that a design is known to meet.

    Args:
        random: Where chance comes from.
        technology: ``lumped_lc`` or ``active_rc``.
        tier: ``standard`` masks lie some way off a textbook filter with rounded values; ``hard``
            ones 0.15 dB off a filter that L-BFGS and single exchanges of values have made.
        name: The specification's id.

    Raises:
        RuntimeError: None was found, which is not expected.
    """
    for _ in range(_TRIES):
        made = _try(random, technology, tier, name)
        if made is not None:
            return made
    raise RuntimeError(f"no feasible mask in {_TRIES} draws")


def _try(random: np.random.Generator, technology: str, tier: str, name: str) -> FilterSpec | None:
    frame = _frame(random, technology, name)
    starts = textbook(frame)
    if not starts:
        return None
    start = starts[int(random.integers(len(starts)))]
    x = _snapped(frame, start, np.log(start.values))
    if x is None:
        return None
    measured = _measured(frame, start, x)
    if measured is None:
        return None
    if tier == "hard":
        aimed = _masked(frame, start, measured, random, slack=(0.2, 0.2))
        x = _improved(aimed, start, x)
        measured = _measured(aimed, start, x)
        if measured is None:
            return None
        return _masked(aimed, start, measured, random, slack=(0.15, 0.15), tier=tier)
    return _masked(frame, start, measured, random, slack=(0.1, 1.0), tier=tier)


def _frame(random: np.random.Generator, technology: str, name: str) -> FilterSpec:
    """Return bands and limits with a mask that only says what kind of filter is meant."""
    response = str(
        random.choice(["lowpass", "highpass", "bandpass", "bandstop"], p=[0.3, 0.15, 0.42, 0.13])
    )
    active = technology == "active_rc"
    low, high = (30.0, 6e4) if active else (1e5, 2.5e9)
    centre = float(np.exp(random.uniform(math.log(low), math.log(high))))
    passed, stopped = _BANDS[response](random, centre, active)
    loss = {"il_max_db": 3.0, "rl_min_db": 0 if active else 10}
    if active:
        loss["ripple_max_db"] = 3.0
    data: dict[str, Any] = {
        "schema": "filter-spec/1",
        "id": name,
        "title": f"random {response}",
        "response": response,
        "technology": technology,
        "passbands": [{"f_lo_hz": a, "f_hi_hz": b, **loss} for a, b in passed],
        "stopbands": [{"f_lo_hz": a, "f_hi_hz": b, "atten_min_db": 30} for a, b in stopped],
    }
    if active:
        data["ports"] = {"zs_ohm": 50, "zl_ohm": 10000}
        gains = [0, 0, 0, 6, 20] if response != "bandstop" else [0]
        data["gain_nominal_db"] = int(random.choice(gains))
        data["limits"] = _active_limits(random, centre, data["gain_nominal_db"])
    else:
        zs, zl = _PORTS[int(random.integers(len(_PORTS)))]
        data["ports"] = {"zs_ohm": zs, "zl_ohm": zl}
        data["limits"] = _lumped_limits(random, centre)
    return spec_of(data, where=name)


_Bands = tuple[list[tuple[float, float]], list[tuple[float, float]]]


def _lowpass(random: np.random.Generator, centre: float, active: bool) -> _Bands:
    ratio = random.uniform(1.3, 4.0 if active else 2.8)
    far = random.uniform(2.0, 12.0)
    passed = [(centre / random.uniform(3.0, 100.0), centre)]
    stopped = [(centre * ratio, centre * ratio * far)]
    if far > 3 and random.uniform() < 0.3:
        middle = centre * ratio * far**0.5
        stopped = [(centre * ratio, middle), (middle, stopped[0][1])]
    return passed, stopped


def _highpass(random: np.random.Generator, centre: float, active: bool) -> _Bands:
    _, stopped = _lowpass(random, centre, active)

    def turned(bands: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(centre * centre / b, centre * centre / a) for a, b in bands]

    reach = random.uniform(3.0, 20.0)
    return [(centre, centre * reach)], turned(stopped)


def _bandpass(random: np.random.Generator, centre: float, active: bool) -> _Bands:
    if active and random.uniform() < 0.4:
        width = random.uniform(1.5, 4.0)  # natural logarithm of the ratio: voice, audio, ECG
    else:
        width = float(np.exp(random.uniform(math.log(0.015), math.log(0.5))))
    low, high = centre * math.exp(-width / 2), centre * math.exp(width / 2)
    gaps = [width * random.uniform(0.5, 2.0) + random.uniform(0.03, 0.25) for _ in range(2)]
    if active:
        gaps = [gap + 0.5 for gap in gaps]
    inner_low, inner_high = low * math.exp(-gaps[0]), high * math.exp(gaps[1])
    return (
        [(low, high)],
        [
            (inner_low / random.uniform(2.0, 10.0), inner_low),
            (inner_high, inner_high * random.uniform(1.5, 5.0)),
        ],
    )


def _bandstop(random: np.random.Generator, centre: float, active: bool) -> _Bands:
    width = random.uniform(0.004, 0.02) if active else random.uniform(0.05, 0.35)
    low, high = centre * math.exp(-width / 2), centre * math.exp(width / 2)
    gaps = [random.uniform(0.15, 0.6) for _ in range(2)]
    first, last = low * math.exp(-gaps[0]), high * math.exp(gaps[1])
    return (
        [(first / random.uniform(3, 30), first), (last, last * random.uniform(3, 30))],
        [(low, high)],
    )


_BANDS: Final = {
    "lowpass": _lowpass,
    "highpass": _highpass,
    "bandpass": _bandpass,
    "bandstop": _bandstop,
}


def _lumped_limits(random: np.random.Generator, centre: float) -> dict[str, Any]:
    inductors, capacitors = next(
        (values_l, values_c) for top, values_l, values_c in _CLASSES if centre < top
    )
    series = str(random.choice(["E24", "E24", "E24", "E12"]))
    tolerance = 0.05 if series == "E24" else 0.1
    return {
        "max_reactive_elements": 14,
        "l_range_h": list(inductors),
        "c_range_f": list(capacitors),
        "inductor": {
            "series": series,
            "tolerance": tolerance,
            "q_at_ref": int(random.integers(40, 140)),
            "f_ref_hz": centre,
        },
        "capacitor": {
            "series": series,
            "tolerance": tolerance,
            "q": int(random.choice([300, 400, 1000])),
        },
    }


def _active_limits(random: np.random.Generator, centre: float, gain_db: float) -> dict[str, Any]:
    fast = [1e6, 3e6, 10e6, 20e6]
    able = [gbw for gbw in fast if gbw > 40 * centre * 10 ** (gain_db / 40)] or [20e6]
    return {
        "max_opamps": int(random.integers(1, 5)),
        "opamp": {
            "gbw_hz": float(random.choice(able)),
            "a0_db": 106,
            "rout_ohm": 100,
            "model": "single pole",
        },
        "resistor": {"series": "E96", "tolerance": 0.01, "r_min_ohm": 470, "r_max_ohm": 470e3},
        "capacitor": {
            "series": str(random.choice(["E12", "E12", "E6"])),
            "tolerance": 0.05,
            "c_min_f": 47e-12,
            "c_max_f": 1e-5 if centre < 200 else 2.2e-6,
        },
    }


def _snapped(spec: FilterSpec, start: Start, x: Real) -> Real | None:
    """Return the values rounded to their series, or None where one is out of its range."""
    rules = rules_of(spec, start.topology)
    low, high = log_bounds(rules)
    if (x < low - 0.02).any() or (x > high + 0.02).any():
        return None
    return np.log(
        [nearest(rule, float(value)) for rule, value in zip(rules, np.exp(x), strict=True)]
    )


@dataclasses.dataclass(frozen=True)
class _Measured:
    """What a design does in the bands of a frame, in dB."""

    loss: tuple[float, ...]
    match: tuple[float, ...]
    ripple: tuple[float, ...]
    attenuation: tuple[float, ...]


def _measured(spec: FilterSpec, start: Start, x: Real) -> _Measured | None:
    """Return what a design does, or None where nobody would call it such a filter."""
    made = Search(spec)
    mask: Mask = made.dense.mask
    gain, back = made.dense.levels(start.topology, x)
    loss, match, ripple, attenuation = [], [], [], []
    for at in range(len(spec.bands)):
        here = mask.band == at
        if at < len(spec.passbands):
            loss.append(-float(gain[here].min()))
            match.append(float(back[here].min()))
            ripple.append(float(np.ptp(gain[here])))
        else:
            attenuation.append(-float(gain[here].max()))
    active = spec.technology == "active_rc"
    if max(loss) > (2.5 if active else 6.5) or min(attenuation) < 16 or max(attenuation) > 75:
        return None
    if active:
        if max(ripple) > 3.0 or min(loss) < -3.0:
            return None
        if not is_stable(start.topology, tuple(np.exp(x)), physics_of(spec)):
            return None
    elif min(match) < 8.5:
        return None
    return _Measured(tuple(loss), tuple(match), tuple(ripple), tuple(attenuation))


def _masked(
    frame: FilterSpec,
    start: Start,
    measured: _Measured,
    random: np.random.Generator,
    *,
    slack: tuple[float, float],
    tier: str = "standard",
) -> FilterSpec:
    """Return the frame with a mask beside the measured response."""
    active = frame.technology == "active_rc"

    def room() -> float:
        return float(random.uniform(*slack))

    worst = max(measured.loss)
    allowed = max(worst + room(), 0.2)
    match = 0.0 if active else max(min(measured.match) - 5 * room(), 7.0)
    passbands = tuple(
        dataclasses.replace(
            band,
            il_max_db=round(allowed, 2),
            rl_min_db=round(match - 0.05, 1) if match else 0.0,
            ripple_max_db=round(max(measured.ripple) + room() + 0.05, 2) if active else None,
        )
        for band in frame.passbands
    )
    stopbands = tuple(
        dataclasses.replace(band, atten_min_db=round(level - 2 * room() - 0.05, 1))
        for band, level in zip(frame.stopbands, measured.attenuation, strict=True)
    )
    if tier == "hard" or slack[1] <= 0.2:
        stopbands = tuple(
            dataclasses.replace(band, atten_min_db=round(level - slack[1] - 0.05, 1))
            for band, level in zip(frame.stopbands, measured.attenuation, strict=True)
        )
    limits: Any = frame.limits
    if active:
        count = len(start.topology.opamps) + int(random.integers(0, 2))
        limits = dataclasses.replace(limits, max_opamps=count)
    else:
        count = start.topology.size + int(random.integers(0, 3))
        limits = dataclasses.replace(limits, max_parts=min(max(count, 3), 14))
    return dataclasses.replace(
        frame, passbands=passbands, stopbands=stopbands, limits=limits, tier=tier
    )


def _improved(spec: FilterSpec, start: Start, x: Real) -> Real:
    """Return what L-BFGS and single exchanges make of a design."""
    made = Search(spec)
    rules = rules_of(spec, start.topology)
    low, high = log_bounds(rules)
    free = None
    if start.topology.opamps:
        free = np.array([part.kind == "resistor" for part in start.topology.parts])
    better = descend(made.coarse, start.topology, x, low, high, iterations=40, free=free)
    rounded = _snapped(spec, start, np.clip(better, low, high))
    if rounded is None:
        return x
    snapper = made.snapper(start.topology, made.coarse.mask)
    from eda.filters.snap import Snapped

    first = Snapped(rounded, snapper.margin(rounded))
    best = snapper.exchange(first, enough_db=math.inf, rounds=3, pairs=False)
    old = snapper.margin(x)
    return best.log_values if best.margin_db > old else x
