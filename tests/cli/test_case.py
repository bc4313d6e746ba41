"""``eda case``: a new case works as it is, and what is wrong with another is said."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eda.errors import ToolNotFoundError
from eda.spice import example_case
from eda.spice.ngspice_shared import library_path

Eda = Callable[..., Any]


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the user's cache alone."""
    monkeypatch.setenv("EDA_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def ngspice() -> None:
    """Skip where libngspice is not installed."""
    try:
        library_path()
    except ToolNotFoundError:
        pytest.skip("libngspice is not installed")


def test_a_new_case_checks(eda: Eda, tmp_path: Path, ngspice: None) -> None:
    folder = tmp_path / "mine"
    made = eda("case", "new", folder)
    assert (made.code, made.out) == (
        0,
        f"{folder}: case.json, deck.cir, models_ff.inc, models_ss.inc, models_tt.inc\n",
    )
    assert made.err == f"change them, and run: eda case check {folder}\n"
    checked = eda("case", "check", folder)
    assert (checked.code, checked.err) == (0, "")
    lines = checked.out.splitlines()
    assert lines[0] == "mine: 11 design parameters, 10 metrics in 4 stages, 27 corners"
    assert lines[2].split() == ["metric", "nominal", "unit", "easy", "medium", "hard"]
    (gain,) = (line for line in lines if line.startswith("gain_db"))
    assert gain.split() == [*("gain_db", "90.4823", "dB"), *(">=", "80", ">=", "85", ">=", "90")]
    (power,) = (line for line in lines if line.startswith("power_w"))
    assert power.endswith("<= 0.0002 missed")


def test_answers_for_programs(eda: Eda, tmp_path: Path, ngspice: None) -> None:
    made = json.loads(eda("case", "new", tmp_path / "mine", "--json").out)
    assert made["schema"] == "eda.case.new/1"
    answer = json.loads(eda("case", "check", tmp_path / "mine", "--json").out)
    assert answer["schema"] == "eda.case.check/1"
    assert answer["name"] == "mine"
    assert answer["nominal"]["status"] == "ok"
    assert answer["nominal"]["stage"] == 4
    assert answer["nominal"]["missed"]["easy"] == []
    assert answer["nominal"]["missed"]["medium"] == ["power_w"]
    assert answer["metrics"][2] == {"name": "gain_db", "unit": "dB", "direction": "min"}
    assert (answer["problems"], answer["golden"]) == ([], None)


def test_golden_designs_are_compared(eda: Eda, ngspice: None) -> None:
    ran = eda("case", "check", example_case().folder, "--golden")
    assert ran.code == 0, ran.out
    assert ran.out.endswith("golden.csv: 12 designs, 0 mismatches\n")


def test_a_folder_that_is_there_is_left_alone(eda: Eda, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    ran = eda("case", "new", tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (f"error: {tmp_path} is already there; name a new folder, or an empty one\n")
    assert [item.name for item in tmp_path.iterdir()] == ["notes.txt"]


def test_a_case_that_is_refused(eda: Eda, tmp_path: Path) -> None:
    eda("case", "new", tmp_path / "mine")
    path = tmp_path / "mine" / "case.json"
    case = json.loads(path.read_text())
    case["measures"]["gain_db"]["kind"] = "gain"
    path.write_text(json.dumps(case))
    ran = eda("case", "check", tmp_path / "mine")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"error: {path}: measures gain_db has the kind 'gain', which is none; did you mean "
        "gain_db?\n"
    )


def test_a_deck_with_errors(eda: Eda, tmp_path: Path) -> None:
    eda("case", "new", tmp_path / "mine")
    deck = tmp_path / "mine" / "deck.cir"
    deck.write_text(deck.read_text().replace("rz b z {r_zero}", "rz b z {r_zero"))
    ran = eda("case", "check", tmp_path / "mine")
    assert ran.code == 2
    assert f"{deck}:16:" in ran.err


def test_a_design_that_does_not_simulate(eda: Eda, tmp_path: Path, ngspice: None) -> None:
    eda("case", "new", tmp_path / "mine")
    deck = tmp_path / "mine" / "deck.cir"
    deck.write_text(deck.read_text().replace(".temp 27", "vx vdd1 0 1\n.temp 27"))
    ran = eda("case", "check", tmp_path / "mine")
    assert ran.code == 4
    assert ran.err.startswith("the nominal design ended as no_convergence in stage 1\n")


def test_without_ngspice_a_case_is_only_read(
    eda: Eda, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise ToolNotFoundError("libngspice is not installed")

    monkeypatch.setattr("eda.spice.case.Case.simulate", gone)
    eda("case", "new", tmp_path / "mine")
    ran = eda("case", "check", tmp_path / "mine")
    assert ran.code == 0
    assert ran.out == "mine: 11 design parameters, 10 metrics in 4 stages, 27 corners\n"
    assert ran.err == (
        "ngspice is not installed, so nothing was simulated; `eda doctor` says how to get it\n"
    )
