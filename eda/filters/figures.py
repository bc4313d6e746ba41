"""The figures of a design: S-parameters with the mask, Smith chart, delay, step, spread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from eda.filters.curves import Sweep, step
from eda.filters.mask import span
from eda.filters.result import FilterResult
from eda.filters.spec import FilterSpec
from eda.plots.style import COLOURS, GRID, INK, QUIET, dress, legend

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FORBIDDEN: Final = "#c9ced6"
_EDGE: Final = "#8a93a0"
_FLOOR_DB: Final = 15.0
"""How far below the lowest stop band the picture reaches."""


class Shown(Protocol):
    """A design of any technology, as far as its curves go."""

    @property
    def spec(self) -> FilterSpec:
        """What was asked for."""

    def sweep(self, low_hz: float, high_hz: float, *, points: int = 1601) -> Sweep:
        """Return the response between two frequencies."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What another evaluator says of a design.

    Attributes:
        name: Of the evaluator.
        frequency_hz: Ascending.
        s: Points x 2 x 2.
        decides: Whether it has the last word: it is drawn solid, and the marker table reads it.
    """

    name: str
    frequency_hz: NDArray[np.float64]
    s: NDArray[np.complex128]
    decides: bool = False


def response_figure(result: Shown, *beside: Beside) -> Figure:
    """Return |S21| and |S11| across all bands, what the mask forbids shaded, and a marker table.

    Args:
        result: The design.
        beside: Curves of other evaluators.
    """
    from matplotlib.figure import Figure

    spec = result.spec
    low, high = spec.edges_hz
    whole = result.sweep(low / 1.2, high * 1.2)
    figure = Figure(figsize=(9.0, 5.0), layout="constrained")
    ax: Axes = figure.subplots()
    wide = high > 3 * low
    if wide:
        ax.set_xscale("log")
    depth = max(band.atten_min_db for band in spec.stopbands)
    floor = -(depth + _FLOOR_DB) - 10.0
    top = max(float(whole.gain_db.max()) + 2.0, 3.0)
    ax.set_ylim(max(floor, -160.0), top + 2.0)
    ax.set_xlim(whole.frequency_hz[0], whole.frequency_hz[-1])
    _shade(ax, result)
    if isinstance(result, FilterResult):
        _spread(ax, result)
    name = "S21" if spec.technology != "active_rc" else "gain"
    own = ", closed forms" if beside else ""
    ax.plot(
        whole.frequency_hz, whole.gain_db, color=COLOURS[0], linewidth=1.7, label=f"|{name}|{own}"
    )
    if spec.technology != "active_rc":
        ax.plot(
            whole.frequency_hz,
            -whole.return_loss_db,
            color=COLOURS[1],
            linewidth=1.2,
            label=f"|S11|{own}",
        )
    shown = whole.frequency_hz, whole.gain_db
    for number, other in enumerate(reversed(beside)):
        levels = 20 * np.log10(np.maximum(np.abs(other.s), 1e-9))
        if other.decides:
            shown = other.frequency_hz, levels[:, 1, 0]
        for row, width in ((1, 1.7), (0, 1.2)):
            ax.plot(
                other.frequency_hz,
                levels[:, row, 0],
                color=COLOURS[(3 - row + 2 * number) % len(COLOURS)],
                label=f"|S{row + 1}1|, {other.name}",
                linewidth=width if other.decides else width - 0.4,
                linestyle="-" if other.decides else "--",
            )
    _markers(ax, result, *shown)
    dress(ax, x_unit="Hz", minor=wide)
    ax.set_xlabel("frequency")
    ax.set_ylabel("dB")
    ax.legend(
        loc="upper left", bbox_to_anchor=(1.005, 1.0), frameon=False, fontsize=9, labelcolor=INK
    )
    return figure


def passband_figure(result: Shown) -> Figure:
    """Return each pass band close up: gain, and return loss on its own axis."""
    from matplotlib.figure import Figure

    bands = result.spec.passbands
    figure = Figure(figsize=(9.0, 3.2), layout="constrained")
    axes = figure.subplots(1, len(bands), squeeze=False)[0]
    for ax, band in zip(axes, bands, strict=True):
        ratio = (band.f_hi_hz / band.f_lo_hz) ** 0.15
        near = result.sweep(band.f_lo_hz / ratio, band.f_hi_hz * ratio, points=801)
        if band.f_hi_hz > 3 * band.f_lo_hz:
            ax.set_xscale("log")
        inside = (near.frequency_hz >= band.f_lo_hz) & (near.frequency_hz <= band.f_hi_hz)
        bottom = -band.il_max_db
        ax.axvspan(band.f_lo_hz, band.f_hi_hz, color="#eef4fb", zorder=0)
        ax.fill_between([band.f_lo_hz, band.f_hi_hz], bottom, bottom - 100, color=_FORBIDDEN)
        ax.plot([band.f_lo_hz, band.f_hi_hz], [bottom, bottom], color=_EDGE, linewidth=1.0)
        ax.plot(near.frequency_hz, near.gain_db, color=COLOURS[0], linewidth=1.7)
        peak = float(near.gain_db[inside].max())
        ax.set_ylim(bottom - 0.6 * max(band.il_max_db, 0.5), peak + 0.4 * max(band.il_max_db, 0.5))
        ax.set_xlim(near.frequency_hz[0], near.frequency_hz[-1])
        ax.set_title(f"pass band {span(band.f_lo_hz, band.f_hi_hz)}", fontsize=9, color=INK)
        dress(ax, x_unit="Hz")
        ax.tick_params(axis="x", labelsize=8)
        ax.set_ylabel("gain / dB", color=COLOURS[0])
        if band.rl_min_db > 0:
            other = ax.twinx()
            other.plot(near.frequency_hz, near.return_loss_db, color=COLOURS[1], linewidth=1.2)
            other.plot(
                [band.f_lo_hz, band.f_hi_hz],
                [band.rl_min_db] * 2,
                color=COLOURS[1],
                linewidth=1.0,
                linestyle=(0, (4, 3)),
            )
            other.set_ylim(0, max(30.0, band.rl_min_db + 15))
            other.invert_yaxis()
            other.set_ylabel("return loss / dB", color=COLOURS[1])
            other.tick_params(colors=INK, labelsize=8)
            other.spines["top"].set_visible(False)
    return figure


def smith_figure(result: Shown) -> Figure:
    """Return S11 on a Smith chart: the whole sweep thin, the pass bands thick."""
    from matplotlib.figure import Figure

    spec = result.spec
    low, high = spec.edges_hz
    whole = result.sweep(low / 1.2, high * 1.2, points=3001)
    figure = Figure(figsize=(4.6, 4.6), layout="constrained")
    ax: Axes = figure.subplots()
    _smith_grid(ax)
    ax.plot(whole.s11.real, whole.s11.imag, color=COLOURS[1], linewidth=0.9, alpha=0.55)
    for band in spec.passbands:
        near = result.sweep(band.f_lo_hz, band.f_hi_hz, points=601)
        ax.plot(near.s11.real, near.s11.imag, color=COLOURS[1], linewidth=2.2)
        for at, text in ((0, band.f_lo_hz), (-1, band.f_hi_hz)):
            point = near.s11[at]
            ax.plot([point.real], [point.imag], "o", color=INK, markersize=4)
            ax.annotate(
                span(text, text).split("-")[-1],
                (point.real, point.imag),
                # The edges of a narrow band lie close: one name above its point, one below.
                (6, 5) if at == 0 else (6, -12),
                textcoords="offset points",
                fontsize=8,
                color=INK,
            )
        if band.rl_min_db > 0:
            circle = 10 ** (-band.rl_min_db / 20) * np.exp(1j * np.linspace(0, 2 * np.pi, 200))
            ax.plot(
                circle.real, circle.imag, color=COLOURS[2], linewidth=1.0, linestyle=(0, (4, 3))
            )
    ax.set_title(f"S11, {spec.zs_ohm:g} ohm", fontsize=10, color=INK)
    return figure


def delay_figure(result: Shown) -> Figure:
    """Return the group delay through each pass band."""
    from matplotlib.figure import Figure

    bands = result.spec.passbands
    figure = Figure(figsize=(4.6, 3.2), layout="constrained")
    ax: Axes = figure.subplots()
    for at, band in enumerate(bands):
        near = result.sweep(band.f_lo_hz, band.f_hi_hz, points=601)
        ax.plot(near.frequency_hz, near.delay_s, color=COLOURS[at], linewidth=1.7)
    if bands[-1].f_hi_hz > 3 * bands[0].f_lo_hz:
        ax.set_xscale("log")
    dress(ax, x_unit="Hz", y_unit="s")
    ax.tick_params(axis="x", labelsize=8)
    ax.set_xlabel("frequency")
    ax.set_title("group delay", fontsize=10, color=INK)
    return figure


def step_figure(result: FilterResult) -> Figure:
    """Return the output of an active filter after a step of 1 V at its source."""
    from matplotlib.figure import Figure

    time, volts = step(result)
    figure = Figure(figsize=(4.6, 3.2), layout="constrained")
    ax: Axes = figure.subplots()
    ax.axhline(0.0, color=QUIET, linewidth=0.8)
    ax.plot(time, volts, color=COLOURS[3], linewidth=1.7)
    dress(ax, x_unit="s", y_unit="V")
    ax.set_xlabel("time")
    ax.set_title("step response, 1 V at the source", fontsize=10, color=INK)
    return figure


def yield_figure(result: FilterResult) -> Figure:
    """Return how the least margin is spread over a batch."""
    from matplotlib.figure import Figure

    margins = np.clip(result.batch.margins_db, -10.0, None)
    figure = Figure(figsize=(4.6, 3.2), layout="constrained")
    ax: Axes = figure.subplots()
    # One edge lies at zero, so that no bar holds filters of both sorts.
    width = max(float(np.ptp(margins)), 0.05) / 28
    first, last = np.floor(margins.min() / width), np.ceil(margins.max() / width) + 1
    bins = width * np.arange(first, max(last, 1) + 1)
    ax.hist(margins[margins >= 0], bins=list(bins), color=COLOURS[2], label="keeps the mask")
    ax.hist(margins[margins < 0], bins=list(bins), color=COLOURS[6], label="does not")
    ax.axvline(0.0, color=INK, linewidth=1.0)
    dress(ax)
    ax.set_xlabel("least margin / dB")
    ax.set_ylabel(f"filters of {result.batch.trials}")
    low, high = result.batch.interval
    ax.set_title(
        f"yield {result.batch.share:.0%} ({low:.0%} to {high:.0%})", fontsize=10, color=INK
    )
    legend(ax, 2)
    return figure


def _spread(ax: Axes, result: FilterResult) -> None:
    """Shade what a batch of filters does within the tolerances of their parts."""
    spec = result.spec
    mask = result.batch_mask
    order = np.argsort(mask.frequency_hz, kind="stable")
    for at in range(len(spec.bands)):
        here = order[mask.band[order] == at]
        ax.fill_between(
            mask.frequency_hz[here],
            result.batch.gain_low_db[here],
            result.batch.gain_high_db[here],
            color=COLOURS[0],
            alpha=0.22,
            linewidth=0,
            label="spread of the parts" if at == 0 else "_nolegend_",
        )


def _shade(ax: Axes, result: Shown) -> None:
    bottom, top = ax.get_ylim()
    for band in result.spec.passbands:
        ends = [band.f_lo_hz, band.f_hi_hz]
        ax.fill_between(ends, bottom, -band.il_max_db, color=_FORBIDDEN, alpha=0.45, linewidth=0)
        ax.plot(ends, [-band.il_max_db] * 2, color=_EDGE, linewidth=1.0)
        if band.rl_min_db > 0:
            ax.plot(
                ends,
                [-band.rl_min_db] * 2,
                color=COLOURS[1],
                linewidth=1.0,
                linestyle=(0, (4, 3)),
            )
    for stop in result.spec.stopbands:
        ends = [stop.f_lo_hz, stop.f_hi_hz]
        ax.fill_between(ends, -stop.atten_min_db, top, color=_FORBIDDEN, alpha=0.75, linewidth=0)
        ax.plot(ends, [-stop.atten_min_db] * 2, color=_EDGE, linewidth=1.0)


def _markers(
    ax: Axes, result: Shown, frequency_hz: NDArray[np.float64], gain_db: NDArray[np.float64]
) -> None:
    """Number the inner edges of the bands, and say the gain there, as an analyser does."""
    edges = sorted(
        {band.f_lo_hz for band in result.spec.bands} | {band.f_hi_hz for band in result.spec.bands}
    )
    low, high = result.spec.edges_hz
    inner = [edge for edge in edges if low < edge < high][:6]
    lines = []
    for number, edge in enumerate(inner, 1):
        gain = float(np.interp(edge, frequency_hz, gain_db))
        ax.plot([edge], [gain], marker="v", color=INK, markersize=6, zorder=5)
        ax.annotate(
            str(number), (edge, gain), (0, 7), textcoords="offset points", ha="center", fontsize=8
        )
        lines.append(f"{number}  {span(edge, edge).split('-')[-1]:>12}  {gain:8.2f} dB")
    if lines:
        ax.text(
            1.01,
            0.62,
            "\n".join(lines),
            transform=ax.transAxes,
            family="monospace",
            fontsize=8,
            color=INK,
            va="top",
        )


def _smith_grid(ax: Axes) -> None:
    turn = np.exp(1j * np.linspace(0, 2 * np.pi, 361))
    ax.plot(turn.real, turn.imag, color=QUIET, linewidth=1.0)
    ax.plot([-1, 1], [0, 0], color=GRID, linewidth=0.9)
    for r in (0.2, 0.5, 1.0, 2.0, 5.0):
        circle = r / (1 + r) + turn / (1 + r)
        ax.plot(circle.real, circle.imag, color=GRID, linewidth=0.9)
    x = np.concatenate([np.geomspace(1e-4, 1, 60) - 1e-4, np.geomspace(1, 400, 60)])
    for reactance in (0.2, 0.5, 1.0, 2.0, 5.0):
        for sign in (1, -1):
            z = x + 1j * sign * reactance
            arc = (z - 1) / (z + 1)
            ax.plot(arc.real, arc.imag, color=GRID, linewidth=0.9)
    ax.set_aspect("equal")
    ax.set_xlim(-1.08, 1.08)
    ax.set_ylim(-1.08, 1.08)
    ax.axis("off")


def figures(result: FilterResult) -> list[tuple[str, Any]]:
    """Return every figure of a design with its name, in the order of a report."""
    made = [
        ("response", response_figure(result)),
        ("passband", passband_figure(result)),
        ("smith", smith_figure(result)),
        ("delay", delay_figure(result)),
        ("yield", yield_figure(result)),
    ]
    if result.spec.technology == "active_rc":
        made.insert(4, ("step", step_figure(result)))
    return made
