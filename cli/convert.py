"""``eda convert``: read a netlist in one dialect, write it in another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eda.cli.netlist_input import read_circuit
from eda.cli.options import Dialect, Include, Json, SubcircuitName, TrustDeck
from eda.cli.output import note, put, put_json, replacing, waiting

SCHEMA = "eda.convert/1"
WRITTEN = ("ngspice",)
# What the reader could not take over, so that it cannot be written either.
_LOST = frozenset({"include", "template", "unsupported"})
LATER = ("hspice", "spectre", "cdl", "ltspice", "pspice")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("convert", short_help="Write a netlist in another dialect.")(convert)


def convert(
    file: Annotated[str, typer.Argument(metavar="IN", help="A netlist; - reads standard input.")],
    out: Annotated[
        str, typer.Option("-o", "--out", metavar="OUT", help="The file to write; - is stdout.")
    ],
    to: Annotated[str, typer.Option(metavar="DIALECT", help="What to write: ngspice.")] = "ngspice",
    flat: Annotated[bool, typer.Option("--flat", help="Write it without hierarchy.")] = False,
    subcircuit: SubcircuitName = None,
    dialect: Dialect = "auto",
    include: Include = None,
    trust_deck: TrustDeck = False,
    json: Json = False,
) -> None:
    """Write a netlist in another dialect; what cannot be carried over is listed."""
    if to.lower() in LATER:
        raise typer.BadParameter(f"{to} cannot be written yet; ngspice can", param_hint="--to")
    if to.lower() not in WRITTEN:
        raise typer.BadParameter(f"{to} is no dialect; write ngspice", param_hint="--to")
    if json and out == "-":
        raise typer.BadParameter("--json and -o - would both write to standard output")
    from eda.spice import write_spice

    circuit = read_circuit(file, dialect=dialect, include=include, trust_deck=trust_deck)
    if flat or subcircuit is not None:
        circuit = circuit.flatten(subcircuit=subcircuit)
    with waiting("writing"):
        text = write_spice(circuit)
    if out == "-":
        put(text)
        return
    with replacing(Path(out), inputs=[file, *(item.path for item in circuit.files)]) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    dropped = [item.message for item in circuit.diagnostics if item.code in _LOST]
    if json:
        put_json(SCHEMA, {"out": out, "dialect": to.lower(), "dropped": dropped})
    else:
        note(f"wrote {out}")
