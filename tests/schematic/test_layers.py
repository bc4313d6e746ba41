"""arrange: layers of a graph, counted and measured against the definition."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.errors import InputError
from eda.schematic.layers import Layering, arrange

Graph = tuple[list[tuple[int, ...]], list[int]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Up to 14 nodes, each reading up to two earlier ones, on its level or a higher one."""
    sources: list[tuple[int, ...]] = []
    levels: list[int] = []
    for node in range(draw(st.integers(1, 14))):
        count = draw(st.integers(0, 2)) if node else 0
        own = tuple(draw(st.integers(0, node - 1)) for _ in range(count))
        sources.append(own)
        low = max((levels[at] + 1 for at in own), default=0)
        levels.append(low + draw(st.integers(0, 2)) if own else 0)
    return sources, levels


def crossings_by_definition(found: Layering) -> int:
    """Count pairs of edges between the same layers whose ends are in opposite orders."""
    place = {node: at for layer in found.layers for at, node in enumerate(layer)}
    layer_of = {node: at for at, layer in enumerate(found.layers) for node in layer}
    edges = {pair for own in found.ways for way in own for pair in itertools.pairwise(way)}
    return sum(
        layer_of[a] == layer_of[c] and (place[a] - place[c]) * (place[b] - place[d]) < 0
        for (a, b), (c, d) in itertools.combinations(sorted(edges), 2)
    )


@settings(max_examples=60)
@given(graphs())
def test_nothing_is_lost_and_nothing_touches(graph: Graph) -> None:
    sources, levels = graph
    sizes = [2 + node % 3 for node in range(len(sources))]
    found = arrange(sources, levels, sizes, gap=2)
    layer_of = {node: at for at, layer in enumerate(found.layers) for node in layer}
    for node, own in enumerate(sources):
        assert layer_of[node] == levels[node]
        assert [(way[0], way[-1]) for way in found.ways[node]] == [(a, node) for a in own]
        for way in found.ways[node]:
            steps = [layer_of[at] for at in way]
            assert steps == list(range(steps[0], steps[-1] + 1))
    high = [*sizes, *([0] * (len(found.places) - len(sizes)))]
    for layer in found.layers:
        for a, b in itertools.pairwise(layer):
            assert found.places[b] - found.places[a] >= (high[a] + high[b]) / 2 + 2
    assert found.crossings == crossings_by_definition(found)


def test_a_tree_has_no_crossings() -> None:
    leaves = list(range(8))
    sources: list[tuple[int, ...]] = [()] * 8
    levels = [0] * 8
    # The leaves are mixed up, so that their given order would cross.
    row = [leaves[at] for at in (3, 6, 0, 5, 1, 7, 2, 4)]
    while len(row) > 1:
        made = []
        for a, b in itertools.batched(row, 2) if hasattr(itertools, "batched") else _two(row):
            sources.append((a, b))
            levels.append(max(levels[a], levels[b]) + 1)
            made.append(len(sources) - 1)
        row = made
    assert arrange(sources, levels, [2] * len(sources)).crossings == 0


def _two(row: list[int]) -> list[tuple[int, int]]:
    return list(zip(row[::2], row[1::2], strict=True))


def test_what_has_to_cross_crosses_once() -> None:
    both = [(), (), (0, 1), (0, 1)]
    assert arrange(both, [0, 0, 1, 1], [2] * 4).crossings == 1


def test_a_long_straight_edge_is_straight() -> None:
    found = arrange([(), (0,), (1,), (0, 2)], [0, 1, 2, 3], [4] * 4)
    _, waypoint, again, _ = found.ways[3][0]
    assert found.places[waypoint] == found.places[again]


def test_edges_upwards_are_refused() -> None:
    expected = (
        "^node 1 on level 0 reads node 0 on level 0; edges run from lower levels to higher ones$"
    )
    with pytest.raises(InputError, match=expected):
        arrange([(), (0,)], [0, 0], [1, 1])


def test_nothing_is_nothing() -> None:
    assert arrange([], [], []) == Layering((), (), (), 0)
