"""Simulation against Python's own booleans."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.aig import (
    AigBuilder,
    aiger_bytes,
    parse_aiger,
    random_patterns,
    simulate,
    simulate_roots,
    simulate_steps,
    truth_tables,
)
from eda.bench import aiger_oracle
from eda.bench.random_logic import random_aig
from eda.errors import InputError


@given(st.integers(0, 1 << 30))
def test_truth_tables_are_those_of_the_oracle(seed: int) -> None:
    aig = random_aig(random.Random(seed))
    oracle = aiger_oracle.read(aiger_bytes(aig))
    tables = truth_tables(aig)
    for minterm in range(1 << aig.num_inputs):
        leaves = [bool(minterm >> at & 1) for at in range(aig.num_inputs)]
        wanted, _ = oracle.evaluate(leaves, [])
        assert [bool(int(word) >> minterm & 1) for word in tables[:, 0]] == wanted


@pytest.mark.parametrize("inputs", [0, 1, 5, 6, 7, 9])
def test_truth_table_of_a_wide_xor(inputs: int) -> None:
    made = AigBuilder(inputs)
    made.output(made.xor_all(made.inputs))
    (table,) = truth_tables(made.build())
    bits = "".join(f"{int(word):064b}"[::-1] for word in table)[: 1 << inputs]
    assert bits == "".join(str(m.bit_count() & 1) for m in range(1 << inputs))


def test_steps_follow_the_oracle() -> None:
    rng = random.Random(5)
    for _ in range(20):
        aig = random_aig(rng, latches=3)
        oracle = aiger_oracle.read(aiger_bytes(aig))
        patterns = np.stack([random_patterns(aig.num_inputs, 1, seed=at) for at in range(6)])
        found = simulate_steps(aig, patterns)
        states = [reset == 1 for reset in aig.resets.tolist()]
        for step in range(6):
            leaves = [bool(int(word) & 1) for word in patterns[step, :, 0]]
            roots, states = oracle.evaluate(leaves, states)
            ours = [bool(int(word) & 1) for word in found[step, :, 0]]
            assert ours[: aig.num_outputs] == roots
            assert ours[aig.num_outputs :] == states


def test_undefined_resets_are_drawn() -> None:
    aig = parse_aiger(b"aag 1 0 1 1 0\n2 2 2\n2\n")
    patterns = np.zeros((2, 0, 4), np.uint64)
    assert not simulate_steps(aig, patterns).any()
    drawn = simulate_steps(aig, patterns, seed=1)
    assert drawn.any()
    assert np.array_equal(drawn[0], drawn[1])


def test_long_patterns_are_taken_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    aig = random_aig(random.Random(11))
    patterns = random_patterns(aig.num_inputs, 37, seed=2)
    whole = simulate_roots(aig, patterns)
    monkeypatch.setattr("eda.aig.simulation.MAX_BYTES", 8 * aig.num_variables * 5)
    assert np.array_equal(simulate_roots(aig, patterns), whole)
    with pytest.raises(InputError, match="give fewer, or use simulate_roots"):
        simulate(aig, patterns)


def test_wrong_patterns_are_refused() -> None:
    aig = parse_aiger(b"aag 3 2 0 1 1\n2\n4\n6\n6 2 4\n")
    with pytest.raises(InputError) as caught:
        simulate(aig, np.zeros((3, 1), np.uint64))
    assert str(caught.value) == (
        "patterns are uint64 (3, 1); this circuit takes uint64 (2, words): a row for each input "
        "and latch"
    )
    made = AigBuilder(17)
    with pytest.raises(InputError, match="17 inputs and latches have too many assignments"):
        truth_tables(made.build())
