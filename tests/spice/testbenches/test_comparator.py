"""Comparators against closed forms: trip points, hysteresis, delay, clocked decisions."""

import math
from collections.abc import Callable

import pytest

from eda.spice import TestbenchResult

Measure = Callable[..., TestbenchResult]

DELAYED = """* trips at 2 mV, then 1 ns of RC
.subckt comp inp inn out vdd vss
Bx a 0 v='0.9+0.9*tanh(1e5*(v(inp)-v(inn)-2m))'
R1 a b 1k
C1 b 0 1p
E1 out 0 b 0 1
.ends
"""


def test_trip_point_and_delay(measure: Measure) -> None:
    found = measure(DELAYED, "comparator")
    assert found["offset"] == pytest.approx(2e-3, abs=2e-6)
    assert found["hysteresis"] < 1e-6
    assert found["output_low"] == pytest.approx(0.0, abs=1e-3)
    assert found["output_high"] == pytest.approx(1.8, abs=1e-3)
    # From rail to half of the supply: ln 2 of the time constant.
    for name in ("delay_rise_100m", "delay_fall_100m"):
        assert found[name] == pytest.approx(math.log(2) * 1e-9, rel=0.03)


def test_hysteresis_of_positive_feedback(measure: Measure) -> None:
    text = """* the output moves the threshold by 10 mV each way
.subckt comp a b y
Bx s 0 v='0.9+0.9*tanh(1e3*(v(a)-v(b)+20m*(v(m)-0.9)/1.8))'
R1 s m 1k
C1 m 0 1p
E1 y 0 m 0 1
.ends
"""
    found = measure(text, "comparator")
    # Half-way up the slope is still stable, so the jump comes a little before 20 mV.
    assert found["hysteresis"] == pytest.approx(15e-3, abs=6e-3)
    assert found["trip_rise"] > found["trip_fall"]
    assert found["offset"] == pytest.approx(0.0, abs=2e-4)


LATCH = """* strongarm
.subckt sa inp inn outp outn clk vdd vss
M0 t clk vss vss nch w=4u l=0.18u
M1 x inp t vss nch w={w1} l=0.18u
M2 y inn t vss nch w=8u l=0.18u
M3 outn outp x vss nch w=4u l=0.18u
M4 outp outn y vss nch w=4u l=0.18u
M5 outn outp vdd vdd pch w=4u l=0.18u
M6 outp outn vdd vdd pch w=4u l=0.18u
M7 outn clk vdd vdd pch w=2u l=0.18u
M8 outp clk vdd vdd pch w=2u l=0.18u
M9 x clk vdd vdd pch w=2u l=0.18u
M10 y clk vdd vdd pch w=2u l=0.18u
.ends
"""


def test_a_latch_decides_faster_on_more(measure: Measure) -> None:
    found = measure(LATCH.format(w1="8u"), "comparator", models="generic", clock_hz=500e6)
    assert "clock 5e+08 Hz; it decides while the clock is high" in found.notes
    assert found["offset"] == pytest.approx(0.0, abs=1e-3)
    assert found["delay_1m"] > found["delay_10m"] > found["delay_100m"] > 0
    # Regeneration is exponential: equal ratios of overdrive cost equal times.
    first, second = found["delay_1m"] - found["delay_10m"], found["delay_10m"] - found["delay_100m"]
    assert first == pytest.approx(second, rel=0.25)
    assert found["energy"] == pytest.approx(found["power"] / 500e6)


def test_a_wider_input_transistor_is_an_offset(measure: Measure) -> None:
    found = measure(LATCH.format(w1="8.4u"), "comparator", models="generic", clock_hz=500e6)
    # inp is the stronger one, so it wins at a level below that of inn.
    assert -30e-3 < found["offset"] < -2e-3
