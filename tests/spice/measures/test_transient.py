"""Steps, windows and delays against closed forms, and at the edges of what is defined."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.spice import measures
from eda.spice.measures import Step, read_step

TIME = np.concatenate(([0.0], np.linspace(1.0, 11.0, 20001)))
"""The step is at 1 s, and time points are unequally spaced."""


def step_of(signal: np.ndarray, edge: str = "rise") -> Step:
    return read_step(TIME, signal, step_at_s=1.0, final_at_s=11.0, edge=edge)  # type: ignore[arg-type]


def exponential(tau: float, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    return np.asarray(low + (high - low) * (1 - np.exp(-np.maximum(TIME - 1, 0) / tau)))


@given(tau=st.floats(0.05, 0.8), high=st.floats(0.1, 10))
def test_an_exponential_slews_and_settles_as_it_should(tau: float, high: float) -> None:
    step = step_of(exponential(tau, high=high))
    assert measures.slew_rate(step) == pytest.approx(0.6 * high / (tau * math.log(4)), rel=0.02)
    assert measures.settling_s(step, tolerance=0.01) == pytest.approx(
        tau * math.log(100), abs=0.005
    )
    assert measures.overshoot(step) < 1e-3


@pytest.mark.parametrize("damping", [0.2, 0.5, 0.7])
def test_overshoot_of_a_second_order_system(damping: float) -> None:
    t = np.maximum(TIME - 1, 0)
    omega = 20.0
    damped = omega * math.sqrt(1 - damping**2)
    ring = np.exp(-damping * omega * t)
    signal = 1 - ring * (np.cos(damped * t) + damping * omega / damped * np.sin(damped * t))
    expected = math.exp(-math.pi * damping / math.sqrt(1 - damping**2))
    assert measures.overshoot(step_of(signal)) == pytest.approx(expected, rel=1e-3)


def test_a_falling_edge_is_turned() -> None:
    rising, falling = exponential(0.3), 1 - exponential(0.3)
    for measure in (measures.slew_rate, measures.settling_s, measures.overshoot):
        assert measure(step_of(falling, "fall")) == pytest.approx(measure(step_of(rising)))
        # Read the wrong way round, a step of less than nothing is not defined.
        assert measure(step_of(falling), undefined=-1.0) == -1.0


def test_a_step_that_is_too_small_is_undefined() -> None:
    step = step_of(exponential(0.3, high=0.04))
    for measure in (measures.slew_rate, measures.settling_s, measures.overshoot):
        assert measure(step, min_step=0.05, undefined=7.0) == 7.0
        assert math.isnan(measure(step, min_step=0.05))


def test_a_step_without_points_before_it_is_undefined() -> None:
    step = read_step(TIME, exponential(0.3), step_at_s=0.0, final_at_s=11.0)
    assert math.isnan(step.initial)
    assert math.isnan(measures.slew_rate(step))


def test_a_jump_slews_as_fast_as_can_be_told() -> None:
    time = np.array([0.0, 1.0, 2.0, 3.0])
    step = read_step(time, np.array([0.0, 1.0, 1.0, 1.0]), step_at_s=0.5, final_at_s=3.5)
    assert measures.slew_rate(step) == pytest.approx(0.6 / 1e-13)
    assert measures.settling_s(step) == 0.0


def test_what_never_settles_settles_at_the_last_point() -> None:
    time = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    signal = np.array([0.0, 1.0, 1.0, 1.0, 2.0])
    step = read_step(time, signal, step_at_s=0.5, final_at_s=3.5)
    # Bad to the end, which lies after the time the final value is read at.
    assert measures.settling_s(step) == 3.5
    again = read_step(time, np.array([0.0, 5.0, 1.0, 1.0, 1.0]), step_at_s=0.5, final_at_s=3.5)
    assert measures.settling_s(again) == 1.5


def test_values_before_and_windows_are_strict_where_they_say_so() -> None:
    time, signal = np.array([0.0, 1.0, 2.0]), np.array([5.0, 6.0, 7.0])
    assert measures.value_before(time, signal, 1.0) == 5.0
    assert measures.value_before(time, signal, 9.0) == 7.0
    assert math.isnan(measures.value_before(time, signal, 0.0))
    assert measures.window(time, 1.0, 2.0) == slice(1, 2)
    assert measures.window(time, 1.5, 1.9) == slice(2, 2)


def test_undershoot_is_counted_from_its_reference() -> None:
    time, signal = np.arange(5.0), np.array([1.0, 1.0, 0.7, 0.9, 1.0])
    found = measures.undershoot(time, signal, window_s=(1.0, 4.0), reference=1.0)
    assert found == pytest.approx(0.3)
    assert math.isnan(measures.undershoot(time, signal, window_s=(9.0, 10.0), reference=1.0))


def test_delay_to_a_level() -> None:
    time, signal = np.arange(6.0), np.array([0.0, -3.0, 0.0, 1.0, 2.0, 3.0])

    def delay(level: float, *, absolute: bool = False) -> float:
        return measures.delay_s(
            *(time, signal),
            from_s=1.0,
            until_s=5.0,
            level=level,
            absolute=absolute,
            undefined=-1.0,
        )

    assert delay(1.0) == 3.0
    assert delay(1.0, absolute=True) == 0.0
    assert delay(2.5) == -1.0
    assert math.isnan(measures.delay_s(time, signal, from_s=7.0, until_s=8.0, level=0.0))


@given(st.floats(0.1, 3))
def test_propagation_delay_is_interpolated(lag: float) -> None:
    time = np.linspace(0, 10, 401)
    source = np.clip(time - 1, 0, 1)
    output = 1 - np.clip(time - 1 - lag, 0, 1)
    levels = {"source_level": 0.5, "output_level": 0.5}
    assert measures.propagation_delay_s(time, source, output, **levels) == pytest.approx(lag)
    assert math.isnan(measures.propagation_delay_s(time, source, output, after_s=6.0, **levels))


def test_energy_of_a_ramp() -> None:
    time = np.linspace(0, 2, 201)
    found = measures.energy_j(time, -time, supply_v=3.0, window_s=(0.0, 2.1))
    assert found == pytest.approx(6.0)
    assert math.isnan(measures.energy_j(time, -time, supply_v=3.0, window_s=(5.0, 6.0)))
    # The end of a window is not in it, and is not interpolated.
    assert measures.energy_j(time, -time, supply_v=3.0, window_s=(0.0, 2.0)) == pytest.approx(
        3 * 1.99**2 / 2
    )
