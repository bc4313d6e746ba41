"""Textbook cascades: active filters that a handbook would try for a specification."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from eda.filters.candidates import edges_of
from eda.filters.sections import SECTIONS, Target, cascade, sized
from eda.filters.spec import FilterSpec
from eda.filters.starts import Start


@dataclass(frozen=True, slots=True)
class Choices:
    """Which variants of each circuit to make.

    Attributes:
        shares: Places of the design's edge, between pass band (0) and stop band (1).
        ripples: Shares of the allowed ripple to design for; 0 is Butterworth.
        band_shares: The same as ``shares``, of band-passes.
        factors: Of the quality of notches.
        scales: Of the capacitors of notches.
    """

    shares: tuple[float, ...] = (0.1, 0.35)
    ripples: tuple[float, ...] = (0.0, 0.3, 0.7)
    band_shares: tuple[float, ...] = (0.05, 0.2, 0.4)
    factors: tuple[float, ...] = (1.0, 1.6)
    scales: tuple[float, ...] = (1.0, 0.47, 2.2)


_ALL: Final = Choices()
_PLAIN: Final = Choices((0.15,), (0.4,), (0.2,), (1.3,), (1.0,))
_MOST_ORDER: Final = 10


def cascades(spec: FilterSpec, *, plain: bool = False) -> list[Start]:
    """Return textbook cascades with no more op-amps than allowed.

    Args:
        spec: The specification.
        plain: Whether to make one variant of each circuit only.
    """
    found: dict[tuple[str, tuple[float, ...]], Start] = {}
    choices = _PLAIN if plain else _ALL
    for names, targets, origin in _MAKERS[spec.response](spec, choices):
        used = sum(len(SECTIONS[name].opamps) for name in names)
        if not names or used > spec.active.max_opamps:
            continue
        numbers: list[float] = []
        for name, target in zip(names, _with_gain(names, targets, spec), strict=True):
            part = sized(name, target, spec.active)
            if part is None:
                break
            numbers += part
        else:
            if all(value > 0 and math.isfinite(value) for value in numbers):
                topology = cascade(tuple(names))
                found.setdefault(
                    (topology.name, tuple(numbers)), Start(topology, tuple(numbers), origin)
                )
    return list(found.values())


_Made = tuple[list[str], list[Target], str]


def _with_gain(names: Sequence[str], targets: Sequence[Target], spec: FilterSpec) -> list[Target]:
    """Share the nominal gain among the sections whose gain can be chosen."""
    able = [at for at, name in enumerate(names) if SECTIONS[name].has_gain]
    total = 10 ** (spec.gain_nominal_db / 20)
    total /= math.prod(t.gain for t in targets)
    made = []
    for at, target in enumerate(targets):
        if at in able:
            share = target.gain * total ** (1 / len(able))
            target = Target(
                target.f0_hz, target.q, share, target.real_hz, target.depth, target.scale
            )
        made.append(target)
    return made


def _poles(order: int, ripple_db: float) -> Any:
    """Return the poles at 1 rad/s; ripple 0 is Butterworth, below 0 Bessel."""
    from scipy.signal import bessel, butter, cheby1

    if ripple_db > 0:
        return cheby1(order, ripple_db, 1.0, analog=True, output="zpk")[1]
    if ripple_db < 0:
        return bessel(order, 1.0, analog=True, output="zpk", norm="mag")[1]
    return butter(order, 1.0, analog=True, output="zpk")[1]


def _ripples(spec: FilterSpec, choices: Choices) -> list[float]:
    allowed = min(min(b.il_max_db, b.ripple_max_db or b.il_max_db) for b in spec.passbands)
    found = [share * allowed for share in choices.ripples]
    return [ripple if ripple > 1e-3 else 0.0 for ripple in found]


def _pairs(poles: Any) -> tuple[list[tuple[float, float]], list[float]]:
    """Return frequency (rad/s) and Q of the pole pairs, low Q first, and the real poles."""
    upper = [p for p in poles if p.imag > 1e-9]
    pairs = sorted((abs(p), abs(p) / (-2 * p.real)) for p in upper)
    pairs.sort(key=lambda pair: pair[1])
    return pairs, [abs(p) for p in poles if abs(p.imag) <= 1e-9]


def _sections(
    order: int, ripple: float, edge_hz: float, high: bool, style: str
) -> tuple[list[str], list[Target]]:
    """Return a low-pass or high-pass of an order as sections of a style."""
    pairs, real = _pairs(_poles(order, ripple))
    kind = "hp" if high else "lp"
    names, targets = [], []

    def place(omega: float) -> float:
        return edge_hz / omega if high else edge_hz * omega

    for at, (omega, q) in enumerate(pairs):
        third = bool(real) and at == 0 and (style != "mfb" or not high)
        names.append(f"{style}_{kind}{3 if third else 2}")
        targets.append(Target(place(omega), q, 1.0, place(real[0]) if third else 0.0))
    if real and not (pairs and (style != "mfb" or not high)):
        names.insert(0, f"{kind}1")
        targets.insert(0, Target(place(real[0])))
    return names, targets


def _one_sided(spec: FilterSpec, choices: Choices) -> Iterator[_Made]:
    high = spec.response == "highpass"
    most = spec.active.max_opamps
    # One op-amp more may stand in front, to give the gain that followers lack.
    needs_gain = abs(spec.gain_nominal_db) > 0.5
    for share in choices.shares:
        edge = edges_of(spec, share)[0 if high else 1]
        for order in range(1, min(3 * most, _MOST_ORDER) + 1):
            for ripple in _ripples(spec, choices):
                for style in ("mfb", "sk"):
                    names, targets = _sections(order, ripple, edge, high, style)
                    text = f"{'Chebyshev' if ripple else 'Butterworth'} {order}, {style}"
                    if style == "sk" and needs_gain and order > 1:
                        names = ["hp1" if high else "lp1", *names]
                        far = edge / 5 if high else edge * 5
                        targets = [Target(far), *targets]
                    yield names, targets, text
                    if style == "sk" and order >= 4 and not needs_gain:
                        mixed = [*names[:-1], names[-1].replace("sk", "mfb")]
                        yield mixed, targets, text + " and mfb"
            yield from _with_notch(spec, choices, share, order, edge, high)
        if not high and most >= 3:
            for ripple in _ripples(spec, choices):
                pairs, _ = _pairs(_poles(2, ripple))
                target = Target(edge * pairs[0][0], pairs[0][1])
                yield ["tt_lp"], [target], "Tow-Thomas"


def _with_notch(
    spec: FilterSpec, choices: Choices, share: float, order: int, edge: float, high: bool
) -> Iterator[_Made]:
    """Yield a cascade whose sharpest pair has a transmission zero in the stop band."""
    if order < 3 or abs(spec.gain_nominal_db) > 9:
        return
    stop = edges_of(spec, 1.0)[0 if high else 1]
    ratio = (edge / stop if high else stop / edge) * 1.05
    if not 1.05 < ratio < 3:
        return
    for ripple in _ripples(spec, choices)[-2:]:
        names, targets = _sections(order, ripple, edge, high, "sk")
        last = targets[-1]
        depth = 1 / ratio if high else ratio
        place = last.f0_hz * depth
        notch = Target(place, last.q, 1.0, 0.0, depth)
        kind = "hp_notch" if high else "lp_notch"
        if names[-1].endswith("2"):
            yield [*names[:-1], kind], [*targets[:-1], notch], f"order {order} with a notch"


def _bandpass(spec: FilterSpec, choices: Choices) -> Iterator[_Made]:
    from scipy.signal import lp2bp_zpk

    most = spec.active.max_opamps
    wide = spec.passbands[-1].f_hi_hz / spec.passbands[0].f_lo_hz
    for share in choices.band_shares:
        low, high = edges_of(spec, share)
        middle, width = math.sqrt(low * high), high - low
        for order in range(1, most + 1):
            for ripple in _ripples(spec, choices):
                poles = _poles(order, ripple)
                _, moved, _ = lp2bp_zpk([], poles, 1.0, middle, width)
                upper = sorted((p for p in moved if p.imag > 0), key=abs)
                if len(upper) < order:
                    continue
                targets = []
                for p in upper:
                    q = abs(p) / (-2 * p.real)
                    # Off its own centre a section gives less; so much more it has to have.
                    off = abs(p) / middle - middle / abs(p)
                    targets.append(Target(abs(p), q, 1.0))
                    loss = math.sqrt(1 + (q * off) ** 2)
                    targets[-1] = Target(abs(p), q, loss)
                total = math.prod(t.gain for t in targets)
                targets = [Target(t.f0_hz, t.q, t.gain / total ** (1 / order)) for t in targets]
                text = f"{'Chebyshev' if ripple else 'Butterworth'} {order}, band-pass"
                names = ["mfb_bp"] * order
                yield names, _lifted(targets, middle), text
                if 3 * order <= most:
                    yield ["tt_bp"] * order, _lifted(targets, middle), text + ", Tow-Thomas"
        if wide > 2.0:
            yield from _split_band(spec, choices, share)


def _lifted(targets: list[Target], middle: float) -> list[Target]:
    """Give each section the gain at its centre that makes the cascade 1 in the middle."""
    lift = 1.0
    for target in targets:
        off = target.f0_hz / middle - middle / target.f0_hz
        lift *= math.sqrt(1 + (target.q * off) ** 2)
    scale = lift ** (1 / len(targets))
    # `_with_gain` divides by the product of these, so the lift is put into the nominal gain.
    return [Target(t.f0_hz, t.q, scale) for t in targets]


def _split_band(spec: FilterSpec, choices: Choices, share: float) -> Iterator[_Made]:
    """Yield a high-pass and a low-pass, for wide bands."""
    most = spec.active.max_opamps
    low, high = edges_of(spec, share)
    for ripple in _ripples(spec, choices)[:2]:
        for below in range(1, 5):
            for above in range(1, 6):
                for first in ("mfb", "sk"):
                    for second in ("mfb", "sk"):
                        hp, hp_targets = _sections(below, ripple, low, True, first)
                        lp, lp_targets = _sections(above, ripple, high, False, second)
                        if len(hp) + len(lp) <= most:
                            text = f"high-pass {below} ({first}), low-pass {above} ({second})"
                            yield hp + lp, hp_targets + lp_targets, text
        for above in range(1, 6):
            for style in ("mfb", "sk"):
                lp, lp_targets = _sections(above, ripple, high, False, style)
                wide = Target(2 * high, 0.7, 1.0, low)
                yield ["wide_bp", *lp], [wide, *lp_targets], f"one op-amp, low-pass {above}"
                for below in (2, 3):
                    hp, hp_targets = _sections(below, ripple, low, True, "sk")
                    wide = Target(2 * high, 0.7, 1.0, low / 2)
                    yield (
                        [*hp, "wide_bp", *lp],
                        [*hp_targets, wide, *lp_targets],
                        f"high-pass {below}, one op-amp, low-pass {above}",
                    )
    yield ["wide_bp"], [Target(high, 0.7, 1.0, low)], "one op-amp"


def _bandstop(spec: FilterSpec, choices: Choices) -> Iterator[_Made]:
    most = spec.active.max_opamps
    inner_low, inner_high = spec.stopbands[0].f_lo_hz, spec.stopbands[-1].f_hi_hz
    middle = math.sqrt(inner_low * inner_high)
    for share in choices.shares:
        low, high = edges_of(spec, share + 0.1)
        q = middle / (high - low)
        for count in range(1, most + 1):
            spots = np.geomspace(inner_low, inner_high, 2 * count + 1)[1::2]
            for kind in ("notch1", "notch2"):
                for factor, scale in itertools.product(choices.factors, choices.scales):
                    targets = [
                        Target(float(spot), q * factor, 1.0, 0.0, 1.0, scale) for spot in spots
                    ]
                    yield [kind] * count, targets, f"{count} twin-T notches"


_MAKERS: Final = {
    "lowpass": _one_sided,
    "highpass": _one_sided,
    "bandpass": _bandpass,
    "bandstop": _bandstop,
}
