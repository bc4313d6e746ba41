"""Include cards kept as they are written, and what they brought in left out of the text."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from eda.circuit import Card, Circuit, Span
from eda.spice.convert.target import Loss
from eda.spice.dialects import DIALECTS
from eda.spice.lines import LogicalLine, logical_lines
from eda.spice.spectre.lines import spectre_lines
from eda.spice.words import split_assignments

_SPICE: Final = re.compile(r"\.(include|incl|inc|lib)\s+(.+)$", re.IGNORECASE)
_SPECTRE: Final = re.compile(r"include\s+(.+)$", re.IGNORECASE)
_FILE: Final = re.compile(r"\"([^\"]*)\"|'([^']*)'|(\S+)")
_SECTION: Final = re.compile(r"section\s*=\s*(\S+)", re.IGNORECASE)
_NO_SECTIONS: Final = frozenset({"ltspice", "pspice", "cdl"})


@dataclass(frozen=True, slots=True)
class Kept:
    """An include card of the file itself, outside of subcircuits.

    Attributes:
        file: As it is written.
        section: Of a library; empty where it has none.
        text: The whole card.
    """

    file: str
    section: str
    text: str
    span: Span


def own_part(circuit: Circuit) -> tuple[Circuit, list[Kept]]:
    """Return what a netlist's own file says, and the files it includes besides.

    A circuit that was not read from a file comes back as it is.
    """
    source = circuit.source
    if source is None:
        return circuit, []
    lines = _lines(circuit, source.text)
    kept = _includes(circuit, lines)
    if not kept:
        return circuit, []
    own_names = _assigned(lines)

    def ours(span: Span) -> bool:
        return span.path == source.path or span.line < 1

    made = replace(
        circuit,
        devices=tuple(item for item in circuit.devices if ours(item.span)),
        models={key: card for key, card in circuit.models.items() if ours(card.span)},
        subcircuits={key: item for key, item in circuit.subcircuits.items() if ours(item.span)},
        cards=tuple(card for card in circuit.cards if ours(card.span)),
        parameters={key: v for key, v in circuit.parameters.items() if key in own_names},
        functions={key: v for key, v in circuit.functions.items() if key in own_names},
    )
    return made, kept


def kept_card(kept: Kept, target: str) -> tuple[Card | None, Loss | None]:
    """Return an include card as a dialect writes it, or what it cannot say of it."""
    if target == "verilog" or (kept.section and target in _NO_SECTIONS):
        return None, Loss(f"{kept.text}: {target} has no sections of libraries", kept.span)
    if target == "spectre":
        section = f" section={kept.section}" if kept.section else ""
        return Card(f'include "{kept.file}"{section}', kept.span, "spectre"), None
    quote = "'" if target == "hspice" else '"'
    name = f"{quote}{kept.file}{quote}"
    word = f".lib {name} {kept.section}" if kept.section else f".include {name}"
    return Card(word, kept.span), None


def _lines(circuit: Circuit, text: str) -> list[LogicalLine]:
    dialect = DIALECTS[circuit.dialect]
    if circuit.dialect == "spectre":
        return spectre_lines(text, dialect, language="spectre")[1]
    if circuit.dialect == "verilog":
        return []
    return logical_lines(text, dialect, title=True)[1]


def _includes(circuit: Circuit, lines: list[LogicalLine]) -> list[Kept]:
    assert circuit.source is not None
    alone = DIALECTS[circuit.dialect].lib_alone_includes
    found: list[Kept] = []
    depth = 0
    for line in lines:
        word = line.text.split(None, 1)[0].lower() if line.text else ""
        if word in (".subckt", ".macro", "subckt", "inline"):
            depth += 1
        elif word in (".ends", ".eom", "ends"):
            depth -= 1
        if depth:
            continue
        span = line.span(circuit.source.path)
        if (spectre := _SPECTRE.match(line.text)) is not None:
            part = _SECTION.search(spectre[1])
            name = _FILE.match(spectre[1])
            if name is not None:
                file = name[1] or name[2] or name[3] or ""
                found.append(Kept(file, part[1] if part else "", line.text, span))
        elif (spice := _SPICE.match(line.text)) is not None:
            words = [a or b or c for a, b, c in _FILE.findall(spice[2])]
            lib = spice[1].lower() == "lib"
            if not lib or len(words) > 1 or alone:
                section = words[1] if lib and len(words) > 1 else ""
                found.append(Kept(words[0], section, line.text, span))
    return found


def _assigned(lines: list[LogicalLine]) -> frozenset[str]:
    """Return the names of the parameters and functions that a file itself defines."""
    names: set[str] = set()
    for line in lines:
        found = re.match(r"\.(?:param|csparam)\w*\s|parameters\s", line.text, re.IGNORECASE)
        if found is not None:
            names.update(name.lower() for name, _, _ in split_assignments(line.text[found.end() :]))
        function = re.match(r"(?:\.func|real)\s+(\w+)", line.text, re.IGNORECASE)
        if function is not None:
            names.add(function[1].lower())
    return frozenset(names)
