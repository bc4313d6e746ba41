"""Reading the netlist of a command: what the reader had to say, and whether to go on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from eda.cli.output import complain, note, waiting
from eda.errors import NetlistError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eda.circuit import Circuit, Diagnostic

_AIGER = re.compile(r"a[ai]g( \d+){5,9}\s")

MOST_SHOWN = 20
"""Diagnostics shown of one file; a wrong dialect can give thousands."""


def read_circuit(
    file: str,
    *,
    dialect: str = "auto",
    include: Sequence[Path] | None = None,
    trust_deck: bool = False,
) -> Circuit:
    """Read a netlist, show what the reader had to say, and stop where it found errors.

    Raises:
        NetlistError: The netlist has errors; they have been shown.
    """
    circuit = read_with_errors(file, dialect=dialect, include=include, trust_deck=trust_deck)
    show_diagnostics(circuit.diagnostics)
    errors = circuit.errors
    if errors:
        first = errors[0]
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        raise NetlistError(
            f"{file}: {count}, the first in line {first.span.line}; mend it and run this again",
            path=first.span.path,
            line=first.span.line,
            column=first.span.column,
            card=first.card,
            diagnostics=errors,
        )
    return circuit


def read_with_errors(
    file: str,
    *,
    dialect: str = "auto",
    include: Sequence[Path] | None = None,
    trust_deck: bool = False,
    preamble: Sequence[str] = (),
) -> Circuit:
    """Read a netlist and leave its errors to the caller, as ``eda check`` wants it."""
    from eda.spice import read_netlist

    with waiting(f"reading {file}"):
        circuit = read_netlist(
            file,
            dialect=dialect,
            include_dirs=tuple(include or ()),
            trust_deck=trust_deck,
            strict=False,
            preamble=preamble,
        )
    if circuit.source is not None and _AIGER.match(circuit.source.text):
        raise NetlistError(
            f"{file}: this is an AIGER file (logic), and the command takes a netlist of devices; "
            "eda info, eda graph and eda convert take both",
            path=file,
        )
    return circuit


def show_diagnostics(diagnostics: Sequence[Diagnostic]) -> None:
    """Print errors, then warnings, to stderr: the first twenty in all."""
    errors = [item for item in diagnostics if item.severity == "error"]
    warnings = [item for item in diagnostics if item.severity == "warning"]
    for item in errors[:MOST_SHOWN]:
        complain(str(item))
    left = MOST_SHOWN - len(errors)
    for item in warnings[: max(left, 0)]:
        note(str(item))
    hidden = len(errors) + len(warnings) - MOST_SHOWN
    if hidden > 0:
        note(f"... and {hidden} more; `eda check` lists them all")
