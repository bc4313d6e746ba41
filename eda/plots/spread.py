"""How values scatter: a histogram of each, and its quantiles against those of a normal one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from eda.errors import InputError
from eda.plots.style import COLOURS, INK, QUIET, dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS: Final = 16

_ENGINEERING: Final = frozenset(("V", "A", "W", "s", "Hz", "F", "ohm", "J", "V/s"))
"""Units that take prefixes."""


def spread_figure(
    values: Mapping[str, NDArray[np.float64]],
    *,
    units: Mapping[str, str] | None = None,
    limits: Mapping[str, float] | None = None,
    title: str = "",
) -> Figure:
    """Return a figure with a row for each quantity: histogram, and normal quantiles.

    Points on the straight line are as a normal distribution of the same mean and deviation would
    have them; tails that leave it are why a yield must be counted and not worked out from sigma.

    Args:
        values: The samples by name.
        units: By name.
        limits: Bounds by name, drawn as a line.
        title: A line above.

    Raises:
        InputError: There are no values to draw.
    """
    from matplotlib.figure import Figure

    shown = {name: item for name, item in values.items() if len(item) > 1}
    if not shown:
        raise InputError("there is nothing to draw: no quantity has two values")
    shown = dict(list(shown.items())[:MOST_ROWS])
    figure = Figure(figsize=(8.4, 0.5 + 2.1 * len(shown)), layout="constrained")
    if title:
        figure.suptitle(title, color=INK, fontsize=11)
    rows = figure.subplots(len(shown), 2, squeeze=False, width_ratios=(1.2, 1))
    for (left, right), (name, item) in zip(rows, shown.items(), strict=True):
        unit = (units or {}).get(name, "")
        limit = (limits or {}).get(name)
        _histogram(left, item, name, unit, limit)
        _quantiles(right, item, unit, limit)
    rows[-1][1].set_xlabel("standard deviations of a normal distribution")
    return figure


def _histogram(
    ax: Axes, values: NDArray[np.float64], name: str, unit: str, limit: float | None
) -> None:
    away = _away(values, limit)
    bins = int(np.clip(np.ceil(2 * len(values) ** (1 / 3)), 5, 60))
    ax.hist(values, bins=bins, color=COLOURS[0], edgecolor="white", linewidth=0.5)
    if limit is not None and not away:
        ax.axvline(limit, color=COLOURS[1], linewidth=1.2)
    if limit is not None:
        # Above the bars, so that it is readable wherever the bound lies.
        ax.annotate(
            (
                "target",
                f"target {limit:.4g} \N{RIGHTWARDS ARROW}",
                f"\N{LEFTWARDS ARROW} target {limit:.4g}",
            )[away],
            (limit if not away else max(away, 0), 1.0),
            xycoords=("axes fraction" if away else "data", "axes fraction"),
            xytext=(-3 if away > 0 else 3, 1),
            textcoords="offset points",
            horizontalalignment="right" if away > 0 else "left",
            color=COLOURS[1],
            fontsize=8,
        )
    prefixed = unit if unit in _ENGINEERING else ""
    dress(ax, x_unit=prefixed)
    ax.locator_params(axis="x", nbins=5)
    ax.set_ylabel("samples")
    ax.set_title(
        f"{name}{f' / {unit}' if unit and not prefixed else ''}", fontsize=10, color=INK, pad=14
    )


def _quantiles(ax: Axes, values: NDArray[np.float64], unit: str, limit: float | None) -> None:
    from scipy.special import ndtri

    ordered = np.sort(values)
    count = len(ordered)
    # Blom's positions: the mean of the k-th of n normal draws, very nearly.
    normal = ndtri((np.arange(1, count + 1) - 0.375) / (count + 0.25))
    ends = np.array([normal[0], normal[-1]])
    ax.plot(ends, ordered.mean() + ordered.std(ddof=1) * ends, color=QUIET, linewidth=1)
    ax.plot(normal, ordered, ".", color=COLOURS[0], markersize=3)
    if limit is not None and not _away(values, limit):
        ax.axhline(limit, color=COLOURS[1], linewidth=1.2)
    dress(ax, y_unit=unit if unit in _ENGINEERING else "")


def _away(values: NDArray[np.float64], limit: float | None) -> int:
    """Return 1 or -1 where a bound lies so far above or below that its line would hide the rest."""
    low, high = float(values.min()), float(values.max())
    room = 1.5 * (high - low)
    if limit is None or low - room <= limit <= high + room:
        return 0
    return 1 if limit > high else -1
