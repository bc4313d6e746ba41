"""An LDO of ideal parts against closed forms, and one of transistors against itself."""

import math
from collections.abc import Callable

import pytest

from eda.spice import TestbenchResult

Measure = Callable[..., TestbenchResult]

# Output 2 x reference, 2 ohm of output resistance, 0.15 V of dropout, 1 mV per volt of the line.
IDEAL = """* ideal ldo
.subckt ldo vin vref vout gnd
B1 a gnd v='min(2*v(vref) + 1m*(v(vin)-1.8), v(vin)-0.15)'
R1 a b 2
Ri vin c 90k
Vq c gnd 0
Bi vin gnd i='-i(Vs)'
Vs b vout 0
.ends
"""


def test_an_ideal_ldo(measure: Measure) -> None:
    text = IDEAL.replace("i='-i(Vs)'", "i='i(Vs)'")
    found = measure(text, "ldo", bias={"vref": 0.6}, load_a=10e-3)
    assert found["output"] == pytest.approx(1.2 - 0.02, abs=1e-4)
    assert found["load_regulation"] == pytest.approx(2.0, rel=1e-3)
    assert found["line_regulation"] == pytest.approx(1e-3, rel=0.02)
    # At dropout the output is vin - 0.15 - 0.02 V.
    assert found["dropout"] == pytest.approx(0.17, abs=2e-3)
    assert found["quiescent"] == pytest.approx(1.8 / 90e3, rel=1e-3)
    assert found["ground_current"] == pytest.approx(1.8 / 90e3, rel=1e-3)
    power_in = 1.8 * (10e-3 + 1.8 / 90e3)
    assert found["efficiency"] == pytest.approx(100 * 1.18 * 10e-3 / power_in, rel=1e-3)
    assert found["psrr_1k"] == pytest.approx(60.0, abs=0.1)
    assert "no feedback pin: the loop cannot be opened, its phase margin is not measured" in (
        found.notes
    )
    # 9 mA over 2 ohm, smoothed by 1 uF: no more than the rest moves, so there is no undershoot.
    assert found["undershoot"] == pytest.approx(0.0, abs=1e-4)


LOOP = """* one pole in the error amplifier, one at the output
.subckt ldo vin vref vout gnd fb
E1 g gnd vref fb 100
R1 g h 1k
C1 h gnd 1.5915494309189535u
G2 gnd vout h gnd 0.1
Ro vout gnd 10
.ends
"""


def test_the_loop_through_the_feedback_pin(measure: Measure) -> None:
    found = measure(LOOP, "ldo", bias={"vref": 0.6}, load_f=1.5915494309189535e-9)
    # Gain 100, poles at 100 Hz and 10 MHz.
    assert found["loop_gain_full"] == pytest.approx(40.0, abs=0.01)
    assert found["loop_unity_full"] == pytest.approx(1e4, rel=5e-3)
    assert found["phase_margin_full"] == pytest.approx(90.5, abs=0.5)
    assert found["output"] == pytest.approx((0.6 * 100 - 1e-3 * 10) / 101, rel=1e-3)


TRANSISTORS = """* error amplifier and pass device
.subckt ldo vin vref vout gnd ib
M1 x vref t gnd nch w=20u l=1u
M2 g f t gnd nch w=20u l=1u
M3 x x vin vin pch w=10u l=1u
M4 g x vin vin pch w=10u l=1u
M5 t ib gnd gnd nch w=20u l=1u
M6 ib ib gnd gnd nch w=10u l=1u
MP vout n2 vin vin pch w=5m l=0.5u
E1 n2 vin g vin 1
R1 vout f 60k
R2 f gnd 60k
.ends
"""


def test_an_ldo_of_transistors_regulates(measure: Measure) -> None:
    text = TRANSISTORS.replace("vref t", "VV t").replace(" f t", " vref t").replace("VV", "f")
    found = measure(text, "ldo", models="generic", bias={"vref": 0.8, "ib": "10u"}, supply_v=2.5)
    assert found["output"] == pytest.approx(1.6, rel=0.05)
    assert 0 < found["dropout"] < 0.3
    assert found["psrr_1k"] > 20
    assert found["quiescent"] == pytest.approx(30e-6 + 1.6 / 120e3, rel=0.3)
    assert math.isfinite(found["undershoot"])
