"""Which transistors conduct: against circuits whose currents are known by hand."""

from __future__ import annotations

import math

import pytest

from eda.errors import SimulatorNotFoundError
from eda.spice import Op, parse_netlist, simulate
from eda.spice.conduction import Conduction, conduction, conduction_saves
from eda.spice.ngspice_shared import library_path

DECK = """* one of each kind, each twice: driven and not
VDD vdd 0 3
VG on 0 1
RN1 vdd d1 10k
M1 d1 on 0 0 n
RN2 vdd d2 10k
M2 d2 0 0 0 n
RP1 d3 0 10k
M3 d3 0 vdd vdd p
RQ1 vdd c1 1k
RB1 on b1 100k
Q1 c1 b1 0 q
RQ2 vdd c2 1k
Q2 c2 0 0 q
RQ3 vdd c3 100k
Q3 c3 on2 0 q
RB3 vdd on2 10k
J1 vdd 0 s1 j
RJ s1 0 1k
VOFF neg 0 -3
J2 vdd neg 0 j
Q4 0 b4 vdd qp
RB4 b4 0 1meg
.model n nmos level=1 vto=0.5 kp=200u
.model p pmos level=1 vto=-0.5 kp=70u
.model q npn bf=100
.model qp pnp bf=50
.model j njf vto=-1 beta=1m
"""


@pytest.fixture(scope="module")
def found() -> dict[str, Conduction]:
    try:
        library_path()
    except SimulatorNotFoundError as problem:
        pytest.skip(str(problem))
    circuit = parse_netlist(DECK)
    result = simulate(circuit, Op(), save=conduction_saves(circuit), cache=False)
    assert result.ok, result.log
    return {item.device: item for item in conduction(circuit, result.operating_point)}


@pytest.mark.parametrize(
    ("device", "on", "region"),
    [
        ("M1", True, "saturation"),
        ("M2", False, "off"),
        ("M3", True, "triode"),
        ("Q1", True, "active"),
        ("Q2", False, "off"),
        ("Q3", True, "saturation"),
        ("Q4", True, "active"),
        ("J1", True, "on"),
        ("J2", False, "off"),
    ],
)
def test_regions(found: dict[str, Conduction], device: str, on: bool, region: str) -> None:
    assert (found[device].on, found[device].region) == (on, region)


def test_currents(found: dict[str, Conduction]) -> None:
    # Square law: kp / 2 (vgs - vto)^2, W = L.
    assert found["M1"].current_a == pytest.approx(0.5 * 200e-6 * 0.25, rel=1e-3)
    # The collector takes beta times what the base resistor lets in.
    assert found["Q4"].current_a == pytest.approx(50 * (3 - 0.72) / 1e6, rel=0.05)
    # Self-biased JFET: I = beta (1 - 1000 I)^2.
    current = found["J1"].current_a
    assert current == pytest.approx(1e-3 * (1 - 1e3 * current) ** 2, rel=1e-2)


def test_a_transistor_without_a_model_is_not_known() -> None:
    circuit = parse_netlist("* t\nM1 a b 0 0 none\nQ1 a b 0 none\n")
    assert conduction_saves(circuit) == ()
    for item in conduction(circuit, {}):
        assert (item.on, item.region, math.isnan(item.current_a)) == (None, "unknown", True)
