"""A layout as a graph: ends of strips, the joints between them, and the strips that couple.

All that stands here is the same for every design of a topology; sizes are in
:mod:`eda.filters.neural.closed`. A strip begins at the end with the smaller coordinate, so that
strips side by side begin side by side; stubs begin where they leave their line, so that those on
both sides of it do so, too.
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
        opposite: Whether they are stubs on both sides of a line, and do not face each other.
    """

    a: int
    b: int
    declared: bool
    between: int
    kin: bool
    opposite: bool = False


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
        turned: Of every strip, whether it begins at the end with the larger coordinate.
    """

    ends: tuple[End, ...]
    links: tuple[Link, ...]
    joints: tuple[tuple[int, int, int], ...]
    nodes: int
    ports: tuple[int, int]
    vias: tuple[int, ...]
    turned: tuple[bool, ...]

    @property
    def strips(self) -> int:
        """How many strips."""
        return len(self.ends) // 2

    @cached_property
    def opened(self) -> tuple[int, ...]:
        """Numbers of the open ends."""
        return tuple(at for at, end in enumerate(self.ends) if end.opened)

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

    def end_at(node: str, at: int) -> End:
        others = [one for one in meeting[node] if one != at]
        inline = sum(level[one] == level[at] for one in others)
        port = node in layout.ports
        return End(
            node=names[node],
            opened=not others and not port and node not in vias,
            port=port,
            onward=port and feeds[layout.ports.index(node)] == layout.strips[at].name,
            via=node in vias,
            inline=inline,
            across=len(others) - inline,
        )

    upright = [[end_at(node, at) for node in _nodes(s)] for at, s in enumerate(layout.strips)]
    stubs = np.array([any(map(_is_foot, pair)) and any(e.opened for e in pair) for pair in upright])
    faces = _Faces.of(layout)
    turned = stubs & np.array([pair[0].opened for pair in upright])
    # Strips side by side must begin side by side: a stub beside something else stays as it is.
    while (wrong := turned & (faces.beside & ~turned[None]).any(1)).any():
        turned = turned & ~wrong
    ends = [pair[::-1] if turn else pair for pair, turn in zip(upright, turned, strict=True)]
    places = [(end.node, at) for at, pair in enumerate(ends) for end in pair]
    joints = tuple(
        (i, j, int(level[at] != level[other]))
        for i, (node, at) in enumerate(places)
        for j, (there, other) in enumerate(places)
        if node == there and at != other
    )
    return FilterGraph(
        ends=tuple(end for pair in ends for end in pair),
        links=_links(layout, height_mm, faces, stubs, turned),
        joints=joints,
        nodes=len(names),
        ports=(names[layout.ports[0]], names[layout.ports[1]]),
        vias=tuple(names[via.node] for via in layout.vias),
        turned=tuple(turned.tolist()),
    )


def _is_foot(end: End) -> bool:
    """Return whether a strip that ends here is a stub on a line that goes on to both sides."""
    return end.inline == 0 and (end.across >= 2 or (end.port and end.across == 1))


def _nodes(strip: Strip) -> tuple[str, str]:
    """Return the nodes of a strip, the one with the smaller coordinate first."""
    axis = 0 if strip.horizontal else 1
    forward = strip.start_mm[axis] <= strip.end_mm[axis]
    return strip.nodes if forward else (strip.nodes[1], strip.nodes[0])


def _all_nodes(layout: Layout) -> list[str]:
    return [*layout.ports, *(node for strip in layout.strips for node in _nodes(strip))]


@dataclass(frozen=True, eq=False)
class _Faces:
    """Of every two strips, how they lie.

    Attributes:
        over_mm: Over which length they face each other; 0 across.
        between: How many strips lie between them.
        joined: Whether they meet.
        kin: Whether one strip joins both.
        parallel: Whether they run alike.
    """

    over_mm: Real
    between: Ints
    joined: NDArray[np.bool_]
    kin: NDArray[np.bool_]
    parallel: NDArray[np.bool_]

    @property
    def beside(self) -> NDArray[np.bool_]:
        """Whether they face each other at all, themselves left out."""
        return (self.over_mm > 0) & ~np.eye(len(self.over_mm), dtype=bool)

    @staticmethod
    def of(layout: Layout) -> _Faces:
        """Return how the strips of a layout lie."""
        strips = layout.strips
        boxes = np.array([strip.box_mm for strip in strips])
        level = np.array([strip.horizontal for strip in strips])
        low = np.where(level, boxes[:, 0], boxes[:, 1])
        high = np.where(level, boxes[:, 2], boxes[:, 3])
        side = np.where(level, boxes[:, 1] + boxes[:, 3], boxes[:, 0] + boxes[:, 2]) / 2
        over = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
        over = np.where(level[:, None] == level, over, 0.0)
        joined = np.array(
            [[bool(set(a.nodes) & set(b.nodes)) and a is not b for b in strips] for a in strips]
        )
        inside = (side > np.minimum(side[:, None], side)[..., None]) & (
            side < np.maximum(side[:, None], side)[..., None]
        )
        beside = over > 0
        return _Faces(
            over_mm=over,
            between=(inside & beside[:, None] & beside[None]).sum(-1),
            joined=joined,
            kin=(joined[:, :, None] & joined[None]).any(1),
            parallel=level[:, None] == level,
        )


def _links(
    layout: Layout,
    height_mm: float,
    faces: _Faces,
    stubs: NDArray[np.bool_],
    turned: NDArray[np.bool_],
) -> tuple[Link, ...]:
    numbers = {strip.name: at for at, strip in enumerate(layout.strips)}
    declared = [(numbers[a], numbers[b]) for a, b in layout.coupled]
    known = {*declared, *((b, a) for a, b in declared)}
    facing = faces.over_mm > _FACING_HEIGHTS * height_mm
    near = _pairs(facing & ~faces.joined, known)
    both = stubs[:, None] & stubs & (turned[:, None] != turned)
    opposite = _pairs(both & faces.kin & faces.parallel & ~faces.joined & ~facing, known)
    return tuple(
        Link(i, j, (i, j) in known, int(faces.between[i, j]), bool(faces.kin[i, j]), across)
        for across, pairs in ((False, [*declared, *near]), (True, opposite))
        for i, j in pairs
    )


def _pairs(wanted: NDArray[np.bool_], known: set[tuple[int, int]]) -> list[tuple[int, int]]:
    rows, columns = np.nonzero(np.triu(wanted, 1))
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return [pair for pair in pairs if pair not in known]
