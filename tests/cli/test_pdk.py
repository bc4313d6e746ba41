"""Design kits at the shell: what doctor lists, and eda simulate --pdk."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eda.errors import ToolNotFoundError
from eda.spice.ngspice_shared import library_path


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("EDA_CONFIG", "PDK_ROOT", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "kit").mkdir()
    (tmp_path / "kit" / "all.lib").write_text(
        ".lib tt\n.param rx=1k\n.endl\n.lib ff\n.param rx=500\n.endl\n"
    )
    (tmp_path / "eda.toml").write_text(
        '[pdk.mine]\nroot = "kit"\nlib = "all.lib"\ncorners = ["tt", "ff", "ss"]\n'
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_doctor_lists_them(mine: Path, eda: Callable[..., Any]) -> None:
    answer = json.loads(eda("doctor", "--json").out)
    (kit,) = answer["pdks"]
    assert kit == {
        "name": "mine",
        "root": str(mine / "kit"),
        "told_by": str(mine / "eda.toml"),
        "corners": {name: [f'.lib "all.lib" {name}'] for name in ("tt", "ff", "ss")},
        "files": [{"path": str(mine / "kit/all.lib"), "exists": True, "sections": ["tt", "ff"]}],
        "problems": [f"{mine / 'kit/all.lib'} has no section ss"],
    }
    ran = eda("doctor")
    row = next(line for line in ran.out.splitlines() if line.startswith("mine"))
    assert row.split() == [
        "mine",
        "missing",
        str(mine / "kit"),
        "tt,",
        "ff,",
        "ss",
        str(mine / "eda.toml"),
    ]
    assert f"mine: {mine / 'kit/all.lib'} has no section ss" in ran.err


def test_doctor_names_what_is_wrong_with_the_file(mine: Path, eda: Callable[..., Any]) -> None:
    (mine / "eda.toml").write_text("[pdk.mine]\n")
    ran = eda("doctor")
    assert ran.code == 2
    assert "python" in ran.out
    assert ran.err == (
        f"error: {mine / 'eda.toml'}: pdk.mine.root: it must be the folder of the PDK, as a text\n"
    )


def test_simulate_at_a_corner(mine: Path, eda: Callable[..., Any]) -> None:
    try:
        library_path()
    except ToolNotFoundError:
        pytest.skip("libngspice is not installed")
    (mine / "deck.cir").write_text("* divider\nI1 0 a 1m\nR1 a 0 {rx}\n.end\n")
    for options, volts in ((["--pdk", "mine"], 1), (["--pdk", "mine", "--corner", "ff"], 0.5)):
        ran = eda("simulate", "deck.cir", *options, "--json")
        assert json.loads(ran.out)["operating_point"]["v(a)"] == pytest.approx(volts), ran.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--corner", "tt"], "--corner tt belongs to a PDK; name it with --pdk"),
        (["--pdk", "mine", "--corner", "x"], "the PDK mine has no corner 'x'; it has tt, ff, ss"),
    ],
)
def test_what_is_refused(
    options: list[str], message: str, mine: Path, eda: Callable[..., Any]
) -> None:
    (mine / "deck.cir").write_text("* divider\nI1 0 a 1m\nR1 a 0 1\n.end\n")
    ran = eda("simulate", "deck.cir", *options)
    assert (ran.code, ran.err) == (2, f"error: {message}\n")
