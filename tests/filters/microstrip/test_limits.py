"""Layouts and what they may break."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from eda.errors import SpecError
from eda.filters.microstrip.layout import Layout, Strip, Via
from eda.filters.microstrip.limits import MicrostripLimits, breaches, counted_order
from eda.filters.microstrip.resonators import resonator_start, resonator_template
from eda.filters.spec import FilterSpec

G = (1.0, 1.0316, 1.1474, 1.0316, 1.0)


def hairpins(limits: MicrostripLimits) -> Layout:
    template = resonator_template(3, limits, 5e9, bent=True, tapped=False)
    start = resonator_start(template, G, limits, (4.7e9, 5.3e9), width_ohm=55.0, port_ohm=50.0)
    return template.draw(template.snapped(start, limits.grid_mm), limits.grid_mm)


def test_a_textbook_layout_keeps_all_limits(limits: MicrostripLimits) -> None:
    assert breaches(hairpins(limits), limits) == []
    assert counted_order(hairpins(limits), limits) == 3


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"grid_mm": 0.07}, "is not on the grid of 0.07 mm"),
        ({"min_width_mm": 3.0}, "least allowed 3"),
        ({"min_gap_mm": 2.0}, "mm apart, least allowed 2"),
        ({"footprint_mm": (9.0, 9.0)}, "largest allowed 9 x 9"),
        ({"max_order": 2}, "order 3, largest allowed 2"),
        ({"families": ("stub",)}, "family hairpin; allowed: stub"),
    ],
)
def test_what_is_broken_is_said(
    limits: MicrostripLimits, change: dict[str, Any], sentence: str
) -> None:
    layout = hairpins(limits)
    assert any(sentence in text for text in breaches(layout, replace(limits, **change)))


def strip(
    name: str,
    y: float,
    nodes: tuple[str, str],
    width: float = 1.0,
    length: float = 10.0,
    x: float = 0.0,
) -> Strip:
    return Strip(name, (x, y), (x + length, y), width, nodes)


def test_strips_side_by_side_are_coupled_or_far_apart(limits: MicrostripLimits) -> None:
    pair = (strip("a", 0.0, ("p1", "x")), strip("b", 1.5, ("y", "p2")))
    beside = Layout("edge_coupled", 1, pair, (), ("p1", "p2"))
    assert breaches(beside, limits) == [
        "a and b: side by side 0.5 mm apart and not coupled; 1.27 mm are needed"
    ]
    assert breaches(replace(beside, coupled=(("a", "b"),)), limits) == []


def test_a_pair_is_equal_strips_face_to_face(limits: MicrostripLimits) -> None:
    pair = (strip("a", 0.0, ("p1", "x")), strip("b", 1.5, ("y", "p2"), x=1.0))
    layout = Layout("edge_coupled", 1, pair, (("a", "b"),), ("p1", "p2"))
    assert breaches(layout, limits) == [
        "a and b: coupled, but not equal strips that face each other"
    ]


def test_ends_of_one_node_touch(limits: MicrostripLimits) -> None:
    apart = (strip("a", 0.0, ("p1", "n")), strip("b", 0.0, ("n", "p2"), x=11.0))
    layout = Layout("edge_coupled", 1, apart, (), ("p1", "p2"))
    assert breaches(layout, limits) == ["node n: a and b do not touch"]


def test_vias_where_they_are_allowed(limits: MicrostripLimits) -> None:
    layout = Layout(
        "stub",
        1,
        (strip("a", 0.0, ("p1", "p2")), Strip("s", (5, 0.5), (5, 4.5), 0.5, ("p1", "g"))),
        (),
        ("p1", "p2"),
        vias=(Via("g", (5, 4.5), 0.3),),
    )
    assert "vias to ground are not allowed" in breaches(layout, limits)


def test_a_low_pass_counts_strips_but_not_those_of_the_ports(limits: MicrostripLimits) -> None:
    row = (
        Strip("feed", (0, 0), (2, 0), 1.13, ("p1", "a")),
        Strip("thin", (2, 0), (6, 0), 0.3, ("a", "b")),
        Strip("wide", (6, 0), (9, 0), 4.0, ("b", "p2")),
    )
    layout = Layout("stepped_impedance", 2, row, (), ("p1", "p2"))
    assert counted_order(layout, replace(limits, lowpass=True)) == 2


def test_the_layout_file_has_the_schema_of_the_deliverables(limits: MicrostripLimits) -> None:
    data = json.loads(json.dumps(hairpins(limits).to_json()))
    assert data["schema"] == "filter-layout/1"
    assert data["design_model"] == "closed_form"
    assert set(data["ports"]) == {"1", "2"}
    first = data["strips"][0]
    assert set(first) == {"name", "from_mm", "to_mm", "width_mm", "nodes"}
    assert len(data["coupled"]) == 4


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("min_gap_mm", -1, "limits.min_gap_mm: is -1; it must be above 0"),
        ("families_allowed", [], "limits.families_allowed: has 0 names; write 1 to 20"),
        ("ground_vias_allowed", 1, "limits.ground_vias_allowed: is 1; write true or false"),
        ("max_footprint_mm", [10], "limits.max_footprint_mm: is no pair"),
        ("substrate", {"er": 0.5, "h_mm": 1}, "limits.substrate.er: is 0.5; it must be at least 1"),
        (
            "substrate",
            {"er": 3, "hmm": 1},
            "limits.substrate.hmm: unknown field; did you mean h_mm?",
        ),
    ],
)
def test_limits_that_are_wrong_are_named(
    spec_of: Callable[..., FilterSpec], field: str, value: Any, message: str
) -> None:
    with pytest.raises(SpecError, match="limits") as caught:
        spec_of("bandpass", **{field: value})
    assert message in str(caught.value)


def test_limits_are_read(spec_of: Callable[..., FilterSpec]) -> None:
    limits = spec_of("bandpass").printed
    assert limits.substrate.height_m == pytest.approx(0.508e-3)
    assert limits.footprint_mm == (60.0, 30.0)
