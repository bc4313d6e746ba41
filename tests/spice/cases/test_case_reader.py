"""Reading cases: the shipped one, and everything that is refused, with its message."""

import json
import pickle
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import eda
from eda.errors import SpecError
from eda.spice import Ac, Case, Corner, Noise, Op, Tran, read_case
from eda.spice.case_reader import example_folder

Change = Callable[..., Path]


def test_the_shipped_case(opamp: Case) -> None:
    assert eda.read_case is read_case
    assert opamp.name == "opamp2"
    assert [item.kind for item in opamp.analyses] == ["op", "ac", "noise", "tran"]
    assert opamp.analyses == (
        Op(),
        Ac(1, 1e10),
        Noise("out1", "vin1", 10, 1e8, points=10),
        Tran(5e-9, 1.1e-6),
    )
    assert opamp.metrics == tuple(metric for stage in opamp.stages for metric in stage)
    assert [opamp.unit(name) for name in ("gain_db", "vos_v")] == ["dB", "V"]
    assert opamp.nominal["m_out"] == 4
    assert list(opamp.specs) == ["easy", "medium", "hard"]
    assert len(opamp.corners) == 27
    assert opamp.corners[0] == Corner("tt", -40, 1.62)


def test_a_case_is_read_by_its_file_too(opamp: Case) -> None:
    assert read_case(opamp.folder / "case.json").name == "opamp2"


def test_a_case_can_be_sent_to_another_process(opamp: Case) -> None:
    opamp.circuit()
    # Process pools pickle what they send; these bytes are our own, made on this line.
    again = pickle.loads(pickle.dumps(opamp))
    assert again.deck() == opamp.deck()
    assert again.design_parameters == opamp.design_parameters


def test_everything_optional_can_be_left_out(changed: Change) -> None:
    def less(case: dict[str, Any]) -> None:
        for name in ("name", "description", "technology", "specs", "corners", "golden"):
            del case[name]
        del case["metric_definitions"], case["golden_corners_for_last_witness"]
        case["something_new"] = 1

    case = read_case(changed(less))
    assert case.name == "mine"
    assert case.corners == (Corner(),)
    assert case.definitions["gain_db"] == "gain_db (ac)"
    with pytest.raises(SpecError) as caught:
        case.deck(corner=Corner("tt"))
    assert str(caught.value) == "mine has no process 'tt'; it has none"


def put(*trail: Any) -> Callable[[dict[str, Any]], None]:
    """Return a function that sets what lies at the end of a trail."""

    def change(case: dict[str, Any]) -> None:
        at: Any = case
        for name in trail[:-2]:
            at = at[name]
        at[trail[-2]] = trail[-1]

    return change


def drop(*trail: Any) -> Callable[[dict[str, Any]], None]:
    """Return a function that removes what lies at the end of a trail."""

    def change(case: dict[str, Any]) -> None:
        at: Any = case
        for name in trail[:-1]:
            at = at[name]
        del at[trail[-1]]

    return change


REFUSED: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (drop("measures"), ": has no field 'measures'; add it"),
    (put("measures", {}), ": measures is empty; a case has at least one"),
    (put("measures", []), ": measures is []; it must be an object"),
    (
        put("measures", "gain_db", "at_hz", "2*fmax"),
        ": measures gain_db at_hz is '2*fmax', and fmax is no parameter of the case (it has vdd, "
        "vcm, cload, vstep, tstep, w_in, w_load, w_tail, w_drive, w_source, m_out, l_in, "
        "l_mirror, c_miller, r_zero, i_bias)",
    ),
    (
        put("measures", "gain_db", "kind", "gain"),
        ": measures gain_db has the kind 'gain', which is none; did you mean gain_db?",
    ),
    (
        drop("measures", "settle_s", "undefined"),
        ": measures settle_s has no field 'undefined'; add it",
    ),
    (put("design_parameters", {}), ": design_parameters is empty; a case has at least one"),
    (
        drop("design_parameters", "w_in", "hi"),
        ": design_parameters w_in has no field 'hi'; add it",
    ),
    (
        put("design_parameters", "w_in", "lo", 1),
        ": design_parameters w_in goes from lo 1 to hi 0.0002; lo must not be above hi",
    ),
    (
        put("design_parameters", "w_in", "lo", 0),
        ": design_parameters w_in has scale log and lo 0; a logarithm needs values above zero",
    ),
    (
        put("design_parameters", "w_in", "nominal", 1e-7),
        ": design_parameters w_in has nominal 1e-07, which is no allowed value from 1e-06 to "
        "0.0002",
    ),
    (
        put("design_parameters", "m_out", "nominal", 2.5),
        ": design_parameters m_out has nominal 2.5, which is no allowed value from 1 to 8",
    ),
    (
        put("design_parameters", "m_out", "hi", 8.5),
        ": design_parameters m_out has kind integer; lo and hi must be whole numbers",
    ),
    (
        put("design_parameters", "w_in", "kind", "height"),
        ': design_parameters w_in kind is "height"; it must be one of width, length, cap, res, '
        "current, integer",
    ),
    (
        put("design_parameters", "w_in", "lo", "1u"),
        ': design_parameters w_in lo is "1u"; it must be a number',
    ),
    (
        put("fixed_parameters", "w_in", 1.0),
        ": fixed_parameters w_in is a design parameter too; remove one",
    ),
    (
        put("fixed_parameters", "Vx", 1.0),
        ": fixed_parameters Vx cannot be a parameter; write a word of lower-case letters, digits "
        "and _",
    ),
    (
        put("analyses_in_cost_order", 1, ".ac dec 20 1 1g"),
        ": analyses_in_cost_order has '.ac dec 20 1 1g', which is none; write op, ac dec POINTS "
        "START STOP, noise v(OUT) SOURCE dec POINTS START STOP, or tran STEP STOP [START "
        "[LONGEST]]",
    ),
    (
        put("analyses_in_cost_order", 1, "shell rm -rf x y"),
        ": analyses_in_cost_order has 'shell rm -rf x y', which is none; write op, ac dec POINTS "
        "START STOP, noise v(OUT) SOURCE dec POINTS START STOP, or tran STEP STOP [START "
        "[LONGEST]]",
    ),
    (
        put("analyses_in_cost_order", 1, "op"),
        ": analyses_in_cost_order has op twice; each type may occur once",
    ),
    (
        put("analyses_in_cost_order", ["op"]),
        ": metric_stages_cheap_to_dear has 4 stages; there are 1 analyses, one for each",
    ),
    (
        put("metric_stages_cheap_to_dear", 0, ["power_w", "gain_db"]),
        ": metric_stages_cheap_to_dear [0] names gain_db, which reads ac; analysis 0 is op",
    ),
    (
        put("metric_stages_cheap_to_dear", 0, ["power_w"]),
        ": metric_stages_cheap_to_dear must name each metric once; see vos_v",
    ),
    (
        put("metric_stages_cheap_to_dear", 0, ["power"]),
        ": metric_stages_cheap_to_dear [0] names 'power', which has no measure",
    ),
    (drop("direction", "gain_db"), ": direction has no field 'gain_db'; add it"),
    (
        put("direction", "gain_db", "up"),
        ': direction gain_db is "up"; it must be one of min, max',
    ),
    (put("direction", "gain", "min"), ": direction names 'gain', which has no measure"),
    (
        drop("metric_definitions", "gain_db"),
        ": metric_definitions names other metrics than measures, or in another order",
    ),
    (
        put("specs", "easy", "targets", "gain_db", "op", "<="),
        ": specs easy targets gain_db has op <=; gain_db has direction min, so it must be >=",
    ),
    (
        put("specs", "easy", "targets", {"gain": {"op": ">=", "value": 1}}),
        ": specs easy targets names 'gain', which is no metric; there are power_w, vos_v, gain_db, "
        "ugbw_hz, pm_deg, psrr_db, noise_vrthz, slew_vps, settle_s, overshoot",
    ),
    (
        put("specs", "easy", "targets", {}),
        ": specs easy targets is empty; a target set has at least one",
    ),
    (
        put("corners", "process", ["tt"]),
        ": corners names other processes in process than in process_include_lines",
    ),
    (
        put("corners", "process_include_lines", "ss", [".control"]),
        ": corners process_include_lines ss has '.control'; only .include, .lib and .param lines "
        "may stand there",
    ),
    (
        put("corners", "process_include_lines", "ss", [".include ../../../secret/x.inc"]),
        ": corners process_include_lines ss has '.include ../../../secret/x.inc'; model files lie "
        "in the case's folder, or in a folder beside the one that holds the case "
        "(../../NAME/...); others are named with $PDK_ROOT",
    ),
    (
        put("corners", "process_include_lines", "ss", [".include /etc/passwd"]),
        ": corners process_include_lines ss has '.include /etc/passwd'; model files lie in the "
        "case's folder, or in a folder beside the one that holds the case (../../NAME/...); "
        "others are named with $PDK_ROOT",
    ),
    (
        put("corners", "temperature_c", [-300]),
        ": corners temperature_c has a temperature at or below absolute zero",
    ),
    (
        put("golden_corners_for_last_witness", [1]),
        ": golden_corners_for_last_witness [0] is 1; it must be an object",
    ),
]


@pytest.mark.parametrize(("change", "why"), REFUSED)
def test_what_is_wrong_is_named(
    changed: Change, change: Callable[[dict[str, Any]], None], why: str
) -> None:
    folder = changed(change)
    with pytest.raises(SpecError) as caught:
        read_case(folder)
    assert str(caught.value) == f"{folder / 'case.json'}{why}"


def swap(old: str, new: str) -> Callable[[str], str]:
    """Return a function that replaces a part of a deck, which must be there."""

    def change(deck: str) -> str:
        assert old in deck
        return deck.replace(old, new)

    return change


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            swap(".temp 27", ".temp 27\n.ac dec 1 1 10"),
            " line 37 has .ac; the deck of a case has no analyses, .control or .measure: they are "
            "in case.json",
        ),
        (
            swap("w_in=4e-05 ", ""),
            " has 0 times `w_in=number` on its .param lines; each parameter of case.json stands "
            "there once",
        ),
        (
            swap("w_in=4e-05 ", "w_in={2*20u} "),
            " has w_in={2*20u}; a plain number must stand there",
        ),
        (swap("vdd=1.8", "vdd=1.5"), " has vdd=1.5, and fixed_parameters says 1.8"),
        (
            swap(".include models_tt.inc", ".include models_ff.inc"),
            " does not hold the lines of the process tt one after the other: .include "
            "models_tt.inc",
        ),
        (
            swap(".temp 27", ""),
            " has no .temp line, which the temperatures of corners replace; add .temp 27",
        ),
    ],
)
def test_what_is_wrong_with_the_deck_is_named(
    changed: Change, change: Callable[[str], str], why: str
) -> None:
    folder = changed(deck=change)
    with pytest.raises(SpecError) as caught:
        read_case(folder)
    assert str(caught.value) == f"{folder / 'deck.cir'}:{why}"


def test_a_folder_without_a_case(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        read_case(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path / 'case.json'}: there is no such file; `eda case new FOLDER` writes a case to "
        "start from"
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", ":1:2: this is no JSON: Expecting property name enclosed in double quotes"),
        ('{"a": 1, "a": 2}', ": the key 'a' stands twice in one object; remove one"),
        ('{"a": NaN}', ": NaN is no number in JSON; write a finite one"),
        ("[" * 100_000, ": it is nested too deep"),
        ("[]", ": is []; it must be an object"),
    ],
)
def test_files_that_are_no_case(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "case.json"
    path.write_text(text)
    with pytest.raises(SpecError) as caught:
        read_case(tmp_path)
    assert str(caught.value) == f"{path}{why}"


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**400), 10**400),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["v(out1)", "op", "gain_db", "2*vdd", ".include x", "$HOME/x", "../../../x"]),
    st.lists(st.integers(0, 3), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(0, 3), max_size=2),
)


def places(whole: Any, trail: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The trail of everything in a case."""
    if trail:
        yield trail
    if isinstance(whole, dict | list):
        inner = whole.items() if isinstance(whole, dict) else enumerate(whole)
        for name, value in inner:
            yield from places(value, (*trail, name))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=st.randoms(use_true_random=False), leaf=LEAVES)
def test_a_case_that_was_damaged_is_read_or_refused(
    tmp_path: Path, chosen: random.Random, leaf: Any
) -> None:
    for name in ("deck.cir", "models_tt.inc", "models_ff.inc", "models_ss.inc"):
        shutil.copy(example_folder() / name, tmp_path / name)
    case = json.loads((example_folder() / "case.json").read_text())
    put(*chosen.choice(sorted(places(case), key=str)), leaf)(case)
    (tmp_path / "case.json").write_text(json.dumps(case))
    message = str(tmp_path)
    try:
        read_case(tmp_path)
    except SpecError as problem:
        message = str(problem)
    assert message.startswith(str(tmp_path))


def test_a_users_own_targets(opamp: Case, tmp_path: Path) -> None:
    path = tmp_path / "spec.json"
    path.write_text(json.dumps({"targets": {"gain_db": {"op": ">=", "value": 70}}}))
    spec = opamp.spec(path)
    assert spec.met({"gain_db": 70.0})
    assert spec.missed({"gain_db": 69.9}) == ("gain_db",)
    assert spec.missed({}) == ("gain_db",)
    assert opamp.spec("hard") is opamp.specs["hard"]
    with pytest.raises(SpecError) as caught:
        opamp.spec("harder")
    assert str(caught.value) == (
        "harder is neither a level of opamp2 (it has easy, medium, hard) nor a file"
    )


def test_the_worst_of_corners(opamp: Case) -> None:
    assert opamp.worst("gain_db", [60.0, 50.0]) == 50.0
    assert opamp.worst("power_w", [1.0, 2.0]) == 2.0


def test_positions_on_a_scale(opamp: Case) -> None:
    for item in opamp.design_parameters:
        assert item.from_unit(0.0) == item.lo
        assert item.from_unit(1.0) == item.hi
        assert item.to_unit(item.hi) == pytest.approx(1.0)
        assert item.allows(item.from_unit(0.37))
        assert not item.allows(item.hi * 1.01)
        assert not item.allows(float("nan"))
    fingers = next(item for item in opamp.design_parameters if item.kind == "integer")
    assert not fingers.allows(2.5)
    assert fingers.from_unit(0.5) in (4.0, 5.0)
