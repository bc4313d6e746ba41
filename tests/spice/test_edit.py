"""Edits change one token of the user's file and nothing else."""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.errors import NetlistError
from eda.spice import parse_netlist, read_netlist, write_source

DECK = """\
* amplifier, as someone wrote it
.subckt amp in out vdd vss   $ a cell
*.PININFO in:I out:O
M1  n1   in   vss vss nch w=2u
+ l=1u   $ input device
* a comment between the lines
+ m=2
M2 n1 n1 vdd vdd pch W = 4u L='2*lmin'
R1 (n1 out) 4k7 ; load
E1 out vss POLY(2) n1 vss in vss 0 1 2
X1 in out vdd vss stage params: k=2
.ends
"""


def changed_lines(before: str, after: str) -> list[str]:
    return [
        line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "-+"
    ]


@pytest.mark.parametrize(
    ("device", "role", "net", "old", "new"),
    [
        ("M1", "g", "bias", "M1  n1   in   vss vss nch w=2u", "M1  n1   bias   vss vss nch w=2u"),
        ("m2", "d", "out", "M2 n1 n1 vdd vdd pch W = 4u", "M2 out n1 vdd vdd pch W = 4u"),
        ("M2", "2", "out", "M2 n1 n1 vdd vdd pch W = 4u", "M2 n1 out vdd vdd pch W = 4u"),
        ("R1", "n", "vss", "R1 (n1 out) 4k7 ; load", "R1 (n1 vss) 4k7 ; load"),
        ("E1", "cp2", "out", "POLY(2) n1 vss in vss 0", "POLY(2) n1 vss out vss 0"),
        ("X1", "3", "vss", "X1 in out vdd vss stage", "X1 in out vss vss stage"),
    ],
)
def test_connect_changes_one_token(device: str, role: str, net: str, old: str, new: str) -> None:
    flat = parse_netlist(DECK, dialect="ngspice").flatten()
    edited = flat.connect(device, role, net)
    assert edited.source is not None
    assert old in DECK
    assert edited.source.text == DECK.replace(old, new)
    again = parse_netlist(edited.source.text, dialect="ngspice").flatten()
    assert again.device(device).nets == edited.device(device).nets
    assert net in again.device(device).nets


def test_a_pin_on_a_continuation_line_is_found() -> None:
    text = "* t\nX1 a b\n* note\n+ c ; last\n+ cell\n"
    edited = parse_netlist(text).connect("X1", "3", "d")
    assert edited.source is not None
    assert edited.source.text == "* t\nX1 a b\n* note\n+ d ; last\n+ cell\n"


def test_several_edits_add_up() -> None:
    flat = parse_netlist(DECK, dialect="ngspice").flatten()
    edited = flat.connect("M1", "g", "a_much_longer_name").connect("M1", "s", "tail")
    edited = edited.connect("R1", "p", "out2")
    assert edited.source is not None
    assert changed_lines(DECK, edited.source.text) == [
        "- M1  n1   in   vss vss nch w=2u",
        "+ M1  n1   a_much_longer_name   tail vss nch w=2u",
        "- R1 (n1 out) 4k7 ; load",
        "+ R1 (out2 out) 4k7 ; load",
    ]


def test_ground_written_as_gnd_is_found() -> None:
    edited = parse_netlist("* t\nV1 a GND 1\nR1 a GND 1k\n").connect("R1", "n", "b")
    assert edited.source is not None
    assert edited.source.text == "* t\nV1 a GND 1\nR1 a b 1k\n"


@pytest.mark.parametrize(
    ("device", "name", "value", "old", "new"),
    [
        ("M1", "w", 3e-6, "w=2u", "w=3e-06"),
        ("M1", "m", 4.0, "+ m=2", "+ m=4"),
        ("M2", "w", 5e-6, "W = 4u", "W = 5e-06"),
        ("M2", "l", 1e-6, "L='2*lmin'", "L=1e-06"),
        ("M2", "nf", 2.0, "L='2*lmin'", "L='2*lmin' nf=2"),
        ("R1", "value", 1e3, "4k7 ; load", "1000 ; load"),
    ],
)
def test_parameters_change_in_place(
    device: str, name: str, value: float, old: str, new: str
) -> None:
    text = DECK.replace(".subckt", ".param lmin=1u\n.subckt")
    flat = parse_netlist(text, dialect="ltspice").flatten()
    edited = flat.with_parameters(device, **{name: value})
    assert edited.source is not None
    assert edited.source.text == text.replace(old, new)
    assert edited.device(device).parameters[name] == value


def test_sizes_of_pdk_primitives_are_written_in_their_unit() -> None:
    text = "* t\nXM1 d g s b sky130_fd_pr__nfet_01v8 w=1 l=0.15\n"
    circuit = parse_netlist(text)
    assert circuit.device("XM1").parameters["w"] == 1e-6
    edited = circuit.with_parameters("XM1", w=2.5e-6)
    assert edited.source is not None
    assert edited.source.text == text.replace("w=1 ", "w=2.5 ")


def test_a_device_inside_an_instance_is_not_edited() -> None:
    deck = "* t\n.subckt s a b\nR1 a b 1k\n.ends\nX1 in out s\nV1 in 0 1\n"
    flat = parse_netlist(deck).flatten()
    with pytest.raises(NetlistError) as caught:
        flat.connect("X1.R1", "n", "other")
    assert str(caught.value) == (
        "X1.R1 is inside an instance, and <text>:3:1 describes every copy of it; "
        "choose its subcircuit with --subcircuit and edit it there"
    )


def test_a_device_of_an_included_file_is_not_edited(tmp_path: Path) -> None:
    (tmp_path / "part.inc").write_text("R1 a b 1k\n")
    deck = tmp_path / "top.sp"
    deck.write_text("* t\n.include part.inc\nV1 a 0 1\n")
    with pytest.raises(NetlistError, match=r"not in the netlist itself; edit that file$"):
        read_netlist(deck).connect("R1", "n", "c")


@pytest.mark.parametrize("net", ["two words", "", "a=b", "x{y}", "a\nR9 0 1 1", "'q'", "a;b"])
def test_what_cannot_be_a_net_is_refused(net: str) -> None:
    with pytest.raises(NetlistError, match="cannot be the name of a net"):
        parse_netlist("* t\nR1 a b 1k\n").connect("R1", "n", net)


def test_unknown_device_and_pin_are_named() -> None:
    circuit = parse_netlist("* t\nR1 a b 1k\n")
    with pytest.raises(KeyError, match=r"no device 'R11' in the circuit; did you mean r1\?"):
        circuit.connect("R11", "n", "c")
    with pytest.raises(KeyError, match="R1 has no pin 'g'; its pins are p, n"):
        circuit.connect("R1", "g", "c")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encoding_and_line_ends_survive(tmp_path: Path, encoding: str, end: str) -> None:
    text = end.join(["* µ", "C1 a 0 4.7µ ; größe", "R1 a open 1k", ".end", ""])
    deck = tmp_path / "in.net"
    deck.write_bytes(text.encode(encoding))
    write_source(read_netlist(deck).connect("R1", "n", "0"), tmp_path / "out.net")
    expected = text.replace("open", "0").encode(encoding)
    assert (tmp_path / "out.net").read_bytes() == expected


def test_a_made_circuit_has_no_source_to_write(tmp_path: Path) -> None:
    circuit = replace(parse_netlist("* t\nR1 a b 1k\n"), source=None)
    assert circuit.connect("R1", "n", "c").device("R1").nets == ("a", "c")
    with pytest.raises(NetlistError, match="was not read from a file; use write_spice"):
        write_source(circuit, tmp_path / "x")


NETS = st.sampled_from(["a", "b", "c", "0", "net1"])


@given(
    cards=st.lists(st.tuples(NETS, NETS, NETS, NETS), min_size=1, max_size=6),
    at=st.integers(0, 5),
    pin=st.integers(0, 3),
    split=st.integers(0, 5),
)
def test_connect_agrees_with_reading_the_edited_text(
    cards: list[tuple[str, ...]], at: int, pin: int, split: int
) -> None:
    at %= len(cards)
    lines = ["* property"]
    for number, nets in enumerate(cards):
        words = [f"M{number}", *nets, "nch", "w=1u"]
        lines.append(" ".join(words[:split]) or f"M{number}")
        if words[split:] and split:
            lines.append("+ " + " ".join(words[split:]) + " ; c")
        elif not split:
            lines[-1] = " ".join(words)
    text = "\n".join(lines) + "\n"
    edited = parse_netlist(text).connect(f"M{at}", str(pin + 1), "target")
    assert edited.source is not None
    assert parse_netlist(edited.source.text).devices == edited.devices
    assert sum("target" in device.nets for device in edited.devices) == 1
