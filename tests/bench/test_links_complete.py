"""The bench of whole devices: what counts as right, with wirings that are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from eda.bench import links_complete
from eda.bench.links_complete import complete_table
from eda.circuit import Circuit, Device
from eda.graph import circuit_graph
from eda.links.sample import Sample, make_sample


def two(name: str, kind: str, p: str, n: str) -> Device:
    return Device(name, kind, ("p", "n"), (p, n))


@pytest.fixture
def sample() -> Sample:
    roles = ("d", "g", "s", "b")
    devices = (
        Device("M1", "mosfet", roles, ("y", "a", "0", "0"), polarity="n"),
        Device("M2", "mosfet", roles, ("y", "z", "z", "0"), polarity="n"),
        two("R1", "resistor", "y", "0"),
        two("R2", "resistor", "a", "alone"),
        two("V1", "vsource", "a", "0"),
    )
    return make_sample(circuit_graph(Circuit(devices=devices)))


def judged(sample: Sample, device: int, change: Any) -> tuple[int, int]:
    """Pins right of a device whose wires are put back and then changed."""
    pins = np.flatnonzero(sample.edge_device == device)

    def wire(_: Sample, asked: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.asarray(change(sample.edge_net[asked].astype(np.int64)))

    return links_complete._judge(sample, pins, wire)


def test_the_truth_is_right(sample: Sample) -> None:
    for device in range(sample.num_devices):
        right, pins = judged(sample, device, lambda nets: nets)
        assert right == pins


def test_a_passive_may_be_turned_and_a_transistor_not(sample: Sample) -> None:
    assert judged(sample, 2, lambda nets: nets[::-1]) == (2, 2)
    assert judged(sample, 0, lambda nets: nets[[2, 1, 0, 3]]) == (2, 4)
    assert judged(sample, 4, lambda nets: nets[::-1]) == (0, 2)


def test_pins_that_shared_a_net_alone_must_stay_together(sample: Sample) -> None:
    fresh = sample.num_nets
    # Gate and source of M2 are on a net of their own: any such net will do, one for both.
    assert judged(sample, 1, lambda n: np.array([n[0], fresh, fresh, n[3]])) == (4, 4)
    assert judged(sample, 1, lambda n: np.array([n[0], fresh, fresh + 1, n[3]])) == (2, 4)
    # R2's far end is alone: left alone is right, joined to a net of others is not.
    assert judged(sample, 3, lambda n: np.array([n[0], fresh])) == (2, 2)
    assert judged(sample, 3, lambda n: np.array([n[0], n[0]])) == (1, 2)


def test_table(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        links_complete, "_jointly", lambda sample, pins, _: sample.edge_net[pins].astype(np.int64)
    )

    def worst(scene: Any) -> NDArray[np.float64]:
        return np.asarray(-scene.pair_net, dtype=np.float64)

    table = complete_table([sample, sample], [], worst, per_circuit=3)
    assert [row[0] for row in table.rows] == [
        *("model, pins settled jointly", "  transistors", "  all others"),
        *("counted prior, pin by pin", "  transistors", "  all others"),
    ]
    assert [row[1] for row in table.rows[:3]] == [1, 1, 1]
    assert table.rows[0][-1] == 6
    assert float(table.rows[3][3] or 0) < 1
    assert all(len(row) == len(table.columns) for row in table.rows)
