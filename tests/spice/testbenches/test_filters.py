"""Filters against their formulas, and their S-parameters against ABCD matrices."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from eda.spice import TestbenchResult, measures

Measure = Callable[..., TestbenchResult]

LADDER = """* 5th-order Butterworth, 50 ohm, 100 MHz
.subckt ladder in out gnd
C1 in gnd 19.672632860610517p
L2 in b 128.7579847462586n
C3 b gnd 63.66197723675814p
L4 b out 128.7579847462586n
C5 out gnd 19.672632860610517p
.ends
"""


def test_an_rc_low_pass(measure: Measure) -> None:
    found = measure("* rc\n.subckt rc in out\nR1 in out 1k\nC1 out 0 1n\n.ends\n", "filter")
    corner = 1 / (2 * math.pi * 1e-6)
    assert found["upper_edge"] == pytest.approx(corner, rel=1e-3)
    assert found["passband_gain"] == pytest.approx(0.0, abs=1e-3)
    assert found["ripple"] == 0.0
    assert found["attenuation_2x"] == pytest.approx(10 * math.log10(5), abs=0.01)
    assert found["attenuation_10x"] == pytest.approx(10 * math.log10(101), abs=0.01)
    assert found["group_delay"] == pytest.approx(1e-6, rel=1e-3)
    # kT/C, whatever the resistor is.
    assert found["output_noise"] == pytest.approx(math.sqrt(1.380649e-23 * 300.15 / 1e-9), rel=0.02)


def test_a_high_pass(measure: Measure) -> None:
    found = measure("* cr\n.subckt cr in out\nC1 in out 1n\nR1 out 0 1k\n.ends\n", "filter")
    assert found["lower_edge"] == pytest.approx(1 / (2 * math.pi * 1e-6), rel=1e-3)
    assert found["attenuation_10x"] == pytest.approx(10 * math.log10(101), abs=0.01)


def test_a_resonator(measure: Measure) -> None:
    text = "* bp\n.subckt bp in out\nR1 in out 1k\nL1 out 0 10u\nC1 out 0 1n\n.ends\n"
    found = measure(text, "filter")
    assert found["centre"] == pytest.approx(1 / (2 * math.pi * math.sqrt(1e-14)), rel=1e-4)
    assert found["quality"] == pytest.approx(1e3 * math.sqrt(1e-9 / 10e-6), rel=1e-3)


def test_a_notch(measure: Measure) -> None:
    text = "* n\n.subckt n in out\nR1 in out 100\nL1 out x 10u\nC1 x 0 1n\nR2 x 0 1g\n.ends\n"
    found = measure(text, "filter")
    assert "kind of filter: band-stop" in found.notes
    assert found["notch"] == pytest.approx(1 / (2 * math.pi * math.sqrt(1e-14)), rel=0.02)
    low, high = found["lower_edge"], found["upper_edge"]
    assert high - low == pytest.approx(100 / (2 * math.pi * 10e-6), rel=0.03)


def test_s_parameters_of_a_ladder_are_those_of_its_chain_matrix(measure: Measure) -> None:
    found = measure(LADDER, "filter")
    assert found.network is not None
    frequency, s = found.network
    w = 2j * np.pi * frequency
    chain = np.broadcast_to(np.eye(2, dtype=complex), (len(w), 2, 2)).copy()
    parts = [("c", 19.672632860610517e-12), ("l", 128.7579847462586e-9)]
    parts += [("c", 63.66197723675814e-12), *reversed(parts)]
    for kind, value in parts:
        one = np.broadcast_to(np.eye(2, dtype=complex), (len(w), 2, 2)).copy()
        one[:, *((1, 0) if kind == "c" else (0, 1))] = w * value
        chain = chain @ one
    a, b, c, d = chain[:, 0, 0], chain[:, 0, 1], chain[:, 1, 0], chain[:, 1, 1]
    total = a + b / 50 + c * 50 + d
    assert np.allclose(s[:, 1, 0], 2 / total, atol=1e-6)
    assert np.allclose(s[:, 0, 0], (a + b / 50 - c * 50 - d) / total, atol=1e-6)
    assert found["insertion_loss"] == pytest.approx(0.0, abs=1e-4)
    network = measures.to_network(frequency, s)
    assert network.is_reciprocal()
    assert network.is_lossless(tol=1e-4)


def test_a_sallen_key_filter(measure: Measure) -> None:
    text = """* unity gain, 10 kohm, 2 nF, 1 nF
.subckt sk in out gnd
R1 in a 10k
R2 a b 10k
C1 a out 2n
C2 b gnd 1n
E1 out gnd b out 1e6
.ends
"""
    found = measure(text, "filter")
    # Q = sqrt(2)/2: Butterworth, so the edge is the natural frequency.
    edge = 1 / (2 * math.pi * 10e3 * math.sqrt(2e-18))
    assert found["upper_edge"] == pytest.approx(edge, rel=1e-3)
    assert found["group_delay"] == pytest.approx(2 * 10e3 * 1e-9, rel=1e-3)
    assert found.network is None
