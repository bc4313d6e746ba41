"""Floating gates, dangling nets, nets without a path for direct current."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from eda.circuit import Card, Circuit, Device, Expression, Span
from eda.rules import Finding, check

Add = Callable[..., Circuit]


def found(circuit: Circuit, *rules: str) -> list[tuple[str, str, tuple[str, ...]]]:
    wanted = rules or ("floating_gate", "dangling_net", "no_dc_path")
    return [(item.rule, item.severity, item.objects) for item in check(circuit, rules=wanted)]


def test_a_floating_gate_is_told_in_full(deck: Add) -> None:
    circuit = deck("V1 vdd 0 1.8", "R1 vdd out 1", "M1 out in 0 0 n")
    assert check(circuit) == (
        Finding(
            rule="floating_gate",
            severity="error",
            message="net in reaches only the gate of M1",
            span=Span("deck.sp", 4),
            objects=("in", "M1"),
            fix="connect the gate to the net that drives it, or the net to a driver",
            strict="R5",
        ),
    )
    assert str(check(circuit)[0]) == (
        "deck.sp:4:1: error: net in reaches only the gate of M1 [floating_gate]\n"
        "    connect the gate to the net that drives it, or the net to a driver"
    )


def test_several_gates_float_together(deck: Add) -> None:
    cards = [f"M{at} vdd g 0 0 n" for at in range(6)]
    circuit = deck("V1 vdd 0 1.8", *cards)
    (finding,) = check(circuit, rules=["floating_gate"])
    assert finding.message == "net g reaches only the gates of M0, M1, M2, M3 and 2 more"
    assert finding.objects == ("g", "M0", "M1", "M2", "M3", "M4", "M5")


@pytest.mark.parametrize(
    "driver",
    ["R9 in 0 1", "M9 in 0 vdd vdd p", "D9 in 0", "X9 in 0 box", "E9 in 0 vdd 0", "V9 in 0 1"],
)
def test_what_drives_a_gate(deck: Add, driver: str) -> None:
    circuit = deck("V1 vdd 0 1.8", "R1 vdd out 1", "M1 out in 0 0 n", driver)
    assert found(circuit) == []


def test_ports_and_ground_drive_gates(deck: Add) -> None:
    circuit = deck("M1 out in 0 0 n", "M2 out 0 vdd vdd p", ports=("in", "out", "vdd"))
    assert found(circuit) == []


def test_the_gate_of_a_jfet_conducts(deck: Add) -> None:
    jfet = Device("J1", "jfet", ("d", "g", "s"), ("vdd", "g", "0"))
    circuit = deck("V1 vdd 0 1", "C1 g vdd")
    assert found(replace(circuit, devices=(*circuit.devices, jfet))) == []


def test_a_capacitor_is_no_path(deck: Add) -> None:
    circuit = deck("V1 in 0 1", "C1 in mid", "C2 mid 0")
    (finding,) = check(circuit)
    assert (finding.rule, finding.severity) == ("no_dc_path", "error")
    assert finding.message == "net mid has no path to ground for direct current"
    assert (finding.objects, finding.line) == (("mid",), 3)


def test_a_gate_behind_a_capacitor_has_no_path(deck: Add) -> None:
    circuit = deck("V1 in 0 1", "C1 in g", "M1 in g 0 0 n")
    assert found(circuit) == [("no_dc_path", "error", ("g",))]


def test_an_island_is_one_finding(deck: Add) -> None:
    circuit = deck("V1 in 0 1", "L1 in 0", "L2 a b", "R2 b c 1", "R3 c a 1")
    (finding,) = check(circuit, rules=["no_dc_path"])
    assert finding.message == "nets a, b, c have no path to ground for direct current"
    assert finding.objects == ("a", "b", "c")


def test_a_bias_line_of_a_block_may_wait_for_its_diode(deck: Add) -> None:
    circuit = deck("I1 vdd nb 1", "M1 vdd nb 0 0 n", ports=("vdd",))
    (finding,) = check(circuit, rules=["no_dc_path"])
    assert (finding.severity, finding.objects) == ("info", ("nb",))
    assert finding.message == (
        "net nb has no path to ground for direct current but current sources"
    )
    assert finding.fix == "make sure that something takes up the current"


def test_a_behavioral_source_conducts_or_not() -> None:
    def source(key: str) -> Circuit:
        return Circuit(
            devices=(
                Device("B1", "behavioral", ("p", "n"), ("a", "0"), "", {key: Expression("1")}),
                Device("C1", "capacitor", ("p", "n"), ("a", "0")),
            )
        )

    assert found(source("v")) == []
    assert found(source("i")) == [("no_dc_path", "info", ("a",))]


def test_control_inputs_are_no_path(deck: Add) -> None:
    circuit = deck("E1 out 0 x 0", "R1 out 0 1", "C1 x 0")
    assert found(circuit) == [("no_dc_path", "error", ("x",))]


def test_bulk_and_substrate_junctions_conduct(deck: Add) -> None:
    circuit = deck("V1 vdd 0 1", "M1 vdd vdd 0 well n", "C1 well 0")
    assert found(circuit) == []


def test_thermal_nodes_are_driven_by_their_device(deck: Add) -> None:
    hot = Device("Q1", "bipolar", ("c", "b", "e", "s", "t"), ("vdd", "vdd", "0", "0", "tj"))
    circuit = deck("V1 vdd 0 1", "C1 tj 0")
    assert found(replace(circuit, devices=(*circuit.devices, hot))) == []


def test_coupled_lines_conduct_somehow(deck: Add) -> None:
    line = Device("P1", "tline", ("1", "2", "3", "4"), ("a", "0", "b", "0"))
    circuit = deck("V1 a 0 1", "C1 b 0")
    assert found(replace(circuit, devices=(*circuit.devices, line))) == []


def test_a_dangling_net_is_told_in_full(deck: Add) -> None:
    circuit = deck("V1 out 0 1", "R1 out nx 1")
    assert check(circuit) == (
        Finding(
            rule="dangling_net",
            severity="warning",
            message="net nx is only on pin n of R1",
            span=Span("deck.sp", 3),
            objects=("nx", "R1"),
            fix="connect the net to a second device, or remove the device",
            strict="R3",
        ),
    )


def test_a_dangling_capacitor_has_no_path_either(deck: Add) -> None:
    assert found(deck("V1 out 0 1", "C1 out nx")) == [
        ("no_dc_path", "error", ("nx",)),
    ]


@pytest.mark.parametrize("net", ["nc", "NC_7", "no_connect", "unconnected-(U1-Pad5)", "x1.nc3"])
def test_nets_meant_to_be_open_are_left_alone(deck: Add, net: str) -> None:
    assert found(deck("V1 out 0 1", f"R1 out {net} 1")) == []


@pytest.mark.parametrize("net", ["nc1a_clk2", "sync", "ncore", "x.sync"])
def test_nets_that_only_sound_open_are_not(deck: Add, net: str) -> None:
    assert found(deck("V1 out 0 1", f"R1 out {net} 1")) == [
        ("dangling_net", "warning", (net, "R1"))
    ]


def test_nets_that_are_measured_are_left_alone(deck: Add) -> None:
    for more in (
        {"cards": (Card(".measure tran t1 when v(NX)=0.5"),)},
        {"control": ("run\nplot vdb(nx) v(out)\n",)},
        {"globals": ("nx",)},
        {"ports": ("nx", "out")},
    ):
        assert found(deck("V1 out 0 1", "R1 out nx 1", **more)) == []
    probe = Device("B1", "behavioral", ("p", "n"), ("out", "0"), "", {"v": Expression("v(a, nx)")})
    circuit = deck("V1 out 0 1", "R1 out nx 1")
    assert found(replace(circuit, devices=(*circuit.devices, probe))) == []


def test_black_boxes_may_leave_outputs_open(deck: Add) -> None:
    assert found(deck("V1 a 0 1", "X1 a 0 q qn box")) == []


def test_a_schematic_without_sources_is_driven_by_its_testbench(deck: Add) -> None:
    cards = ("M1 out inp 0 0 n", "M2 out vb1 vdd vdd p")
    assert found(deck(*cards)) == []
    assert found(deck(*cards, "M3 out n7 0 0 n")) == [("floating_gate", "error", ("n7", "M3"))]
    assert ("floating_gate", "error", ("inp", "M1")) in found(deck(*cards, "V1 vdd 0 1"))


def test_without_ground_the_rest_is_still_checked(deck: Add) -> None:
    circuit = deck("V1 a b 1", "R1 a b 1", "C1 a x", "C2 x b")
    assert [(item.rule, item.objects) for item in check(circuit)] == [
        ("missing_ground", ()),
        ("no_dc_path", ("x",)),
    ]
