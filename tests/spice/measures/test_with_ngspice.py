"""Measures on what ngspice gives: regions of transistors, S-parameters, oscillation, noise."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from eda.circuit import Circuit
from eda.errors import ToolNotFoundError
from eda.spice import Noise, Op, SimulationResult, Sp, Tran, measures, parse_netlist, simulate
from eda.spice.ngspice_shared import library_path

Run = Callable[..., SimulationResult]


@pytest.fixture
def run() -> Run:
    """Simulate without cache; skips where libngspice is not installed."""
    try:
        library_path()
    except ToolNotFoundError:
        pytest.skip("libngspice is not installed")

    def simulated(circuit: Circuit | str, *analyses: Any, **how: Any) -> SimulationResult:
        deck = parse_netlist(circuit) if isinstance(circuit, str) else circuit
        result = simulate(deck, *analyses, cache=False, **how)
        assert result.ok, result.log
        return result

    return simulated


def test_regions_of_a_mirror_with_too_little_room(run: Run) -> None:
    deck = """* mirrors: one has room, one has not, one is off
VDD vdd 0 1.8
IB vdd g 10u
M1 g g 0 0 n w=10u l=1u
X1 d2 g half
V2 d2 0 0.02
M3 vdd 0 0 0 n w=10u l=1u
M4 vdd p vdd vdd pm w=10u l=1u
M5 q p vdd vdd pm w=10u l=1u
VP p 0 1.0
VQ q 0 0.9
.subckt half d g
M1 d g 0 0 n w=10u l=1u
.ends
.model n nmos level=1 vto=0.5 kp=100u
.model pm pmos level=1 vto=-0.5 kp=100u
"""
    circuit = parse_netlist(deck)
    result = run(circuit, Op(), save=measures.mos_saves(circuit))
    points = measures.mos_operating_points(result.operating_point)
    assert {name: point.region for name, point in points.items()} == {
        "m1": "saturation",
        "x1.m1": "triode",
        "m3": "off",
        "m4": "triode",
        "m5": "saturation",
    }
    # Square law: gm = 2 id / (vgs - vth).
    first = points["m1"]
    assert first.id_a == pytest.approx(10e-6, rel=1e-3)
    assert first.gm_over_id == pytest.approx(2 / (first.vgs_v - first.vth_v), rel=1e-3)


def test_s_parameters_of_a_series_resistor(run: Run) -> None:
    deck = (
        "* two ports\nV1 a 0 dc 0 ac 1 portnum 1 z0 50\nV2 b 0 dc 0 ac 0 portnum 2 z0 50\n"
        "R1 a b 50\n"
    )
    waveforms = run(deck, Sp(1e6, 1e9, points=3)).of("sp")
    s = measures.s_matrix(waveforms.arrays)
    assert s == pytest.approx(np.broadcast_to([[1 / 3, 2 / 3], [2 / 3, 1 / 3]], (3, 2, 2)))
    assert measures.to_network(waveforms.axis, s).is_passive()


def test_noise_of_a_resistor_and_a_capacitor(run: Run) -> None:
    deck = "* kT/C\nV1 in 0 dc 0 ac 1\nR1 in out 1k\nC1 out 0 1p\n"
    result = run(deck, Noise("out", "v1", 1e3, 1e13))
    noise = result.of("noise")
    density = np.real(noise["onoise_spectrum"].values).astype(float)
    total = measures.integrated_noise(noise.axis, density)
    assert total == pytest.approx(math.sqrt(1.380649e-23 * 300.15 / 1e-12), rel=2e-3)
    # ngspice adds its spectrum up by the same rule.
    assert total == pytest.approx(result.measures["onoise_total"], rel=1e-3)


def test_a_resonator_rings_at_its_frequency(run: Run) -> None:
    deck = "* LC\nC1 a 0 1n ic=1\nL1 a 0 1u\nR1 a 0 100k\n"
    result = run(deck, Tran(2e-9, 2e-6, max_step_s=1e-9, use_initial_conditions=True))
    tran = result.of("tran")
    signal = np.real(tran["v(a)"].values).astype(float)
    expected = 1 / (2 * math.pi * math.sqrt(1e-6 * 1e-9))
    found = measures.oscillation_hz(tran.axis, signal)
    assert found == pytest.approx(expected, rel=1e-3)
    assert measures.thd(tran.axis, signal, fundamental_hz=found) < 0.01
