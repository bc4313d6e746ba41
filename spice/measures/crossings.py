"""Reading rules that the measures share: values at a place, windows, crossings of a level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from eda.errors import InputError

Real: TypeAlias = NDArray[np.float64]
Complex: TypeAlias = NDArray[np.complex128]

TINY_HZ = 1e-300
"""Stands for a frequency of zero on a logarithmic axis."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where a curve crosses a level: between point ``index`` and the next.

    Attributes:
        index: The last point before the crossing.
        fraction: How far on the way to the next point, from 0 to 1.
    """

    index: int
    fraction: float


def check_same_length(*arrays: NDArray[np.generic]) -> None:
    """Refuse arrays that do not belong together, or that are empty.

    Raises:
        InputError: They differ in length, have no points, or more than one axis.
    """
    shapes = {array.shape for array in arrays}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1 or next(iter(shapes))[0] == 0:
        told = ", ".join(str(array.shape) for array in arrays)
        raise InputError(
            f"arrays of the shapes {told} cannot be measured; give one-dimensional arrays of "
            "one length, not empty"
        )


def falling_crossing(values: Real, level: float) -> Crossing | None:
    """Return the first place where ``values`` falls from at least the level to below it.

    The first i with ``values[i] >= level`` and ``values[i+1] < level``; its fraction is
    ``(values[i] - level) / (values[i] - values[i+1])``.

    Example:
        >>> falling_crossing(np.array([3.0, 2.0, 0.0]), 1.0)
        Crossing(index=1, fraction=0.5)
    """
    found = np.flatnonzero((values[:-1] >= level) & (values[1:] < level))
    if not found.size:
        return None
    at = int(found[0])
    return Crossing(at, float((values[at] - level) / (values[at] - values[at + 1])))


def interpolate(values: Real, crossing: Crossing) -> float:
    """Return the value at a crossing, linear between its two points."""
    left, right = float(values[crossing.index]), float(values[crossing.index + 1])
    return left + crossing.fraction * (right - left)


def log_interpolate(values: Real, crossing: Crossing) -> float:
    """Return the value at a crossing, linear in the logarithm: ``f0 (f1/f0)**fraction``."""
    left, right = float(values[crossing.index]), float(values[crossing.index + 1])
    left = max(left, TINY_HZ)
    return float(left * (right / left) ** crossing.fraction)


def at_frequency(frequency_hz: Real, values: Real, at_hz: float) -> float:
    """Return a real value at a frequency: linear over log10(frequency), flat outside.

    Example:
        >>> at_frequency(np.array([1.0, 100.0]), np.array([4.0, 2.0]), 10.0)
        3.0
    """
    check_same_length(frequency_hz, values)
    axis = np.log10(np.maximum(frequency_hz, TINY_HZ))
    return float(np.interp(np.log10(max(at_hz, TINY_HZ)), axis, values))


def value_before(time_s: Real, values: Real, at_s: float) -> float:
    """Return the value at the last time point strictly before ``at_s``; NaN where none is.

    Example:
        >>> value_before(np.array([0.0, 1.0, 2.0]), np.array([5.0, 6.0, 7.0]), 2.0)
        6.0
    """
    check_same_length(time_s, values)
    at = int(np.searchsorted(time_s, at_s, side="left")) - 1
    return float(values[at]) if at >= 0 else float("nan")


def window(time_s: Real, from_s: float, until_s: float) -> slice:
    """Return the slice of the time points with ``from_s <= t < until_s``.

    Example:
        >>> window(np.array([0.0, 1.0, 2.0, 3.0]), 1.0, 3.0)
        slice(1, 3, None)
    """
    first, end = np.searchsorted(time_s, (from_s, until_s), side="left")
    return slice(int(first), int(end))
