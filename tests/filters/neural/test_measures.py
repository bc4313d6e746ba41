"""Differences of responses: decibels, bands, and the factor that brings two together."""

import numpy as np
import pytest

from eda.filters.neural.measures import band_of, error_db, one_factor

FREQUENCY = np.linspace(1e9, 3e9, 801)


def resonance(frequency: np.ndarray, centre: float = 2e9, q: float = 20.0) -> np.ndarray:
    return 1 / (1 + 1j * q * (frequency / centre - centre / frequency))


def test_a_resonance_has_its_band() -> None:
    band = band_of(FREQUENCY, resonance(FREQUENCY), "bandpass")
    assert band is not None
    assert band.width_hz == pytest.approx(2e9 / 20, rel=1e-3)
    assert band.centre_hz == pytest.approx(2e9 * np.hypot(1, 1 / 40), rel=1e-5)
    notch = band_of(FREQUENCY, 1 - resonance(FREQUENCY), "bandstop")
    assert notch is not None
    assert notch.width_hz == pytest.approx(2e9 / 20, rel=0.01)


def test_a_low_pass_has_its_edge() -> None:
    response = 1 / (1 + 1j * FREQUENCY / 2e9)
    band = band_of(FREQUENCY, response / np.abs(response[0]), "lowpass")
    assert band is not None
    assert band.centre_hz == pytest.approx(np.sqrt(6) * 1e9, rel=1e-3)
    assert band_of(FREQUENCY, np.ones(801, complex), "lowpass") is None
    assert band_of(FREQUENCY, np.ones(801, complex), "bandpass") is None


def test_decibels_below_the_floor_count_as_alike() -> None:
    assert error_db(np.array([0.1 + 0j]), np.array([0.01 + 0j])) == pytest.approx(20.0)
    assert error_db(np.array([1e-3 + 0j]), np.array([1e-4 + 0j])) == 0.0
    assert error_db(np.array([0.1 + 0j]), np.array([1e-5 + 0j])) == pytest.approx(20.0)


def test_one_factor_is_found() -> None:
    full = resonance(FREQUENCY, centre=2.14e9)
    scale, best = one_factor(resonance, FREQUENCY, full)
    assert scale == pytest.approx(2 / 2.14, rel=1e-3)
    assert error_db(best, full) < 0.1
