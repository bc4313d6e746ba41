"""The copper for a board house: DXF, GDSII and a KiCad footprint.

All three hold the same rectangles and holes. Lengths are millimetres in DXF and KiCad, and
nanometres (the database unit) in GDSII.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator
from typing import Final

from eda.filters.microstrip.layout import Layout

COPPER_LAYER: Final = 1
DRILL_LAYER: Final = 2
"""Layers of the GDSII file."""

_NM_PER_MM: Final = 1_000_000
_CORNERS: Final = 32
"""A hole is a regular polygon of so many corners in GDSII, which knows no circles."""

Rectangle = list[tuple[float, float]]


def rectangles(layout: Layout) -> list[tuple[str, Rectangle]]:
    """Return name and corners in mm of all copper, counter-clockwise from the lower left."""
    made = []
    for strip in layout.strips:
        left, bottom, right, top = strip.box_mm
        corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
        made.append((strip.name, corners))
    return made


def dxf_text(layout: Layout) -> str:
    """Return the copper as DXF R12: closed polylines on COPPER, circles on DRILL, in mm."""
    pairs: list[tuple[int, object]] = [
        *((0, "SECTION"), (2, "HEADER"), (9, "$ACADVER"), (1, "AC1009")),
        *((0, "ENDSEC"), (0, "SECTION"), (2, "ENTITIES")),
    ]
    for _, corners in rectangles(layout):
        pairs += [(0, "POLYLINE"), (8, "COPPER"), (66, 1), (70, 1), (10, 0.0), (20, 0.0)]
        for x, y in corners:
            pairs += [(0, "VERTEX"), (8, "COPPER"), (10, x), (20, y)]
        pairs += [(0, "SEQEND"), (8, "COPPER")]
    for via in layout.vias:
        x, y = via.at_mm
        pairs += [(0, "CIRCLE"), (8, "DRILL"), (10, x), (20, y), (40, via.diameter_mm / 2)]
    pairs += [(0, "ENDSEC"), (0, "EOF")]
    return "".join(f"{code}\n{_plain(value)}\n" for code, value in pairs)


def _plain(value: object) -> str:
    return f"{value:.6f}" if isinstance(value, float) else str(value)


def gds_bytes(layout: Layout, name: str = "FILTER") -> bytes:
    """Return the copper as a GDSII library of one cell: copper on layer 1, holes on layer 2.

    Args:
        layout: The copper.
        name: Of the cell; characters that GDSII does not allow become underscores.
    """
    cell = re.sub(r"[^A-Za-z0-9_?$]", "_", name)[:32] or "FILTER"
    # The dates are fixed, so that equal filters are equal files.
    date = struct.pack(">12h", *(2000, 1, 1, 0, 0, 0) * 2)
    parts = [
        _record(0x0002, struct.pack(">h", 600)),
        _record(0x0102, date),
        _record(0x0206, _even(b"EDA")),
        _record(0x0305, _real8(1e-3) + _real8(1e-9)),
        _record(0x0502, date),
        _record(0x0606, _even(cell.encode("ascii"))),
    ]
    for _, corners in rectangles(layout):
        parts += _boundary(COPPER_LAYER, corners)
    for via in layout.vias:
        parts += _boundary(DRILL_LAYER, _circle(via.at_mm, via.diameter_mm / 2))
    return b"".join([*parts, _record(0x0700, b""), _record(0x0400, b"")])


def _circle(middle: tuple[float, float], radius: float) -> Rectangle:
    x, y = middle
    angles = [2 * math.pi * at / _CORNERS for at in range(_CORNERS)]
    return [(x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in angles]


def _boundary(layer: int, corners: Rectangle) -> Iterator[bytes]:
    numbers = [round(at * _NM_PER_MM) for point in [*corners, corners[0]] for at in point]
    yield _record(0x0800, b"")
    yield _record(0x0D02, struct.pack(">h", layer))
    yield _record(0x0E02, struct.pack(">h", 0))
    yield _record(0x1003, struct.pack(f">{len(numbers)}i", *numbers))
    yield _record(0x1100, b"")


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack(">HH", len(body) + 4, kind) + body


def _even(text: bytes) -> bytes:
    return text + b"\0" * (len(text) % 2)


def _real8(value: float) -> bytes:
    """Return a positive number in GDSII's form: base 16, excess 64, a mantissa of 56 bits."""
    exponent = math.floor(math.log(value, 16)) + 1
    mantissa = round(value / 16.0**exponent * 2**56)
    return struct.pack(">Q", (exponent + 64 << 56) | mantissa)


def kicad_footprint(layout: Layout, name: str = "filter") -> str:
    """Return the copper as a KiCad footprint: polygons on F.Cu, pads 1 and 2 at the ports.

    KiCad's y axis points downwards, so the drawing is turned over to look the same.

    Args:
        layout: The copper.
        name: Of the footprint.
    """
    plain = re.sub(r"[^A-Za-z0-9_.+-]", "_", name) or "filter"
    lines = [
        f'(footprint "{plain}" (version 20221018) (generator eda) (layer "F.Cu")',
        f'  (descr "microstrip filter, {layout.family}, order {layout.order}")',
        "  (attr exclude_from_pos_files exclude_from_bom allow_soldermask_bridges)",
    ]
    for _, corners in rectangles(layout):
        points = " ".join(f"(xy {x:.6g} {-y:.6g})" for x, y in corners)
        lines.append(
            f"  (fp_poly (pts {points}) (stroke (width 0) (type solid)) (fill solid) "
            '(layer "F.Cu"))'
        )
    for number, port in enumerate(layout.ports, 1):
        (x, y), size = _port_at(layout, port)
        lines.append(
            f'  (pad "{number}" smd rect (at {x:.6g} {-y:.6g}) (size {size:.6g} {size:.6g}) '
            '(layers "F.Cu" "F.Mask"))'
        )
    for via in layout.vias:
        x, y = via.at_mm
        ring = via.diameter_mm + 0.2
        lines.append(
            f'  (pad "3" thru_hole circle (at {x:.6g} {-y:.6g}) (size {ring:.6g} {ring:.6g}) '
            f'(drill {via.diameter_mm:.6g}) (layers "*.Cu"))'
        )
    return "\n".join([*lines, ")"]) + "\n"


def _port_at(layout: Layout, port: str) -> tuple[tuple[float, float], float]:
    """Return where a port is, and the width of its strip, in mm."""
    strip = next(strip for strip in layout.strips if port in strip.nodes)
    at = strip.start_mm if strip.nodes[0] == port else strip.end_mm
    return at, strip.width_mm
