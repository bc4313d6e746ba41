"""``report.html`` of a printed filter: the layout to scale, its curves, margins, strips."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.filters.figures import delay_figure, passband_figure, response_figure, smith_figure
from eda.filters.microstrip.etching import USUAL
from eda.filters.microstrip.picture import layout_svg
from eda.filters.report import deck_text, figure_svg, margin_table, page, row, tried

if TYPE_CHECKING:
    from eda.filters.microstrip.design import PrintedResult

_CAUTION: Final = (
    "The curves are quasi-static closed forms. Full wave lies some 1.5 % lower in frequency: scale "
    "the lengths by that, or check in a field solver, before etching."
)


def printed_report(result: PrintedResult) -> str:
    """Return the page: verdict, layout, figures, margins by band, sizes, deck."""
    spec = result.spec
    small = (("smith", smith_figure(result)), ("delay", delay_figure(result)))
    return page(
        spec,
        _verdict(result),
        f"<div class='wide'>{layout_svg(result.layout, title=spec.title or spec.id)}</div>",
        f"<div class='wide'>{figure_svg(response_figure(result), 'response')}</div>",
        f"<div class='wide'>{figure_svg(passband_figure(result), 'passband')}</div>",
        row(figure_svg(figure, name) for name, figure in small),
        "<h2>Margins of the deck, as simulated by ngspice</h2>",
        margin_table(spec, result.by_band),
        "<h2>Strips</h2>",
        _strips(result),
        tried("layouts", result.alternatives),
        deck_text(result.deck, _how(result)),
    )


def _verdict(result: PrintedResult) -> str:
    wide, high = result.layout.footprint_mm
    board = result.spec.printed.substrate
    what = (
        f"<p>{escape(result.layout.family)}, order {result.layout.order}, "
        f"{wide:.2f} x {high:.2f} mm on {escape(board.name or 'a board')} "
        f"({1e3 * board.height_m:g} mm, permittivity {board.er:g}).</p>"
    )
    if result.solved:
        said = (
            f"<p><span class='ok'>Mask met</span> with {result.reference_db:.2f} dB to spare by "
            f"the closed forms, and {min(result.by_band.values()):.2f} dB in ngspice.</p>"
        )
    else:
        said = (
            f"<p><span class='bad'>Mask not met</span>: the closest layout has a margin of "
            f"{result.margin_db:.2f} dB.</p>"
        )
        if result.held_back:
            said += f"<p>Held back by: {escape('; '.join(result.held_back))}.</p>"
    low, high = result.batch.interval
    said += (
        f"<p>Of {result.batch.trials} boards {result.batch.share:.0%} ({low:.0%} to {high:.0%}) "
        f"keep the mask: strips {1e3 * USUAL.etch_mm:g} um wider or narrower, permittivity within "
        f"{USUAL.permittivity:.1%}, thickness within {USUAL.height:.0%}.</p>"
    )
    said += "".join(f"<p class='bad'>{escape(text)}</p>" for text in result.broken)
    return f"{what}{said}<p class='faint'>{_CAUTION}</p>"


def _strips(result: PrintedResult) -> str:
    lines = [
        "<table><tr><th>strip</th><th class='n'>width / mm</th><th class='n'>length / mm</th>"
        "<th>ends</th><th>coupled over a gap of</th></tr>"
    ]
    gaps = {
        name: f"{result.layout.gap_mm(pair):.2f} mm to {pair[1 - at]}"
        for pair in result.layout.coupled
        for at, name in enumerate(pair)
    }
    for strip in result.layout.strips:
        lines.append(
            f"<tr><td>{escape(strip.name)}</td><td class='n'>{strip.width_mm:.2f}</td>"
            f"<td class='n'>{strip.length_mm:.2f}</td><td>{escape(' - '.join(strip.nodes))}</td>"
            f"<td>{escape(gaps.get(strip.name, ''))}</td></tr>"
        )
    return "\n".join([*lines, "</table>"])


def _how(result: PrintedResult) -> str:
    apart = 20 * np.log10(np.abs(result.s[:, 1, 0]) / np.abs(result.reference[:, 1, 0]))
    seen = np.abs(result.reference[:, 1, 0]) > 10 ** (-50 / 20)
    return (
        f"Begun as {result.origin}; {result.ledger.evaluations} evaluations, "
        f"{result.ledger.simulations} simulations, {result.seconds:.1f} s. The deck is within "
        f"{np.abs(apart[seen]).max():.2f} dB of the closed forms above -50 dB."
    )
