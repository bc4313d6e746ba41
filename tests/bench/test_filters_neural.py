"""``eda bench filters-neural`` on a few of the shipped filters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eda.bench.filters_neural import figure, run
from eda.datasets.printed import SHIPPED, load, read_lines
from eda.errors import DatasetError
from eda.filters.microstrip.network import scattering, sizes_of

KINDS = (("edge_coupled", "bandpass"), ("open_loop", "bandpass"), ("edge_coupled", "bandstop"))


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty filters to learn from, and one of each of some kinds to test on."""
    folder = tmp_path_factory.mktemp("few")
    train: list[dict[str, Any]] = []
    test: dict[tuple[str, str], dict[str, Any]] = {}
    for line in read_lines(SHIPPED):
        if "error" in line:
            continue
        kind = (line["family"], line["response"])
        if line["split"] == "train" and len(train) < 20:
            train.append(line)
        elif line["split"] == "test" and kind in KINDS and not line["order_unseen"]:
            test.setdefault(kind, line)
    text = "".join(json.dumps(line) + "\n" for line in [*train, *test.values()])
    (folder / "records.jsonl").write_text(text)
    return folder


def test_every_kind_has_its_table(few: Path) -> None:
    result = run(data=few)
    tables = {table["title"]: table["rows"] for table in result["tables"]}
    assert [title.split(": ")[1] for title in tables if ": " in title] == [
        "trained orders (1 filters)",
        "open loops (1 filters)",
        "resonators beside a line (1 filters)",
    ]
    *ways, kinds = tables.values()
    assert len(kinds) == 3
    for rows in ways:
        closed, neural = rows[0], rows[-1]
        assert (closed[0], neural[0]) == ("closed forms", "neural simulator")
        assert neural[1] <= closed[1]
        assert neural[-1] == 0  # No frequency at which power is made.
    (record,) = [one for one in load(few, "test") if one.family == "open_loop"]
    frequency = np.linspace(record.frequency_hz[0], record.frequency_hz[-1], 401)
    full = np.interp(frequency, record.frequency_hz, 20 * np.log10(np.abs(record.s21)))
    s21 = scattering(record.layout, sizes_of(record.layout), frequency, record.board).s21[0]
    closed = 20 * np.log10(np.abs(s21))
    seen = (full > -40) | (closed > -40)
    apart = np.abs(np.maximum(full, -40) - np.maximum(closed, -40))[seen].mean()
    assert tables["|S21| against openEMS: open loops (1 filters)"][0][1] == pytest.approx(
        apart, rel=0.1
    )
    assert len(figure(result).axes) >= 3


def test_no_filters_are_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"there is no records\.jsonl"):
        run(data=tmp_path)
