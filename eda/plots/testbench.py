"""The figure of a testbench: the curves a data sheet shows, two beside each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.errors import InputError
from eda.plots.style import COLOURS, INK, QUIET, dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from eda.spice.testbenches import Panel, TestbenchResult

COLUMNS: Final = 2
WIDTH_IN: Final = 10.0
HEIGHT_IN: Final = 2.9
DECADES: Final = 7
"""More decades than this are numbered every second or third one."""


def testbench_figure(result: TestbenchResult) -> Figure:
    """Return a figure of every panel of a testbench's result.

    Raises:
        InputError: There is nothing to draw, because nothing could be simulated.
    """
    from matplotlib.figure import Figure

    if not result.panels:
        raise InputError(f"there is no curve of {result.name} to draw; its notes say why")
    rows = math.ceil(len(result.panels) / COLUMNS)
    size = (WIDTH_IN, 0.5 + HEIGHT_IN * rows)
    figure = Figure(figsize=size, layout="constrained")
    figure.suptitle(f"{result.name}: {result.kind}", color=INK, fontsize=12)
    grid = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for axes, panel in zip(grid, result.panels, strict=False):
        draw_panel(panel, axes)
    for axes in grid[len(result.panels) :]:
        axes.set_axis_off()
    return figure


testbench_figure.__test__ = False  # type: ignore[attr-defined]  # its name begins like a test's


def draw_panel(panel: Panel, axes: Axes) -> None:
    """Draw one panel."""
    for at, line in enumerate(panel.lines):
        colour = COLOURS[at % len(COLOURS)]
        label = line.label or "_nolegend_"
        points = "o" if len(line.x) <= 12 else ""
        axes.plot(
            line.x, line.y, color=colour, linewidth=1.5, label=label, marker=points, markersize=3.5
        )
    axes.set_xscale("log" if panel.x_log else "linear")
    axes.set_yscale("log" if panel.y_log else "linear")
    axes.margins(x=0 if len(panel.lines[0].x) > 12 else 0.03, y=0.08)
    dress(axes, x_unit=panel.x[1], y_unit=panel.y[1], minor=panel.x_log and len(panel.lines) < 3)
    if panel.x_log:
        _decades(axes, panel)
    _flat(axes, panel)
    axes.set_title(panel.title, fontsize=10, color=INK, loc="left")
    axes.set_xlabel(panel.x[0], fontsize=9)
    axes.set_ylabel(panel.y[0], fontsize=9)
    for x, y, text in panel.marks:
        _mark(axes, x, y, text.replace("{x}", _told(x, panel.x[1])))
    named = sum(bool(line.label) for line in panel.lines)
    if named:
        # Beside the title, where no curve can run through it.
        axes.legend(
            loc="lower right",
            bbox_to_anchor=(1.0, 0.985),
            ncols=named,
            frameon=False,
            fontsize=8.5,
            labelcolor=INK,
            handlelength=1.4,
            columnspacing=1.0,
            borderaxespad=0.1,
        )


def _decades(axes: Axes, panel: Panel) -> None:
    from matplotlib.ticker import LogLocator, NullLocator

    low = min(float(line.x[line.x > 0].min()) for line in panel.lines if (line.x > 0).any())
    high = max(float(line.x.max()) for line in panel.lines)
    count = math.log10(high / low) if high > low else 0.0
    if count > DECADES:
        step = math.ceil(count / DECADES)
        axes.xaxis.set_major_locator(LogLocator(base=10.0**step))
        axes.xaxis.set_minor_locator(NullLocator())
    elif count < 1.5:
        from matplotlib.ticker import NullFormatter

        axes.xaxis.set_major_locator(LogLocator(base=10.0, subs=(1.0, 2.0, 5.0)))
        axes.xaxis.set_minor_formatter(NullFormatter())


def _flat(axes: Axes, panel: Panel) -> None:
    """Give a curve that does not move some room, lest rounding fill the axes."""
    values = np.concatenate([line.y[np.isfinite(line.y)] for line in panel.lines])
    if panel.y_log or not values.size:
        return
    low, high = float(values.min()), float(values.max())
    least = max(1e-6 * max(abs(low), abs(high)), 1e-15)
    if high - low < least:
        room = max(0.1 * abs(high), 1e-6)
        axes.set_ylim(low - room, high + room)


def _mark(axes: Axes, x: float, y: float, text: str) -> None:
    axes.plot([x], [y], "o", color=INK, markersize=4)
    axes.axvline(x, color=QUIET, linewidth=0.8, linestyle=(0, (4, 3)))
    left = axes.transAxes.inverted().transform(axes.transData.transform((x, y)))[0] > 0.5
    axes.annotate(
        text,
        (x, y),
        (-6, -12) if left else (6, 6),
        textcoords="offset points",
        ha="right" if left else "left",
        fontsize=8.5,
        color=INK,
    )


def _told(value: float, unit: str) -> str:
    from matplotlib.ticker import EngFormatter

    return EngFormatter(unit=unit, places=1, sep=" ")(value)
