"""How figures look: colours that everybody can tell apart, engineering units, thin grids."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS: Final = (
    "#1f5fa8",
    "#d1602b",
    "#2f8f5b",
    "#7b4aa0",
    "#b8902a",
    "#3a9bb5",
    "#a03a4c",
    "#555555",
)
GRID: Final = "#dcdfe3"
INK: Final = "#30343a"
QUIET: Final = "#80868e"


def new_figure(rows: int = 1, *, heights: tuple[float, ...] = (), share_x: bool = False) -> Figure:
    """Return an empty figure with one column of axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 3.6 if rows == 1 else 2.5 * rows), layout="constrained")
    ratios: Any = heights or None
    figure.subplots(rows, 1, sharex=share_x, height_ratios=ratios)
    return figure


_SHORT_DECADES: Final = 2.0
"""Logarithmic axes shorter than this have ticks at 1, 2 and 5."""


def dress(ax: Axes, *, x_unit: str = "", y_unit: str = "", minor: bool = False) -> None:
    """Give axes their look; units stand at the ticks, with their prefixes."""
    from matplotlib.ticker import EngFormatter, LogLocator, NullFormatter

    ax.set_axisbelow(True)
    ax.grid(True, which="major", color=GRID, linewidth=0.8)
    if minor:
        ax.grid(True, which="minor", color=GRID, linewidth=0.4, alpha=0.7)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(QUIET)
    ax.tick_params(colors=INK, labelsize=9)
    for axis, unit in ((ax.xaxis, x_unit), (ax.yaxis, y_unit)):
        axis.label.set_color(INK)
        if unit:
            low, high = axis.get_view_interval()
            if axis.get_scale() == "log":
                # A tick a decade says too little of a short span; half-written powers say it ugly.
                if 0 < low < high and math.log10(high / low) < _SHORT_DECADES:
                    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
                axis.set_minor_formatter(NullFormatter())
            axis.set_major_formatter(EngFormatter(unit=unit, sep="\N{THIN SPACE}"))


def legend(ax: Axes, count: int) -> None:
    """Name the curves, beside the axes where they are many."""
    if count > 4:
        ax.legend(
            loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, fontsize=9, labelcolor=INK
        )
    elif count:
        ax.legend(loc="best", frameon=False, fontsize=9, labelcolor=INK)
