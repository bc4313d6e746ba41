"""Links judged by ngspice: what solves, what conducts, what was filled in."""

from __future__ import annotations

from pathlib import Path

import pytest

from eda.circuit import Circuit, Device
from eda.errors import SimulatorNotFoundError
from eda.links import predict_links
from eda.links.verify import verify_circuit, verify_links, wired
from eda.spice import parse_netlist, read_netlist
from eda.spice.ngspice_shared import library_path

ROOT = Path(__file__).parents[2]


def mosfet(name: str, polarity: str, *nets: str) -> Device:
    return Device(name, "mosfet", ("d", "g", "s", "b"), nets, polarity=polarity)


def two(name: str, kind: str, p: str, n: str) -> Device:
    return Device(name, kind, ("p", "n"), (p, n))


@pytest.fixture(autouse=True)
def _ngspice() -> None:
    try:
        library_path()
    except SimulatorNotFoundError as problem:
        pytest.skip(str(problem))


def test_the_example_conducts_once_its_gate_is_connected() -> None:
    circuit = read_netlist(ROOT / "examples" / "ota_open_pin.sp")
    said = verify_links(circuit, predict_links(circuit), top=2)
    assert str(said.after) == "solves; 8 of 8 transistors conduct"
    assert (said.after.generic, said.after.sources, said.after.left_out) == (False, (), ())
    assert said.before.off == ("M6", "M7")
    assert [(d, p, n) for d, p, n, _ in said.candidates] == [("M4", "g", "n2")]
    assert {item.region for item in said.after.devices} == {"saturation"}


def test_question_marks_are_not_joined() -> None:
    deck = "* t\nV1 a 0 1\nR1 a ? 1k\nR2 ? 0 1k\n.end\n"
    said = verify_circuit(parse_netlist(deck))
    assert said.solved
    assert str(said) == "solves; there is no transistor in it"


def test_a_schematic_gets_a_bias(ota: Circuit) -> None:
    bare = Circuit(devices=tuple(d for d in ota.devices if d.kind not in ("vsource", "isource")))
    said = verify_circuit(bare)
    assert said.generic
    assert said.models == ("generic_nmos", "generic_pmos")
    assert set(said.sources) == {"nb 20 uA", "vdd 1.8 V", "inp 0.9 V", "inn 0.9 V"}
    assert str(said) == "solves; 8 of 8 transistors conduct"


def test_what_does_not_solve_says_so() -> None:
    deck = "* t\nV1 a 0 1\nV2 a 0 2\nR1 a 0 1k\n.end\n"
    said = verify_circuit(parse_netlist(deck))
    assert not said.solved
    assert str(said).startswith("does not solve (")
    assert said.log
    assert said.devices == ()


def test_a_black_box_is_left_out() -> None:
    circuit = Circuit(
        devices=(
            mosfet("M1", "n", "out", "in", "0", "0"),
            two("R1", "resistor", "vdd", "out"),
            two("X1", "subcircuit", "out", "in"),
        )
    )
    said = verify_circuit(circuit)
    assert said.left_out == ("X1",)
    assert said.solved


def test_pins_inside_an_instance_can_be_tried() -> None:
    deck = (
        "* t\n.subckt mirror in out\nM1 in in 0 0 nch\nM2 out lonely 0 0 nch\n.ends\n"
        "X1 a b mirror\nIA vdd a 10u\nRB vdd b 1k\nVDD vdd 0 1.8\n.model nch nmos level=1\n"
    )
    circuit = parse_netlist(deck).flatten()
    said = verify_links(circuit, predict_links(circuit))
    assert said.before.off == ("X1.M2",)
    assert said.after.off == ()


def test_wired_changes_the_pins_asked_and_no_other(ota: Circuit) -> None:
    other = wired(ota, {("m4", "g"): "tail"})
    changed = [
        (a.name, role)
        for a, b in zip(ota.devices, other.devices, strict=True)
        for role, old, new in zip(a.roles, a.nets, b.nets, strict=True)
        if old != new
    ]
    assert changed == [("M4", "g")]
