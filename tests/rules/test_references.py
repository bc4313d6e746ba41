"""References to nothing, duplicate names, wrong pin counts, in circuits made by programs."""

from collections.abc import Callable
from dataclasses import replace

from eda.circuit import Circuit, Device, Span, Subcircuit
from eda.rules import check

Add = Callable[..., Circuit]
INVERTER = Subcircuit(
    devices=(
        Device("MN", "mosfet", ("d", "g", "s", "b"), ("y", "a", "vss", "vss"), polarity="n"),
        Device("MP", "mosfet", ("d", "g", "s", "b"), ("y", "a", "vdd", "vdd"), polarity="p"),
    ),
    name="inv",
    ports=("a", "y", "vdd", "vss"),
)


def test_an_undefined_subcircuit_is_one_finding(deck: Add) -> None:
    circuit = deck("X1 a 0 nosuch", "X2 a 0 NOSUCH", "X3 a 0 other", "R1 a 0 1")
    assert [(item.message, item.objects, item.line) for item in check(circuit)] == [
        ("subcircuit nosuch of X1 and 1 more is not defined", ("X1", "nosuch"), 2),
        ("subcircuit other of X3 is not defined", ("X3", "other"), 4),
    ]
    assert {(item.rule, item.severity) for item in check(circuit)} == {
        ("undefined_reference", "error")
    }


def test_nested_definitions_see_outer_ones(deck: Add) -> None:
    buffer = Subcircuit(
        devices=(
            Device("X1", "subcircuit", INVERTER.ports, ("a", "m", "vdd", "vss"), "inv"),
            Device("X2", "subcircuit", ("a", "y"), ("m", "y"), "local"),
            Device("X3", "subcircuit", ("a",), ("m",), "nosuch", span=Span("deck.sp", 9)),
        ),
        subcircuits={"local": Subcircuit(name="local", ports=("a", "y"))},
        name="buffer",
        ports=("a", "y", "vdd", "vss"),
    )
    circuit = deck(subcircuits={"inv": INVERTER, "buffer": buffer})
    assert [item.objects for item in check(circuit, rules=["undefined_reference"])] == [
        ("X3", "nosuch")
    ]


def test_parts_of_a_kicad_schematic_need_no_definition() -> None:
    part = Device("U1", "subcircuit", ("1", "2"), ("a", "0"), "LM358")
    assert check(Circuit(devices=(part,), dialect="kicad")) == ()
    instance = replace(part, name="X1")
    assert len(check(Circuit(devices=(instance,), dialect="kicad"))) == 1


def test_a_reference_to_no_device(deck: Add) -> None:
    coupling = Device("K1", "mutual", (), (), references=("L1", "L2"), span=Span("deck.sp", 9))
    into = Device("F1", "cccs", ("p", "n"), ("a", "0"), references=("v.x1.vs",))
    circuit = deck("V1 a 0 1", "L1 a b", "R1 b 0 1")
    circuit = replace(circuit, devices=(*circuit.devices, coupling, into))
    assert [(item.message, item.objects, item.line) for item in check(circuit)] == [
        ("K1 refers to L2, which is not defined", ("K1", "L2"), 9)
    ]


def test_two_devices_of_one_name(deck: Add) -> None:
    circuit = deck("V1 a 0 1", "R1 a 0 1", "r1 a 0 2")
    assert [(item.rule, item.message, item.objects, item.line) for item in check(circuit)] == [
        ("duplicate_name", "r1 is the name of two devices, first at deck.sp:3:1", ("r1",), 4)
    ]


def test_a_wrong_number_of_pins(deck: Add) -> None:
    circuit = deck("V1 vdd 0 1", "X1 a y vdd inv", "R1 a y 1", subcircuits={"inv": INVERTER})
    assert [(item.message, item.objects) for item in check(circuit, rules=["pin_count"])] == [
        ("X1 has 3 nets; inv has 4 ports (a y vdd vss)", ("X1", "inv"))
    ]
