"""``eda simulate --testbench``: tables, answers for programs, figures, refusals."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eda.cli.simulate_testbench import engineering
from eda.errors import SimulatorNotFoundError
from eda.spice.ngspice_shared import library_path

Eda = Callable[..., Any]

RC = """* rc
.subckt rc in out
R1 in out 1k
C1 out 0 1n
.ends
"""

OTA = """* ota
.subckt ota inp inn out vdd vss ib
M1 x inn t vss nch w=20u l=1u
M2 out inp t vss nch w=20u l=1u
M3 x x vdd vdd pch w=20u l=1u
M4 out x vdd vdd pch w=20u l=1u
M5 t ib vss vss nch w=20u l=1u
M6 ib ib vss vss nch w=10u l=1u
.ends
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
    path = tmp_path / "rc.sp"
    path.write_text(RC)
    return path


@pytest.fixture
def ota(tmp_path: Path) -> Path:
    path = tmp_path / "ota.sp"
    path.write_text(OTA)
    return path


def test_a_data_sheet_as_a_table(eda: Eda, rc: Path) -> None:
    ran = eda("simulate", rc, "--testbench", "filter")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0].split() == ["filter", "value", "definition"]
    words = [" ".join(line.split()) for line in lines]
    assert "upper_edge 159.2 kHz -3 dB of the largest gain" in words
    assert "rc: roles in=in out=out" in ran.err
    assert "note: kind of filter: low-pass" in ran.err


def test_an_answer_for_programs(eda: Eda, ota: Path) -> None:
    ran = eda(
        *("simulate", ota, "--testbench", "opamp", "--models", "generic", "--json"),
        *("--bias", "ib=10u", "--load", "2p", "--supply", "1.8", "--vcm", "1.0"),
    )
    assert ran.code == 0
    answer = json.loads(ran.out)
    assert answer["schema"] == "eda.testbench/1"
    assert answer["ports"]["bias"] == ["ib"]
    assert answer["bias"] == [{"port": "ib", "value": 1e-05, "unit": "A", "origin": "given"}]
    assert answer["conditions"]["load_f"] == 2e-12
    metrics = {item["name"]: item for item in answer["metrics"]}
    assert metrics["dc_gain"]["unit"] == "dB"
    devices = {item["device"]: item for item in answer["transistors"]}
    unity = devices["m2"]["gm_s"] / (2 * math.pi * 2e-12)
    assert metrics["unity_gain"]["value"] == pytest.approx(unity, rel=0.05)
    assert {item["region"] for item in answer["transistors"]} == {"saturation"}
    assert all(item["status"] == "ok" for item in answer["benches"])
    assert (
        "generic models, round numbers of no process: nch as eda_nmos, pch as eda_pmos"
        in (answer["notes"])
    )


def test_a_figure_and_a_touchstone_file(eda: Eda, rc: Path, tmp_path: Path) -> None:
    figure, network = tmp_path / "rc.svg", tmp_path / "rc.s2p"
    ran = eda(*("simulate", rc, "--testbench", "filter", "--plot", figure, "--touchstone", network))
    assert ran.code == 0
    assert figure.stat().st_size > 5000
    head = [line.strip() for line in network.read_text().splitlines() if line.startswith("#")]
    assert head == ["# Hz S RI R 50.0"]
    assert f"wrote {figure}" in ran.err


def test_given_models_are_taken(eda: Eda, ota: Path, tmp_path: Path) -> None:
    cards = tmp_path / "cards.inc"
    cards.write_text(
        ".model nch nmos level=1 vto=0.4 kp=300u lambda=0.1\n"
        ".model pch pmos level=1 vto=-0.4 kp=100u lambda=0.1\n"
    )
    ran = eda("simulate", ota, "--testbench", "opamp", "--models", cards, "--json")
    assert ran.code == 0
    answer = json.loads(ran.out)
    assert not any("generic" in text for text in answer["notes"])
    assert answer["bias"][0]["origin"] == "assumed"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--testbench", "opamp"), "no model card for nch, pch; include the file that has them"),
        (("--supply", "1.2"), "--supply belongs to a testbench; name one with --testbench KIND"),
        (("--split",), "--split belongs to a testbench; name one with --testbench KIND"),
        (
            ("--testbench", "opamp", "--models", "generic", "-o", "x.csv"),
            "-o does not go with --testbench; --plot and --json give its curves",
        ),
        (
            ("--testbench", "opamp", "--models", "generic", "--port", "vip"),
            "--port vip: write it as ROLE=PORT, as inp=vip",
        ),
        (
            ("--testbench", "opamp", "--models", "generic", "--bias", "ib=much"),
            "--bias ib=much: 'much' is no number; write it as 10u, 10uA or 0.6V",
        ),
        (
            ("--testbench", "opamp", "--models", "generic", "--bias", "jb=1u"),
            "--bias jb: there is no such port; the ports are inp inn out vdd vss ib",
        ),
        (
            ("--testbench", "opamp", "--models", "generic", "--supply", "lots"),
            "--supply lots: 'lots' is no number; write it as 1.8 or 10p",
        ),
        (("--testbench", "opamp", "--supply", "-1"), "supply_v is -1; it must be greater than"),
        (
            ("--testbench", "mixer"),
            "there is no testbench 'mixer'; there are opamp, comparator, ldo, oscillator, filter",
        ),
    ],
)
def test_refusals(eda: Eda, ota: Path, options: tuple[str, ...], message: str) -> None:
    ran = eda("simulate", ota, *options)
    assert ran.code == 2
    assert message in ran.err


def test_s_parameters_of_an_amplifier_are_refused(eda: Eda, ota: Path, tmp_path: Path) -> None:
    ran = eda(
        *("simulate", ota, "--testbench", "opamp", "--models", "generic"),
        *("--touchstone", tmp_path / "a.s2p"),
    )
    assert ran.code == 2
    assert "there are no S-parameters; they are measured of passive filters" in ran.err


def test_what_does_not_oscillate_ends_with_code_4(eda: Eda, tmp_path: Path) -> None:
    path = tmp_path / "dead.sp"
    path.write_text("* dead\n.subckt dead out\nR1 out 0 1k\nC1 out 0 1p\n.ends\n")
    ran = eda("simulate", path, "--testbench", "oscillator")
    assert ran.code == 4
    assert "the testbench ended as no_convergence" in ran.err


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (12.8e6, "Hz", "12.8 MHz"),
        (999.96e3, "Hz", "1 MHz"),
        (-3.58e-6, "V", "-3.58 uV"),
        (0.0, "A", "0 A"),
        (1.5, "V", "1.5 V"),
        (43.2, "deg", "43.2 deg"),
        (1e-7, "%", "0 %"),
        (math.nan, "V", "-"),
        (0.7071, "", "0.7071"),
        (3e-22, "A", "0.0003 aA"),
    ],
)
def test_values_as_a_data_sheet_has_them(value: float, unit: str, shown: str) -> None:
    assert engineering(value, unit) == shown
