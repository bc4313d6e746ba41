"""Comparing the engine with plain ``ngspice -b``: what agrees, what differs, what is not run."""

import shutil
from pathlib import Path

import pytest

from eda.bench.simulate_decks import Comparison, compare, deck_tables, decks, tables
from eda.errors import ToolNotFoundError
from eda.spice.ngspice_shared import library_path


@pytest.fixture(autouse=True)
def ngspice() -> None:
    """Skip where ngspice is not installed."""
    try:
        library_path()
    except ToolNotFoundError:
        pytest.skip("libngspice is not installed")
    if shutil.which("ngspice") is None:
        pytest.skip("ngspice is not installed")


def deck(folder: Path, text: str, name: str = "deck.cir") -> Path:
    path = folder / name
    path.write_text(f"* a deck\n{text}\n.end\n")
    return path


RC = "V1 in 0 dc 2 ac 1 pulse(0 1 0 1u 1u 1m 2m)\nR1 in out 1k\nC1 out 0 1u\n"


def test_a_deck_that_agrees(tmp_path: Path) -> None:
    found = compare(deck(tmp_path, RC + ".op\n.ac dec 5 1 1k\n.tran 10u 1m"))
    assert (found.outcome, found.analyses, found.vectors) == ("agrees", ("op", "ac", "tran"), 9)
    assert found.worst < 1e-9


def test_analyses_of_a_control_block_are_run_as_cards(tmp_path: Path) -> None:
    found = compare(deck(tmp_path, RC + ".control\ntran 10u 1m\nplot v(out)\n.endc"))
    assert (found.outcome, found.analyses) == ("agrees", ("tran",))


@pytest.mark.parametrize(
    ("text", "outcome", "reason"),
    [
        (".control\nshell ls\n.endc", "refused", "refused: the .control command 'shell'"),
        (".op\n.param q={agauss(1, 1, 1)}\nR2 out 0 {q}", "not compared", "left to chance"),
        (".control\ntran 1u 1m\ntran 2u 1m\n.endc", "not compared", "an analysis twice"),
        (".noise v(out) V1 dec 5 1 1k", "not compared", "no op, dc, ac or tran"),
    ],
)
def test_what_is_not_compared(text: str, outcome: str, reason: str, tmp_path: Path) -> None:
    found = compare(deck(tmp_path, RC + text))
    assert (found.outcome, found.reason[: len(reason)]) == (outcome, reason)


def test_ngspice_that_gives_nothing(tmp_path: Path) -> None:
    found = compare(deck(tmp_path, "V1 a 0 1\nV2 a 0 2\n.op"))
    assert found.outcome == "not compared"
    assert found.reason.startswith("ngspice -b: ")


def test_the_same_text_is_tried_once(tmp_path: Path) -> None:
    first = deck(tmp_path, RC, "a.cir")
    deck(tmp_path, RC, "b.cir")
    other = deck(tmp_path, RC + "R2 out 0 1k", "c.sp")
    assert decks(tmp_path) == [first, other]
    assert sorted(decks(tmp_path, seed=3)) == [first, other]


def test_the_tables() -> None:
    summary, apart, rest = tables(
        [
            Comparison("a", "agrees", ("op", "tran"), 5, 1e-9),
            Comparison("b", "differs", ("tran",), 3, 0.5, "tran v(a)", reason="v(a) is 0.5 apart"),
            Comparison("c", "refused", reason="refused: the .control command 'cd' (why) in: cd x"),
            Comparison("d", "refused", reason="refused: the .control command 'cd' (why) in: cd y"),
        ]
    )
    assert summary.rows == (
        *(("op", 1, 1), ("dc", 0, 0), ("ac", 0, 0), ("tran", 2, 1)),
        ("any", 2, 1),
    )
    assert apart.rows == (("b", "v(a) is 0.5 apart"),)
    assert rest.rows == ((2, "refused", ".control: why"),)


def test_without_the_corpus_there_is_no_table(tmp_path: Path) -> None:
    assert deck_tables(None, print, full=False) == []
    assert deck_tables(tmp_path, print, full=False) == []


def test_a_few_decks_of_ngspice(data: Path) -> None:
    root = data / "spice" / "ngspice"
    if not root.is_dir():
        pytest.skip(f"{root} is not there")
    for name in ("tests/mos6/simpleinv.cir", "tests/transmission/txl1_1_line.cir"):
        if (root / name).exists():
            found = compare(root / name)
            assert (found.outcome, found.reason) == ("agrees", "")
