"""The ledger: what counts as what, and that nothing finished is repeated."""

import json
from pathlib import Path
from typing import Any

import pytest

from eda.agents.ledger import JOURNAL, Ledger
from eda.errors import InputError
from eda.spice import Case, Corner


def test_online_and_cached_are_counted_apart(opamp: Case) -> None:
    first = Ledger(opamp, cache=False)
    first.nominal([opamp.nominal])
    assert (first.counts.online, first.counts.cached) == (1, 0)
    for expected in ((1, 0), (0, 1)):
        design = {**opamp.nominal, "w_in": 4.0001e-05}
        ledger = Ledger(opamp, cache=True)
        ledger.nominal([design])
        assert (ledger.counts.online, ledger.counts.cached) in (expected, (0, 1))


def test_a_hopeless_design_counts_although_only_its_operating_point_ran(opamp: Case) -> None:
    from eda.agents.goal import Goal
    from eda.spice import Target

    tight = Goal({"power_w": Target("<=", 1e-9), "gain_db": Target(">=", 50.0)})
    ledger = Ledger(opamp, cache=False)
    (trial,) = ledger.nominal([opamp.nominal], hopeless=tight.loosened(opamp))
    assert trial.result.stage == 1
    assert ledger.counts.online == 1


def test_the_budget_holds(opamp: Case) -> None:
    ledger = Ledger(opamp, budget=1, cache=False)
    assert len(ledger.nominal([opamp.nominal] * 3)) == 1
    assert ledger.left == 0


def test_corners_and_checks_are_counted_apart(opamp: Case) -> None:
    ledger = Ledger(opamp, cache=False)
    ledger.corners(opamp.nominal, [Corner("ss", 125.0)])
    checked = ledger.check(opamp.nominal)
    assert (ledger.counts.online, ledger.counts.corner) == (1, 1)
    assert checked.metrics["gain_db"] == pytest.approx(90.4823, abs=1e-3)
    assert ledger.checked is not None
    assert "@x1.x1.m1[gm]" in ledger.checked.operating_point


def test_what_is_in_the_journal_is_not_simulated_again(
    opamp: Case, tmp_path: Path, counting: Any
) -> None:
    first = Ledger(opamp, tmp_path, cache=False)
    first.nominal([opamp.nominal])
    first.check(opamp.nominal)
    again = Ledger(opamp, tmp_path, cache=False, simulator=counting)
    (trial,) = again.nominal([opamp.nominal])
    again.check(opamp.nominal)
    assert counting.jobs == []
    assert trial.result.metrics == first.trials[0].result.metrics
    assert (again.counts.online, again.counts.resumed) == (2, 2)
    assert again.checked is not None


def test_a_torn_last_line_is_forgotten_and_a_torn_middle_is_told(
    opamp: Case, tmp_path: Path
) -> None:
    Ledger(opamp, tmp_path, cache=False).nominal([opamp.nominal])
    path = tmp_path / JOURNAL
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole + whole[:40], encoding="utf-8")
    assert Ledger(opamp, tmp_path).nominal([opamp.nominal])[0].result.ok
    path.write_text(whole[:40] + "\n" + whole, encoding="utf-8")
    with pytest.raises(InputError, match=r"simulations\.jsonl:1: this is no line of a journal"):
        Ledger(opamp, tmp_path)


def test_the_journal_of_another_case_is_refused(opamp: Case, tmp_path: Path) -> None:
    line = {"key": "k", "design": {"w": 1}, "status": "ok", "stage": 1, "metrics": {}}
    (tmp_path / JOURNAL).write_text(json.dumps(line) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="belongs to a case with other parameters"):
        Ledger(opamp, tmp_path)
