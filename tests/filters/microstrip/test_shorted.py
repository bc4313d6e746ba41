"""Shorted stubs: high-passes and wide band-passes with vias to ground."""

import numpy as np
import pytest

from eda.filters.microstrip.design import design_printed
from eda.filters.spec_reader import spec_of

BANDS = {
    "highpass": ([(2e9, 5e9)], [(0.2e9, 1e9)]),
    "bandpass": ([(2e9, 3.4e9)], [(0.3e9, 1.1e9), (4.4e9, 4.8e9)]),
}


@pytest.mark.parametrize("response", BANDS)
def test_a_filter_of_shorted_stubs_and_its_deck(response: str) -> None:
    passed, stopped = BANDS[response]
    spec = spec_of(
        {
            "schema": "filter-spec/1",
            "id": response,
            "response": response,
            "technology": "microstrip",
            "ports": {"zs_ohm": 50, "zl_ohm": 50},
            "passbands": [
                {"f_lo_hz": a, "f_hi_hz": b, "il_max_db": 1.5, "rl_min_db": 10} for a, b in passed
            ],
            "stopbands": [{"f_lo_hz": a, "f_hi_hz": b, "atten_min_db": 18} for a, b in stopped],
            "limits": {
                "substrate": {"er": 3.5, "tand": 0.002, "h_mm": 0.508},
                "min_width_mm": 0.15,
                "min_gap_mm": 0.15,
                "dimension_grid_mm": 0.01,
                "max_footprint_mm": [90, 50],
                "families_allowed": ["stub"],
                "max_order": 6,
                "ground_vias_allowed": True,
            },
        }
    )
    result = design_printed(spec)
    assert result.solved
    assert len(result.layout.vias) == result.layout.order
    level = 20 * np.log10(np.abs(result.reference[:, 1, 0]))
    error = np.abs(20 * np.log10(np.abs(result.s[:, 1, 0])) - level)
    inside = (result.frequency_hz >= passed[0][0]) & (result.frequency_hz <= passed[0][1])
    assert error[inside].max() < 0.5
    assert error[~inside & (level > -50)].max() < 6
