"""SEAL: labels, what a subgraph shows and hides, and a training that goes on where it stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from eda.bench import seal_network
from eda.bench.seal import Extractor, drnl, port_graph
from eda.bench.seal_network import score_pin, train_seal
from eda.circuit import Circuit, Device
from eda.graph import circuit_graph
from eda.links.sample import Sample, make_sample


@pytest.fixture(scope="module")
def sample() -> Sample:
    """A current mirror with a load, a supply and a capacitor."""
    mos = ("d", "g", "s", "b")
    devices = (
        Device("M1", "mosfet", mos, ("in", "in", "0", "0"), polarity="n"),
        Device("M2", "mosfet", mos, ("out", "in", "0", "0"), polarity="n"),
        Device("R1", "resistor", ("p", "n"), ("vdd", "in")),
        Device("R2", "resistor", ("p", "n"), ("vdd", "out")),
        Device("C1", "capacitor", ("p", "n"), ("out", "0")),
        Device("V1", "vsource", ("p", "n"), ("vdd", "0")),
    )
    return make_sample(circuit_graph(Circuit(devices=devices)), name="mirror")


@pytest.mark.parametrize("seed", range(8))
def test_labels_are_those_of_the_formula(seed: int) -> None:
    graph = nx.gnm_random_graph(12, 16, seed=seed)
    directed = sorted((a, b) for edge in graph.edges for a, b in (edge, edge[::-1]))
    found = drnl(np.array(directed).T, 12)
    one = nx.single_source_shortest_path_length(graph.subgraph(set(graph) - {1}), 0)
    two = nx.single_source_shortest_path_length(graph.subgraph(set(graph) - {0}), 1)
    for node in range(2, 12):
        if node in one and node in two:
            total = one[node] + two[node]
            half, odd = divmod(total, 2)
            assert found[node] == 1 + min(one[node], two[node]) + half * (half + odd - 1)
        else:
            assert found[node] == 0
    assert found[:2].tolist() == [1, 1]


@pytest.mark.parametrize("hub_cut", [True, False])
def test_the_net_a_pin_is_on_leaves_no_trace(sample: Sample, hub_cut: bool) -> None:
    pin = 5
    net = int(sample.edge_net[pin])
    seen = Extractor(port_graph(sample, hub_cut=hub_cut)).enclose(pin, net)
    assert not ((seen.edges[0] == 0) & (seen.edges[1] == 1)).any()
    # With the pin moved elsewhere, the same candidate has the same surroundings.
    edge_net = sample.edge_net.copy()
    edge_net[pin] = int(sample.edge_net[0]) if net != sample.edge_net[0] else 0
    moved = replace(sample, edge_net=edge_net)
    again = Extractor(port_graph(moved, hub_cut=hub_cut)).enclose(pin, net)
    assert sorted(seen.label.tolist()) == sorted(again.label.tolist())
    assert sorted(seen.node_type.tolist()) == sorted(again.node_type.tolist())


def test_a_cut_at_rails_makes_subgraphs_smaller(sample: Sample) -> None:
    pin, net = 5, int(sample.edge_net[5])
    whole = Extractor(port_graph(sample, hub_cut=False)).enclose(pin, net)
    cut = Extractor(port_graph(sample, hub_cut=True)).enclose(pin, net)
    assert len(cut.node_type) < len(whole.node_type)


def test_a_training_goes_on_where_it_stopped(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal_network, "BATCH_PINS", 2)
    monkeypatch.setattr(seal_network, "CHECK_EVERY", 1)
    lines: list[str] = []
    path = tmp_path / "seal.safetensors"
    options = {"hub_cut": True, "steps": 3, "path": path, "log": lines.append}
    network = train_seal([sample], [1.0], **options)  # type: ignore[arg-type]
    assert [line.split(",")[1].split(":")[0] for line in lines] == [" hub cut"] * 3
    again = train_seal([sample], [1.0], **options)  # type: ignore[arg-type]
    assert len(lines) == 3
    extractor = Extractor(port_graph(sample, hub_cut=True))
    nets = list(range(sample.num_nets))
    scores = score_pin(network, extractor, 5, nets)
    assert scores.shape == (sample.num_nets,)
    np.testing.assert_allclose(score_pin(again, extractor, 5, nets), scores, atol=1e-5)
