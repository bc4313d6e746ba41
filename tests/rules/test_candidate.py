"""What connecting one pin to one net would break."""

from collections.abc import Callable

import pytest

from eda.circuit import Circuit, Span
from eda.rules import Electrical, Finding, candidate_findings

Add = Callable[..., Circuit]
BASE = ("V1 vdd 0 1.8", "R1 vdd out 1", "M1 out in 0 0 n", "M2 out in vdd vdd p", "M3 out g3 0 0 n")


def rules(circuit: Circuit, device: str, role: str, net: str) -> list[str]:
    view = Electrical.of(circuit)
    at = view.graph.device_names.index(device)
    return [
        item.rule for item in candidate_findings(view, at, role, view.graph.net_names.index(net))
    ]


@pytest.mark.parametrize(
    ("card", "role", "net", "expected"),
    [
        ("L1 vdd ? ", "n", "0", ["supply_short", "vsource_loop"]),
        ("L1 out ? ", "n", "0", []),
        ("R9 vdd ? 0", "n", "0", ["supply_short"]),
        ("R9 vdd ? 1", "n", "0", []),
        ("R9 vdd ? 1", "n", "vdd", ["shorted_device"]),
        ("V9 vdd ? 1", "n", "0", ["vsource_loop"]),
        ("V9 vdd ? 0", "n", "0", ["supply_short", "vsource_loop"]),
        ("V9 out ? 1", "n", "in", []),
        ("M9 out ? 0 0 n", "g", "g3", ["floating_gate"]),
        ("M9 out ? 0 0 n", "g", "out", []),
        ("M9 out ? 0 0 n", "g", "0", ["always_off"]),
        ("M9 out ? 0 0 n", "g", "vdd", []),
        ("M9 out ? vdd vdd p", "g", "vdd", ["always_off"]),
        ("M9 out in ? 0 n", "s", "out", ["shorted_device"]),
        ("M9 out in ? 0 n", "s", "0", []),
        ("M9 out in 0 ? n", "b", "vdd", ["bulk_wrong_rail"]),
        ("M9 out in 0 ? n", "b", "0", []),
        ("M9 out in vdd ? p", "b", "0", ["bulk_wrong_rail"]),
        ("M9 out in vdd ? p", "b", "vdd", []),
        ("Q9 out ? 0 n", "b", "g3", []),
        ("D9 ? out", "a", "out", ["shorted_device"]),
        ("X9 out ? box", "2", "out", []),
    ],
)
def test_candidates(deck: Add, card: str, role: str, net: str, expected: list[str]) -> None:
    assert rules(deck(*BASE, card), card.split()[0], role, net) == expected


def test_a_gate_does_not_drive_itself(deck: Add) -> None:
    circuit = deck(*BASE)
    assert rules(circuit, "M3", "g", "g3") == []
    assert rules(circuit, "M3", "g", "in") == ["floating_gate"]


def test_ports_drive_gates(deck: Add) -> None:
    assert rules(deck(*BASE, ports=("in",)), "M3", "g", "in") == []


def test_findings_say_what_and_where(deck: Add) -> None:
    view = Electrical.of(deck(*BASE, "M9 out ? 0 0 n"))
    net = view.graph.net_names.index("g3")
    assert candidate_findings(view, 5, "g", net) == (
        Finding(
            rule="floating_gate",
            severity="error",
            message="nothing drives g3: only gates are on it",
            span=Span("deck.sp", 7),
            objects=("M9", "g3"),
        ),
    )
