"""Never a wrong verdict: pairs made to be equal or different, with and without ABC."""

import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.aig import Aig, AigBuilder, aiger_bytes, read_aiger, truth_tables
from eda.bench import aiger_oracle
from eda.bench.mutants import KINDS, SAME, mutant
from eda.bench.random_logic import random_aig
from eda.errors import InputError
from eda.logic.abc import OFF
from eda.logic.equivalence import Verdict, check_equivalence
from eda.logic.matching import match
from eda.logic.patterns import column, corner_patterns, first_one, pack

needs_abc = pytest.mark.skipif(
    shutil.which("berkeley-abc") is None, reason="berkeley-abc is not installed"
)


def _confirm(first: Aig, second: Aig, verdict: Verdict) -> None:
    """Ask the naive evaluator whether the counterexample is one."""
    example = verdict.counterexample
    assert example is not None
    assert example.outputs
    inputs = [bool(value) for value in example.inputs.values()]
    latches = [bool(value) for value in example.latches.values()]
    answers = [
        aiger_oracle.read(aiger_bytes(aig)).evaluate(inputs, latches) for aig in (first, second)
    ]
    assert answers[0] != answers[1]


@settings(max_examples=60)
@given(st.integers(0, 1 << 30), st.integers(0, 2))
def test_small_circuits_against_their_truth_tables(seed: int, latches: int) -> None:
    rng = random.Random(seed)
    first = random_aig(rng, latches=latches)
    second = first.with_logic(
        first.fanins ^ (np.arange(2 * first.num_ands).reshape(-1, 2) == rng.randrange(30)),
        first.roots,
    )
    verdict = check_equivalence(first, second)
    same = np.array_equal(truth_tables(first), truth_tables(second))
    assert verdict.answer == ("equivalent" if same else "different")
    if not same:
        _confirm(first, second, verdict)


def wide(inputs: int) -> Aig:
    """A circuit that is too wide to try all assignments, and whose outputs see all inputs."""
    rng = random.Random(3)
    made = AigBuilder(inputs)
    row = list(made.inputs)
    while len(row) > 3:
        at = rng.sample(range(len(row)), 3)
        a, b, c = (row[x] for x in at)
        row = [x for k, x in enumerate(row) if k not in at]
        row.append(made.mux(a, b, c ^ 1) if rng.random() < 0.5 else made.xor(a, made.and_(b, c)))
    for literal in row:
        made.output(literal)
    return made.build()


@needs_abc
@pytest.mark.parametrize("kind", KINDS)
def test_mutants_of_a_wide_circuit(kind: str) -> None:
    aig = wide(40)
    made = mutant(aig, kind, random.Random(kind))
    verdict = check_equivalence(aig, made.aig, seconds=30)
    assert verdict.answer == ("equivalent" if made.same else "different")
    if not made.same:
        _confirm(aig, made.aig, verdict)


@pytest.mark.parametrize("kind", ["minterm", "distributed"])
def test_without_abc(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OFF, "1")
    aig = wide(26)
    made = mutant(aig, kind, random.Random(5))
    verdict = check_equivalence(aig, made.aig, seconds=60)
    assert verdict.answer == ("equivalent" if kind in SAME else "different")
    assert verdict.method in ("aigverse", "structure")
    if not made.same:
        _confirm(aig, made.aig, verdict)


@needs_abc
def test_mutated_epfl_circuits(data: Path) -> None:
    rng = random.Random(11)
    paths = [data / "aig" / "epfl" / f"{name}.aig" for name in ("ctrl", "cavlc", "int2float")]
    if not all(path.is_file() for path in paths):
        pytest.skip("EDA_DATA has no EPFL circuits")
    for path in paths:
        aig = read_aiger(path)
        for kind in KINDS:
            made = mutant(aig, kind, rng)
            verdict = check_equivalence(aig, made.aig, seconds=20)
            assert verdict.answer == ("equivalent" if made.same else "different"), (path, kind)


def test_names_decide_over_order() -> None:
    first = Aig(2, fanins=[[5, 2]], outputs=[6], input_names=("a", "b"))  # type: ignore[arg-type]
    second = Aig(2, fanins=[[4, 3]], outputs=[6], input_names=("b", "a"))  # type: ignore[arg-type]
    verdict = check_equivalence(first, second)
    assert (verdict.answer, verdict.matched_by["inputs"]) == ("equivalent", "names")
    nameless = Aig(2, fanins=[[4, 3]], outputs=[6])  # type: ignore[arg-type]
    verdict = check_equivalence(first, nameless)
    assert (verdict.answer, verdict.matched_by["inputs"]) == ("different", "order")


def test_latches_are_matched() -> None:
    first = Aig(1, outputs=[4], next_states=[2], resets=[1])  # type: ignore[arg-type]
    second = Aig(1, outputs=[4], next_states=[3], resets=[1])  # type: ignore[arg-type]
    verdict = check_equivalence(first, second)
    assert verdict.registers == 1
    assert verdict.counterexample is not None
    ((kind, name, one, two),) = verdict.counterexample.outputs
    assert (kind, name, one ^ two) == ("next_states", "l0", 1)


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (
            Aig(2, outputs=[2]),  # type: ignore[arg-type]
            "A has 1 inputs and B has 2; only circuits with the same interface can be compared",
        ),
        (
            Aig(1, outputs=[2], bad=[2]),  # type: ignore[arg-type]
            "A has 0 bad states and B has 1; only circuits with the same interface can be compared",
        ),
    ],
)
def test_interfaces_that_differ(second: Aig, message: str) -> None:
    with pytest.raises(InputError) as caught:
        match(Aig(1, outputs=[2]), second, names=("A", "B"))  # type: ignore[arg-type]
    assert str(caught.value) == message


def test_registers_that_start_otherwise() -> None:
    first = Aig(0, next_states=[2], resets=[0])  # type: ignore[arg-type]
    second = Aig(0, next_states=[2], resets=[2])  # type: ignore[arg-type]
    with pytest.raises(InputError) as caught:
        match(first, second)
    assert str(caught.value) == (
        "latch l0 starts with 0 in the first and with undefined in the second; "
        "matched registers must start alike"
    )


@needs_abc
def test_no_time_is_unknown_and_not_a_guess() -> None:
    # Two multipliers of other structure: nothing decides them in no time.
    verdict = check_equivalence(_multiplier(18, 0), _multiplier(18, 1), seconds=0.3)
    assert (verdict.answer, verdict.counterexample) == ("unknown", None)
    assert verdict.steps


def _multiplier(bits: int, order: int) -> Aig:
    made = AigBuilder(2 * bits)
    a, b = made.inputs[:bits], made.inputs[bits:]
    if order:
        a, b = b, a
    total = [0] * (2 * bits)
    for shift, bit in enumerate(b):
        carry = 0
        for at in range(bits):
            x, y = total[at + shift], made.and_(a[at], bit)
            half = made.xor(x, y)
            total[at + shift] = made.xor(half, carry)
            carry = made.or_(made.and_(x, y), made.and_(half, carry))
        total[bits + shift] = carry
    for literal in total:
        made.output(literal)
    return made.build()


def test_patterns() -> None:
    bits = np.zeros((3, 70), dtype=bool)
    bits[1, 66] = True
    words = pack(bits)
    assert first_one(words[1]) == 66
    assert first_one(words[0]) is None
    assert column(words, 66) == [0, 1, 0]
    corners = corner_patterns(4)
    seen = {tuple(column(corners, at)) for at in range(18)}
    assert {(0, 0, 0, 0), (1, 1, 1, 1), (0, 0, 1, 0), (1, 0, 0, 1), (1, 1, 0, 1)} <= seen
