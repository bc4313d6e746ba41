"""Circuits and small models that the tests of the generator share."""

from __future__ import annotations

import numpy as np
import pytest

from eda.spice import parse_netlist
from eda.topology.circuit import Topology
from eda.topology.clean import clean
from eda.topology.grammar import Grammar
from eda.topology.shape import Shape
from eda.topology.types import TYPES
from eda.topology.weights import Weights

SMALL = Shape(width=16, layers=2, heads=2, inner=32, key=8, tag=4, dropout=0.0)

TWO_STAGE = """* two-stage op-amp
.subckt amp vip vin vout vdd vss ib
M1 a vin t vss n
M2 b vip t vss n
M3 a a vdd vdd p
M4 b a vdd vdd p
M5 t ib vss vss n
M8 ib ib vss vss n
M6 vout b vdd vdd p
M7 vout ib vss vss n
C1 b z
R1 z vout
.ends
"""
PORTS = {
    **{"vip": "vin", "vin": "vin", "vout": "vout"},
    **{"vdd": "vdd", "vss": "vss", "ib": "ib"},
}


@pytest.fixture(scope="session")
def two_stage() -> Topology:
    """A two-stage op-amp with Miller compensation."""
    found = clean(parse_netlist(TWO_STAGE).flatten(subcircuit="amp"), "opamp", PORTS)
    assert found.topology is not None, found.reason
    return found.topology


@pytest.fixture(scope="session")
def weights() -> Weights:
    """A model of random numbers."""
    import torch

    from eda.topology.network import TopologyNetwork

    torch.manual_seed(0)
    arrays = {name: value.numpy() for name, value in TopologyNetwork(SMALL).state_dict().items()}
    return Weights(SMALL, arrays, {})


def random_circuit(seed: int, circuit_type: str = "", budget: int = 0) -> Topology:
    """A circuit that the grammar makes of random numbers."""
    rng = np.random.default_rng(seed)
    name = circuit_type or list(TYPES)[int(rng.integers(len(TYPES)))]
    grammar = Grammar(name, budget=budget or int(rng.integers(3, 40)))
    sharpness = 8 * rng.random()
    while not grammar.done:
        able = np.flatnonzero(grammar.allowed())
        scores = sharpness * rng.normal(size=len(able)) + rng.gumbel(size=len(able))
        grammar.take(int(able[np.argmax(scores)]))
    return grammar.topology()
