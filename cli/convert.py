"""``eda convert``: read a netlist in one dialect, write it in another."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eda.cli.logic_input import logic_format_of, read_logic_file
from eda.cli.netlist_input import read_circuit
from eda.cli.options import Dialect, Include, Json, SubcircuitName, TrustDeck
from eda.cli.output import note, put, put_json, replacing, show_lists, waiting
from eda.errors import InputError

if TYPE_CHECKING:
    from eda.spice.convert import Conversion

SCHEMA = "eda.convert/1"
LOGIC_SCHEMA = "eda.convert.logic/1"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("convert", short_help="Write a netlist in another dialect.")(convert)


def convert(
    file: Annotated[str, typer.Argument(metavar="IN", help="A netlist; - reads standard input.")],
    out: Annotated[
        str, typer.Option("-o", "--out", metavar="OUT", help="The file to write; - is stdout.")
    ],
    to: Annotated[
        str | None,
        typer.Option(
            metavar="DIALECT",
            help="ngspice, hspice, ltspice, pspice, cdl, spectre or verilog; of logic: aag, aig, "
            "blif, bench or verilog; by default what the suffix of OUT means (.cir .sp .net .cdl "
            ".scs .v .aag .aig .blif .bench).",
        ),
    ] = None,
    flat: Annotated[bool, typer.Option("--flat", help="Write it without hierarchy.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail where the dialect cannot say all of it.")
    ] = False,
    comments: Annotated[
        bool, typer.Option("--comments/--no-comments", help="Write the comments of the files too.")
    ] = True,
    keep_includes: Annotated[
        bool,
        typer.Option(
            "--keep-includes", help="Keep include cards, instead of what the files they name say."
        ),
    ] = False,
    subcircuit: SubcircuitName = None,
    dialect: Dialect = "auto",
    include: Include = None,
    trust_deck: TrustDeck = False,
    json: Json = False,
) -> None:
    """Write a netlist in another dialect; what cannot be carried over is listed.

    Logic (AIGER, BLIF, BENCH, PLA, Verilog gates) is written as aag, aig, blif, bench or verilog.
    """
    if json and out == "-":
        raise typer.BadParameter("--json and -o - would both write to standard output")
    target = _logic_target(file, to, out)
    if target is not None:
        _logic(file, target, out, json=json)
        return
    from eda.spice.convert import convert as write

    name = _dialect(to, out)
    if keep_includes and (flat or subcircuit is not None):
        raise typer.BadParameter("--keep-includes goes with neither --flat nor --subcircuit")
    circuit = read_circuit(file, dialect=dialect, include=include, trust_deck=trust_deck)
    if flat or subcircuit is not None:
        circuit = circuit.flatten(subcircuit=subcircuit)
    with waiting("writing"):
        made = write(
            circuit, to=name, strict=strict, comments=comments, keep_includes=keep_includes
        )
    if out == "-":
        put(made.text)
        _show(made)
        return
    with replacing(Path(out), inputs=[file, *(item.path for item in circuit.files)]) as temporary:
        temporary.write_text(made.text, encoding="utf-8", newline="\n")
    if json:
        dropped = [str(item) for item in made.dropped]
        renamed = [asdict(item) for item in made.renamed]
        kept = [str(item) for item in made.kept]
        answer = {"out": out, "dialect": name, "dropped": dropped, "renamed": renamed}
        answer["kept"] = kept
        put_json(SCHEMA, answer)
    else:
        _show(made)
        note(f"wrote {out}")


def _dialect(to: str | None, out: str) -> str:
    """Return the dialect to write: the one asked for, else what the suffix means."""
    from eda.spice.convert import SUFFIXES, WRITTEN

    if to is None:
        return SUFFIXES.get(Path(out).suffix.lower(), "ngspice")
    if to.lower() not in WRITTEN:
        known = f"{', '.join(WRITTEN[:-1])} or {WRITTEN[-1]}"
        raise typer.BadParameter(f"{to} is no dialect; write {known}", param_hint="--to")
    return to.lower()


def _show(made: Conversion) -> None:
    """Say what was dropped, renamed and kept, the first twenty of each."""
    show_lists(made.to, made.dropped, made.renamed)
    for item in made.kept:
        note(f"kept, to be read in {made.to}: {item}")


def _logic_target(file: str, to: str | None, out: str) -> str | None:
    """Return the logic format to write, or None where the netlist is one of devices."""
    from eda.logic import WRITTEN, logic_format

    wanted = (to or "").lower()
    found = wanted if wanted in WRITTEN else None
    if not wanted:
        found = logic_format(out)
    if found is not None and found != "verilog":
        return found
    if logic_format_of(file) is None:
        return None
    if found is None and (wanted or (out != "-" and Path(out).suffix)):
        raise InputError(
            f"{file}: this is logic, which is written as {', '.join(WRITTEN)}; "
            f"{wanted or out} is none of them"
        )
    return found or "aag"


def _logic(file: str, target: str, out: str, *, json: bool) -> None:
    from eda.logic.files import logic_bytes

    aig = read_logic_file(file)
    with waiting("writing"):
        data = logic_bytes(aig, target)
    if out == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    with replacing(Path(out), inputs=[file]) as temporary:
        temporary.write_bytes(data)
    if json:
        put_json(LOGIC_SCHEMA, {"out": out, "format": target, "ands": aig.num_ands})
    else:
        note(f"wrote {out}")
