"""The limits of a printed filter, as ``filter-spec/1`` writes them."""

from __future__ import annotations

from typing import Final

from eda.filters.fields import Fields
from eda.filters.microstrip.limits import MicrostripLimits
from eda.filters.microstrip.substrate import Substrate

FIELDS: Final = (
    *("substrate", "min_width_mm", "min_gap_mm", "dimension_grid_mm", "max_footprint_mm"),
    *("families_allowed", "max_order", "ground_vias_allowed", "enclosure"),
)
_SUBSTRATE: Final = ("name", "er", "tand", "h_mm", "t_um", "sigma_s_per_m", "rough_um")
_MOST_FAMILIES: Final = 20


def read_microstrip_limits(top: Fields) -> MicrostripLimits:
    """Return the limits of a specification whose technology is ``microstrip``.

    Args:
        top: The specification's fields.

    Raises:
        SpecError: A field is wrong; the message names it.
    """
    limits = top.group("limits", FIELDS)
    board = limits.group("substrate", _SUBSTRATE)
    substrate = Substrate(
        er=board.number("er", least=1.0, most=200.0),
        height_m=1e-3 * board.number("h_mm", above=0.0, most=100.0),
        tan_delta=board.number("tand", least=0.0, most=1.0, default=0.0),
        sigma_s_per_m=board.number("sigma_s_per_m", above=0.0, most=1e10, default=5.8e7),
        thickness_m=1e-6 * board.number("t_um", least=0.0, most=1e4, default=35.0),
        roughness_m=1e-6 * board.number("rough_um", least=0.0, most=1e4, default=0.0),
        name=board.text("name", default=""),
    )
    grid = limits.number("dimension_grid_mm", above=0.0, most=10.0)
    return MicrostripLimits(
        substrate=substrate,
        min_width_mm=limits.number("min_width_mm", above=0.0, most=100.0),
        min_gap_mm=limits.number("min_gap_mm", above=0.0, most=100.0),
        grid_mm=grid,
        footprint_mm=limits.pair("max_footprint_mm", ordered=False),
        families=limits.texts("families_allowed", _MOST_FAMILIES),
        max_order=limits.integer("max_order", 1, 40),
        vias=limits.flag("ground_vias_allowed"),
        lowpass=top.text("response") == "lowpass",
        port_ohm=top.group("ports", ("zs_ohm", "zl_ohm")).number("zs_ohm", above=0.0, most=1e9),
    )
