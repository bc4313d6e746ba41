"""expand_calls: bodies in the place of calls, bounded, and the same value as before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.circuit import Function
from eda.circuit.calls import LONGEST, expand_calls
from eda.circuit.expression import evaluate
from eda.spice import parse_netlist

FUNCTIONS = {
    "twice": Function("twice", ("x",), "2*x"),
    "sum": Function("sum", ("a", "b"), "a+b"),
    "deep": Function("deep", ("x",), "twice(sum(x,1))"),
    "none": Function("none", (), "7"),
    "probe": Function("probe", ("n",), "v(n)*2"),
}


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("twice(3)", "(2*3)"),
        ("Twice( a+b )", "(2*(a+b))"),
        ("sum(twice(1),c)*2", "((twice(1))+c)*2"),
        ("none()+1", "(7)+1"),
        ("probe(out)", "(v(out)*2)"),
        ("max(a,twice(b))", "max(a,(2*b))"),
        ("twice(1,2)", "twice(1,2)"),
        ("twice(1", "twice(1"),
        ("atwice(1)", "atwice(1)"),
    ],
)
def test_calls(text: str, made: str) -> None:
    found = expand_calls(text, FUNCTIONS)
    assert found == made.replace("(twice(1))", "((2*1))")


@given(st.integers(-5, 5), st.integers(-5, 5))
def test_the_value_stays(a: int, b: int) -> None:
    text = f"deep({a})-sum(twice({b}),none())*twice(sum({a},{b}))"
    plain = expand_calls(text, FUNCTIONS)
    assert not any(name in plain for name in FUNCTIONS)
    assert evaluate(plain) == evaluate(text, functions=FUNCTIONS)


def test_what_grows_without_end_keeps_its_calls() -> None:
    circle = {"f": Function("f", ("x",), "f(x)+f(x)")}
    assert expand_calls("f(1)", circle) == "f(1)"
    doubling = {f"f{i}": Function(f"f{i}", ("x",), f"f{i + 1}(x)+f{i + 1}(x)") for i in range(40)}
    assert len(expand_calls("f0(1)", doubling)) < LONGEST


def test_flat_circuits_keep_what_functions_say() -> None:
    deck = """* f
.param k=3
.func f(x) {k*x}
.subckt s a g=2
.func h(x) {g*x}
B1 a 0 v={f(v(a))*g+h(v(a))*k}
.ends
X1 n s g=5
"""
    (source,) = parse_netlist(deck).flatten().devices
    assert str(source.parameters["v"].text) == (  # type: ignore[union-attr]
        "((3.0)*(v(n)))*(5.0)+((5.0)*(v(n)))*(3.0)"
    )
