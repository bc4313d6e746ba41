"""eda design-filter: files, exit codes, JSON, and what bad input looks like."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eda.filters.microstrip.network import scattering, sizes_of
from eda.filters.planar.solver import PlanarSolver, Solution

WORDS = ("--lowpass", "10MHz", "--stop", "25MHz:30dB", "--rl", "12", "--parts", "5", "--no-report")


def test_a_filter_in_a_few_words(eda: Callable[..., Any], tmp_path: Path) -> None:
    ran = eda("design-filter", *WORDS, "-o", str(tmp_path / "f"), "--json")
    assert ran.code == 0
    answer = json.loads(ran.out)
    assert ran.out.count("\n") == 1
    assert answer["schema"] == "eda.design-filter/1"
    assert {"solved", "margin_db", "verifier", "simulator_calls", "seconds"} <= set(answer)
    assert answer["solved"] is True
    assert answer["verifier"] == "ngspice"
    assert sorted(path.name for path in (tmp_path / "f").iterdir()) == ["filter.cir", "filter.s2p"]


def test_for_people(eda: Callable[..., Any], tmp_path: Path) -> None:
    ran = eda("design-filter", *WORDS, "-o", str(tmp_path / "f"))
    assert ran.code == 0
    assert "mask met, margin" in ran.out
    assert "stop 25-250 MHz" in ran.out
    assert "yield" in ran.out
    assert "wrote" in ran.err


def test_a_mask_that_is_not_met_is_exit_code_1(eda: Callable[..., Any], tmp_path: Path) -> None:
    ran = eda(
        *("design-filter", "--lowpass", "10MHz", "--stop", "11MHz:60dB", "--parts", "2"),
        *("--no-report", "-o", str(tmp_path / "f")),
    )
    assert ran.code == 1
    assert "mask NOT met" in ran.out
    assert "impossible: order limit: 2 reactive parts" in ran.out
    assert (tmp_path / "f" / "filter.cir").is_file()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), 'give SPEC, or a band and --stop "F:DB"'),
        (("x.json", "--stop", "1MHz:3dB"), "give SPEC, or --lowpass ... and --stop, not both"),
        (("none.json",), "error: none.json: cannot be read: No such file or directory"),
        (("--lowpass", "1MHz", "--stop", "2MHz"), "error: --stop: '2MHz' has no level"),
        ((*WORDS, "--objective", "cheap"), "error: objective is 'cheap'; write one of"),
    ],
)
def test_usage(words: tuple[str, ...], sentence: str, eda: Callable[..., Any]) -> None:
    ran = eda("design-filter", *words)
    assert ran.code == 2
    assert ran.out == ""
    assert sentence in ran.err


def test_a_microstrip_filter_is_a_layout(eda: Callable[..., Any], tmp_path: Path) -> None:
    words = ("--lowpass", "2GHz", "--stop", "4.5GHz:20dB", "--rl", "10", "--family", "microstrip")
    ran = eda("design-filter", *words, "-o", str(tmp_path), "--json")
    assert ran.code == 0, ran.err
    answer = json.loads(ran.out)
    assert answer["solved"]
    assert answer["broken_limits"] == []
    layout = json.loads((tmp_path / "layout.json").read_text())
    assert layout["schema"] == "filter-layout/1"
    page = (tmp_path / "report.html").read_text()
    assert page.count("<svg") == 5
    assert "Mask met" in page


def test_a_layout_of_the_users_own_is_refined(eda: Callable[..., Any], tmp_path: Path) -> None:
    words = [*("--lowpass", "2GHz", "--stop", "4.5GHz:20dB", "--rl", "10", "--no-report")]
    words += ["--family", "microstrip", "--json"]
    first = json.loads(eda("design-filter", *words, "-o", str(tmp_path / "a")).out)
    mine = tmp_path / "a" / "layout.json"
    ran = eda("design-filter", *words, "-o", str(tmp_path / "b"), "--start", str(mine))
    assert ran.code == 0, ran.err
    again = json.loads(ran.out)
    assert again["reference_margin_db"] >= first["reference_margin_db"] - 1e-6
    assert again["order"] == first["order"]
    assert again["family"] == first["family"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("* a deck", "mine.json: no JSON: Expecting value"),
        ('{"schema": "filter-layout/1", "strips": 3}', "mine.json: strips: is 3; write a list of"),
    ],
)
def test_a_start_that_is_no_layout_is_bad_input(
    text: str, sentence: str, eda: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "mine.json").write_text(text)
    words = ("--lowpass", "2GHz", "--stop", "4.5GHz:20dB", "--family", "microstrip")
    ran = eda("design-filter", *words, "--start", str(tmp_path / "mine.json"))
    assert ran.code == 2
    assert sentence in ran.err
    assert not (tmp_path / "filter").exists()


def test_a_microstrip_specification_names_its_board(
    eda: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "ms.json"
    path.write_text(
        json.dumps(
            {
                "schema": "filter-spec/1",
                "id": "ms",
                "response": "lowpass",
                "technology": "microstrip",
                "ports": {"zs_ohm": 50, "zl_ohm": 50},
                "passbands": [{"f_lo_hz": 1e8, "f_hi_hz": 1e9, "il_max_db": 1, "rl_min_db": 10}],
                "stopbands": [{"f_lo_hz": 3e9, "f_hi_hz": 5e9, "atten_min_db": 20}],
                "limits": {"max_order": 5},
            }
        )
    )
    ran = eda("design-filter", str(path))
    assert ran.code == 2
    assert ran.err.endswith("limits.substrate: is missing; add it\n")


def test_a_bad_field_is_named_with_its_path(eda: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text('{"schema": "filter-spec/1", "passband": []}')
    ran = eda("design-filter", str(path), "--json")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"error: {path}: passband: unknown field; did you mean passbands?\n"


def test_a_specification_on_standard_input(eda: Callable[..., Any]) -> None:
    ran = eda("design-filter", "-", stdin=b"{}")
    assert ran.code == 2
    assert ran.err == "error: standard input: schema: is missing; add it\n"


def test_full_wave_goes_with_microstrip(eda: Callable[..., Any], tmp_path: Path) -> None:
    ran = eda("design-filter", *WORDS, "--full-wave", "1", "-o", str(tmp_path / "f"))
    assert ran.code == 2
    assert "--full-wave goes with microstrip filters" in ran.err


BAND_PASS = (
    *("design-filter", "--bandpass", "4.4-4.7GHz", "--stop", "3.5GHz:20dB,5.6GHz:20dB"),
    *("--family", "microstrip", "--no-report"),
)


def test_openems_that_is_absent_is_exit_code_3(
    eda: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    ran = eda(*BAND_PASS, "--full-wave", "1", "-o", str(tmp_path / "f"))
    assert ran.code == 3
    assert "apt-get install openems" in ran.err
    assert not (tmp_path / "f").exists()


def test_what_full_wave_would_say_is_foreseen(eda: Callable[..., Any], tmp_path: Path) -> None:
    hairpin = ("design-filter", "--bandpass", "2.4-2.5GHz", "--stop", "2.0GHz:30dB,3GHz:25dB")
    words = (*hairpin, "--rl", "12", "--family", "microstrip", "-o", str(tmp_path / "f"))
    ran = eda(*words)
    assert ran.code == 0
    assert "hairpin" in ran.out
    line = next(one for one in ran.out.splitlines() if one.startswith("full wave would come to"))
    assert "-" in line.split(" dB")[0]
    assert line.endswith(": --full-wave 3 corrects the layout")
    page = (tmp_path / "f" / "report.html").read_text()
    assert "The neural simulator foresees some -" in page
    assert "|S21|, neural simulator" in page
    answer = json.loads(eda(*words, "--json").out)
    # Bends shift a hairpin by far more than its pass band is wide.
    assert answer["foreseen_margin_db"] < -5 < 0 <= answer["margin_db"]


def closed_forms(solver: PlanarSolver, frequency_hz: Any, **options: Any) -> Solution:
    """Answer as the closed forms do where the planar solver would take seconds."""
    options.pop("seconds")
    layout = solver.layout
    found = scattering(layout, sizes_of(layout), frequency_hz, solver.board, **options)
    return Solution(found, solver.currents, 9)


def test_the_planar_solver_judges_where_it_is_named_and_is_cached(
    eda: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDA_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr("eda.filters.planar.cached.swept", closed_forms)
    planar = (*BAND_PASS, "--full-wave", "1", "--solver", "planar")
    ran = eda(*planar, "-o", str(tmp_path / "f"), "--json")
    answer = json.loads(ran.out)
    assert answer["verifier"] == "full wave by the planar method of moments"
    # The stand-in is the closed forms: full wave has nothing to object to them.
    assert answer["margin_db"] == pytest.approx(answer["reference_margin_db"], abs=0.05)
    assert ran.code == (0 if answer["solved"] else 1)
    assert not answer["full_wave"][0]["cached"]
    assert (tmp_path / "f" / "full_wave.s2p").exists()
    again = eda(*planar, "-o", str(tmp_path / "g"))
    assert again.code == ran.code
    assert "cached" in again.out
    assert "dB in full wave by the planar method of moments (" in again.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((*BAND_PASS, "--full-wave", "1", "--solver", "magic"), "write one of openems, planar"),
        ((*BAND_PASS, "--solver", "planar"), "--solver goes with --full-wave"),
        (("design-filter", *WORDS, "--solver", "planar"), "--solver goes with --full-wave"),
        (
            (
                *("design-filter", "--lowpass", "1GHz", "--stop", "3GHz:20dB"),
                *("--family", "microstrip", "--full-wave", "1", "--solver", "planar"),
            ),
            "the planar method of moments reaches down to",
        ),
    ],
)
def test_a_solver_that_does_not_fit_is_refused(
    eda: Callable[..., Any], tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    ran = eda(*words, "-o", str(tmp_path / "f"))
    assert ran.code == 2
    assert message in " ".join(ran.err.split())
    assert not (tmp_path / "f").exists()
