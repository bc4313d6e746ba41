"""Frequency responses against closed forms: poles, pairs of poles, delays."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from eda.errors import InputError
from eda.spice import measures

FREQUENCY = np.logspace(0, 9, 9 * 200 + 1)


def low_pass(gain: float, *poles_hz: float) -> NDArray[np.complex128]:
    made = np.full(FREQUENCY.size, complex(gain))
    for pole in poles_hz:
        made = made / (1 + 1j * FREQUENCY / pole)
    return made


@given(
    gain=st.floats(2, 1e5),
    pole_hz=st.floats(30, 1e3),
    sign=st.sampled_from((1, -1)),
)
def test_one_pole(gain: float, pole_hz: float, sign: int) -> None:
    response = low_pass(sign * gain, pole_hz)
    unity = pole_hz * math.sqrt(gain**2 - 1)
    assert measures.gain_db(FREQUENCY, response) == pytest.approx(20 * math.log10(gain), abs=0.01)
    assert measures.unity_gain_hz(FREQUENCY, response) == pytest.approx(unity, rel=1e-4)
    assert measures.bandwidth_hz(FREQUENCY, response) == pytest.approx(pole_hz, rel=2e-3)
    margin = 180 - math.degrees(math.atan(unity / pole_hz))
    # The phase at the lowest frequency is the reference, and is not quite zero there.
    margin += math.degrees(math.atan(1 / pole_hz))
    assert measures.phase_margin_deg(FREQUENCY, response) == pytest.approx(margin, abs=0.01)


def test_three_equal_poles_have_the_margin_of_the_textbook() -> None:
    # Each pole turns by 60 degrees at sqrt(3) times its frequency, where 8 is left of the gain.
    response = low_pass(4.0, 1e4, 1e4, 1e4)
    assert measures.gain_margin_db(FREQUENCY, response) == pytest.approx(
        20 * math.log10(8 / 4), abs=0.01
    )


def test_two_poles_have_no_gain_margin() -> None:
    response = low_pass(1000.0, 1e3, 1e5)
    assert math.isnan(measures.gain_margin_db(FREQUENCY, response))
    assert measures.gain_margin_db(FREQUENCY, response, undefined=99.0) == 99.0


@pytest.mark.parametrize("damping", [0.1, 0.3, 0.5])
def test_peaking_of_a_second_order_system(damping: float) -> None:
    s = 1j * FREQUENCY / 1e5
    response = np.asarray(1 / (1 + 2 * damping * s + s * s), np.complex128)
    expected = 1 / (2 * damping * math.sqrt(1 - damping**2))
    assert measures.peaking_db(FREQUENCY, response) == pytest.approx(
        20 * math.log10(expected), abs=0.01
    )


def test_a_flat_response_has_no_crossings() -> None:
    response = np.full(FREQUENCY.size, 0.5 + 0j)
    assert math.isnan(measures.unity_gain_hz(FREQUENCY, response))
    assert math.isnan(measures.phase_margin_deg(FREQUENCY, response))
    assert math.isnan(measures.bandwidth_hz(FREQUENCY, response))
    assert measures.unity_gain_hz(FREQUENCY, response, undefined=0.0) == 0.0
    assert measures.peaking_db(FREQUENCY, response) == 0.0


def test_unwrapping_follows_a_phase_past_half_a_turn() -> None:
    response = low_pass(1e6, 10.0, 1e3, 1e4, 1e5)
    phase = measures.unwrapped_phase_deg(response)
    assert phase[-1] == pytest.approx(-360, abs=1)
    assert measures.phase_margin_deg(FREQUENCY, response) < -90


@given(st.floats(0, 60), st.floats(-60, 120))
def test_ratios_are_differences_of_decibels(signal: float, disturbance: float) -> None:
    one = low_pass(10 ** (signal / 20), 1e6)
    other = low_pass(10 ** (-disturbance / 20), 1e7)
    assert measures.psrr_db(FREQUENCY, one, other) == pytest.approx(signal + disturbance, abs=1e-6)
    assert measures.cmrr_db(FREQUENCY, one, other, at_hz=10.0) == pytest.approx(
        signal + disturbance, abs=1e-6
    )


def test_rejection_in_a_band_is_that_of_its_worst_point() -> None:
    response = (1 / low_pass(1000.0, 1e4)).astype(np.complex128)  # rejects less and less
    at_end = measures.rejection_db(FREQUENCY, response, at_hz=1e5)
    assert measures.rejection_db(FREQUENCY, response, band_hz=(10.0, 1e5)) == pytest.approx(at_end)
    # The ends belong to the band, and rounding of the last frequency does not lose it.
    assert measures.rejection_db(
        FREQUENCY, response, band_hz=(10.0, 1e5 * (1 - 1e-9))
    ) == pytest.approx(at_end)
    assert math.isnan(measures.rejection_db(FREQUENCY, response, band_hz=(1e10, 1e11)))


def test_a_rejection_needs_a_place() -> None:
    with pytest.raises(InputError) as caught:
        measures.rejection_db(FREQUENCY, low_pass(1.0, 1e4))
    assert str(caught.value) == (
        "a rejection is measured at a frequency or in a band: give one of them"
    )


def test_nothing_at_all_is_600_db_down() -> None:
    silent = np.zeros(FREQUENCY.size, complex)
    assert measures.gain_db(FREQUENCY, silent) == -600
    assert measures.decibels(math.inf) == math.inf
    assert math.isnan(measures.decibels(math.nan))


def test_arrays_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        measures.gain_db(FREQUENCY[:3], low_pass(1.0, 1.0)[:2])
    assert str(caught.value) == (
        "arrays of the shapes (3,), (2,) cannot be measured; give one-dimensional arrays of one "
        "length, not empty"
    )


def test_values_outside_the_range_are_those_of_its_ends() -> None:
    axis, values = np.array([10.0, 1000.0]), np.array([4.0, 2.0])
    assert measures.at_frequency(axis, values, 1.0) == 4.0
    assert measures.at_frequency(axis, values, 0.0) == 4.0
    assert measures.at_frequency(axis, values, 1e6) == 2.0
    assert measures.at_frequency(axis, values, 100.0) == pytest.approx(3.0)


@given(st.lists(st.floats(0, 10), min_size=2, max_size=20), st.floats(0.1, 9))
def test_a_falling_crossing_lies_between_its_points(values: list[float], level: float) -> None:
    array = np.array(values)
    crossing = measures.falling_crossing(array, level)
    if crossing is None:
        assert not any(a >= level > b for a, b in pairwise(values))
    else:
        assert 0 <= crossing.fraction <= 1
        assert values[crossing.index] >= level > values[crossing.index + 1]
        assert measures.interpolate(array, crossing) == pytest.approx(level)
