"""Measures at rest and over DC sweeps: offset, swing, power, efficiency, regulation."""

from __future__ import annotations

import math

import numpy as np

from eda.spice.measures.crossings import Real, check_same_length


def offset(output: float, target: float) -> float:
    """Return ``|output - target|``, in the unit of the output. It always exists."""
    return abs(output - target)


def power(current_a: float, supply_v: float) -> float:
    """Return the power that a source delivers, in W: ``-current * voltage``.

    The current counts into the plus terminal, as in SPICE, so it is negative for a source that
    delivers. It always exists.
    """
    return -current_a * supply_v


def efficiency(output_w: float, input_w: float, *, undefined: float = math.nan) -> float:
    """Return output over input power, as a fraction; ``undefined`` where no power goes in."""
    return output_w / input_w if input_w > 0 else undefined


def line_regulation(supply_v: Real, output_v: Real, *, undefined: float = math.nan) -> float:
    """Return the change of the output by change of the supply, in V/V.

    ``(output[-1] - output[0]) / (supply[-1] - supply[0])`` over a sweep of the supply;
    ``undefined`` where the supply does not change.
    """
    return _slope(supply_v, output_v, undefined)


def load_regulation(load_a: Real, output_v: Real, *, undefined: float = math.nan) -> float:
    """Return the fall of the output by rise of the load current, in V/A.

    ``-(output[-1] - output[0]) / (load[-1] - load[0])`` over a sweep of the load; ``undefined``
    where the load does not change.
    """
    found = _slope(load_a, output_v, math.nan)
    return undefined if math.isnan(found) else -found


def output_swing(
    sweep: Real, output: Real, *, fraction: float = 0.5, undefined: float = math.nan
) -> tuple[float, float]:
    """Return the lowest and highest output where the circuit still amplifies, in its unit.

    Over a DC sweep of the input: the points round the steepest place where the slope is at
    least ``fraction`` of the steepest. Both are ``undefined`` where the output never moves, or
    the sweep has fewer than three points.

    Example:
        >>> x = np.linspace(-2, 2, 401)
        >>> output_swing(x, np.clip(3 * x, -1.5, 1.5))
        (-1.5, 1.5)
    """
    check_same_length(sweep, output)
    if sweep.size < 3:
        return undefined, undefined
    slope = np.abs(np.diff(output) / np.diff(sweep))
    peak = int(np.argmax(slope))
    if not slope[peak] > 0:
        return undefined, undefined
    good = slope >= fraction * slope[peak]
    first = last = peak
    while first > 0 and good[first - 1]:
        first -= 1
    while last < good.size - 1 and good[last + 1]:
        last += 1
    ends = sorted((float(output[first]), float(output[last + 1])))
    return ends[0], ends[1]


def _slope(axis: Real, values: Real, undefined: float) -> float:
    check_same_length(axis, values)
    change = float(axis[-1] - axis[0])
    return float(values[-1] - values[0]) / change if change else undefined
