"""``eda size``: answers, exit codes, bad specs, the run's folder."""

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
def own_place(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leave the user's cache alone, and write runs into a folder of the test."""
    monkeypatch.setenv("EDA_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "size-cache"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def ngspice() -> None:
    """Skip where libngspice is not installed."""
    try:
        library_path()
    except ToolNotFoundError:
        pytest.skip("libngspice is not installed")


def spec(path: Path, given: Any) -> Path:
    path.write_text(given if isinstance(given, str) else json.dumps(given), encoding="utf-8")
    return path


def test_a_spec_is_met_and_a_report_left(eda: Eda, tmp_path: Path, ngspice: None) -> None:
    words = ("--budget", "15", "--model", "network")
    ran = eda("size", "opamp2", "--spec", "medium", "--json", *words)
    assert ran.code == 0
    answer = json.loads(ran.out)
    assert answer["schema"] == "eda.size/1"
    assert answer["met"] is True
    assert answer["missed"] == []
    assert 2 <= answer["online_simulations"] <= 15
    for name in ("offline", "corner", "mismatch", "cached", "device"):
        assert isinstance(answer[f"{name}_simulations"], int)
    case = example_case()
    assert case.problem(answer["design"]) == ""
    folder = tmp_path / "runs" / "size" / "opamp2"
    assert {path.name for path in folder.iterdir()} == {
        *("config.json", "simulations.jsonl", "checked.bin", "metrics.csv", "summary.json"),
        *("design.json", "sized.cir", "report.html"),
    }
    page = (folder / "report.html").read_text(encoding="utf-8")
    for heading in ("Targets", "Convergence", "Frequency response", "Transient", "Netlist"):
        assert f"<h2>{heading}</h2>" in page
    assert "Operating regions" in page
    assert "saturation" in page
    assert page.count("<svg") >= 3
    again = eda("size", "opamp2", "--spec", "medium", "--out", folder)
    assert again.code == 2
    assert "holds a run already" in again.err
    resumed = eda("size", "--resume", folder, "--json")
    assert json.loads(resumed.out)["design"] == answer["design"]
    assert json.loads(resumed.out)["resumed_simulations"] == answer["online_simulations"]


def test_a_spec_that_is_not_met(eda: Eda, tmp_path: Path, ngspice: None) -> None:
    given = {"targets": {"gain_db": {"op": ">=", "value": 190}}}
    path = spec(tmp_path / "s.json", given)
    words = ("--budget", "2", "--model", "network", "--out", tmp_path / "run")
    ran = eda("size", "opamp2", "--spec", path, *words)
    assert ran.code == 1
    assert ran.out.startswith("opamp2: not met\nThe closest design: gain_db is ")
    assert "short of >= 190 dB by" in ran.out
    assert "No design of this space seems to meet the goal." in ran.out
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "not met" in page


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{", "s.json:1:2: this is no JSON"),
        ({"targets": {}}, "s.json: targets is empty; a target set has at least one"),
        (
            {"targets": {"gain": {"op": ">=", "value": 1}}},
            "targets names 'gain', which is no metric",
        ),
        ({"targets": {"gain_db": {"op": ">", "value": 1}}}, 'targets gain_db op is ">"'),
        ('{"targets": {"gain_db": {"op": ">=", "value": NaN}}}', "NaN is no number in JSON"),
        ([1], "is [1]; it must be an object"),
        (
            {"targets": {"gain_db": {"op": ">=", "value": 1}}, "objective": {}},
            "objective has no field",
        ),
    ],
)
def test_bad_specs(eda: Eda, tmp_path: Path, given: Any, message: str) -> None:
    path = spec(tmp_path / "s.json", given)
    ran = eda("size", "opamp2", "--spec", path)
    assert ran.code == 2
    assert ran.out == ""
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1
    assert not (tmp_path / "runs").exists()


def test_other_bad_usage(eda: Eda, tmp_path: Path) -> None:
    ran = eda("size", "opamp2", "--spec", "harder")
    assert ran.code == 2
    assert "neither a level of opamp2 (it has easy, medium, hard) nor a file" in ran.err
    assert eda("size", "opamp2").code == 2
    assert eda("size", tmp_path / "none", "--spec", "easy").code == 2
    assert eda("size", "opamp2", "--spec", "easy", "--budget", "1").code == 2
    assert eda("size", "opamp2", "--spec", "easy", "--model", "magic").code == 2
    ran = eda("size", "--resume", tmp_path)
    assert (ran.code, ran.err) == (
        2,
        f"error: {tmp_path} holds no run: there is no config.json in it\n",
    )
    netlist = spec(tmp_path / "a.sp", "* x\nR1 a 0 1\n")
    ran = eda("size", netlist, "--spec", "easy")
    assert (ran.code, ran.err) == (
        2,
        f"error: {netlist} is a netlist; say what it is with --testbench opamp\n",
    )


def test_a_bare_netlist(eda: Eda, tmp_path: Path, ngspice: None) -> None:
    source = Path(__file__).parents[2] / "examples" / "two_stage.sp"
    given = {"targets": {"gain_db": {"op": ">=", "value": 60}, "pm_deg": {"op": ">=", "value": 45}}}
    path = spec(tmp_path / "s.json", given)
    ran = eda(
        *("size", source, "--testbench", "opamp", "--models", "generic", "--spec", path),
        *("--out", tmp_path / "run", "--json", "--budget", "12"),
    )
    assert ran.code == 0, ran.err
    sized = (tmp_path / "run" / "sized.cir").read_text(encoding="utf-8")
    before = source.read_text(encoding="utf-8")
    assert len(sized.splitlines()) == len(before.splitlines())
    assert sized.splitlines()[0] == before.splitlines()[0]
    assert sized != before
