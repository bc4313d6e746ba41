"""Predicted against simulated: a panel for each quantity, with the intervals that were promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from eda.errors import InputError
from eda.plots.style import COLOURS, INK, QUIET, dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS: Final = 3
MOST_POINTS: Final = 400


def agreement_figure(
    names: Sequence[str],
    simulated: NDArray[np.float64],
    value: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    *,
    units: Mapping[str, str] | None = None,
    logarithmic: Sequence[str] = (),
    title: str = "",
) -> Figure:
    """Return a figure of predictions against simulations, a panel for each quantity.

    Args:
        names: Of the quantities.
        simulated: [designs, quantities]; NaN where there is none.
        value: Predictions, of the same shape.
        low: Lower ends of their intervals.
        high: Upper ends.
        units: By name.
        logarithmic: Quantities drawn on logarithmic axes, where they are positive.
        title: A line above.

    Raises:
        InputError: There are no values to draw.
    """
    from matplotlib.figure import Figure

    if not len(simulated) or not len(names):
        raise InputError("there is nothing to draw: no design was simulated and predicted")
    rows = -(-len(names) // COLUMNS)
    columns = min(COLUMNS, len(names))
    figure = Figure(figsize=(3.1 * columns, 0.4 + 2.9 * rows), layout="constrained")
    if title:
        figure.suptitle(title, color=INK, fontsize=11)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for at, name in enumerate(names):
        _panel(
            axes[at],
            f"{name}{f' / {units[name]}' if units and units.get(name) else ''}",
            *(item[:MOST_POINTS, at] for item in (simulated, value, low, high)),
            logarithmic=name in logarithmic,
        )
    for ax in axes[len(names) :]:
        ax.set_axis_off()
    return figure


def _panel(
    ax: Axes,
    title: str,
    truth: NDArray[np.float64],
    value: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    *,
    logarithmic: bool,
) -> None:
    good = np.isfinite(truth) & np.isfinite(value)
    if logarithmic:
        good &= (truth > 0) & (value > 0)
    ax.set_title(title, fontsize=10, color=INK)
    dress(ax)
    if not good.any():
        return
    truth, value, low, high = truth[good], value[good], low[good], high[good]
    ends = np.array([truth.min(), truth.max()])
    if logarithmic:
        ax.set_xscale("log")
        ax.set_yscale("log")
        low = np.maximum(low, 0.1 * ends[0])
    inside = (truth >= low) & (truth <= high)
    ax.plot(ends, ends, color=QUIET, linewidth=1, zorder=1)
    for which, colour in ((inside, COLOURS[0]), (~inside, COLOURS[1])):
        ax.vlines(truth[which], low[which], high[which], color=colour, alpha=0.25, linewidth=0.8)
        ax.plot(truth[which], value[which], ".", color=colour, markersize=3.5)
    room = 0.2 * (ends[1] - ends[0]) or 1.0
    if not logarithmic:
        ax.set_ylim(ends[0] - room, ends[1] + room)
    else:
        ax.set_ylim(ends[0] / 3, ends[1] * 3)
    ax.set_xlabel("simulated", fontsize=8)
    ax.set_ylabel("predicted", fontsize=8)
