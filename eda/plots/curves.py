"""The curves designers expect of each analysis; each function draws one kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.errors import InputError
from eda.plots.choose import chosen
from eda.plots.style import COLOURS, INK, QUIET, dress, legend, new_figure
from eda.spice.simulation import Waveforms

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


_SWEPT: Final = {
    **{"v": "V", "i": "A", "t": "\N{DEGREE SIGN}C"},
    "r": "\N{GREEK CAPITAL LETTER OMEGA}",
}
"""Units of a sweep by the first letter of what is swept."""


def plot_bode(
    waveforms: Waveforms,
    names: Sequence[str] | None = None,
    *,
    ax: tuple[Axes, Axes] | None = None,
) -> tuple[Axes, Axes]:
    """Draw magnitude (dB) and phase (degrees, unwrapped) over frequency.

    A single curve that falls through 0 dB gets its unity-gain frequency marked.

    Args:
        waveforms: Of an AC analysis.
        names: Which; None chooses the outputs.
        ax: Axes for the two parts; None makes a figure.
    """
    frequency = _axis(waveforms, "frequency_hz", "an AC analysis")
    above, below = ax or _pair()
    picked = [name for name in chosen(waveforms, names) if np.abs(waveforms.arrays[name]).any()]
    for name, colour in zip(picked, _colours(len(picked)), strict=True):
        values = waveforms.arrays[name]
        magnitude = 20 * np.log10(np.maximum(np.abs(values), 1e-30))
        phase = np.degrees(np.unwrap(np.angle(values)))
        above.plot(frequency, magnitude, color=colour, linewidth=1.6, label=name)
        below.plot(frequency, phase, color=colour, linewidth=1.6)
        if len(picked) == 1:
            _mark_unity_gain(above, below, frequency, magnitude, phase)
    for axes in (above, below):
        axes.set_xscale("log" if len(frequency) > 1 and frequency[0] > 0 else "linear")
        axes.margins(x=0)
    dress(above, x_unit="Hz", minor=True)
    dress(below, x_unit="Hz", minor=True)
    above.tick_params(labelbottom=False)
    above.set_ylabel("magnitude / dB")
    below.set_ylabel("phase / degrees")
    below.set_xlabel("frequency")
    _phase_ticks(below)
    legend(above, len(picked))
    return above, below


def plot_transient(
    waveforms: Waveforms, names: Sequence[str] | None = None, *, ax: Axes | None = None
) -> Axes:
    """Draw voltages or currents over time.

    Args:
        waveforms: Of a transient analysis.
        names: Which; None chooses the outputs and what moves most.
        ax: Where; None makes a figure.
    """
    time = _axis(waveforms, "time_s", "a transient analysis")
    axes = ax or new_figure().axes[0]
    _lines(axes, time, waveforms, chosen(waveforms, names))
    dress(axes, x_unit="s", y_unit=_unit(waveforms, chosen(waveforms, names)))
    axes.set_xlabel("time")
    return axes


def plot_transfer(
    waveforms: Waveforms, names: Sequence[str] | None = None, *, ax: Axes | None = None
) -> Axes:
    """Draw transfer curves over a swept source; one branch for each value of a second sweep.

    Args:
        waveforms: Of a DC analysis.
        names: Which; None chooses the outputs and what moves most.
        ax: Where; None makes a figure.
    """
    sweep = _axis(waveforms, "sweep", "a DC sweep")
    axes = ax or new_figure().axes[0]
    picked = chosen(waveforms, names)
    # Where the inner sweep starts again, the line is broken.
    breaks = np.flatnonzero(np.sign(np.diff(sweep)) != np.sign(sweep[-1] - sweep[0])) + 1
    if len(sweep) > 1 and sweep[-1] == sweep[0]:
        breaks = np.zeros(0, dtype=int)
    _lines(axes, sweep, waveforms, picked, breaks)
    analysis = waveforms.analysis
    source = getattr(analysis, "source", "") if analysis is not None else ""
    unit = _SWEPT.get(source[:1].lower(), "")
    dress(axes, x_unit=unit, y_unit=_unit(waveforms, picked))
    axes.set_xlabel(source or "sweep")
    return axes


def plot_noise(waveforms: Waveforms, *, ax: Axes | None = None) -> Axes:
    """Draw the noise densities at the output and referred to the input, in V per root hertz.

    Args:
        waveforms: Of a noise analysis.
        ax: Where; None makes a figure.
    """
    frequency = _axis(waveforms, "frequency_hz", "a noise analysis")
    axes = ax or new_figure().axes[0]
    labels = {"onoise_spectrum": "at the output", "inoise_spectrum": "referred to the input"}
    there = [name for name in labels if name in waveforms.arrays]
    for name, colour in zip(there, COLOURS, strict=False):
        values = np.abs(waveforms.arrays[name])
        axes.plot(frequency, values, color=colour, linewidth=1.6, label=labels[name])
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.margins(x=0)
    dress(axes, x_unit="Hz", y_unit="V", minor=True)
    axes.set_xlabel("frequency")
    axes.set_ylabel("noise density per root hertz")
    legend(axes, len(there))
    return axes


def plot_s_parameters(
    waveforms: Waveforms, names: Sequence[str] | None = None, *, ax: Axes | None = None
) -> Axes:
    """Draw the magnitudes of S-parameters in dB over frequency.

    Args:
        waveforms: Of an S-parameter analysis.
        names: As ``s_2_1``; None takes the first column, what a wave into port 1 becomes.
        ax: Where; None makes a figure.
    """
    frequency = _axis(waveforms, "frequency_hz", "an S-parameter analysis")
    axes = ax or new_figure().axes[0]
    first = [name for name in waveforms if name.startswith("s_") and name.endswith("_1")]
    picked = chosen(waveforms, names) if names is not None else first
    for name, colour in zip(picked, _colours(len(picked)), strict=True):
        values = 20 * np.log10(np.maximum(np.abs(waveforms.arrays[name]), 1e-30))
        label = name.replace("s_", "S").replace("_", "")
        axes.plot(frequency, values, color=colour, linewidth=1.6, label=label)
    axes.margins(x=0)
    dress(axes, x_unit="Hz")
    axes.set_xlabel("frequency")
    axes.set_ylabel("magnitude / dB")
    legend(axes, len(picked))
    return axes


def _axis(waveforms: Waveforms, name: str, what: str) -> NDArray[np.float64]:
    if waveforms.axis_name != name or not len(waveforms.axis):
        raise InputError(f"these waveforms are not of {what}")
    return waveforms.axis


def _pair() -> tuple[Axes, Axes]:
    above, below = new_figure(2, share_x=True, heights=(1.25, 1.0)).axes
    return above, below


def _colours(count: int) -> list[str]:
    return [COLOURS[index % len(COLOURS)] for index in range(count)]


def _lines(
    axes: Axes,
    axis: NDArray[np.float64],
    waveforms: Waveforms,
    names: Sequence[str],
    breaks: NDArray[np.int64] | None = None,
) -> None:
    for name, colour in zip(names, _colours(len(names)), strict=True):
        values = np.asarray(waveforms.arrays[name]).real
        label = name
        parts = np.split(np.arange(len(axis)), breaks) if breaks is not None else [slice(None)]
        for part in parts:
            axes.plot(axis[part], values[part], color=colour, linewidth=1.6, label=label)
            label = "_nolegend_"
    axes.margins(x=0)
    legend(axes, len(names))


def _unit(waveforms: Waveforms, names: Sequence[str]) -> str:
    units = {waveforms.units.get(name, "") for name in names}
    return units.pop() if len(units) == 1 else ""


def _mark_unity_gain(
    above: Axes,
    below: Axes,
    frequency: NDArray[np.float64],
    magnitude: NDArray[np.float64],
    phase: NDArray[np.float64],
) -> None:
    falls = np.flatnonzero((magnitude[:-1] >= 0) & (magnitude[1:] < 0))
    if not len(falls) or frequency[0] <= 0 or magnitude.max() < 1:
        return
    at = falls[0]
    share = magnitude[at] / (magnitude[at] - magnitude[at + 1])
    logs = np.log10(frequency)
    unity = 10 ** (logs[at] + share * (logs[at + 1] - logs[at]))
    there = phase[at] + share * (phase[at + 1] - phase[at])
    from matplotlib.ticker import EngFormatter

    said = EngFormatter(unit="Hz", places=1, sep=" ")(unity)
    above.axhline(0, color=QUIET, linewidth=0.8)
    for axes in (above, below):
        axes.axvline(unity, color=QUIET, linewidth=0.8, linestyle=(0, (4, 3)))
    above.plot([unity], [0], "o", color=INK, markersize=4)
    below.plot([unity], [there], "o", color=INK, markersize=4)
    # Both curves fall, so there is room below on the left; at the left edge above on the right.
    early = np.log(unity / frequency[0]) < 0.3 * np.log(frequency[-1] / frequency[0])
    shift = (8, 8) if early else (-8, -15)
    side = "left" if early else "right"
    above.annotate(
        f"unity gain {said}",
        (unity, 0),
        shift,
        textcoords="offset points",
        ha=side,
        fontsize=9,
        color=INK,
    )
    below.annotate(
        f"{there:.1f}\N{DEGREE SIGN}",
        (unity, there),
        shift,
        textcoords="offset points",
        ha=side,
        fontsize=9,
        color=INK,
    )


def _phase_ticks(axes: Axes) -> None:
    from matplotlib.ticker import MultipleLocator

    low, high = axes.get_ylim()
    for step in (15, 30, 45, 90, 180, 360, 720):
        if (high - low) / step <= 7:
            axes.yaxis.set_major_locator(MultipleLocator(step))
            return
