"""What a layout must keep: grid, widths, gaps, footprint, order, families, vias."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from eda.filters.microstrip.layout import Layout, Strip
from eda.filters.microstrip.line import static_line
from eda.filters.microstrip.substrate import Substrate

_SLACK_MM: Final = 1e-6
"""Lengths come from sums of decimal fractions; less than this is no difference."""

FACING_HEIGHTS: Final = 2.0
"""Parallel strips that face each other over more heights than this couple."""

APART_HEIGHTS: Final = 2.5
"""Parallel strips so many heights apart count as uncoupled."""


@dataclass(frozen=True, slots=True)
class MicrostripLimits:
    """Limits of a printed filter.

    Attributes:
        substrate: The board.
        min_width_mm: Narrowest strip.
        min_gap_mm: Least space between strips that are not joined.
        grid_mm: Widths, lengths and gaps are multiples of it.
        footprint_mm: Largest box, in either orientation.
        families: Names of the families that may be used.
        max_order: Largest order.
        vias: Whether vias to ground may be used.
        lowpass: Whether it is a low-pass, whose order counts strips.
        port_ohm: Impedance at the ports.
    """

    substrate: Substrate
    min_width_mm: float
    min_gap_mm: float
    grid_mm: float
    footprint_mm: tuple[float, float]
    families: tuple[str, ...]
    max_order: int
    vias: bool
    lowpass: bool = False
    port_ohm: float = 50.0


def breaches(layout: Layout, limits: MicrostripLimits) -> list[str]:
    """Return what a layout breaks, a sentence each; an empty list where it keeps all limits."""
    return [text for check in _CHECKS for text in check(layout, limits)]


def _grid(layout: Layout, limits: MicrostripLimits) -> Iterator[str]:
    sizes = [
        (f"{strip.name}: {what}", value)
        for strip in layout.strips
        for what, value in (("width", strip.width_mm), ("length", strip.length_mm))
    ]
    sizes += [(f"{a} and {b}: gap", layout.gap_mm((a, b))) for a, b in layout.coupled]
    for what, value in sizes:
        if abs(value / limits.grid_mm - round(value / limits.grid_mm)) > 1e-4:
            yield f"{what} {value:.6g} mm is not on the grid of {limits.grid_mm:g} mm"


def _widths(layout: Layout, limits: MicrostripLimits) -> Iterator[str]:
    for strip in layout.strips:
        if strip.width_mm < limits.min_width_mm - _SLACK_MM:
            yield (
                f"{strip.name}: width {strip.width_mm:g} mm, least allowed {limits.min_width_mm:g}"
            )
        if strip.length_mm <= 0:
            yield f"{strip.name}: no length"


def _gaps(layout: Layout, limits: MicrostripLimits) -> Iterator[str]:
    for a, b in combinations(layout.strips, 2):
        if set(a.nodes) & set(b.nodes):
            continue
        apart = space_mm(a, b)
        if apart < limits.min_gap_mm - _SLACK_MM:
            yield (
                f"{a.name} and {b.name}: {apart:.4g} mm apart, least allowed {limits.min_gap_mm:g}"
            )


def _couplings(layout: Layout, limits: MicrostripLimits) -> Iterator[str]:
    height_mm = 1e3 * limits.substrate.height_m
    declared = {frozenset(pair) for pair in layout.coupled}
    for pair in layout.coupled:
        a, b = (layout.by_name[name] for name in pair)
        if abs(a.width_mm - b.width_mm) > _SLACK_MM or abs(facing_mm(a, b) - a.length_mm) > 1e-4:
            yield f"{a.name} and {b.name}: coupled, but not equal strips that face each other"
    for a, b in combinations(layout.strips, 2):
        if frozenset((a.name, b.name)) in declared or a.horizontal != b.horizontal:
            continue
        if facing_mm(a, b) > FACING_HEIGHTS * height_mm + _SLACK_MM:
            apart = space_mm(a, b)
            if apart < APART_HEIGHTS * height_mm - _SLACK_MM:
                yield (
                    f"{a.name} and {b.name}: side by side {apart:.4g} mm apart and not coupled; "
                    f"{APART_HEIGHTS * height_mm:.4g} mm are needed"
                )


def _joints(layout: Layout, limits: MicrostripLimits) -> Iterator[str]:
    ends: dict[str, list[tuple[Strip, tuple[float, float]]]] = {}
    for strip in layout.strips:
        for node, at in zip(strip.nodes, (strip.start_mm, strip.end_mm), strict=True):
            ends.setdefault(node, []).append((strip, at))
    for node, meeting in ends.items():
        widest = max(strip.width_mm for strip, _ in meeting)
        for (a, at), (b, bt) in combinations(meeting, 2):
            if math.dist(at, bt) > widest / 2 + _SLACK_MM:
                yield f"node {node}: {a.name} and {b.name} do not touch"
    for port in layout.ports:
        if port not in ends:
            yield f"port {port}: no strip ends there"


def _footprint(layout: Layout, limits: MicrostripLimits) -> Iterator[str]:
    found, most = sorted(layout.footprint_mm), sorted(limits.footprint_mm)
    if found[0] > most[0] + _SLACK_MM or found[1] > most[1] + _SLACK_MM:
        yield (
            f"footprint {found[1]:.4g} x {found[0]:.4g} mm, "
            f"largest allowed {most[1]:g} x {most[0]:g}"
        )


def _order(layout: Layout, limits: MicrostripLimits) -> Iterator[str]:
    order = counted_order(layout, limits)
    if order > limits.max_order:
        yield f"order {order}, largest allowed {limits.max_order}"
    if layout.family not in limits.families:
        yield f"family {layout.family}; allowed: {', '.join(limits.families)}"
    if layout.vias and not limits.vias:
        yield "vias to ground are not allowed"


_CHECKS = (_grid, _widths, _gaps, _couplings, _joints, _footprint, _order)


def space_mm(a: Strip, b: Strip) -> float:
    """Return the least distance between the copper of two strips; 0 where they overlap."""
    left, bottom, right, top = a.box_mm
    l2, b2, r2, t2 = b.box_mm
    return math.hypot(max(l2 - right, left - r2, 0.0), max(b2 - top, bottom - t2, 0.0))


def facing_mm(a: Strip, b: Strip) -> float:
    """Return over which length two parallel strips lie beside each other."""
    low, high = (0, 2) if a.horizontal else (1, 3)
    return max(0.0, min(a.box_mm[high], b.box_mm[high]) - max(a.box_mm[low], b.box_mm[low]))


def counted_order(layout: Layout, limits: MicrostripLimits) -> int:
    """Return the order of a layout as the limits count it.

    In a low-pass: strips, but for those at a port within a tenth of its impedance. In all others:
    pieces of copper that no port is joined to, and open or shorted uncoupled stubs on the others.
    """
    if limits.lowpass:
        return sum(not is_port_line(strip, layout, limits) for strip in layout.strips)
    pieces = _pieces(layout)
    fed = {pieces[port] for port in layout.ports}
    ends = {node for _, node in layout.open_ends} | {via.node for via in layout.vias}
    stubs = sum(
        strip.name not in layout.in_pair
        and pieces[strip.nodes[0]] in fed
        and not ends.isdisjoint(strip.nodes)
        for strip in layout.strips
    )
    return len(set(pieces.values()) - fed) + stubs


def _pieces(layout: Layout) -> dict[str, str]:
    """Return for each node the name of the piece of copper it lies on."""
    of = {node: node for node in layout.touches}

    def root(node: str) -> str:
        while of[node] != node:
            node = of[node]
        return node

    for strip in layout.strips:
        a, b = (root(node) for node in strip.nodes)
        of[a] = b
    return {node: root(node) for node in of}


def is_port_line(strip: Strip, layout: Layout, limits: MicrostripLimits) -> bool:
    """Return whether a strip ends at a port and has its impedance within a tenth."""
    if set(strip.nodes).isdisjoint(layout.ports):
        return False
    impedance, _ = static_line(np.array([1e-3 * strip.width_mm]), limits.substrate)
    return bool(abs(impedance[0] / limits.port_ohm - 1) <= 0.1)
