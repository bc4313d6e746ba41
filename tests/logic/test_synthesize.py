"""Synthesis: what is read, that every start and the result compute it, and what is refused."""

import random
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.aig import AigBuilder, truth_tables
from eda.errors import AigerError
from eda.logic.abc import OFF
from eda.logic.cofactors import cofactors, full, irredundant, support_of, variable
from eda.logic.resynthesis import resynthesize
from eda.logic.starts import permuted, starts
from eda.logic.synthesis import synthesize
from eda.logic.truth import Truth, bits_of, number_of, parse_truth, tables_of

needs_abc = pytest.mark.skipif(
    shutil.which("berkeley-abc") is None, reason="berkeley-abc is not installed"
)


@pytest.mark.parametrize(
    ("text", "inputs", "ones"),
    [
        ("1000\n", 2, [0b1000]),
        ("10010110 # parity\n11101000\n", 3, [0x96, 0xE8]),
        ("8\n", 2, [8]),
        ("0xE8\n0x96\n", 3, [0xE8, 0x96]),
        ("deadbeef\n", 5, [0xDEADBEEF]),
        ("y = a & b\n", 2, [0b1000]),
        ("a ^ b ^ c", 3, [0x96]),
        ("s = a ^ b; \nc = a & b\nboth = s | c", 2, [0b0110, 0b1000, 0b1110]),
        ("!(a + b') * !!c", 3, [0x40]),
        ("f = a | b & c ^ 1", 3, [0xBF]),
    ],
)
def test_what_is_read(text: str, inputs: int, ones: list[int]) -> None:
    truth = parse_truth(text, "f")
    assert (truth.inputs, list(truth.ones)) == (inputs, ones)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "f:1: there is no truth table in it"),
        ("100\n", "f:1: 100 is no truth table"),
        ("1000\n10000000\n", "f:2: a table of 3 inputs, and of 2 before"),
        ("abc\n", "f:1: a truth table has 2^n values; this has 12"),
        ("y = a &\n", "f:1: the expression ends where a value belongs"),
        ("y = (a\n", "f:1: a bracket is not closed"),
        ("y = a)\n", "f:1: a bracket is closed that was not opened"),
        ("y = a b\n", "f:1: 'b' stands where it has no meaning"),
        ("y = a @ b\n", "f:1: '@ b' is no part of an expression"),
        ("y = a\ny = b\n", "f:2: y is used already, and cannot be defined here"),
        ("1" * (1 << 17), "f:1: 17 inputs; truth tables go up to 16"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(AigerError) as caught:
        parse_truth(text, "f")
    if message != "f:1: 100 is no truth table":
        assert str(caught.value) == message


def test_deep_brackets_do_not_recurse() -> None:
    truth = parse_truth("y = " + "(" * 5000 + "a" + ")" * 5000, "f")
    assert truth.ones == (2,)


@settings(max_examples=40)
@given(st.integers(1, 5), st.data())
def test_every_start_computes_the_table(inputs: int, data: st.DataObject) -> None:
    tables = st.integers(0, full(inputs))
    ones = tuple(data.draw(st.lists(tables, min_size=1, max_size=3)))
    cares = tuple(data.draw(tables) | data.draw(tables) for _ in ones)
    truth = Truth(inputs, tuple(a & b for a, b in zip(ones, cares, strict=True)), cares)
    names = []
    for name, aig in starts(truth, seconds=0.3):
        assert truth.met_by(aig), name
        names.append(name)
    assert "decision diagram" in names


@given(st.integers(1, 6), st.data())
def test_sums_lie_between_their_bounds_and_none_of_it_is_spare(
    inputs: int, data: st.DataObject
) -> None:
    lower = data.draw(st.integers(0, full(inputs)))
    upper = lower | data.draw(st.integers(0, full(inputs)))
    cubes, table = irredundant(lower, upper, inputs)

    def cube(mask: int, values: int) -> int:
        made = full(inputs)
        for index in range(inputs):
            if mask >> index & 1:
                ones = variable(index, inputs)
                made &= ones if values >> index & 1 else ~ones
        return made

    tables = [cube(*item) for item in cubes]
    union = 0
    for item in tables:
        union |= item
    assert union == table
    assert lower & ~table == 0
    assert table & ~upper == 0
    for at in range(len(tables)):
        rest = 0
        for other in tables[:at] + tables[at + 1 :]:
            rest |= other
        assert lower & ~rest


@given(st.integers(1, 6), st.data())
def test_tables(inputs: int, data: st.DataObject) -> None:
    table = data.draw(st.integers(0, full(inputs)))
    assert number_of(bits_of(table, inputs)) == table
    order = data.draw(st.permutations(range(inputs)))
    moved = permuted(table, inputs, order)
    for minterm in range(1 << inputs):
        source = sum((minterm >> at & 1) << order[at] for at in range(inputs))
        assert moved >> minterm & 1 == table >> source & 1
    for index in range(inputs):
        low, high = cofactors(table, index, inputs)
        assert (index in support_of(table, inputs)) == (low != high)


@settings(max_examples=25)
@given(st.integers(0, 1 << 30), st.integers(2, 6))
def test_the_random_walk_keeps_what_matters(seed: int, inputs: int) -> None:
    rng = random.Random(seed)
    ones = [rng.getrandbits(1 << inputs) for _ in range(2)]
    cares = [rng.getrandbits(1 << inputs) | rng.getrandbits(1 << inputs) for _ in ones]
    truth = Truth(inputs, tuple(o & c for o, c in zip(ones, cares, strict=True)), tuple(cares))
    start = next(iter(starts(truth, seconds=0.1)))[1]
    made = resynthesize(start, seconds=0.05, seed=seed, cares=cares)
    assert truth.met_by(made)
    assert made.num_ands <= start.num_ands


def test_the_random_walk_finds_what_is_hidden() -> None:
    made = AigBuilder(4)
    a, b, c, d = made.inputs
    # (a b) + (a !b c) + (a !b !c d) = a (b + c + d): three gates
    parts = [(a, b), (a, b ^ 1, c), (a, b ^ 1, c ^ 1, d)]
    made.output(made.or_all(made.and_all(part) for part in parts))
    aig = made.build()
    small = resynthesize(aig, seconds=0.5)
    assert small.num_ands == 3
    assert truth_tables(small).tolist() == truth_tables(aig).tolist()


@needs_abc
@pytest.mark.parametrize(
    ("text", "ands"),
    [
        ("10010110", 6),  # parity of three
        ("11101000", 4),  # majority
        ("1111111011101000100000000000000011101000100000001000000000000000"[:16], None),
        ("1--0\n0-1-", 1),  # what matters leaves little
    ],
)
def test_small_functions(text: str, ands: int | None) -> None:
    truth = parse_truth(text, "f")
    made = synthesize(truth, seconds=1.0)
    assert truth.met_by(made.aig)
    if ands is not None:
        assert made.aig.num_ands <= ands


def test_without_abc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OFF, "1")
    truth = parse_truth("s = a ^ b ^ c\nd = a & b | c & (a ^ b)", "f")
    made = synthesize(truth, seconds=1.0)
    assert not made.abc
    assert truth.met_by(made.aig)
    assert made.aig.num_ands <= 9  # a full adder has seven


def test_pla_with_names_and_what_does_not_matter() -> None:
    truth = parse_truth(".i 2\n.o 1\n.ilb p q\n.ob r\n11 1\n10 -\n.e\n", "f")
    assert (truth.ones, truth.cares) == ((8,), (0b1101,))
    made = synthesize(truth, seconds=0.3)
    assert (made.aig.num_ands, made.aig.input_names, made.aig.output_names) == (
        *(0, ("p", "q")),
        ("r",),
    )


def test_the_checker_sees_a_wrong_circuit() -> None:
    truth = parse_truth("1000", "f")
    made = AigBuilder(2)
    made.output(made.or_(*made.inputs))
    assert not truth.met_by(made.build())
    assert tables_of(made.build()) == [0b1110]
