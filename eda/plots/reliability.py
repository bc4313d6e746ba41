"""The reliability plot: how often answers are right, over how likely they were said to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from eda.errors import InputError
from eda.plots.style import COLOURS, INK, QUIET, dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_reliability(
    curves: Mapping[str, Sequence[tuple[float, float, int]]], *, ax: Axes | None = None
) -> Axes:
    """Draw the share of right answers over the mean probability said, bin by bin.

    On the dashed line what is said comes true. A bin's mark is larger where it holds more
    answers, and its bar is the 95 % interval of its share (Wilson's).

    Args:
        curves: By name: (mean probability, share right, answers) of each bin.
        ax: Axes to draw on; None makes a figure.

    Raises:
        InputError: There is no bin to draw.

    Example:
        >>> ax = plot_reliability({"held out": [(0.3, 0.25, 40), (0.9, 0.92, 200)]})
        >>> ax.get_ylabel()
        'share right'
    """
    if not any(curves.values()):
        raise InputError("there is no answer to draw a reliability plot of")
    if ax is None:
        from matplotlib.figure import Figure

        ax = Figure(figsize=(5.2, 4.6), layout="constrained").subplots()
    ax.plot((0, 1), (0, 1), color=QUIET, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1)
    most = max(count for bins in curves.values() for _, _, count in bins)
    for number, (name, bins) in enumerate(curves.items()):
        colour = COLOURS[number % len(COLOURS)]
        said = [item[0] for item in bins]
        right = [item[1] for item in bins]
        bounds = [_wilson(item[1], item[2]) for item in bins]
        low = [max(0.0, share - bound[0]) for share, bound in zip(right, bounds, strict=True)]
        high = [max(0.0, bound[1] - share) for share, bound in zip(right, bounds, strict=True)]
        total = sum(item[2] for item in bins)
        error = sum(abs(a - b) * n for a, b, n in bins) / total
        ax.errorbar(
            said, right, yerr=(low, high), color=colour, linewidth=1.2, elinewidth=0.9, zorder=2
        )
        ax.scatter(
            said,
            right,
            s=[14 + 80 * (item[2] / most) ** 0.5 for item in bins],
            color=colour,
            edgecolor="white",
            linewidth=0.8,
            zorder=3,
            label=f"{name}: {total} answers, calibration error {error:.3f}",
        )
    ax.set_xlim(0, 1.02)
    ax.set_ylim(0, 1.02)
    ax.set_xlabel("mean probability said")
    ax.set_ylabel("share right")
    dress(ax)
    ax.legend(loc="upper left", frameon=False, fontsize=9, labelcolor=INK, markerscale=0.7)
    return ax


def _wilson(share: float, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of so many."""
    z = 1.959964
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * (share * (1 - share) / count + z * z / (4 * count**2)) ** 0.5
    return centre - half, centre + half
