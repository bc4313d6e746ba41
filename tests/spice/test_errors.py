"""What the reader says of netlists that are wrong: whole messages, with place, card and mend."""

import pytest

from eda.errors import NetlistError
from eda.spice import parse_netlist

CASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "R1 a\n",
        ("<text>:2:1: error: too few nets on R1\n    R1 a\n    write RNAME NET NET VALUE",),
    ),
    (
        "R1 a b {1+}\n",
        (
            "<text>:2:11: error: bad expression {1+}: a value is missing at the end\n"
            "    R1 a b {1+}\n"
            "    write a number or an expression",
        ),
    ),
    (
        "R1 a b (\n",
        ("<text>:2:8: error: the bracket '(' is not closed\n    R1 a b (",),
    ),
    (
        "R1 a b 'x\n",
        ("<text>:2:8: error: the quote ' is not closed\n    R1 a b 'x",),
    ),
    (
        "M1 d g s b nhc\n.model nch nmos\n",
        ("<text>:2:1: error: undefined model nhc\n    M1 d g s b nhc\n    did you mean nch?",),
    ),
    (
        "M1 d g s\n",
        ("<text>:2:1: error: too few nets on M1\n    M1 d g s\n    write MNAME D G S B MODEL",),
    ),
    (
        "X1 a b inv\n.subckt inv a\n.ends\n",
        (
            "<text>:2:1: error: X1: 2 nets given, 1 ports in subcircuit inv\n"
            "    X1 a b inv\n"
            "    the ports are a; defined at <text>:3:1",
        ),
    ),
    (
        "X1 a ivn\n.subckt inv a\n.ends\n",
        (
            "<text>:2:1: warning: undefined subcircuit ivn, kept as a black box\n"
            "    X1 a ivn\n"
            "    did you mean inv?",
        ),
    ),
    (
        ".param lenght=1\nR1 a b {length}\n",
        (
            "<text>:3:8: error: undefined parameter length\n"
            "    R1 a b {length}\n"
            "    did you mean lenght?",
        ),
    ),
    (
        "R1 a 0 1\nr1 b 0 1\n",
        (
            "<text>:3:1: error: duplicate element r1: it is also at <text>:2:1\n"
            "    r1 b 0 1\n"
            "    rename one of them",
        ),
    ),
    (
        ".ends\n",
        ("<text>:2:1: error: .ends without .subckt\n    .ends\n    remove it",),
    ),
    (
        ".subckt s a\nR1 a 0 1\n",
        (
            "<text>:2:1: error: .subckt s without .ends\n"
            "    .subckt s\n"
            "    add .ends s behind its last card",
        ),
    ),
    (
        ".if (1)\nR1 a 0 1\n",
        ("<text>:2:1: error: .if without .endif\n    .if (1)\n    add .endif",),
    ),
    (
        ".endif\n",
        ("<text>:2:1: error: .endif without .if\n    .endif",),
    ),
    (
        ".model m\n",
        (
            "<text>:2:1: error: .model needs a name and a type\n"
            "    .model m\n"
            "    write .model NAME TYPE (...)",
        ),
    ),
    (
        ".param x\n",
        ("<text>:2:1: error: .param without '='\n    .param x\n    write .param NAME=VALUE",),
    ),
    (
        ".param x=\n",
        ("<text>:2:1: error: .param x= has no value\n    .param x=",),
    ),
    (
        ".func f\n",
        ("<text>:2:1: error: .func is malformed\n    .func f\n    write .func f(x) {expression}",),
    ),
    (
        "Q1 c b e\n",
        ("<text>:2:1: error: too few nets on Q1\n    Q1 c b e\n    write QNAME C B E [S] MODEL",),
    ),
    (
        "@1 a b\n",
        (
            "<text>:2:1: error: '@1' begins no card: no device begins with '@'\n"
            "    @1 a b\n"
            "    begin a comment with *, a continuation with +",
        ),
    ),
    (
        ".subckt s a\nX1 a s\n.ends\nX0 b s\n",
        (
            "<text>:3:1: error: recursive subcircuit: s -> s\n"
            "    X1 a s\n"
            "    a subcircuit cannot contain itself",
        ),
    ),
    (
        ".param a={b} b={a}\nR1 x 0 {a}\n",
        (
            "<text>:2:1: error: bad expression: parameter a is defined by itself\n    .param a=b",
            "<text>:2:1: error: bad expression: parameter a is defined by itself\n    .param b=a",
            "<text>:3:9: error: bad expression: parameter b is defined by itself\n"
            "    R1 x 0 {a}\n"
            "    write a number or an expression",
        ),
    ),
    (
        "R1 a b\n+ {1+}\n",
        (
            "<text>:3:6: error: bad expression {1+}: a value is missing at the end\n"
            "    R1 a b {1+}\n"
            "    write a number or an expression",
        ),
    ),
    (
        "r1=3 a\n",
        ("<text>:2:1: error: a card begins with a name, not with an assignment\n    r1=3 a",),
    ),
    (
        ".subckt s a a\n.ends\n",
        ("<text>:2:1: warning: port a of subcircuit s is named twice\n    .subckt s a a",),
    ),
    (
        ".model m nmos\n.model m nmos\n",
        ("<text>:3:1: warning: model m is defined twice; the last is used\n    .model m nmos",),
    ),
    (
        ".subckt s a\n.ends\n.subckt s a\n.ends\n",
        (
            "<text>:4:1: warning: subcircuit s is defined twice; the first, at "
            "<text>:2:1, is used\n"
            "    .subckt s a\n"
            "    rename or remove one",
        ),
    ),
    (
        "R1 a b {f(1)}\n",
        (
            "<text>:2:8: error: undefined function f\n"
            "    R1 a b {f(1)}\n"
            "    define it with .func f(x) {expression}",
        ),
    ),
    (
        "R1 a b {sin(1,2)}\n",
        (
            "<text>:2:9: error: bad expression {sin(1,2)}: sin does not take 2 arguments\n"
            "    R1 a b {sin(1,2)}\n"
            "    write a number or an expression",
        ),
    ),
    (
        "A1 x\n",
        ("<text>:2:1: error: too few nets on A1\n    A1 x\n    write ANAME PORTS... MODEL",),
    ),
    (
        ".include nope.inc\n",
        (
            "<text>:2:1: warning: nope.inc is not read: it was not found\n"
            "    .include nope.inc\n"
            "    give its folder with -I, or set PDK_ROOT",
        ),
    ),
    (
        "V1 a\n",
        ("<text>:2:1: error: too few nets on V1\n    V1 a\n    write VNAME NET NET VALUE",),
    ),
    (
        "E1 a 0\n",
        (
            "<text>:2:1: error: too few nets on E1\n"
            "    E1 a 0\n"
            "    write ENAME NET NET CTRL CTRL GAIN",
        ),
    ),
    (
        "K1 L1\n",
        ("<text>:2:1: error: too few nets on K1\n    K1 L1\n    write KNAME LNAME LNAME COUPLING",),
    ),
    (
        ".option scale=-1\n",
        ("<text>:1:1: error: .option scale=-1 is no positive number\n    .option scale=-1",),
    ),
    (
        "XM1 d g s b sky130_fd_pr__nfet_01v8 w=1\n",
        (
            "<text>:2:1: info: the models of sky130 (sky130_fd_pr__nfet_01v8, ...) are "
            "not in the files that were read\n"
            "    XM1 d g s b sky130_fd_pr__nfet_01v8 w=1\n"
            "    that is fine for graphs; to simulate, include them and set PDK_ROOT",
        ),
    ),
    (
        "R1 a b {2*{3}\n",
        ("<text>:2:8: error: the bracket '{' is not closed\n    R1 a b {2*{3}",),
    ),
    (
        "M1 d g s b nch w=\n",
        ("<text>:2:18: error: 'w=' has no value\n    M1 d g s b nch w=",),
    ),
)


@pytest.mark.parametrize(("text", "messages"), CASES, ids=[text for text, _ in CASES])
def test_message(text: str, messages: tuple[str, ...]) -> None:
    circuit = parse_netlist(f"* t\n{text}", strict=False)
    assert tuple(str(item) for item in circuit.diagnostics) == messages


def test_every_error_of_a_file_is_reported_and_the_rest_is_read() -> None:
    text = "* t\nR1 a\nR2 a b 2k\nC1 a b {1+}\n.ends\nR3 b 0 {nowhere}\n"
    circuit = parse_netlist(text, strict=False)
    assert [(item.code, item.span.line) for item in circuit.errors] == [
        ("pin_count", 2),
        ("bad_value", 4),
        ("syntax", 5),
        ("undefined_parameter", 6),
    ]
    assert [device.name for device in circuit.devices] == ["R2", "C1", "R3"]
    with pytest.raises(NetlistError) as caught:
        parse_netlist(text, name="deck.sp")
    assert (caught.value.path, caught.value.line, caught.value.column) == ("deck.sp", 2, 1)
    assert caught.value.card == "R1 a"
    assert len(caught.value.diagnostics) == 4


def test_the_first_twenty_errors_are_shown() -> None:
    with pytest.raises(NetlistError) as caught:
        parse_netlist("* t\n" + "".join(f"R{i} a\n" for i in range(50)))
    message = str(caught.value)
    assert message.count("too few nets") == 20
    assert message.endswith("\nand 30 more errors")
    assert len(caught.value.diagnostics) == 50


def test_a_long_card_is_shortened() -> None:
    circuit = parse_netlist(f"* t\nR1 {'a' * 500}\n", strict=False)
    assert circuit.errors[0].card == f"R1 {'a' * 154}..."


def test_hints_end_where_they_would_cost_too_much() -> None:
    lines = [f".param gain{i}=1" for i in range(15_000)] + [
        f"R{i} a 0 {{gaim{i}}}" for i in range(9)
    ]
    fixes = [item.fix for item in parse_netlist("\n".join(["* t", *lines]), strict=False).errors]
    assert fixes[0].startswith("did you mean gain")
    assert fixes[-1] == "add .param gaim8=..."


def test_unknown_dialect() -> None:
    with pytest.raises(NetlistError) as caught:
        parse_netlist("* t\nR1 a 0 1k\n", dialect="spice9")
    assert str(caught.value) == (
        "<text>:1: unknown dialect 'spice9'; it is one of auto, ngspice, hspice, ltspice, pspice, "
        "cdl, kicad, spectre, verilog"
    )
