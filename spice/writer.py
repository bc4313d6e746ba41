"""Writing a circuit as a SPICE netlist: numbers in exponent form, hierarchical or flat.

What was read in whatever dialect comes out as what ngspice reads; reading it again gives the
same circuit. Paths of a flat circuit (``x1.r1``) are spelled ngspice's way (``r.x1.r1``) here,
and the reader takes that spelling back. The other dialects of SPICE are written through
`eda.spice.dialect_writers`, which first fits the circuit to what a dialect can say.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from eda.circuit import Circuit, Device, Function, ModelCard, Subcircuit
from eda.errors import NetlistError
from eda.spice.cards import (
    LETTERS,
    NGSPICE_STYLE,
    WIDTH,
    Style,
    assignments,
    card_words,
    device_lines,
    folded,
    in_written_units,
    one_line,
    spelled,
    spelled_reference,
    value_text,
    word_of,
)
from eda.spice.remarks import Remarks

__all__ = [
    "LETTERS",
    "MARK",
    "WIDTH",
    "card_words",
    "device_lines",
    "in_written_units",
    "spelled",
    "spelled_reference",
    "value_text",
    "write_source",
    "write_spice",
]

MARK: Final = "* dialect: ngspice"
"""Second line of what is written for ngspice, so that reading it again needs no guess."""


def write_spice(
    circuit: Circuit,
    *,
    flat: bool = False,
    control: bool = True,
    style: Style = NGSPICE_STYLE,
    remarks: Remarks | None = None,
) -> str:
    r"""Return a circuit as the text of an ngspice netlist.

    A circuit that is one subcircuit of a file is written as a ``.subckt``.

    Args:
        circuit: What to write.
        flat: Whether to flatten it first.
        control: Whether ``.control`` blocks are written too.
        style: How what all dialects share is written.
        remarks: Comments to be written beside the cards they belong to.

    Raises:
        NetlistError: A name holds what would not read back (a blank, a quote, a bracket).

    Example:
        >>> from eda.spice import parse_netlist
        >>> print(write_spice(parse_netlist("* rc\nR1 in out 4.7k\nC1 out 0 1u\n")))
        * rc
        * dialect: ngspice
        R1 in out 4700
        C1 out 0 1e-06
        .end
        <BLANKLINE>
    """
    if flat:
        circuit = circuit.flatten()
    said = remarks or Remarks()
    lines = [f"* {one_line(circuit.title)}".rstrip(), f"* dialect: {style.name}"]
    if circuit.globals:
        lines += folded([".global", *map(word_of, circuit.globals)])
    for name, value in circuit.parameters.items():
        lines += folded([".param", f"{word_of(name)}={value_text(value, style)}"])
    lines += _scope_lines(circuit.functions, circuit.models, style, said)
    for subcircuit in circuit.subcircuits.values():
        lines += _subcircuit_lines(subcircuit, style, said)
    devices = _device_lines(circuit.devices, style, said)
    if circuit.ports or circuit.name:
        head = [".subckt", word_of(circuit.name or "top"), *map(word_of, circuit.ports)]
        lines += [*folded(head), *_directions(circuit.directions), *devices, ".ends"]
    else:
        lines += devices
    for card in circuit.cards:
        if not card.language:
            lines += said.take(card.span, "*")
            lines += folded(one_line(card.text).split(" "))
    if control and circuit.control:
        lines += [".control", *map(one_line, circuit.control), ".endc"]
    return "\n".join([*lines, *said.rest("*"), *style.tail, ""])


def _device_lines(devices: Iterable[Device], style: Style, said: Remarks) -> list[str]:
    lines: list[str] = []
    for device in devices:
        lines += said.take(device.span, "*")
        lines += device_lines(device, style)
    return lines


def write_source(circuit: Circuit, path: str | os.PathLike[str]) -> None:
    """Write the source text of a circuit, edits included, in the encoding it was read in.

    Raises:
        NetlistError: The circuit was not read from a text.
    """
    source = circuit.source
    if source is None:
        raise NetlistError("the circuit was not read from a file; use write_spice")
    Path(path).write_bytes(source.text.encode(source.encoding))


def _directions(directions: Mapping[str, str]) -> list[str]:
    letters = {"input": "I", "output": "O", "inout": "B"}
    items = [f"{port}:{letters[way]}" for port, way in directions.items()]
    # A comment has no continuation, so a long list is several of them.
    return [f"*.PININFO {' '.join(items[i : i + 8])}" for i in range(0, len(items), 8)]


def _scope_lines(
    functions: Mapping[str, Function],
    models: Mapping[str, ModelCard],
    style: Style,
    said: Remarks,
) -> Iterable[str]:
    for function in functions.values():
        head = f"{word_of(function.name)}({','.join(function.arguments)})"
        body = one_line(function.body)
        if style.function == ".param":
            yield f".param {head}='{body}'"
        else:
            yield f".func {head} {{{body}}}"
    for card in models.values():
        yield from said.take(card.span, "*")
        words = [".model", word_of(card.name), *card.kind.split()]
        if isinstance(mesh := card.parameters.get("mesh"), str):
            # A CIDER model, whose lines are cards of their own.
            head, *lines = [one_line(line) for line in mesh.split("\n")]
            yield " ".join([*words, head]).rstrip()
            yield from (f"+ {line}".rstrip() for line in lines)
            continue
        if card.kind == "cpl":
            matrices = [
                f"{word_of(name)}={' '.join(map(value_text, value))}"
                for name, value in card.parameters.items()
                if isinstance(value, tuple)
            ]
            yield from folded([*words, *matrices])
            continue
        yield from folded([*words, *map(_with_version, assignments(card.parameters, style))])


_VERSION: Final = re.compile(r'(version)="?(\d+(?:\.\d+)*)"?$', re.IGNORECASE)


def _with_version(word: str) -> str:
    """Return a model's parameter; a version as ngspice compares it, letter by letter.

    Example:
        >>> _with_version("version=4"), _with_version('version="3.3.0"'), _with_version("vth0=1")
        ('version=4.0', 'version=3.3.0', 'vth0=1')
    """
    found = _VERSION.match(word)
    if found is None:
        return word
    return f"{found[1]}={found[2]}" + ("" if "." in found[2] else ".0")


def _subcircuit_lines(subcircuit: Subcircuit, style: Style, said: Remarks) -> list[str]:
    defaults = [
        f"{word_of(name)}={value_text(value, style)}" for name, value in subcircuit.defaults.items()
    ]
    if defaults and style.params:
        defaults.insert(0, style.params)
    head = [".subckt", word_of(subcircuit.name), *map(word_of, subcircuit.ports), *defaults]
    lines = [*said.take(subcircuit.span, "*"), *folded(head)]
    lines += _directions(subcircuit.directions)
    for name, value in subcircuit.parameters.items():
        lines += folded([".param", f"{word_of(name)}={value_text(value, style)}"])
    lines += _scope_lines(subcircuit.functions, subcircuit.models, style, said)
    for inner in subcircuit.subcircuits.values():
        lines += _subcircuit_lines(inner, style, said)
    lines += _device_lines(subcircuit.devices, style, said)
    lines += [one_line(card.text) for card in subcircuit.cards]
    return [*lines, f".ends {subcircuit.name}"]
