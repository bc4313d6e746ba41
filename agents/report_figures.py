"""The pictures of a sizing report, as SVG."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.agents.goal import Scales, shortfall
from eda.plots import plot_bode, plot_noise, plot_transient, spread_figure
from eda.plots.style import COLOURS, GRID, INK, QUIET, dress, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from eda.agents.result import SizingResult

_ENGINEERING = ("V", "A", "W", "Hz", "s", "ohm", "F", "V/s")
MOST_SHOWN = 8


def figures(result: SizingResult) -> dict[str, str]:
    """Return what there is to draw, as SVG by name; a picture without data is left out."""
    makers = {
        "convergence": _convergence,
        "pareto": _pareto,
        "bode": _bode,
        "noise": _noise,
        "tran": _transient,
        "corners": _corners,
        "samples": _samples,
    }
    made = {}
    for name, maker in makers.items():
        figure = maker(result)
        if figure is not None:
            made[name] = _svg(figure)
    return made


def _svg(figure: Figure) -> str:
    out = StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    text = out.getvalue()
    return re.sub(r"(?s)^.*?(?=<svg)", "", text)


def _convergence(result: SizingResult) -> Figure | None:
    if not result.trials:
        return None
    gaps = [shortfall(result.case, result.goal, t.result.metrics) for t in result.trials]
    figure = new_figure()
    axes = figure.axes[0]
    x = np.arange(1, len(gaps) + 1)
    met = np.array(gaps) == 0
    axes.step(x, np.minimum.accumulate(gaps), where="mid", color=QUIET, linewidth=1.2)
    axes.plot(x[~met], np.array(gaps)[~met], "o", color=COLOURS[1], markersize=5, label="misses")
    axes.plot(x[met], np.array(gaps)[met], "o", color=COLOURS[2], markersize=6, label="meets all")
    dress(axes)
    axes.set_xlabel("design simulated")
    axes.set_ylabel("distance from the goal / steps")
    axes.set_xlim(0.5, max(len(gaps), 4) + 0.5)
    axes.set_ylim(bottom=-0.05 * max(*gaps, 1.0), top=1.15 * max(*gaps, 1.0))
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(frameon=False, fontsize=9, labelcolor=INK, loc="upper right")
    return figure


def _pareto(result: SizingResult) -> Figure | None:
    """Draw the two metrics of the goal that pull hardest against each other."""
    names, case = list(result.goal.targets), result.case
    rows = [t.result.metrics for t in result.trials if t.result.ok]
    if len(names) < 2 or not rows:
        return None
    scales = Scales.of(case)
    columns = [case.metrics.index(name) for name in names]
    simulated = np.array([[row.get(name, np.nan) for name in case.metrics] for row in rows])
    expected = result.expected
    if expected is None or not expected.size:
        expected = np.zeros((0, len(case.metrics)))
    whole = np.concatenate([simulated, expected])
    whole = whole[np.isfinite(whole[:, columns]).all(1)]
    if len(whole) < 2:
        return None
    goodness = (scales.sign * scales.scaled(whole) / scales.step)[:, columns]
    a, b = _rivals(goodness)
    x, y = whole[:, columns[a]], whole[:, columns[b]]
    figure = new_figure()
    axes = figure.axes[0]
    shown = expected[:, [columns[a], columns[b]]]
    axes.plot(*shown.T, "o", color=GRID, mec=QUIET, mew=0.4, markersize=4, label="expected")
    met = np.array([result.goal.met(row) for row in rows])
    points = simulated[:, [columns[a], columns[b]]]
    for mask, colour, label in ((~met, COLOURS[1], "misses"), (met, COLOURS[2], "meets all")):
        if mask.any():
            axes.plot(*points[mask].T, "o", color=colour, markersize=6, label=label)
    front = _front(goodness[:, [a, b]])
    order = front[np.argsort(x[front])]
    axes.plot(x[order], y[order], color=QUIET, linewidth=1.0, zorder=0)
    chosen = result.metrics.get(names[a]), result.metrics.get(names[b])
    if chosen[0] is not None and chosen[1] is not None:
        axes.plot([chosen[0]], [chosen[1]], "o", mfc="none", mec=INK, markersize=11, label="chosen")
    for name, line in ((names[a], axes.axvline), (names[b], axes.axhline)):
        line(result.goal.targets[name].value, color=COLOURS[0], linewidth=1, linestyle=(0, (4, 3)))
    units = [case.unit(names[at]) for at in (a, b)]
    wide = []
    for at, values in ((a, x), (b, y)):
        positive = scales.logarithmic[columns[at]] and float(values.min()) > 0
        wide.append(bool(positive and float(values.max()) > 4 * float(values.min())))
    axes.set_xscale("log" if wide[0] else "linear")
    axes.set_yscale("log" if wide[1] else "linear")
    dress(
        axes,
        x_unit=units[0] if units[0] in _ENGINEERING else "",
        y_unit=units[1] if units[1] in _ENGINEERING else "",
    )
    labels = [
        text if unit in _ENGINEERING or unit == "1" else f"{text} / {unit}"
        for text, unit in zip((names[a], names[b]), units, strict=True)
    ]
    axes.set_xlabel(labels[0])
    axes.set_ylabel(labels[1])
    _few_decades(axes, wide)
    axes.legend(frameon=False, fontsize=9, labelcolor=INK)
    return figure


def _few_decades(axes: Any, logarithmic: Sequence[bool]) -> None:
    """Number 1, 2 and 5 of logarithmic axes, which seldom hold more than two decades here."""
    from matplotlib.ticker import LogLocator, NullFormatter

    for axis, is_log in zip((axes.xaxis, axes.yaxis), logarithmic, strict=True):
        axis.set_minor_formatter(NullFormatter())
        if is_log:
            axis.set_major_locator(LogLocator(base=10.0, subs=(1.0, 2.0, 5.0)))


def _rivals(goodness: np.ndarray[Any, Any]) -> tuple[int, int]:
    """Return the two columns that are most opposed; the first two where none are."""
    count = goodness.shape[1]
    filled = np.where(np.isfinite(goodness), goodness, 0.0)
    spread = filled.std(0)
    best, pair = 2.0, (0, 1)
    for a in range(count):
        for b in range(a + 1, count):
            if spread[a] > 1e-9 and spread[b] > 1e-9:
                found = float(np.corrcoef(filled[:, a], filled[:, b])[0, 1])
                if found < best:
                    best, pair = found, (a, b)
    return pair


def _front(goodness: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    worse = [
        any((other >= row).all() and (other > row).any() for other in goodness) for row in goodness
    ]
    return np.flatnonzero(~np.array(worse))


def _signals(result: SizingResult, analysis: str) -> list[str]:
    """Return the signals that the case's measures of an analysis read."""
    made: dict[str, None] = {}
    for item in result.case.measures.values():
        given = item.fields.get("output", ()) if item.analysis == analysis else ()
        for text in [given] if isinstance(given, str) else given:
            if text.startswith("v(") and "," not in text:
                made[text] = None
    return list(made)[:MOST_SHOWN]


def _waveforms(result: SizingResult, analysis: str) -> Any:
    if result.checked is None:
        return None
    try:
        found = result.checked.of(analysis)
    except KeyError:
        return None
    return found if len(found.axis) > 1 else None


def _bode(result: SizingResult) -> Figure | None:
    found = _waveforms(result, "ac")
    names = [name for name in _signals(result, "ac") if found is not None and name in found]
    if found is None or not names:
        return None
    figure = new_figure(2, share_x=True, heights=(1.25, 1.0))
    above, below = figure.axes
    plot_bode(found, names[:1] if len(names) == 1 else names, ax=(above, below))
    return figure


def _noise(result: SizingResult) -> Figure | None:
    found = _waveforms(result, "noise")
    if found is None or "inoise_spectrum" not in found.arrays:
        return None
    figure = new_figure()
    plot_noise(found, ax=figure.axes[0])
    return figure


def _transient(result: SizingResult) -> Figure | None:
    found = _waveforms(result, "tran")
    names = [name for name in _signals(result, "tran") if found is not None and name in found]
    if found is None or not names:
        return None
    figure = new_figure()
    plot_transient(found, names, ax=figure.axes[0])
    return figure


def _corners(result: SizingResult) -> Figure | None:
    if not result.corners:
        return None
    scales = Scales.of(result.case)
    names = list(result.goal.targets)
    corners = list(result.corners)
    rows = [
        [result.corners[c].metrics.get(name, np.nan) for name in result.case.metrics]
        for c in corners
    ]
    margins = scales.margins(scales.scaled(np.array(rows)), result.goal)
    figure = new_figure()
    axes = figure.axes[0]
    shown = np.clip(np.nan_to_num(margins, nan=-10.0), -10.0, 10.0)
    for at in range(len(names)):
        bad = shown[:, at] < 0
        place = at + np.linspace(-0.18, 0.18, len(corners)) if len(corners) > 1 else np.array([at])
        axes.plot(place[~bad], shown[~bad, at], "o", color=COLOURS[2], markersize=4)
        axes.plot(place[bad], shown[bad, at], "o", color=COLOURS[1], markersize=5)
        worst = int(np.argmin(shown[:, at]))
        axes.annotate(
            str(corners[worst]),
            (place[worst], shown[worst, at]),
            (0, -11),
            textcoords="offset points",
            ha="center",
            fontsize=7,
            color=INK,
        )
    axes.axhline(0, color=QUIET, linewidth=1)
    dress(axes)
    axes.set_xticks(range(len(names)), names, fontsize=8)
    axes.margins(y=0.2)
    axes.set_ylabel("distance from the target / steps")
    return figure


def _samples(result: SizingResult) -> Figure | None:
    report = result.samples
    if report is None:
        return None
    there = [
        name
        for name in result.goal.targets
        if sum(name in sample.metrics for sample in report.samples) > 2
    ]
    if not there:
        return None
    return spread_figure(
        {name: report.values(name) for name in there},
        units={name: result.case.unit(name) for name in there},
        limits={name: result.goal.targets[name].value for name in there},
        title=f"{result.case.name}: {len(report.samples)} samples",
    )
