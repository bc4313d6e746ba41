"""Specifications that several tests of filters use."""

from typing import Any

import pytest


@pytest.fixture
def lumped() -> dict[str, Any]:
    """A low-pass of up to seven parts."""
    return {
        "schema": "filter-spec/1",
        "id": "lp",
        "response": "lowpass",
        "technology": "lumped_lc",
        "ports": {"zs_ohm": 50, "zl_ohm": 50},
        "passbands": [{"f_lo_hz": 1e6, "f_hi_hz": 10e6, "il_max_db": 1.0, "rl_min_db": 14}],
        "stopbands": [{"f_lo_hz": 20e6, "f_hi_hz": 100e6, "atten_min_db": 35}],
        "limits": {
            "max_reactive_elements": 7,
            "l_range_h": [5e-9, 2.2e-5],
            "c_range_f": [5e-13, 1e-8],
            "inductor": {
                "series": "E24",
                "tolerance": 0.05,
                "q_at_ref": 80,
                "f_ref_hz": 10e6,
                "q_law": "q_at_ref*sqrt(f/f_ref), capped at 1.5*q_at_ref",
            },
            "capacitor": {"series": "E24", "tolerance": 0.05, "q": 400},
        },
    }


@pytest.fixture
def active() -> dict[str, Any]:
    """A low-pass of up to two op-amps."""
    return {
        "schema": "filter-spec/1",
        "id": "act",
        "response": "lowpass",
        "technology": "active_rc",
        "ports": {"zs_ohm": 50, "zl_ohm": 10000},
        "gain_nominal_db": 0,
        "passbands": [
            {
                "f_lo_hz": 10.0,
                "f_hi_hz": 5000.0,
                "il_max_db": 1.0,
                "rl_min_db": 0,
                "ripple_max_db": 1.0,
            }
        ],
        "stopbands": [{"f_lo_hz": 15000.0, "f_hi_hz": 200000.0, "atten_min_db": 33}],
        "limits": {
            "max_opamps": 2,
            "opamp": {"gbw_hz": 3e6, "a0_db": 106, "rout_ohm": 100, "model": "single pole"},
            "resistor": {"series": "E96", "tolerance": 0.01, "r_min_ohm": 470, "r_max_ohm": 470e3},
            "capacitor": {
                "series": "E12",
                "tolerance": 0.05,
                "c_min_f": 4.7e-11,
                "c_max_f": 2.2e-6,
            },
        },
    }
