"""A layout drawn to scale, as SVG: copper, holes, ports, dimensions of the whole."""

from __future__ import annotations

from html import escape

from eda.filters.microstrip.layout import Layout

_WIDE_PX = 760.0
_HIGH_PX = 420.0
_EDGE_PX = 46.0
_COPPER = "#b8732e"
_BOARD = "#e9f1ea"
_INK = "#333333"


def layout_svg(layout: Layout, *, title: str = "") -> str:
    """Return a layout as an SVG picture, to scale.

    Args:
        layout: What is printed.
        title: For people who hear the picture instead of seeing it.
    """
    boxes = [strip.box_mm for strip in layout.strips]
    left, bottom = min(box[0] for box in boxes), min(box[1] for box in boxes)
    wide, high = layout.footprint_mm
    scale = min(_WIDE_PX / wide, _HIGH_PX / high)
    width, height = wide * scale + 2 * _EDGE_PX, high * scale + 2 * _EDGE_PX

    def x(value: float) -> float:
        return _EDGE_PX + (value - left) * scale

    def y(value: float) -> float:
        return height - _EDGE_PX - (value - bottom) * scale

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1f} {height:.1f}" '
        f'width="{width:.0f}" height="{height:.0f}" font-family="sans-serif" font-size="13">',
        f"<title>{escape(title or layout.family)}</title>",
        f'<rect x="0" y="0" width="{width:.1f}" height="{height:.1f}" fill="{_BOARD}"/>',
    ]
    for strip, (x0, y0, x1, y1) in zip(layout.strips, boxes, strict=True):
        parts.append(
            f'<rect x="{x(x0):.2f}" y="{y(y1):.2f}" width="{(x1 - x0) * scale:.2f}" '
            f'height="{(y1 - y0) * scale:.2f}" fill="{_COPPER}">'
            f"<title>{escape(strip.name)}: {strip.width_mm:g} x {strip.length_mm:g} mm</title>"
            "</rect>"
        )
    for via in layout.vias:
        parts.append(
            f'<circle cx="{x(via.at_mm[0]):.2f}" cy="{y(via.at_mm[1]):.2f}" '
            f'r="{via.diameter_mm / 2 * scale:.2f}" fill="white" stroke="{_INK}"/>'
        )
    for number, port in enumerate(layout.ports, 1):
        strip = next(strip for strip in layout.strips if port in strip.nodes)
        at = strip.start_mm if strip.nodes[0] == port else strip.end_mm
        px, py = x(at[0]), y(at[1])
        # The number stands outside of the copper, on the side the strip comes from.
        other = strip.end_mm if strip.nodes[0] == port else strip.start_mm
        dx, dy = _away(at, other)
        parts.append(f'<circle cx="{px:.2f}" cy="{py:.2f}" r="3.5" fill="{_INK}"/>')
        parts.append(
            f'<text x="{px + 16 * dx:.1f}" y="{py - 16 * dy + 4.5:.1f}" text-anchor="middle" '
            f'fill="{_INK}" font-weight="bold">{number}</text>'
        )
    parts.append(
        f'<text x="{width / 2:.1f}" y="{height - 12:.1f}" text-anchor="middle" fill="{_INK}">'
        f"{wide:.2f} x {high:.2f} mm</text>"
    )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _away(at: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    dx, dy = at[0] - other[0], at[1] - other[1]
    size = abs(dx) + abs(dy) or 1.0
    return dx / size, dy / size
