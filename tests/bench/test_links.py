"""The bench of the link predictor, on a handful of circuits."""

from __future__ import annotations

from pathlib import Path

import pytest

from eda.bench import (
    links,
    links_data,
    links_left_out,
    links_matrix,
    links_repair,
    links_seal,
    seal_network,
)
from eda.bench.table import Table, tables_of
from eda.datasets.links import LINK_CORPORA, LinkData, link_data
from eda.links.weights import Shape


@pytest.fixture(scope="module")
def few(data: Path) -> LinkData:
    """Some small circuits of every set and part."""
    whole = link_data((*LINK_CORPORA, "stdcells", "ltspice"), root=data)
    kept: list[int] = []
    seen: dict[tuple[str, str, bool], int] = {}
    for at, (circuit, sample) in enumerate(zip(whole.circuits, whole.samples, strict=True)):
        key = (circuit.corpus, whole.parts[at], circuit.drawn)
        if circuit.clean and 6 <= sample.num_devices <= 14 and seen.get(key, 0) < 2:
            seen[key] = seen.get(key, 0) + 1
            kept.append(at)
    return LinkData(
        tuple(whole.circuits[at] for at in kept),
        tuple(whole.samples[at] for at in kept),
        tuple(whole.parts[at] for at in kept),
    )


@pytest.fixture
def small(few: LinkData, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The bench on a handful of circuits, its trainings a few steps, no chip timed."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(links, "link_data", lambda corpora, root: few)
    speed = Table("Speed", ("what",), (("nothing",),))
    monkeypatch.setattr(links, "speed_table", lambda *_, **__: speed)
    monkeypatch.setattr(links, "seal_speed_table", lambda *_, **__: speed)
    for form in ("QUICK", "FULL"):
        monkeypatch.setattr(links_seal, f"{form}_STEPS", 2)
        monkeypatch.setattr(links_matrix, f"{form}_STEPS", 2)
        monkeypatch.setattr(links_left_out, f"{form}_STEPS", 2)
    monkeypatch.setattr(links_matrix, "MIN_TRAINING", 2)
    monkeypatch.setattr(links_matrix, "SMALL", Shape(width=8, inner=8, hidden=8, layers=1))
    monkeypatch.setattr(seal_network, "BATCH_PINS", 2)
    monkeypatch.setattr(links_data, "QUICK_QUERIES", 2)
    monkeypatch.setattr(links_repair, "FULL_REPEATS", 1)


@pytest.mark.usefixtures("small")
def test_every_table_is_made_and_whole() -> None:
    lines: list[str] = []
    result = links.run(log=lines.append)
    tables = tables_of(result)
    assert [table.title.split()[0] for table in tables] == [
        *("P1", "P1", "P1", "P1,", "P1", "Train", "Calibration:", '"None', "Nearest", "P2"),
        *("Complete-the-circuit:", "P3", "P4", "Speed", "Speed"),
    ]
    for table in tables:
        assert all(len(row) == len(table.columns) for row in table.rows)
    methods = [row[0] for row in tables[0].rows]
    assert "counted prior" in methods
    assert "highest degree" in methods
    assert "nearest training wire (motif alone)" in methods
    # The published figures never stand alone.
    assert sum("same circuit" in str(row[0]) for row in tables[-3].rows) == 2
    assert sum("(theirs)" in str(row[0]) for row in tables[-3].rows) == 2
    # SEAL stands beside the model, on as many pins, with a time for each.
    assert [row[0] for row in tables[4].rows] == [
        *("SEAL, 2 hops", "SEAL, 2 hops, hub cut", "model", "counted prior")
    ]
    assert len({row[-2] for row in tables[4].rows}) == 1
    assert all(isinstance(row[-1], float) and row[-1] > 0 for row in tables[4].rows)
    # A row a source and one for all, a column a source.
    assert [row[0] for row in tables[5].rows][-2:] == ["all of these", "(counted prior)"]
    hits = [float(cell or 0.0) for row in tables[5].rows for cell in row[2:]]
    assert all(0 <= value <= 1 for value in hits)
    assert lines[0] == "reading the corpora"
    assert links.render(result).startswith("P1 pin completion, hand-drawn")


def test_the_full_form_keeps_what_it_made(
    small: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = links.run(full=True)
    assert len(list((tmp_path / "eda" / "bench").glob("links-*.json"))) == 15

    def never(*_: object, **__: object) -> None:
        raise AssertionError("asked again")

    monkeypatch.setattr(links_data, "complete_pins", never)
    again = links.run(full=True)
    assert links.render(again) == links.render(first)
