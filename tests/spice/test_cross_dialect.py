"""One circuit in several dialects: the same devices on the same nets, the same SI values."""

import json
import random
import re
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from networkx.algorithms.isomorphism import categorical_edge_match, categorical_node_match

from eda.circuit import Circuit, Device, Expression, number
from eda.circuit.expression import evaluate, probes
from eda.graph import circuit_graph
from eda.graph.compare import compare
from eda.spice import read_netlist

DECKS = ("ngspice.sp", "hspice.sp", "ltspice.net", "pspice.cir", "cdl.cdl")
CASES = [("opamp2", deck) for deck in DECKS] + [("filter", deck) for deck in DECKS[:4]]
VALUES = {"r": "value", "c": "value", "l": "value", "gm": "gain"}


@pytest.mark.parametrize(("name", "deck"), CASES)
def test_same_devices_and_values(name: str, deck: str, data: Path) -> None:
    folder = data / "schematics/dialects" / name
    truth = json.loads((folder / "truth.json").read_text())
    circuit = read_netlist(folder / deck)
    assert circuit.dialect == deck.partition(".")[0]
    flat = circuit.flatten(subcircuit=truth["top"])
    assert {port.lower() for port in flat.ports} == set(truth["ports"])
    wanted = graph_of([expected_device(item) for item in truth["devices"]], truth["ports"])
    found = graph_of([found_device(device) for device in flat.devices], truth["ports"])
    assert sorted(label for _, label in found.nodes(data="label")) == sorted(
        label for _, label in wanted.nodes(data="label")
    )
    assert nx.is_isomorphic(
        found, wanted, categorical_node_match("label", ""), categorical_edge_match("role", "")
    )


Row = tuple[str, dict[str, str], dict[str, float]]


def expected_device(item: dict[str, Any]) -> Row:
    kind = {"nch": "mosfet n", "pch": "mosfet p"}.get(item["kind"], item["kind"])
    values = VALUES if kind.split()[0] != "mosfet" else {}
    params = {values.get(k, k): v for k, v in item["params"].items() if not isinstance(v, str)}
    params.pop("m", None)
    return kind, item["pins"], params


def found_device(device: Device) -> Row:
    kind = f"{device.kind} {device.polarity}".strip()
    values = {name: number(value) for name, value in device.parameters.items()}
    # CDL resistors carry their size beside their value.
    names = ("w", "l") if device.kind == "mosfet" else ("value", "gain")
    wanted = {name: value for name in names if (value := values.get(name)) is not None}
    pins = {role: net.lower() for role, net in device.pins}
    if device.kind == "mutual":
        wanted = {"k": number(device.parameters["k"]) or 0.0}
    if isinstance(linear := device.parameters.get("value"), Expression) and "cp" not in pins:
        # PSpice writes a linear source as VALUE { 10*V(d,vss) }.
        (control, reference), _ = probes(linear.text)
        pins.update(cp=control, cn=reference)
        wanted = {"gain": evaluate(re.sub(r"V\(.*?\)", "1", linear.text))}
    return kind, pins, wanted


def graph_of(rows: list[Row], ports: list[str]) -> nx.Graph:
    graph = nx.Graph()
    for index, (kind, pins, values) in enumerate(rows):
        shown = " ".join(f"{name}={values[name]:.6g}" for name in sorted(values))
        graph.add_node(index, label=f"{kind} {shown}")
        for role, net in pins.items():
            graph.add_node(net, label=f"port {net}" if net in ports else "net")
            if graph.has_edge(index, net):
                graph.edges[index, net]["role"] += role
            else:
                graph.add_edge(index, net, role=role)
    return graph


def test_multiplier_of_the_op_amp(data: Path) -> None:
    for deck in DECKS:
        flat = read_netlist(data / "schematics/dialects/opamp2" / deck).flatten(subcircuit="opamp2")
        multipliers = [
            number(d.parameters.get("m", 1.0)) for d in flat.devices if d.kind == "mosfet"
        ]
        assert sorted(m or 0.0 for m in multipliers) == [1.0] * 7 + [4.0]


def test_standard_cells_are_the_same_in_spice_and_cdl(data: Path) -> None:
    folder = data / "spice/stdcells-3dialect"
    cells = sorted(path.stem for path in (folder / "spice").iterdir() if path.is_file())
    assert len(cells) == 138
    for cell in random.Random(0).sample(cells, 25):
        one, two = read_cell(folder / "spice", cell), read_cell(folder / "cdl", cell)
        assert circuit_graph(one).num_pins == circuit_graph(two).num_pins
        assert compare(one, two).equal, cell


def read_cell(folder: Path, cell: str) -> Circuit:
    path = next(path for path in folder.iterdir() if path.stem == cell)
    return read_netlist(path).flatten()
