"""A layout as a field problem: copper with a feed at each port, and lines to calibrate the feeds.

A feed goes on from the strip at a port, as wide as it, away from the filter; its generator lies in
a cut across it, and an open stub follows. What the solver tells is moved from the cut to the port.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from eda.errors import InputError
from eda.filters.fullwave.copper import Feed, feed_of
from eda.filters.microstrip.layout import Layout
from eda.filters.microstrip.line import static_line
from eda.filters.microstrip.substrate import LIGHT_M_PER_S, Substrate
from eda.filters.planar.mesh import Box, Cut, Grading

FEED_HEIGHTS: Final = 5.0
"""From the cut to the port, in heights of the board: waves of higher order die down there."""

LINE_HEIGHTS: Final = 7.0
"""The shorter line between its cuts."""

STUB_WAVES: Final = 0.2
"""Length of a stub in wavelengths of a line in the middle of the band."""

LONGER_WAVES: Final = 0.25
"""By how much the longer line is longer."""

_TOUCH_MM: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Problem:
    """What is solved.

    Attributes:
        boxes: All copper, in metres.
        cuts: Where the generators lie.
        grading: How fine cells are.
        feeds_m: Length from a cut to its port.
        reach_m: Diagonal of the copper.
    """

    boxes: tuple[Box, ...]
    cuts: tuple[Cut, ...]
    grading: Grading
    feeds_m: float

    @property
    def reach_m(self) -> float:
        """Largest distance in the copper."""
        corners = np.array(self.boxes)
        return math.dist(corners[:, :2].min(0), corners[:, 2:].max(0))


@dataclass(frozen=True, slots=True)
class Fineness:
    """How fine a problem is solved.

    Attributes:
        edge: Cells at edges are this share of the narrowest strip, or of the height if smaller.
        gap: And at most this share of the narrowest gap.
        ratio: By how much cells grow from there.
        per_wavelength: Least cells in a wavelength of a line.
    """

    edge: float = 0.1
    gap: float = 0.25
    ratio: float = 3.0
    per_wavelength: float = 40.0

    def grading(self, layout: Layout, board: Substrate, wavelength_m: float) -> Grading:
        """Return the sizes of cells of a layout."""
        narrow = 1e-3 * min(strip.width_mm for strip in layout.strips)
        edge = self.edge * min(narrow, board.height_m)
        gaps = [1e-3 * layout.gap_mm(pair) for pair in layout.coupled]
        edge = min([edge, *(self.gap * gap for gap in gaps)])
        return Grading(edge, self.ratio, wavelength_m / self.per_wavelength)


def wavelength_m(width_m: float, board: Substrate, frequency_hz: float) -> float:
    """Return the wavelength of a line at low frequencies."""
    return LIGHT_M_PER_S / (frequency_hz * slowness(width_m, board))


def slowness(width_m: float, board: Substrate) -> float:
    """Return how many times slower than light waves on a line are."""
    return math.sqrt(float(static_line(np.array([width_m]), board)[1][0]))


def filter_problem(
    layout: Layout, board: Substrate, middle_hz: float, fineness: Fineness
) -> Problem:
    """Return the field problem of a layout.

    Args:
        layout: The filter.
        board: What it lies on.
        middle_hz: Middle of the band of interest.
        fineness: How fine.

    Raises:
        InputError: It has vias, strips that should be joined are apart, or a feed has no room.
    """
    if layout.vias:
        raise InputError(
            "layout: vias are not solved by the planar solver, whose currents all lie in one "
            "layer; use --solver openems"
        )
    boxes = _joined_boxes(layout)
    cuts = []
    feed = FEED_HEIGHTS * board.height_m
    widths = [strip.width_mm for strip in layout.strips]
    for port in layout.ports:
        width = next((s.width_mm for s in layout.strips if port in s.nodes), widths[0])
        stub = STUB_WAVES * wavelength_m(1e-3 * width, board, middle_hz)
        line = feed_of(layout, port, 1e3 * (feed + stub))
        boxes[line.strip], cut = _fed(boxes[line.strip], line, feed)
        cuts.append(cut)
    metres = tuple((1e-3 * a, 1e-3 * b, 1e-3 * c, 1e-3 * d) for a, b, c, d in boxes.values())
    typical = wavelength_m(1e-3 * sorted(widths)[len(widths) // 2], board, middle_hz)
    return Problem(metres, tuple(cuts), fineness.grading(layout, board, typical), feed)


def line_problem(
    width_m: float, board: Substrate, middle_hz: float, grading: Grading, *, longer: bool
) -> tuple[Problem, float]:
    """Return one of the two lines that calibrate a feed, and the distance of its cuts in metres."""
    wave = wavelength_m(width_m, board, middle_hz)
    length = LINE_HEIGHTS * board.height_m + (LONGER_WAVES * wave if longer else 0.0)
    stub = STUB_WAVES * wave
    cuts = Cut(0, 1, 0.0, 0.0, width_m), Cut(0, -1, length, 0.0, width_m)
    return Problem(((-stub, 0.0, length + stub, width_m),), cuts, grading, 0.0), length


def _fed(box: Box, feed: Feed, length_m: float) -> tuple[Box, Cut]:
    """Return a strip's copper in mm drawn out along its feed, and the cut in metres."""
    sides = list(box)
    sides[feed.axis if feed.sign < 0 else feed.axis + 2] = feed.end_mm
    at, across, half = feed.at_mm[feed.axis], feed.at_mm[1 - feed.axis], feed.width_mm / 2
    cut = Cut(
        feed.axis,
        -feed.sign,
        1e-3 * at + feed.sign * length_m,
        1e-3 * (across - half),
        1e-3 * (across + half),
    )
    return (sides[0], sides[1], sides[2], sides[3]), cut


def _joined_boxes(layout: Layout) -> dict[str, Box]:
    """Return the copper of each strip in mm, drawn out to the strips that it is joined to.

    Ends that meet may lie half a width apart, where a strip was moved to a grid.
    """
    boxes = {strip.name: strip.box_mm for strip in layout.strips}
    for strip in layout.strips:
        for other in layout.strips:
            joints = set(strip.nodes) & set(other.nodes)
            if strip is other or not joints:
                continue
            axis = 0 if strip.horizontal else 1
            own, beside = list(boxes[strip.name]), other.box_mm
            if _apart(own, beside, 1 - axis) > 0 or _apart(own, beside, axis) <= 0:
                continue
            if own[axis] > beside[axis + 2]:
                own[axis] = beside[axis + 2]
            else:
                own[axis + 2] = beside[axis]
            boxes[strip.name] = (own[0], own[1], own[2], own[3])
    for at, strip in enumerate(layout.strips):
        for other in layout.strips[at + 1 :]:
            joints = set(strip.nodes) & set(other.nodes)
            a, b = boxes[strip.name], boxes[other.name]
            apart = max(_apart(a, b, 0), _apart(a, b, 1))
            if joints and apart > _TOUCH_MM:
                raise InputError(
                    f"layout: {strip.name} and {other.name} meet in {min(joints)}, but their "
                    f"copper is {apart:.4g} mm apart"
                )
    return boxes


def _apart(a: Sequence[float], b: Sequence[float], axis: int) -> float:
    return max(b[axis] - a[axis + 2], a[axis] - b[axis + 2])
