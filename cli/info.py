"""``eda info``: what is in a netlist or a logic file, counted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eda.cli.logic_input import logic_format_of
from eda.cli.netlist_input import read_circuit
from eda.cli.options import Dialect, File, Include, Json, SubcircuitName, TrustDeck
from eda.cli.output import put, put_json, waiting

if TYPE_CHECKING:
    from eda.circuit import Circuit

SCHEMA = "eda.info/1"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("info", short_help="Count what is in a netlist or a logic file.")(info)


def info(
    file: File,
    subcircuit: SubcircuitName = None,
    dialect: Dialect = "auto",
    include: Include = None,
    trust_deck: TrustDeck = False,
    structures: Annotated[
        bool,
        typer.Option(
            "--structures",
            help="List the blocks it is made of, matched devices, symmetries, signal path.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Count what is in a netlist: devices, nets, hierarchy, models, and figures of its graph.

    Of a logic file (AIGER, BLIF, BENCH, PLA, Verilog gates): interface, ANDs, levels.
    """
    format = None if structures else logic_format_of(file)
    if format is not None:
        from eda.cli.info_logic import put_logic

        put_logic(file, format, json=json)
        return
    circuit = read_circuit(file, dialect=dialect, include=include, trust_deck=trust_deck)
    if structures:
        from eda.cli.info_structures import put_structures

        put_structures(file, circuit, subcircuit=subcircuit, json=json)
        return
    with waiting("counting"):
        flat = circuit.flatten(subcircuit=subcircuit)
        answer = {"file": file, "format": "spice", **describe(circuit, flat)}
    if json:
        put_json(SCHEMA, answer)
    else:
        _show(answer)


def describe(circuit: Circuit, flat: Circuit) -> dict[str, Any]:
    """Return what there is to say of a circuit: as written, and flattened."""
    severities = Counter(item.severity for item in circuit.diagnostics)
    return {
        "dialect": circuit.dialect,
        "title": circuit.title,
        "devices": len(flat.devices),
        "nets": len(flat.nets),
        "kinds": dict(Counter(device.kind for device in flat.devices).most_common()),
        "ports": list(flat.ports),
        "globals": list(flat.globals),
        "top_devices": len(circuit.devices),
        "subcircuits": [
            {"name": item.name, "ports": list(item.ports), "devices": len(item.devices)}
            for item in circuit.subcircuits.values()
        ],
        "black_boxes": dict(
            Counter(item.model for item in flat.devices if item.kind == "subcircuit").most_common()
        ),
        "models": [{"name": item.name, "kind": item.kind} for item in circuit.models.values()],
        "parameters": len(circuit.parameters),
        "files": [item.path for item in circuit.files],
        "graph": _graph_figures(flat),
        "diagnostics": {name: severities[name] for name in ("error", "warning", "info")},
    }


def _graph_figures(flat: Circuit) -> dict[str, Any]:
    import numpy as np

    from eda.graph import NET_CLASSES, circuit_graph

    graph = circuit_graph(flat)
    degree = graph.net_degree
    largest = int(np.argmax(degree)) if graph.num_nets else -1
    classes = Counter(NET_CLASSES[index] for index in graph.net_class.tolist())
    return {
        "nodes": graph.num_devices + graph.num_nets,
        "edges": graph.num_pins,
        "net_classes": dict(classes.most_common()),
        "mean_pins_per_net": round(float(degree.mean()), 2) if graph.num_nets else 0.0,
        "largest_net": graph.net_names[largest] if graph.num_nets else None,
        "largest_net_pins": int(degree[largest]) if graph.num_nets else 0,
    }


def _show(answer: dict[str, Any]) -> None:
    graph = answer["graph"]
    diagnostics = answer["diagnostics"]
    lines = {
        "title": answer["title"],
        "dialect": answer["dialect"],
        "devices": f"{answer['devices']}{_counted(answer['kinds'])}",
        "nets": f"{answer['nets']}{_counted(graph['net_classes'])}",
        "ports": " ".join(answer["ports"]),
        "globals": " ".join(answer["globals"]),
        "subcircuits": _listed([item["name"] for item in answer["subcircuits"]]),
        "black boxes": _counted(answer["black_boxes"]).strip(" ()"),
        "models": _listed([f"{item['name']} ({item['kind']})" for item in answer["models"]]),
        "parameters": str(answer["parameters"] or ""),
        "graph": f"{graph['nodes']} nodes, {graph['edges']} edges",
        "largest net": f"{graph['largest_net']} ({graph['largest_net_pins']} pins)",
        "files": _listed(answer["files"]),
        "diagnostics": _counted({k: v for k, v in diagnostics.items() if v}).strip(" ()"),
    }
    width = max(map(len, lines)) + 2
    put("\n".join(f"{name:<{width}}{text}" for name, text in lines.items() if text))


def _counted(counts: dict[str, int]) -> str:
    """Return `` (7 mosfet, 2 resistor)``, or nothing."""
    parts = [f"{count} {name}" for name, count in counts.items()]
    return f" ({_listed(parts)})" if parts else ""


def _listed(names: list[str], most: int = 8) -> str:
    """Return names with commas, the tail of a long list only counted."""
    more = f", and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
