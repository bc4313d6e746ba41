"""``eda simulate`` and ``eda cache``: tables, answers for programs, files, exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eda.errors import SimulatorNotFoundError
from eda.spice.ngspice_shared import library_path

Eda = Callable[..., Any]

RC = """* rc low-pass
V1 in 0 dc 2 ac 1
R1 in out 1k
C1 out 0 1u
.op
.ac dec 20 1 100k
.meas ac corner when vdb(out)=-3.0103
.meas ac never when vdb(out)=6
.end
"""


@pytest.fixture(autouse=True)
def _ngspice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EDA_CACHE_DIR", str(tmp_path / "cache"))
    try:
        library_path()
    except SimulatorNotFoundError as problem:
        pytest.skip(str(problem))


@pytest.fixture
def rc(tmp_path: Path) -> Path:
    path = tmp_path / "rc.cir"
    path.write_text(RC)
    return path


def test_measures_and_operating_point_as_tables(eda: Eda, rc: Path) -> None:
    ran = eda("simulate", rc)
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "measure      value",
        "-------  ---------",
        "corner      159.16",
        "never    not found",
        "",
        "operating point  value",
        "---------------  -----",
        "v(in)               2V",
        "v(out)              2V",
        "i(v1)               0A",
    ]
    assert "ac dec 20 1 100000: 101 points of 3 waveforms" in ran.err
    again = eda("simulate", rc)
    assert again.out == ran.out
    assert again.err.endswith(f"{rc}: from the cache; --no-cache runs it again\n")
    assert "from the cache" not in eda("simulate", rc, "--no-cache").err


def test_the_answer_for_programs(eda: Eda, rc: Path) -> None:
    ran = eda("simulate", rc, "--json")
    assert ran.code == 0
    answer = json.loads(ran.out)
    assert list(answer) == [
        *("schema", "file", "status", "analyses", "measures", "operating_point", "log"),
        *("seconds", "cached"),
    ]
    assert answer["schema"] == "eda.simulate/1"
    assert answer["status"] == "ok"
    assert answer["measures"]["corner"] == pytest.approx(159.155, rel=1e-3)
    assert answer["measures"]["never"] is None
    assert answer["analyses"][1] == {
        "kind": "ac",
        "command": "ac dec 20 1 100000",
        "axis": "frequency_hz",
        "points": 101,
        "waveforms": ["v(in)", "v(out)", "i(v1)"],
    }


def test_standard_input(eda: Eda) -> None:
    ran = eda("simulate", "-", "--json", stdin=RC.encode())
    assert json.loads(ran.out)["operating_point"]["v(out)"] == pytest.approx(2)


@pytest.mark.parametrize(
    ("deck", "options", "code", "status"),
    [
        ("* d\nV1 a 0 1\nR1 a 0 1\n.control\nshell ls\n.endc\n", [], 2, "refused"),
        ("* d\nV1 a 0 1\nR1 a\n", [], 2, "refused"),
        ("* d\nV1 a 0 1\nV2 a 0 2\n", [], 4, "no_convergence"),
        ("* d\nV1 a 0 1\nX1 a nix\n", [], 4, "missing_model"),
        ("* d\nV1 a 0 1\nR1 a 0 1\n.tran 1p 1000\n", ["--time-limit", "0.4"], 4, "timeout"),
        (
            "* d\nV1 a 0 1\nR1 a 0 1\n.tran 1n 1\n",
            ["--memory-limit", "60"],
            4,
            "out_of_memory",
        ),
    ],
)
def test_exit_codes(
    deck: str, options: list[str], code: int, status: str, eda: Eda, tmp_path: Path
) -> None:
    path = tmp_path / "deck.cir"
    path.write_text(deck)
    ran = eda("simulate", path, *options)
    assert ran.code == code
    assert ran.out == ""
    assert ran.err.endswith(f"error: {path}: the simulation ended as {status}\n")
    answer = eda("simulate", path, "--json", *options)
    assert answer.code == code
    assert json.loads(answer.out)["status"] == status


def test_a_trusted_deck_may_do_what_it_wants(eda: Eda, tmp_path: Path) -> None:
    path = tmp_path / "deck.cir"
    path.write_text("* d\nV1 a 0 1\nR1 a 0 1\n.control\nop\nwrdata data.txt v(a)\n.endc\n")
    ran = eda("simulate", path)
    assert ran.code == 2
    assert "refused: the .control command 'wrdata' (it writes files)" in ran.err
    assert eda("simulate", path, "--trust-deck").code == 0
    assert (tmp_path / "data.txt").exists()


def test_no_ngspice(eda: Eda, rc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NGSPICE_LIBRARY_PATH", "/nix.so")
    library_path.cache_clear()
    from eda.spice.ngspice_shared import library_identity

    library_identity.cache_clear()
    try:
        ran = eda("simulate", rc)
    finally:
        library_path.cache_clear()
        library_identity.cache_clear()
    assert ran.code == 3
    assert ran.err == (
        "error: NGSPICE_LIBRARY_PATH is /nix.so, which is no file; unset it, or name libngspice\n"
    )


def test_pictures_and_waveforms(eda: Eda, rc: Path, tmp_path: Path) -> None:
    ran = eda("simulate", rc, "--plot", tmp_path / "x.svg", "-o", tmp_path / "x.raw")
    assert ran.code == 0
    assert f"wrote {tmp_path / 'x.svg'}\n" in ran.err
    assert (tmp_path / "x.svg").read_text().startswith("<?xml")
    assert (tmp_path / "x.raw").read_bytes().startswith(b"Title: rc low-pass\n")
    ran = eda("simulate", rc, "--plot", tmp_path / "x.png", "--show", "in")
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
    ran = eda("simulate", rc, "--plot", tmp_path / "x.txt")
    assert ran.code == 2
    assert "figures are written as .png, .svg, .pdf, .html" in ran.err
    ran = eda("simulate", rc, "--plot", rc)
    assert ran.code == 2
    assert "is the input and would be overwritten" in ran.err


def test_the_cache_is_shown_and_cleared(eda: Eda, rc: Path, tmp_path: Path) -> None:
    path = tmp_path / "cache" / "simulations.sqlite"
    assert (
        eda("cache", "info").out == f"{path}: 0 simulations, 0.0 MiB; results may take 4096 MiB\n"
    )
    eda("simulate", rc)
    answer = json.loads(eda("cache", "info", "--json").out)
    assert answer["schema"] == "eda.cache/1"
    assert (answer["path"], answer["simulations"]) == (str(path), 1)
    assert eda("cache", "clear").out == f"{path}: 1 simulations forgotten\n"
    assert json.loads(eda("cache", "info", "--json").out)["simulations"] == 0
