"""A whole simulation as one figure, and figures as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.plots.curves import (
    plot_bode,
    plot_noise,
    plot_s_parameters,
    plot_transfer,
    plot_transient,
)
from eda.plots.style import INK
from eda.spice.simulation import SimulationResult, Waveforms

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES: Final = (".png", ".svg", ".pdf", ".html")
MOST_PANELS: Final = 8


def result_figure(
    result: SimulationResult, names: Sequence[str] | None = None, *, title: str = ""
) -> Figure:
    """Return a figure of every analysis of a simulation that has a curve, one below another.

    Args:
        result: The simulation.
        names: Which waveforms; None chooses the outputs and what moves most. An analysis that
            has none of them chooses for itself.
        title: A line above.

    Raises:
        InputError: There is nothing to draw: only operating points, or nothing at all.
    """
    from matplotlib.figure import Figure

    drawn = [item for item in result.waveforms if item.axis_name and len(item.axis) > 1]
    drawn = drawn[:MOST_PANELS]
    if not drawn:
        raise InputError("there is no curve to draw; add .ac, .tran or .dc to the deck")
    heights = [1.5 if _kind(item) == "ac" else 1.0 for item in drawn]
    figure = Figure(figsize=(7.2, 0.4 + 3.2 * sum(heights)), layout="constrained")
    if title:
        figure.suptitle(title, color=INK, fontsize=11)
    parts = figure.subfigures(len(drawn), 1, height_ratios=heights, squeeze=False)[:, 0]
    for part, item in zip(parts, drawn, strict=True):
        _draw(part, item, _of(item, names))
    return figure


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as ``.png``, ``.svg``, ``.pdf`` or a page ``.html``.

    Raises:
        InputError: The name ends in something else.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(f"{path}: figures are written as {', '.join(SUFFIXES)}")
    if suffix == ".html":
        path.write_text(_page(figure), encoding="utf-8")
    else:
        # Without a date, the same simulation gives the same bytes.
        metadata = {".png": {"Software": None}, ".svg": {"Date": None}}.get(suffix)
        figure.savefig(path, dpi=160, metadata=metadata)


def _draw(part: object, item: Waveforms, names: Sequence[str] | None) -> None:
    figure: Figure = part  # type: ignore[assignment]  # a part of a figure draws as one
    kind = _kind(item)
    if kind == "ac":
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(1.25, 1.0))
        plot_bode(item, names, ax=(above, below))
    elif kind == "noise":
        plot_noise(item, ax=figure.subplots())
    elif kind == "sp":
        plot_s_parameters(item, names, ax=figure.subplots())
    elif kind == "tran":
        plot_transient(item, names, ax=figure.subplots())
    else:
        plot_transfer(item, names, ax=figure.subplots())


def _kind(item: Waveforms) -> str:
    if item.analysis is not None:
        return item.analysis.kind
    if item.axis_name == "frequency_hz":
        if "onoise_spectrum" in item.arrays:
            return "noise"
        return "sp" if "s_1_1" in item.arrays else "ac"
    return "tran" if item.axis_name == "time_s" else "dc"


def _of(item: Waveforms, names: Sequence[str] | None) -> list[str] | None:
    there = [name for name in names or () if item.find(name) is not None]
    return there or None


def _page(figure: Figure) -> str:
    from html import escape
    from io import StringIO

    made = StringIO()
    figure.savefig(made, format="svg", metadata={"Date": None})
    svg = made.getvalue()
    title = figure.get_suptitle() or "Simulation"
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        f"<title>{escape(title)}</title>"
        "<style>body{margin:2rem auto;max-width:60rem;font-family:sans-serif}"
        "svg{width:100%;height:auto}</style></head>\n"
        f"<body>\n{svg[svg.index('<svg') :]}\n</body></html>\n"
    )
