"""``eda graph``: write a circuit as a graph file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eda.cli.logic_input import logic_format_of, read_logic_file
from eda.cli.netlist_input import read_circuit
from eda.cli.options import Dialect, File, Include, Json, SubcircuitName, TrustDeck
from eda.cli.output import check_out, note, put_json, waiting

SCHEMA = "eda.graph/1"
LOGIC_SCHEMA = "eda.graph.logic/1"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("graph", short_help="Write a circuit, or logic, as a graph file.")(graph)


def graph(
    file: File,
    out: Annotated[
        Path,
        typer.Option(
            "-o", "--out", metavar="OUT", help="The file to write: .json .graphml .npz or .pt"
        ),
    ],
    subcircuit: SubcircuitName = None,
    dialect: Dialect = "auto",
    include: Include = None,
    trust_deck: TrustDeck = False,
    json: Json = False,
) -> None:
    """Write the bipartite graph of devices and nets, as node-link JSON, GraphML, NPZ or PyG.

    Of a logic file (AIGER, BLIF, BENCH, PLA, Verilog gates): the graph of its ANDs.
    """
    format = logic_format_of(file)
    if format is not None:
        _logic(file, format, out, json=json)
        return
    from eda.graph import circuit_graph, write_graph

    circuit = read_circuit(file, dialect=dialect, include=include, trust_deck=trust_deck)
    with waiting("making the graph"):
        made = circuit_graph(circuit.flatten(subcircuit=subcircuit))
    check_out(out, inputs=[file, *(item.path for item in circuit.files)])
    write_graph(made, out)
    counts = {"devices": made.num_devices, "nets": made.num_nets, "pins": made.num_pins}
    if json:
        put_json(SCHEMA, {"out": str(out), **counts})
    else:
        told = ", ".join(f"{count} {name}" for name, count in counts.items())
        note(f"wrote {out}: {told}")


def _logic(file: str, format: str, out: Path, *, json: bool) -> None:
    from eda.graph.aig_files import write_aig_graph

    aig = read_logic_file(file, format=format)
    check_out(out, inputs=[file])
    with waiting("making the graph"):
        counts = write_aig_graph(aig, out)
    if json:
        put_json(LOGIC_SCHEMA, {"out": str(out), **counts})
    else:
        note(f"wrote {out}: {', '.join(f'{count} {name}' for name, count in counts.items())}")
