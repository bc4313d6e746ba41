"""The bench of the link predictor, on a handful of circuits."""

from __future__ import annotations

from pathlib import Path

import pytest

from eda.bench import links
from eda.bench.table import tables_of
from eda.datasets.links import LinkData, link_data


@pytest.fixture(scope="module")
def few(data: Path) -> LinkData:
    """Some small circuits of every set and part."""
    whole = link_data(root=data)
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


def test_every_table_is_made_and_whole(few: LinkData, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "link_data", lambda root: few)
    lines: list[str] = []
    result = links.run(log=lines.append)
    tables = tables_of(result)
    assert [table.title.split()[0] for table in tables] == [
        *("P1", "P1", "Calibration:", "Nearest", "P2", "Complete-the-circuit:", "P3", "P4", "Speed")
    ]
    for table in tables:
        assert all(len(row) == len(table.columns) for row in table.rows)
    methods = [row[0] for row in tables[0].rows]
    assert "counted prior" in methods
    assert "highest degree" in methods
    assert "nearest training wire (motif alone)" in methods
    # The published figures never stand alone.
    assert sum("same circuit" in str(row[0]) for row in tables[-2].rows) == 2
    assert sum("(theirs)" in str(row[0]) for row in tables[-2].rows) == 2
    assert lines[0] == "reading the corpora"
    assert links.render(result).startswith("P1 pin completion, hand-drawn")


def test_the_full_form_keeps_what_it_made(
    few: LinkData, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(links, "link_data", lambda root: few)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = links.run(full=True)
    assert len(list((tmp_path / "eda" / "bench").glob("links-*.json"))) == 9

    def never(*_: object, **__: object) -> None:
        raise AssertionError("asked again")

    monkeypatch.setattr(links, "complete_pins", never)
    again = links.run(full=True)
    assert links.render(again) == links.render(first)
