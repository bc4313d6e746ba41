"""Mending: what is safe is mended, what is not is refused."""

import pytest

from eda.circuit import Circuit
from eda.spice import parse_netlist
from eda.topology.clean import Cleaned, broken_rules, clean
from eda.topology.parts import CAPACITOR, NMOS, VB, VOUT
from eda.topology.walk import decisions

CLASSES = {"vdd": "vdd", "vss": "vss", "in": "vin", "out": "vout", "b": "vb"}


def mended(cards: str, circuit_type: str = "general", **more: str) -> Cleaned:
    text = f"* t\n.subckt t vdd vss in out b\n{cards}\n.ends\n"
    circuit: Circuit = parse_netlist(text, strict=False).flatten(subcircuit="t")
    return clean(circuit, circuit_type, {**CLASSES, **more})


STAGE = "M1 out in vss vss n\nR1 vdd out\n"


def test_a_sound_circuit_stays_as_it_is() -> None:
    found = mended(STAGE)
    assert (found.mended, found.reason) == ([], "")
    assert found.topology is not None
    assert len(found.topology) == 2


@pytest.mark.parametrize(
    ("cards", "what"),
    [
        ("M1 out in vss w n\nR1 vdd out", "bulk tied"),
        ("M1 vss in out vss n\nR1 vdd out", "drain and source exchanged"),
        (f"{STAGE}M2 out in vss vss n", "parallel twins merged"),
        (f"{STAGE}R2 out out", "shorted part left out"),
        (f"{STAGE}R2 out lonely", "loose part left out"),
        (f"{STAGE}M2 vss out vss vss n", "transistor as capacitor"),
        (f"{STAGE}M2 out vss vss vss n", "transistor that is off left out"),
        (
            "M1 x in vss vss n\nM2 x g vdd vdd p\nM3 out x vss vss n\nR1 vdd out",
            "undriven gate made a bias port",
        ),
        ("M1 x in vss vss n\nR1 vdd x", "output named"),
    ],
)
def test_what_is_mended(cards: str, what: str) -> None:
    found = mended(cards)
    assert found.reason == ""
    assert what in found.mended
    assert found.topology is not None
    assert broken_rules(found.topology) == []


def test_what_mending_makes() -> None:
    capacitor = mended(f"{STAGE}M2 vss out vss vss n").topology
    assert capacitor is not None
    assert [kind for kind, _ in capacitor.devices].count(CAPACITOR) == 1
    bias = mended("M1 x in vss vss n\nM2 x g vdd vdd p\nM3 out x vss vss n\nR1 vdd out").topology
    assert bias is not None
    assert bias.net_class.count(VB) == 1
    output = mended("M1 x in vss vss n\nR1 vdd x").topology
    assert output is not None
    assert output.devices[0] == (NMOS, output.devices[0][1])
    assert output.net_class[output.devices[0][1][0]] == VOUT


@pytest.mark.parametrize(
    ("cards", "circuit_type", "reason"),
    [
        (f"{STAGE}J1 out in vss j\n.model j njf", "general", "has a jfet"),
        ("R1 in out\nR2 out in", "general", "no ground"),
        (STAGE, "opamp", "ports of another type"),
        (f"{STAGE}C9 x y\nL8 x y", "general", "breaks "),
        (f"{STAGE}V1 x y 1\nR7 x y", "general", "a voltage source inside"),
    ],
)
def test_what_is_refused(cards: str, circuit_type: str, reason: str) -> None:
    found = mended(cards, circuit_type)
    assert found.topology is None
    assert found.reason.startswith(reason)


def test_what_is_cleaned_can_be_decided(two_stage: object) -> None:
    made = decisions(two_stage)  # type: ignore[arg-type]
    assert len(made) > 40
