"""The grammar, driven by random numbers: whatever is decided, the circuit keeps every rule."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.errors import InputError
from eda.topology import TYPES
from eda.topology.clean import strict_findings
from eda.topology.grammar import Grammar
from eda.topology.parts import INDUCTOR, RESISTOR, VOUT
from eda.topology.walk import END, FRESH_PORT, KIND_WORD, NEW, PORTS_DONE

from .conftest import random_circuit

COUNT = 500


def test_five_hundred_random_circuits_are_strictly_valid_and_none_is_thrown_away() -> None:
    for seed in range(COUNT):
        made = random_circuit(seed, list(TYPES)[seed % len(TYPES)])
        assert TYPES[made.type].lacks(made.ports) == []
        # The batch form of the rules, which knows nothing of the grammar.
        assert strict_findings(made) == [], (seed, made)


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 12))
def test_a_budget_is_kept_as_far_as_the_ports_allow(seed: int, budget: int) -> None:
    rng = np.random.default_rng(seed)
    grammar = Grammar("opamp", budget=budget, ports=(0, 1, 2, 2, 11))
    while not grammar.done:
        able = np.flatnonzero(grammar.allowed())
        assert len(able)
        grammar.take(int(rng.choice(able)))
    assert grammar.complete()
    # Five ports owe six devices at most; what is begun below the budget may owe some more.
    assert len(grammar.topology()) <= max(budget, 1) + 6


def test_ports_follow_the_type() -> None:
    grammar = Grammar("opamp")
    allowed = grammar.allowed()
    assert [int(word) for word in np.flatnonzero(allowed)] == [0]
    grammar.take(0)
    grammar.take(1)
    assert np.flatnonzero(grammar.allowed()).tolist() == [2]
    grammar.take(2)
    grammar.take(2)
    assert PORTS_DONE not in np.flatnonzero(grammar.allowed())
    grammar.take(VOUT)
    assert np.flatnonzero(grammar.allowed()).tolist() == [VOUT, PORTS_DONE]


def test_nothing_ends_before_what_is_open_is_settled() -> None:
    grammar = Grammar("mirror", ports=(1, 12))
    assert not grammar.allowed()[END]
    grammar.take(KIND_WORD + RESISTOR)
    grammar.take(FRESH_PORT + 12)
    # Both ends on one net would be a shorted part.
    first = len(grammar.allowed()) - 1
    assert not grammar.allowed()[first]
    grammar.take(NEW)
    assert not grammar.allowed()[END]
    assert grammar.debts.nets == ("n1",)


def test_inductors_close_no_loop_and_join_no_rails() -> None:
    grammar = Grammar("filter", ports=(0, 1, 2, 11))
    for word in (KIND_WORD + INDUCTOR, FRESH_PORT + 0):
        grammar.take(word)
    assert not grammar.allowed()[FRESH_PORT + 1]
    grammar.take(FRESH_PORT + 11)
    grammar.take(KIND_WORD + INDUCTOR)
    grammar.take(len(grammar.allowed()) - 1)
    allowed = np.flatnonzero(grammar.allowed()).tolist()
    # vdd is joined by an inductor already, and vss would be a short.
    assert FRESH_PORT + 1 not in allowed
    assert all(word < len(grammar.allowed()) - 2 for word in allowed)


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"^there is no circuit type 'opmap'; did you mean opamp\? there are: opa"
    ):
        Grammar("opmap")
