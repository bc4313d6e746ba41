"""Predicted links as one page of HTML that needs nothing beside it: for a review, or a ticket."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Final

from eda.links.sentences import agreement, division, net_name, reasons
from eda.numbers import format_engineering
from eda.schematic import Guess, draw, with_guesses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.circuit import Circuit
    from eda.links.answers import Candidate, LinkPrediction
    from eda.links.verify import LinkVerification, Verification

SHOWN: Final = 5

_STYLE: Final = """
:root { --ink:#1d2530; --faint:#667085; --line:#dfe3e8; --bar:#3b6fb5; --bad:#b42318; --ok:#1a7f4b;
  --paper:#fff; }
@media (prefers-color-scheme: dark) { :root { --ink:#e6e9ee; --faint:#9aa4b2; --line:#39424e;
  --bar:#7aa7e0; --bad:#ff8a80; --ok:#6fd19c; --paper:#15191f; } }
body { margin:2.5rem auto; max-width:64rem; padding:0 1.2rem; background:var(--paper);
  color:var(--ink); font:15px/1.5 system-ui,sans-serif; }
h1 { font-size:1.5rem; margin:0 0 .2rem; } h2 { font-size:1.1rem; margin:2.2rem 0 .2rem; }
p { margin:.2rem 0; } .faint { color:var(--faint); } .bad { color:var(--bad); }
.ok { color:var(--ok); } code { font:13px ui-monospace,monospace; }
table { border-collapse:collapse; width:100%; margin:.7rem 0; }
th { text-align:left; font-weight:600; color:var(--faint); font-size:13px; }
th,td { padding:.35rem .7rem .35rem 0; border-bottom:1px solid var(--line); vertical-align:top; }
td.number,th.number { text-align:right; white-space:nowrap; font-variant-numeric:tabular-nums; }
td.bar { width:5rem; padding-top:.75rem; } td.bar div { background:var(--bar); height:.55rem;
  border-radius:2px; } td code { white-space:nowrap; } tr { break-inside:avoid; }
tr.chosen td { font-weight:600; } td.why { width:45%; } tr.chosen td.why { font-weight:400; }
.schematic { overflow:auto; } .schematic svg { max-width:100%; height:auto; }
@media print { body { margin:0; max-width:none; } h2 { break-after:avoid; } }
"""


def html_report(
    circuit: Circuit,
    predictions: Sequence[LinkPrediction],
    *,
    title: str,
    verification: LinkVerification | None = None,
) -> str:
    """Return a page with a table of candidates per open pin, each with its reasons.

    Args:
        circuit: The circuit that was asked about.
        predictions: What `predict_links` said, with ``explain=True`` for the reasons.
        title: Name of the file or circuit.
        verification: What ngspice said, where it was asked.
    """
    pins = "1 open pin" if len(predictions) == 1 else f"{len(predictions)} open pins"
    parts = [
        "<!doctype html>",
        "<html lang='en'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width,initial-scale=1'>",
        f"<title>Predicted links: {escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>Predicted links: {escape(title)}</h1>",
        f"<p class='faint'>{pins}, {len(circuit.devices)} devices, {len(circuit.nets)} nets</p>",
    ]
    if verification is not None:
        parts += _summary(verification)
    if predictions:
        parts.append(_schematic(circuit, predictions))
    for prediction in predictions:
        parts += _pin(circuit, prediction)
    if verification is not None:
        parts += _verification(verification)
    return "\n".join([*parts, "</body></html>", ""])


def _schematic(circuit: Circuit, predictions: Sequence[LinkPrediction]) -> str:
    """Return the picture of the circuit, with the links that were settled on."""
    guesses = [
        Guess(item.device, item.pin, item.joint, candidate.probability)
        for item in predictions
        if item.joint is not None
        for candidate in item.candidates
        if candidate.net == item.joint
    ]
    picture = with_guesses(draw(circuit), guesses).svg()
    told = "dashed: predicted, from red (unlikely) to green (nearly sure)"
    return f"<div class='schematic'>{picture}</div><p class='faint'>{told}</p>"


def _pin(circuit: Circuit, prediction: LinkPrediction) -> list[str]:
    device = circuit.device(prediction.device)
    kind = " ".join(filter(None, (device.model, device.kind)))
    lines = [
        f"<h2>{escape(prediction.device)}.{escape(prediction.pin)}"
        f" <span class='faint'>{escape(kind)}</span></h2>"
    ]
    if prediction.split is not None:
        lines.append(f"<p>{escape(agreement(prediction))}</p>")
        lines.append(f"<p class='faint'>by kind of net: {escape(division(prediction))}</p>")
    if prediction.joined:
        others = ", ".join(f"{name}.{role}" for name, role in prediction.joined)
        lines.append(f"<p>joined with {escape(others)} on a net of their own</p>")
    elif prediction.joint != prediction.candidates[0].net:
        lines.append(f"<p>settled with the others on {escape(net_name(prediction.joint))}</p>")
    lines.append(
        "<table><tr><th>net</th><th class='number'>probability</th><th></th>"
        "<th class='number'>by model</th><th>why, and what it would break</th></tr>"
    )
    lines += [_row(item, prediction) for item in prediction.candidates[:SHOWN]]
    lines.append("</table>")
    if left := len(prediction.candidates) - SHOWN:
        rest = sum(item.probability for item in prediction.candidates[SHOWN:])
        if left > 0:
            lines.append(f"<p class='faint'>{left} more nets share {100 * rest:.1f} %</p>")
    return lines


def _row(candidate: Candidate, prediction: LinkPrediction) -> str:
    chosen = " class='chosen'" if candidate.net == prediction.joint else ""
    models = " ".join(f"{100 * value:.1f}" for value in candidate.by_model)
    why = "<br>".join(
        f"<span class='bad'>{escape(text)}</span>" if text.startswith("breaks ") else escape(text)
        for text in reasons(candidate)
    )
    return (
        f"<tr{chosen}><td><code>{escape(net_name(candidate.net))}</code></td>"
        f"<td class='number'>{100 * candidate.probability:.1f} %</td>"
        f"<td class='bar'><div style='width:{100 * candidate.probability:.1f}%'></div></td>"
        f"<td class='number'>{models}</td><td class='why'>{why}</td></tr>"
    )


def _summary(said: LinkVerification) -> list[str]:
    return [
        f"<p>ngspice, completed: {_verdict(said.after)}</p>",
        f"<p>ngspice, as given: {_verdict(said.before)}</p>",
    ]


def _verification(said: LinkVerification) -> list[str]:
    after = said.after
    how = "with generic models and a default bias" if after.generic else "with the deck's own bias"
    lines = [f"<h2>Operating point in ngspice <span class='faint'>{how}</span></h2>"]
    if after.sources:
        lines.append(f"<p class='faint'>put on: {escape(', '.join(after.sources))}</p>")
    if after.left_out:
        lines.append(f"<p class='faint'>left out: {escape(', '.join(after.left_out))}</p>")
    if said.candidates:
        lines.append("<table><tr><th>pin</th><th>instead on</th><th>operating point</th></tr>")
        lines += [
            f"<tr><td>{escape(device)}.{escape(pin)}</td><td><code>{escape(net)}</code></td>"
            f"<td>{_verdict(verdict)}</td></tr>"
            for device, pin, net, verdict in said.candidates
        ]
        lines.append("</table>")
    if after.devices:
        lines.append(
            "<table><tr><th>transistor</th><th>region</th>"
            "<th class='number'>current</th><th>conducts</th></tr>"
        )
        for item in after.devices:
            mark = {True: ("ok", "yes"), False: ("bad", "no"), None: ("faint", "not known")}
            style, text = mark[item.on]
            lines.append(
                f"<tr><td>{escape(item.device)}</td><td>{item.region}</td>"
                f"<td class='number'>{_current(item.current_a)}</td>"
                f"<td class='{style}'>{text}</td></tr>"
            )
        lines.append("</table>")
    return lines


def _current(amperes: float) -> str:
    return format_engineering(amperes, digits=4, unit="A") if math.isfinite(amperes) else ""


def _verdict(said: Verification) -> str:
    style = "bad" if not said.solved else "" if said.off else "ok"
    return f"<span class='{style}'>{escape(str(said))}</span>"
