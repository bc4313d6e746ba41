"""``eda surrogate``: the four commands on a small case, and what they refuse."""

import json
import math
import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from eda.errors import ToolNotFoundError
from eda.spice.ngspice_shared import library_path

Eda = Callable[..., Any]

SOURCE = Path(__file__).parents[1] / "surrogate" / "conftest.py"


def write(folder: Path, **changes: Any) -> Path:
    spec = spec_from_file_location("surrogate_conftest", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    made: Path = module.write_case(folder, **changes)
    return made


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    try:
        library_path()
    except ToolNotFoundError:
        pytest.skip("libngspice is not installed")
    monkeypatch.chdir(tmp_path)
    return write(tmp_path / "cases" / "tiny")


def test_from_data_to_predictions(eda: Eda, case: Path, tmp_path: Path) -> None:
    made = eda("surrogate", "build-data", case, "--count", "64", "-o", "data", "--json")
    assert made.code == 0
    (built,) = json.loads(made.out)["cases"]
    assert (built["case"], built["count"]) == ("tiny", 64)
    trained = eda("surrogate", "train", case, "--data", "data/tiny.npz")
    assert trained.code == 0
    assert trained.out.startswith("tiny.model: tiny, learned from 64 designs in ")
    designs = tmp_path / "d.csv"
    designs.write_text("rd,w\n2e4,1e-5\n5e4,5e-6\n", "utf-8")
    words = ("surrogate", "predict", case, "--designs", designs)
    answer = json.loads(eda(*words, "--model", "tiny.model", "--json").out)
    assert answer["schema"] == "eda.surrogate.predict/1"
    assert len(answer["predictions"]) == len(answer["alive"]) == 2
    for row in answer["predictions"]:
        assert list(row) == ["power_w", "gain_db", "ugbw_hz"]
        for said in row.values():
            assert list(said) == ["value", "low", "high"]
            assert said["low"] <= said["high"]
            assert all(map(math.isfinite, said.values()))
    assert (
        answer["predictions"][1]["gain_db"]["value"] > answer["predictions"][0]["gain_db"]["value"]
    )
    table = eda(*words)
    assert table.code == 0
    assert table.out.splitlines()[0].split() == ["design", "works", "power_w", "gain_db", "ugbw_hz"]
    assert eda("surrogate", "build-data", case, "--count", "80", "-o", "more").code == 0
    found = eda(
        *("surrogate", "evaluate", case, "--data", "more/tiny.npz", "--model", "tiny.model"),
        "--json",
    )
    scores = json.loads(found.out)
    assert [item["metric"] for item in scores["metrics"]] == ["power_w", "gain_db", "ugbw_hz"]
    assert scores["metrics"][0]["r2"] > 0.98
    assert scores["designs"] < 80  # those it was trained on are left out


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("w\n1e-5\n", "d.csv:1: the header lacks rd; the columns of tiny are w,rd"),
        ("w,rd\n1e-5,1\n", "d.csv:2: rd is 1; it must be from 2000 to 100000"),
        ("w,rd\nnan,2e4\n", "d.csv:2: w is nan; give a finite number"),
    ],
)
def test_bad_designs(eda: Eda, case: Path, tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "d.csv").write_text(text, "utf-8")
    ran = eda("surrogate", "predict", case, "--designs", "d.csv", "--json")
    assert (ran.code, ran.out, ran.err) == (2, "", f"error: {sentence}\n")


def test_bad_cases_and_models(eda: Eda, case: Path, tmp_path: Path) -> None:
    before = sorted(path.name for path in tmp_path.iterdir())
    empty = write(tmp_path / "cases" / "empty", measures={})
    ran = eda("surrogate", "build-data", case, empty, "--count", "5", "-o", "data")
    assert ran.code == 2
    assert "measures is empty; a case has at least one" in ran.err
    (tmp_path / "d.csv").write_text("w,rd\n1e-5,2e4\n", "utf-8")
    words = ("surrogate", "predict", case, "--designs", "d.csv")
    ran = eda(*words, "--model", "none.model")
    assert (ran.code, ran.err) == (
        2,
        "error: none.model: no such model; make one with: eda surrogate train\n",
    )
    (tmp_path / "bad.model").write_bytes(b"PK\x03\x04")
    ran = eda(*words, "--model", "bad.model")
    assert ran.code == 2
    assert "bad.model is no model of a case" in ran.err
    assert "Traceback" not in ran.err
    ran = eda("surrogate", "evaluate", case)
    assert (ran.code, ran.err.partition(";")[0]) == (
        2,
        "error: tiny has no golden.csv to compare with",
    )
    ran = eda("surrogate", "predict", tmp_path / "nowhere", "--designs", "d.csv")
    assert ran.code == 2
    left = {*before, "d.csv", "bad.model"}
    assert {path.name for path in tmp_path.iterdir()} == left  # nothing was written


def test_torch_is_not_needed_to_predict(eda: Eda, case: Path, tmp_path: Path) -> None:
    import subprocess

    (tmp_path / "d.csv").write_text("w,rd\n1e-5,2e4\n", "utf-8")
    script = (
        "import sys\nfrom eda.cli.app import run\n"
        f"code = run(['surrogate', 'predict', {str(case)!r}, '--designs', 'd.csv'])\n"
        "sys.exit(code or 10 * ('torch' in sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, cwd=tmp_path)
    assert ran.returncode == 0
