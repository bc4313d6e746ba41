"""``eda case yield``: the yield with its interval, the seeds that fail, figures, refusals."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eda.errors import ToolNotFoundError
from eda.spice import clopper_pearson, example_case
from eda.spice.ngspice_shared import library_path

Eda = Callable[..., Any]


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the user's cache alone."""
    monkeypatch.setenv("EDA_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped case with a random voltage in the place of its offset."""
    try:
        library_path()
    except ToolNotFoundError:
        pytest.skip("libngspice is not installed")
    made = tmp_path / "circuits" / "mine"
    made.mkdir(parents=True)
    for item in example_case().folder.iterdir():
        (made / item.name).write_text(item.read_text())
    deck = (made / "deck.cir").read_text()
    extra = ".param mc_mm_switch=1\nrmc mc 0 {1k + mc_mm_switch*agauss(0, 300, 3)}\nimc 0 mc 1m\n"
    (made / "deck.cir").write_text(deck.replace(".end\n", f"{extra}.end\n"))
    told = json.loads((made / "case.json").read_text())
    told["measures"]["vos_v"]["output"] = "v(mc)"
    told["measures"]["vos_v"]["target"] = "0"
    told["specs"]["easy"]["targets"] = {"vos_v": {"op": "<=", "value": 1.05}}
    (made / "case.json").write_text(json.dumps(told))
    return made


def test_the_yield_and_what_fails(eda: Eda, folder: Path, tmp_path: Path) -> None:
    ran = eda("case", "yield", folder, "--samples", 24, "--spec", "easy", "--json")
    answer = json.loads(ran.out)
    assert ran.code == 0
    assert answer["schema"] == "eda.case.yield/1"
    assert answer["samples"] == 24
    assert answer["passes"] + len(answer["failing"]) == 24
    assert answer["interval"] == list(clopper_pearson(answer["passes"], 24))
    assert 0 < answer["passes"] < 24
    offset = answer["metrics"]["vos_v"]
    assert offset["mean"] == pytest.approx(1, abs=0.08)
    assert offset["sigma"] == pytest.approx(0.1, rel=0.5)
    assert all(item["missed"] == ["vos_v"] for item in answer["failing"])
    shown = eda("case", "yield", folder, "--samples", 24, "--spec", "easy").out
    assert shown.startswith(f"opamp2: {answer['passes']} of 24 samples pass: yield ")
    assert f"\nseed {answer['failing'][0]['seed']}: misses vos_v\n" in shown
    out = tmp_path / "x.png"
    ran = eda("case", "yield", folder, "--samples", 24, "--spec", "easy", "--plot", out)
    assert out.read_bytes().startswith(b"\x89PNG")
    # The seed of a failing sample gives it again.
    seed = answer["failing"][0]["seed"]
    alone = eda("case", "yield", folder, "--samples", 1, "--seed", seed, "--spec", "easy", "--json")
    assert json.loads(alone.out)["failing"] == [answer["failing"][0]]


def test_a_target_yield_decides_the_exit_code(eda: Eda, folder: Path) -> None:
    options = ("--samples", 64, "--spec", "easy", "--target-yield")
    missed = eda("case", "yield", folder, *options, 0.99)
    assert missed.code == 1
    assert "\na yield of 99 %: missed after " in missed.out
    met = eda("case", "yield", folder, *options, 0.2)
    assert (met.code, "\na yield of 20 %: met after 16 of 64 samples\n" in met.out) == (0, True)


def test_chance_that_is_switched_off(eda: Eda, folder: Path) -> None:
    ran = eda("case", "yield", folder, "--samples", 2, "--set", "mc_mm_switch=0")
    assert ran.code == 0
    assert "every sample gives the same: chance may be switched off" in ran.err
    on = eda("case", "yield", folder, "--samples", 2, "--vary", "mismatch", "--json")
    assert json.loads(on.out)["varied"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--set", "x"], "--set has 'x'; write it as NAME=VALUE"),
        (["--corner", "zz"], "opamp2 has no process 'zz'; it has tt, ff, ss"),
        (["--corner", "ss,1.2.3V"], "--corner has '1.2.3V'; write it as ss,125C,1.62V"),
        (["--vary", "noise"], "there is no variation 'noise'; there are process, mismatch"),
        (["--samples", "0"], "samples is 0; it must be at least 1"),
    ],
)
def test_what_is_refused(eda: Eda, folder: Path, options: list[str], message: str) -> None:
    ran = eda("case", "yield", folder, *options)
    assert (ran.code, ran.err) == (2, f"error: {message}\n")


def test_a_case_without_chance(eda: Eda) -> None:
    ran = eda("case", "yield", example_case().folder)
    assert ran.code == 2
    assert ran.err.startswith("error: opamp2: nothing is left to chance")
