"""A layout as a graph: ends of strips, the joints between them, and the strips that couple.

All that stands here is the same for every design of a topology; sizes are in
:mod:`eda.filters.neural.closed`. A strip begins at the end with the smaller coordinate, so that
strips side by side begin side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.fullwave.copper import FEED_HEIGHTS, feed_of
from eda.filters.microstrip.layout import Layout, Strip

Ints = NDArray[np.int64]
Real = NDArray[np.float64]

_FACING_HEIGHTS: Final = 0.5
"""Strips that face each other over less are not linked. How far apart they are does not matter:
what leaks past all resonators is the floor of the stop band."""


@dataclass(frozen=True, slots=True)
class End:
    """One end of a strip.

    Attributes:
        node: Number of its node.
        opened: Nothing else is there.
        port: A port is there, and the feed that leads on from it.
        onward: That feed goes on from this very strip, in line.
        via: A via is there.
        inline: How many other strips meet it in line.
        across: How many meet it at a right angle.
    """

    node: int
    opened: bool
    port: bool
    onward: bool
    via: bool
    inline: int
    across: int


@dataclass(frozen=True)
class Link:
    """Two strips that couple, the declared pairs first.

    Attributes:
        a: Number of one strip.
        b: Number of the other.
        declared: Whether the layout declares the pair.
        between: How many strips lie between them.
        kin: Whether one strip joins the two, as the bridge of a hairpin does its arms.
    """

    a: int
    b: int
    declared: bool
    between: int
    kin: bool


@dataclass(frozen=True, slots=True, eq=False)
class Wiring:
    """Where messages go, as numbers of ends.

    Attributes:
        joint_from: Of every joint.
        joint_to: Of every joint.
        link_from: Of every link feature.
        link_to: Of every link feature.
        joint_sum: Adds what arrives over joints, ``(ends, joints)``.
        link_sum: Adds what arrives over links, ``(ends, 4 links)``.
        link_ends: The four ends of every link, ``(links, 4)``.
        via_ends: Takes the mean over the ends at every via, ``(vias, ends)``.
    """

    joint_from: Any
    joint_to: Any
    link_from: Any
    link_to: Any
    joint_sum: Any
    link_sum: Any
    link_ends: Any
    via_ends: Any


@dataclass(frozen=True)
class FilterGraph:
    """What designs of one topology have in common.

    Attributes:
        ends: Both ends of every strip: end ``2 s`` begins strip ``s``, end ``2 s + 1`` ends it.
        links: Strips that couple.
        joints: Ends that meet, both ways: from, to, and whether at a right angle, as 0 or 1.
        nodes: How many nodes.
        ports: Nodes of port 1 and port 2: 0 and 1.
        vias: Node of every via.
    """

    ends: tuple[End, ...]
    links: tuple[Link, ...]
    joints: tuple[tuple[int, int, int], ...]
    nodes: int
    ports: tuple[int, int]
    vias: tuple[int, ...]

    @property
    def strips(self) -> int:
        """How many strips."""
        return len(self.ends) // 2

    @cached_property
    def wiring(self) -> Wiring:
        """Where messages go."""
        return _wiring(self)

    @cached_property
    def bundles(self) -> tuple[tuple[int, ...], ...]:
        """Strips that couple, by themselves or through others; single strips too."""
        group = list(range(self.strips))

        def root(at: int) -> int:
            while group[at] != at:
                at = group[at]
            return at

        for link in self.links:
            group[root(link.a)] = root(link.b)
        found: dict[int, list[int]] = {}
        for at in range(self.strips):
            found.setdefault(root(at), []).append(at)
        return tuple(tuple(members) for members in found.values())


def _wiring(graph: FilterGraph) -> Wiring:
    ends = len(graph.ends)
    joints = np.array(graph.joints, dtype=int).reshape(-1, 3)
    a = np.array([link.a for link in graph.links], dtype=int)
    b = np.array([link.b for link in graph.links], dtype=int)
    start = np.concatenate([2 * a, 2 * a + 1, 2 * b, 2 * b + 1])
    stop = np.concatenate([2 * b, 2 * b + 1, 2 * a, 2 * a + 1])
    at_via = np.array(
        [[end.node == node for end in graph.ends] for node in graph.vias], dtype=float
    ).reshape(-1, ends)
    return Wiring(
        joint_from=joints[:, 0],
        joint_to=joints[:, 1],
        link_from=start,
        link_to=stop,
        joint_sum=_sum(ends, joints[:, 1]),
        link_sum=_sum(ends, stop),
        link_ends=np.stack([2 * a, 2 * a + 1, 2 * b, 2 * b + 1], 1),
        via_ends=at_via / np.maximum(at_via.sum(1, keepdims=True), 1),
    )


def _sum(ends: int, to: NDArray[np.int64]) -> Real:
    return np.asarray(np.arange(ends)[:, None] == to[None], dtype=float)


def ordered(strip: Strip) -> tuple[str, str]:
    """Return the nodes of a strip, the one with the smaller coordinate first."""
    axis = 0 if strip.horizontal else 1
    forward = strip.start_mm[axis] <= strip.end_mm[axis]
    return strip.nodes if forward else (strip.nodes[1], strip.nodes[0])


def graph_of(layout: Layout, height_mm: float) -> FilterGraph:
    """Return the graph of a layout.

    Args:
        layout: The filter.
        height_mm: Of its board: how far apart strips still couple goes by it.
    """
    names = {node: at for at, node in enumerate(dict.fromkeys(_all_nodes(layout)))}
    feeds = [feed_of(layout, port, FEED_HEIGHTS * height_mm).strip for port in layout.ports]
    vias = {via.node for via in layout.vias}
    level = [strip.horizontal for strip in layout.strips]
    meeting: dict[str, list[int]] = {}
    for at, strip in enumerate(layout.strips):
        for node in strip.nodes:
            meeting.setdefault(node, []).append(at)
    ends: list[End] = []
    places: list[tuple[str, int]] = []
    for at, strip in enumerate(layout.strips):
        for node in ordered(strip):
            others = [one for one in meeting[node] if one != at]
            inline = sum(level[one] == level[at] for one in others)
            port = node in layout.ports
            ends.append(
                End(
                    node=names[node],
                    opened=not others and not port and node not in vias,
                    port=port,
                    onward=port and feeds[layout.ports.index(node)] == strip.name,
                    via=node in vias,
                    inline=inline,
                    across=len(others) - inline,
                )
            )
            places.append((node, at))
    joints = tuple(
        (i, j, int(level[at] != level[other]))
        for i, (node, at) in enumerate(places)
        for j, (there, other) in enumerate(places)
        if node == there and at != other
    )
    return FilterGraph(
        ends=tuple(ends),
        links=_links(layout, height_mm),
        joints=joints,
        nodes=len(names),
        ports=(names[layout.ports[0]], names[layout.ports[1]]),
        vias=tuple(names[via.node] for via in layout.vias),
    )


def _all_nodes(layout: Layout) -> list[str]:
    return [*layout.ports, *(node for strip in layout.strips for node in ordered(strip))]


def _links(layout: Layout, height_mm: float) -> tuple[Link, ...]:
    strips = layout.strips
    numbers = {strip.name: at for at, strip in enumerate(strips)}
    declared = [(numbers[a], numbers[b]) for a, b in layout.coupled]
    boxes = np.array([strip.box_mm for strip in strips])
    level = np.array([strip.horizontal for strip in strips])
    low = np.where(level, boxes[:, 0], boxes[:, 1])
    high = np.where(level, boxes[:, 2], boxes[:, 3])
    side = np.where(level, boxes[:, 1] + boxes[:, 3], boxes[:, 0] + boxes[:, 2]) / 2
    facing = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    facing = np.where(level[:, None] == level, facing, 0.0)
    joined = np.array(
        [[bool(set(a.nodes) & set(b.nodes)) and a is not b for b in strips] for a in strips]
    )
    kin = (joined[:, :, None] & joined[None]).any(1)
    beside = facing > 0
    inside = (side > np.minimum(side[:, None], side)[..., None]) & (
        side < np.maximum(side[:, None], side)[..., None]
    )
    between = (inside & beside[:, None] & beside[None]).sum(-1)
    known = {*declared, *((b, a) for a, b in declared)}
    near = [
        (int(i), int(j))
        for i, j in zip(*np.nonzero(np.triu(facing > _FACING_HEIGHTS * height_mm, 1)), strict=True)
        if (i, j) not in known and not joined[i, j]
    ]
    return tuple(
        Link(i, j, at < len(declared), int(between[i, j]), bool(kin[i, j]))
        for at, (i, j) in enumerate([*declared, *near])
    )
