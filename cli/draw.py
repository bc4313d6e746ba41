"""``eda draw``: a schematic of a netlist, as a designer would draw it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eda.cli.netlist_input import read_circuit
from eda.cli.options import Dialect, File, Include, Json, Seed, SubcircuitName, TrustDeck
from eda.cli.output import check_out, note, put_json, show_lists, waiting

if TYPE_CHECKING:
    from eda.schematic import Measures, Sheet
    from eda.schematic.exports import Export

SCHEMA = "eda.draw/1"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("draw", short_help="Draw the schematic of a netlist.")(draw)


def draw(
    file: File,
    out: Annotated[
        Path,
        typer.Option(
            "-o",
            "--out",
            metavar="OUT",
            help="The file to write: .svg .png .pdf, or for an editor .sch (xschem), "
            ".asc (LTspice), .kicad_sch (KiCad).",
        ),
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

    A file with more than one sheet becomes OUT.svg and OUT.SUBCIRCUIT.svg, or one PDF. A file
    for a schematic editor comes with the symbols that its library lacks; what its netlist cannot
    say is listed.
    """
    import eda
    from eda.schematic.exports import EXPORTS

    circuit = read_circuit(file, dialect=dialect, include=include, trust_deck=trust_deck)
    inputs = [file, *(item.path for item in circuit.files)]
    check_out(out, inputs=inputs)
    with waiting("drawing"):
        drawing = eda.draw(circuit, subcircuit=subcircuit, seed=seed, blocks_above=blocks_above)
        export = drawing.export(out) if out.suffix.lower()[1:] in EXPORTS else None
        for path in drawing.paths(out) if export is None else export.files:
            check_out(path, inputs=inputs)
        written = drawing.write(out) if export is None else export.write()
    sheets = [
        _answer(sheet, own) for sheet, own in zip(drawing.sheets, drawing.measures, strict=True)
    ]
    if json:
        answer = {"file": file, "out": [str(path) for path in written], "sheets": sheets}
        put_json(SCHEMA, {**answer, **_editor_answer(export)})
        return
    for sheet, own in zip(drawing.sheets, drawing.measures, strict=True):
        _tell(sheet, own)
    if export is not None:
        show_lists(export.editor.name, export.dropped, export.renamed)
        for text in export.notes:
            note(text)
    note(f"wrote {', '.join(map(str, written))}")


def _answer(sheet: Sheet, own: Measures) -> dict[str, Any]:
    return {"name": sheet.name, **asdict(own), "notes": list(sheet.notes)}


def _editor_answer(export: Export | None) -> dict[str, Any]:
    """Return what is said of a file for an editor beside the figures of its sheets."""
    if export is None:
        return {}
    return {
        "editor": export.editor.name,
        "dropped": [str(item) for item in export.dropped],
        "renamed": [asdict(item) for item in export.renamed],
        "notes": list(export.notes),
    }


def _tell(sheet: Sheet, own: Measures) -> None:
    name = f"{sheet.name}: " if sheet.name else ""
    note(
        f"{name}{own.devices} devices, {own.wired_nets} of {own.signal_nets} signal nets wired,"
        f" {own.crossings} crossings, {own.width:.0f} x {own.height:.0f}"
    )
    for text in sheet.notes:
        note(text)
