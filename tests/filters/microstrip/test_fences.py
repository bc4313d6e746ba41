"""Fences: the same limits as those checked on the drawing, and what a search makes of them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from eda.filters.mask import coarse_mask
from eda.filters.microstrip.design import design_printed
from eda.filters.microstrip.etching import Tolerances, etching_yield
from eda.filters.microstrip.fences import Fences
from eda.filters.microstrip.limits import MicrostripLimits, breaches
from eda.filters.microstrip.stubs import stub_template
from eda.filters.spec import FilterSpec


@pytest.mark.parametrize("one_sided", [False, True])
def test_fences_say_what_the_limits_say(limits: MicrostripLimits, one_sided: bool) -> None:
    limits = replace(limits, lowpass=True, max_order=40, footprint_mm=(30.0, 12.0))
    template = stub_template(4, limits, 3e9, ends=True, one_sided=one_sided)
    random = np.random.default_rng(3)
    seen = set()
    for _ in range(60):
        values = np.exp(random.uniform(np.log(0.3), np.log(8.0), len(template.names)))
        values = template.snapped(values, 0.01)
        layout = template.draw(values, 0.01)
        broken = Fences(template, limits).broken_mm(values[None], grid_mm=0.01)[0] > 1e-6
        assert broken == bool(breaches(layout, limits))
        seen.add(bool(broken))
    assert seen == {False, True}


def test_bounds_between_grid_points_are_kept_on_the_grid(
    spec_of: Callable[..., FilterSpec],
) -> None:
    result = design_printed(spec_of("bandpass", min_width_mm=0.225, min_gap_mm=0.225, max_order=3))
    assert result.broken == ()
    assert result.solved


def test_a_start_larger_than_the_board_is_pulled_in(spec_of: Callable[..., FilterSpec]) -> None:
    wide, high = design_printed(spec_of("lowpass")).layout.footprint_mm
    footprint = [round(0.9 * wide, 1), round(high + 2.0, 1)]
    result = design_printed(spec_of("lowpass", max_footprint_mm=footprint))
    assert result.broken == ()
    assert result.solved


def test_what_is_impossible_says_what_holds_it_back(spec_of: Callable[..., FilterSpec]) -> None:
    result = design_printed(spec_of("bandpass", max_footprint_mm=[8, 4], max_order=2))
    assert not result.solved
    assert result.held_back
    assert any("footprint 8 x 4 mm" in text or "gaps" in text for text in result.held_back)


def test_boards_that_do_not_differ_all_keep_the_mask(spec_of: Callable[..., FilterSpec]) -> None:
    spec = spec_of("bandstop")
    result = design_printed(spec)
    mask = coarse_mask(spec)
    same = etching_yield(
        *(spec, spec.printed, result.layout, mask),
        tolerances=Tolerances(0.0, 0.0, 0.0),
        trials=3,
        seed=0,
    )
    assert same.share == 1.0
    assert np.ptp(same.margins_db) < 1e-9
    rough = etching_yield(
        *(spec, spec.printed, result.layout, mask),
        tolerances=Tolerances(0.1, 0.2, 0.3),
        trials=20,
        seed=0,
    )
    assert rough.share < 1.0
