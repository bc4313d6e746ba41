"""Layers of a directed graph without loops: order within layers with few crossings, then places.

Every edge runs from one layer to the next; a longer one passes a waypoint on each layer between,
and edges that leave the same node share their waypoints. Orders by barycentres and exchanges of
neighbours (Sugiyama, Tagawa, Toda 1981); places by isotonic regression, layer by layer.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, insort
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SWEEPS: Final = 12
_EXCHANGED: Final = 3_000
"""Waypoints and nodes above which neighbours are not exchanged one by one."""


@dataclass(frozen=True, slots=True)
class Layering:
    """Where everything is.

    Attributes:
        layers: Nodes from top to bottom, layer by layer. Numbers from the number of nodes on
            are waypoints.
        places: Of each node and waypoint, how far down it is, in whole steps.
        ways: Of each node, for each of its sources: the source, waypoints, and the node itself.
        crossings: Points where edges cross; edges of one source do not cross one another.
    """

    layers: tuple[tuple[int, ...], ...]
    places: tuple[int, ...]
    ways: tuple[tuple[tuple[int, ...], ...], ...]
    crossings: int


def arrange(
    sources: Sequence[Sequence[int]],
    levels: Sequence[int],
    sizes: Sequence[int],
    *,
    gap: int = 1,
) -> Layering:
    """Return an order and places for the nodes of a graph.

    Args:
        sources: Of each node, the nodes it reads: all on lower levels. One may stand there twice.
        levels: Of each node, its layer, from 0.
        sizes: Of each node, its height in steps; waypoints have none.
        gap: Steps that are kept free between neighbours.

    Raises:
        InputError: An edge does not run from a lower level to a higher one.

    Example:
        >>> found = arrange([(), (), (0, 1), (1, 2)], [0, 0, 1, 2], [2, 2, 4, 4])
        >>> found.crossings, [len(layer) for layer in found.layers]
        (0, [2, 2, 1])
    """
    count = len(sources)
    layers: list[list[int]] = [[] for _ in range(max(levels, default=-1) + 1)]
    for node in range(count):
        layers[levels[node]].append(node)
    waypoints: dict[tuple[int, int], int] = {}
    made = count
    ways: list[tuple[tuple[int, ...], ...]] = []
    for node in range(count):
        own = []
        for source in sources[node]:
            if not 0 <= levels[source] < levels[node]:
                raise InputError(
                    f"node {node} on level {levels[node]} reads node {source} on level "
                    f"{levels[source]}; edges run from lower levels to higher ones"
                )
            way = [source]
            for level in range(levels[source] + 1, levels[node]):
                key = source, level
                if key not in waypoints:
                    waypoints[key] = made
                    layers[level].append(made)
                    made += 1
                way.append(waypoints[key])
            own.append((*way, node))
        ways.append(tuple(own))
    links = {pair for own in ways for way in own for pair in itertools.pairwise(way)}
    before: list[list[int]] = [[] for _ in range(made)]
    after: list[list[int]] = [[] for _ in range(made)]
    for a, b in sorted(links):
        after[a].append(b)
        before[b].append(a)
    _order(layers, before, after, exchange=made <= _EXCHANGED)
    heights = [*sizes, *([0] * (made - count))]
    places = _places(layers, before, after, heights, gap)
    crossings = sum(_crossings(layer, lower, after) for layer, lower in _pairs(layers))
    return Layering(tuple(map(tuple, layers)), tuple(places), tuple(ways), crossings)


def _pairs(layers: list[list[int]]) -> list[tuple[list[int], list[int]]]:
    return list(itertools.pairwise(layers))


# Order.


def _order(
    layers: list[list[int]], before: list[list[int]], after: list[list[int]], *, exchange: bool
) -> None:
    """Order every layer in place so that few edges cross."""
    _by_depth_first(layers, before, after)
    best = [layer[:] for layer in layers]
    fewest = _total(layers, after)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        forward = sweep % 2 == 0
        neighbours = before if forward else after
        numbers = range(1, len(layers)) if forward else range(len(layers) - 2, -1, -1)
        for number in numbers:
            _by_barycentre(layers, number, neighbours, -1 if forward else 1)
        if exchange:
            for number in numbers:
                _exchange_neighbours(layers, number, before, after)
        now = _total(layers, after)
        if now < fewest:
            fewest, best = now, [layer[:] for layer in layers]
    layers[:] = best


def _by_depth_first(
    layers: list[list[int]], before: list[list[int]], after: list[list[int]]
) -> None:
    """Order each layer as its nodes are met on the way back from the outputs."""
    rank: dict[int, int] = {}
    for layer in reversed(layers):
        for start in layer:
            if after[start] or start in rank:
                continue
            stack = [start]
            while stack:
                node = stack.pop()
                if node not in rank:
                    rank[node] = len(rank)
                    stack.extend(reversed(before[node]))
    for layer in layers:
        layer.sort(key=lambda node: rank.get(node, node))


def _by_barycentre(
    layers: list[list[int]], number: int, neighbours: list[list[int]], side: int
) -> None:
    """Order a layer by the mean place of what each of its nodes is joined to on one side."""
    place = {node: at for at, node in enumerate(layers[number + side])}
    layer = layers[number]
    mean = {}
    for at, node in enumerate(layer):
        near = neighbours[node]
        mean[node] = sum(place[other] for other in near) / len(near) if near else float(at)
    layer.sort(key=mean.__getitem__)


def _exchange_neighbours(
    layers: list[list[int]], number: int, before: list[list[int]], after: list[list[int]]
) -> None:
    layer = layers[number]
    sides = []
    if number > 0:
        place = {node: at for at, node in enumerate(layers[number - 1])}
        sides.append({node: sorted(place[other] for other in before[node]) for node in layer})
    if number + 1 < len(layers):
        place = {node: at for at, node in enumerate(layers[number + 1])}
        sides.append({node: sorted(place[other] for other in after[node]) for node in layer})
    for _ in range(4):
        changed = False
        for at in range(len(layer) - 1):
            a, b = layer[at], layer[at + 1]
            gained = sum(
                _inverted(side[a], side[b]) - _inverted(side[b], side[a]) for side in sides
            )
            if gained > 0:
                layer[at], layer[at + 1] = b, a
                changed = True
        if not changed:
            return


def _inverted(first: list[int], second: list[int]) -> int:
    """Return how many edges cross when the node of the first list is above that of the second."""
    return sum(bisect_left(second, at) for at in first)


def _crossings(layer: list[int], lower: list[int], after: list[list[int]]) -> int:
    """Count the crossings of edges between two layers."""
    place = {node: at for at, node in enumerate(lower)}
    seen: list[int] = []
    count = 0
    for node in layer:
        ends = sorted(place[other] for other in after[node])
        for end in ends:
            count += len(seen) - _not_above(seen, end)
        for end in ends:
            insort(seen, end)
    return count


def _not_above(seen: list[int], end: int) -> int:
    return bisect_left(seen, end + 1)


def _total(layers: list[list[int]], after: list[list[int]]) -> int:
    return sum(_crossings(layer, lower, after) for layer, lower in _pairs(layers))


# Places.


def _places(
    layers: list[list[int]],
    before: list[list[int]],
    after: list[list[int]],
    heights: Sequence[int],
    gap: int,
) -> list[int]:
    """Return how far down every node is: near what it is joined to, no two too close."""
    place = [0.0] * len(heights)
    offsets: list[list[int]] = []
    for layer in layers:
        own = [0]
        for a, b in itertools.pairwise(layer):
            own.append(own[-1] + (heights[a] + heights[b] + 1) // 2 + gap)
        offsets.append(own)
        for at, node in enumerate(layer):
            place[node] = own[at] - own[-1] / 2 if own else 0.0
    count = len(layers)
    for sweep in range(8):
        both = sweep >= 6
        numbers = range(count) if sweep % 2 == 0 else range(count - 1, -1, -1)
        for number in numbers:
            near = _near(before, after, forward=sweep % 2 == 0, both=both)
            wanted, weights = [], []
            for node in layers[number]:
                others = near(node)
                total = sum(place[other] for other in others)
                wanted.append(total / len(others) if others else place[node])
                # What is one line should be straight.
                weights.append((8.0 if heights[node] == 0 else 1.0) * max(len(others), 0.1))
            _settle(layers[number], offsets[number], wanted, weights, place)
    whole = [0] * len(heights)
    for number, layer in enumerate(layers):
        for at, node in enumerate(layer):
            own_offset = offsets[number][at]
            whole[node] = round(place[node] - own_offset) + own_offset
    return whole


def _near(
    before: list[list[int]], after: list[list[int]], *, forward: bool, both: bool
) -> Callable[[int], list[int]]:
    if both:
        return lambda node: before[node] + after[node]
    first, second = (before, after) if forward else (after, before)
    return lambda node: first[node] or second[node]


def _settle(
    layer: list[int],
    offsets: list[int],
    wanted: list[float],
    weights: list[float],
    place: list[float],
) -> None:
    """Put a layer as near as can be to where its nodes want to be: pool adjacent violators."""
    blocks: list[tuple[float, float, int]] = []
    for at in range(len(layer)):
        value, weight, size = wanted[at] - offsets[at], weights[at], 1
        while blocks and blocks[-1][0] > value:
            other, heavy, many = blocks.pop()
            value = (value * weight + other * heavy) / (weight + heavy)
            weight, size = weight + heavy, size + many
        blocks.append((value, weight, size))
    at = 0
    for value, _, size in blocks:
        for _ in range(size):
            place[layer[at]] = value + offsets[at]
            at += 1
