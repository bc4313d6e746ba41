"""The copper of a filter: strips, coupled pairs, vias and ports, as ``filter-layout/1``.

A layout is a drawing with names: where the strips lie, which ends are joined, which strips
couple. What it does electrically is computed in :mod:`eda.filters.microstrip.network`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

SCHEMA: Final = "filter-layout/1"

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Strip:
    """A straight rectangle of copper, horizontal or vertical.

    Attributes:
        name: Its name in the layout.
        start_mm: Where the centre line begins.
        end_mm: Where it ends.
        width_mm: Size across the centre line.
        nodes: Names of the two ends, in that order.
    """

    name: str
    start_mm: Point
    end_mm: Point
    width_mm: float
    nodes: tuple[str, str]

    @property
    def length_mm(self) -> float:
        """Length of the centre line."""
        return abs(self.end_mm[0] - self.start_mm[0]) + abs(self.end_mm[1] - self.start_mm[1])

    @property
    def horizontal(self) -> bool:
        """Whether it runs along x."""
        return abs(self.end_mm[1] - self.start_mm[1]) < 1e-9

    @property
    def box_mm(self) -> tuple[float, float, float, float]:
        """Left, bottom, right and top of the copper."""
        (x0, y0), (x1, y1), half = self.start_mm, self.end_mm, self.width_mm / 2
        dx, dy = (0.0, half) if self.horizontal else (half, 0.0)
        return min(x0, x1) - dx, min(y0, y1) - dy, max(x0, x1) + dx, max(y0, y1) + dy


@dataclass(frozen=True, slots=True)
class Via:
    """A plated hole from the copper to the ground plane."""

    node: str
    at_mm: Point
    diameter_mm: float


@dataclass(frozen=True)
class Layout:
    """A whole filter.

    Attributes:
        family: As in the specification, for instance ``hairpin``.
        order: Order of the filter, counted as the limits count it.
        strips: All copper.
        coupled: Names of strips that face each other over their whole length.
        vias: Holes to ground.
        ports: Node of port 1 and of port 2.
        substrate: The specification's own mapping, copied.
        design_model: ``closed_form`` or ``full_wave``.
    """

    family: str
    order: int
    strips: tuple[Strip, ...]
    coupled: tuple[tuple[str, str], ...]
    ports: tuple[str, str]
    vias: tuple[Via, ...] = ()
    substrate: Mapping[str, Any] = field(default_factory=dict)
    design_model: str = "closed_form"

    @cached_property
    def by_name(self) -> dict[str, Strip]:
        """Strips by their names."""
        return {strip.name: strip for strip in self.strips}

    @cached_property
    def in_pair(self) -> frozenset[str]:
        """Names of strips that are coupled to another."""
        return frozenset(name for pair in self.coupled for name in pair)

    @cached_property
    def touches(self) -> Counter[str]:
        """How many strip ends each node has."""
        return Counter(node for strip in self.strips for node in strip.nodes)

    @property
    def open_ends(self) -> tuple[tuple[Strip, str], ...]:
        """Ends that one strip touches, without port or via."""
        held = {*self.ports, *(via.node for via in self.vias)}
        return tuple(
            (strip, node)
            for strip in self.strips
            for node in strip.nodes
            if self.touches[node] == 1 and node not in held
        )

    @property
    def steps(self) -> tuple[tuple[Strip, Strip], ...]:
        """Wide and narrow strip of every step: two uncoupled strips that meet in line."""
        held = {*self.ports, *(via.node for via in self.vias)}
        found = []
        for node, count in self.touches.items():
            if count != 2 or node in held:
                continue
            meeting = [strip for strip in self.strips if node in strip.nodes]
            if len(meeting) != 2 or any(strip.name in self.in_pair for strip in meeting):
                continue
            if meeting[0].horizontal != meeting[1].horizontal:
                continue
            wide, narrow = sorted(meeting, key=lambda strip: -strip.width_mm)
            if wide.width_mm > narrow.width_mm:
                found.append((wide, narrow))
        return tuple(found)

    def gap_mm(self, pair: tuple[str, str]) -> float:
        """Return the space between the strips of a coupled pair."""
        a, b = (self.by_name[name] for name in pair)
        axis = 1 if a.horizontal else 0
        return abs(a.start_mm[axis] - b.start_mm[axis]) - (a.width_mm + b.width_mm) / 2

    def facing(self, pair: tuple[str, str]) -> tuple[tuple[str, str], tuple[str, str]]:
        """Return the nodes of both strips of a pair, those beside each other in like places."""
        a, b = (self.by_name[name] for name in pair)
        near = math.dist(a.start_mm, b.start_mm) <= math.dist(a.start_mm, b.end_mm)
        return a.nodes, b.nodes if near else (b.nodes[1], b.nodes[0])

    @property
    def footprint_mm(self) -> Point:
        """Width and height of the box around all copper."""
        boxes = [strip.box_mm for strip in self.strips]
        return (
            max(box[2] for box in boxes) - min(box[0] for box in boxes),
            max(box[3] for box in boxes) - min(box[1] for box in boxes),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the layout as ``filter-layout/1``; lengths in millimetres."""
        return {
            "schema": SCHEMA,
            "family": self.family,
            "order": self.order,
            "design_model": self.design_model,
            "substrate": dict(self.substrate),
            "strips": [
                {
                    "name": strip.name,
                    "from_mm": [_tidy(at) for at in strip.start_mm],
                    "to_mm": [_tidy(at) for at in strip.end_mm],
                    "width_mm": _tidy(strip.width_mm),
                    "nodes": list(strip.nodes),
                }
                for strip in self.strips
            ],
            "coupled": [list(pair) for pair in self.coupled],
            "vias": [
                {
                    "node": via.node,
                    "at_mm": [_tidy(at) for at in via.at_mm],
                    "diameter_mm": _tidy(via.diameter_mm),
                }
                for via in self.vias
            ],
            "ports": {"1": self.ports[0], "2": self.ports[1]},
        }


def _tidy(value_mm: float) -> float:
    """Return a length without the noise of binary fractions: a ten-thousandth of a grid step."""
    return round(value_mm, 6) + 0.0
