"""filter-spec/1 is read strictly: one clear error that names the field and how to mend it."""

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.errors import SpecError
from eda.filters.spec import FilterSpec
from eda.filters.spec_reader import parse_spec, read_spec, spec_of
from eda.filters.spec_writer import spec_to_dict

DATA = Path(os.environ.get("EDA_DATA", "/nowhere")) / "filters"


def _set(data: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    made = copy.deepcopy(data)
    *inner, last = [int(w) if w.isdigit() else w for w in path.split(".")]
    where: Any = made
    for word in inner:
        where = where[word]
    where[last] = value
    return made


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("colour", 1, "x: colour: unknown field; leave it out"),
        ("passbands.0.il_max", 1, "x: passbands[0].il_max: unknown field; did you mean il_max_db?"),
        ("limits.inductor.q", 1, "x: limits.inductor.q: unknown field; leave it out"),
        ("passbands.0.f_hi_hz", 1e5, "x: passbands[0].f_hi_hz: 100000 Hz is below f_lo_hz"),
        ("passbands.0.f_hi_hz", 1e6, "x: passbands[0].f_hi_hz: equals f_lo_hz (1e+06 Hz)"),
        ("passbands.0.il_max_db", -1, "x: passbands[0].il_max_db: is -1; it must be at least 0"),
        ("passbands.0.rl_min_db", -3, "x: passbands[0].rl_min_db: is -3; it must be at least 0"),
        ("stopbands.0.atten_min_db", -5, "x: stopbands[0].atten_min_db: is -5; it must be above 0"),
        ("stopbands.0.f_lo_hz", float("nan"), "x: stopbands[0].f_lo_hz: is nan; write a finite"),
        ("stopbands.0.f_hi_hz", float("inf"), "x: stopbands[0].f_hi_hz: is inf; write a finite"),
        ("stopbands.0.f_lo_hz", "20M", "x: stopbands[0].f_lo_hz: is a text; write a number"),
        ("stopbands.0.f_lo_hz", 5e6, "x: stopbands[0]: overlaps passbands[0]"),
        ("response", "highpass", "x: stopbands[0]: bands out of order: a highpass stops below"),
        ("response", "notch", "x: response: is 'notch'; write one of lowpass, highpass"),
        ("technology", "saw", "x: technology: is 'saw'; write one of lumped_lc"),
        ("ports.zs_ohm", 0, "x: ports.zs_ohm: is 0; it must be above 0"),
        ("ports.zl_ohm", -50, "x: ports.zl_ohm: is -50; it must be above 0"),
        ("ports.zl_ohm", True, "x: ports.zl_ohm: is true or false; write a number"),
        ("ports", [50, 50], "x: ports: is a list; write an object {...}"),
        ("passbands", [], "x: passbands: has no bands; write a list with at least one"),
        ("limits.max_reactive_elements", 2.5, "x: limits.max_reactive_elements: is 2.5; write a"),
        ("limits.max_reactive_elements", 0, "x: limits.max_reactive_elements: is 0; it lies"),
        ("limits.l_range_h", [1e-6, 1e-9], "x: limits.l_range_h: 1e-06 is above 1e-09; write the"),
        ("limits.inductor.series", "E25", "x: limits.inductor.series: is 'E25'; write one of E3"),
        ("limits.c_range_f", [1.05e-9, 1.06e-9], "x: limits.capacitor.series: E24 has no value"),
        ("limits.inductor.q_law", "flat", "x: limits.inductor.q_law: is 'flat'; the only law"),
        ("gain_nominal_db", 3, "x: gain_nominal_db: goes with active_rc only; leave it out"),
        ("schema", "filter-spec/2", "x: schema: is 'filter-spec/2'; write 'filter-spec/1'"),
    ],
)
def test_bad_fields(lumped: dict[str, Any], path: str, value: Any, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        spec_of(_set(lumped, path, value), where="x")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_missing_field_is_named(lumped: dict[str, Any]) -> None:
    del lumped["limits"]["capacitor"]["q"]
    with pytest.raises(SpecError, match=r"^x: limits\.capacitor\.q: is missing; add it$"):
        spec_of(lumped, where="x")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x: no JSON"),
        ("{", "x: no JSON"),
        ("[]", "x: is a list; write an object"),
        ('{"schema": "filter-spec/1", "schema": 2}', "x: schema: written twice; keep one"),
        (b"\xff\xfe", "x: no JSON"),
        ("[" * 100_000, "x: no JSON"),
        (" " * (2**20 + 1), "x: longer than 1048576 bytes"),
    ],
)
def test_bad_texts(text: str | bytes, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_spec(text, where="x")
    assert str(caught.value).startswith(message)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"none\.json: cannot be read: No such file"):
        read_spec(tmp_path / "none.json")


def test_bands_are_sorted_whatever_their_order(active: dict[str, Any]) -> None:
    active["response"] = "bandpass"
    active["stopbands"].append({"f_lo_hz": 1.0, "f_hi_hz": 5.0, "atten_min_db": 10})
    assert [band.f_lo_hz for band in spec_of(active).stopbands] == [1.0, 15000.0]


@pytest.mark.parametrize("kind", ["lumped", "active"])
def test_what_is_written_reads_back(kind: str, request: pytest.FixtureRequest) -> None:
    spec = spec_of(request.getfixturevalue(kind))
    assert spec_of(json.loads(json.dumps(spec_to_dict(spec)))) == spec


_JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers(-(10**400), 10**400)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=4,
)
_PATHS = (
    *("schema", "response", "technology", "ports", "ports.zs_ohm", "passbands", "passbands.0"),
    *("passbands.0.f_lo_hz", "passbands.0.il_max_db", "stopbands.0.f_hi_hz", "limits"),
    *("limits.l_range_h", "limits.inductor", "limits.inductor.q_at_ref", "limits.capacitor.q"),
    *("limits.max_reactive_elements", "tier", "yield_report", "id"),
)


@settings(max_examples=150, deadline=None)
@given(path=st.sampled_from(_PATHS), value=_JUNK)
def test_junk_gives_a_spec_or_a_spec_error(path: str, value: Any) -> None:
    data = _set(LUMPED, path, value)
    said = ""
    try:
        spec = spec_of(data, where="x")
    except SpecError as error:
        said = str(error)
    else:
        assert isinstance(spec, FilterSpec)
    assert not said or (said.startswith("x: ") and len(said) < 400)


LUMPED: dict[str, Any] = {
    "schema": "filter-spec/1",
    "response": "lowpass",
    "technology": "lumped_lc",
    "ports": {"zs_ohm": 50, "zl_ohm": 50},
    "passbands": [{"f_lo_hz": 1e6, "f_hi_hz": 10e6, "il_max_db": 1.0, "rl_min_db": 14}],
    "stopbands": [{"f_lo_hz": 20e6, "f_hi_hz": 100e6, "atten_min_db": 35}],
    "limits": {
        "max_reactive_elements": 7,
        "l_range_h": [5e-9, 2.2e-5],
        "c_range_f": [5e-13, 1e-8],
        "inductor": {"series": "E24", "tolerance": 0.05, "q_at_ref": 80, "f_ref_hz": 10e6},
        "capacitor": {"series": "E24", "tolerance": 0.05, "q": 400},
    },
}


@pytest.mark.skipif(not DATA.is_dir(), reason="EDA_DATA has no filters")
def test_every_development_specification_is_read() -> None:
    files = sorted(DATA.glob("flt-*.json"))
    assert len(files) >= 40
    for path in files:
        assert read_spec(path).id == path.stem
