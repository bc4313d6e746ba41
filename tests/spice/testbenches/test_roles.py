"""Roles of ports: by pins, by names, as given; and what is said where nothing tells."""

import pytest

from eda.errors import InputError
from eda.spice import parse_netlist, testbench

OTA = """* five transistors, named {a} {b}
.subckt ota {ports}
M1 x {a} t {n} nch w=10u l=1u
M2 {o} {b} t {n} nch w=10u l=1u
M3 x x {p} {p} pch w=10u l=1u
M4 {o} x {p} {p} pch w=10u l=1u
M5 t {bias} {n} {n} nch w=10u l=1u
.ends
"""


def roles(text: str, kind: str, **how: object) -> str:
    circuit = parse_netlist(text, strict=False)
    return testbench(circuit, kind, models="generic", **how).roles.described()  # type: ignore[arg-type]


def ota(a: str, b: str, o: str, p: str, n: str, bias: str) -> str:
    ports = " ".join((a, b, o, p, n, bias))
    return OTA.format(a=a, b=b, o=o, p=p, n=n, bias=bias, ports=ports)


@pytest.mark.parametrize(
    "names",
    [
        ("inp", "inn", "out", "vdd", "vss", "vb"),
        ("IN+", "IN-", "OUT", "AVDD", "AGND", "VBN"),
        ("vip", "vim", "vo", "vdda", "gnda", "nbias"),
        ("VIN1", "VIN2", "VOUT1", "VDD", "VSS", "VB1"),
        ("n1", "n2", "n3", "n4", "n5", "n6"),
        ("p", "q", "r", "s", "u", "w"),
    ],
)
def test_an_ota_under_many_names(names: tuple[str, ...]) -> None:
    a, b, o, p, n, bias = names
    expected = f"vdd={p} vss={n} inp={a} inn={b} out={o} bias={bias}"
    assert roles(ota(*names), "opamp") == expected


def test_a_global_supply_is_a_port_too() -> None:
    text = ota("a", "b", "y", "vdd!", "vss!", "vb").replace(" vdd! vss! vb\n", " vb\n", 1)
    text = text.replace(".subckt", ".global vdd! vss!\n.subckt")
    assert roles(text, "opamp") == "vdd=vdd! vss=vss! inp=a inn=b out=y bias=vb"


def test_given_roles_win() -> None:
    text = ota("inp", "inn", "out", "vdd", "vss", "vb")
    found = roles(text, "opamp", ports={"inp": "INN", "inn": "inp"})
    assert found == "vdd=vdd vss=vss inp=inn inn=inp out=out bias=vb"


@pytest.mark.parametrize(
    ("kind", "ports", "expected"),
    [
        ("opamp", {"foo": "inp"}, "--port foo=inp: a testbench for an opamp has the roles vdd, "),
        ("opamp", {"inp": "nope"}, "--port inp=nope: there is no port 'nope'; the ports are inp "),
        ("opamp", {"inp": "out", "out": "out"}, "--port out=out: the port out has two roles"),
        ("amplifier", {}, "there is no testbench 'amplifier'; there are opamp, comparator, ldo, "),
    ],
)
def test_what_cannot_be_given(kind: str, ports: dict[str, str], expected: str) -> None:
    with pytest.raises(InputError) as problem:
        roles(ota("inp", "inn", "out", "vdd", "vss", "vb"), kind, ports=ports)
    assert str(problem.value).startswith(expected)


def test_a_missing_role_says_how_to_give_it() -> None:
    stage = "* s\n.subckt cs g d vdd vss\nM1 d g vss vss nch w=1u l=1u\n.ends\n"
    with pytest.raises(InputError) as problem:
        roles(stage, "opamp")
    assert str(problem.value) == (
        "no port of cs looks like the inp of an opamp: no two gates share a source, no two ports "
        "are named as inputs; name it with --port inp=PORT, of g d vdd vss"
    )


def test_models_are_never_made_up_silently() -> None:
    text = ota("inp", "inn", "out", "vdd", "vss", "vb")
    with pytest.raises(InputError) as problem:
        testbench(parse_netlist(text, strict=False), "opamp")
    assert str(problem.value) == (
        "<text>: no model card for nch, pch; include the file that has them, name it with "
        "--models FILE, or take round numbers of our own with --models generic"
    )


def test_inputs_outputs_and_clock_of_a_latch() -> None:
    latch = """* strongarm
.subckt sa a b p q f vdd vss
M0 t f vss vss nch w=4u l=0.18u
M1 x a t vss nch w=8u l=0.18u
M2 y b t vss nch w=8u l=0.18u
M3 q p x vss nch w=4u l=0.18u
M4 p q y vss nch w=4u l=0.18u
M5 q p vdd vdd pch w=4u l=0.18u
M6 p q vdd vdd pch w=4u l=0.18u
M7 q f vdd vdd pch w=2u l=0.18u
M8 p f vdd vdd pch w=2u l=0.18u
.ends
"""
    assert roles(latch, "comparator") == "vdd=vdd vss=vss inp=a inn=b out=p outn=q clk=f"


def test_an_enable_is_tied_high_and_a_power_down_low() -> None:
    text = ota("inp", "inn", "out", "vdd", "vss", "vb").replace(
        ".ends", "M8 x en vdd vdd pch w=1u l=1u\nM9 x pd vdd vdd pch w=1u l=1u\n.ends"
    )
    text = text.replace("vss vb\n", "vss vb en pd\n", 1)
    found = roles(text, "opamp")
    assert found == "vdd=vdd vss=vss inp=inp inn=inn out=out bias=vb high=en low=pd"


def test_a_bipolar_pair() -> None:
    text = """* pair
.subckt amp ip im o vcc vee
Q1 x ip t npn
Q2 o im t npn
R1 vcc x 10k
R2 vcc o 10k
R3 t vee 10k
.ends
"""
    assert roles(text, "opamp") == "vdd=vcc vss=vee inp=ip inn=im out=o"


def test_a_file_without_a_subcircuit_says_what_to_do() -> None:
    from eda.errors import NetlistError

    with pytest.raises(NetlistError, match=r"put its devices between \.subckt NAME PORTS and"):
        roles("* flat\nR1 a b 1k\n", "filter")


def test_a_bias_is_no_input() -> None:
    stage = (
        "* s\n.subckt cs in out vb vdd vss\nM1 out in vss vss nch w=1u l=1u\n"
        "M2 out vb vdd vdd pch w=1u l=1u\n.ends\n"
    )
    with pytest.raises(InputError, match="no port of cs looks like the inp of an opamp"):
        roles(stage, "opamp")
