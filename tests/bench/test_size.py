"""`eda bench size`: its code on a small sample."""

from pathlib import Path

import pytest

from eda.bench.resume import Kept
from eda.bench.size import known_table, render
from eda.bench.size_goals import draw_goals, offline_designs
from eda.bench.size_runs import Row, agent_row, summary
from eda.bench.table import result_of
from eda.errors import ToolNotFoundError
from eda.spice import Case, example_case
from eda.spice.ngspice_shared import library_path


@pytest.fixture
def opamp(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Case:
    try:
        library_path()
    except ToolNotFoundError:
        pytest.skip("libngspice is not installed")
    monkeypatch.setenv("EDA_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
    return example_case()


def test_goals_can_be_met_and_come_back(opamp: Case) -> None:
    goals = draw_goals(opamp, 3, 0)
    assert [goal.targets for goal in goals] == [goal.targets for goal in draw_goals(opamp, 3, 0)]
    assert goals[0].targets != goals[1].targets
    assert all(goal.targets["gain_db"].value > 15 for goal in goals)


def test_stored_designs(opamp: Case) -> None:
    stored = offline_designs(opamp, 4, 0)
    assert len(stored) == 4
    assert set(stored[0][1]) <= set(opamp.metrics)


def test_a_row_says_what_runs_took() -> None:
    rows = [Row(True, 3, 0, 8, 40), Row(False, 40, 0, 8, 40), Row(True, 2, 0, 8, 40)]
    assert summary(rows) == (2, 3, "21-94", 3.0, 0, 8.0)


def test_a_table_of_one_goal(opamp: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from eda.bench import size, size_goals

    monkeypatch.setattr(size, "BUDGET", 3)
    monkeypatch.setattr(size, "COLD_BUDGET", 3)
    monkeypatch.setattr(size, "OFFLINE", 4)
    monkeypatch.setattr(size_goals, "RARE", 4)
    # The fastest model stands in for the tables, which other tests try.
    monkeypatch.setattr(
        size, "agent_row", lambda task, _model, *how: agent_row(task, "network", *how)
    )
    said: list[str] = []
    kept = tmp_path / "kept.jsonl"
    table = known_table(opamp, 1, 1, 0, full=False, log=said.append, kept=Kept(kept))
    text = render(result_of("size", [table]))
    assert "agent, tables" in text
    assert "nearest of 4 stored + local search" in text
    assert len(said) == len(table.rows) == 7
    assert all(int(row[2] or 0) == 1 for row in table.rows)

    def again(*_how: object) -> Row:
        raise AssertionError("a run that was kept is repeated")

    monkeypatch.setattr(size, "agent_row", again)
    monkeypatch.setattr(size, "baseline_row", again)
    resumed = known_table(opamp, 1, 1, 0, full=False, log=said.append, kept=Kept(kept))
    assert resumed == table


def test_policies_are_rolled_out(opamp: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    from eda.bench import size_policies
    from eda.bench.size import policy_table

    monkeypatch.setattr(size_policies, "STEPS", 2)
    table = policy_table(opamp, 2, 0, lambda _text: None)
    assert [row[0] for row in table.rows] == ["agent, network", "PPO, 5 seeds", "SAC, 5 seeds"]
    assert all(row[2] == 2 for row in table.rows)
    assert table.rows[1][5] == "network, 12288 steps"
