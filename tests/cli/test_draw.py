"""``eda draw`` and the pages with drawings: files, figures, bad input, logic, findings."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eda.schematic import extract_circuit

Eda = Callable[..., Any]

DIVIDER = "* divider\nR1 in out 1k\nR2 out 0 1k\n.end\n"
LARGE = (
    "* large\n.subckt cell in out\n"
    + "R1 in n1 1k\nR2 n1 n2 1k\nR3 n2 out 1k\n.ends\n"
    + "".join(f"X{at} a{at} a{at + 1} cell\n" for at in range(4))
)


@pytest.fixture
def divider(tmp_path: Path) -> Path:
    path = tmp_path / "divider.sp"
    path.write_text(DIVIDER)
    return path


@pytest.mark.parametrize(
    ("suffix", "start"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")]
)
def test_three_kinds_of_file(
    divider: Path, tmp_path: Path, eda: Eda, suffix: str, start: bytes
) -> None:
    out = tmp_path / f"a.{suffix}"
    ran = eda("draw", divider, "-o", out)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.splitlines()[-1] == f"wrote {out}"
    assert out.read_bytes().startswith(start)


def test_the_answer_for_programs(divider: Path, tmp_path: Path, eda: Eda) -> None:
    out = tmp_path / "a.svg"
    answer = json.loads(eda("draw", divider, "-o", out, "--json").out)
    (sheet,) = answer.pop("sheets")
    assert answer == {"schema": "eda.draw/1", "file": str(divider), "out": [str(out)]}
    assert (sheet["devices"], sheet["crossings"], sheet["overlaps"]) == (2, 0, 0)
    assert sheet["notes"] == []
    found = extract_circuit(out.read_text("utf-8"))
    assert sorted(found.nets["out"]) == [("r1", "n"), ("r2", "p")]


def test_standard_input(tmp_path: Path, eda: Eda) -> None:
    out = tmp_path / "a.svg"
    assert eda("draw", "-", "-o", out, stdin=DIVIDER.encode()).code == 0
    assert 'data-device="R2"' in out.read_text("utf-8")


def test_the_seed_decides(ota: Path, tmp_path: Path, eda: Eda) -> None:
    texts = []
    for number, seed in enumerate((1, 1, 2)):
        out = tmp_path / f"{number}.svg"
        assert eda("draw", ota, "-o", out, "--seed", str(seed)).code == 0
        texts.append(out.read_text("utf-8"))
    assert texts[0] == texts[1] != texts[2]


def test_a_sheet_for_each_subcircuit(tmp_path: Path, eda: Eda) -> None:
    path = tmp_path / "large.sp"
    path.write_text(LARGE)
    ran = eda("draw", path, "-o", tmp_path / "large.svg", "--blocks-above", "11", "--json")
    answer = json.loads(ran.out)
    assert [Path(name).name for name in answer["out"]] == ["large.svg", "large.cell.svg"]
    assert [sheet["devices"] for sheet in answer["sheets"]] == [4, 3]
    assert eda("draw", path, "-o", tmp_path / "cell.svg", "--subcircuit", "cell").code == 0
    assert 'data-device="R3"' in (tmp_path / "cell.svg").read_text("utf-8")
    answer = json.loads(eda("draw", path, "-o", tmp_path / "flat.svg", "--json").out)
    assert [sheet["devices"] for sheet in answer["sheets"]] == [12]


def test_bad_input(divider: Path, tmp_path: Path, eda: Eda) -> None:
    ran = eda("draw", divider, "-o", tmp_path / "a.gif")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"error: {tmp_path / 'a.gif'}: a drawing is written as .svg, .png,")
    assert ran.err.endswith("; choose one of these\n")
    ran = eda("draw", tmp_path / "no.sp", "-o", tmp_path / "a.svg")
    assert ran.code == 2
    svg = tmp_path / "b.svg"
    svg.write_text(DIVIDER)
    ran = eda("draw", svg, "-o", svg)
    assert (ran.code, svg.read_text()) == (2, DIVIDER)
    ran = eda("draw", divider, "-o", tmp_path / "a.svg", "--subcircuit", "amp")
    assert ran.code == 2
    assert "amp" in ran.err
    assert not (tmp_path / "a.svg").exists()


def test_logic_is_drawn_by_levels(tmp_path: Path, eda: Eda) -> None:
    path = tmp_path / "and.aag"
    path.write_text("aag 3 2 0 1 1\n2\n4\n7\n6 4 2\ni0 left\ni1 right\no0 nand\n")
    out = tmp_path / "and.svg"
    ran = eda("draw", path, "-o", out, "--json")
    (sheet,) = json.loads(ran.out)["sheets"]
    assert (sheet["name"], sheet["devices"], sheet["crossings"]) == ("and", 4, 0)
    found = extract_circuit(out.read_text("utf-8"))
    assert sorted(found.nets["n3"]) == [("n3", "y"), ("outputs.0", "a")]
    ran = eda("draw", path, "-o", tmp_path / "and.sch")
    assert (ran.code, (tmp_path / "and.sch").exists()) == (2, False)
    assert "an editor needs a netlist, and this drawing shows none" in ran.err
    path.write_text("aag 3 2 0 1 1\n2\n4\n")
    ran = eda("draw", path, "-o", tmp_path / "bad.svg")
    assert ran.code == 2
    assert not (tmp_path / "bad.svg").exists()


def test_findings_on_the_drawing(tmp_path: Path, eda: Eda) -> None:
    path = tmp_path / "stub.sp"
    path.write_text("* t\nV1 in 0 1\nR1 in 0 1k\nR2 in <b> 1k\n.end\n")
    out = tmp_path / "check.html"
    ran = eda("check", path, "--report", out, "--fail-on", "warning")
    assert ran.code == 1
    assert ran.err.splitlines()[-1] == f"wrote {out}"
    page = out.read_text("utf-8")
    assert page.count("<svg ") == page.count('data-mark="1"') == 1
    assert "<td class='warning'>warning</td><td>dangling_net</td>" in page
    assert "<b>" not in page
    assert eda("check", path, "--report", path).code == 2


def test_a_page_for_what_cannot_be_drawn(tmp_path: Path, eda: Eda) -> None:
    path = tmp_path / "loop.sp"
    path.write_text("* t\n.subckt a x\nX1 x a\nR1 x 0 1k\n.ends\nX1 n a\nR1 n 0 1k\n.end\n")
    out = tmp_path / "check.html"
    assert eda("check", path, "--report", out).code == 1
    assert "recursion" in out.read_text("utf-8")
