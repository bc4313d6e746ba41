"""Scopes of parameters: who beats whom, circles, and long chains."""

import pytest

from eda.circuit import Expression, Function
from eda.circuit.environment import Environment
from eda.errors import ExpressionError


def test_order_in_the_file_does_not_matter() -> None:
    environment = Environment({"a": Expression("b+1"), "b": Expression("c*2"), "c": 3.0})
    assert environment.evaluate("a") == 7.0


def test_inner_beats_outer_and_overrides_beat_both() -> None:
    outer = Environment({"a": 1.0, "b": 2.0, "c": 3.0})
    inner = Environment({"a": 10.0, "b": 20.0}, parent=outer, overrides={"a": 100.0})
    assert [inner.lookup(name) for name in "abcd"] == [100.0, 20.0, 3.0, None]


def test_its_own_name_means_the_one_outside() -> None:
    inner = Environment({"w": Expression("2*w")}, parent=Environment({"w": 3.0}))
    assert inner.lookup("w") == 6.0


def test_a_name_that_means_itself_alone_is_an_error() -> None:
    with pytest.raises(ExpressionError) as caught:
        Environment({"w": Expression("w")}).evaluate("w")
    assert str(caught.value) == "bad expression: parameter w is defined by itself"


@pytest.mark.parametrize("length", [2, 3, 1000])
def test_a_circle_is_an_error_of_any_length(length: int) -> None:
    names = {f"p{i}": Expression(f"p{(i + 1) % length}+1") for i in range(length)}
    environment = Environment(names)
    with pytest.raises(ExpressionError, match="is defined by itself"):
        environment.evaluate("p0")
    with pytest.raises(ExpressionError, match="is defined by itself"):
        environment.evaluate(f"p{length // 2}")


@pytest.mark.parametrize("length", [100, 20_000])
def test_a_chain_may_be_long(length: int) -> None:
    chain = {f"p{i}": Expression(f"p{i + 1}+1") for i in range(length)}
    environment = Environment({**chain, f"p{length}": 0.0})
    assert environment.evaluate("p0") == length


def test_a_chain_through_scopes_and_functions() -> None:
    outer = Environment(
        {"a": Expression("f(1)"), **{f"p{i}": Expression(f"p{i + 1}") for i in range(5000)}},
        {"f": Function("f", ("x",), "x+p0")},
    )
    inner = Environment({"p5000": 4.0}, parent=Environment({}, parent=outer))
    assert Environment({"p5000": 1.0}, parent=outer).lookup("p5000") == 1.0
    with pytest.raises(ExpressionError, match="undefined parameter p5000"):
        inner.evaluate("a")


def test_nested_expressions_in_a_chain_fit_on_the_stack() -> None:
    deep = "(" * 55 + "{}" + ")" * 55
    names = {f"p{i}": Expression(deep.format(f"p{i + 1}")) for i in range(200)}
    assert Environment({**names, "p200": 5.0}).evaluate(deep.format("p0")) == 5.0


def test_a_wrong_parameter_hurts_only_who_uses_it() -> None:
    environment = Environment({"bad": Expression("1+"), "good": 1.0})
    assert environment.evaluate("good") == 1.0
    assert environment.evaluate("good ? good : 2") == 1.0
    for _ in range(2):
        with pytest.raises(ExpressionError) as caught:
            environment.evaluate("bad")
        assert str(caught.value) == "bad expression {1+}: a value is missing at the end"


def test_texts_are_names_or_nothing() -> None:
    environment = Environment({"a": 2.0})
    assert environment.value("A") == 2.0
    assert environment.value("nmos") is None
    assert environment.value(True) == 1.0
    assert environment.value((1.0, 2.0)) is None
