"""Prototypes: normalised low-pass ladders of Butterworth, Chebyshev, Bessel and elliptic filters.

Poles and zeros come from scipy.signal; element values are found here: by closed forms for
Butterworth and Chebyshev, by taking the ladder apart pole by pole for the others.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

Family = Literal["butterworth", "chebyshev", "elliptic", "bessel"]
FAMILIES: Final[tuple[Family, ...]] = ("butterworth", "chebyshev", "elliptic", "bessel")


_NOISE: Final = 1e-11


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a low-pass ladder at 1 ohm and 1 rad/s.

    Attributes:
        inductance: Henry; 0 where there is none.
        capacitance: Farad; 0 where there is none. Both: a trap (parallel in the series arm,
            in series in the shunt arm).
    """

    inductance: float = 0.0
    capacitance: float = 0.0


def ripple_of_return_loss(return_loss_db: float) -> float:
    """Return the pass-band ripple in dB of a lossless filter of a return loss in dB.

    Example:
        >>> round(ripple_of_return_loss(20.0), 4)
        0.0436
    """
    return -10 * math.log10(1 - 10 ** (-return_loss_db / 10))


def butterworth(order: int) -> tuple[float, ...]:
    """Return the g-values, 3 dB at 1 rad/s, between equal resistances.

    Example:
        >>> [round(g, 3) for g in butterworth(3)]
        [1.0, 2.0, 1.0]
    """
    return tuple(2 * math.sin((2 * k - 1) * math.pi / (2 * order)) for k in range(1, order + 1))


def chebyshev(order: int, ripple_db: float) -> tuple[float, ...]:
    """Return the g-values, ``ripple_db`` up to 1 rad/s.

    An even order is for unequal resistances; between equal ones it is off by its ripple.

    Example:
        >>> [round(g, 4) for g in chebyshev(3, 0.1)]
        [1.0316, 1.1474, 1.0316]
    """
    beta = math.log(1 / math.tanh(ripple_db / 17.372))
    gamma = math.sinh(beta / (2 * order))
    a = [math.sin((2 * k - 1) * math.pi / (2 * order)) for k in range(1, order + 1)]
    b = [gamma**2 + math.sin(k * math.pi / order) ** 2 for k in range(1, order + 1)]
    found = [2 * a[0] / gamma]
    for k in range(1, order):
        found.append(4 * a[k - 1] * a[k] / (b[k - 1] * found[-1]))
    return tuple(found)


@cache
def bessel(order: int) -> tuple[float, ...]:
    """Return the g-values of the flattest delay, 3 dB at 1 rad/s, between equal resistances.

    Example:
        >>> [round(g, 3) for g in bessel(3)]
        [0.337, 0.971, 2.203]
    """
    from scipy.signal import bessel as poles_of

    zeros, poles, gain = poles_of(order, 1.0, analog=True, output="zpk", norm="mag")
    branches = ladder_of(zeros, poles, gain)
    # Tables begin at the other end: the ladder works either way round.
    return tuple(max(item.inductance, item.capacitance) for item in reversed(branches))


@cache
def elliptic(order: int, ripple_db: float, stop_db: float) -> tuple[Branch, ...]:
    """Return an odd-order elliptic ladder, shunt first: capacitors, and traps in series.

    Args:
        order: Odd, from 3.
        ripple_db: In the pass band, up to 1 rad/s.
        stop_db: Least attenuation in the stop band.

    Raises:
        ValueError: The order is even, or no ladder of positive values was found.
    """
    from scipy.signal import ellip

    if order % 2 == 0 or order < 3:
        raise ValueError(f"an elliptic ladder between equal resistances is of odd order: {order}")
    zeros, poles, gain = ellip(order, ripple_db, stop_db, 1.0, analog=True, output="zpk")
    return ladder_of(zeros, poles, gain)


def ladder_of(
    zeros: NDArray[np.complex128], poles: NDArray[np.complex128], gain: float
) -> tuple[Branch, ...]:
    """Return a ladder between resistances of 1 ohm with a transfer function, shunt branch first.

    Args:
        zeros: Transmission zeros, all on the imaginary axis, in rad/s.
        poles: Poles.
        gain: Gain of the zeros-poles form; |S21| <= 1 on the imaginary axis, 1 at DC.

    Raises:
        ValueError: No order of taking out the zeros leaves positive values only.
    """
    denominator: NDArray[np.float64] = np.asarray(np.poly(poles).real, dtype=np.float64)
    numerator = np.array([gain])
    if len(zeros):
        numerator = np.asarray(gain * np.poly(zeros).real, dtype=np.float64)
    reflected = _reflection(denominator, numerator)
    order = len(poles)
    frequencies = sorted({round(abs(z.imag), 12) for z in zeros})
    # Admittance (E + F)/(E - F): what is taken out first is a capacitor to ground.
    top = np.asarray(np.polysub(denominator, reflected), dtype=np.float64)
    bottom = np.asarray(np.polyadd(denominator, reflected), dtype=np.float64)
    for chosen in _orders(frequencies):
        found = _take_out(top, bottom, order, chosen)
        if found is not None:
            return found
    raise ValueError(f"order {order}: no ladder of positive values")


def _orders(frequencies: list[float]) -> list[tuple[float, ...]]:
    if len(frequencies) > 5:
        return [tuple(frequencies), tuple(reversed(frequencies))]
    return list(itertools.permutations(frequencies))


def _reflection(
    denominator: NDArray[np.float64], numerator: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return F with |F|^2 = |E|^2 - |P|^2 on the imaginary axis, its zeros in the left half."""

    def square(poly: NDArray[np.float64]) -> NDArray[np.float64]:
        signs = (-1.0) ** np.arange(len(poly))[::-1]
        return np.asarray(np.polymul(poly, poly * signs), dtype=np.float64)

    difference = np.polysub(square(denominator), square(numerator))
    # What is rounding noise beside the largest coefficient would move multiple roots far.
    difference = np.where(np.abs(difference) > _NOISE * np.abs(difference).max(), difference, 0.0)
    roots = np.roots(difference[np.argmax(np.abs(difference) > 1e-12) :])
    left = sorted(roots, key=lambda root: (root.real, abs(root.imag)))[: len(denominator) - 1]
    # Zeros on the axis are double; numbers spread them to both sides, so they are paired up.
    kept: list[complex] = []
    pool = sorted(roots, key=lambda root: root.imag)
    on_axis = [root for root in pool if abs(root.real) < 1e-3 * max(abs(root), 0.1)]
    if len(on_axis) == len(roots):
        merged = [
            1j * (a.imag + b.imag) / 2 for a, b in zip(on_axis[::2], on_axis[1::2], strict=False)
        ]
        kept = list(merged)
    else:
        kept = list(left)
    return np.asarray(np.poly(kept).real, dtype=np.float64)


def _take_out(
    top: NDArray[np.float64], bottom: NDArray[np.float64], order: int, zeros: tuple[float, ...]
) -> tuple[Branch, ...] | None:
    """Take a ladder apart: admittance top/bottom... as polynomials, branch by branch."""
    a, b = _trim(bottom), _trim(top)
    branches: list[Branch] = []
    for zero in zeros:
        # Part of the shunt capacitor, so that what is left has a zero where the trap is.
        s = 1j * zero
        value = float((np.polyval(a, s) / np.polyval(b, s) / s).real)
        if not value > 0:
            return None
        branches.append(Branch(capacitance=value))
        a = _trim(np.polysub(a, np.polymul(np.array([value, 0.0]), b)))
        quotient, rest = np.polydiv(a, np.array([1.0, 0.0, zero**2]))
        if np.abs(rest).max() > 1e-4 * np.abs(a).max():
            return None
        # z = b/a has a pole at the zero: the residue is the trap.
        residue = float((np.polyval(b, s) / (np.polyval(quotient, s) * s)).real)
        if not residue > 0:
            return None
        branches.append(Branch(inductance=residue / zero**2, capacitance=1 / residue))
        b = _trim(np.polysub(b, residue * np.polymul(np.array([1.0, 0.0]), quotient)))
        b, rest = np.polydiv(b, np.array([1.0, 0.0, zero**2]))
        a = quotient
        a, b = _trim(a), _trim(b)
    shunt = True
    while len(branches) < order and len(a) > 0:
        if len(a) <= len(b):
            break
        value = float(a[0] / b[0])
        if not (value > 0 and math.isfinite(value)):
            return None
        branches.append(Branch(capacitance=value) if shunt else Branch(inductance=value))
        rest = np.polysub(a, np.polymul(np.array([value, 0.0]), b))
        rest = rest[len(rest) - len(b) :] if len(rest) >= len(b) else rest
        a, b = b, _trim(rest)
        shunt = not shunt
        if len(b) == 0 or not np.any(b):
            break
    return tuple(branches) if len(branches) == order else None


def _trim(poly: NDArray[Any]) -> NDArray[np.float64]:
    big = np.abs(poly) > 1e-9 * np.abs(poly).max()
    return np.asarray(poly[int(np.argmax(big)) :], dtype=np.float64)
