"""Measures at rest, and operating points of transistors."""

import math

import numpy as np
import pytest

from eda.spice import measures


def test_powers() -> None:
    assert measures.power(-2e-3, 1.5) == pytest.approx(3e-3)
    assert measures.efficiency(0.9, 1.2) == pytest.approx(0.75)
    assert math.isnan(measures.efficiency(0.9, 0.0))
    assert measures.offset(0.4, 0.5) == pytest.approx(0.1)


def test_regulation() -> None:
    supply, output = np.array([2.0, 2.5, 3.0]), np.array([1.2, 1.205, 1.21])
    assert measures.line_regulation(supply, output) == pytest.approx(0.01)
    load = np.array([0.0, 0.05, 0.1])
    assert measures.load_regulation(load, np.array([1.2, 1.19, 1.18])) == pytest.approx(0.2)
    assert math.isnan(measures.line_regulation(supply[:1], output[:1]))
    assert measures.load_regulation(np.zeros(2), np.ones(2), undefined=-1.0) == -1.0


def test_swing_ends_where_the_gain_does() -> None:
    sweep = np.linspace(-1, 1, 2001)
    low, high = measures.output_swing(sweep, 0.9 + 0.8 * np.tanh(10 * sweep), fraction=0.5)
    # The slope of tanh is half its largest where tanh is sqrt(1/2).
    assert low == pytest.approx(0.9 - 0.8 * math.sqrt(0.5), abs=0.01)
    assert high == pytest.approx(0.9 + 0.8 * math.sqrt(0.5), abs=0.01)
    falling = measures.output_swing(sweep, 0.9 - 0.8 * np.tanh(10 * sweep), fraction=0.5)
    assert falling == pytest.approx((low, high))


def test_an_output_that_never_moves_has_no_swing() -> None:
    flat = measures.output_swing(np.linspace(0, 1, 11), np.ones(11))
    assert all(math.isnan(value) for value in flat)
    assert all(math.isnan(value) for value in measures.output_swing(np.ones(2), np.ones(2)))


@pytest.mark.parametrize(
    ("vgs", "vds", "expected"),
    [
        (0.2, 1.0, "off"),
        (0.35, 1.0, "weak"),
        (0.6, 1.0, "saturation"),
        (0.6, 0.1, "triode"),
        (0.6, -0.1, "reverse"),
        (math.nan, 1.0, "unknown"),
    ],
)
def test_regions(vgs: float, vds: float, expected: str) -> None:
    assert measures.mos_region(vgs, vds, 0.4, 0.2) == expected


def test_operating_points_of_transistors_only() -> None:
    values = {
        "v(out)": 0.9,
        "@x1.m1[gm]": 1e-3,
        "@x1.m1[id]": 5e-5,
        "@x1.m1[gds]": 2e-5,
        "@x1.m1[vgs]": 0.6,
        "@x1.m1[vds]": 0.5,
        "@x1.m1[vth]": 0.4,
        "@x1.m1[vdsat]": 0.15,
        "@r1[i]": 1e-3,
        # Level 1, p-channel: threshold and saturation voltage are not turned.
        "@m2[vgs]": 0.9,
        "@m2[vds]": 0.05,
        "@m2[von]": -0.5,
        "@m2[vdsat]": -0.4,
    }
    found = measures.mos_operating_points(values)
    assert list(found) == ["x1.m1", "m2"]
    first = found["x1.m1"]
    assert first.region == "saturation"
    assert first.gm_over_id == pytest.approx(20)
    assert first.intrinsic_gain == pytest.approx(50)
    assert first.saturation_margin_v == pytest.approx(0.35)
    assert found["m2"].region == "triode"
    assert math.isnan(found["m2"].gm_s)
    assert math.isnan(found["m2"].gm_over_id)
