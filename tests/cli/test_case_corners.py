"""``eda case corners``: worst values, and the corner that fails."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eda.errors import ToolNotFoundError
from eda.spice import example_case
from eda.spice.ngspice_shared import library_path

Eda = Callable[..., Any]
FOLDER = example_case().folder


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


def test_the_worst_of_every_metric(eda: Eda, ngspice: None) -> None:
    ran = eda("case", "corners", FOLDER, "--spec", "easy")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == "opamp2: 27 corners tried, 0 skipped"
    assert lines[2].split() == ["metric", "worst", "unit", "at", "target"]
    (gain,) = (line for line in lines if line.startswith("gain_db"))
    assert gain.split() == ["gain_db", "85.3189", "dB", "ss,", "125", "C,", "1.98", "V", ">=", "80"]


def test_a_corner_that_misses_is_named(eda: Eda, ngspice: None, tmp_path: Path) -> None:
    sizes = tmp_path / "sizes.json"
    sizes.write_text(json.dumps(dict(example_case().specs["hard"].witness or {})))
    ran = eda("case", "corners", FOLDER, "--spec", "hard", "--design", sizes, "--json")
    answer = json.loads(ran.out)
    assert ran.code == 1
    assert answer["schema"] == "eda.case.corners/1"
    assert answer["failing"] == {"process": "ss", "temperature_c": 125, "supply_v": 1.62}
    assert answer["corners"][0]["missed"] == ["gain_db", "slew_vps"]
    assert (answer["ok"], answer["simulated"], answer["skipped"]) == (False, 2, 25)
    shown = eda("case", "corners", FOLDER, "--spec", "hard", "--design", sizes)
    assert "\nss, 125 C, 1.62 V: misses gain_db, slew_vps\n" in shown.out
    whole = json.loads(eda("case", "corners", FOLDER, "--spec", "hard", "--all", "--json").out)
    assert (len(whole["corners"]), whole["skipped"]) == (27, 0)


def test_a_design_that_does_not_fit(eda: Eda, tmp_path: Path) -> None:
    sizes = tmp_path / "sizes.json"
    sizes.write_text(json.dumps({**example_case().nominal, "w_in": 1}))
    ran = eda("case", "corners", FOLDER, "--design", sizes)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "error: w_in is 1; it must be from 1e-06 to 0.0002\n"


def test_a_corner_that_does_not_simulate(eda: Eda, tmp_path: Path, ngspice: None) -> None:
    eda("case", "new", tmp_path / "mine")
    deck = tmp_path / "mine" / "deck.cir"
    deck.write_text(deck.read_text().replace(".temp 27", "vx vdd1 0 1\n.temp 27"))
    ran = eda("case", "corners", tmp_path / "mine", "--spec", "easy")
    assert ran.code == 4
    assert ran.out.startswith("mine: 2 corners tried, 25 skipped\n")
    assert ran.err.startswith("ss, 125 C, 1.62 V: ended as no_convergence\n")
