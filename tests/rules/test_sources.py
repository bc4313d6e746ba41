"""Loops of voltage sources, cutsets of current sources, devices with both ends on one net."""

from collections.abc import Callable
from dataclasses import replace

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.circuit import Card, Circuit, Device, Span
from eda.rules import Finding, check

Add = Callable[..., Circuit]


def found(circuit: Circuit, *rules: str) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(item.rule, item.severity, item.objects) for item in check(circuit, rules=rules)]


def test_a_loop_is_told_in_full(deck: Add) -> None:
    circuit = deck("V1 a 0 1", "E1 b a c 0", "L1 b 0", "R1 c 0 1")
    assert check(circuit, rules=["vsource_loop"]) == (
        Finding(
            rule="vsource_loop",
            severity="error",
            message="L1 closes a loop of voltage sources or inductors with V1, E1",
            span=Span("deck.sp", 4),
            objects=("L1", "V1", "E1"),
            fix="put a small resistance into the loop, or remove one of its devices",
        ),
    )


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=14))
def test_there_are_as_many_loops_as_the_graph_has(edges: list[tuple[int, int]]) -> None:
    edges = [(one, other) for one, other in edges if one != other]
    devices = tuple(
        Device(f"V{at}", "vsource", ("p", "n"), (str(one), str(other)))
        for at, (one, other) in enumerate(edges)
    )
    graph = networkx.MultiGraph(edges)
    parts = networkx.number_connected_components(graph) if edges else 0
    loops = check(Circuit(devices=devices), rules=["vsource_loop"])
    assert len(loops) == len(edges) - len(graph) + parts
    for item in loops:
        nets = [device.nets for device in devices if device.name in item.objects]
        loop = networkx.MultiGraph(nets)
        assert networkx.is_connected(loop)
        assert {degree for _, degree in loop.degree} == {2}


@pytest.mark.parametrize("key", ["portnum", "rser"])
def test_a_source_with_a_resistance_closes_no_loop(deck: Add, key: str) -> None:
    circuit = deck("V1 a 0 1", "L1 a 0")
    first = replace(circuit.devices[0], parameters={"dc": 1.0, key: 1.0})
    assert found(replace(circuit, devices=(first, circuit.devices[1])), "vsource_loop") == []
    assert found(replace(circuit, dialect="ltspice"), "vsource_loop") == []
    assert len(found(circuit, "vsource_loop")) == 1


def test_a_mesh_of_inductors_is_told_of_in_part(deck: Add) -> None:
    size = 20
    cards = [f"L{x}_{y} n{x}_{y} n{x + 1}_{y}" for x in range(size) for y in range(size)]
    cards += [f"LY{x}_{y} n{x}_{y} n{x}_{y + 1}" for x in range(size) for y in range(size)]
    assert len(found(deck(*cards), "vsource_loop")) == 100


def test_a_current_into_a_capacitor_is_told_in_full(deck: Add) -> None:
    circuit = deck("I1 0 a 1", "C1 a b", "R1 b 0 1")
    assert check(circuit, rules=["isource_cutset", "no_dc_path"]) == (
        Finding(
            rule="isource_cutset",
            severity="error",
            message="the current of I1 cannot leave net a",
            span=Span("deck.sp", 2),
            objects=("a", "I1"),
            fix="give the current a way out: a resistor, a diode-connected transistor, a switch",
            strict="R7",
        ),
    )


def test_a_cutset_may_be_of_several_nets_and_sources(deck: Add) -> None:
    circuit = deck("I1 0 a 1", "I2 b 0 1", "R1 a b 1", "C1 b 0", "V1 c 0 1", "R2 c 0 1")
    assert found(circuit, "isource_cutset", "no_dc_path") == [
        ("isource_cutset", "error", ("a", "b", "I1", "I2"))
    ]


def test_what_is_no_cutset(deck: Add) -> None:
    for cards in (
        ("I1 0 a 0", "C1 a 0"),
        ("G1 0 a b 0", "C1 a 0", "R1 b 0 1"),
        ("I1 a b 1", "R1 a b 1", "C1 b 0"),
    ):
        told = found(deck(*cards), "isource_cutset", "no_dc_path")
        assert [rule for rule, _, _ in told] == ["no_dc_path"]


def test_without_an_operating_point_a_ramp_is_fine(deck: Add) -> None:
    circuit = deck("I1 0 a 1", "C1 a 0", cards=(Card(".tran 1n 1u uic"),))
    assert found(circuit, "isource_cutset") == [("isource_cutset", "warning", ("a", "I1"))]


def test_ports_with_nothing_but_sources_and_capacitors(deck: Add) -> None:
    ports = ("a", "vss")
    charged = [("isource_cutset", "error", ("a", "I1"))]
    assert found(deck("I1 vss a 1", "C1 a vss", ports=ports), "isource_cutset") == charged
    assert found(deck("I1 vss a 1", ports=ports), "isource_cutset") == []
    more = deck("I1 vss a 1", "C1 a vss", "R1 a vss 1", ports=ports)
    assert found(more, "isource_cutset") == []


@pytest.mark.parametrize(
    ("card", "severity", "message", "strict"),
    [
        ("R1 a a 1", "warning", "both ends of R1 are on a", "R2"),
        ("C1 a a", "warning", "both ends of C1 are on a", "R2"),
        ("L1 a a", "error", "both ends of L1 are on a", "R2"),
        ("V1 a a 1", "error", "all pins of V1 are on a", ""),
        ("D1 a a", "warning", "all pins of D1 are on a", ""),
        ("M1 a g a 0 n", "warning", "both ends of M1 are on a: at best it is a capacitor", ""),
        ("M1 a a a 0 n", "warning", "all pins of M1 are on a", "R4"),
        ("Q1 a b a n", "warning", "both ends of Q1 are on a", ""),
    ],
)
def test_shorted(deck: Add, card: str, severity: str, message: str, strict: str) -> None:
    (item,) = check(deck(card, ports=("a", "b", "g")), rules=["shorted_device"])
    assert (item.severity, item.message, item.strict) == (severity, message, strict)


def test_parallel_devices_are_alike_or_not(deck: Add) -> None:
    circuit = deck(
        *("R1 a 0 1", "R2 0 a 1", "R3 a 0 2", "D1 a 0", "D2 0 a", "M1 a b 0 0 n", "M2 0 b a 0 n"),
        *("M3 a b 0 0 p",),
    )
    assert found(circuit, "parallel_identical") == [
        ("parallel_identical", "info", ("R1", "R2")),
        ("parallel_identical", "info", ("M1", "M2")),
    ]
