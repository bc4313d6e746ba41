"""Circuits go over to PySpice and come back the same."""

from __future__ import annotations

import pytest

from eda.circuit import Circuit
from eda.spice import from_pyspice, parse_netlist, to_pyspice

FLAT = """\
* every card that has an element in PySpice, and some that have none
V1 in 0 dc 1 ac 1
I1 0 b 1m
R1 in out 4.7k
C1 out 0 1u
L1 out b 10n
L2 b 0 10n
K1 L1 L2 0.99
D1 out 0 dm
Q1 b in 0 qn
M1 b in 0 0 nch w=2u l=1u
J1 b in 0 jn
E1 e 0 in 0 10
G1 e 0 in out 1m
F1 f 0 V1 2
H1 h 0 V1 100
B1 x 0 v={V(in)*2}
S1 x 0 in 0 sw1
T1 in 0 out 0 z0=50 td=1n
.model dm d is=1e-14
.model qn npn bf=100
.model nch nmos level=1
.model jn njf
.model sw1 sw vt=0.5
.op
.end
"""

HIERARCHICAL = """\
* one level
.subckt stage in out
R1 in out 1k
C1 out 0 1p
.ends
V1 a 0 1
X1 a b stage
X2 b c stage
.end
"""

PARAMETERS = """\
* parameters travel as text
.param r0=1k
.func twice(x) {2*x}
.subckt stage in out r=1k
R1 in out {twice(r)}
.ends
V1 a 0 1
X1 a b stage r={r0}
R9 b 0 1k
.end
"""


def same(a: Circuit, b: Circuit) -> None:
    assert {d.name: (d.kind, d.nets, d.model, d.parameters) for d in a.flatten().devices} == {
        d.name: (d.kind, d.nets, d.model, d.parameters) for d in b.flatten().devices
    }
    assert {name: (card.kind, dict(card.parameters)) for name, card in a.models.items()} == {
        name: (card.kind, dict(card.parameters)) for name, card in b.models.items()
    }


@pytest.mark.parametrize("text", [FLAT, HIERARCHICAL, PARAMETERS])
def test_there_and_back(text: str) -> None:
    circuit = parse_netlist(text)
    same(from_pyspice(to_pyspice(circuit)), circuit)
    same(from_pyspice(circuit.to_pyspice()), circuit)


def test_what_pyspice_makes_is_made_of_its_elements() -> None:
    made = to_pyspice(parse_netlist(FLAT))
    assert set(made.element_names) >= {"V1", "R1", "C1", "L1", "D1", "Q1", "M1", "J1"}
    assert str(made.M1) == "M1 b in 0 0 nch w=2e-06 l=1e-06"


def test_a_circuit_made_in_pyspice_is_read() -> None:
    from PySpice.Spice.Netlist import Circuit as PySpiceCircuit
    from PySpice.Unit import u_kOhm, u_V

    made = PySpiceCircuit("divider")
    made.V("in", "in", made.gnd, u_V(10))
    made.R(1, "in", "out", u_kOhm(9))
    made.R(2, "out", made.gnd, u_kOhm(1))
    circuit = from_pyspice(made)
    assert circuit.title == "divider"
    assert [(d.name, d.kind, d.nets) for d in circuit.devices] == [
        ("Vin", "vsource", ("in", "0")),
        ("R1", "resistor", ("in", "out")),
        ("R2", "resistor", ("out", "0")),
    ]
    assert circuit.device("R1").parameters["value"] == 9000.0
