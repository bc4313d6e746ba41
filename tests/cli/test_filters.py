"""``eda filters build-data``: a set that goes on, its counts, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eda.datasets.printed_build import build_printed
from eda.errors import SimulationError
from eda.filters.fullwave.waves import Signals

Eda = Callable[..., Any]


def failing(xml: str) -> Signals:
    raise SimulationError("openEMS failed: no memory left")


def test_a_set_without_a_result_is_a_negative_answer(eda: Eda, tmp_path: Path) -> None:
    build_printed(tmp_path / "set", 2, run=failing)
    # Both are there, so that nothing is solved now.
    words = ("filters", "build-data", "--count", "2", "-o", tmp_path / "set")
    ran = eda(*words, "--json")
    assert ran.code == 1
    answer = json.loads(ran.out)
    assert answer["schema"] == "eda.filters.build-data/1"
    assert (answer["made"], answer["records"], answer["failed"]) == (0, 0, 2)
    shown = eda(*words)
    assert shown.out.endswith("set: 0 solved, 2 failed; 0 in this run\n")


def test_the_shipped_set_is_counted(eda: Eda, tmp_path: Path) -> None:
    from eda.datasets.printed import SHIPPED
    from eda.datasets.printed_card import summary

    counts = summary(SHIPPED)
    (tmp_path / "records.jsonl").write_bytes(_unzipped(SHIPPED))
    # The first is there, so that nothing is solved now.
    ran = eda("filters", "build-data", "--count", "1", "-o", tmp_path)
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0].split() == ["family", "response", "order", "train", "validation", "test"]
    rows = [line.split() for line in lines[2:-1]]
    assert sum(int(row[3]) for row in rows) == counts["splits"]["train"]
    assert lines[-1].endswith(
        f"{counts['records']} solved, {counts['failed']} failed; 0 in this run"
    )


def _unzipped(path: Path) -> bytes:
    import gzip

    return gzip.decompress(path.read_bytes())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--family", "combline"), "no printed filter is of family 'combline'"),
        (("--solver", "hfss"), "solver is 'hfss'; write one of openems, planar"),
    ],
)
def test_what_is_refused(eda: Eda, tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    ran = eda("filters", "build-data", "-o", tmp_path / "set", *words)
    assert ran.code == 2
    assert message in ran.err
    assert not (tmp_path / "set").exists()


def test_a_missing_openems_is_code_3(
    eda: Eda, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    ran = eda("filters", "build-data", "--count", "1", "-o", tmp_path / "set")
    assert ran.code == 3
    assert "apt-get install openems" in ran.err
