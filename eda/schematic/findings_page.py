"""Findings of the electrical rules as a page of HTML: the drawing with numbers, and a table."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from eda.errors import EdaError
from eda.schematic.drawing import Drawing, draw
from eda.schematic.marks import with_marks
from eda.schematic.sheet import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.circuit import Circuit
    from eda.rules import Finding, Report

MOST_SHEETS: Final = 12
"""Sheets on a page: the first, and then those that something is marked on."""

_STYLE: Final = """
:root { --ink:#1d2530; --faint:#667085; --line:#dfe3e8; --paper:#fff; --error:#c4281c;
  --warning:#b86e00; --info:#2563b0; }
@media (prefers-color-scheme: dark) { :root { --ink:#e6e9ee; --faint:#9aa4b2; --line:#39424e;
  --paper:#15191f; --error:#ff8a80; --warning:#f0b35a; --info:#8ab4f8; } }
body { margin:2.5rem auto; max-width:72rem; padding:0 1.2rem; background:var(--paper);
  color:var(--ink); font:15px/1.5 system-ui,sans-serif; }
h1 { font-size:1.5rem; margin:0 0 .2rem; } h2 { font-size:1.1rem; margin:2.2rem 0 .2rem; }
.faint { color:var(--faint); } .schematic { overflow:auto; margin:1rem 0; }
.schematic svg { max-width:100%; height:auto; }
table { border-collapse:collapse; width:100%; margin:.7rem 0; }
th { text-align:left; font-weight:600; color:var(--faint); font-size:13px; }
th,td { padding:.35rem .7rem .35rem 0; border-bottom:1px solid var(--line); vertical-align:top; }
td.error { color:var(--error); } td.warning { color:var(--warning); } td.info { color:var(--info); }
td.number { font-variant-numeric:tabular-nums; font-weight:600; } code { font-size:13px; }
@media print { body { margin:0; max-width:none; } }
"""


def findings_page(circuit: Circuit, report: Report, *, title: str, seed: int = 0) -> str:
    """Return a page that needs nothing beside it: drawings with marks, and all findings.

    Args:
        circuit: As it was read, with its hierarchy.
        report: What `eda.rules.check_report` said of it.
        title: Name of the file.
        seed: Of the drawing.
    """
    counts = {name: 0 for name in ("error", "warning", "info")}
    for item in report.findings:
        counts[item.severity] += 1
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    told = told or "nothing to complain of"
    if report.waived:
        told += f", {len(report.waived)} waived"
    parts = [
        "<!doctype html>",
        "<html lang='en'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width,initial-scale=1'>",
        f"<title>Check: {escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>Check: {escape(title)}</h1><p class='faint'>{escape(told)}</p>",
        *_pictures(circuit, report.findings, seed),
        *_table("Findings", report.findings),
        *_table("Waived", report.waived, first=len(report.findings) + 1),
    ]
    return "\n".join([*parts, "</body></html>", ""])


def _pictures(circuit: Circuit, findings: Sequence[Finding], seed: int) -> list[str]:
    try:
        drawing = draw(circuit, seed=seed)
    except EdaError as error:
        return [f"<p class='faint'>There is no drawing: {escape(str(error))}</p>"]
    marks = [
        Mark(at, item.objects, item.severity, item.message, item.file, item.line)
        for at, item in enumerate(findings, 1)
    ]
    marked = with_marks(drawing, marks)
    lines = []
    for at in _shown(marked):
        sheet = marked.sheets[at]
        if len(marked.sheets) > 1:
            lines.append(f"<h2>{escape(sheet.name or 'top level')}</h2>")
        lines.append(f"<div class='schematic'>{marked.svg(at)}</div>")
    return lines


def _shown(marked: Drawing) -> list[int]:
    numbers = [at for at, sheet in enumerate(marked.sheets) if at == 0 or sheet.marks]
    return numbers[:MOST_SHEETS]


def _table(title: str, findings: Sequence[Finding], *, first: int = 1) -> list[str]:
    if not findings:
        return []
    lines = [
        f"<h2>{title}</h2>",
        "<table><tr><th></th><th>severity</th><th>rule</th><th>place</th>"
        "<th>what, and how to mend it</th></tr>",
    ]
    for number, item in enumerate(findings, first):
        fix = f"<br><span class='faint'>{escape(item.fix)}</span>" if item.fix else ""
        lines.append(
            f"<tr><td class='number'>{number}</td>"
            f"<td class='{item.severity}'>{item.severity}</td><td>{escape(item.rule)}</td>"
            f"<td><code>{escape(item.file)}:{item.line}</code></td>"
            f"<td>{escape(item.message)}{fix}</td></tr>"
        )
    return [*lines, "</table>"]
