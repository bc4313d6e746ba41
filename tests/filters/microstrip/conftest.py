"""Specifications and layouts that the tests of printed filters share."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from eda.filters.microstrip.layout import Layout, Strip
from eda.filters.microstrip.limits import MicrostripLimits
from eda.filters.microstrip.substrate import Substrate
from eda.filters.spec import FilterSpec
from eda.filters.spec_reader import parse_spec

BOARD = Substrate(er=3.5, height_m=0.508e-3, tan_delta=0.002)


@pytest.fixture
def board() -> Substrate:
    return BOARD


@pytest.fixture
def limits() -> MicrostripLimits:
    families = ("edge_coupled", "hairpin", "stepped_impedance", "stub")
    return MicrostripLimits(BOARD, 0.15, 0.15, 0.01, (60.0, 30.0), families, 5, vias=False)


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


@pytest.fixture
def through() -> Layout:
    """Return a line of some 50 ohm from port to port."""
    strip = Strip("line", (0.0, 0.0), (20.0, 0.0), 1.13, ("p1", "p2"))
    return Layout("stub", 1, (strip,), (), ("p1", "p2"))
