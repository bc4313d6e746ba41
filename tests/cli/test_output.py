"""Printing tables and JSON, and replacing files."""

import io
import json
import sys
from pathlib import Path

import pytest

from eda.cli.output import put, put_json, put_table, replacing
from eda.errors import InputError


def test_json_has_its_schema_first(capsys: pytest.CaptureFixture[str]) -> None:
    put_json("eda.x/1", {"nets": ["µ"]})
    assert capsys.readouterr().out == '{"schema": "eda.x/1", "nets": ["\\u00b5"]}\n'


def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    put_table([("M1.g", "5"), ("[red]", "10")], headers=("pin", "n"), right=("n",))
    assert capsys.readouterr().out == "pin     n\n-----  --\nM1.g    5\n[red]  10\n"


def test_table_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.delenv("NO_COLOR", raising=False)
    rows = [("M1.g", "ok"), ("[red]", "x" * 60)]
    put_table(rows, headers=("pin", "status"))
    coloured = capsys.readouterr().out
    assert "\x1b[32mok" in coloured
    assert "[red]" in coloured
    assert coloured.count("x") == 60
    monkeypatch.setenv("NO_COLOR", "1")
    put_table(rows, headers=("pin", "status"))
    assert "\x1b[32m" not in capsys.readouterr().out


def test_a_table_never_cuts_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    name = "x" * 300
    put_table([(name, "1")], headers=("net", "n"))
    out = capsys.readouterr().out
    assert out.count("x") == 300


def test_characters_the_terminal_lacks_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    put("net µ")
    assert raw.getvalue() == b"net \\xb5\n"


def test_replacing_writes_all_or_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    out.write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(out) as temporary:
        assert 1 / temporary.write_text("")
    assert out.read_text() == "old"
    with replacing(out) as temporary:
        assert temporary.suffix == ".json"
        temporary.write_text(json.dumps("new"))
        assert out.read_text() == "old"
    assert out.read_text() == '"new"'
    assert list(tmp_path.iterdir()) == [out]


def test_replacing_refuses_the_input(tmp_path: Path) -> None:
    given = tmp_path / "a.sp"
    given.write_text("x")
    link = tmp_path / "b.sp"
    link.symlink_to(given)
    for out in (given, link):
        with pytest.raises(InputError) as caught, replacing(out, inputs=[str(given)]):
            pass
        assert (
            str(caught.value) == f"{out} is the input and would be overwritten; name another file"
        )
    assert given.read_text() == "x"


def test_replacing_refuses_what_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught, replacing(tmp_path):
        pass
    assert str(caught.value) == f"{tmp_path} is a folder; name a file in it"
    nowhere = tmp_path / "no" / "out.sp"
    with pytest.raises(InputError) as caught, replacing(nowhere):
        pass
    assert str(caught.value) == (
        f"{nowhere} cannot be written: there is no folder {tmp_path / 'no'}; make it first"
    )
