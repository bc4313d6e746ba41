"""eda generate: files, manifest, the list of types, and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from eda.topology import TYPES

Eda = Callable[..., Any]


def test_netlists_and_a_manifest_are_written(eda: Eda, tmp_path: Path) -> None:
    ran = eda("generate", "mirror", "-n", "3", "--seed", "4", "-o", tmp_path / "m", "--json")
    assert ran.code == 0
    answer = json.loads(ran.out)
    assert answer["schema"] == "eda.generate/1"
    lines = [json.loads(line) for line in (tmp_path / "m/manifest.jsonl").read_text().splitlines()]
    assert lines == answer["circuits"]
    for line in lines:
        assert (tmp_path / "m" / line["file"]).read_text().startswith(f"* {line['name']}")
        assert line["rules"] == []
        assert line["op_solved"] is None
        assert {"type", "devices", "hash", "novel", "nearest", "similarity", "seconds"} <= set(line)
        checked = eda("check", tmp_path / "m" / line["file"], "--json")
        errors = [f for f in json.loads(checked.out)["findings"] if f["severity"] == "error"]
        assert errors == []


def test_the_table_says_how_many_keep_the_rules(eda: Eda, tmp_path: Path) -> None:
    ran = eda("generate", "filter", "-n", "2", "-o", tmp_path, "--report")
    assert ran.code == 0
    assert "2 circuits, 2 keep every strict rule" in ran.out
    assert "<svg" in (tmp_path / "report.html").read_text()


def test_the_types_are_listed(eda: Eda) -> None:
    answer = json.loads(eda("generate", "--list", "--json").out)
    assert [item["name"] for item in answer["types"]] == list(TYPES)
    assert answer["types"][0]["testbench"] == "opamp"
    assert "power_converter" in eda("generate", "--list").out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("opmap", "-o", "x"), "there is no circuit type 'opmap'; did you mean opamp?"),
        ((), "name a type; there are: opamp"),
        (("opamp",), "name a folder for the netlists with -o DIR"),
        (("opamp", "-n", "0", "-o", "x"), "Invalid value for '-n' / '--count'"),
        (("opamp", "-o", "x", "--weights", "nowhere"), "no such weights"),
        (("opamp", "-o", "x", "--spec", "nowhere.json"), "nowhere.json: cannot be read"),
    ],
)
def test_bad_input_is_refused(
    words: tuple[str, ...],
    message: str,
    eda: Eda,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = eda("generate", *words)
    assert ran.code == 2
    assert message in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1]", "must be an object"),
        ("{", "not JSON"),
        ('{"gain": 3}', "there is no condition 'gain'"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_bad_specs_are_refused(text: str, message: str, eda: Eda, tmp_path: Path) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text(text)
    ran = eda("generate", "opamp", "-o", tmp_path / "o", "--spec", spec)
    assert ran.code == 2
    assert "spec.json: " in ran.err
    assert message in ran.err


@pytest.mark.skipif(which("ngspice") is None, reason="ngspice is not installed")
def test_the_agent_sizes_op_amps_and_the_manifest_says_how(eda: Eda, tmp_path: Path) -> None:
    spec = tmp_path / "s.json"
    spec.write_text('{"devices": 5}')
    ran = eda("generate", "opamp", "-n", "1", "--spec", spec, "--agent", "-o", tmp_path, "--json")
    (line,) = [json.loads(item) for item in (tmp_path / "manifest.jsonl").read_text().splitlines()]
    assert json.loads(ran.out)["circuits"] == [line]
    said = line["agent"]
    assert set(said) == {"file", "met", "metrics", "simulations", "note"}
    assert bool(said["file"]) == (not said["note"])
    assert ran.code == (0 if line["met"] or said["met"] else 1)
    if said["met"]:
        assert said["metrics"]["gain_db"] >= 20
        assert said["metrics"]["pm_deg"] >= 45
        assert ".subckt" in (tmp_path / said["file"]).read_text().lower()


def test_the_agent_is_for_op_amps(eda: Eda, tmp_path: Path) -> None:
    ran = eda("generate", "mirror", "--agent", "-o", tmp_path)
    assert ran.code == 2
    assert "--agent goes with: eda generate opamp" in ran.err
