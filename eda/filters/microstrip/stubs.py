"""Low-passes of wide and narrow strips in a row, and filters of open or shorted stubs on a line.

A filter is symmetric: elements from both ends share their sizes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np

from eda.filters.microstrip.layout import Layout, Strip, Via
from eda.filters.microstrip.limits import MicrostripLimits
from eda.filters.microstrip.template import (
    WIDEST_HEIGHTS,
    Real,
    Template,
    bounds_of,
    line_permittivity_of,
    line_width_mm,
    quarter_mm,
)

VIA_MM: Final = 0.3
"""Diameter of the hole at the end of a shorted stub."""

RING_MM: Final = 0.05
"""Copper that is left around it."""


def row_template(order: int, limits: MicrostripLimits, cutoff_hz: float) -> Template:
    """Return the template of a low-pass of ``order`` strips in a row."""
    names = [name for k in range(1, (order + 1) // 2 + 1) for name in (f"w{k}", f"l{k}")]
    low, high = bounds_of(names, limits, quarter_mm(cutoff_hz, 1.0))
    return Template("stepped_impedance", order, tuple(names), low, high, partial(_row, order))


def row_start(
    template: Template,
    g: Sequence[float],
    limits: MicrostripLimits,
    cutoff_hz: float,
    *,
    narrow_first: bool,
    port_ohm: float,
) -> Real:
    """Return textbook values: short lines stand for the inductors and capacitors of a ladder.

    Source: D. M. Pozar, Microwave Engineering, section 8.6.

    Args:
        template: From :func:`row_template`.
        g: The prototype's values g1 to gn.
        limits: Board and bounds.
        cutoff_hz: Where the prototype ends.
        narrow_first: Whether the outer strips are inductors.
        port_ohm: Impedance at the ports.
    """
    board = limits.substrate
    made = []
    for k in range((template.order + 1) // 2):
        inductor = (k % 2 == 0) == narrow_first
        width = _extreme_mm(inductor, limits)
        permittivity = line_permittivity_of(width, board)
        ratio = (
            port_ohm / _impedance(width, limits)
            if inductor
            else _impedance(width, limits) / port_ohm
        )
        angle = min(g[k] * ratio, 1.3)
        made += [width, quarter_mm(cutoff_hz, permittivity) * angle / (math.pi / 2)]
    return np.asarray(np.clip(np.array(made), template.low_mm, template.high_mm))


def stub_template(
    stubs: int,
    limits: MicrostripLimits,
    frequency_hz: float,
    *,
    ends: bool,
    one_sided: bool = False,
    shorted: bool = False,
) -> Template:
    """Return the template of stubs on a line.

    Args:
        stubs: How many.
        limits: Board and bounds.
        frequency_hz: Longest lines are a quarter of a wavelength of it, in air.
        ends: Whether a line leads from each port to the outer stubs.
        one_sided: All stubs on one side of the line, which takes half the height.
        shorted: A via to ground at the end of each stub, instead of an open end.
    """
    lines = stubs + 1 if ends else stubs - 1
    names = [name for k in range(1, (stubs + 1) // 2 + 1) for name in (f"w{k}s", f"l{k}s")]
    names += [name for k in range(1, (lines + 1) // 2 + 1) for name in (f"w{k}", f"l{k}")]
    low, high = bounds_of(names, limits, 1.5 * quarter_mm(frequency_hz, 1.0))
    order = stubs + lines if limits.lowpass else stubs
    if shorted:
        own = np.array([name[0] == "w" and name[-1] == "s" for name in names])
        low = np.where(own, np.maximum(low, VIA_MM + 2 * RING_MM), low)
    drawn = partial(_stubs, stubs, ends, one_sided, shorted, order)
    return Template("stub", order, tuple(names), low, high, drawn)


def stub_start(
    template: Template,
    limits: MicrostripLimits,
    stub: tuple[float, float],
    line: tuple[float, float],
) -> Real:
    """Return values with all stubs alike and all lines alike, (width, length) in mm each."""
    made = []
    for name in template.names:
        width, length = stub if name.endswith("s") else line
        made.append(width if name[0] == "w" else length)
    return np.asarray(np.clip(np.array(made), template.low_mm, template.high_mm))


def _extreme_mm(inductor: bool, limits: MicrostripLimits) -> float:
    board = limits.substrate
    if inductor:
        return max(limits.min_width_mm, line_width_mm(110.0, board))
    return min(line_width_mm(20.0, board), WIDEST_HEIGHTS * 1e3 * board.height_m)


def _impedance(width_mm: float, limits: MicrostripLimits) -> float:
    from eda.filters.microstrip.line import static_line

    return float(static_line(np.array([1e-3 * width_mm]), limits.substrate)[0][0])


def _mirrored(count: int, at: int) -> int:
    """Return which of the values of one half belongs to an element."""
    return min(at, count - 1 - at)


def _row(order: int, values: Sequence[float], grid_mm: float) -> Layout:
    strips, x = [], 0.0
    for k in range(order):
        half = 2 * _mirrored(order, k)
        width, length = values[half], values[half + 1]
        nodes = ("p1" if k == 0 else f"n{k}", "p2" if k == order - 1 else f"n{k + 1}")
        strips.append(Strip(f"s{k + 1}", (x, 0.0), (x + length, 0.0), width, nodes))
        x += length
    return Layout("stepped_impedance", order, tuple(strips), (), ("p1", "p2"))


def _stubs(
    stubs: int,
    ends: bool,
    one_sided: bool,
    shorted: bool,
    order: int,
    values: Sequence[float],
    grid_mm: float,
) -> Layout:
    count = stubs + 1 if ends else stubs - 1
    own = 2 * ((stubs + 1) // 2)

    def line(k: int) -> tuple[float, float]:
        at = own + 2 * _mirrored(count, k)
        return values[at], values[at + 1]

    strips, vias, x = [], [], 0.0
    if ends:
        width, length = line(0)
        strips.append(Strip("m0", (x, 0.0), (x + length, 0.0), width, ("p1", "n1")))
        x += length
    for k in range(stubs):
        after = k + 1 if ends else k
        beside = [line(at)[0] for at in (after - 1, after) if 0 <= at < count]
        edge = max(beside) / 2
        half = 2 * _mirrored(stubs, k)
        width, length = values[half], values[half + 1]
        # On both sides in turn: neighbours then do not couple.
        up = 1.0 if one_sided or k % 2 == 0 else -1.0
        node = _node(k, stubs, ends)
        tip = (x, up * (edge + length))
        strips.append(Strip(f"s{k + 1}", (x, up * edge), tip, width, (node, f"o{k + 1}")))
        if shorted:
            vias.append(Via(f"o{k + 1}", tip, VIA_MM))
        if after < count:
            width, length = line(after)
            to = "p2" if ends and k == stubs - 1 else _node(k + 1, stubs, ends)
            strips.append(Strip(f"m{k + 1}", (x, 0.0), (x + length, 0.0), width, (node, to)))
            x += length
    return Layout("stub", order, tuple(strips), (), ("p1", "p2"), tuple(vias))


def _node(k: int, stubs: int, ends: bool) -> str:
    if ends:
        return f"n{k + 1}"
    return "p1" if k == 0 else "p2" if k == stubs - 1 else f"n{k + 1}"
