"""info, check, compare, convert and graph on a good netlist: what they print, schemas, codes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eda.circuit import Diagnostic, Span
from eda.cli.netlist_input import show_diagnostics
from eda.cli.settings import settings

Eda = Callable[..., Any]


def test_info(ota: Path, eda: Eda) -> None:
    ran = eda("info", ota)
    assert (ran.code, ran.err) == (0, "")
    lines = {line[:13].strip(): line[13:].strip() for line in ran.out.splitlines()}
    assert lines["title"] == "five-transistor OTA with an open gate"
    assert lines["devices"].startswith("11 (6 mosfet, 3 vsource, 1 isource, 1 capacitor)")
    assert lines["models"] == "nch (nmos), pch (pmos)"


def test_info_json(ota: Path, eda: Eda) -> None:
    ran = eda("info", ota, "--json")
    answer = json.loads(ran.out)
    assert list(answer)[:5] == ["schema", "file", "format", "dialect", "title"]
    assert answer["schema"] == "eda.info/1"
    assert answer["file"] == str(ota)
    assert answer["format"] == "spice"
    assert (answer["devices"], answer["nets"]) == (11, 9)
    assert answer["kinds"] == {"mosfet": 6, "vsource": 3, "isource": 1, "capacitor": 1}
    assert answer["graph"]["edges"] == 34
    assert answer["graph"]["nodes"] == 20
    assert answer["diagnostics"]["error"] == 0


def test_standard_input_gives_the_same_answer(ota: Path, eda: Eda) -> None:
    from_file = json.loads(eda("info", ota, "--json").out)
    from_input = json.loads(eda("info", "-", "--json", stdin=ota.read_bytes()).out)
    for answer in (from_file, from_input):
        del answer["file"], answer["files"]
    assert from_file == from_input


def test_check_finds_the_open_gate(ota: Path, eda: Eda) -> None:
    ran = eda("check", ota, "--json")
    answer = json.loads(ran.out)
    assert list(answer) == ["schema", "findings", "waived"]
    assert answer["schema"] == "eda.check/1"
    keys = ["rule", "severity", "file", "line", "objects", "message", "fix", "strict"]
    assert all(list(item) == keys for item in answer["findings"])
    assert ("floating_gate", 5) in [(item["rule"], item["line"]) for item in answer["findings"]]
    worst = {item["severity"] for item in answer["findings"]}
    assert ran.code == (1 if "error" in worst else 0)
    table = eda("check", ota)
    assert table.code == ran.code
    assert "floating_gate" in table.out


def test_check_of_a_sound_netlist(tmp_path: Path, eda: Eda) -> None:
    path = tmp_path / "divider.sp"
    path.write_text("* divider\nV1 in 0 1\nR1 in out 1k\nR2 out 0 1k\n.end\n")
    ran = eda("check", path)
    assert (ran.code, ran.out) == (0, f"{path}: nothing to complain of\n")


def test_compare_equal_up_to_names_and_order(tmp_path: Path, eda: Eda) -> None:
    a, b = tmp_path / "a.sp", tmp_path / "b.sp"
    a.write_text("* a\nR1 in mid 1k\nC1 mid 0 1p\nV1 in 0 1\n")
    b.write_text("* b\nVS top 0 1\nCX q 0 1p\nRX top q 1k\n")
    ran = eda("compare", a, b)
    assert (ran.code, ran.out) == (0, f"{a} and {b} describe the same circuit\n")
    answer = json.loads(eda("compare", a, b, "--json").out)
    assert answer == {"schema": "eda.compare/1", "equal": True, "differences": []}


def test_compare_different(tmp_path: Path, eda: Eda) -> None:
    a, b = tmp_path / "a.sp", tmp_path / "b.sp"
    a.write_text("* a\nR1 in mid 1k\nC1 mid 0 1p\nV1 in 0 1\n")
    b.write_text("* b\nR1 in mid 1k\nC1 mid in 1p\nV1 in 0 1\n")
    ran = eda("compare", a, b)
    assert ran.code == 1
    assert ran.out.splitlines()[0] == f"{a} and {b} differ"
    answer = json.loads(eda("compare", a, b, "--json").out)
    assert list(answer) == ["schema", "equal", "differences"]
    assert answer["equal"] is False
    assert answer["differences"]
    keys = ["kind", "message", "a", "b"]
    assert all(list(item) == keys for item in answer["differences"])


def test_compare_sizes(tmp_path: Path, eda: Eda) -> None:
    a, b = tmp_path / "a.sp", tmp_path / "b.sp"
    a.write_text("* a\nR1 in 0 1k\nV1 in 0 1\n")
    b.write_text("* b\nR1 in 0 2k\nV1 in 0 1\n")
    assert eda("compare", a, b).code == 0
    assert eda("compare", a, b, "--sizes").code == 1


def test_compare_parallel(tmp_path: Path, eda: Eda) -> None:
    a, b = tmp_path / "a.sp", tmp_path / "b.sp"
    a.write_text("* a\nR1 in 0 1k\nV1 in 0 1\n")
    b.write_text("* b\nR1 in 0 1k\nR2 in 0 1k\nV1 in 0 1\n")
    assert eda("compare", a, b).code == 1
    assert eda("compare", a, b, "--parallel").code == 0


def test_convert_round_trip(ota: Path, eda: Eda) -> None:
    out = ota.parent / "out.sp"
    ran = eda("convert", ota, "-o", out, "--to", "ngspice")
    assert (ran.code, ran.out, ran.err) == (0, "", f"wrote {out}\n")
    assert eda("compare", ota, out).code == 0
    ran = eda("convert", ota, "-o", out, "--json", "--quiet")
    answer = json.loads(ran.out)
    assert answer == {
        "schema": "eda.convert/1",
        "out": str(out),
        "dialect": "ngspice",
        "dropped": [],
        "renamed": [],
        "kept": [],
    }
    assert ran.err == ""


def test_convert_from_standard_input_to_standard_output(ota: Path, eda: Eda) -> None:
    out = ota.parent / "out.sp"
    eda("convert", ota, "-o", out)
    ran = eda("convert", "-", "-o", "-", stdin=ota.read_bytes())
    assert ran.code == 0
    assert ran.out == out.read_text()


def test_convert_flat(tmp_path: Path, eda: Eda) -> None:
    path, out = tmp_path / "a.sp", tmp_path / "out.sp"
    path.write_text("* a\n.subckt s a b\nR1 a b 1k\n.ends\nX1 in 0 s\nV1 in 0 1\n")
    assert eda("convert", path, "-o", out, "--flat").code == 0
    assert ".subckt" not in out.read_text().lower()
    assert eda("compare", path, out).code == 0


@pytest.mark.parametrize("suffix", [".json", ".graphml", ".npz"])
def test_graph_files(suffix: str, ota: Path, eda: Eda) -> None:
    out = ota.parent / f"out{suffix}"
    ran = eda("graph", ota, "-o", out)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == f"wrote {out}: 11 devices, 9 nets, 34 pins\n"
    assert out.stat().st_size > 0
    answer = json.loads(eda("graph", ota, "-o", out, "--json").out)
    assert answer == {
        "schema": "eda.graph/1",
        "out": str(out),
        "devices": 11,
        "nets": 9,
        "pins": 34,
    }


def test_graph_of_an_unknown_suffix(ota: Path, eda: Eda) -> None:
    ran = eda("graph", ota, "-o", ota.parent / "out.dot")
    assert ran.code == 2
    assert ran.err.startswith("error: ")
    assert ".graphml" in ran.err
    assert not (ota.parent / "out.dot").exists()


def test_a_subcircuit_is_chosen_by_name(tmp_path: Path, eda: Eda) -> None:
    path = tmp_path / "a.sp"
    path.write_text("* a\n.subckt s a b\nR1 a b 1k\nR2 a b 1k\n.ends\nX1 in 0 s\nV1 in 0 1\n")
    answer = json.loads(eda("info", path, "--json", "--subcircuit", "S").out)
    assert answer["devices"] == 2
    ran = eda("info", path, "--subcircuit", "t")
    assert ran.code == 2
    assert "t" in ran.err
    assert "Traceback" not in ran.err


def test_include_folders(tmp_path: Path, eda: Eda) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "cell.inc").write_text(".subckt s a b\nR1 a b 1k\n.ends\n")
    path = tmp_path / "a.sp"
    path.write_text("* a\n.include cell.inc\nX1 in 0 s\nV1 in 0 1\n")
    without = json.loads(eda("info", path, "--json").out)
    assert without["black_boxes"] == {"s": 1}
    found = json.loads(eda("info", path, "--json", "-I", tmp_path / "lib").out)
    assert found["black_boxes"] == {}
    assert found["kinds"] == {"resistor": 1, "vsource": 1}


def test_an_unknown_dialect_is_bad_input(ota: Path, eda: Eda) -> None:
    ran = eda("info", ota, "--dialect", "spise")
    assert ran.code == 2
    assert "spise" in ran.err
    assert "Traceback" not in ran.err


def _many(severity: str, count: int) -> list[Diagnostic]:
    return [
        Diagnostic(severity, "x", f"problem {number}", Span("a.sp", number))  # type: ignore[arg-type]
        for number in range(1, count + 1)
    ]


def test_twenty_diagnostics_errors_first(capsys: pytest.CaptureFixture[str]) -> None:
    settings.quiet = False
    show_diagnostics([*_many("warning", 15), *_many("info", 5), *_many("error", 15)])
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "a.sp:1:1: error: problem 1"
    assert lines[15] == "a.sp:1:1: warning: problem 1"
    assert lines[20:] == ["... and 10 more; `eda check` lists them all"]


def test_quiet_shows_errors_only(capsys: pytest.CaptureFixture[str]) -> None:
    settings.quiet = True
    show_diagnostics([*_many("warning", 3), *_many("error", 1)])
    settings.quiet = False
    assert capsys.readouterr().err == "a.sp:1:1: error: problem 1\n"


def test_convert_says_what_it_could_not_take_over(eda: Eda, tmp_path: Path) -> None:
    deck = tmp_path / "a.sp"
    deck.write_text("* t\n.include models.inc\nR1 a 0 1k\n")
    done = eda("convert", str(deck), "-o", str(tmp_path / "b.sp"), "--json")
    assert json.loads(done.out)["dropped"] == [
        f"{deck}:2: models.inc is not read: it was not found"
    ]


@pytest.mark.parametrize("suffix", ["sch", "asc", "kicad_sch"])
def test_draw_for_an_editor(ota: Path, eda: Eda, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"ota.{suffix}"
    ran = eda("draw", ota, "-o", out, "--json")
    answer = json.loads(ran.out)
    assert (ran.code, answer["schema"], answer["out"][0]) == (0, "eda.draw/1", str(out))
    names = {"sch": "xschem", "asc": "LTspice", "kicad_sch": "KiCad"}
    assert (answer["editor"], answer["dropped"]) == (names[suffix], [])
    assert all(Path(path).is_file() for path in answer["out"])
    assert out.read_text().count("M1") >= 1


def test_draw_for_an_editor_says_what_is_called_otherwise(eda: Eda, tmp_path: Path) -> None:
    deck = tmp_path / "rc.sp"
    deck.write_text("* rc\nR1 a<3> b! 1k\nA1 [b!] c g\n.model g d_and\n")
    ran = eda("draw", deck, "-o", tmp_path / "rc.asc")
    assert ran.code == 0
    assert "not said in LTspice: " in ran.err
    assert "renamed in LTspice: the net b! is called b_" in ran.err


def test_draw_does_not_overwrite_what_is_not_its_own(eda: Eda, tmp_path: Path) -> None:
    deck = tmp_path / "x.sp"
    deck.write_text("* x\nX1 a b cell\nR1 a b 1k\n")
    theirs = tmp_path / "x.cell.sym"
    theirs.write_text("mine")
    ran = eda("draw", deck, "-o", tmp_path / "x.sch")
    assert (ran.code, theirs.read_text()) == (2, "mine")
    assert "is there and is not from eda draw" in ran.err


def test_convert_keeps_includes_and_comments(eda: Eda, tmp_path: Path) -> None:
    (tmp_path / "m.inc").write_text(".model nch nmos\n")
    deck = tmp_path / "a.sp"
    deck.write_text("* t\n.include m.inc\n* the driver\nM1 d g 0 0 nch\n")
    ran = eda("convert", deck, "-o", "-", "--to", "hspice", "--keep-includes")
    assert ran.code == 0
    assert ".include 'm.inc'" in ran.out
    assert "* the driver\nM1 " in ran.out
    assert ".model" not in ran.out
    assert f"kept, to be read in hspice: {deck}:2: .include m.inc" in ran.err
    ran = eda("convert", deck, "-o", "-", "--to", "hspice", "--no-comments")
    assert "the driver" not in ran.out
    ran = eda("convert", deck, "-o", "-", "--keep-includes", "--flat")
    assert ran.code == 2
    assert "--keep-includes goes with neither --flat nor --subcircuit" in ran.err
