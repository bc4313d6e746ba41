"""The op-amp's bench against closed forms: two poles, slewing, rejection, swing, noise."""

import math
from collections.abc import Callable

import pytest

from eda.spice import TestbenchResult

Measure = Callable[..., TestbenchResult]

# Gain 10000, poles at 1 kHz and 20 MHz, offset 3 mV, common mode and supply leak in by 1e-3, 2e-3.
TWO_POLES = """* two poles
.subckt amp inp inn out vdd vss
Bin a 0 v='1e4*(v(inp)-v(inn)+3m) + 10*(0.5*v(inp)+0.5*v(inn)-0.9) + 20*(v(vdd)-1.8) + 0.9'
R1 a b 1k
C1 b 0 159.15494309189535n
E2 c 0 b 0 1
R2 c d 1k
C2 d 0 7.957747154594768p
E3 e 0 d 0 1
Rs e out 1m
.ends
"""


def test_two_poles(measure: Measure) -> None:
    found = measure(TWO_POLES, "opamp", load_f=0.0)
    product = 1e4 * 1e3
    pole = 20e6
    # |A| = 1: u^2 (1 + u^2/p^2) = GBW^2, far above the first pole.
    unity = pole * math.sqrt((math.sqrt(1 + 4 * (product / pole) ** 2) - 1) / 2)
    margin = 180 - math.degrees(math.atan(unity / 1e3) + math.atan(unity / pole))
    assert found["dc_gain"] == pytest.approx(80.0, abs=1e-3)
    assert found["bandwidth"] == pytest.approx(1e3, rel=2e-3)
    assert found["unity_gain"] == pytest.approx(unity, rel=2e-3)
    assert found["phase_margin"] == pytest.approx(margin, abs=0.1)
    assert math.isnan(found["gain_margin"])
    assert found["cmrr"] == pytest.approx(60.0, abs=0.01)
    assert found["psrr_plus"] == pytest.approx(20 * math.log10(1e4 / 20), abs=0.01)
    assert found["offset"] == pytest.approx(-3e-3, rel=1e-3)


def test_a_second_order_follower_overshoots_and_settles_as_its_damping_says(
    measure: Measure,
) -> None:
    found = measure(TWO_POLES, "opamp", load_f=0.0)
    product, pole = 2 * math.pi * 1e7, 2 * math.pi * 20e6
    damping = 0.5 * math.sqrt(pole / product)
    natural = math.sqrt(pole * product)
    overshoot = 100 * math.exp(-math.pi * damping / math.sqrt(1 - damping**2))
    assert found["overshoot_rise"] == pytest.approx(overshoot, rel=0.02)
    assert found["overshoot_fall"] == pytest.approx(overshoot, rel=0.02)
    # The envelope exp(-damping natural t) bounds the settling to 0.1 %.
    assert found["settling_0p1pct"] < 1.3 * math.log(1e3) / (damping * natural)
    assert found["settling_1pct"] < found["settling_0p1pct"]


def test_inputs_are_told_apart_by_simulation_not_by_name(measure: Measure) -> None:
    swapped = TWO_POLES.replace("inp inn out", "inn inp out")
    straight, other = measure(TWO_POLES, "opamp"), measure(swapped, "opamp")
    assert "inputs told apart by simulation: + is inp, - is inn" in straight.notes
    assert "inputs told apart by simulation: + is inp, - is inn" in other.notes
    turned = TWO_POLES.replace("v(inp)-v(inn)+3m", "v(inn)-v(inp)+3m")
    found = measure(turned, "opamp")
    assert "inputs told apart by simulation: + is inn, - is inp" in found.notes
    assert found["dc_gain"] == pytest.approx(80.0, abs=1e-3)


def test_slewing_is_the_limited_current_over_the_capacitance(measure: Measure) -> None:
    limited = """* 10 uA into 10 pF each way, clipped at 0.2 V and 1.6 V
.subckt amp inp inn out vdd vss
Bg 0 a i='10u*tanh((v(inp)-v(inn))*100)'
C1 a 0 10p
R1 a 0 10meg
Bo out 0 v='min(max(v(a),0.2),1.6)'
.ends
"""
    found = measure(limited, "opamp", load_f=0.0)
    assert found["slew_rise"] == pytest.approx(1e6, rel=0.03)
    assert found["slew_fall"] == pytest.approx(1e6, rel=0.03)
    assert found["swing_low"] == pytest.approx(0.2, abs=0.02)
    assert found["swing_high"] == pytest.approx(1.6, abs=0.02)
    gain = 10e-6 * 100 * 10e6
    assert found["dc_gain"] == pytest.approx(20 * math.log10(gain), abs=0.1)
    assert found["unity_gain"] == pytest.approx(10e-6 * 100 / (2 * math.pi * 10e-12), rel=0.01)


def test_noise_of_a_resistor_at_the_input(measure: Measure) -> None:
    noisy = """* 1 Mohm in the feedback input
.subckt amp inp inn out vdd vss
Rn inn x 1meg
E1 a 0 inp x 1000
R1 a b 1
C1 b 0 159.15494309189535u
E2 out 0 b 0 1
.ends
"""
    found = measure(noisy, "opamp", load_f=0.0)
    density = math.sqrt(4 * 1.380649e-23 * 300.15 * 1e6)
    assert found["noise_1k"] == pytest.approx(density, rel=0.01)
    span = found["unity_gain"] - 1
    assert found["noise_total"] == pytest.approx(density * math.sqrt(span), rel=0.02)


def test_a_differential_amplifier(measure: Measure) -> None:
    text = """* gain 1000, one pole at 10 kHz, outputs round vcm
.subckt amp ip im op om vcm vdd vss
E1 a 0 ip im 500
R1 a b 1k
C1 b 0 15.915494309189535n
B2 op 0 v='v(vcm)+v(b)'
B3 om 0 v='v(vcm)-v(b)'
.ends
"""
    found = measure(text, "opamp", load_f=0.0)
    expected = "vdd=vdd vss=vss inp=ip inn=im out=op outn=om vcm=vcm"
    assert found.roles.described() == expected
    assert found["dc_gain"] == pytest.approx(60.0, abs=1e-3)
    assert found["unity_gain"] == pytest.approx(1e7, rel=0.01)
    assert found["phase_margin"] == pytest.approx(90.0, abs=0.2)


OTA = """* five transistors
.subckt ota inp inn out vdd vss ib
M1 x inn t vss nch w=20u l=1u
M2 out inp t vss nch w=20u l=1u
M3 x x vdd vdd pch w=20u l=1u
M4 out x vdd vdd pch w=20u l=1u
M5 t ib vss vss nch w=20u l=1u
M6 ib ib vss vss nch w=10u l=1u
.ends
.model nch nmos level=1 vto=0.5 kp=200u lambda=0.05
.model pch pmos level=1 vto=-0.5 kp=70u lambda=0.05
"""


def test_an_ota_is_what_its_transistors_make_it(measure: Measure) -> None:
    found = measure(OTA, "opamp", bias={"ib": "10u"}, common_v=1.0, load_f=1e-12)
    assert [(item.port, item.value, item.unit, item.origin) for item in found.bias] == [
        ("ib", 1e-5, "A", "given")
    ]
    m2, m4 = found.transistors["m2"], found.transistors["m4"]
    gain = m2.gm_s / (m2.gds_s + m4.gds_s)
    assert found["dc_gain"] == pytest.approx(20 * math.log10(gain), abs=0.1)
    assert found["unity_gain"] == pytest.approx(m2.gm_s / (2 * math.pi * 1e-12), rel=0.02)
    tail = found.transistors["m5"].id_a
    assert found["slew_rise"] == pytest.approx(tail / 1e-12, rel=0.1)
    assert found["power"] == pytest.approx(1.8 * (tail + 10e-6), rel=1e-3)
    assert {point.region for point in found.transistors.values()} == {"saturation"}


def test_a_split_supply_gives_the_same_amplifier(measure: Measure) -> None:
    single = measure(OTA, "opamp", bias={"ib": 10e-6}, common_v=1.0)
    split = measure(OTA, "opamp", bias={"ib": 10e-6}, common_v=0.1, split=True)
    for name in ("dc_gain", "unity_gain", "psrr_plus", "psrr_minus", "power"):
        assert split[name] == pytest.approx(single[name], rel=1e-3), name


def test_an_unstable_amplifier_is_said_to_oscillate(measure: Measure) -> None:
    third = TWO_POLES.replace("E3 e 0 d 0 1", "E4 g 0 d 0 1\nR4 g h 1k\nC4 h 0 80p\nE3 e 0 h 0 1")
    found = measure(third.replace("1e4*(v(inp)", "1e5*(v(inp)"), "opamp", load_f=0.0)
    assert found["phase_margin"] < 0
    assert "its margins say that a follower oscillates" in found.notes
    assert math.isnan(found.get("settling_1pct"))


def test_a_circuit_that_cannot_be_simulated_says_so() -> None:
    from eda.spice import parse_netlist, testbench

    text = "* b\n.subckt amp inp inn out\nE1 out 0 inp inn {nothing}\n.ends\n"
    result = testbench(parse_netlist(text, strict=False), "opamp").run(cache=False)
    assert not result.ok
    assert result.status == "refused"
    assert math.isnan(result.get("dc_gain"))
