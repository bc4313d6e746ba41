"""``report.html``: a design as one page that needs nothing beside it."""

from __future__ import annotations

import re
from html import escape
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from eda.filters.deck import value_text
from eda.filters.figures import figures
from eda.filters.mask import span
from eda.filters.starts import rules_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eda.filters.result import FilterResult
    from eda.filters.spec import FilterSpec

_STYLE: Final = """
:root { --ink:#1d2530; --faint:#667085; --line:#dfe3e8; --ok:#1a7f4b; --bad:#b42318; }
body { margin:2.2rem auto; max-width:66rem; padding:0 1.2rem; background:#fff; color:var(--ink);
  font:15px/1.5 system-ui,sans-serif; }
h1 { font-size:1.5rem; margin:0 0 .2rem; } h2 { font-size:1.1rem; margin:2rem 0 .4rem; }
.faint { color:var(--faint); } .ok { color:var(--ok); font-weight:600; }
.bad { color:var(--bad); font-weight:600; } p { margin:.25rem 0; }
table { border-collapse:collapse; margin:.5rem 0; } th { text-align:left; color:var(--faint);
  font-weight:600; font-size:13px; } th,td { padding:.3rem 1.4rem .3rem 0;
  border-bottom:1px solid var(--line); } td.n,th.n { text-align:right;
  font-variant-numeric:tabular-nums; } .wide svg { width:100%; height:auto; }
.row { display:flex; flex-wrap:wrap; gap:1rem; align-items:flex-start; }
.row > div { flex:1 1 20rem; max-width:32rem; } .row svg { width:100%; height:auto; }
pre { background:#f6f7f9; padding:.8rem 1rem; overflow:auto; font-size:12.5px; }
@media print { body { margin:0; max-width:none; } }
"""
_UNITS: Final = {"inductor": "H", "capacitor": "F", "resistor": "ohm"}


def report_html(result: FilterResult) -> str:
    """Return the page: verdict, figures, margins by band, part list, deck."""
    spec = result.spec
    drawn = {name: figure_svg(figure, name) for name, figure in figures(result)}
    small = [name for name in ("smith", "delay", "step", "yield") if name in drawn]
    return page(
        spec,
        _verdict(result),
        f"<div class='wide'>{drawn['response']}</div>",
        f"<div class='wide'>{drawn['passband']}</div>",
        row(drawn[name] for name in small),
        "<h2>Margins, as simulated by ngspice</h2>",
        margin_table(spec, result.by_band),
        "<h2>Parts</h2>",
        _parts(result),
        tried("circuits", result.alternatives),
        deck_text(result.deck, _how(result)),
    )


def page(spec: FilterSpec, *parts: str) -> str:
    """Return a page that needs nothing beside it, headed by what a specification is called.

    Args:
        spec: The specification.
        parts: HTML; empty ones are left out.
    """
    title = spec.title or spec.id
    head = (
        "<!doctype html>",
        "<html lang='en'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width,initial-scale=1'>",
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f"<p class='faint'>{escape(spec.application)}</p>" if spec.application else "",
    )
    return "\n".join(part for part in (*head, *parts, "</body></html>") if part) + "\n"


def row(pictures: Iterable[str]) -> str:
    """Return small pictures side by side."""
    return "\n".join(["<div class='row'>", *(f"<div>{item}</div>" for item in pictures), "</div>"])


def deck_text(deck: str, how: str) -> str:
    """Return the deck, and a line on how it came about."""
    return f"<h2>filter.cir</h2>\n<pre>{escape(deck)}</pre>\n<p class='faint'>{escape(how)}</p>"


def _verdict(result: FilterResult) -> str:
    if result.solved:
        return (
            f"<p><span class='ok'>Mask met</span> with {result.margin_db:.2f} dB to spare, in "
            f"ngspice, on the deck below.</p>"
        )
    text = (
        f"<p><span class='bad'>Mask not met</span>: the closest design lacks "
        f"{-result.margin_db:.2f} dB.</p>"
    )
    if result.impossible:
        text += f"<p><b>Impossible</b>: {escape(result.impossible)}.</p>"
    return text


def margin_table(spec: FilterSpec, by_band: Mapping[str, float]) -> str:
    """Return what is asked of each band, and the margin there."""
    rows = []
    for band in spec.passbands:
        asked = f"loss &le; {band.il_max_db:g} dB"
        if band.rl_min_db > 0:
            asked += f", return loss &ge; {band.rl_min_db:g} dB"
        if band.ripple_max_db is not None:
            asked += f", ripple &le; {band.ripple_max_db:g} dB"
        rows.append((f"pass {span(band.f_lo_hz, band.f_hi_hz)}", asked))
    for stop in spec.stopbands:
        asked = f"attenuation &ge; {stop.atten_min_db:g} dB"
        rows.append((f"stop {span(stop.f_lo_hz, stop.f_hi_hz)}", asked))
    lines = ["<table><tr><th>band</th><th>asked</th><th class='n'>margin / dB</th></tr>"]
    for name, asked in rows:
        margin = by_band[name]
        kind = "ok" if margin >= 0 else "bad"
        lines.append(
            f"<tr><td>{name}</td><td>{asked}</td><td class='n {kind}'>{margin:+.2f}</td></tr>"
        )
    return "\n".join([*lines, "</table>"])


def _parts(result: FilterResult) -> str:
    lines = [
        "<table><tr><th>part</th><th class='n'>value</th><th></th><th>series</th>"
        "<th class='n'>tolerance</th></tr>"
    ]
    rules = rules_of(result.spec, result.topology)
    for part, value, rule in zip(result.topology.parts, result.values, rules, strict=True):
        series = rule.series
        if result.measured:
            series = result.measured[part.name].name
        lines.append(
            f"<tr><td>{part.name}</td><td class='n'>{value_text(value)}</td>"
            f"<td>{_UNITS[part.kind]}</td><td>{escape(series)}</td>"
            f"<td class='n'>{rule.tolerance:.0%}</td></tr>"
        )
    for at in range(len(result.topology.opamps)):
        opamp = result.spec.active.opamp
        lines.append(
            f"<tr><td>XU{at + 1}</td><td class='n'>op-amp</td><td></td>"
            f"<td>gain-bandwidth {opamp.gbw_hz:g} Hz</td><td></td></tr>"
        )
    return "\n".join([*lines, "</table>"])


def tried(what: str, alternatives: Sequence[tuple[str, float]]) -> str:
    """Return what else was tried, with its margin; nothing where nothing was."""
    if not alternatives:
        return ""
    listed = ", ".join(f"{escape(name)} ({margin:+.2f} dB)" for name, margin in alternatives)
    return f"<p class='faint'>Other {what} that were tried to the end: {listed}.</p>"


def _how(result: FilterResult) -> str:
    return (
        f"{result.topology.name}, begun as {result.origin}; objective {result.objective}; "
        f"{result.ledger.evaluations} evaluations, {result.ledger.simulations} simulations, "
        f"{result.seconds:.1f} s. Curves between the bands come from the same equations that "
        "ngspice confirms inside them. Spread: parts evenly within their tolerances."
    )


def figure_svg(figure: Any, name: str) -> str:
    """Return a figure as SVG to stand in a page among others; its name keeps their ids apart."""
    from matplotlib import rc_context

    made = StringIO()
    # Names of clip paths and markers must differ between the figures of one page.
    with rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}):
        figure.savefig(made, format="svg", metadata={"Date": None})
    # Its metadata names the drawing program and the web; a page of its own needs neither.
    text = re.sub(r"<metadata>.*?</metadata>", "", made.getvalue(), flags=re.DOTALL)
    return text[text.index("<svg") :]
