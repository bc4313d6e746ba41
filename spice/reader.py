"""Reading a netlist: the passes in order.

Logical lines -> structure (dot cards, includes, conditions) -> elements -> links -> `Circuit`.
The reader recovers: it reports every problem it meets and keeps what it understood.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from eda.circuit import Circuit, Source, Span
from eda.errors import NetlistError
from eda.spice.dialects import Dialect, detect_dialect, dialect_named
from eda.spice.drafts import Draft, Reading
from eda.spice.includes import Includes
from eda.spice.kicad_netlist import is_kicad_netlist, kicad_cards
from eda.spice.lines import logical_lines
from eda.spice.link import link
from eda.spice.primitives import primitive_table
from eda.spice.spectre.walk import walk_source
from eda.spice.structure import walk_cards
from eda.spice.text import read_source
from eda.spice.traps import traps
from eda.spice.verilog.reader import read_verilog
from eda.spice.walk import Walk

SHOWN_ERRORS = 20
"""How many problems the message of a refused netlist lists."""


def read_netlist(
    path: str | os.PathLike[str],
    *,
    dialect: str = "auto",
    include_dirs: Sequence[str | os.PathLike[str]] = (),
    trust_deck: bool = False,
    strict: bool = True,
    preamble: Sequence[str] = (),
) -> Circuit:
    r"""Return the circuit a netlist file describes.

    Args:
        path: The file; ``-`` reads standard input. ``.gz`` files are unpacked.
        dialect: ``ngspice hspice ltspice pspice cdl kicad spectre verilog``, or ``auto``
            to look.
        include_dirs: Folders that are searched for included files, beside the deck's own.
        trust_deck: Whether files outside the deck's folder and those roots may be included.
        strict: Whether errors in the netlist raise; else they are only in ``diagnostics``.
        preamble: Cards that are read before the file's own, such as those of a PDK's corner.

    Raises:
        NetlistError: The file cannot be read, or (with ``strict``) has errors; the message
            lists the first 20, and ``diagnostics`` holds all.

    Example:
        >>> import tempfile, pathlib
        >>> deck = pathlib.Path(tempfile.mkdtemp()) / "rc.cir"
        >>> _ = deck.write_text("* rc\nR1 in out 1k\nC1 out 0 1u\n.end\n")
        >>> [device.kind for device in read_netlist(deck).devices]
        ['resistor', 'capacitor']
    """
    source = read_source(path)
    return _read(source, dialect, include_dirs, trust_deck, strict, preamble)


def parse_netlist(
    text: str,
    *,
    dialect: str = "auto",
    name: str = "<text>",
    include_dirs: Sequence[str | os.PathLike[str]] = (),
    strict: bool = True,
) -> Circuit:
    r"""Return the circuit a netlist text describes; the first line is its title.

    Args:
        text: The netlist.
        dialect: As for `read_netlist`.
        name: What messages call it.
        include_dirs: Folders that may be included from; without any, includes are not read.
        strict: As for `read_netlist`.

    Raises:
        NetlistError: The text is no netlist, or (with ``strict``) has errors.

    Example:
        >>> parse_netlist("* rc\nR1 in out 4.7k\n").device("r1").parameters["value"]
        4700.0
    """
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise NetlistError(f"{name}:{line}: a NUL byte; this is no netlist", path=name, line=line)
    return _read(Source(name, text), dialect, include_dirs, False, strict)


def _read(
    source: Source,
    dialect: str,
    include_dirs: Sequence[str | os.PathLike[str]],
    trust: bool,
    strict: bool,
    preamble: Sequence[str] = (),
) -> Circuit:
    if not source.text.strip():
        raise NetlistError(f"{source.path}: the file is empty", path=source.path)
    try:
        how = (
            detect_dialect(source.text, source.path)
            if dialect == "auto"
            else dialect_named(dialect)
        )
    except NetlistError as problem:
        raise NetlistError(f"{source.path}:1: {problem}", path=source.path, line=1) from None
    _refuse_what_is_no_netlist(source)
    with _no_collection():
        if how.name == "verilog":
            circuit = read_verilog(source)
        else:
            includes = Includes.of(source.path, include_dirs, trust=trust)
            circuit = _read_netlist(source, how, includes, preamble)
    if strict and circuit.errors:
        raise refusal(circuit)
    return circuit


def _read_netlist(
    source: Source, dialect: Dialect, includes: Includes, preamble: Sequence[str]
) -> Circuit:
    reading = Reading(dialect, Draft("", Span(source.path, 1)))
    reading.files.append(source)
    walk = Walk(reading, includes)
    if preamble:
        first = Source("<preamble>", "\n".join(preamble))
        reading.files.append(first)
        walk_cards(walk, first.path, logical_lines(first.text, dialect, title=False)[1])
    fill = _fill_spectre if dialect.name == "spectre" else _fill
    if dialect.name == "kicad" and is_kicad_netlist(source.text):
        fill = _fill_kicad
    fill(walk, source)
    circuit = link(reading, source, primitive_table())
    if found := traps(circuit):
        circuit = replace(circuit, diagnostics=(*circuit.diagnostics, *found))
    return circuit


def refusal(circuit: Circuit) -> NetlistError:
    """Return the exception for a circuit with errors: the first 20 of them, in file order."""
    errors = circuit.errors
    shown = "\n".join(str(item) for item in errors[:SHOWN_ERRORS])
    if len(errors) > SHOWN_ERRORS:
        shown += f"\nand {len(errors) - SHOWN_ERRORS} more errors"
    first = errors[0]
    return NetlistError(
        shown,
        path=first.span.path,
        line=first.span.line,
        column=first.span.column,
        card=first.card,
        diagnostics=circuit.diagnostics,
    )


def _fill(walk: Walk, source: Source) -> None:
    """Read the cards of a SPICE netlist."""
    title, cards = logical_lines(source.text, walk.reading.dialect, title=True)
    walk.reading.title = title.lstrip("* ")
    walk_cards(walk, source.path, cards)


def _fill_kicad(walk: Walk, source: Source) -> None:
    """Read the parts of KiCad's own netlist."""
    walk.reading.title, cards = kicad_cards(source.text, source.path)
    walk_cards(walk, source.path, cards)


def _fill_spectre(walk: Walk, source: Source) -> None:
    """Read the statements of a Spectre netlist."""

    def follow(walk: Walk, source: Source, section: str, depth: int) -> bool:
        return walk_source(walk, source, section=section, depth=depth)

    walk.follow = follow
    walk_source(walk, source)


def _refuse_what_is_no_netlist(source: Source) -> None:
    """Refuse text that is plainly something else, with one sentence instead of a thousand."""
    odd = sum(1 for char in source.text[:4096] if char < " " and char not in "\t\n\r\f\v\x1a")
    if odd > 8:
        raise NetlistError(
            f"{source.path}:1: this is no netlist but a binary file", path=source.path, line=1
        )


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold the cyclic garbage collector: a netlist is a million objects and no cycle."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
