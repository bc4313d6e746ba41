"""Shorted supplies, and circuits without ground."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from eda.circuit import Card, Circuit, Span
from eda.rules import Finding, check

Add = Callable[..., Circuit]
PORTS = ("vdd", "vss")


def shorts(circuit: Circuit) -> list[tuple[str, ...]]:
    return [item.objects for item in check(circuit, rules=["supply_short"])]


def test_a_short_is_told_in_full(deck: Add) -> None:
    assert check(deck("RS1 vdd vss 0", ports=PORTS)) == (
        Finding(
            rule="supply_short",
            severity="error",
            message="vdd and vss are joined without resistance through RS1",
            span=Span("deck.sp", 2),
            objects=("RS1", "vdd", "vss"),
            fix="remove the device, or move one of its pins",
        ),
    )


@pytest.mark.parametrize(
    ("cards", "objects"),
    [
        (("L1 vdd vss",), ("L1", "vdd", "vss")),
        (("V1 vdd vss 0",), ("V1", "vdd", "vss")),
        (("V1 vdd vss",), ("V1", "vdd", "vss")),
        (("R1 vdd vss 0.0009",), ("R1", "vdd", "vss")),
        (("L1 vdd a", "L2 a b", "R1 b vss 0", "L9 a c"), ("L1", "L2", "R1", "vdd", "vss")),
        (("L1 vdd vss", "L2 vdd a", "L3 a vss"), ("L1", "vdd", "vss")),
    ],
)
def test_shorts(deck: Add, cards: tuple[str, ...], objects: tuple[str, ...]) -> None:
    assert shorts(deck(*cards, ports=PORTS)) == [objects]


@pytest.mark.parametrize(
    "cards",
    [
        ("R1 vdd vss 1",),
        ("R1 vdd vss",),
        ("C1 vdd vss",),
        ("V1 vdd vss 1.8",),
        ("I1 vdd vss 0",),
        ("R1 vdd avdd 0", "L1 vss gnd"),
        ("V1 vss 0 0", "V2 vdd 0 1.8"),
        ("L1 vdd out", "R1 out vss 50"),
    ],
)
def test_no_shorts(deck: Add, cards: tuple[str, ...]) -> None:
    assert shorts(deck(*cards, ports=PORTS)) == []


def test_a_source_that_is_swept_or_moves_is_no_wire(deck: Add) -> None:
    circuit = deck("V1 vdd 0 0", "R1 vdd 0 1")
    assert shorts(circuit) == [("V1", "vdd", "0")]
    assert shorts(replace(circuit, cards=(Card(".dc v1 0 5 0.1"),))) == []
    assert shorts(replace(circuit, control=("alter @V1[dc]=3",))) == []
    source = replace(circuit.devices[0], parameters={"dc": 0.0, "pulse": (0.0, 1.8)})
    assert shorts(replace(circuit, devices=(source, *circuit.devices[1:]))) == []


def test_missing_ground_is_told_in_full(deck: Add) -> None:
    assert check(deck("V1 a b 1", "R1 a b 1")) == (
        Finding(
            rule="missing_ground",
            severity="error",
            message="no net is ground: the circuit has no net 0",
            span=Span("deck.sp", 2),
            objects=(),
            fix="name the reference net 0 (or gnd)",
        ),
    )


@pytest.mark.parametrize("ground", ["0", "gnd", "GND", "gnd!"])
def test_names_of_ground(deck: Add, ground: str) -> None:
    assert check(deck(f"V1 a {ground} 1", f"R1 a {ground} 1")) == ()


def test_a_subcircuit_needs_no_ground(deck: Add) -> None:
    assert check(deck("R1 a b 1", ports=("a", "b"))) == ()
    assert check(Circuit()) == ()
