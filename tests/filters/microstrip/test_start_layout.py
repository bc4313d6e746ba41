"""Layouts of the user's own: what is read, what is refused, what is made of them."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eda.errors import InputError, SpecError
from eda.filters.microstrip.design import design_printed
from eda.filters.microstrip.free_template import free_template
from eda.filters.microstrip.layout import Layout, Strip
from eda.filters.microstrip.layout_reader import MOST_STRIPS, parse_layout, read_layout
from eda.filters.microstrip.limits import MicrostripLimits, breaches
from eda.filters.microstrip.network import scattering, sizes_of
from eda.filters.microstrip.search import PrintedSearch, search_layouts
from eda.filters.microstrip.start_layout import read_layout_start
from eda.filters.microstrip.starts import textbook_layouts
from eda.filters.microstrip.substrate import Substrate
from eda.filters.microstrip.symmetry import mirrored
from eda.filters.spec import FilterSpec

PAIRED: dict[str, Any] = {
    "schema": "filter-layout/1",
    "family": "edge_coupled",
    "strips": [
        {"name": "a", "from_mm": [0, 0], "to_mm": [9, 0], "width_mm": 1, "nodes": ["p1", "x"]},
        {"name": "b", "from_mm": [0, 1.2], "to_mm": [9, 1.2], "width_mm": 1, "nodes": ["y", "r"]},
        {"name": "c", "from_mm": [9, 1.2], "to_mm": [18, 1.2], "width_mm": 1, "nodes": ["r", "z"]},
        {
            **{"name": "d", "from_mm": [9, 2.4], "to_mm": [18, 2.4], "width_mm": 1},
            "nodes": ["u", "p2"],
        },
    ],
    "coupled": [["a", "b"], ["c", "d"]],
    "ports": {"1": "p1", "2": "p2"},
}
"""A filter of one straight resonator, as somebody might write it down."""


def changed(*path: str | int, to: Any) -> str:
    data = json.loads(json.dumps(PAIRED))
    at = data
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = to
    return json.dumps(data)


def test_what_a_person_wrote_is_read() -> None:
    layout = parse_layout(json.dumps(PAIRED))
    assert [strip.name for strip in layout.strips] == ["a", "b", "c", "d"]
    assert layout.gap_mm(("a", "b")) == pytest.approx(0.2)
    assert layout.ports == ("p1", "p2")
    assert layout.design_model == "closed_form"


def test_nodes_are_the_same_in_upper_and_lower_case() -> None:
    layout = parse_layout(changed("strips", 2, "nodes", to=["R", "z"]))
    assert layout.strips[2].nodes == ("r", "z")


@pytest.mark.parametrize("response", ["bandpass", "lowpass", "bandstop"])
def test_a_delivered_layout_is_a_start_and_comes_out_no_worse(
    response: str, spec_of: Callable[..., FilterSpec], tmp_path: Path
) -> None:
    spec = spec_of(response)
    first = design_printed(spec)
    first.write(tmp_path, report=False)
    assert read_layout(tmp_path / "layout.json").to_json() == first.layout.to_json()
    again = design_printed(spec, start=tmp_path / "layout.json")
    assert again.solved
    assert again.reference_db >= first.reference_db - 1e-9
    assert again.layout.coupled == first.layout.coupled
    assert again.origin == "the layout layout.json"
    assert breaches(again.layout, spec.printed) == []


def test_a_start_from_another_frequency_is_scaled(
    spec_of: Callable[..., FilterSpec], tmp_path: Path
) -> None:
    spec = spec_of("bandpass")
    search = PrintedSearch(spec, spec.printed)
    found = search_layouts(spec, spec.printed, textbook_layouts(spec, spec.printed))[0].layout
    longer = [
        replace(strip, start_mm=_times(strip.start_mm), end_mm=_times(strip.end_mm))
        for strip in found.strips
    ]
    # Widths and gaps stay, so that what was 10 mm long is 13 mm long.
    moved = json.loads(json.dumps(replace(found, strips=tuple(longer)).to_json()))
    path = tmp_path / "longer.json"
    path.write_text(json.dumps(moved))
    start = read_layout_start(path, spec)
    assert search.coarse.margin(start.template, np.log(start.values_mm[:1]))[0] < -5
    assert search_layouts(spec, spec.printed, [start])[0].margin_db > 0


def _times(point: tuple[float, float]) -> tuple[float, float]:
    return 1.3 * point[0], point[1]


def test_what_is_mirrored_is_kept_alike(limits: MicrostripLimits) -> None:
    layout = parse_layout(json.dumps(PAIRED))
    assert mirrored(layout) == {"a": "d", "b": "c", "c": "b", "d": "a"}
    assert free_template(layout, limits)[0].names == ("w_a", "l_a", "g_a")
    lopsided = json.loads(json.dumps(PAIRED))
    lopsided["strips"][3]["from_mm"][1] = lopsided["strips"][3]["to_mm"][1] = 2.5
    other = parse_layout(json.dumps(lopsided))
    assert mirrored(other) == {}
    assert len(free_template(other, limits)[0].names) == 6


LOOP = Layout(
    "stub",
    1,
    (
        Strip("in", (-5.0, 0.0), (0.0, 0.0), 1.13, ("p1", "a")),
        Strip("low", (0.0, 0.0), (12.0, 0.0), 0.8, ("a", "b")),
        Strip("left", (0.0, 0.4), (0.0, 9.0), 0.6, ("a", "c")),
        Strip("high", (0.0, 9.0), (12.0, 9.0), 0.5, ("c", "d")),
        Strip("right", (12.0, 9.0), (12.0, 0.4), 0.7, ("d", "b")),
        Strip("out", (12.0, 0.0), (17.0, 0.0), 1.13, ("b", "p2")),
    ),
    (),
    ("p1", "p2"),
)
"""A line that parts and meets again: sizes that must close."""


def test_a_loop_stays_closed(limits: MicrostripLimits) -> None:
    template, own = free_template(LOOP, limits)
    assert template.draw(own, 0.01).to_json()["strips"] == LOOP.to_json()["strips"]
    for at in range(len(own)):
        values = own.copy()
        values[at] *= 1.2
        drawn = template.draw(values, 0.01)
        assert not [text for text in breaches(drawn, limits) if "do not touch" in text]
        assert drawn.strips != LOOP.strips
    # Four sides, of which two follow from the two others.
    assert sum(name[0] == "l" for name in template.names) == 2
    assert not any(name.endswith(("_in", "_out")) for name in template.names)


@pytest.mark.parametrize("response", ["bandpass", "lowpass", "bandstop"])
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_other_sizes_stay_joined_and_face_to_face(
    response: str, spec_of: Callable[..., FilterSpec], data: st.DataObject
) -> None:
    limits = spec_of(response).printed
    starts = textbook_layouts(spec_of(response), limits)
    start = data.draw(st.sampled_from(starts))
    first = start.template.draw(start.template.snapped(start.values_mm[0], 0.01), 0.01)
    layout = parse_layout(json.dumps(first.to_json()))
    template, own = free_template(layout, limits)
    factors = data.draw(st.lists(st.floats(0.8, 1.25), min_size=len(own), max_size=len(own)))
    values = template.snapped(np.clip(own * factors, template.low_mm, template.high_mm), 0.01)
    drawn = template.draw(values, 0.01)
    broken = breaches(drawn, limits)
    assert not [text for text in broken if "do not touch" in text or "but not equal" in text]
    assert not [text for text in broken if "not on the grid" in text]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "layout: is a list; write an object {...}"),
        ("* a deck", "layout: no JSON: Expecting value: line 1 column 1 (char 0); write filter"),
        ("[" * 100_000, "layout: no JSON: "),
        (" " * (2**20 + 1), "layout: longer than 1048576 bytes; this is no layout"),
        ('{"ports": 1, "ports": 2}', "layout: ports: written twice; keep one"),
        (changed("schema", to="x"), "layout: schema: is 'x'; write 'filter-layout/1'"),
        (changed("family", to="a b"), "layout: family: is 'a b'; write 1 to 40 letters"),
        (changed("strips", to=[]), "layout: strips: has no strips; write a list with at least"),
        (
            changed("strips", to=[PAIRED["strips"][0]] * (MOST_STRIPS + 1)),
            "layout: strips: has 101 strips; 100 are the most",
        ),
        (changed("strips", 1, "name", to="A"), "layout: strips[1].name: another strip is named A"),
        (
            changed("strips", 1, "name", to="b\n.end"),
            "layout: strips[1].name: is 'b\\n.end'; write",
        ),
        (
            changed("strips", 1, "to_mm", to=[9, 1.5]),
            "layout: strips[1].to_mm: b is neither horizontal nor vertical; give both ends",
        ),
        (changed("strips", 1, "to_mm", to=[0, 1.2]), "layout: strips[1].to_mm: b has no length"),
        (changed("strips", 1, "to_mm", to=[9]), "layout: strips[1].to_mm: is no point; write two"),
        (
            changed("strips", 1, "to_mm", to=[1e9, 1.2]),
            "layout: strips[1].to_mm[0]: is 1e+09; it must be at most 10000",
        ),
        (
            changed("strips", 1, "width_mm", to=float("nan")),
            "layout: strips[1].width_mm: is nan; write a finite number",
        ),
        (
            changed("strips", 1, "width_mm", to=0),
            "layout: strips[1].width_mm: is 0; it must be at least 0.001",
        ),
        (
            changed("strips", 1, "nodes", to=["r", "R"]),
            "layout: strips[1].nodes: both ends are r; a strip leads from node to node",
        ),
        (
            changed("strips", 2, "nodes", to=["y", "z"]),
            "layout: strips[2]: c ends 9 mm from b, with which it shares y; at most half of the "
            "widest width, 0.5 mm, is joined: move it, or name another node",
        ),
        (changed("coupled", to={"a": "b"}), "layout: coupled: is no list of pairs"),
        (
            changed("coupled", 0, to=["a", "bb"]),
            "layout: coupled[0]: no strip is named 'bb'; did you mean b?",
        ),
        (
            changed("coupled", 1, to=["b", "c"]),
            "layout: coupled[1]: b is in another pair, or twice; a strip has one partner",
        ),
        (
            changed("coupled", to=[["a", "c"]]),
            "layout: coupled[0]: a and c do not face each other over their whole length: 0 of 9 mm",
        ),
        (
            changed("strips", 1, "width_mm", to=1.1),
            "layout: coupled[0]: a is 1 mm wide and b 1.1; make them equal",
        ),
        (changed("coupled", to=[]), "layout: ports: no strip and no pair connects them"),
        (changed("ports", to={"1": "p1"}), "layout: ports.2: is missing; add it"),
        (
            changed("ports", to={"1": "p1", "2": "p3"}),
            "layout: ports.2: no strip ends at 'p3'; name the end of a strip",
        ),
        (changed("ports", to={"1": "p1", "2": "P1"}), "layout: ports.2: is p1, as port 1; name an"),
        (
            changed("vias", to=[{"node": "x", "at_mm": [0, 0], "diameter_mm": 0.3}]),
            "layout: vias[0].at_mm: is not where x is; move it to the end of a strip there",
        ),
        (changed("substrate", to={"er": "3"}), "layout: substrate.er: is a text; write a number"),
        (changed("design_model", to="guess"), "layout: design_model: is 'guess'; write one of"),
    ],
)
def test_what_is_refused_is_named(text: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_layout(text)
    assert str(caught.value).startswith(message)


def test_a_strip_joined_to_nothing_is_refused() -> None:
    alone = {"name": "e", "from_mm": [0, 9], "to_mm": [5, 9], "width_mm": 1, "nodes": ["g", "h"]}
    with pytest.raises(SpecError, match=r"layout: strips\[4\]: e is joined to nothing; leave it"):
        parse_layout(changed("strips", to=[*PAIRED["strips"], alone]))


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"families_allowed": ["hairpin"]}, "family: is edge_coupled; the specification allows ha"),
        ({"max_order": 2}, "strips: make an order of 3; the specification allows 2"),
    ],
)
def test_limits_that_sizes_cannot_mend(
    limits: dict[str, Any], message: str, spec_of: Callable[..., FilterSpec], tmp_path: Path
) -> None:
    data = json.loads(json.dumps(PAIRED))
    if "max_order" in limits:
        stubs = [
            {
                **{"name": f"s{at}", "from_mm": [0, -0.5], "to_mm": [0, -4 - at], "width_mm": 0.3},
                "nodes": ["p1", f"o{at}"],
            }
            for at in range(2)
        ]
        data["strips"] += stubs
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(data))
    with pytest.raises(InputError) as caught:
        read_layout_start(path, spec_of("bandpass", **limits))
    assert str(caught.value).startswith(f"{path}: {message}")


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**6),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["p1", "p2", "x", "r", "a", "b", [0, 0], [9, 0], ["a", "b"], [["a", "d"]], {}]),
)


def _places(data: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = data.items() if isinstance(data, dict) else enumerate(data)  # type: ignore[arg-type]
    for key, item in items:
        if isinstance(item, dict | list):
            found += _places(item, (*path, key))
        else:
            found.append((*path, key))
    return found


@settings(max_examples=300, deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.sampled_from(_places(PAIRED)), VALUES, st.booleans()), min_size=1, max_size=3
    )
)
def test_whatever_comes_in_a_circuit_or_one_sentence_comes_out(
    changes: list[tuple[tuple[Any, ...], Any, bool]],
) -> None:
    data = json.loads(json.dumps(PAIRED))
    for path, value, leave_out in changes:
        try:
            at = data
            for key in path[:-1]:
                at = at[key]
            if leave_out:
                del at[path[-1]]
            else:
                at[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue
    sentence = ""
    try:
        layout = parse_layout(json.dumps(data), where="mine.json")
    except SpecError as error:
        sentence = str(error)
    if sentence:
        assert sentence.startswith("mine.json: ")
        assert len(sentence) < 400
        return
    board = Substrate(er=3.5, height_m=0.508e-3, tan_delta=0.002)
    found = scattering(layout, sizes_of(layout), np.array([2e9, 5e9]), board)
    power = np.abs(found.s11) ** 2 + np.abs(found.s21) ** 2
    assert np.isfinite(power).all()
    assert (power <= 1 + 1e-6).all()
    limits = MicrostripLimits(board, 0.15, 0.15, 0.01, (60.0, 30.0), ("edge_coupled",), 5, False)
    template, own = free_template(layout, limits)
    assert len(template.draw(own, 0.01).strips) == len(layout.strips)


@settings(max_examples=100, deadline=None)
@given(text=st.one_of(st.binary(max_size=80), st.text(max_size=80)))
def test_no_text_breaks_the_reader(text: str | bytes) -> None:
    with pytest.raises(SpecError, match="layout: "):
        parse_layout(text)
