"""From a normalised low-pass ladder to the four responses, at real impedance and frequency."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from eda.filters.prototypes import Branch

_TWO_PI: Final = 2 * math.pi


@dataclass(frozen=True, slots=True)
class Ladder:
    """A word and its values in SI units, in the order of its letters, L before C."""

    word: str
    values: tuple[float, ...]


def lowpass(
    branches: Sequence[Branch], edge_hz: float, r_ohm: float, *, shunt_first: bool
) -> Ladder:
    """Return a low-pass ladder.

    Args:
        branches: At 1 ohm and 1 rad/s, the first to ground; for ``shunt_first`` False the dual
            is built, which has the same response.
        edge_hz: What 1 rad/s becomes.
        r_ohm: What 1 ohm becomes.
        shunt_first: Whether the first branch goes to ground.

    Example:
        >>> from eda.filters.prototypes import Branch
        >>> lowpass([Branch(capacitance=1.0), Branch(inductance=2.0)], 1e6, 50.0, shunt_first=True)
        Ladder(word='cL', values=(3.183098861837907e-09, 1.5915494309189534e-05))
    """
    return _map(branches, shunt_first, _lowpass, _TWO_PI * edge_hz, 0.0, r_ohm)


def highpass(
    branches: Sequence[Branch], edge_hz: float, r_ohm: float, *, shunt_first: bool
) -> Ladder:
    """Return a high-pass ladder; arguments as for `lowpass`."""
    return _map(branches, shunt_first, _highpass, _TWO_PI * edge_hz, 0.0, r_ohm)


def bandpass(
    branches: Sequence[Branch], low_hz: float, high_hz: float, r_ohm: float, *, shunt_first: bool
) -> Ladder:
    """Return a band-pass ladder; the band's edges are what 1 rad/s becomes."""
    middle, width = _TWO_PI * math.sqrt(low_hz * high_hz), _TWO_PI * (high_hz - low_hz)
    return _map(branches, shunt_first, _bandpass, middle, width, r_ohm)


def bandstop(
    branches: Sequence[Branch], low_hz: float, high_hz: float, r_ohm: float, *, shunt_first: bool
) -> Ladder:
    """Return a band-stop ladder; the band's edges are what 1 rad/s becomes."""
    middle, width = _TWO_PI * math.sqrt(low_hz * high_hz), _TWO_PI * (high_hz - low_hz)
    return _map(branches, shunt_first, _bandstop, middle, width, r_ohm)


_Arm = list[tuple[str, tuple[float, ...]]]
_Rule = Callable[[float, float, float, float], _Arm]


def _map(
    branches: Sequence[Branch],
    shunt_first: bool,
    rule: _Rule,
    middle: float,
    width: float,
    r_ohm: float,
) -> Ladder:
    """Map each series arm; a shunt arm is the dual of the series arm of its dual values."""
    word, values = "", []
    for at, branch in enumerate(branches):
        first_kind = at % 2 == 0
        # At 1 ohm the dual of a branch has its numbers exchanged.
        own = (
            (branch.capacitance, branch.inductance)
            if first_kind
            else (
                branch.inductance,
                branch.capacitance,
            )
        )
        arm = rule(own[0], own[1], middle, width)
        for letter, numbers in arm:
            if first_kind == shunt_first:
                letter, numbers = dual_arm(letter, numbers)
            word += letter
            values += _scaled(letter, numbers, r_ohm)
    return Ladder(word, tuple(values))


def _lowpass(inductance: float, capacitance: float, middle: float, width: float) -> _Arm:
    if not capacitance:
        return [("L", (inductance / middle,))]
    return [("P", (inductance / middle, capacitance / middle))]


def _highpass(inductance: float, capacitance: float, middle: float, width: float) -> _Arm:
    if not capacitance:
        return [("C", (1 / (inductance * middle),))]
    return [("P", (1 / (capacitance * middle), 1 / (inductance * middle)))]


def _bandpass(inductance: float, capacitance: float, middle: float, width: float) -> _Arm:
    if not capacitance:
        large = inductance / width
        return [("S", (large, 1 / (large * middle**2)))]
    # A trap becomes two, one on each side of the band: from the poles of its impedance.
    zero = 1 / math.sqrt(inductance * capacitance)
    half = zero * width / (2 * middle)
    upper = middle * (half + math.sqrt(half**2 + 1))
    lower = middle**2 / upper
    arms: _Arm = []
    for at, other in ((lower, upper), (upper, lower)):
        # z = s*w/C / (s^4 + ...): the residue at s = j*at, over 2.
        share = (width / capacitance) * at**2 / (at**2 - other**2) * 1.0
        residue = share - (width / capacitance) * middle**2 / (at**2 - other**2)
        size = residue if residue > 0 else -residue
        arms.append(("P", (size / at**2, 1 / size)))
    return arms


def _bandstop(inductance: float, capacitance: float, middle: float, width: float) -> _Arm:
    # The band-stop of a prototype is the band-pass of its high-pass.
    if not capacitance:
        large = 1 / (inductance * width)
        return [("P", (1 / (large * middle**2), large))]
    return _bandpass(1 / capacitance, 1 / inductance, middle, width)


def dual_arm(letter: str, numbers: tuple[float, ...]) -> tuple[str, tuple[float, ...]]:
    """Return the dual of an arm at 1 ohm: series and shunt, L and C change places."""
    swapped = {"L": "c", "C": "l", "S": "p", "P": "s", "l": "C", "c": "L", "s": "P", "p": "S"}
    return swapped[letter], numbers[::-1]


def dual(ladder: Ladder, r_ohm: float) -> Ladder:
    """Return the dual ladder, of the same response between equal resistances ``r_ohm``."""
    word, values, at = "", [], 0
    for letter in ladder.word:
        count = 2 if letter in "SPsp" else 1
        numbers = ladder.values[at : at + count]
        at += count
        plain = _unscaled(letter, numbers, r_ohm)
        other, swapped = dual_arm(letter, plain)
        word += other
        values += _scaled(other, swapped, r_ohm)
    return Ladder(word, tuple(values))


def _scaled(letter: str, numbers: Sequence[float], r_ohm: float) -> list[float]:
    if len(numbers) == 2:
        return [numbers[0] * r_ohm, numbers[1] / r_ohm]
    return [numbers[0] * r_ohm if letter in "Ll" else numbers[0] / r_ohm]


def _unscaled(letter: str, numbers: Sequence[float], r_ohm: float) -> tuple[float, ...]:
    return tuple(_scaled(letter, numbers, 1 / r_ohm))
