"""Noise against closed forms: white, 1/f, and through one pole."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.errors import InputError
from eda.spice.measures import integrated_noise, noise_density

FREQUENCY = np.logspace(0, 8, 81)


@given(st.floats(1e-12, 1e-3))
def test_white_noise_grows_with_the_root_of_the_band(density: float) -> None:
    flat = np.full(FREQUENCY.size, density)
    expected = density * math.sqrt(1e8 - 1)
    assert integrated_noise(FREQUENCY, flat) == pytest.approx(expected, rel=1e-9)
    assert integrated_noise(FREQUENCY, flat, band_hz=(33.0, 777.0)) == pytest.approx(
        density * math.sqrt(777 - 33), rel=1e-9
    )


def test_flicker_noise_adds_up_by_decades() -> None:
    flicker = 1e-6 / np.sqrt(FREQUENCY)
    assert integrated_noise(FREQUENCY, flicker) == pytest.approx(
        1e-6 * math.sqrt(math.log(1e8)), rel=1e-9
    )
    assert integrated_noise(FREQUENCY, flicker, band_hz=(7.0, 70.0)) == pytest.approx(
        1e-6 * math.sqrt(math.log(10)), rel=1e-9
    )


def test_a_resistor_with_a_capacitor_has_k_t_over_c() -> None:
    # 1 kohm and 1 pF: the pole is at 159 MHz; kT/C is 64.4 uV at 300 K.
    frequency = np.logspace(3, 13, 1001)
    pole = 1 / (2 * math.pi * 1e3 * 1e-12)
    kt = 1.380649e-23 * 300
    density = np.sqrt(4 * kt * 1e3 / (1 + (frequency / pole) ** 2))
    assert integrated_noise(frequency, density) == pytest.approx(math.sqrt(kt / 1e-12), rel=1e-3)


def test_a_band_outside_of_the_analysis_counts_as_nothing() -> None:
    flat = np.ones(FREQUENCY.size)
    assert integrated_noise(FREQUENCY, flat, band_hz=(1e9, 1e10)) == 0
    assert integrated_noise(FREQUENCY[:1], flat[:1]) == 0
    assert integrated_noise(FREQUENCY, np.zeros(FREQUENCY.size)) == 0


def test_a_band_the_wrong_way_round_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        integrated_noise(FREQUENCY, np.ones(FREQUENCY.size), band_hz=(100.0, 10.0))
    assert str(caught.value) == "100 to 10 Hz is no band; give low, high"


def test_density_between_points() -> None:
    axis, values = np.array([1.0, 100.0]), np.array([4e-9, 2e-9])
    assert noise_density(axis, values, at_hz=10.0) == pytest.approx(3e-9)
    assert noise_density(axis, values, at_hz=1e6) == 2e-9
