"""``eda draw``: a schematic of a netlist, as a designer would draw it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eda.cli.logic_input import logic_format_of, read_logic_file
from eda.cli.netlist_input import read_circuit
from eda.cli.options import Dialect, File, Include, Json, Seed, SubcircuitName, TrustDeck
from eda.cli.output import check_out, note, put_json, waiting

if TYPE_CHECKING:
    from eda.schematic import Drawing, Measures, Sheet

SCHEMA = "eda.draw/1"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("draw", short_help="Draw the schematic of a netlist.")(draw)


def draw(
    file: File,
    out: Annotated[
        Path,
        typer.Option("-o", "--out", metavar="OUT", help="The file to write: .svg .png or .pdf"),
    ],
    subcircuit: SubcircuitName = None,
    blocks_above: Annotated[
        int,
        typer.Option(
            min=0, metavar="N", help="With more than N devices, subcircuits get their own sheets."
        ),
    ] = 40,
    seed: Seed = 0,
    dialect: Dialect = "auto",
    include: Include = None,
    trust_deck: TrustDeck = False,
    json: Json = False,
) -> None:
    """Draw a netlist: supply above, ground below, inputs left, outputs right, pairs level.

    A file with more than one sheet becomes OUT.svg and OUT.SUBCIRCUIT.svg, or one PDF. Logic
    (AIGER, BLIF, BENCH, PLA, Verilog gates) is drawn as ANDs by level, inputs left.
    """
    import eda

    format = logic_format_of(file)
    if format is not None:
        _logic(file, format, out, json=json)
        return
    circuit = read_circuit(file, dialect=dialect, include=include, trust_deck=trust_deck)
    inputs = [file, *(item.path for item in circuit.files)]
    check_out(out, inputs=inputs)
    with waiting("drawing"):
        drawing = eda.draw(circuit, subcircuit=subcircuit, seed=seed, blocks_above=blocks_above)
        for path in drawing.paths(out):
            check_out(path, inputs=inputs)
        written = drawing.write(out)
    _say(file, drawing, written, json=json)


def _logic(file: str, format: str, out: Path, *, json: bool) -> None:
    from eda.schematic import draw_aig

    check_out(out, inputs=[file])
    aig = read_logic_file(file, format=format)
    with waiting("drawing"):
        drawing = draw_aig(aig, name="" if file == "-" else Path(file).stem)
        written = drawing.write(out)
    _say(file, drawing, written, json=json)


def _say(file: str, drawing: Drawing, written: list[Path], *, json: bool) -> None:
    sheets = [
        _answer(sheet, own) for sheet, own in zip(drawing.sheets, drawing.measures, strict=True)
    ]
    if json:
        put_json(SCHEMA, {"file": file, "out": [str(path) for path in written], "sheets": sheets})
        return
    for sheet, own in zip(drawing.sheets, drawing.measures, strict=True):
        _tell(sheet, own)
    note(f"wrote {', '.join(map(str, written))}")


def _answer(sheet: Sheet, own: Measures) -> dict[str, Any]:
    return {"name": sheet.name, **asdict(own), "notes": list(sheet.notes)}


def _tell(sheet: Sheet, own: Measures) -> None:
    name = f"{sheet.name}: " if sheet.name else ""
    note(
        f"{name}{own.devices} devices, {own.wired_nets} of {own.signal_nets} signal nets wired,"
        f" {own.crossings} crossings, {own.width:.0f} x {own.height:.0f}"
    )
    for text in sheet.notes:
        note(text)
