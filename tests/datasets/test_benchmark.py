"""links-v1: frozen, split by topology, judged without mercy for wrong shapes."""

from __future__ import annotations

import gzip
import json
import re
import runpy
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from eda.datasets import Evaluator, benchmark, load_benchmark, predict_with
from eda.datasets.benchmark_freeze import UNSEEN_TYPES, draw_benchmark
from eda.errors import DatasetError
from eda.graph import graph_hash
from eda.links.metrics import mean_rank
from eda.links.prior import highest_degree

ROOT = Path(__file__).parents[2]


def test_the_parts_are_as_large_as_they_say() -> None:
    parts = {name: load_benchmark("links-v1", name) for name in benchmark.BENCHMARK_PARTS}
    assert {name: len(items) for name, items in parts.items()} == {
        **{"train": 2000, "validation": 200},
        **{"test": 400, "unseen": 250},
    }
    assert {item.type for item in parts["unseen"]} == set(UNSEEN_TYPES)
    assert not set(UNSEEN_TYPES) & {item.type for item in parts["train"]}
    assert sum(len(item.queries) for item in parts["train"]) == 0


def test_no_topology_is_in_two_parts() -> None:
    circuits = load_benchmark("links-v1")
    assert len({item.hash for item in circuits}) == len(circuits)
    # The hash that is written down is the one that the circuit has.
    for item in circuits[::60]:
        assert graph_hash(item.graph(), symmetric=True, ports="classes") == item.hash, item.name


def test_questions_are_fair() -> None:
    for part in ("validation", "test", "unseen"):
        for item in load_benchmark("links-v1", part):
            assert 0 < len(item.queries) <= 8
            assert not item.sample.is_bulk[item.queries].any()
            # The hidden pin leaves its net with something on it, so the answer is on offer.
            assert (item.sample.net_degree[item.answers] > 1).all()
            assert (item.wrong != item.answers).all()


def test_a_changed_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "FOLDER", tmp_path)
    path = tmp_path / "links-v1.jsonl.gz"
    path.write_bytes(gzip.compress(b"{}\n"))
    benchmark._read.cache_clear()
    try:
        with pytest.raises(DatasetError, match=rf"^{re.escape(str(path))}: SHA-256 of its content"):
            load_benchmark("links-v1")
    finally:
        benchmark._read.cache_clear()


def test_a_benchmark_can_be_drawn_anew() -> None:
    sizes = {"train": 3, "validation": 1, "test": 2, "unseen": 2}
    lines = list(draw_benchmark(seed=5, sizes=sizes))
    assert lines == list(draw_benchmark(seed=5, sizes=sizes))
    circuits = [benchmark.parse_circuit(json.loads(line), "x") for line in lines]
    assert sorted(item.part for item in circuits) == [
        *("test", "test", "train", "train", "train", "unseen", "unseen", "validation")
    ]


def test_a_bad_line_is_refused() -> None:
    with pytest.raises(DatasetError, match=r"^x:1: not a circuit of a benchmark \(KeyError"):
        benchmark.parse_circuit({}, "x:1")


@pytest.mark.parametrize(
    ("name", "part", "message"),
    [
        ("links-v2", None, "there is no benchmark 'links-v2'; there are: links-v1"),
        (
            "links-v1",
            "valid",
            "links-v1 has no part 'valid'; its parts are: train, validation, test, unseen",
        ),
    ],
)
def test_unknown_names(name: str, part: str | None, message: str) -> None:
    with pytest.raises(DatasetError, match=f"^{re.escape(message)}$"):
        load_benchmark(name, part)


def perfect() -> dict[str, NDArray[np.float64]]:
    return {
        item.name: np.eye(item.sample.num_nets)[item.answers]
        for item in load_benchmark("links-v1", "validation")
    }


def test_perfect_answers_and_no_answers() -> None:
    evaluator = Evaluator("links-v1")
    figures = evaluator.eval(perfect(), part="validation")
    assert (figures["hits_at_1"], figures["mrr"], figures["pair"]) == (1.0, 1.0, 1.0)
    assert figures["circuits"] == 200
    # Whoever says nothing is in the middle of a tie of all nets.
    silent = evaluator.eval(
        {name: np.zeros(shape) for name, shape in evaluator.expected("validation").items()},
        part="validation",
    )
    assert silent["pair"] == 0.5
    assert silent["hits_at_1"] == 0.0


def test_ranks_agree_with_those_of_the_protocol() -> None:
    rng = np.random.default_rng(0)
    items = load_benchmark("links-v1", "validation")
    # Small whole numbers make many ties.
    answers = {
        item.name: rng.integers(0, 5, (len(item.queries), item.sample.num_nets)).astype(float)
        for item in items
    }
    ranks = [
        mean_rank(row, np.arange(len(row)) == answer)
        for item in items
        for row, answer in zip(answers[item.name], item.answers, strict=True)
    ]
    figures = Evaluator("links-v1").eval(answers, part="validation")
    assert figures["mrr"] == pytest.approx(np.mean(1 / np.array(ranks)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a, n: a.pop(n), r"no scores for '{n}'; expected an array of shape \(\d+, \d+\)"),
        (lambda a, n: a.update({n: [[1.0]]}), r"the scores for '{n}' have shape \(1, 1\); exp"),
        (lambda a, n: a.update({n: "high"}), r"the scores for '{n}' are no array of numbers"),
        (lambda a, n: a[n].fill(np.nan), r"a score for '{n}' is not a number \(row 0\)"),
        (lambda a, n: a.update({"opamp/x": 1}), r"the part validation has no circuit 'opamp/x'"),
    ],
)
def test_answers_of_the_wrong_form(change: object, message: str) -> None:
    answers = perfect()
    name = load_benchmark("links-v1", "validation")[3].name
    change(answers, name)  # type: ignore[operator]
    with pytest.raises(DatasetError, match=f"^links-v1: {message.replace('{n}', name)}"):
        Evaluator("links-v1").eval(answers, part="validation")


def test_nobody_is_asked_about_the_training_part() -> None:
    message = "links-v1 asks no questions of a part 'train'; it does of: validation, test, unseen"
    with pytest.raises(DatasetError, match=f"^{re.escape(message)}$"):
        Evaluator("links-v1").eval({}, part="train")


def test_a_baseline_of_ours_answers() -> None:
    answers = predict_with(highest_degree, part="validation")
    figures = Evaluator("links-v1").eval(answers, part="validation")
    assert 0.0 < figures["hits_at_1"] < 0.3
    low, high = figures["intervals"]["mrr"]
    assert low < figures["mrr"] < high


def test_the_example_trains(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The forty lines as they are, but for fewer steps; what they learn is no matter here."""
    pytest.importorskip("torch_geometric")
    path = ROOT / "examples" / "train_pyg.py"
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 40
    assert text.count("range(2000)") == 1
    shorter = tmp_path / "train_pyg.py"
    shorter.write_text(text.replace("range(2000)", "range(3)"), "utf-8")
    runpy.run_path(str(shorter))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["test", "unseen"]
    assert "'queries': 3197" in lines[0]
    assert "'queries': 2000" in lines[1]


def test_a_hidden_pin_leaves_no_trace() -> None:
    pyg = pytest.importorskip("eda.datasets.pyg")
    for circuit in pyg.benchmark_links("links-v1", "test")[:5]:
        pins = circuit["device", "pin", "net"]
        count = len(circuit["device"].x)
        for pin in circuit.queries.tolist():
            asked = pyg.hide_pin(circuit, pin)
            device, net = pins.edge_index[:, pin].tolist()
            assert asked.device_index.tolist() == [device]
            assert asked.is_answer.nonzero().tolist() == [[count + net]]
            assert int(asked.x.max()) < pyg.NODE_KINDS
            ends = asked.edge_index.t().tolist()
            left = pins.edge_index.t().tolist()
            assert len(ends) == 2 * (len(left) - 1)
            # A device may touch a net by several pins: one pin fewer does.
            assert ends.count([device, count + net]) == left.count([device, net]) - 1
            assert ends.count([count + net, device]) == left.count([device, net]) - 1
