"""eda bench filters: the same code on a mask or two."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from eda.agents.filter_methods import Outcome
from eda.bench import filters
from eda.bench.table import render
from eda.filters.evaluator import Ledger
from eda.filters.terse import terse_spec
from eda.filters.words import ladder


def test_the_table_has_every_way_and_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "SEEDS", (7,))
    monkeypatch.setattr(filters, "_GROUPS", filters._GROUPS[:1])
    # Printed masks have a test of their own.
    monkeypatch.setattr(filters, "printed_tables", lambda *_, **__: [])
    result = filters.run(
        count=1,
        data=tmp_path,
        methods=("textbook", "textbook+snap", "policy only", "policy + refine"),
        executor=ThreadPoolExecutor(1),
    )
    table = result["tables"][0]
    assert [row[0] for row in table["rows"]] == [
        "textbook",
        "textbook+snap",
        "policy only",
        "policy + refine",
    ]
    assert table["columns"][1:] == (
        *("solved", "95 %", "evaluations", "simulations", "seconds", "margin / dB", "parts"),
        "yield",
    )
    assert table["rows"][3][1] == "1/1"
    assert "policy + refine" in render(result)


def test_values_of_no_series_count_for_the_textbook_only() -> None:
    spec = terse_spec(lowpass="10MHz", stop="60MHz:30dB", rl_db=10, parts=5)
    values = (301e-12, 0.803e-6, 301e-12)
    outcome = Outcome(ladder("cLc"), values, Ledger(calls=3), 0.1, True)
    group = ("lumped_lc", "standard")
    assert filters.judged("textbook", group, 0, spec, outcome).solved
    assert not filters.judged("random", group, 0, spec, outcome).solved


def test_nothing_delivered_is_not_solved() -> None:
    spec = terse_spec(lowpass="10MHz", stop="60MHz:30dB")
    row = filters.judged(
        "random", ("lumped_lc", "hard"), 0, spec, Outcome(None, (), Ledger(), 0.0, False)
    )
    assert not row.solved
    assert row.simulations == 0


def test_masks_are_the_same_every_time() -> None:
    first, second = (list(filters.draw_masks(1, 0))[:2] for _ in range(2))
    assert [item[1] for item in first] == [item[1] for item in second]
    assert np.isfinite(first[0][1].passbands[0].il_max_db)
