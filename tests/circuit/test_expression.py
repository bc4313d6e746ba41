"""Expressions: values, against Python's own arithmetic; and no text that breaks the evaluator."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.circuit import Function
from eda.circuit.expression import (
    DynamicExpression,
    UndefinedNameError,
    evaluate,
    names_in,
    probes,
    rename_probes,
)
from eda.errors import ExpressionError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1+2*3", 7),
        ("(1+2)*3", 9),
        ("2**3**2", 512),
        ("2^3", 8),
        ("-2**2", -4),
        ("2**-1", 0.5),
        ("10/4", 2.5),
        ("7%4", 3),
        ("1k+1meg", 1_001_000),
        ("4.7u", 4.7e-6),
        ("a*2", 6),
        ("A*2", 6),
        ("1>2 ? 3 : 4", 4),
        ("1 ? 2 ? 3 : 4 : 5", 3),
        ("1==1 && 2!=3", 1),
        ("!(1>2)", 1),
        ("1 || 0 && 0", 1),
        ("max(1,2,3)-min(4,5)", -1),
        ("sqrt(16)", 4),
        ("pow(2,10)", 1024),
        ("abs(-3)+sgn(-2)", 2),
        ("int(-2.7)", -2),
        ("if(0,1,2)", 2),
        ("limit(5,0,3)", 3),
        ("table(1.5,1,10,2,20)", 15),
        ("ln(e)", 1),
        ("log10(1000)", 3),
        ("pi", math.pi),
        ("{a}+'a'", 6),
        ("agauss(5,1,3)", 5),
        ("twice(a)+twice(2)", 10),
        ("u(2)+uramp(-1)", 1),
    ],
)
def test_value(text: str, value: float) -> None:
    functions = {"twice": Function("twice", ("x",), "x*2")}
    assert evaluate(text, {"a": 3.0}, functions) == pytest.approx(value)


@pytest.mark.parametrize("text", ["sqrt(-1)", "0/0", "(-1)**0.5", "acos(2)"])
def test_what_has_no_value_is_not_a_number(text: str) -> None:
    assert math.isnan(evaluate(text))


@pytest.mark.parametrize("text", ["1/0", "9**9**9", "exp(1e9)"])
def test_what_is_too_large_is_no_crash(text: str) -> None:
    assert not math.isfinite(evaluate(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1+", "bad expression {1+}: a value is missing at the end"),
        ("*1", "bad expression {*1}: a value is missing before '*'"),
        ("(1", "bad expression {(1}: ')' expected, the end found"),
        ("1 2", "bad expression {1 2}: '2' is not expected here"),
        ("1 ? 2", "bad expression {1 ? 2}: ':' expected, the end found"),
        ("a", "undefined parameter a"),
        ("f(1)", "undefined function f"),
        ("sin()", "bad expression {sin()}: sin does not take 0 arguments"),
        ("1 @", "bad expression {1 @}: '@' is not expected here"),
        ("", "bad expression {}: a value is missing at the end"),
    ],
)
def test_message(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["v(a)", "i(v1)*2", "time", "1 + v(a,b)"])
def test_what_only_the_simulator_knows(text: str) -> None:
    with pytest.raises(DynamicExpression):
        evaluate(text)


@pytest.mark.parametrize("text", ["(" * 100_000, "-" * 50_000 + "!" * 50_000, "f(" * 50_000])
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="nested deeper than 60 levels"):
        evaluate(text + "1")


def test_a_very_long_expression_is_refused() -> None:
    with pytest.raises(ExpressionError, match="longer than 200000 characters"):
        evaluate("1+" * 100_001 + "1")


def test_functions_that_call_themselves_are_refused() -> None:
    functions = {"f": Function("f", ("x",), "f(x)+f(x)")}
    with pytest.raises(ExpressionError, match="nested deeper than 60 levels"):
        evaluate("f(1)", {}, functions)


def test_functions_that_double_their_work_are_refused() -> None:
    functions = {"f0": Function("f0", ("x",), "x")}
    for i in range(1, 28):
        functions[f"f{i}"] = Function(f"f{i}", ("x",), f"f{i - 1}(x)+f{i - 1}(x)")
    with pytest.raises(ExpressionError, match="more than 10000 calls of functions"):
        evaluate("f27(1)", {}, functions)


def test_undefined_names_say_which() -> None:
    with pytest.raises(UndefinedNameError) as caught:
        evaluate("2*Wn")
    assert caught.value.name == "Wn"


NUMBERS = st.floats(0.01, 100).map(lambda value: (repr(value), value))


def combined(parts: st.SearchStrategy[tuple[str, float]]) -> st.SearchStrategy[tuple[str, float]]:
    """Return texts made of two others, with the value Python gives them."""

    def join(left: tuple[str, float], operator: str, right: tuple[str, float]) -> tuple[str, float]:
        (a, x), (b, y) = left, right
        if operator in ("<", ">", "=="):
            return f"({a}{operator}{b})", float({"<": x < y, ">": x > y, "==": x == y}[operator])
        if operator == "?":
            return f"({a} > 1 ? {b} : {a})", y if x > 1 else x
        if operator == "max":
            return f"max({a}, {b})", max(x, y)
        if operator == "/" and y == 0:
            return f"({a} - {b})", x - y
        value = {"+": x + y, "-": x - y, "*": x * y, "/": x / y if y else 0.0}[operator]
        return f"({a} {operator} {b})", value

    operators = st.sampled_from(["+", "-", "*", "/", "<", ">", "==", "?", "max"])
    return st.builds(join, parts, operators, parts)


@given(st.recursive(NUMBERS, combined, max_leaves=25))
def test_arithmetic_is_pythons(made: tuple[str, float]) -> None:
    text, value = made
    assert evaluate(text) == pytest.approx(value, rel=1e-12, abs=1e-12, nan_ok=True)


@given(st.lists(st.tuples(st.sampled_from("+-*/"), st.floats(0.1, 9)), min_size=1, max_size=12))
def test_precedence_is_pythons(parts: list[tuple[str, float]]) -> None:
    text = "1" + "".join(f"{operator}{value!r}" for operator, value in parts)
    # The text holds nothing but numbers and four operators.
    assert evaluate(text) == pytest.approx(reference(text), rel=1e-9)


def reference(text: str) -> float:
    """Work out a sum of products from left to right, the school way."""
    import re

    total, product, sign, operator = 0.0, 1.0, 1.0, "*"
    for mark, number in re.findall(r"([-+*/]?)(\d+(?:\.\d+)?(?:e-?\d+)?)", text):
        if mark in ("+", "-"):
            total, product, sign = total + sign * product, 1.0, 1.0 if mark == "+" else -1.0
        operator = mark if mark in ("*", "/") else "*"
        product = product * float(number) if operator == "*" else product / float(number)
    return total + sign * product


@settings(max_examples=300)
@given(
    st.one_of(
        st.text(max_size=60),
        st.text("0123456789.+-*/()?:<>=!&|{}'\",abek_$#@~^% ", max_size=80),
    )
)
def test_any_text_has_a_value_or_a_message(text: str) -> None:
    try:
        value = evaluate(text, {"a": 1.0, "b": 0.0})
    except (ExpressionError, DynamicExpression):
        return
    assert isinstance(value, float)


def test_names() -> None:
    assert names_in("2*Rtop + max(a, 1k) + 3.5u*x.y") == {"rtop", "max", "a", "x.y"}


def test_probes_and_their_renaming() -> None:
    text = "V(a, b) * i( V1 ) + v(c)"
    assert probes(text) == (("a", "b", "c"), ("V1",))
    assert rename_probes(text, lambda net: f"x.{net}", lambda name: f"y.{name}") == (
        "V(x.a,x.b) * i(y.V1) + v(x.c)"
    )


@pytest.mark.parametrize("text", ["v(" * 50_000, "v(" + " " * 100_000, "v" * 100_000])
def test_probes_of_long_text(text: str) -> None:
    assert probes(text) == ((), ())
