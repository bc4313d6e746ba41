"""Printed filters end to end: layout, limits, deck, files; judged by a reading of their own."""

import json
import math
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from eda.errors import SpecError
from eda.filters.microstrip.design import design_printed
from eda.filters.microstrip.free_template import free_template
from eda.filters.microstrip.limits import breaches
from eda.filters.microstrip.search import PrintedSearch
from eda.filters.microstrip.starts import Start, textbook_layouts
from eda.filters.spec import FilterSpec
from eda.filters.spec_reader import read_spec
from eda.filters.verify import verify_deck


@pytest.mark.parametrize("response", ["bandpass", "lowpass", "bandstop"])
def test_a_filter_is_designed_and_its_files_stand_alone(
    response: str, spec_of: Callable[..., FilterSpec], tmp_path: Path
) -> None:
    spec = spec_of(response)
    result = design_printed(spec)
    assert result.solved
    assert breaches(result.layout, spec.printed) == []
    names = {path.name for path in result.write(tmp_path, report=False)}
    assert {"filter.cir", "filter.s2p", "layout.json", "filter.gds"} <= names
    deck = (tmp_path / "filter.cir").read_text()
    assert not any(
        line.lower().startswith((".control", ".include", ".lib", ".ac", ".sp ", "a"))
        for line in deck.splitlines()
    )
    again = verify_deck(tmp_path / "filter.cir", spec, points=101)
    assert again.margin_db >= 0
    layout = json.loads((tmp_path / "layout.json").read_text())
    assert layout["family"] in spec.printed.families
    for strip in layout["strips"]:
        assert strip["width_mm"] / 0.01 == pytest.approx(round(strip["width_mm"] / 0.01))


def test_the_deck_follows_the_closed_forms(spec_of: Callable[..., FilterSpec]) -> None:
    result = design_printed(spec_of("bandpass"))
    level = 20 * np.log10(np.abs(result.reference[:, 1, 0]))
    error = np.abs(20 * np.log10(np.abs(result.s[:, 1, 0])) - level)
    passed = (result.frequency_hz >= 4.4e9) & (result.frequency_hz <= 4.7e9)
    assert error[passed].max() < 0.5
    assert error[~passed & (level > -50)].max() < 6


def test_a_small_board_is_answered_by_hairpins(spec_of: Callable[..., FilterSpec]) -> None:
    result = design_printed(spec_of("bandpass", max_footprint_mm=[20, 14]))
    assert result.layout.family == "hairpin"
    assert result.solved


def test_what_cannot_be_kept_is_delivered_as_the_closest(
    spec_of: Callable[..., FilterSpec],
) -> None:
    result = design_printed(spec_of("bandpass", max_order=2, max_footprint_mm=[60, 30]))
    assert not math.isnan(result.margin_db)
    if not result.solved:
        assert result.margin_db < 0 or result.broken


def test_descents_and_free_sizes_lead_to_better_layouts(
    spec_of: Callable[..., FilterSpec],
) -> None:
    spec = spec_of("bandstop", max_order=2)
    search = PrintedSearch(spec, spec.printed)
    margin, start, values = search.screen(textbook_layouts(spec, spec.printed))[0]
    descended = search.descended(start, values)
    assert descended.margin_db > margin
    assert descended.broken == ()
    template, own = free_template(descended.layout, spec.printed)
    freed = search.design(Start(template, own[None], start.origin), own)
    assert freed.margin_db > descended.margin_db - 0.02
    assert set(freed.layout.by_name) == set(descended.layout.by_name)


def test_families_that_cannot_be_drawn_are_refused(spec_of: Callable[..., FilterSpec]) -> None:
    with pytest.raises(SpecError, match=r"none of combline can be drawn for a bandpass"):
        design_printed(spec_of("bandpass", families_allowed=["combline"]))


@pytest.mark.skipif("EDA_DATA" not in os.environ, reason="EDA_DATA names no corpora")
@pytest.mark.parametrize("name", ["flt-dev-ms-07", "flt-dev-ms-09", "flt-dev-ms-14"])
def test_development_specifications(name: str) -> None:
    path = Path(os.environ["EDA_DATA"]) / "filters" / f"{name}.json"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    assert design_printed(read_spec(path)).solved
