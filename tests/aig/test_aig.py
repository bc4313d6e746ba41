"""The data model: what it checks, its levels, its conversions."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.aig import Aig, AigBuilder, simulate_roots, truth_tables
from eda.aig.aig import same
from eda.aig.convert import EDGE_KINDS, NODE_KINDS, from_aigverse, node_names
from eda.bench.random_logic import random_aig
from eda.errors import AigerError


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"fanins": [[6, 2]]}, "AIG: AND 6 reads [6, 2]; fanins must be literals below 6"),
        ({"fanins": [[4, -1]]}, "AIG: AND 6 reads [4, -1]; fanins must be literals below 6"),
        ({"outputs": [6]}, "AIG: literal 6 is not defined; the highest is 5"),
        ({"next_states": [0], "resets": [3]}, "AIG: a reset must be 0, 1 or 2 (undefined)"),
        ({"next_states": [0], "resets": [0, 1]}, "AIG: 2 resets for 1 latches"),
        ({"input_names": ("a",)}, "AIG: 1 input_names for 2"),
    ],
)
def test_what_is_no_aig(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(AigerError) as caught:
        Aig(2, **arguments)  # type: ignore[arg-type]
    assert str(caught.value) == message


def test_arrays_cannot_be_changed() -> None:
    aig = Aig(2, fanins=[[2, 4]], outputs=[6])  # type: ignore[arg-type]
    assert aig.fanins.tolist() == [[4, 2]]
    with pytest.raises(ValueError, match="read-only"):
        aig.fanins[0, 0] = 0


def test_depth_of_a_chain_without_recursion() -> None:
    made = AigBuilder(2)
    last = made.inputs[0]
    for _ in range(20_000):
        last = made.and_(last ^ 1, made.inputs[1])
    made.output(last)
    aig = made.build()
    assert aig.depth == 20_000
    assert simulate_roots(aig, np.zeros((2, 1), np.uint64)).tolist() == [[0]]


@given(st.integers(0, 1 << 30), st.booleans(), st.integers(0, 3))
def test_plain_values_and_back(seed: int, sections: bool, latches: int) -> None:
    aig = random_aig(random.Random(seed), sections=sections, latches=latches)
    assert same(Aig.from_dict(aig.to_dict()), aig)


@pytest.mark.parametrize("values", [{}, {"num_inputs": "x"}, {"num_inputs": 1, "colour": 2}])
def test_other_values_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(AigerError, match="no AIG"):
        Aig.from_dict(values)


@given(st.integers(0, 1 << 30), st.integers(0, 2))
def test_logic_put_back_is_the_same_circuit(seed: int, latches: int) -> None:
    aig = random_aig(random.Random(seed), sections=True, latches=latches)
    logic = aig.combinational()
    assert logic.num_inputs == aig.num_inputs + latches
    assert same(aig.with_logic(logic.fanins, logic.outputs), aig)


@given(st.integers(0, 1 << 30))
def test_aigverse_and_back(seed: int) -> None:
    aig = random_aig(random.Random(seed))
    again = from_aigverse(aig.to_aigverse())
    assert np.array_equal(truth_tables(again), truth_tables(aig))


def test_latches_in_aigverse() -> None:
    aig = Aig(1, fanins=[[4, 2]], outputs=[6], next_states=[7], resets=[1])  # type: ignore[arg-type]
    network = aig.to_aigverse()
    assert (network.num_registers, network.register_at(0).init) == (1, 1)


def test_graph_of_a_sequential_circuit() -> None:
    aig = Aig(
        1,
        fanins=[[4, 3]],  # type: ignore[arg-type]
        outputs=[7, 0],  # type: ignore[arg-type]
        next_states=[6],  # type: ignore[arg-type]
        input_names=("clear",),
    )
    graph = aig.to_networkx()
    assert node_names(aig) == ["const", "i0", "l0", "n3", "o0", "o1"]
    assert [graph.nodes[node]["kind"] for node in graph] == [
        *("constant", "input", "latch", "and", "root", "root")
    ]
    assert graph.nodes["i0"]["name"] == "clear"
    edges = {(a, b): (item["inverted"], item["kind"]) for a, b, item in graph.edges(data=True)}
    assert edges == {
        ("l0", "n3"): (False, "fanin"),
        ("i0", "n3"): (True, "fanin"),
        ("n3", "o0"): (True, "fanin"),
        ("const", "o1"): (False, "fanin"),
        ("n3", "l0"): (False, "next_state"),
    }
    data = aig.to_pyg()
    assert data.x.shape == (6, len(NODE_KINDS))
    assert data.edge_index.tolist() == [[2, 1, 3, 0, 3], [3, 3, 4, 5, 2]]
    assert data.edge_attr.flatten().tolist() == [0, 1, 1, 0, 0]
    assert [EDGE_KINDS[kind] for kind in data.edge_kind] == ["fanin"] * 4 + ["next_state"]
    assert data.level.tolist() == [0, 0, 0, 1, 1, 0]
    assert data.validate()
