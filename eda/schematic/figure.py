"""A sheet as a picture of points or as PDF: the primitives of the SVG, drawn by matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eda.schematic.symbols.symbol import FONT, UNIT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.figure import Figure

    from eda.schematic.sheet import Marked, Sheet
    from eda.schematic.symbols.symbol import Stroke, Text

INK: Final = "#1d2530"
WIRE: Final = "#2f5f9e"
QUIET: Final = "#5d6876"
_COLOURS: Final = {"name": INK, "value": QUIET, "pin": QUIET, "net": WIRE, "sign": INK}
SEVERITY: Final = {"error": "#c4281c", "warning": "#b86e00", "info": "#2563b0"}
_POINTS: Final = 0.75
"""Points of print per unit of the picture."""


def make_figure(sheet: Sheet, *, scale: float = 1.0) -> Figure:
    """Return a matplotlib figure of a sheet."""
    from matplotlib.colors import hsv_to_rgb
    from matplotlib.figure import Figure

    left, top, right, bottom = sheet.box
    left, top = left - 1, top - 1
    right = max(right + 1, left + max((0.6 * len(note) for note in sheet.notes), default=0))
    bottom += 1 + 1.6 * len(sheet.notes)
    inch = UNIT / 96 * scale
    figure = Figure(figsize=((right - left) * inch, (bottom - top) * inch))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_axis_off()
    factor = _POINTS * scale
    for marked in sheet.marks:
        _marked(axes, marked, factor)
    for wiring in sheet.wirings:
        for path in wiring.paths:
            axes.plot(
                [x for x, _ in path],
                [y for _, y in path],
                color=WIRE,
                linewidth=1.2 * factor,
                solid_capstyle="round",
                solid_joinstyle="round",
            )
        for x, y in wiring.dots:
            axes.plot([x], [y], "o", color=WIRE, markersize=4.6 * factor, markeredgewidth=0)
        for tag in wiring.tags:
            for stroke in tag.strokes:
                _stroke(axes, stroke, 0, 0, factor, WIRE)
            _text(axes, tag.text, 0, 0, factor)
    for item in sheet.placed:
        for stroke in item.symbol.strokes:
            _stroke(axes, stroke, item.x, item.y, factor, INK)
        for text in item.symbol.texts:
            _text(axes, text, item.x, item.y, factor)
    for guess, way in sheet.guesses:
        axes.plot(
            [x for x, _ in way],
            [y for _, y in way],
            color=hsv_to_rgb((0.39 * min(max(guess.probability, 0.0), 1.0), 0.82, 0.7)),
            linewidth=1.6 * factor,
            linestyle=(0, (3, 2.4)),
        )
    for at, note in enumerate(sheet.notes):
        axes.text(
            left + 1,
            bottom - 0.8 - 1.6 * (len(sheet.notes) - 1 - at),
            note,
            color=QUIET,
            fontsize=FONT * factor,
            parse_math=False,
        )
    return figure


def _marked(axes: Any, marked: Marked, factor: float) -> None:
    from matplotlib.colors import to_rgb
    from matplotlib.patches import FancyBboxPatch

    colour = SEVERITY.get(marked.mark.severity, SEVERITY["info"])
    for path in marked.paths:
        axes.plot(
            [x for x, _ in path],
            [y for _, y in path],
            color=colour,
            alpha=0.3,
            linewidth=6 * factor,
            solid_capstyle="round",
        )
    for x0, y0, x1, y1 in marked.boxes:
        axes.add_patch(
            FancyBboxPatch(
                (x0 + 0.5, y0 + 0.5),
                x1 - x0 - 1,
                y1 - y0 - 1,
                boxstyle="round,pad=0.5",
                facecolor=(*to_rgb(colour), 0.1),
                edgecolor=colour,
                linewidth=1.4 * factor,
            )
        )
    x, y = marked.place
    axes.plot([x], [y], "o", color=colour, markersize=16 * factor, markeredgewidth=0)
    axes.text(
        x,
        y + 0.05,
        str(marked.mark.number),
        ha="center",
        va="center",
        color="white",
        fontsize=FONT * factor,
        fontweight="bold",
    )


def _stroke(axes: Any, stroke: Stroke, x: float, y: float, factor: float, colour: str) -> None:
    from matplotlib.patches import Polygon

    points = [(px + x, py + y) for px, py in stroke.points]
    width = (2.0 if stroke.thick else 1.2) * factor
    if stroke.close:
        axes.add_patch(
            Polygon(
                points,
                closed=True,
                fill=stroke.fill,
                facecolor=colour if stroke.fill else "none",
                edgecolor=colour,
                linewidth=width,
                joinstyle="round",
            )
        )
    else:
        axes.plot(
            [px for px, _ in points],
            [py for _, py in points],
            color=colour,
            linewidth=width,
            solid_capstyle="round",
            solid_joinstyle="round",
        )


_ALIGN: Final = {"start": "left", "middle": "center", "end": "right"}


def _text(axes: Any, text: Text, x: float, y: float, factor: float) -> None:
    if text.text:
        axes.text(
            x + text.x,
            y + text.y,
            text.text,
            ha=_ALIGN[text.anchor],
            va="baseline",
            fontsize=FONT * factor * (0.94 if text.role == "value" else 1),
            color=_COLOURS[text.role],
            parse_math=False,
        )


def write_figure(sheets: Sequence[Sheet], path: Path, *, kind: str) -> None:
    """Write sheets: ``png`` takes the first, ``pdf`` one a page."""
    if kind == "png":
        make_figure(sheets[0], scale=1.5).savefig(path, format="png", dpi=96)
        return
    from matplotlib.backends.backend_pdf import PdfPages

    with PdfPages(path, metadata={"CreationDate": None}) as pages:
        for sheet in sheets:
            pages.savefig(make_figure(sheet))
