"""The speed table of `eda bench simulate`, in small."""

import shutil

import pytest

from eda.bench import simulate_speed


@pytest.mark.skipif(shutil.which("ngspice") is None, reason="needs ngspice")
def test_every_way_is_timed_beside_the_batch_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulate_speed, "ROUNDS", 1)
    said: list[object] = []
    table = simulate_speed.speed_table(None, said.append, full=False)
    assert said == ["speed beside ngspice -b"]
    assert table.title == "Speed: opamp2, op and ac (201 points)"
    ways = [row[0] for row in table.rows]
    assert ways[0] == "ngspice -b, a process each"
    assert len(ways) == 5
    for row in table.rows:
        assert all(isinstance(cell, int | float) and cell > 0 for cell in row[1:])
    assert table.rows[0][4] == 1
