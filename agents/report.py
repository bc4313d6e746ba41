"""A sizing run as one page of HTML: what a designer asks first stands first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.agents.report_figures import figures
from eda.spice.measures import mos_operating_points

if TYPE_CHECKING:
    from eda.agents.result import SizingResult

_STYLE: Final = """
:root { --ink:#1d2530; --faint:#667085; --line:#dfe3e8; --bad:#b42318; --ok:#1a7f4b; --paper:#fff; }
body { margin:2.5rem auto; max-width:62rem; padding:0 1.2rem; background:var(--paper);
  color:var(--ink); font:15px/1.5 system-ui,sans-serif; }
h1 { font-size:1.5rem; margin:0 0 .2rem; } h2 { font-size:1.15rem; margin:2.2rem 0 .4rem; }
p { margin:.3rem 0; } .faint { color:var(--faint); } .bad { color:var(--bad); font-weight:600; }
.ok { color:var(--ok); font-weight:600; } pre { background:#f6f7f9; padding:.8rem 1rem;
  overflow:auto; font:12.5px/1.45 ui-monospace,monospace; border-radius:4px; }
table { border-collapse:collapse; margin:.5rem 0; }
th { text-align:left; font-weight:600; color:var(--faint); font-size:13px; }
th,td { padding:.28rem 1.4rem .28rem 0; border-bottom:1px solid var(--line); }
td.number,th.number { text-align:right; font-variant-numeric:tabular-nums; white-space:nowrap; }
figure { margin:.6rem 0; } figure svg { max-width:100%; height:auto; }
@media print { body { margin:0; max-width:none; } figure,tr { break-inside:avoid; } }
"""


def html_report(result: SizingResult, *, netlist: str = "") -> str:
    """Return a page that needs nothing beside it.

    Args:
        result: The run.
        netlist: The sized netlist; empty for the case's deck.
    """
    case = result.case
    verdict = "<span class='ok'>met</span>" if result.met else "<span class='bad'>not met</span>"
    title = f"Sizing of {case.name}"
    parts = [
        "<!doctype html>",
        "<html lang='en'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width,initial-scale=1'>",
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f"<p class='faint'>{escape(case.description)}; {escape(case.technology)}</p>",
        f"<p>Goal {escape(result.goal.name or 'given')}: {verdict}. {escape(_effort(result))}</p>",
    ]
    if not result.met:
        parts.append(f"<p>{escape(why_not(result))}</p>")
    parts += ["<h2>Targets</h2>", _targets(result), "<h2>Sizes</h2>", _sizes(result)]
    drawn = figures(result)
    for name, heading, words in _FIGURES:
        if name in drawn:
            parts += [f"<h2>{heading}</h2>", f"<p class='faint'>{words}</p>"]
            parts.append(f"<figure>{drawn[name]}</figure>")
        if name == "tran":
            parts += _transistors(result)
        if name == "corners":
            parts += _corners(result)
    parts += ["<h2>Netlist</h2>", f"<pre>{escape(netlist or case.deck(result.design))}</pre>"]
    return "\n".join([*parts, "</body></html>", ""])


_FIGURES: Final = (
    ("convergence", "Convergence", "How far each simulated design was from the goal, in steps (a "
     "fifth of a quantity, 3 dB, 5 degrees); the line is the best so far."),
    ("pareto", "Trade-off", "The two targets that pull hardest against each other, dashed: "
            "designs that were simulated, those the model expected to be best, and the best "
            "trade-offs, joined."),
    ("bode", "Frequency response", "Simulated by ngspice from a fresh deck of the design."),
    ("noise", "Noise", "Density over frequency."),
    ("tran", "Transient", "Simulated by ngspice from a fresh deck of the design."),
    ("corners", "Corners", "Each metric at every corner that was simulated, as its distance from "
     "the target in steps; below zero is a miss."),
    ("samples", "Mismatch", "Histograms and normal quantiles of the samples; targets in orange."),
)  # fmt: skip


def why_not(result: SizingResult) -> str:
    """Return what is missing, in a sentence or two."""
    missed = [
        f"{item.metric} has no value"
        if item.value is None or item.short_by is None
        else f"{item.metric} is {told(item.value, result.case.unit(item.metric))}, short of "
        f"{item.op} {told(item.target, result.case.unit(item.metric))} by "
        f"{told(item.short_by, result.case.unit(item.metric))}"
        for item in result.missed
    ]
    made = f"The closest design: {'; '.join(missed)}." if missed else ""
    corner = result.failing_corner
    if not missed and corner is not None:
        names = ", ".join(result.goal.spec.missed(result.corners[corner].metrics))
        made = f"The design meets the goal at nominal conditions, but at {corner} misses {names}."
    elif not missed and result.samples is not None and result.sigma is not None:
        made = f"With mismatch the closest target is {result.sigma:.2f} standard deviations away."
    if result.interrupted:
        return f"Interrupted. {made}".strip()
    if result.likely_infeasible:
        return f"{made} No design of this space seems to meet the goal.".strip()
    return f"{made} A larger budget may help.".strip()


def _effort(result: SizingResult) -> str:
    counts = result.counts
    parts = [f"{counts.online} online simulations, the final check included"]
    for number, words in (
        (counts.offline, "offline"),
        (counts.device, "of single transistors for the model"),
        (counts.corner, "at corners"),
        (counts.mismatch, "with mismatch"),
        (counts.cached, "known before"),
    ):
        if number:
            parts.append(f"{number} {words}")
    return f"{', '.join(parts)}; {result.seconds:.1f} s; model: {result.model}."


def _targets(result: SizingResult) -> str:
    rows = []
    for metric in result.case.metrics:
        unit = result.case.unit(metric)
        value = result.metrics.get(metric)
        target = result.goal.targets.get(metric)
        met = (
            ""
            if target is None
            else (
                "<span class='ok'>met</span>"
                if value is not None and target.met_by(value)
                else "<span class='bad'>missed</span>"
            )
        )
        rows.append(
            (
                escape(metric),
                "-" if value is None else told(value, unit),
                "" if target is None else f"{escape(target.op)} {told(target.value, unit)}",
                met,
                f"<span class='faint'>{escape(result.case.definitions[metric])}</span>",
            )
        )
    return _table(("metric", "value", "target", "", "what it is"), rows, number=(1, 2))


def _sizes(result: SizingResult) -> str:
    units = {"width": "m", "length": "m", "cap": "F", "res": "ohm", "current": "A", "integer": ""}
    rows = [
        (
            escape(item.name),
            told(result.design[item.name], units[item.kind]),
            told(item.lo, units[item.kind]),
            told(item.hi, units[item.kind]),
        )
        for item in result.case.design_parameters
    ]
    return _table(("parameter", "value", "from", "to"), rows, number=(1, 2, 3))


def _transistors(result: SizingResult) -> list[str]:
    if result.checked is None:
        return []
    points = mos_operating_points(result.checked.operating_point)
    if not points:
        return []
    first = {name.split(".")[0] for name in points if "." in name}
    kept = sorted(first)[0] if len(first) > 1 else ""
    rows = [
        (
            escape(name),
            item.region if item.region == "saturation" else f"<b>{item.region}</b>",
            *(told(value, unit) for value, unit in (
                (item.id_a, "A"), (item.gm_s, "S"), (item.gds_s, "S"),
                (item.gm_over_id, "/V"), (item.vds_v, "V"), (item.saturation_margin_v, "V"))),
        )
        for name, item in points.items()
        if name.startswith(kept)
    ]  # fmt: skip
    headers = ("transistor", "region", "id", "gm", "gds", "gm/id", "vds", "vds - vdsat")
    table = _table(headers, rows, number=range(2, 8))
    note = f"The copy {kept}; the others stand in other test benches." if kept else ""
    return ["<h2>Operating regions</h2>", f"<p class='faint'>{escape(note)}</p>", table]


def _corners(result: SizingResult) -> list[str]:
    if not result.corners:
        return []
    names = list(result.goal.targets)
    rows = []
    for corner, item in result.corners.items():
        missed = result.goal.spec.missed(item.metrics)
        cells = []
        for name in names:
            text = told(item.metrics[name], "") if name in item.metrics else "-"
            cells.append(f"<span class='bad'>{text}</span>" if name in missed else text)
        verdict = "<span class='bad'>fails</span>" if missed else "<span class='ok'>met</span>"
        rows.append((escape(str(corner)), verdict, *cells))
    left = len(result.case.corners) - len(rows)
    words = f"{left} corners were not simulated, because one had failed." if left else ""
    table = _table(("corner", "", *map(escape, names)), rows, number=range(2, 2 + len(names)))
    return [table, f"<p class='faint'>{words}</p>"]


def _table(headers: Sequence[str], rows: Iterable[Sequence[str]], *, number: Iterable[int]) -> str:
    right = set(number)

    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(
            f"<{tag}{' class=number' if at in right else ''}>{text}</{tag}>"
            for at, text in enumerate(row)
        )

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table><tr>{cells('th', headers)}</tr>{body}</table>"


def told(value: float, unit: str) -> str:
    """Return a value with its unit, as data sheets have it."""
    if value != value:
        return "-"
    if unit in ("dB", "degree", "1", "/V") or unit.startswith("fraction"):
        return f"{value:.4g}{'' if unit == '1' or unit.startswith('fraction') else f' {unit}'}"
    if unit.endswith(" per root Hz"):
        unit = f"{unit.split()[0]}/rtHz"
    if value == 0:
        return f"0 {unit}".strip()
    power = min(max(int(np.floor(np.log10(abs(value)) / 3 + 1e-12)), -6), 4)
    text = f"{value / 1000.0**power:.4g}"
    if abs(float(text)) >= 1000 and power < 4:
        power += 1
        text = f"{value / 1000.0**power:.4g}"
    return f"{text} {'afpnum kMGT'[power + 6].strip()}{unit}".rstrip()
