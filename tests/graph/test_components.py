"""Connected components over arrays."""

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eda.graph.components import components

NODE = st.integers(0, 11)


@given(st.lists(st.tuples(NODE, NODE), max_size=20))
def test_it_agrees_with_networkx(edges: list[tuple[int, int]]) -> None:
    graph: nx.Graph[int] = nx.Graph(edges)
    graph.add_nodes_from(range(12))
    wanted = np.empty(12, dtype=np.int64)
    for part in nx.connected_components(graph):
        wanted[list(part)] = min(part)
    pairs = np.array(edges, dtype=np.int64).reshape(-1, 2)
    assert components(12, pairs[:, 0], pairs[:, 1]).tolist() == wanted.tolist()


def test_a_long_chain_in_a_bad_order() -> None:
    order = np.random.default_rng(0).permutation(20_000)
    assert components(20_000, order[:-1], order[1:]).max() == 0
