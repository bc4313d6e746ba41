"""Open loops: their textbook, what they keep, and when they are taken."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from eda.filters.microstrip.design import design_printed
from eda.filters.microstrip.limits import MicrostripLimits, breaches, counted_order
from eda.filters.microstrip.network import scattering, sizes_of
from eda.filters.microstrip.open_loops import open_loop_start, open_loop_template
from eda.filters.microstrip.pair import static_pair
from eda.filters.microstrip.search import search_layouts
from eda.filters.microstrip.starts import Start, reserve_layouts, textbook_layouts
from eda.filters.microstrip.substrate import Substrate
from eda.filters.microstrip.symmetry import mirrored
from eda.filters.spec import FilterSpec

G = (1.0, 1.0316, 1.1474, 1.0316, 1.0)


@pytest.fixture
def loops(limits: MicrostripLimits) -> MicrostripLimits:
    return replace(limits, families=("open_loop",))


@pytest.mark.parametrize("tapped", [False, True])
@pytest.mark.parametrize("order", [2, 3, 4, 5])
def test_a_textbook_layout_keeps_all_limits(
    order: int, tapped: bool, loops: MicrostripLimits
) -> None:
    template = open_loop_template(order, loops, 4e9, tapped=tapped)
    g = (1.0, *[1.1] * order, 1.0)
    values = open_loop_start(
        template, g, loops, (3.8e9, 4.2e9), width_ohm=65.0, port_ohm=50.0, side=0.25
    )
    layout = template.draw(template.snapped(values, loops.grid_mm), loops.grid_mm)
    assert breaches(layout, replace(loops, footprint_mm=(90.0, 30.0))) == []
    assert counted_order(layout, loops) == order
    # Ports exchanged it is the same, so both see the same.
    assert mirrored(layout)
    found = scattering(layout, sizes_of(layout), np.linspace(2e9, 6e9, 41), loops.substrate)
    assert found.s11 == pytest.approx(found.s22)


@pytest.mark.parametrize(("side", "gap"), [(0.2, 0.4), (0.25, 0.6), (0.33, 0.9)])
def test_two_loops_split_as_the_textbook_says(
    side: float, gap: float, loops: MicrostripLimits
) -> None:
    """Loosely fed, two loops ring at two frequencies whose distance is their coupling."""
    board = Substrate(er=3.5, height_m=0.508e-3, sigma_s_per_m=1e10)
    limits = replace(loops, substrate=board)
    template = open_loop_template(2, limits, 4e9, tapped=False)
    values = open_loop_start(
        template, G[:2] + G[3:], limits, (3.8e9, 4.2e9), width_ohm=60.0, port_ohm=50.0, side=side
    )
    values[template.names.index("g0")] = 6 * 0.508
    values[template.names.index("g1")] = gap
    layout = template.draw(values, 0.0)
    frequency = np.linspace(3e9, 5e9, 20001)
    level = np.abs(scattering(layout, sizes_of(layout), frequency, board).s21[0])
    peaks = np.flatnonzero((level[1:-1] > level[:-2]) & (level[1:-1] > level[2:])) + 1
    low, high = sorted(frequency[peaks[np.argsort(-level[peaks])[:2]]])
    split = (high**2 - low**2) / (high**2 + low**2)
    width = layout.by_name["a1"].width_mm
    ohm, _ = static_pair(np.array([1e-3 * width]), np.array([1e-3 * gap]), board)
    coupling = float((ohm.even[0] - ohm.odd[0]) / (ohm.even[0] + ohm.odd[0]))
    assert split == pytest.approx(2 / np.pi * coupling * np.sin(np.pi * side), rel=0.15)


def test_loops_alone_make_a_filter(spec_of: Callable[..., FilterSpec]) -> None:
    spec = spec_of("bandpass", families_allowed=["open_loop"], max_order=2)
    result = design_printed(spec)
    assert result.solved
    assert result.layout.family == "open_loop"
    assert min(result.deck_db, result.reference_db) >= 0


def test_loops_are_tried_where_nothing_else_has_room(spec_of: Callable[..., FilterSpec]) -> None:
    board = {"max_footprint_mm": [11.0, 7.5], "max_order": 2}
    straight = spec_of("bandpass", families_allowed=["edge_coupled"], **board)
    found = search_layouts(straight, straight.printed, textbook_layouts(straight, straight.printed))
    assert not found[0].met
    allowed = spec_of("bandpass", families_allowed=["edge_coupled", "open_loop"], **board)
    starts = textbook_layouts(allowed, allowed.printed)
    more = partial(reserve_layouts, allowed, allowed.printed)
    better = search_layouts(allowed, allowed.printed, starts, reserve=more)
    assert better[0].met
    assert better[0].template.family == "open_loop"


def test_loops_cost_nothing_where_others_do(spec_of: Callable[..., FilterSpec]) -> None:
    spec = spec_of("bandpass", families_allowed=["edge_coupled", "hairpin", "open_loop"])
    starts = textbook_layouts(spec, spec.printed)
    assert {start.template.family for start in starts} == {"edge_coupled", "hairpin"}
    assert {start.template.family for start in reserve_layouts(spec, spec.printed)} == {"open_loop"}
    asked: list[int] = []

    def more() -> list[Start]:
        asked.append(1)
        return []

    assert search_layouts(spec, spec.printed, starts, reserve=more)[0].met
    assert not asked
