"""What is known: novelty, nearest circuits, the file; edits and the drawing of the gallery."""

from pathlib import Path

import numpy as np
import pytest

from eda.errors import WeightsError
from eda.topology.circuit import Topology
from eda.topology.clean import broken_rules
from eda.topology.edits import edited
from eda.topology.known import known_from, load_known, save_known
from eda.topology.likeness import neighbourhoods
from eda.topology.naming import name_nets
from eda.topology.types import TYPES
from eda.topology.walk import Walk, decisions

from .conftest import random_circuit


def test_the_nearest_circuit_is_the_circuit_itself(two_stage: Topology, tmp_path: Path) -> None:
    others = [(f"r{seed}", f"{seed:032x}", random_circuit(seed)) for seed in range(5)]
    known = known_from([*others, ("amp", two_stage.key(), two_stage)], ["ff" * 16])
    save_known(tmp_path / "known.safetensors", known)
    read = load_known(tmp_path / "known.safetensors")
    name, alike = read.nearest(two_stage)
    assert name == "amp"
    assert alike == pytest.approx(1.0)
    assert read.has(two_stage.key())
    assert read.has("ff" * 16)
    assert not read.has("00" * 16 + "x")
    name, alike = read.nearest(others[2][2])
    assert name == "r2"
    assert alike == pytest.approx(1.0)
    (tmp_path / "known.safetensors").write_bytes(b"no")
    with pytest.raises(WeightsError, match="not a file of known circuits"):
        load_known(tmp_path / "known.safetensors")


def test_order_and_names_of_ports_change_no_neighbourhood(two_stage: Topology) -> None:
    walk = Walk.begin("opamp")
    for _, word in decisions(two_stage, np.random.default_rng(5)):
        walk.take(word)
    first, second = neighbourhoods(two_stage), neighbourhoods(walk.topology())
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(first[1], second[1])


def test_edits_keep_the_rules_and_change_the_circuit(two_stage: Topology) -> None:
    made = [edited(two_stage, np.random.default_rng(seed)) for seed in range(8)]
    for item in made:
        assert broken_rules(item) == []
        assert TYPES["opamp"].lacks(item.ports) == []
    assert sum(item.key() != two_stage.key() for item in made) >= 6


def test_nets_are_called_what_they_are_for(two_stage: Topology) -> None:
    names = name_nets(two_stage)
    assert {"vdd", "0", "vinp", "vinn", "vout", "tail", "ibn", "mp"} <= set(names)
    assert len(set(names)) == len(names)
