"""bench, train and datasets: what they ask of the library, and what they print."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from eda.datasets import CORPORA

Eda = Callable[..., Any]


@pytest.fixture
def asked() -> dict[str, Any]:
    """What the library was asked."""
    return {}


@pytest.fixture
def bench_module(asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("eda.bench.links")

    def run(**options: Any) -> dict[str, Any]:
        asked.update(options)
        options["log"]("one of two")
        return {"rows": [{"model": "degree", "hits_at_1": 0.05}]}

    def render(result: dict[str, Any]) -> str:
        return f"a table of {len(result['rows'])} row"

    module.__dict__.update(run=run, render=render)
    monkeypatch.setitem(sys.modules, "eda.bench.links", module)


@pytest.mark.usefixtures("bench_module")
def test_bench_prints_its_table(asked: dict[str, Any], eda: Eda) -> None:
    ran = eda("bench", "links", "--seed", "3")
    assert (ran.code, ran.out, ran.err) == (0, "a table of 1 row\n", "one of two\n")
    assert (asked["full"], asked["seed"]) == (False, 3)


@pytest.mark.usefixtures("bench_module")
def test_bench_json(asked: dict[str, Any], eda: Eda) -> None:
    ran = eda("bench", "links", "--full", "--json", "--quiet")
    assert json.loads(ran.out) == {
        "schema": "eda.bench.links/1",
        "rows": [{"model": "degree", "hits_at_1": 0.05}],
    }
    assert ran.err == ""
    assert asked["full"] is True


@pytest.mark.usefixtures("bench_module")
def test_a_bench_without_a_figure_says_so(eda: Eda, tmp_path: Path) -> None:
    ran = eda("bench", "links", "--plot", tmp_path / "out.png")
    assert ran.code == 2
    assert "the bench links has no figure; --plot goes with: links, filters-neural" in ran.err


@pytest.mark.usefixtures("bench_module")
def test_bench_writes_its_figure(eda: Eda, tmp_path: Path) -> None:
    from eda.plots import plot_reliability

    module = sys.modules["eda.bench.links"]
    module.__dict__["figure"] = lambda _: plot_reliability({"a": [(0.5, 0.5, 4)]}).figure
    ran = eda("bench", "links", "--plot", tmp_path / "out.svg")
    assert (ran.code, ran.err) == (0, f"one of two\nwrote {tmp_path / 'out.svg'}\n")
    assert "<svg" in (tmp_path / "out.svg").read_text()


def test_train_can_fit_the_calibration_alone(
    tmp_path: Path, eda: Eda, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = {"constant": 0.1, "candidates": 0.2, "disagreement": -0.3}
    monkeypatch.setattr("eda.datasets.calibrate_links", lambda folder: {"ab": numbers})
    ran = eda("train", "links", "--out", tmp_path, "--calibrate")
    assert ran.code == 0
    assert ran.out.splitlines()[-1].split() == ["ab", "0.1", "0.2", "-0.3"]
    ran = eda("train", "links", "--out", tmp_path, "--calibrate", "--json")
    assert json.loads(ran.out) == {
        "schema": "eda.train/1",
        "out": str(tmp_path),
        "calibration": {"ab": numbers},
    }


def test_train_hands_its_options_on(
    tmp_path: Path, asked: dict[str, Any], eda: Eda, monkeypatch: pytest.MonkeyPatch
) -> None:
    def train(**options: Any) -> dict[str, Any]:
        asked.update(options)
        return {"hits_at_1": 0.7}

    monkeypatch.setattr("eda.datasets.train_links", train)
    ran = eda(
        "train", "links", "--out", tmp_path, "--seed", "2", "--minutes", "5", "--resume", "--json"
    )
    assert json.loads(ran.out) == {
        "schema": "eda.train/1",
        "out": str(tmp_path),
        "hits_at_1": 0.7,
    }
    del asked["log"]
    assert asked == {
        **{"out": tmp_path, "seed": 2, "minutes": 5.0, "resume": True},
        **{"generated": None, "share": None},
    }


OWN = {
    **{"files": 9, "passed_over": 0, "circuits_train": 5, "circuits_validation": 2},
    **{"circuits_test": 2, "models": 3},
    "before": {"hits_at_1": 0.5, "hits_at_1_95": [0.4, 0.6], "hits_at_3": 0.7, "mrr": 0.6}
    | {"pair": 0.8, "pins": 40},
    "after": {"hits_at_1": 0.75, "hits_at_1_95": [0.6, 0.9], "hits_at_3": 0.9, "mrr": 0.8}
    | {"pair": 0.9, "pins": 40},
}


def test_train_on_ones_own_netlists(
    tmp_path: Path, asked: dict[str, Any], eda: Eda, monkeypatch: pytest.MonkeyPatch
) -> None:
    def train(folder: Path, **options: Any) -> dict[str, Any]:
        asked.update(options, folder=folder)
        return OWN

    monkeypatch.setattr("eda.datasets.train_own_links", train)
    ran = eda("train", "links", "--data", tmp_path, "--from", "scratch", "--out", tmp_path / "o")
    assert ran.code == 0
    *table, empty, about = ran.out.splitlines()
    assert (empty, about) == ("", "40 pins of 2 circuits held out; trained on 5, chosen by 2")
    assert [line.split() for line in table] == [
        ["Hits@1", "95", "%", "Hits@3", "MRR", "pair"],
        ["------", "------", "-----------", "------", "-----", "-----"],
        ["before", "0.500", "0.400-0.600", "0.700", "0.600", "0.800"],
        ["after", "0.750", "0.600-0.900", "0.900", "0.800", "0.900"],
    ]
    assert ran.err == f"use it: eda predict-links FILE --weights {tmp_path / 'o'}\n"
    del asked["log"]
    assert asked == {
        **{"folder": tmp_path, "out": tmp_path / "o", "start": "scratch", "seed": 0},
        **{"minutes": 90.0, "resume": False},
    }


def test_train_motifs(eda: Eda, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eda.datasets.build_motifs", lambda out, log: {"out_was": str(out)})
    answer = json.loads(eda("train", "motifs", "--json").out)
    assert answer == {"schema": "eda.train/1", "out": "runs/motifs", "out_was": "runs/motifs"}


@pytest.mark.parametrize(
    "options",
    [
        ("motifs", "--data", "."),
        ("links", "--from", "scratch"),
        ("links", "--method", "sac"),
        ("surrogate", "--steps", "5"),
        ("filters", "--rounds", "2"),
        ("verses",),
    ],
)
def test_train_options_that_make_no_sense(options: tuple[str, ...], eda: Eda) -> None:
    ran = eda("train", *options)
    assert (ran.code, ran.out) == (2, "")


def test_datasets_list(eda: Eda, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("EDA_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    ran = eda("datasets", "list", "--json")
    assert ran.code == 0
    answer = json.loads(ran.out)
    assert list(answer) == ["schema", "datasets"]
    assert answer["schema"] == "eda.datasets.list/1"
    assert [row["name"] for row in answer["datasets"]] == list(CORPORA)
    assert all(list(row) == ["name", "licence", "folder", "about"] for row in answer["datasets"])
    assert {row["folder"] for row in answer["datasets"]} == {""}
    table = eda("datasets", "list")
    assert table.code == 0
    assert "not here" in table.out


def test_datasets_list_tells_where_a_corpus_is(
    eda: Eda, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    corpus = CORPORA["image2net"]
    (tmp_path / corpus.folder).mkdir(parents=True)
    monkeypatch.setenv("EDA_DATA", str(tmp_path))
    rows = json.loads(eda("datasets", "list", "--json").out)["datasets"]
    assert {row["name"]: row["folder"] for row in rows}["image2net"] == str(
        tmp_path / corpus.folder
    )


def test_an_unknown_corpus_is_bad_input(eda: Eda) -> None:
    ran = eda("datasets", "get", "imagenet")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: there is no corpus named 'imagenet'; there are: ")
