"""Band-stops of resonators beside a line."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from eda.filters.microstrip.limits import MicrostripLimits, breaches, counted_order
from eda.filters.microstrip.network import scattering, sizes_of
from eda.filters.microstrip.notches import notch_start, notch_template
from eda.filters.microstrip.search import PrintedSearch
from eda.filters.microstrip.starts import textbook_layouts
from eda.filters.microstrip.symmetry import mirrored
from eda.filters.spec import FilterSpec, PassBand, StopBand


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_a_textbook_layout_keeps_all_limits_and_stops_at_its_centre(
    order: int, limits: MicrostripLimits
) -> None:
    template = notch_template(order, limits, 5e9)
    values = notch_start(template, limits, 5e9, gap_heights=0.6, share=0.4, port_ohm=50.0)
    layout = template.draw(template.snapped(values, limits.grid_mm), limits.grid_mm)
    assert breaches(layout, limits) == []
    assert counted_order(layout, limits) == order
    # In the middle of an odd number one leads away to one side.
    assert bool(mirrored(layout)) == (order % 2 == 0)
    frequency = np.linspace(3e9, 7e9, 801)
    found = scattering(layout, sizes_of(layout), frequency, limits.substrate)
    level = np.abs(found.s21[0])
    assert frequency[level.argmin()] == pytest.approx(5e9, rel=0.03)
    assert level[np.abs(frequency - 5e9) > 1e9].min() > 0.7


def test_a_wider_gap_makes_a_narrower_notch(limits: MicrostripLimits) -> None:
    template = notch_template(1, limits, 5e9)
    frequency = np.linspace(4e9, 6e9, 4001)
    widths = []
    for gap in (0.3, 0.6, 1.2):
        values = notch_start(template, limits, 5e9, gap_heights=gap, share=0.4, port_ohm=50.0)
        layout = template.draw(values, 0.0)
        board = replace(limits.substrate, tan_delta=0.0, sigma_s_per_m=1e12)
        found = scattering(layout, sizes_of(layout), frequency, board)
        widths.append(int((np.abs(found.s21[0]) < 0.5**0.5).sum()))
        # Nothing is lost: what does not pass comes back.
        assert np.abs(found.s21[0]) ** 2 + np.abs(found.s11[0]) ** 2 == pytest.approx(1, abs=0.05)
    assert widths[0] > 1.5 * widths[1] > 2 * widths[2] > 0


def test_a_narrow_notch_is_out_of_reach_for_stubs(spec_of: Callable[..., FilterSpec]) -> None:
    best = {}
    for family in ("stub", "edge_coupled"):
        spec = replace(
            spec_of("bandstop", families_allowed=[family], max_order=3),
            passbands=(PassBand(2e9, 4.9e9, 2.0, 10.0), PassBand(5.3e9, 8e9, 2.0, 10.0)),
            stopbands=(StopBand(5.07e9, 5.13e9, 15.0),),
        )
        search = PrintedSearch(spec, spec.printed)
        ranked = search.screen(textbook_layouts(spec, spec.printed))
        best[family] = max(search.design(start, values).margin_db for _, start, values in ranked)
    assert best["stub"] < 0 < best["edge_coupled"]
