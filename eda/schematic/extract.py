"""Reading a circuit back out of the picture: only what the SVG shows, geometry above all.

Which pins are joined is decided by wires that touch, dots, and names; the groups only say what
a wire claims to be. What does not fit is a problem, in words.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from math import hypot
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

from eda.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

REACH: Final = 40.0
"""A name is at most so far from what it names."""

_NEAR: Final = 0.01

Point = tuple[float, float]
Pin = tuple[str, str]


@dataclass
class Extracted:
    """What a picture says.

    Attributes:
        nets: Pins by net name: (device, role), lower case, as often as they are there.
        kinds: Kind of each device, by lower-case name.
        problems: What is contradictory or loose.
        pieces: Number of pieces of wire of each net, before names join them.
    """

    nets: dict[str, list[Pin]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    pieces: dict[str, int] = field(default_factory=dict)


@dataclass
class _Seen:
    segments: list[tuple[Point, Point, str]] = field(default_factory=list)
    dots: list[tuple[Point, str]] = field(default_factory=list)
    labels: list[tuple[Point, str, str]] = field(default_factory=list)
    pins: list[tuple[Point, str, str]] = field(default_factory=list)
    nets: list[str] = field(default_factory=list)


def extract_circuit(svg: str) -> Extracted:
    """Return the circuit that an SVG shows.

    Raises:
        InputError: It is no SVG, declares entities, or moves things by ``transform``.
    """
    if "<!DOCTYPE" in svg or "<!ENTITY" in svg:
        raise InputError("the picture declares a document type; give plain SVG")
    try:
        root = ElementTree.fromstring(svg)
    except ElementTree.ParseError as error:
        raise InputError(f"the picture is no XML: {error}") from error
    seen, found = _Seen(), Extracted()
    _walk(root, seen, found)
    return _join(seen, found)


def _walk(root: ElementTree.Element, seen: _Seen, found: Extracted) -> None:
    stack: list[tuple[ElementTree.Element, str, str]] = [(root, "", "")]
    while stack:
        element, net, device = stack.pop()
        if "transform" in element.attrib:
            raise InputError("the picture has a transform, which is not followed here")
        if "data-net" in element.attrib:
            net = element.attrib["data-net"]
            seen.nets.append(net)
        if "data-device" in element.attrib:
            device = element.attrib["data-device"]
            if "data-kind" in element.attrib:
                found.kinds[device.lower()] = element.attrib["data-kind"]
        _look(element, net, device, seen)
        stack.extend((child, net, device) for child in reversed(element))


def _look(element: ElementTree.Element, net: str, device: str, seen: _Seen) -> None:
    kind = element.tag.rpartition("}")[2]
    at = _place(element)
    if "data-pin" in element.attrib and at is not None:
        seen.pins.append((at, device, element.attrib["data-pin"]))
        return
    if not net:
        return
    if "data-label" in element.attrib and at is not None:
        seen.labels.append((at, element.attrib["data-label"], net))
    elif kind == "text" and at is not None:
        seen.labels.append((at, "".join(element.itertext()).strip(), net))
    elif kind == "circle" and at is not None:
        seen.dots.append((at, net))
    else:
        for line in _lines(kind, element):
            seen.segments += [(a, b, net) for a, b in itertools.pairwise(line)]


def _place(element: ElementTree.Element) -> Point | None:
    have = element.attrib
    for x, y in (("x", "y"), ("cx", "cy")):
        if x in have and y in have:
            return float(have[x]), float(have[y])
    return None


def _lines(kind: str, element: ElementTree.Element) -> Iterator[list[Point]]:
    have = element.attrib
    if kind == "line":
        yield [
            (float(have["x1"]), float(have["y1"])),
            (float(have["x2"]), float(have["y2"])),
        ]
    elif kind == "polyline":
        numbers = [float(text) for text in re.findall(r"-?[\d.]+", have.get("points", ""))]
        yield list(zip(numbers[::2], numbers[1::2], strict=True))
    elif kind == "path":
        yield from _path_lines(have.get("d", ""))


def _path_lines(text: str) -> Iterator[list[Point]]:
    points: list[Point] = []
    x = y = 0.0
    for command, rest in re.findall(r"([MLHVZ])([^MLHVZ]*)", text):
        numbers = [float(word) for word in re.findall(r"-?[\d.]+", rest)]
        if command == "Z":
            if points:
                points.append(points[0])
            continue
        if command == "M":
            if len(points) > 1:
                yield points
            points = []
        if command in "ML":
            moves = list(zip(numbers[::2], numbers[1::2], strict=True))
        else:
            moves = [(value, y) if command == "H" else (x, value) for value in numbers]
        for x, y in moves:
            points.append((x, y))
    if len(points) > 1:
        yield points


class _Sets:
    """Disjoint sets of numbers."""

    def __init__(self, count: int) -> None:
        self.parent = list(range(count))

    def find(self, at: int) -> int:
        while self.parent[at] != at:
            self.parent[at] = self.parent[self.parent[at]]
            at = self.parent[at]
        return at

    def join(self, a: int, b: int) -> None:
        self.parent[self.find(a)] = self.find(b)


def _join(seen: _Seen, found: Extracted) -> Extracted:
    wires, pins = seen.segments, seen.pins
    count = len(wires)
    sets = _Sets(count + len(pins))
    for i, (a, b, _) in enumerate(wires):
        for j in range(i):
            c, d, _ = wires[j]
            if _apart(a, b, c, d):
                continue
            if _on(a, c, d) or _on(b, c, d) or _on(c, a, b) or _on(d, a, b):
                sets.join(i, j)
    for spot, _ in seen.dots:
        under = [i for i, (a, b, _) in enumerate(wires) if _on(spot, a, b)]
        if not under:
            found.problems.append(f"a dot at {spot} is on no wire")
        for i in under[1:]:
            sets.join(under[0], i)
    for k, (spot, _, _) in enumerate(pins):
        for i, (a, b, _) in enumerate(wires):
            if _on(spot, a, b):
                sets.join(count + k, i)
        for m in range(k):
            if _same(pins[m][0], spot):
                sets.join(count + k, count + m)
    claims: dict[int, set[str]] = {}
    for i, (_, _, net) in enumerate(wires):
        claims.setdefault(sets.find(i), set()).add(net)
    named: dict[str, list[int]] = {}
    for spot, text, net in seen.labels:
        if text != net:
            found.problems.append(f"the name {text!r} stands in the net {net!r}")
        best = _nearest(spot, net, seen, count)
        if best is None:
            found.problems.append(f"the name {text!r} at {spot} names nothing")
        else:
            named.setdefault(text, []).append(sets.find(best))
            claims.setdefault(sets.find(best), set()).add(text)
    return _nets(seen, found, sets, claims, named)


def _nets(
    seen: _Seen,
    found: Extracted,
    sets: _Sets,
    claims: dict[int, set[str]],
    named: dict[str, list[int]],
) -> Extracted:
    count = len(seen.segments)
    members: dict[int, list[Pin]] = {}
    for k, (_, device, role) in enumerate(seen.pins):
        members.setdefault(sets.find(count + k), []).append((device.lower(), role.lower()))
    by_name: dict[str, list[int]] = {}
    for piece in {*claims, *members}:
        names = claims.get(piece, set())
        if len(names) > 1:
            found.problems.append(f"one piece of wire is called {' and '.join(sorted(names))}")
        elif not names:
            loose = ", ".join(".".join(pin) for pin in members[piece])
            found.problems.append(f"nothing says on which net {loose} is")
        for name in names:
            by_name.setdefault(name, []).append(piece)
    for name, pieces in by_name.items():
        with_pins = [piece for piece in pieces if piece in members]
        loose_pieces = [piece for piece in with_pins if piece not in named.get(name, ())]
        if len(with_pins) > 1 and loose_pieces:
            found.problems.append(f"{name!r} is in {len(with_pins)} pieces, not all with a name")
        found.nets[name] = [pin for piece in with_pins for pin in members[piece]]
        found.pieces[name] = len(with_pins)
    for name in seen.nets:
        found.nets.setdefault(name, [])
    return found


def _nearest(spot: Point, net: str, seen: _Seen, count: int) -> int | None:
    """Return what a name names: the nearest wire of its group, or else the nearest pin."""
    best: tuple[float, int] | None = None
    for i, (a, b, own) in enumerate(seen.segments):
        if own == net:
            far = _distance(spot, a, b)
            if far <= REACH and (best is None or far < best[0]):
                best = far, i
    if best is None:
        for k, (at, _, _) in enumerate(seen.pins):
            far = hypot(at[0] - spot[0], at[1] - spot[1])
            if far <= REACH and (best is None or far < best[0]):
                best = far, count + k
    return None if best is None else best[1]


def _apart(a: Point, b: Point, c: Point, d: Point) -> bool:
    return (
        max(a[0], b[0]) < min(c[0], d[0]) - _NEAR
        or max(c[0], d[0]) < min(a[0], b[0]) - _NEAR
        or max(a[1], b[1]) < min(c[1], d[1]) - _NEAR
        or max(c[1], d[1]) < min(a[1], b[1]) - _NEAR
    )


def _same(a: Point, b: Point) -> bool:
    return abs(a[0] - b[0]) < _NEAR and abs(a[1] - b[1]) < _NEAR


def _on(p: Point, a: Point, b: Point) -> bool:
    return _distance(p, a, b) < _NEAR


def _distance(p: Point, a: Point, b: Point) -> float:
    """Return how far a point is from a segment."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    if square == 0:
        return hypot(p[0] - a[0], p[1] - a[1])
    along = ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / square
    along = min(max(along, 0.0), 1.0)
    return hypot(p[0] - a[0] - along * dx, p[1] - a[1] - along * dy)
