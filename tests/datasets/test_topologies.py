"""The data to learn from: strictly valid, each once, and nothing of the tests in training."""

from pathlib import Path

import numpy as np
import pytest

from eda.datasets.topologies import TopologyData, topology_data
from eda.datasets.topology_compose import COMPOSERS, compose
from eda.datasets.topology_training import topology_samples
from eda.topology.clean import broken_rules
from eda.topology.types import TYPES


@pytest.fixture(scope="module")
def made() -> TopologyData:
    return topology_data(composed=6, generated=4, corpora=())


def test_every_circuit_keeps_the_rules_and_comes_once(made: TopologyData) -> None:
    assert len(made.records) > 60
    keys = [item.key for item in made.records]
    assert len(set(keys)) == len(keys)
    for item in made.records:
        assert broken_rules(item.topology) == []
        assert TYPES[item.topology.type].lacks(item.topology.ports) == []
    assert {"generated", "composed"} == set(made.card()["circuits"])
    assert made.card()["dropped"]["generated"]


def test_types_are_drawn_by_the_root_of_their_number(made: TopologyData) -> None:
    samples = topology_samples(made.part("train"))
    totals: dict[str, float] = {}
    for item in samples:
        totals[item.topology.type] = totals.get(item.topology.type, 0.0) + item.weight
    for name, total in totals.items():
        count = sum(item.topology.type == name for item in made.part("train"))
        assert total == pytest.approx(count**0.5)


@pytest.mark.parametrize("circuit_type", COMPOSERS)
def test_compositions_are_of_their_type(circuit_type: str, made: TopologyData) -> None:
    blocks = [item.topology for item in made.records]
    rng = np.random.default_rng(0)
    some = [compose(circuit_type, blocks, rng) for _ in range(8)]
    good = [
        item
        for item in some
        if item is not None and not broken_rules(item) and not TYPES[circuit_type].lacks(item.ports)
    ]
    assert len(good) >= 5


def test_nothing_fits_nothing() -> None:
    assert compose("ldo", [], np.random.default_rng(0)) is None


def test_no_test_circuit_is_trained_on(data: Path) -> None:
    found = topology_data(composed=0, generated=0, corpora=("align_ota",))
    parts = {item.key: item.part for item in found.records}
    assert len(parts) == len(found.records)
    assert {"train", "test"} <= set(parts.values())
    assert all(item.topology.type == "opamp" for item in found.records)
