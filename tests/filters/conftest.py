"""Specifications that several tests of filters use."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from eda.filters.spec import FilterSpec
from eda.filters.spec_reader import parse_spec


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


def printed_data(
    response: str,
    passed: list[tuple[float, float]],
    stopped: list[tuple[float, float, float]],
    *,
    families: list[str],
    footprint: tuple[float, float] = (60.0, 30.0),
    il_db: float = 3.0,
    order: int = 5,
) -> dict[str, Any]:
    return {
        "schema": "filter-spec/1",
        "id": f"printed-{response}",
        "title": f"printed {response}",
        "response": response,
        "technology": "microstrip",
        "ports": {"zs_ohm": 50, "zl_ohm": 50},
        "passbands": [
            {"f_lo_hz": a, "f_hi_hz": b, "il_max_db": il_db, "rl_min_db": 10} for a, b in passed
        ],
        "stopbands": [{"f_lo_hz": a, "f_hi_hz": b, "atten_min_db": c} for a, b, c in stopped],
        "limits": {
            "substrate": {"er": 3.5, "tand": 0.002, "h_mm": 0.508},
            "min_width_mm": 0.15,
            "min_gap_mm": 0.15,
            "dimension_grid_mm": 0.01,
            "max_footprint_mm": list(footprint),
            "families_allowed": families,
            "max_order": order,
            "ground_vias_allowed": False,
        },
    }


SPECS: dict[str, dict[str, Any]] = {
    "bandpass": printed_data(
        "bandpass",
        [(4.4e9, 4.7e9)],
        [(1e9, 3.7e9, 20), (5.5e9, 8e9, 20)],
        families=["edge_coupled", "hairpin"],
    ),
    "lowpass": printed_data(
        "lowpass",
        [(0.1e9, 2.4e9)],
        [(5e9, 8e9, 18)],
        families=["stepped_impedance"],
        il_db=1.0,
        order=7,
    ),
    "bandstop": printed_data(
        "bandstop",
        [(2e9, 3.6e9), (6.6e9, 8e9)],
        [(4.6e9, 5.2e9, 18)],
        families=["stub"],
        il_db=2.0,
    ),
}


@pytest.fixture
def spec_of() -> Callable[..., FilterSpec]:
    """Return a specification by its response, some of its limits changed."""

    def make(response: str, **limits: Any) -> FilterSpec:
        data = json.loads(json.dumps(SPECS[response]))
        data["limits"].update(limits)
        return parse_spec(json.dumps(data))

    return make
