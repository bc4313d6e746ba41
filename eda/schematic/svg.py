"""A sheet as SVG from which a program can read the circuit back.

Every device is a ``<g data-device data-kind>`` with its pins (``data-pin``, ``cx``, ``cy``);
every net is a ``<g data-net>`` with its wires (``<polyline>``), its dots (``<circle>``) and its
names (``<text>`` or an element with ``data-label``). Wires that cross without a dot or an end
do not connect. Flags and rail symbols are polygons, which are no wires.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from eda.schematic.symbols.symbol import UNIT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eda.schematic.sheet import Marked, Placed, Sheet, Tag, Wiring
    from eda.schematic.symbols.symbol import Stroke, Text

_STYLE: Final = """
.eda-schematic { --ink:#1d2530; --wire:#2f5f9e; --quiet:#5d6876; --paper:#ffffff; }
@media (prefers-color-scheme: dark) { .eda-schematic { --ink:#e6e9ee; --wire:#7aa7e0;
  --quiet:#9aa4b2; --paper:#15191f; } }
.eda-schematic .paper { fill:var(--paper); }
.eda-schematic .device path { fill:none; stroke:var(--ink); stroke-width:1.2;
  stroke-linecap:round; stroke-linejoin:round; }
.eda-schematic .device path.thick { stroke-width:2; }
.eda-schematic .device path.full { fill:var(--ink); }
.eda-schematic .net polyline, .eda-schematic .net polygon { fill:none; stroke:var(--wire);
  stroke-width:1.2; stroke-linecap:round; stroke-linejoin:round; }
.eda-schematic .net polygon.thick { stroke-width:2; }
.eda-schematic .net circle { fill:var(--wire); stroke:none; }
.eda-schematic text { font:10px Helvetica,Arial,"Liberation Sans","DejaVu Sans",sans-serif;
  fill:var(--ink); }
.eda-schematic text.value, .eda-schematic text.pin { fill:var(--quiet); font-size:9.4px; }
.eda-schematic .net text { fill:var(--wire); }
.eda-schematic .note { fill:var(--quiet); }
.eda-schematic g:hover > polyline { stroke-width:2.4; }
.eda-schematic .mark rect { fill:currentColor; fill-opacity:0.1; stroke:currentColor;
  stroke-width:1.4; }
.eda-schematic .mark polyline { fill:none; stroke:currentColor; stroke-width:6;
  stroke-opacity:0.3; stroke-linecap:round; stroke-linejoin:round; }
.eda-schematic .mark circle { fill:currentColor; }
.eda-schematic .mark text { fill:#fff; font-weight:bold; }
.eda-schematic .mark.error { color:#c4281c; }
.eda-schematic .mark.warning { color:#b86e00; }
.eda-schematic .mark.info { color:#2563b0; }
.eda-schematic .guess polyline { fill:none; stroke-width:1.6; stroke-dasharray:5 4; }
"""

_BORDER: Final = 1.5


def write_svg(sheet: Sheet) -> str:
    """Return a sheet as an SVG document."""
    left, top, right, bottom = sheet.box
    left, top = left - _BORDER, top - _BORDER
    right = max(right + _BORDER, left + max((0.6 * len(note) for note in sheet.notes), default=0))
    bottom += _BORDER + 1.6 * len(sheet.notes)
    x, y, wide, high = (_n(value) for value in (left, top, right - left, bottom - top))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="eda-schematic" role="img" '
        f'viewBox="{x} {y} {wide} {high}" width="{wide}" height="{high}">',
        f"<title>{_safe(sheet.name or 'schematic')}</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" x="{x}" y="{y}" width="{wide}" height="{high}"/>',
    ]
    for marked in sheet.marks:
        lines += _marked(marked)
    for wiring in sheet.wirings:
        lines += _net(wiring)
    for item in sheet.placed:
        lines += _device(item)
    for guess, path in sheet.guesses:
        percent = f"{100 * guess.probability:.0f} %"
        colour = probability_colour(guess.probability)
        lines.append(
            f'<g class="guess" data-guess="{_safe(guess.device)}.{_safe(guess.pin)}">'
            f"<title>{_safe(guess.device)}.{_safe(guess.pin)} on {_safe(guess.net)}: {percent}"
            f'</title><polyline style="stroke:{colour}" points="{_points(path)}"/></g>'
        )
    for at, note in enumerate(sheet.notes):
        spot = bottom - _BORDER - 1.6 * (len(sheet.notes) - 1 - at)
        lines.append(f'<text class="note" x="{_n(left + 1)}" y="{_n(spot)}">{_safe(note)}</text>')
    return "\n".join([*lines, "</svg>", ""])


def _marked(marked: Marked) -> list[str]:
    mark = marked.mark
    severity = mark.severity if mark.severity in ("error", "warning", "info") else "info"
    lines = [
        f'<g class="mark {severity}" data-mark="{mark.number}"><title>{_safe(mark.text)}</title>'
    ]
    lines += [f'<polyline points="{_points(path)}"/>' for path in marked.paths]
    for left, top, right, bottom in marked.boxes:
        lines.append(
            f'<rect x="{_n(left)}" y="{_n(top)}" width="{_n(right - left)}" '
            f'height="{_n(bottom - top)}" rx="5"/>'
        )
    x, y = marked.place
    lines.append(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="8"/>')
    lines.append(
        f'<text x="{_n(x)}" y="{_n(y + 0.35)}" text-anchor="middle">{mark.number}</text></g>'
    )
    return lines


def probability_colour(probability: float) -> str:
    """Return a colour from red (unlikely) over amber to green (nearly sure)."""
    hue = 140 * min(max(probability, 0.0), 1.0)
    return f"hsl({hue:.0f} 70% 42%)"


def _net(wiring: Wiring) -> list[str]:
    name = _safe(wiring.name)
    lines = [f'<g class="net" data-net="{name}"><title>{name}</title>']
    lines += [f'<polyline points="{_points(path)}"/>' for path in wiring.paths]
    lines += [f'<circle cx="{_n(x)}" cy="{_n(y)}" r="2.3"/>' for x, y in wiring.dots]
    for tag in wiring.tags:
        lines += _tag(tag, wiring.name)
    lines.append("</g>")
    return lines


def _tag(tag: Tag, name: str) -> list[str]:
    lines = []
    for stroke in tag.strokes:
        look = ' class="thick"' if stroke.thick else ""
        lines.append(f'<polygon{look} points="{_points(stroke.points)}"/>')
    if tag.text.text == name:
        lines.append(_text(tag.text, 0, 0))
    else:
        # The text is shortened, or the symbol says it all: the whole name stands at its point.
        label = f'data-label="{_safe(name)}" x="{_n(tag.x)}" y="{_n(tag.y)}"'
        lines.append(f'<rect {label} width="0" height="0" fill="none"/>')
        if tag.text.text:
            lines.append(f"<g>{_text(tag.text, 0, 0, label=name)}</g>")
    return lines


def _device(item: Placed) -> list[str]:
    device = item.device
    values = [f"{key}={value}" for key, value in device.parameters.items()]
    told = " ".join([device.name, device.kind, device.model, *values[:6]])
    lines = [
        f'<g class="device" data-device="{_safe(device.name)}" data-kind="{_safe(device.kind)}">'
        f"<title>{_safe(told[:200])}</title>"
    ]
    for stroke in item.symbol.strokes:
        classes = " ".join(
            word for word, on in (("thick", stroke.thick), ("full", stroke.fill)) if on
        )
        look = f' class="{classes}"' if classes else ""
        lines.append(f'<path{look} d="{_path(stroke, item.x, item.y)}"/>')
    lines += [_text(text, item.x, item.y) for text in item.symbol.texts]
    for pin in item.symbol.pins:
        lines.append(
            f'<circle data-pin="{_safe(pin.role)}" cx="{_n(item.x + pin.x)}" '
            f'cy="{_n(item.y + pin.y)}" r="0"/>'
        )
    lines.append("</g>")
    return lines


def _path(stroke: Stroke, x: float, y: float) -> str:
    points = " L".join(f"{_n(px + x)} {_n(py + y)}" for px, py in stroke.points)
    return f"M{points}{' Z' if stroke.close else ''}"


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in points)


def _text(text: Text, x: float, y: float, *, label: str = "") -> str:
    anchor = f' text-anchor="{text.anchor}"' if text.anchor != "start" else ""
    known = f' data-label="{_safe(label)}"' if label else ""
    return (
        f'<text class="{text.role}" x="{_n(x + text.x)}" y="{_n(y + text.y)}"{anchor}{known}>'
        f"{_safe(text.text)}</text>"
    )


def _n(value: float) -> str:
    """Return a length in the picture's units."""
    return f"{value * UNIT:.2f}".rstrip("0").rstrip(".")


def _safe(text: str) -> str:
    """Return a text as XML may hold it, whatever a netlist says."""
    legal = "".join(
        letter
        if letter in "\t\n\r"
        or " " <= letter <= "\ud7ff"
        or "\ue000" <= letter <= "\ufffd"
        or letter > "\uffff"
        else "\ufffd"
        for letter in text
    )
    return escape(legal, quote=True)
