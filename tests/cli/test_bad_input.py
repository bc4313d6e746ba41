"""Input that is no netlist: one clear sentence, exit code 2, nothing written, no traceback."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

READERS = (
    ("info", "{}"),
    ("check", "{}"),
    ("convert", "{}", "-o", "{out}"),
    ("graph", "{}", "-o", "{out}"),
    ("predict-links", "{}"),
    ("predict-links", "{}", "--apply", "{out}"),
    ("compare", "{}", "{}"),
)


def _binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 8)


def _nul(path: Path) -> None:
    path.write_bytes(b"* title\nR1 a 0 1k\nR2 a\x000 1k\n")


def _loop(path: Path) -> None:
    path.write_text(f"* title\n.include {path.name}\nR1 a 0 1k\n")


def _recursive(path: Path) -> None:
    path.write_text("* title\n.subckt s a\nX1 a s\n.ends\nX0 a s\n")


def _deep(path: Path) -> None:
    path.write_text(f"* title\nR1 a 0 {{{'(' * 100_000}1{')' * 100_000}}}\n")


MAKERS: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: None,
    "folder": lambda path: path.mkdir(),
    "empty": lambda path: path.write_bytes(b""),
    "blank": lambda path: path.write_bytes(b"\n\n  \n"),
    "binary": _binary,
    "nul": _nul,
    "include-loop": _loop,
    "recursive": _recursive,
    "deep": _deep,
    "aiger": lambda path: path.write_bytes(b"aag 1 1 0 1 0\n2\n4\n"),
}
FOUND_BY_CHECK = {"include-loop", "recursive", "deep"}
"""Text that can be read, so that `eda check` lists what is wrong with it (exit code 1)."""


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("words", READERS, ids=lambda words: " ".join(words[:1] + words[2:3]))
def test_bad_input(
    words: tuple[str, ...], kind: str, tmp_path: Path, eda: Callable[..., Any]
) -> None:
    path = tmp_path / "in.sp"
    MAKERS[kind](path)
    before = sorted(tmp_path.iterdir())
    ran = eda(*(word.format(path, out=tmp_path / "out.json") for word in words))
    expected = 1 if words[0] == "check" and kind in FOUND_BY_CHECK else 2
    assert ran.code == expected, ran.err
    assert sorted(tmp_path.iterdir()) == before
    assert "Traceback" not in ran.err
    assert "unexpected" not in ran.err
    if expected == 2:
        assert ran.out == ""
        assert ran.err.splitlines()[-1].startswith(f"error: {path}")


@pytest.mark.parametrize("words", READERS[:5], ids=lambda words: words[0])
def test_a_line_of_a_million_characters(
    words: tuple[str, ...], tmp_path: Path, eda: Callable[..., Any]
) -> None:
    path = tmp_path / "in.sp"
    path.write_text(f"* title\nR1 a 0 1k {'x' * 1_000_000}\nR2 a 0 1k\n")
    ran = eda(*(word.format(path, out=tmp_path / "out.json") for word in words))
    assert ran.code in (0, 1, 2)
    assert "Traceback" not in ran.err
    assert len(ran.err) < 10_000


def test_missing_file_says_where_to_look(tmp_path: Path, eda: Callable[..., Any]) -> None:
    ran = eda("info", tmp_path / "gone.sp")
    assert ran.err == (
        f"error: {tmp_path}/gone.sp: there is no such file; check the name and the current folder\n"
    )


def test_a_folder_that_is_not_there_is_not_written_to(ota: Path, eda: Callable[..., Any]) -> None:
    out = ota.parent / "no" / "out.sp"
    ran = eda("convert", ota, "-o", out)
    assert ran.code == 2
    assert ran.err == (
        f"error: {out} cannot be written: there is no folder {ota.parent}/no; make it first\n"
    )


@pytest.mark.parametrize("words", [("convert",), ("graph",)])
def test_the_input_is_not_overwritten(
    words: tuple[str, ...], ota: Path, eda: Callable[..., Any]
) -> None:
    before = ota.read_bytes()
    ran = eda(*words, ota, "-o", ota)
    assert ran.code == 2
    assert ran.err == f"error: {ota} is the input and would be overwritten; name another file\n"
    assert ota.read_bytes() == before


def test_errors_are_listed_up_to_twenty(tmp_path: Path, eda: Callable[..., Any]) -> None:
    path = tmp_path / "in.sp"
    path.write_text("* title\n" + "R1 a\n" * 50)
    ran = eda("info", path)
    assert ran.code == 2
    assert ran.out == ""
    shown = [line for line in ran.err.splitlines() if line.startswith(f"{path}:")]
    assert len(shown) == 20
    assert shown[0].startswith(f"{path}:2:1: error: ")
    assert ran.err.splitlines()[-1].startswith(f"error: {path}: ")
