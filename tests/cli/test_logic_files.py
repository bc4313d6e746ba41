"""`eda info`, `eda graph` and `eda convert` take logic files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

AAG = "aag 5 2 1 1 2\n2\n4\n6 10 1\n8\n8 5 3\n10 8 6\ni0 a\ni1 b\no0 y\nc\nmade by hand\n"
INFO = """format      aag
inputs      2 (a, b)
outputs     1 (y)
latches     1 (1 reset 1)
ANDs        2
levels      2
inverters   2 edges invert
fanout      at most 2
support     at most 3 inputs, 2.5 on average
"""


@pytest.fixture
def aag(tmp_path: Path) -> Path:
    path = tmp_path / "x.aag"
    path.write_text(AAG)
    return path


def test_info(aag: Path, eda: Callable[..., Any]) -> None:
    ran = eda("info", aag)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(INFO)
    assert ran.out.endswith("comment     made by hand\n")
    assert eda("info", "-", stdin=AAG.encode()).out == ran.out


def test_info_in_json(aag: Path, eda: Callable[..., Any]) -> None:
    answer = json.loads(eda("info", aag, "--json").out)
    assert (answer["schema"], answer["ands"], answer["levels"]) == ("eda.info.logic/1", 2, 2)
    assert answer["latch_resets"] == {"0": 0, "1": 1, "undefined": 0}


def test_netlists_of_devices_stay_circuits(ota: Path, eda: Callable[..., Any]) -> None:
    assert eda("info", ota).out.startswith("title")
    ran = eda("info", "-", stdin=ota.read_bytes())
    assert "devices" in ran.out


@pytest.mark.parametrize("suffix", [".json", ".graphml", ".npz", ".pt"])
def test_graph(suffix: str, aag: Path, tmp_path: Path, eda: Callable[..., Any]) -> None:
    out = tmp_path / f"g{suffix}"
    ran = eda("graph", aag, "-o", out, "--json")
    assert ran.code == 0
    counts = {"nodes": 7, "edges": 6, "ands": 2}
    assert json.loads(ran.out) == {"schema": "eda.graph.logic/1", "out": str(out), **counts}
    assert _counts(out) == (7, 6)


def _counts(out: Path) -> tuple[int, int]:
    import networkx as nx
    import torch

    if out.suffix == ".json":
        graph = nx.node_link_graph(json.loads(out.read_text()), edges="edges")
        return graph.number_of_nodes(), graph.number_of_edges()
    if out.suffix == ".graphml":
        graph = nx.read_graphml(out)
        return graph.number_of_nodes(), graph.number_of_edges()
    loaded: Any = torch.load(out, weights_only=True) if out.suffix == ".pt" else np.load(out)
    return len(loaded["node_kind"]), loaded["edge_index"].shape[1]


def test_graph_of_another_ending(aag: Path, tmp_path: Path, eda: Callable[..., Any]) -> None:
    ran = eda("graph", aag, "-o", tmp_path / "g.dot")
    assert ran.code == 2
    assert "cannot write a graph as .dot; use .json, .graphml, .npz, .pt" in ran.err


@pytest.mark.parametrize("suffix", [".aig", ".blif"])
def test_convert_there_and_back(
    suffix: str, aag: Path, tmp_path: Path, eda: Callable[..., Any]
) -> None:
    out, back = tmp_path / f"y{suffix}", tmp_path / "z.aag"
    assert eda("convert", aag, "-o", out).code == 0
    assert eda("convert", out, "-o", back).code == 0
    assert back.read_text().startswith(AAG.partition("i0")[0])


def test_convert_to_stdout_and_bad_targets(aag: Path, eda: Callable[..., Any]) -> None:
    ran = eda("convert", aag, "-o", "x.cir")
    assert ran.code == 2
    assert (
        "this is logic, which is written as aag, aig, blif, bench, verilog; x.cir is none"
        in ran.err
    )
    ran = eda("convert", aag, "-o", aag)
    assert ran.code == 2
    assert "is the input and would be overwritten" in ran.err
    ran = eda("convert", aag, "-o", aag.with_name("y.v"))
    assert (ran.code, ran.out) == (2, "")
    assert "Verilog of gates has no latches" in ran.err


def test_bad_logic_is_one_sentence(tmp_path: Path, eda: Callable[..., Any]) -> None:
    path = tmp_path / "bad.aig"
    path.write_bytes(b"aig 2 1 0 0 1\n\x00\x02")
    for words in (("info", path), ("graph", path, "-o", tmp_path / "g.json")):
        ran = eda(*words)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(f"error: {path}: byte 14: AND 0 (literal 4) has the differences")
        assert ran.err.count("\n") == 1
    assert not (tmp_path / "g.json").exists()


def test_cec(aag: Path, tmp_path: Path, eda: Callable[..., Any]) -> None:
    other = tmp_path / "y.aag"
    other.write_text(AAG.replace("10 8 6", "10 9 6"))
    ran = eda("cec", aag, aag)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"equivalent: {aag} and {aag} (structure, 0.0 s)\n1 registers were")
    ran = eda("cec", aag, other)
    assert ran.code == 1
    assert ran.out.startswith(f"different: {aag} and {other} (simulation, 0.0 s)\n")
    assert f"  next state of l0: 0 in {aag}, 1 in {other}\n" in ran.out
    answer = json.loads(eda("cec", aag, other, "--json").out)
    assert (answer["schema"], answer["verdict"], answer["registers"]) == (
        *("eda.cec/1", "different"),
        1,
    )
    assert set(answer["counterexample"]["inputs"]) == {"a", "b"}


def test_cec_of_other_interfaces(aag: Path, tmp_path: Path, eda: Callable[..., Any]) -> None:
    other = tmp_path / "y.aag"
    other.write_text("aag 1 1 0 1 0\n2\n2\n")
    ran = eda("cec", aag, other)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"error: {aag} has 2 inputs and {other} has 1; only circuits with the same interface can "
        "be compared\n"
    )
    assert eda("cec", "-", "-").code == 2
