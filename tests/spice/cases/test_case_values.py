"""The little arithmetic of cases: what it reads, and what it refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.errors import SpecError
from eda.spice.case_values import read_value

NAMES = {"vdd": 1.8, "tstep": 1e-6, "e": 5.0}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (3, 3.0),
        (1e-9, 1e-9),
        ("1.095*tstep", 1.095e-6),
        ("vdd/2 - 0.1", 0.8),
        ("-vdd + +2", 0.2),
        ("2*-vdd", -3.6),
        ("8/4/2", 1.0),
        ("5-3-1", 1.0),
        ("(1 + 2) * (vdd)", 5.4),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("VDD", 1.8),
        ("e", 5.0),
    ],
)
def test_values(given: object, expected: float) -> None:
    assert read_value(given, names=NAMES, where="x").at(NAMES) == pytest.approx(expected)


def test_a_value_follows_its_parameters() -> None:
    value = read_value("0.5*vdd", names=NAMES, where="x")
    assert value.names == {"vdd"}
    assert value.at({**NAMES, "vdd": 1.0}) == 0.5


@pytest.mark.parametrize(
    "given",
    [
        *("1k", "2**3", "vdd^2", "abs(vdd)", "vdd(1)", "1 2", "vdd vdd", "(1", "1)", "()", ""),
        *("*2", "2*", "1,2", "vdd>1", "vdd ? 1 : 2", "1d5", "0x10", "1_000", "'vdd'", "{vdd}"),
        *("!vdd", "2//3", "2 * * 3", "1e", "é", "vdd[0]", "__import__('os')", "(1)(2)", "2(3)"),
    ],
)
def test_what_is_not_in_the_grammar_is_refused(given: str) -> None:
    with pytest.raises(SpecError, match=r"^x is "):
        read_value(given, names=NAMES, where="x")


def test_messages_say_where_and_what() -> None:
    for text, message in (
        (
            "2*vcm",
            "metric m: level is '2*vcm', and vcm is no parameter of the case (it has vdd, tstep, "
            "e)",
        ),
        (
            "sqrt(vdd)",
            "metric m: level is 'sqrt(vdd)', which cannot be read at character 5: only plain "
            "decimal numbers, parameter names, + - * / and brackets may stand there",
        ),
        (True, "metric m: level is True; write a number, or a string with arithmetic"),
        (None, "metric m: level is None; write a number, or a string with arithmetic"),
        (float("inf"), "metric m: level is inf, which is no finite number"),
        (10**400, f"metric m: level is {10**400}, which is no finite number"),
        (
            "1/(vdd-vdd)",
            "metric m: level is '1/(vdd-vdd)', which has no finite value at the nominal design",
        ),
    ):
        with pytest.raises(SpecError) as caught:
            read_value(text, names=NAMES, where="metric m: level")
        assert str(caught.value) == message


def test_a_name_that_only_the_evaluator_knows_is_refused() -> None:
    with pytest.raises(SpecError, match="pi is no parameter"):
        read_value("2*pi", names=NAMES, where="x")


EXPRESSIONS = st.recursive(
    st.one_of(
        st.floats(0.1, 10).map(lambda number: f"{number:.3f}"), st.sampled_from(["vdd", "tstep"])
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda text: f"-{text}"),
    ),
    max_leaves=12,
)


@given(EXPRESSIONS)
def test_arithmetic_is_that_of_python(text: str) -> None:
    # These texts are made above, of numbers, names and signs that Python reads the same way; no
    # text from outside comes here, and the toolkit itself never calls eval.
    expected = eval(text, {"__builtins__": {}}, dict(NAMES))
    assert read_value(text, names=NAMES, where="x").at(NAMES) == pytest.approx(expected)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        value = read_value(text, names=NAMES, where="x")
    except SpecError:
        return
    assert value.at(NAMES) == value.at(NAMES)
