"""Every element letter: kind, pins, model, parameters of one card each."""

import pytest

from eda.circuit import Expression, Value
from eda.spice import parse_netlist

CARDS: tuple[tuple[str, str, str, str, dict[str, Value], tuple[str, ...]], ...] = (
    ("R1 a b 1k tc1=1m", "resistor", "p=a n=b", "", {"value": 1000.0, "tc1": 0.001}, ()),
    ("R1 a b rmod w=1u l=2u", "resistor", "p=a n=b", "rmod", {"w": 1e-06, "l": 2e-06}, ()),
    ("R1 a b r=2k", "resistor", "p=a n=b", "", {"value": 2000.0}, ()),
    (
        "R1 a b {2*1k}",
        "resistor",
        "p=a n=b",
        "",
        {"value": Expression(text="2*1k", value=2000.0)},
        (),
    ),
    ("R1 a b sub rp", "resistor", "p=a n=b b=sub", "rp", {}, ()),
    ("C1 a b 1p ic=2", "capacitor", "p=a n=b", "", {"value": 1e-12, "ic": 2.0}, ()),
    ("C1 (a b) 10pF", "capacitor", "p=a n=b", "", {"value": 1e-11}, ()),
    ("L1 a b 1u", "inductor", "p=a n=b", "", {"value": 1e-06}, ()),
    ("K1 L1 L2 0.99", "mutual", "", "", {"k": 0.99}, ("L1", "L2")),
    ("D1 a k dmod 2", "diode", "a=a k=k", "dmod", {"area": 2.0}, ()),
    ("D1 a k dmod area=2 off", "diode", "a=a k=k", "dmod", {"area": 2.0, "off": True}, ()),
    ("Q1 c b e qmod", "bipolar", "c=c b=b e=e", "qmod", {}, ()),
    ("Q1 c b e s qmod 2", "bipolar", "c=c b=b e=e s=s", "qmod", {"area": 2.0}, ()),
    ("Q1 c b e s t qmod area=3", "bipolar", "c=c b=b e=e s=s t=t", "qmod", {"area": 3.0}, ()),
    (
        "M1 d g s b nch w=1u l=0.1u m=2",
        "mosfet",
        "d=d g=g s=s b=b",
        "nch",
        {"w": 1e-06, "l": 1e-07, "m": 2.0},
        (),
    ),
    ("M1 d g s nch", "mosfet", "d=d g=g s=s", "nch", {}, ()),
    ("J1 d g s jmod 2", "jfet", "d=d g=g s=s", "jmod", {"area": 2.0}, ()),
    ("Z1 d g s zmod", "mesfet", "d=d g=g s=s", "zmod", {}, ()),
    ("V1 a 0 5", "vsource", "p=a n=0", "", {"dc": 5.0}, ()),
    (
        "V1 a 0 DC 1 AC 1 90 SIN(0 1 1k)",
        "vsource",
        "p=a n=0",
        "",
        {"dc": 1.0, "ac": 1.0, "ac_phase": 90.0, "sin": (0.0, 1.0, 1000.0)},
        (),
    ),
    (
        "V1 a 0 PULSE(0 1 0 1n 1n 5n 10n)",
        "vsource",
        "p=a n=0",
        "",
        {"pulse": (0.0, 1.0, 0.0, 1e-09, 1e-09, 5e-09, 1e-08)},
        (),
    ),
    ("V1 a 0 PWL(0 0 1n 1)", "vsource", "p=a n=0", "", {"pwl": (0.0, 0.0, 1e-09, 1.0)}, ()),
    ("I1 a 0 dc=1m", "isource", "p=a n=0", "", {"dc": 0.001}, ()),
    (
        "B1 a 0 V={V(b)*2}",
        "behavioral",
        "p=a n=0",
        "",
        {"v": Expression(text="V(b)*2", value=None)},
        (),
    ),
    (
        "B1 a 0 I=V(b,c)/1k",
        "behavioral",
        "p=a n=0",
        "",
        {"i": Expression(text="V(b,c)/1k", value=None)},
        (),
    ),
    ("E1 a 0 b c 10", "vcvs", "p=a n=0 cp=b cn=c", "", {"gain": 10.0}, ()),
    (
        "E1 a 0 POLY(2) b 0 c 0 0 1 2",
        "vcvs",
        "p=a n=0 cp1=b cn1=0 cp2=c cn2=0",
        "",
        {"poly": 2.0, "coefficients": (0.0, 1.0, 2.0)},
        (),
    ),
    (
        "E1 a 0 VALUE={V(b)*V(c)}",
        "vcvs",
        "p=a n=0",
        "",
        {"value": Expression(text="V(b)*V(c)", value=None)},
        (),
    ),
    (
        "E1 a 0 TABLE {V(b)} = (0,0) (1,5)",
        "vcvs",
        "p=a n=0",
        "",
        {"table": "{V(b)} = (0,0) (1,5)"},
        (),
    ),
    (
        "E1 a 0 LAPLACE {V(b)} = {1/(1+s)}",
        "vcvs",
        "p=a n=0",
        "",
        {"laplace": "{V(b)} = {1/(1+s)}"},
        (),
    ),
    ("F1 a 0 V1 2", "cccs", "p=a n=0", "", {"gain": 2.0}, ("V1",)),
    (
        "F1 a 0 POLY(2) V1 V2 0 1 1",
        "cccs",
        "p=a n=0",
        "",
        {"poly": 2.0, "coefficients": (0.0, 1.0, 1.0)},
        ("V1", "V2"),
    ),
    ("G1 a 0 b 0 1m", "vccs", "p=a n=0 cp=b cn=0", "", {"gain": 0.001}, ()),
    (
        "G1 a 0 cur='V(b)*1m'",
        "vccs",
        "p=a n=0",
        "",
        {"value": Expression(text="V(b)*1m", value=None)},
        (),
    ),
    ("H1 a 0 V1 100", "ccvs", "p=a n=0", "", {"gain": 100.0}, ("V1",)),
    ("S1 a 0 c 0 smod on", "switch", "p=a n=0 cp=c cn=0", "smod", {"on": True}, ()),
    ("W1 a 0 V1 wmod", "switch", "p=a n=0", "wmod", {}, ("V1",)),
    ("T1 a 0 b 0 z0=50 td=1n", "tline", "p1=a n1=0 p2=b n2=0", "", {"z0": 50.0, "td": 1e-09}, ()),
    ("O1 a 0 b 0 omod", "tline", "p1=a n1=0 p2=b n2=0", "omod", {}, ()),
    ("U1 a b 0 umod l=1", "tline", "1=a 2=b 3=0", "umod", {"l": 1.0}, ()),
    ("Y1 a 0 b 0 ymod len=1", "tline", "p1=a n1=0 p2=b n2=0", "ymod", {"len": 1.0}, ()),
    ("P1 a b 0 c d 0 pmod", "tline", "1=a 2=b 3=0 4=c 5=d 6=0", "pmod", {}, ()),
    ("N1 a b 0 nmod w=1u", "osdi", "1=a 2=b 3=0", "nmod", {"w": 1e-06}, ()),
    ("A1 [a b] c amod", "xspice", "1=a 2=b 3=c", "amod", {"ports": "[ {} {} ] {}"}, ()),
    (
        "A1 %vd(a b) %i(c) amod",
        "xspice",
        "1=a 2=b 3=c",
        "amod",
        {"ports": "%vd ( {} {} ) %i ( {} )"},
        (),
    ),
    ("X1 a b sub w=1u", "subcircuit", "1=a 2=b", "sub", {"w": 1e-06}, ()),
    ("X1 a b sub params: w=1u", "subcircuit", "1=a 2=b", "sub", {"w": 1e-06}, ()),
)


@pytest.mark.parametrize(
    ("card", "kind", "pins", "model", "parameters", "references"),
    CARDS,
    ids=[row[0] for row in CARDS],
)
def test_card(
    card: str,
    kind: str,
    pins: str,
    model: str,
    parameters: dict[str, Value],
    references: tuple[str, ...],
) -> None:
    device = parse_netlist(f"* t\n{card}\n", strict=False).devices[0]
    assert device.kind == kind
    assert " ".join(f"{role}={net}" for role, net in device.pins) == pins
    assert device.model == model
    assert device.parameters == parameters
    assert device.references == references
    assert device.name == card.split()[0]
    assert (device.span.line, device.span.column) == (2, 1)


def test_every_letter_is_here() -> None:
    assert {row[0][0].lower() for row in CARDS} == set("abcdefghijklmnopqrstuvwxyz")


@pytest.mark.parametrize(
    ("cards", "roles", "model"),
    [
        ("M1 a b c mm\n.model mm nmos\n", ("d", "g", "s"), "mm"),
        ("M1 a b c d e f mm\n.model mm nsoi\n", ("d", "g", "s", "e", "b", "t1"), "mm"),
        ("Q1 a b c qq 2\n.model qq npn\n", ("c", "b", "e"), "qq"),
        ("Q1 a b c d qq\n.model qq npn\n", ("c", "b", "e", "s"), "qq"),
        ("D1 a b tj dd\n.model dd d\n", ("a", "k", "t"), "dd"),
        ("M1 a b c d mm.2\n.model mm.1 nmos\n.model mm.2 nmos\n", ("d", "g", "s", "b"), "mm.2"),
        ("M1 a b c d mm\n.model mm.1 nmos\n.model mm.2 nmos\n", ("d", "g", "s", "b"), "mm"),
    ],
)
def test_the_model_card_tells_how_many_nets(cards: str, roles: tuple[str, ...], model: str) -> None:
    device = parse_netlist(f"* t\n{cards}").devices[0]
    assert device.roles == roles
    assert device.model == model


def test_polarity_comes_from_the_card_before_the_name() -> None:
    circuit = parse_netlist(
        "* t\nM1 a b c d nfet\n.model nfet pmos\nM2 a b c d pch2\n", strict=False
    )
    assert [device.polarity for device in circuit.devices] == ["p", "p"]


def test_nets_of_one_name_in_any_case_are_one_net() -> None:
    circuit = parse_netlist("* t\nR1 Out GND 1k\nR2 OUT 0 1k\n")
    assert circuit.nets == ("Out", "0")


def test_instances_take_the_names_of_the_ports() -> None:
    circuit = parse_netlist("* t\nX1 in out inv\n.subckt inv a y\nR1 a y 1k\n.ends\n")
    assert circuit.devices[0].pins == (("a", "in"), ("y", "out"))


def test_x_lines_of_any_length() -> None:
    nets = [f"n{i}" for i in range(5000)]
    lines = ["* t", "X1", *(f"+ {net}" for net in nets), "+ big"]
    device = parse_netlist("\n".join(lines)).devices[0]
    assert (device.nets, device.model) == (tuple(nets), "big")
    assert (device.span.line, device.span.end_line) == (2, 5003)
