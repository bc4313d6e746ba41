"""Sizes and biases: Kirchhoff's law, and ngspice finds the voltages that were meant."""

import math
from dataclasses import replace
from shutil import which

import numpy as np
import pytest

from eda.spice import simulate
from eda.spice.analyses import Op
from eda.topology.benches import figure_of_merit
from eda.topology.circuit import Topology
from eda.topology.currents import branch_currents
from eda.topology.measured import measure
from eda.topology.sized import Wishes, design
from eda.topology.tuning import tune

from .conftest import random_circuit

ngspice = pytest.mark.skipif(which("ngspice") is None, reason="ngspice is not installed")


def test_currents_obey_the_first_law_and_are_alike_in_both_halves(two_stage: Topology) -> None:
    currents, into, error = branch_currents(two_stage)
    assert error < 1e-3
    first, second, load, mirror, tail, diode, driver, sink = currents[:8]
    assert first == pytest.approx(second, rel=1e-3)
    assert load == pytest.approx(mirror, rel=1e-3)
    assert first + second == pytest.approx(tail, abs=1e-3)
    assert driver == pytest.approx(sink, abs=1e-3)
    assert next(iter(into.values())) == pytest.approx(diode, abs=1e-3)
    # A resistor in series with a capacitor carries nothing.
    assert currents[9] == pytest.approx(0, abs=1e-3)


@ngspice
def test_ngspice_finds_the_voltages_that_were_meant(two_stage: Topology) -> None:
    made = design(two_stage)
    result = simulate(made.deck(), Op(), cache=False)
    assert result.ok
    for name, meant in zip(made.names, made.voltages, strict=True):
        if name != "0":
            assert result.operating_point[f"v({name})"] == pytest.approx(meant, abs=0.05), name


@ngspice
def test_a_two_stage_amplifier_is_saturated_and_amplifies(two_stage: Topology) -> None:
    (said,) = measure([design(two_stage)], cache=False)
    assert said.op_solved
    assert said.saturated
    assert said.metrics["gain_db"] > 60
    assert 20e-6 < said.metrics["power_w"] < 1e-3


@ngspice
def test_sizing_never_makes_it_worse_and_keeps_its_budget(two_stage: Topology) -> None:
    start = design(two_stage)
    first = tune(start, budget=1, cache=False)
    found = tune(start, budget=12, seed=1, merit=True, cache=False)
    assert first.simulations == 1
    assert found.simulations <= 12
    assert found.score >= first.score


@ngspice
def test_wishes_move_currents_and_keep_transistors_saturated(two_stage: Topology) -> None:
    usual = Wishes.usual(len(two_stage))
    strong = replace(usual, current=3 * usual.current, value=2 * usual.value)
    before, after = measure([design(two_stage), design(two_stage, wishes=strong)], cache=False)
    assert after.saturated
    assert after.metrics["power_w"] == pytest.approx(3 * before.metrics["power_w"], rel=0.1)


@ngspice
def test_random_circuits_are_judged_and_never_fail() -> None:
    made = [design(random_circuit(seed, "general", 12)) for seed in range(4)]
    for said in measure(made, cache=False):
        assert said.works is None
        assert said.saturated in (True, False, None)


def test_random_circuits_get_finite_sizes() -> None:
    for seed in range(25):
        made = design(random_circuit(seed))
        values = [value for size in made.sizes for value in size.values()]
        assert all(math.isfinite(value) and value > 0 for value in values)
        assert np.isfinite(made.voltages).all()
        assert len(set(made.names)) == len(made.names)


def test_merit_is_nothing_where_it_does_not_work() -> None:
    good = {
        **{"gain_db": 60.0, "phase_margin_deg": 60.0, "gain_margin_db": 12.0},
        **{"unity_gain_hz": 2e7, "power_w": 1e-4},
    }
    assert figure_of_merit(good, 1e-12) == pytest.approx(200.0)
    for name, value in (("gain_db", 10.0), ("phase_margin_deg", 20.0), ("gain_margin_db", -3.0)):
        assert figure_of_merit({**good, name: value}, 1e-12) == 0
