"""Oscillations and distortion against sines whose harmonics are known."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.errors import InputError
from eda.spice.measures import harmonics, oscillation_hz, peak_to_peak, thd


def uneven(until_s: float, points: int, seed: int = 0) -> np.ndarray:
    """Time points as a simulator gives them: unequal steps."""
    steps = np.random.default_rng(seed).uniform(0.3, 1.7, points)
    times = np.cumsum(steps)
    return np.asarray(times * until_s / times[-1])


@given(
    frequency_hz=st.floats(1e3, 1e9),
    phase=st.floats(0, 6),
    offset=st.floats(-2, 2),
    second=st.floats(0, 0.2),
    third=st.floats(0.001, 0.2),
)
def test_distortion_of_known_harmonics(
    frequency_hz: float, phase: float, offset: float, second: float, third: float
) -> None:
    time = uneven(4 / frequency_hz, 2000)
    angle = 2 * math.pi * frequency_hz * time
    signal = offset + np.sin(angle + phase) + second * np.cos(2 * angle) + third * np.sin(3 * angle)
    found = thd(time, signal, fundamental_hz=frequency_hz, periods=3)
    assert found == pytest.approx(math.hypot(second, third), rel=1e-6)
    amplitudes = harmonics(time, signal, fundamental_hz=frequency_hz, count=5)
    assert np.abs(amplitudes) == pytest.approx([abs(offset), 1, second, third, 0, 0], abs=1e-8)


def test_phase_of_a_harmonic_is_that_of_a_cosine() -> None:
    time = uneven(2.0, 500)
    signal = 3 * np.cos(2 * math.pi * time + 0.4)
    found = harmonics(time, signal, fundamental_hz=1.0, count=2)[1]
    assert abs(found) == pytest.approx(3)
    assert np.angle(found) == pytest.approx(0.4)


def test_square_wave_has_the_distortion_of_its_series() -> None:
    time = np.linspace(0, 1, 20001)
    signal = np.sign(np.sin(2 * math.pi * time))
    expected = math.sqrt(sum(1 / k**2 for k in (3, 5, 7, 9)))
    assert thd(time, signal, fundamental_hz=1.0) == pytest.approx(expected, rel=1e-2)


def test_a_signal_that_is_too_short_has_no_distortion() -> None:
    time = np.linspace(0, 0.9, 200)
    assert math.isnan(thd(time, np.sin(2 * math.pi * time), fundamental_hz=1.0))
    few = np.linspace(0, 1, 10)
    assert math.isnan(thd(few, np.sin(2 * math.pi * few), fundamental_hz=1.0))
    silent = np.zeros(100)
    assert thd(np.linspace(0, 1, 100), silent, fundamental_hz=1.0, undefined=-1.0) == -1.0


def test_a_frequency_of_nothing_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        thd(np.linspace(0, 1, 100), np.zeros(100), fundamental_hz=0.0)
    assert str(caught.value) == (
        "harmonics need a frequency above zero, and counts of harmonics and periods from 1"
    )


@given(frequency_hz=st.floats(1e3, 1e9), phase=st.floats(0, 6), offset=st.floats(-9, 9))
def test_frequency_of_a_sine(frequency_hz: float, phase: float, offset: float) -> None:
    time = uneven(7 / frequency_hz, 3000)
    signal = offset + np.sin(2 * math.pi * frequency_hz * time + phase)
    assert oscillation_hz(time, signal) == pytest.approx(frequency_hz, rel=1e-4)


def test_ripple_round_the_middle_is_no_period() -> None:
    time = np.linspace(0, 3, 30001)
    signal = np.sin(2 * math.pi * time) + 0.02 * np.sin(2 * math.pi * 97 * time)
    assert oscillation_hz(time, signal) == pytest.approx(1.0, rel=0.01)


def test_what_does_not_oscillate_has_no_frequency() -> None:
    time = np.linspace(0, 1, 101)
    assert math.isnan(oscillation_hz(time, np.ones(101)))
    assert math.isnan(oscillation_hz(time, time))
    assert oscillation_hz(time, np.ones(101), undefined=0.0) == 0.0
    small = 1e-6 * np.sin(2 * math.pi * 10 * time)
    assert math.isnan(oscillation_hz(time, small, min_swing=1e-3))
    assert oscillation_hz(time, small, window_s=(0.2, 0.9)) == pytest.approx(10.0, rel=1e-3)


def test_size_in_a_window() -> None:
    time = np.arange(4.0)
    assert peak_to_peak(time, np.array([0.0, 5.0, 1.0, 9.0])) == 9.0
    assert peak_to_peak(time, np.array([0.0, 5.0, 1.0, 9.0]), window_s=(1.0, 3.0)) == 4.0
    assert math.isnan(peak_to_peak(time, time, window_s=(7.0, 8.0)))
