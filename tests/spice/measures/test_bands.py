"""Pass bands, ripple, group delay and steady ranges against closed forms."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from eda.errors import InputError
from eda.spice import measures

Curve = NDArray[np.float64]
Response = NDArray[np.complex128]


def one_pole(f: Curve, corner: float) -> Response:
    return np.asarray(1 / (1 + 1j * f / corner), dtype=np.complex128)


def response(values: Any) -> Response:
    return np.asarray(values, dtype=np.complex128)


@given(st.floats(10.0, 1e5))
def test_edge_of_a_low_pass_is_its_corner(corner: float) -> None:
    f = np.logspace(-1, 7, 1601)
    low, high = measures.passband_hz(f, one_pole(f, corner))
    assert low == 0.0
    assert high == pytest.approx(corner, rel=1e-4)


def test_a_high_pass_has_no_upper_edge() -> None:
    f = np.logspace(0, 6, 1201)
    low, high = measures.passband_hz(f, 1 - one_pole(f, 1e3))
    assert low == pytest.approx(1e3, rel=1e-4)
    assert high == math.inf


@given(st.floats(1.0, 50.0))
def test_edges_of_a_resonance_are_as_far_apart_as_its_quality_says(quality: float) -> None:
    f = np.linspace(200.0, 3000.0, 20001)
    x = f / 1e3
    low, high = measures.passband_hz(f, response(1 / (1 + 1j * quality * (x - 1 / x))))
    assert high - low == pytest.approx(1e3 / quality, rel=1e-3)
    assert low * high == pytest.approx(1e6, rel=1e-3)


@pytest.mark.parametrize("order", [3, 4, 5])
@pytest.mark.parametrize("ripple", [0.1, 0.5, 3.0])
def test_ripple_of_chebyshev_filters_is_what_they_are_made_for(order: int, ripple: float) -> None:
    f = np.linspace(1e-4, 4.0, 100001)
    polynomial = np.polynomial.chebyshev.Chebyshev.basis(order)(f)
    made = response(1 / np.sqrt(1 + (10 ** (ripple / 10) - 1) * polynomial**2))
    assert measures.ripple_db(f, made) == pytest.approx(ripple, abs=1e-4)


def test_a_butterworth_filter_has_no_ripple() -> None:
    f = np.linspace(1e-4, 3.0, 1001)
    assert measures.ripple_db(f, response(1 / np.sqrt(1 + f**10))) == 0.0


def test_ripple_in_a_given_band_is_largest_over_smallest() -> None:
    f = np.array([1.0, 2.0, 3.0, 4.0])
    made = response([1.0, 0.5, 2.0, 0.1])
    assert measures.ripple_db(f, made, band_hz=(1.5, 3.5)) == pytest.approx(12.0412, abs=1e-4)
    assert math.isnan(measures.ripple_db(f, made, band_hz=(10.0, 20.0)))


def test_group_delay_of_one_pole() -> None:
    f = np.logspace(0, 6, 2001)
    tau = 1 / (2 * math.pi * 1e3)
    exact = tau / (1 + (f / 1e3) ** 2)
    assert np.allclose(measures.group_delay_s(f, one_pole(f, 1e3))[1:-1], exact[1:-1], rtol=1e-3)
    assert math.isnan(measures.group_delay_s(np.array([1.0]), np.array([1j]))[0])


def test_a_steady_range_ends_where_values_leave() -> None:
    x = np.linspace(0, 1, 101)
    values = np.where((x > 0.295) & (x < 0.805), 0.0, 1.0)
    found = measures.steady_range(x, values, around=0.5, tolerance=0.1)
    assert found == pytest.approx((0.3, 0.8))
    nothing = measures.steady_range(x, np.full(101, math.nan), around=0.5, tolerance=0.1)
    assert all(map(math.isnan, nothing))


def test_arrays_of_two_lengths_are_refused() -> None:
    with pytest.raises(InputError, match="cannot be measured"):
        measures.passband_hz(np.ones(3), response(np.ones(2)))
