"""A layout as a field solver sees it: rectangles of copper, and a feed line at each port."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from eda.errors import InputError
from eda.filters.microstrip.layout import Layout, Point, Strip
from eda.filters.microstrip.substrate import Substrate

Box = tuple[float, float, float, float]
"""Left, bottom, right and top."""

FEED_HEIGHTS: Final = 6.0
"""Length of a feed line in heights of the board: waves of higher order have died down by then."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A line that leads from a port out of the filter, as wide as the strip it goes on from.

    Attributes:
        at_mm: The port, where S-parameters are referred to.
        axis: 0 where it runs along x, 1 along y.
        sign: Whether it leads to larger coordinates (1) or smaller ones (-1).
        width_mm: Size across.
        length_mm: From the port to its generator.
        strip: Name of the strip it goes on from.
    """

    at_mm: Point
    axis: int
    sign: int
    width_mm: float
    length_mm: float
    strip: str

    @property
    def end_mm(self) -> float:
        """Where its generator is, along its axis."""
        return self.at_mm[self.axis] + self.sign * self.length_mm

    @property
    def box_mm(self) -> Box:
        """Its copper."""
        # It reaches into its strip, so that a mesh does not part them.
        inside = self.at_mm[self.axis] - self.sign * self.width_mm / 2
        low, high = sorted((inside, self.end_mm))
        across, half = self.at_mm[1 - self.axis], self.width_mm / 2
        if self.axis == 0:
            return low, across - half, high, across + half
        return across - half, low, across + half, high


@dataclass(frozen=True, slots=True)
class Copper:
    """All copper of a filter and of its feeds, in mm.

    Attributes:
        boxes: Rectangles, feeds last.
        feeds: Of port 1 and of port 2.
        gaps_mm: Space of each coupled pair.
        vias: Left, bottom, right and top of a square post as wide as each hole.
        mirrored: Whether a mirror or half a turn exchanges the ports, so that S22 is S11.
    """

    boxes: tuple[Box, ...]
    feeds: tuple[Feed, Feed]
    gaps_mm: tuple[float, ...]
    vias: tuple[Box, ...]
    mirrored: bool


def copper_of(layout: Layout, board: Substrate) -> Copper:
    """Return the copper of a layout and of its feeds.

    Args:
        layout: The filter.
        board: What it lies on.

    Raises:
        InputError: A port has no strip, or no room for its feed.
    """
    length = FEED_HEIGHTS * 1e3 * board.height_m
    one, two = (feed_of(layout, port, length) for port in layout.ports)
    strips = tuple(_joined(layout, strip).box_mm for strip in layout.strips)
    vias = tuple(
        (x - d / 2, y - d / 2, x + d / 2, y + d / 2)
        for (x, y), d in ((via.at_mm, via.diameter_mm) for via in layout.vias)
    )
    boxes = (*strips, one.box_mm, two.box_mm)
    gaps = tuple(layout.gap_mm(pair) for pair in layout.coupled)
    return Copper(boxes, (one, two), gaps, vias, _mirrored(boxes, vias, one, two))


def _joined(layout: Layout, strip: Strip) -> Strip:
    """Return a strip that goes on into those it is joined to.

    Strips that only touch along a line would be apart on a mesh that has no line there.
    """
    ends = []
    for node, at, other in zip(
        strip.nodes,
        (strip.start_mm, strip.end_mm),
        (strip.end_mm, strip.start_mm),
        strict=True,
    ):
        axis = 0 if strip.horizontal else 1
        sign = 1 if at[axis] > other[axis] else -1
        on = 0.0
        for beside in layout.strips:
            if beside is strip or node not in beside.nodes:
                continue
            meets = beside.start_mm if beside.nodes[0] == node else beside.end_mm
            on = max(on, sign * (meets[axis] - at[axis]))
            if beside.horizontal == strip.horizontal and beside.width_mm >= strip.width_mm:
                on = max(on, min(strip.width_mm, beside.length_mm) / 2)
        point = list(at)
        point[axis] += sign * on
        ends.append((point[0], point[1]))
    return replace(strip, start_mm=ends[0], end_mm=ends[1])


def feed_of(layout: Layout, port: str, length_mm: float) -> Feed:
    """Return the feed that goes on from a strip at a port, where there is most room.

    Args:
        layout: The filter.
        port: Its node.
        length_mm: Of the feed.

    Raises:
        InputError: No strip ends at the port, or other copper lies where its feed should go.
    """
    best: tuple[float, Feed] | None = None
    for strip in layout.strips:
        if port not in strip.nodes:
            continue
        feed = _onward(strip, port, length_mm)
        apart = [
            _apart(feed.box_mm, other.box_mm) for other in layout.strips if port not in other.nodes
        ]
        room = min(apart, default=math.inf)
        # A stub at the port, too, has an end there; a line that leads on goes first.
        lone = any(layout.touches[node] == 1 for node in strip.nodes if node != port)
        room -= 1e-3 * lone
        if best is None or room > best[0]:
            best = (room, feed)
    if best is None:
        raise InputError(f"layout: port {port}: no strip ends there")
    if best[0] <= 0:
        raise InputError(
            f"layout: port {port}: other copper lies where its feed of {length_mm:g} mm should go; "
            "move the port to the edge of the filter"
        )
    return best[1]


def _onward(strip: Strip, port: str, length_mm: float) -> Feed:
    at, other = strip.start_mm, strip.end_mm
    if strip.nodes[0] != port:
        at, other = other, at
    axis = 0 if strip.horizontal else 1
    sign = 1 if at[axis] > other[axis] else -1
    return Feed(at, axis, sign, strip.width_mm, length_mm, strip.name)


def _apart(a: Box, b: Box) -> float:
    return math.hypot(max(b[0] - a[2], a[0] - b[2], 0.0), max(b[1] - a[3], a[1] - b[3], 0.0))


def _mirrored(boxes: tuple[Box, ...], vias: tuple[Box, ...], one: Feed, two: Feed) -> bool:
    """Return whether copper turned over, or turned half round, falls on itself, port on port."""
    corners = np.array([*boxes, *vias])
    low, high = corners[:, :2].min(0), corners[:, 2:].max(0)
    ports = np.array([one.at_mm, two.at_mm])
    for turn in ((True, False), (False, True), (True, True)):
        turned = np.where([*turn, *turn], [*(low + high), *(low + high)] - corners, corners)
        swap = np.where(turn, low + high - ports, ports)
        if np.abs(swap[0] - ports[1]).max() > 1e-6:
            continue
        flipped = np.concatenate(
            [np.minimum(turned[:, :2], turned[:, 2:]), np.maximum(turned[:, :2], turned[:, 2:])], 1
        )
        if sorted(map(tuple, flipped.round(5) + 0.0)) == sorted(map(tuple, corners.round(5) + 0.0)):
            return True
    return False
