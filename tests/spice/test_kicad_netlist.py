"""KiCad's own netlist: its parts as devices, by their fields or by the letter of their names."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.errors import NetlistError
from eda.graph import compare
from eda.spice import parse_netlist
from eda.spice.convert import convert

NETLIST = """(export (version "E")
  (design (source "/home/me/amp.kicad_sch") (tool "Eeschema 8.0"))
  (components
    (comp (ref "R1") (value "4k7") (libsource (lib "Device") (part "R")))
    (comp (ref "C1") (value "100 nF"))
    (comp (ref "D1") (value "1N4148"))
    (comp (ref "Q1") (value "BC547"))
    (comp (ref "M1") (value "x") (property (name "Sim.Device") (value "NMOS"))
      (property (name "Sim.Name") (value "nch"))
      (property (name "Sim.Params") (value "w=10u l=1u m=2"))
      (property (name "Sim.Pins") (value "1=D 2=G 3=S 4=B")))
    (comp (ref "V1") (value "VSIN") (fields (field (name "Sim.Device") "V")
      (field (name "Sim.Type") "SIN") (field (name "Sim.Params") "dc=0 ampl=1 f=1k ac=1")
      (field (name "Sim.Pins") "1=+ 2=-")))
    (comp (ref "V2") (value "5") (fields (field (name "Spice_Primitive") "V")
      (field (name "Spice_Model") "dc 5") (field (name "Spice_Node_Sequence") "2 1")))
    (comp (ref "U1") (value "LM358"))
    (comp (ref "U2") (value "OPA") (property (name "Sim.Device") (value "SUBCKT"))
      (property (name "Sim.Name") (value "opa1")) (property (name "Sim.Params") (value "gbw=1meg")))
    (comp (ref "R9") (value "x") (property (name "Sim.Device") (value "SPICE"))
      (property (name "Sim.Params") (value "type=\\"R\\" model=\\"1k tc1=0.001\\" lib=\\"\\"")))
    (comp (ref "H1") (value "MountingHole"))
    (comp (ref "R8") (value "1k") (property (name "Sim.Enable") (value "0"))))
  (nets
    (net (code "1") (name "GND") (node (ref "R1") (pin "2")) (node (ref "V1") (pin "2"))
      (node (ref "D1") (pin "1") (pinfunction "K")) (node (ref "V2") (pin "1"))
      (node (ref "Q1") (pin "3") (pinfunction "E")) (node (ref "M1") (pin "3"))
      (node (ref "M1") (pin "4")) (node (ref "R8") (pin "1")) (node (ref "R8") (pin "2")))
    (net (code "2") (name "/out") (node (ref "R1") (pin "1")) (node (ref "C1") (pin "2"))
      (node (ref "D1") (pin "2") (pinfunction "A")) (node (ref "Q1") (pin "1") (pinfunction "C"))
      (node (ref "M1") (pin "1")) (node (ref "U1") (pin "10")) (node (ref "U2") (pin "2")))
    (net (code "3") (name "Net-(C1-Pad1)") (node (ref "C1") (pin "1")) (node (ref "V1") (pin "1"))
      (node (ref "Q1") (pin "2") (pinfunction "B")) (node (ref "M1") (pin "2"))
      (node (ref "U1") (pin "2")) (node (ref "R9") (pin "1")) (node (ref "U2") (pin "1"))
      (node (ref "V2") (pin "2")))
    (net (code "4") (name "unconnected-(R9-Pad2)") (node (ref "R9") (pin "2")))))
"""

SPICE = """* the same by hand
.title KiCad schematic
R1 /out 0 4.7k
C1 in /out 100n
D1 /out 0 1N4148
Q1 /out in 0 BC547
M1 /out in 0 0 nch w=10u l=1u m=2
V1 in 0 sin(0 1 1k 0 0) ac 1
V2 in 0 dc 5
XU1 in /out LM358
XU2 in /out opa1 gbw=1meg
R9 in open 1k tc1=0.001
"""


def test_every_form_of_a_part() -> None:
    circuit = parse_netlist(NETLIST)
    assert (circuit.dialect, circuit.title) == ("kicad", "/home/me/amp.kicad_sch")
    found = compare(circuit, parse_netlist(SPICE), sizes=True)
    assert [str(item) for item in found.differences] == []
    assert circuit.device("M1").span.line == 8
    assert circuit.device("C1").nets == ("Net-_C1-Pad1_", "/out")
    again = parse_netlist(convert(circuit, to="ngspice").text)
    assert compare(circuit, again, sizes=True).equal


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(export (components", r"^x:1: a bracket is not closed; the file is cut off$"),
        ("(export (version E)))", r"^x:1: a bracket closes nothing$"),
        ("(export " + "(" * 200, r"^x:1: brackets are nested deeper than 100$"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(NetlistError, match=message):
        parse_netlist(text, name="x")


def test_an_empty_netlist_is_an_empty_circuit() -> None:
    assert parse_netlist('(export (version "E") (components) (nets))').devices == ()


@settings(max_examples=80)
@given(st.text('()" \\abR1=\n', max_size=200))
def test_nonsense_is_refused_or_read(text: str) -> None:
    with contextlib.suppress(NetlistError):
        parse_netlist("(export (components (comp (ref R1) " + text, strict=False)
