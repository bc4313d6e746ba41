"""The speed tables of `eda bench simulate`, in small."""

import shutil

import pytest

from eda.bench import simulate_speed
from eda.spice import example_case

pytestmark = pytest.mark.skipif(shutil.which("ngspice") is None, reason="needs ngspice")
WAYS = [
    *("ngspice -b, a process each", "plain ctypes, parameters set", "ours, deck reloaded"),
    *("ours, parameters set", "the same, two workers"),
]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulate_speed, "ROUNDS", 1)
    monkeypatch.setattr(simulate_speed, "COUNTS", (4, 4))


@pytest.mark.usefixtures("short")
def test_every_way_is_timed_beside_the_batch_run() -> None:
    said: list[object] = []
    table = simulate_speed.speed_table(None, said.append, full=False)
    works = [
        "opamp2: one copy, op and ac",
        "opamp2: two copies, op, ac and 60 steps",
        "opamp2: whole deck, op and ac",
    ]
    assert said == [f"speed: {work}" for work in works]
    assert sorted((row[0], row[1]) for row in table.rows) == sorted(
        (work, way) for work in works for way in WAYS
    )
    for row in table.rows:
        assert all(isinstance(cell, int | float) and cell > 0 for cell in row[2:6])
    assert [row[5] for row in table.rows if row[1] == WAYS[0]] == [1, 1, 1]
    assert [row[6] for row in table.rows if row[6] is not None] == [3.0, 1.4]


@pytest.mark.usefixtures("short")
def test_our_layer_is_timed_beside_plain_ctypes() -> None:
    table = simulate_speed.overhead_table(lambda _: None, full=False)
    assert [row[0] for row in table.rows] == WAYS[1:]
    assert table.rows[0][2] == 0
    assert all(isinstance(row[1], int) and row[1] > 0 for row in table.rows)


def test_a_copy_of_a_test_bench_leaves_the_others_out() -> None:
    circuit = example_case().circuit()
    copy = simulate_speed._copies(circuit, "v(out1)")
    assert {device.name for device in copy.devices if device.kind == "subcircuit"} == {"x1"}
    two = simulate_speed._copies(circuit, "v(out1)", "v(out3)")
    assert {device.name for device in two.devices if device.kind == "subcircuit"} == {"x1", "x3"}
