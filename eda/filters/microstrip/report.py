"""``report.html`` of a printed filter: the layout to scale, its curves, margins, strips."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.filters.figures import (
    Beside,
    delay_figure,
    passband_figure,
    response_figure,
    smith_figure,
)
from eda.filters.microstrip.etching import USUAL
from eda.filters.microstrip.picture import layout_svg
from eda.filters.neural.simulator import neural_s
from eda.filters.neural.weights import knows
from eda.filters.report import deck_text, figure_svg, margin_table, page, row, tried

if TYPE_CHECKING:
    from eda.filters.microstrip.design import PrintedResult

_POINTS: Final = 801

_CAUTION: Final = (
    "The curves are quasi-static closed forms. Bends, junctions and what is not declared as "
    "coupled are not in them, and full wave lies up to a tenth beside them: verify with "
    "--full-wave, or in a field solver, before etching."
)


def printed_report(result: PrintedResult) -> str:
    """Return the page: verdict, layout, figures, margins by band, sizes, deck."""
    spec = result.spec
    whole = response_figure(result, *_beside(result))
    small = (("smith", smith_figure(result)), ("delay", delay_figure(result)))
    return page(
        spec,
        _verdict(result),
        f"<div class='wide'>{layout_svg(result.layout, title=spec.title or spec.id)}</div>",
        f"<div class='wide'>{figure_svg(whole, 'response')}</div>",
        f"<div class='wide'>{figure_svg(passband_figure(result), 'passband')}</div>",
        row(figure_svg(figure, name) for name, figure in small),
        f"<h2>Margins: {escape(result.verifier)}</h2>",
        margin_table(spec, result.by_band),
        _calls(result),
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
    by_all = (
        f"Margins: {result.reference_db:+.2f} dB by the closed forms, {result.deck_db:+.2f} dB of "
        "the deck in ngspice"
    )
    if result.checked is not None:
        by_all += f", {result.margin_db:+.2f} dB in full wave, which decides"
    verdict = (
        "<span class='ok'>Mask met</span>"
        if result.margin_db >= 0
        else "<span class='bad'>Mask not met</span>"
    )
    said = f"<p>{verdict}. {by_all}.</p>"
    if result.margin_db < 0 and result.held_back:
        said += f"<p>Held back by: {escape('; '.join(result.held_back))}.</p>"
    low, high = result.batch.interval
    said += (
        f"<p>Of {result.batch.trials} boards {result.batch.share:.0%} ({low:.0%} to {high:.0%}) "
        f"keep the mask: strips {1e3 * USUAL.etch_mm:g} um wider or narrower, permittivity within "
        f"{USUAL.permittivity:.1%}, thickness within {USUAL.height:.0%}.</p>"
    )
    said += "".join(f"<p class='bad'>{escape(text)}</p>" for text in result.broken)
    foreseen = result.foreseen_db
    if foreseen is not None and not result.steps:
        said += f"<p>The neural simulator foresees some {foreseen:+.1f} dB in full wave.</p>"
    caution = "" if result.steps else f"<p class='faint'>{_CAUTION}</p>"
    return f"{what}{said}{caution}"


def _beside(result: PrintedResult) -> tuple[Beside, ...]:
    """Return the neural simulator and full wave, to be drawn beside the closed forms."""
    full = result.checked.solved if result.checked else None
    found = (Beside("full wave", full.frequency_hz, full.s, decides=True),) if full else ()
    if result.foreseen_db is None:
        return found
    frequency = full.frequency_hz if full else np.linspace(*result.spec.edges_hz, _POINTS)
    foreseen = neural_s(result.spec, result.spec.printed, result.layout, frequency)
    return Beside("neural simulator", frequency, foreseen), *found


def _calls(result: PrintedResult) -> str:
    """Return a table of the calls of full wave."""
    if not result.steps:
        return ""
    lines = [
        "<h2>Calls of full wave</h2><table><tr><th>call</th><th>aimed at a frequency of</th>"
        "<th>a bandwidth of</th><th class='n'>margin / dB</th></tr>"
    ]
    for number, step in enumerate(result.steps, 1):
        kind = "ok" if step.met else "bad"
        aims = (
            ("1", "1") if step.aim is None else (f"{step.aim.scale:.4f}", f"{step.aim.stretch:.3f}")
        )
        lines.append(
            f"<tr><td>{number}</td><td>{aims[0]}</td><td>{aims[1]}</td>"
            f"<td class='n {kind}'>{step.verified.margin_db:+.2f}</td></tr>"
        )
    return "\n".join([*lines, "</table>"])


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
    begun = (
        f"Begun as {result.origin}; {result.ledger.evaluations} evaluations, "
        f"{result.ledger.simulations} simulations, {result.seconds:.1f} s. "
    )
    if result.steps and knows(result.layout):
        return f"{begun}The deck is the circuit of the neural simulator."
    apart = 20 * np.log10(np.abs(result.s[:, 1, 0]) / np.abs(result.reference[:, 1, 0]))
    seen = np.abs(result.reference[:, 1, 0]) > 10 ** (-50 / 20)
    most = np.abs(apart[seen]).max()
    return f"{begun}The deck is within {most:.2f} dB of the closed forms above -50 dB."
