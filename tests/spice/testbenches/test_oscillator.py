"""Oscillators: a ring against crossings counted in a plain transient, an LC tank, a dead one."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from eda.spice import TestbenchResult, Tran, parse_netlist, simulate, testbench

Measure = Callable[..., TestbenchResult]

RING = """* ring of {n}
.subckt inv a y vdd vss
MN y a vss vss nch w=1u l=0.18u
MP y a vdd vdd pch w=2u l=0.18u
C1 y vss 20f
.ends
.subckt ring out vdd vss
{cells}
.ends
.model nch nmos level=1 vto=0.5 kp=200u lambda=0.05
.model pch pmos level=1 vto=-0.5 kp=70u lambda=0.05
"""


def ring(stages: int) -> str:
    nets = ["out", *(f"n{at}" for at in range(1, stages)), "out"]
    cells = [f"X{k} {nets[k]} {nets[k + 1]} vdd vss inv" for k in range(stages)]
    return RING.format(n=stages, cells="\n".join(cells))


@pytest.mark.parametrize("stages", [3, 7])
def test_a_ring_runs_at_what_a_plain_transient_counts(measure: Measure, stages: int) -> None:
    found = measure(ring(stages), "oscillator")
    deck = ring(stages) + "V1 vdd 0 1.8\nXr out vdd 0 ring\nCl out 0 10f\n.ic v(out)=0\n"
    plain = simulate(parse_netlist(deck), Tran(5e-12, 30e-9, 0.0, 5e-12), cache=False)
    item = plain.of("tran")
    values = np.asarray(item["v(out)"].values)
    late = item.axis > 10e-9
    rises = np.flatnonzero((values[1:] >= 0.9) & (values[:-1] < 0.9) & late[1:])
    times = item.axis[rises]
    counted = (len(times) - 1) / (times[-1] - times[0])
    assert found["frequency"] == pytest.approx(counted, rel=5e-3)
    assert 1.6 < found["swing"] < 2.4
    assert found["power"] > 0
    assert found["startup"] < 100 / counted


def test_an_lc_tank_runs_at_its_resonance(measure: Measure) -> None:
    text = """* negative resistance, limited
.subckt osc out vt
L1 out 0 10n
C1 out 0 10p
R1 out 0 1k
B1 out 0 i='-2m*tanh(v(out)/0.5)'
Rt vt 0 1meg
.ends
"""
    found = measure(text, "oscillator", load_f=0.0)
    exact = 1 / (2 * math.pi * math.sqrt(10e-9 * 10e-12))
    assert found["frequency"] == pytest.approx(exact, rel=2e-3)
    # The limited current has a fundamental of at most 4/pi times 2 mA, over 1 kohm.
    assert 2.0 < found["swing"] < 2 * 4 / math.pi * 2.0
    assert found["thd"] < 5


def test_a_control_tunes(measure: Measure) -> None:
    text = """* a capacitance of 10 pF + 2 pF/V
.subckt vco out vctrl
L1 out 0 10n
C1 out 0 10p
B2 out x v='0'
B3 x 0 i='0'
Bc out 0 i='2p*v(vctrl)*v(d)*1e9'
Ld d 0 1n
Bd 0 d i='v(out)/1'
R1 out 0 1k
B1 out 0 i='-2m*tanh(v(out)/0.5)'
Rt vctrl 0 1meg
.ends
"""
    del text  # a capacitor of that kind needs derivatives; the transistors do it below
    starved = ring(3).replace(".subckt ring out vdd vss", ".subckt ring out vctrl vdd vss")
    starved = starved.replace(
        "\n.ends\n.model", "\nMt tail vctrl vss vss nch w=5u l=0.18u\n.ends\n.model"
    )
    starved = starved.replace("vdd vss inv", "vdd tail inv")
    found = measure(starved, "oscillator")
    assert found["frequency_max"] > 1.05 * found["frequency_min"]
    assert found["tuning_gain"] > 0


def test_what_does_not_oscillate_says_so() -> None:
    text = "* rc\n.subckt dead out\nR1 out 0 1k\nC1 out 0 1p\n.ends\n"
    result = testbench(parse_netlist(text), "oscillator").run(cache=False)
    assert result.status == "no_convergence"
    assert "it does not oscillate within 0.02 s of a kick into its output" in result.notes
