"""Metrics of many transients at once, as the measures of cases define them, between points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def step_metric(kind: str, times: Floats, output: Floats, given: Mapping[str, Floats]) -> Floats:
    """Return a metric of outputs, [designs]; NaN where it does not exist.

    Args:
        kind: The kind of the measure.
        times: In s, [times].
        output: [times, designs].
        given: Fields of the measure, [designs] each; ``rise`` is -1 for a falling edge.
    """
    if kind in ("slew_rate", "settling_s", "overshoot"):
        return _step(kind, times, output * given["rise"], given)
    if kind == "delay_s":
        return _delay(times, output, given)
    if kind == "decision":
        return np.asarray((_value(times, output, given["at_s"]) > given["level"]).astype(float))
    inside = (times[:, None] >= given["from"]) & (times[:, None] < given["until"])
    low = np.where(inside, output, np.inf).min(axis=0)
    if kind == "peak_to_peak":
        return np.asarray(np.where(inside, output, -np.inf).max(axis=0) - low)
    if kind == "undershoot":
        before = "before_s" in given
        reference = _value(times, output, given["before_s"]) if before else given["target"]
        return np.asarray(reference - low)
    return np.full(output.shape[1], np.nan)


def step_margin(times: Floats, output: Floats, given: Mapping[str, Floats]) -> Floats:
    """Return how far a step is above its least size, from -1 to 1, [designs]."""
    turned = output * given["rise"]
    height = _value(times, turned, given["final_at_s"]) - _value(times, turned, given["step_at_s"])
    return np.tanh(3 * (height / np.maximum(np.abs(given["min_step"]), 1e-12) - 1))


def _step(kind: str, times: Floats, output: Floats, given: Mapping[str, Floats]) -> Floats:
    begin, end = given["step_at_s"], given["final_at_s"]
    first, final = _value(times, output, begin), _value(times, output, end)
    height = final - first
    fails = height < given["min_step"]
    after = times[:, None] >= begin
    if kind == "slew_rate":
        low = _crossing(times, np.where(after, output, -np.inf), first + 0.2 * height)
        high = _crossing(times, np.where(after, output, -np.inf), first + 0.8 * height)
        made = 0.6 * height / np.maximum(high - low, 1e-13)
    elif kind == "overshoot":
        inside = after & (times[:, None] < end)
        peak = np.where(inside, output, -np.inf).max(axis=0)
        made = np.maximum((peak - final) / height, 0.0)
    else:
        bad = after & (np.abs(output - final) > given["tolerance"] * height)
        last = len(times) - 1 - np.argmax(bad[::-1], axis=0)
        following = np.minimum(last + 1, len(times) - 1)
        # The band is entered between the last point outside and the next.
        many = np.arange(output.shape[1])
        outside = np.abs(output[last, many] - final)
        inner = np.abs(output[following, many] - final)
        edge = given["tolerance"] * height
        share = np.clip((outside - edge) / np.maximum(outside - inner, 1e-15), 0.0, 1.0)
        entered = times[last] + share * (times[following] - times[last])
        made = np.where(bad.any(axis=0), entered - begin, 0.0)
    return np.asarray(np.where(fails, np.nan, made))


def _delay(times: Floats, output: Floats, given: Mapping[str, Floats]) -> Floats:
    size = np.where(given["absolute"] > 0, np.abs(output), output)
    inside = (times[:, None] >= given["from_s"]) & (times[:, None] < given["until_s"])
    found = _crossing(times, np.where(inside, size, -np.inf), given["level"])
    return np.asarray(found - given["from_s"])


def _crossing(times: Floats, output: Floats, level: Floats) -> Floats:
    """Return when each output is first at a level, between points; NaN where it never is."""
    there = output >= level
    at = np.argmax(there, axis=0)
    many = np.arange(output.shape[1])
    before = np.maximum(at - 1, 0)
    low, high = output[before, many], output[at, many]
    with np.errstate(invalid="ignore"):
        share = np.where(np.isfinite(low), (level - low) / np.maximum(high - low, 1e-15), 1.0)
    found = times[before] + np.clip(share, 0.0, 1.0) * (times[at] - times[before])
    return np.where(there.any(axis=0), found, np.nan)


def _value(times: Floats, output: Floats, when: Floats) -> Floats:
    """Return each output at a time, between points."""
    at = np.clip(np.searchsorted(times, when), 1, len(times) - 1)
    many = np.arange(output.shape[1])
    share = np.clip((when - times[at - 1]) / (times[at] - times[at - 1]), 0.0, 1.0)
    return np.asarray(output[at - 1, many] * (1 - share) + output[at, many] * share)
