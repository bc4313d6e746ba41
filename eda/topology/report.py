"""The gallery: one page of HTML with the schematic, figures and novelty of each new circuit."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Final

from eda.numbers import format_engineering
from eda.schematic import draw
from eda.tensors import replace_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eda.topology.generated import GeneratedCircuit

SHOWN: Final = 200
"""Circuits on one page at most; the manifest has them all."""

_STYLE: Final = """
:root { --ink:#1d2530; --faint:#667085; --line:#dfe3e8; --bad:#b42318; --ok:#1a7f4b; --paper:#fff; }
@media (prefers-color-scheme: dark) { :root { --ink:#e6e9ee; --faint:#9aa4b2; --line:#39424e;
  --bad:#ff8a80; --ok:#6fd19c; --paper:#15191f; } }
body { margin:2rem auto; max-width:90rem; padding:0 1.2rem; background:var(--paper);
  color:var(--ink); font:15px/1.5 system-ui,sans-serif; }
h1 { font-size:1.5rem; margin:0 0 .2rem; } h2 { font-size:1.05rem; margin:0; }
.faint { color:var(--faint); } .bad { color:var(--bad); } .ok { color:var(--ok); }
.sheet { display:grid; gap:1rem; grid-template-columns:repeat(auto-fill,minmax(26rem,1fr)); }
.card { border:1px solid var(--line); border-radius:8px; padding:.9rem; break-inside:avoid; }
.card p { margin:.15rem 0; font-size:13.5px; }
.schematic { background:#fff; border-radius:4px; margin:.6rem 0; overflow:auto; }
.schematic svg { max-width:100%; height:auto; max-height:26rem; display:block; margin:auto; }
table { border-collapse:collapse; margin:.4rem 0; font-size:13px; }
td { padding:.1rem 1rem .1rem 0; } td.number { text-align:right;
  font-variant-numeric:tabular-nums; }
"""

_NUMBER: Final = re.compile(r"(-?[\d.]+)(meg|[a-z]?)")
_UNITS: Final = {"hz": "Hz", "v": "V", "a": "A", "w": "W", "ohm": "ohm", "db": "dB", "deg": "deg"}


def gallery(circuits: Sequence[GeneratedCircuit], *, title: str) -> str:
    """Return a page that needs nothing beside it.

    Args:
        circuits: What was made.
        title: Its heading.
    """
    shown = circuits[:SHOWN]
    new = sum(item.novel is True for item in circuits)
    works = [item.measured.works for item in circuits if item.measured is not None]
    told = [f"{len(circuits)} circuits"]
    if any(item.novel is not None for item in circuits):
        told.append(f"{new} unlike every circuit that was learned from")
    if works:
        told.append(f"{sum(item is True for item in works)} pass the testbench of their type")
    if len(shown) < len(circuits):
        told.append(f"the first {len(shown)} are shown")
    parts = [
        "<!doctype html>",
        "<html lang='en'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width,initial-scale=1'>",
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1><p class='faint'>{escape('; '.join(told))}</p>",
        "<div class='sheet'>",
        *(_card(item) for item in shown),
        "</div></body></html>",
    ]
    return "\n".join(parts)


def write_gallery(path: Path, circuits: Sequence[GeneratedCircuit], *, title: str) -> None:
    """Write the page."""
    replace_file(path, gallery(circuits, title=title).encode())


def _card(item: GeneratedCircuit) -> str:
    topology = item.topology
    picture = draw(topology.to_circuit(item.design.names)).svg()
    lines = [
        f"<h2>{escape(item.name)}</h2>",
        f"<p class='faint'>{len(topology)} devices, {item.design.supply_v:g} V,"
        f" {escape(item.hash[:10])}</p>",
        f"<div class='schematic'>{picture}</div>",
    ]
    if item.novel is not None:
        news = "new" if item.novel else "known"
        lines.append(
            f"<p><span class='{'ok' if item.novel else 'bad'}'>{news}</span>; nearest "
            f"<code>{escape(item.nearest)}</code>, alike by {100 * item.similarity:.0f} %</p>"
        )
    said = item.measured
    if said is not None:
        lines.append(f"<p>{_point(item)}</p>")
        if said.metrics:
            lines.append("<table>")
            lines += [
                f"<tr><td>{escape(_label(name))}</td>"
                f"<td class='number'>{escape(figure(name, value))}</td></tr>"
                for name, value in said.metrics.items()
            ]
            lines.append("</table>")
        if said.note:
            lines.append(f"<p class='faint'>{escape(said.note)}</p>")
    return f"<div class='card'>{''.join(lines)}</div>"


def _point(item: GeneratedCircuit) -> str:
    said = item.measured
    if said is None:
        return ""
    solved = "operating point solved" if said.op_solved else "no operating point"
    texts = [f"<span class='{'ok' if said.op_solved else 'bad'}'>{solved}</span>"]
    if said.saturated is not None:
        good = said.saturated
        text = "all MOS saturated" if good else "not all MOS saturated"
        texts.append(f"<span class='{'ok' if good else 'faint'}'>{text}</span>")
    if said.works is not None:
        text = "passes its testbench" if said.works else "does not pass its testbench"
        texts.append(f"<span class='{'ok' if said.works else 'bad'}'>{text}</span>")
    return ", ".join(texts)


def _label(name: str) -> str:
    head, _, unit = name.rpartition("_")
    return (head if head and unit in _UNITS else name).replace("_", " ")


def figure(name: str, value: float) -> str:
    """Return a figure with its unit, which its name ends in.

    Example:
        >>> figure("unity_gain_hz", 1.2345e7), figure("gain_db", 61.23)
        ('12.35 MHz', '61.2 dB')
    """
    unit = name.rpartition("_")[2]
    if unit in ("db", "deg"):
        return f"{value:.1f} {_UNITS[unit]}"
    if unit in _UNITS:
        found = _NUMBER.fullmatch(format_engineering(value, digits=4))
        if found is not None:
            prefix = {"meg": "M", "g": "G", "t": "T"}.get(found[2], found[2])
            return f"{found[1]} {prefix}{_UNITS[unit]}"
    return f"{value:.4g}"
