"""Ports, parts, spellings and definitions."""

from eda.rules import check
from eda.spice import parse_netlist


def told(text: str, *rules: str) -> list[tuple[str, int, str]]:
    found = check(parse_netlist(text, strict=False), rules=rules)
    return [(item.severity, item.line, item.message) for item in found]


def test_ports_that_nothing_uses() -> None:
    text = (
        "* t\n.subckt inner a b nc en mon\nR1 a b 1k\nB1 a b V=v(mon)\n.ends\n"
        "V1 a 0 1\nX1 a 0 x y z inner\n"
    )
    assert told(text, "unconnected_port") == [("warning", 2, "port en of inner is used nowhere")]
    assert told("* t\n.subckt box a b\n.ends\nV1 a 0 1\nX1 a 0 box\n", "unconnected_port") == []


def test_outputs_that_nothing_drives() -> None:
    text = "* t\n.subckt s in out vss\nM1 in out vss vss nch\nC1 out vss 1p\n{}\n.ends\n"
    assert told(text.format(""), "undriven_output") == [
        ("warning", 3, "nothing drives output out: only M1, C1 on it, by gates or capacitors")
    ]
    for driver in ("R1 out in 1k", "E1 out vss in vss 2", "X1 out box", "M2 out in vss vss nch"):
        assert told(text.format(driver), "undriven_output") == []


def test_a_circuit_without_output_is_told_of_where_it_is_asked_for() -> None:
    text = "* t\n.subckt s {} vss\nR1 {} vss 1k\n.ends\n"
    assert told(text.format("a1", "a1"), "missing_output") == [
        ("warning", 3, "no port is an output")
    ]
    assert told(text.format("vout", "vout"), "missing_output") == []
    circuit = parse_netlist(text.format("a1", "a1"))
    assert [item.rule for item in check(circuit)] == []


def test_parts_that_only_rails_join() -> None:
    text = "* t\n.subckt s a b out vdd vss\nR1 a vdd 1\nC1 vdd vss 1p\nR2 b vss 1\n{}\n.ends\n"
    assert told(text.format("R3 out vss 1"), "split_circuit") == [
        ("info", 5, "only the rails join the parts of R1, R2, R3")
    ]
    assert told(text.format("R3 a out 1\nR4 b out 1"), "split_circuit") == []


def test_spellings_of_nets_that_the_reader_makes_one() -> None:
    text = "* t\nVdd VDD 0 1\nR1 vdd Mid 1k\nRmid mid 0 1k\nC1 MID 0 1p\n"
    assert told(text, "case_collision") == [
        ("warning", 4, "Mid and mid are one net: SPICE does not tell case apart"),
        ("warning", 5, "Mid and MID are one net: SPICE does not tell case apart"),
    ]


def test_subcircuits_that_nobody_uses() -> None:
    cells = ".subckt one a\nR1 a 0 1\n.ends\n.subckt two a\nX1 a one\n.ends\n"
    assert told(f"* t\nV1 a 0 1\nX1 a one\n{cells}", "unused_subckt") == [
        ("info", 7, "subcircuit two is used nowhere")
    ]
    assert told(f"* a library\n{cells}", "unused_subckt") == []


def test_devices_lack_pins_and_instances_have_others() -> None:
    from eda.circuit import Circuit, Device

    half = Device("M1", "mosfet", ("d", "g"), ("a", "b"), polarity="n")
    (item,) = check(Circuit(devices=(half,), ports=("a", "b")), rules=["pin_count"])
    assert (item.message, item.objects, item.strict) == ("M1 has no pin s", ("M1",), "R1")


def test_what_follows_from_missing_nets_is_not_told_again() -> None:
    text = (
        "* t\n.subckt inv a y vss\nM1 y a vss vss nch\nR1 y 0 1k\n.ends\n"
        "V1 a 0 sin(0 1 1k)\nX1 a y inv\n"
    )
    found = check(parse_netlist(text, strict=False))
    assert [item.rule for item in found if item.severity != "info"] == ["pin_count"]
