"""Bulks on the wrong rail, on nothing, on signals; gates on rails; with their exceptions."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from eda.circuit import Circuit, ModelCard, Span
from eda.rules import Finding, check

Add = Callable[..., Circuit]
BULKS = ("bulk_wrong_rail", "bulk_floating", "bulk_not_rail")
GATES = ("always_off", "always_on")


def found(circuit: Circuit, rules: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    return [(item.rule, item.objects) for item in check(circuit, rules=rules)]


def test_a_bulk_on_the_wrong_rail_is_told_in_full(deck: Add) -> None:
    circuit = deck("V1 vdd 0 1.8", "M1 out in vdd 0 p", ports=("in", "out"))
    assert check(circuit, rules=["bulk_wrong_rail"]) == (
        Finding(
            rule="bulk_wrong_rail",
            severity="error",
            message="the bulk of PMOS M1 is on 0: its junctions conduct",
            span=Span("deck.sp", 3),
            objects=("M1",),
            fix="put the bulk of an NMOS on the lowest rail and that of a PMOS on the highest, "
            "or on the source of the transistor",
            strict="R9",
        ),
    )


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ("M1 out in 0 0 n", []),
        ("M1 out in 0 vdd n", [("bulk_wrong_rail", ("M1",))]),
        ("M1 out in 0 well n", [("bulk_floating", ("well", "M1"))]),
        ("M1 out in mid mid n", []),
        ("M1 out in 0 mid n", [("bulk_not_rail", ("M1", "mid"))]),
        ("M1 out in 0 in n", []),
        ("M1 out in vdd vdd p", []),
        ("M1 out in vdd vss p", [("bulk_wrong_rail", ("M1",))]),
    ],
)
def test_bulks(deck: Add, card: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    circuit = deck(card, "R1 mid 0 1", "R2 mid vss 1", ports=("in", "out", "vdd", "vss"))
    assert found(circuit, BULKS) == expected


def test_below_negative_supplies_only_ground_is_the_highest_rail(deck: Add) -> None:
    cards = ("V1 vee 0 -5", "M1 vee in 0 0 p")
    assert found(deck(*cards, ports=("in",)), BULKS) == []
    both = deck(cards[0], "M1 vee in vdd 0 p", "V2 vdd 0 5", ports=("in",))
    assert found(both, BULKS) == [("bulk_wrong_rail", ("M1",))]


def test_a_well_of_its_own_between_the_rails_is_sound(deck: Add) -> None:
    """A level shifter: an NMOS that pulls down to the lower of two supplies."""
    supplies = ("V1 vdd 0 5", "V2 vddl 0 1.5")
    assert found(deck(*supplies, "M1 out in vddl vddl n", ports=("in", "out")), BULKS) == []
    highest = deck(*supplies, "M1 out in vdd vdd n", ports=("in", "out"))
    assert found(highest, BULKS) == [("bulk_wrong_rail", ("M1",))]
    elsewhere = deck(*supplies, "M1 out in 0 vddl n", ports=("in", "out"))
    assert found(elsewhere, BULKS) == [("bulk_wrong_rail", ("M1",))]


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ("M1 out 0 mid 0 n", [("always_off", ("M1",))]),
        ("M1 out vdd mid 0 n", [("always_on", ("M1",))]),
        ("M1 vdd vdd mid 0 n", []),
        ("M1 0 vdd 0 0 n", []),
        ("M1 mid vdd vdd vdd p", [("always_off", ("M1",))]),
        ("M1 mid 0 vdd vdd p", [("always_on", ("M1",))]),
        ("M1 0 0 mid vdd p", []),
        ("M1 out in mid 0 n", []),
    ],
)
def test_gates(deck: Add, card: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    circuit = deck("V1 vdd 0 1.8", card, "R1 mid 0 1", ports=("in", "out"))
    assert found(circuit, GATES) == expected


def test_ground_between_two_supplies_neither_switches_on_nor_off(deck: Add) -> None:
    circuit = deck("V1 vdd 0 2", "V2 vss 0 -2", "M1 vdd 0 x vss n", "M2 vss 0 y vdd p")
    assert found(circuit, GATES) == []
    joined = deck("V1 vdd 0 2", "V2 vss 0 0", "M1 vdd 0 x vss n", "M2 vss 0 y vdd p")
    assert found(joined, GATES) == [("always_off", ("M1",)), ("always_on", ("M2",))]


def test_a_swept_gate_is_on_no_rail(deck: Add) -> None:
    circuit = deck("V1 g 0 5", "M1 d g 0 0 n", "R1 d 0 1")
    assert found(circuit, GATES) == [("always_on", ("M1",))]
    assert found(replace(circuit, control=("dc v1 0 5 0.1\n",)), GATES) == []


def test_depletion_transistors_conduct_with_their_gate_at_ground(deck: Add) -> None:
    circuit = deck("V1 vdd 0 5", "M1 vdd 0 x 0 n", "R1 x 0 1")
    (device,) = (item for item in circuit.devices if item.name == "M1")
    for threshold, expected in ((-1.0, []), (0.5, [("always_off", ("M1",))])):
        made = replace(device, model="dep1")
        card = ModelCard("dep1", "nmos", {"vto": threshold})
        devices = tuple(made if item is device else item for item in circuit.devices)
        changed = replace(circuit, devices=devices, models={"dep1": card})
        assert found(changed, GATES) == expected


def test_a_long_channel_at_the_rail_is_a_resistor(deck: Add) -> None:
    circuit = deck("V1 vdd 0 1.8", "M1 x 0 vdd vdd p", "R1 x 0 1")
    for length, expected in ((20e-6, []), (1e-6, [("always_on", ("M1",))])):
        devices = tuple(
            replace(item, parameters={"w": 1e-6, "l": length}) if item.name == "M1" else item
            for item in circuit.devices
        )
        assert found(replace(circuit, devices=devices), GATES) == expected
