"""`eda predict-links` of a logic file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

OPEN = "aag 6 3 0 1 3\n2\n4\n6\n13\n8 2 4\n10 8 1\n12 10 6\ni0 a\ni1 b\ni2 c\n"


def test_open_fanins_are_ranked(tmp_path: Path, eda: Callable[..., Any]) -> None:
    path = tmp_path / "x.aag"
    path.write_text(OPEN)
    ran = eda("predict-links", path, "--top", "2")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[0].split() == ["AND", "reads", "and", "perhaps", "%"]
    assert len(ran.out.splitlines()) == 4
    answer = json.loads(eda("predict-links", path, "--json").out)
    assert answer["schema"] == "eda.predict-links.logic/1"
    (item,) = answer["open_fanins"]
    assert (item["gate"], item["sibling"], item["legal"]) == (10, 8, 3)
    assert {one["literal"] // 2 for one in item["candidates"]} == {1, 2, 3}


def test_a_whole_circuit_has_none(tmp_path: Path, eda: Callable[..., Any]) -> None:
    path = tmp_path / "x.aag"
    path.write_text(OPEN.replace("10 8 1", "10 8 6"))
    ran = eda("predict-links", path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        f"{path}: no open fanin among 3 ANDs; an open fanin is written as the constant 1\n"
    )


def test_options_of_netlists_are_refused(tmp_path: Path, eda: Callable[..., Any]) -> None:
    path = tmp_path / "x.aag"
    path.write_text(OPEN)
    ran = eda("predict-links", path, "--audit")
    assert ran.code == 2
    assert ran.err.startswith(f"error: {path}: this is a logic file, which takes --top, ")


def test_missing_weights_are_an_error(tmp_path: Path, eda: Callable[..., Any]) -> None:
    path = tmp_path / "x.aag"
    path.write_text(OPEN)
    ran = eda("predict-links", path, "--weights", tmp_path / "none")
    assert ran.code == 2
    assert "`eda train fanins` makes such a file" in ran.err
