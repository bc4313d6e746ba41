"""On which scale a metric is learned, and which designs count as alive."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from eda.spice import Case, CaseResult

FLOOR: Final[dict[str, float]] = {
    "supply_power": 1e-12,
    "supply_current": 1e-12,
    "dc_offset": 1e-6,
    "magnitude": 1e-9,
    "unity_gain_hz": 1e-3,
    "bandwidth_hz": 1e-3,
    "noise_total": 1e-18,
    "noise_density": 1e-18,
    "slew_rate": 1.0,
    "settling_s": 1e-12,
    "delay_s": 1e-13,
    "energy_j": 1e-18,
    "undershoot": 1e-6,
    "peak_to_peak": 1e-9,
}
"""Kinds learned as logarithms, each with the size below which it is taken for nothing.

The others (decibel, degrees, shares, decisions) are learned as they are.
"""

SAME: Final = 1e-6
"""Relative distance within which a metric is its measure's ``undefined``."""


def learned(case: Case, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return metrics [..., metrics] on the scale they are learned on."""
    made = np.array(values, dtype=np.float64)
    for at, metric in enumerate(case.metrics):
        floor = FLOOR.get(case.measures[metric].kind)
        if floor is not None:
            # Signed, because a current may flow the other way: linear below the floor.
            made[..., at] = np.arcsinh(made[..., at] / (2 * floor))
    return made


def metric_units(case: Case, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what `learned` gave in the units of the metrics again."""
    made = np.array(values, dtype=np.float64)
    for at, metric in enumerate(case.metrics):
        floor = FLOOR.get(case.measures[metric].kind)
        if floor is not None:
            made[..., at] = 2 * floor * np.sinh(np.clip(made[..., at], -300.0, 300.0))
    return made


def undefined(case: Case, parameters: Mapping[str, float]) -> NDArray[np.float64]:
    """Return what each metric is where the quantity does not exist; NaN where it always does."""
    values = [case.measures[metric].undefined(parameters) for metric in case.metrics]
    return np.array([math.nan if value is None else value for value in values])


def metric_array(case: Case, results: Sequence[CaseResult]) -> NDArray[np.float64]:
    """Return the metrics of results [results, metrics]; NaN where there is none."""
    return np.array(
        [[result.metrics.get(name, math.nan) for name in case.metrics] for result in results]
    ).reshape(len(results), len(case.metrics))


def is_defined(case: Case, metrics: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which metrics [designs, metrics] are there, and are not their ``undefined``.

    A settling time may be its ``undefined`` by being as long as the step. Where another metric of
    the same step exists, the output is slow rather than dead, and the settling time exists.
    """
    nothing = undefined(case, case.parameters(case.nominal))
    same = np.abs(metrics - nothing) <= SAME * np.abs(nothing) + 1e-300
    made = np.isfinite(metrics) & ~same
    for at, name in enumerate(case.metrics):
        measure = case.measures[name]
        if measure.kind == "settling_s":
            for other, with_it in enumerate(case.metrics):
                beside = case.measures[with_it]
                if beside.kind in ("slew_rate", "overshoot") and (
                    beside.fields["output"] == measure.fields["output"]
                ):
                    made[:, at] |= made[:, other] & np.isfinite(metrics[:, at])
    return made


def decides(case: Case) -> list[int]:
    """Return which metrics tell whether a design works.

    Those before the transients that may not exist: no crossing, no band. A case without such has
    all of its metrics decide.
    """
    nothing = undefined(case, case.parameters(case.nominal))
    early = [
        at
        for at, name in enumerate(case.metrics)
        if case.measures[name].analysis != "tran" and math.isfinite(nothing[at])
    ]
    return early or list(range(len(case.metrics)))


def is_alive(case: Case, metrics: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which designs work: what `decides` exists, as a gain that falls through 1."""
    return np.asarray(is_defined(case, metrics)[:, decides(case)].all(axis=1))
