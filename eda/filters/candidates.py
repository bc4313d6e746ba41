"""Textbook candidates: ladders that a handbook would try for a specification."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from eda.filters import transformations as to
from eda.filters.coupled import coupling_matrix, tanks
from eda.filters.prototypes import (
    Branch,
    bessel,
    butterworth,
    chebyshev,
    elliptic,
    ripple_of_return_loss,
)
from eda.filters.spec import FilterSpec
from eda.filters.transformations import Ladder
from eda.filters.words import part_count

_MOST_ORDER: Final = 11
_SHARES: Final = {
    "lowpass": (0.0, 0.2),
    "highpass": (0.0, 0.2),
    "bandpass": (0.05, 0.3, 0.55),
    "bandstop": (0.25, 0.5),
}
"""Where the design's edge lies between pass band (0) and stop band (1), by ratio."""

_PLAIN_SHARE: Final = {"lowpass": 0.1, "highpass": 0.1, "bandpass": 0.3, "bandstop": 0.4}


@dataclass(frozen=True, slots=True)
class Choices:
    """Which variants of each circuit to make.

    Attributes:
        shares: Places of the design's edge, between pass band (0) and stop band (1).
        losses: Return losses in dB to design for.
        sizes: Reactances of tanks, as shares of the port resistance.
    """

    shares: tuple[float, ...]
    losses: tuple[float, ...]
    sizes: tuple[float, ...]


def all_choices(spec: FilterSpec) -> Choices:
    """Return the variants that a handbook would try."""
    return Choices(_SHARES[spec.response], return_losses(spec), (0.15, 0.4, 1.0))


def plain_choices(spec: FilterSpec) -> Choices:
    """Return one variant of each circuit."""
    return Choices((_PLAIN_SHARE[spec.response],), return_losses(spec)[:1], (0.4,))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A start for the refinement.

    Attributes:
        ladder: The word and its values.
        origin: How it was made, for people.
    """

    ladder: Ladder
    origin: str


def edges_of(spec: FilterSpec, share: float) -> tuple[float, float]:
    """Return the band edges of a design: between pass and stop band, by ``share`` of the ratio.

    A low-pass has its edge second, a high-pass first.
    """
    first, last = spec.passbands[0], spec.passbands[-1]
    if spec.response == "bandstop":
        inner_low, inner_high = spec.stopbands[0].f_lo_hz, spec.stopbands[-1].f_hi_hz
        below = [b.f_hi_hz for b in spec.passbands if b.f_hi_hz <= inner_low]
        above = [b.f_lo_hz for b in spec.passbands if b.f_lo_hz >= inner_high]
        low = max(below, default=inner_low**2 / min(above, default=2 * inner_high))
        high = min(above, default=inner_high**2 / low)
        return (
            low ** (1 - share) * inner_low**share,
            high ** (1 - share) * inner_high**share,
        )
    below = [b.f_hi_hz for b in spec.stopbands if b.f_hi_hz <= first.f_lo_hz]
    above = [b.f_lo_hz for b in spec.stopbands if b.f_lo_hz >= last.f_hi_hz]
    ratio = min(above, default=math.inf) / last.f_hi_hz
    low_ratio = first.f_lo_hz / max(below, default=first.f_lo_hz / 2)
    if not math.isfinite(ratio):
        ratio = low_ratio if spec.response != "highpass" else 2.0
    if not below and spec.response == "bandpass":
        low_ratio = ratio
    return first.f_lo_hz / low_ratio**share, last.f_hi_hz * ratio**share


def return_losses(spec: FilterSpec) -> tuple[float, ...]:
    """Return return losses in dB worth designing for: a little above what is asked, and 20."""
    asked = max(band.rl_min_db for band in spec.passbands)
    loss = min(band.il_max_db for band in spec.passbands)
    if asked <= 0:
        asked = -10 * math.log10(max(1 - 10 ** (-max(loss, 0.01) / 10), 1e-6))
    return (asked + 1.5, max(asked + 5.0, 18.0))


def candidates(spec: FilterSpec, choices: Choices | None = None) -> list[Candidate]:
    """Return textbook ladders with no more parts than allowed."""
    found: dict[tuple[str, tuple[float, ...]], Candidate] = {}
    for item in _MAKERS[spec.response](spec, choices or all_choices(spec)):
        word = item.ladder.word
        if part_count(word) <= spec.lumped.max_parts and word != word.lower():
            found.setdefault((item.ladder.word, item.ladder.values), item)
    return list(found.values())


def _resistance(spec: FilterSpec) -> float:
    return math.sqrt(spec.zs_ohm * spec.zl_ohm)


def _shunt_first(g: Sequence[float]) -> list[Branch]:
    return [
        Branch(capacitance=value) if at % 2 == 0 else Branch(inductance=value)
        for at, value in enumerate(g)
    ]


def _all_pole(order: int, return_loss: float) -> list[Branch]:
    ripple = ripple_of_return_loss(return_loss)
    return _shunt_first(chebyshev(order, ripple))


def with_traps(
    branches: Sequence[Branch], places: Sequence[int], zeros: Sequence[float]
) -> list[Branch]:
    """Return a ladder with traps at places, of the same reactance at the edge of the band.

    Args:
        branches: A ladder without traps, at 1 rad/s.
        places: Which branches become traps.
        zeros: Where each has its transmission zero, in rad/s, above 1.
    """
    made = list(branches)
    for place, zero in zip(places, zeros, strict=True):
        size = max(made[place].inductance, made[place].capacitance)
        kept = size * (1 - 1 / zero**2)
        other = 1 / (zero**2 * kept)
        if made[place].inductance:
            made[place] = Branch(inductance=kept, capacitance=other)
        else:
            made[place] = Branch(inductance=other, capacitance=kept)
    return made


def _prototypes(
    spec: FilterSpec, choices: Choices, share: float, most_parts: int, *, traps: bool = True
) -> Iterator[tuple[list[Branch], str]]:
    """Yield low-pass ladders of up to so many parts, with and without traps."""
    stop = _nearest_stop(spec, share)
    attenuation = max(band.atten_min_db for band in spec.stopbands)
    for order in range(1, min(most_parts, _MOST_ORDER) + 1):
        for loss in choices.losses:
            plain = _all_pole(order, loss)
            yield plain, f"Chebyshev {order}, {loss:.0f} dB return loss"
            inner = list(range(1, order, 2))
            for count in range(1, len(inner) + 1) if traps else ():
                if order + count > most_parts:
                    break
                zeros = [stop * (1.02 + 0.3 * k * max(stop - 1, 0.2)) for k in range(count)]
                middle = sorted(inner, key=lambda at: abs(at - (order - 1) / 2))[:count]
                yield with_traps(plain, middle, zeros), f"Chebyshev {order} with {count} traps"
            if traps and order % 2 and order >= 3 and order + order // 2 <= most_parts:
                try:
                    branches = elliptic(order, ripple_of_return_loss(loss), attenuation + 3)
                except ValueError:
                    continue
                yield list(branches), f"elliptic {order}, {loss:.0f} dB return loss"
        yield _shunt_first(butterworth(order)), f"Butterworth {order}"
    if most_parts >= 3:
        yield _shunt_first(bessel(3)), "Bessel 3"


def _nearest_stop(spec: FilterSpec, share: float) -> float:
    """Return the edge of the nearest stop band over that of the design, as a low-pass sees it."""
    low, high = edges_of(spec, share)
    inner_low, inner_high = edges_of(spec, 1.0)
    if spec.response == "lowpass":
        return max(inner_high / high, 1.02)
    if spec.response == "highpass":
        return max(low / inner_low, 1.02)
    ratio = (inner_high - inner_low) / (high - low)
    return max(ratio if spec.response == "bandpass" else 1 / ratio, 1.02)


def _lowpass(spec: FilterSpec, choices: Choices) -> Iterator[Candidate]:
    for share in choices.shares:
        low, high = edges_of(spec, share)
        for branches, origin in _prototypes(spec, choices, share, spec.lumped.max_parts):
            for shunt in (True, False):
                if spec.response == "lowpass":
                    made = to.lowpass(branches, high, _resistance(spec), shunt_first=shunt)
                else:
                    made = to.highpass(branches, low, _resistance(spec), shunt_first=shunt)
                yield Candidate(made, origin)


def _bandpass(spec: FilterSpec, choices: Choices) -> Iterator[Candidate]:
    most = spec.lumped.max_parts
    for share in choices.shares:
        low, high = edges_of(spec, share)
        for branches, origin in _prototypes(spec, choices, share, most // 2, traps=False):
            for shunt in (True, False):
                made = to.bandpass(branches, low, high, _resistance(spec), shunt_first=shunt)
                yield Candidate(made, f"{origin}, band-pass")
        if most >= 8:
            loss = choices.losses[0]
            for order in (3, 5):
                attenuation = max(band.atten_min_db for band in spec.stopbands)
                try:
                    branches = list(elliptic(order, ripple_of_return_loss(loss), attenuation + 3))
                except ValueError:
                    continue
                for shunt in (True, False):
                    made = to.bandpass(branches, low, high, _resistance(spec), shunt_first=shunt)
                    yield Candidate(made, f"elliptic {order}, band-pass")
        yield from _coupled(spec, choices, low, high)
        if high / low > 1.35:
            yield from _two_sided(spec, choices, share)


def _coupled(spec: FilterSpec, choices: Choices, low: float, high: float) -> Iterator[Candidate]:
    limits = spec.lumped
    middle = 2 * math.pi * math.sqrt(low * high)
    resistance = _resistance(spec)
    # Tanks of these reactances, as far as the parts allow.
    sizes = [
        value
        for share in choices.sizes
        if limits.inductor.low < (value := share * resistance / middle) < limits.inductor.high
    ] or [limits.inductor.low * 1.5]
    for order in range(2, 7):
        if 3 * order - 1 > limits.max_parts:
            break
        for loss in choices.losses:
            matrix = coupling_matrix(chebyshev(order, ripple_of_return_loss(loss)))
            for coupling in ("C" * (order - 1), "L" * (order - 1), ("CL" * order)[: order - 1]):
                for size in (None, *sizes):
                    made = tanks(
                        matrix,
                        low,
                        high,
                        spec.zs_ohm,
                        spec.zl_ohm,
                        coupling=coupling,
                        inductance=size,
                    )
                    if made is None:
                        continue
                    yield Candidate(made, f"{order} tanks coupled by {coupling}")
                    if size is None:
                        twin = to.dual(made, resistance)
                        yield Candidate(twin, f"{order} series resonators coupled in shunt")


def _two_sided(spec: FilterSpec, choices: Choices, share: float) -> Iterator[Candidate]:
    """Yield a high-pass in front of a low-pass, for bands of an octave or so."""
    low, high = edges_of(spec, share / 2)
    most, resistance = spec.lumped.max_parts, _resistance(spec)
    loss = choices.losses[-1]
    for below, above in itertools.product(range(2, 8), repeat=2):
        if below + above > most:
            continue
        for shunt in (True, False):
            first = to.highpass(_all_pole(below, loss), low, resistance, shunt_first=shunt)
            for other in (True, False):
                second = to.lowpass(_all_pole(above, loss), high, resistance, shunt_first=other)
                yield Candidate(
                    Ladder(first.word + second.word, first.values + second.values),
                    f"high-pass {below} and low-pass {above}",
                )


def _bandstop(spec: FilterSpec, choices: Choices) -> Iterator[Candidate]:
    most = spec.lumped.max_parts
    for share in choices.shares:
        low, high = edges_of(spec, share)
        for branches, origin in _prototypes(spec, choices, share, most // 2, traps=False):
            for shunt in (True, False):
                made = to.bandstop(branches, low, high, _resistance(spec), shunt_first=shunt)
                yield Candidate(made, f"{origin}, band-stop")


_MAKERS: Final = {
    "lowpass": _lowpass,
    "highpass": _lowpass,
    "bandpass": _bandpass,
    "bandstop": _bandstop,
}
