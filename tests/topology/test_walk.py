"""Circuits as decisions: whatever the order, the decisions make the same circuit."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.graph import isomorphic
from eda.topology.circuit import Topology
from eda.topology.features import State, lesson_of
from eda.topology.mirror import upside_down
from eda.topology.walk import Walk, decisions

from .conftest import random_circuit


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_decisions_make_the_circuit_again(seed: int, order: int) -> None:
    topology = random_circuit(seed)
    walk = Walk.begin(topology.type)
    for slot, word in decisions(topology, np.random.default_rng(order)):
        assert walk.slot == slot
        walk.take(word)
    assert walk.done
    made = walk.topology()
    assert made.ports == topology.ports
    assert made.key() == topology.key()
    assert isomorphic(made.graph(), topology.graph(), ports="classes")


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_numbers_for_learning_are_those_seen_while_deciding(seed: int) -> None:
    topology = random_circuit(seed, budget=15)
    made = decisions(topology, np.random.default_rng(seed))
    lesson = lesson_of(made, topology.type, 0)
    state = State.begin(topology.type)
    for at, item in enumerate(made):
        nets = len(state.walk.net_class)
        np.testing.assert_allclose(state.net_features(), lesson.net[at, :nets], atol=1e-6)
        np.testing.assert_allclose(state.step_features(), lesson.step[at], atol=1e-6)
        np.testing.assert_array_equal(state.last, lesson.last[at, :nets])
        state.take(item.word)


def test_renamed_ports_are_no_news(two_stage: Topology) -> None:
    # vin and vb change places: the circuit is another one, its hash is not.
    swapped = Topology(
        "opamp",
        tuple({2: 9, 10: 2}.get(item, item) for item in two_stage.net_class),
        two_stage.devices,
    )
    assert swapped.key() == two_stage.key()
    rails = Topology(
        "opamp",
        tuple({0: 1, 1: 0}.get(item, item) for item in two_stage.net_class),
        two_stage.devices,
    )
    assert rails.key() != two_stage.key()


def test_upside_down_twice_is_the_same(two_stage: Topology) -> None:
    turned = upside_down(two_stage)
    assert turned is not None
    assert turned.key() != two_stage.key()
    assert upside_down(turned) == two_stage
