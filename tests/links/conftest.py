"""Circuits and models that the tests of the link predictor share."""

from __future__ import annotations

import numpy as np
import pytest

from eda.circuit import Circuit, Device
from eda.graph import circuit_graph
from eda.links.sample import Sample, make_sample
from eda.links.weights import Shape, Weights


def mosfet(name: str, polarity: str, *nets: str) -> Device:
    return Device(name, "mosfet", ("d", "g", "s", "b"), nets, polarity=polarity)


def two(name: str, kind: str, p: str, n: str) -> Device:
    return Device(name, kind, ("p", "n"), (p, n))


@pytest.fixture(scope="session")
def ota() -> Circuit:
    """A five-transistor amplifier with a second stage and its sources."""
    return Circuit(
        title="ota",
        devices=(
            two("VDD", "vsource", "vdd", "0"),
            two("VP", "vsource", "inp", "0"),
            two("VN", "vsource", "inn", "0"),
            two("IB", "isource", "vdd", "nb"),
            mosfet("M8", "n", "nb", "nb", "0", "0"),
            mosfet("M1", "n", "n1", "inn", "tail", "0"),
            mosfet("M2", "n", "n2", "inp", "tail", "0"),
            mosfet("M5", "n", "tail", "nb", "0", "0"),
            mosfet("M3", "p", "n1", "n1", "vdd", "vdd"),
            mosfet("M4", "p", "n2", "n1", "vdd", "vdd"),
            mosfet("M6", "p", "out", "n2", "vdd", "vdd"),
            mosfet("M7", "n", "out", "nb", "0", "0"),
            two("CC", "capacitor", "n2", "out"),
            two("CL", "capacitor", "out", "0"),
        ),
    )


@pytest.fixture(scope="session")
def ota_sample(ota: Circuit) -> Sample:
    return make_sample(circuit_graph(ota), name="ota")


@pytest.fixture(scope="session")
def random_model() -> Weights:
    """A small untrained model: enough wherever only the mechanics are tested."""
    import torch

    from eda.links.network import LinkNetwork

    torch.manual_seed(3)
    shape = Shape(width=8, inner=12, hidden=10, layers=2)
    state = LinkNetwork(shape).state_dict()
    arrays = {key: value.numpy().astype(np.float32) for key, value in state.items()}
    return Weights(shape, arrays, 1.0, {})
