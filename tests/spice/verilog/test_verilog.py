"""Structural Verilog in and out: cells, buses, assign, constants, escaped names, refusals."""

import pytest

from eda.errors import NetlistError
from eda.graph import compare
from eda.spice import detect_dialect, parse_netlist
from eda.spice.convert import convert

ADDER = r"""// adder
`timescale 1ns/1ps
module top (a, b, cin, sum, cout, y);
  input [1:0] a, b; input cin; output [1:0] sum; output cout, y;
  wire c1; wire [1:0] t;
  (* keep = 1 *) FA u0 (.A(a[0]), .B(b[0]), .CI(cin), .S(sum[0]), .CO(c1));
  FA \u<1> (.B(b[1]), .A(a[1]), .CI(c1), .S(sum[1]), .CO(t[0]));
  assign cout = t[0];
  assign y = a[0];
  REG r (.D({t[1], 1'b1}), .Q(), .CK(1'b0));
  sub s (a, t[1]);
  nand (t[1], a[0], b[0]);
endmodule
module sub(input [1:0] i, output o);
  AND2 g(.A(i[0]), .B(i[1]), .Y(o)); /* the end */
endmodule
"""


def test_modules_become_subcircuits() -> None:
    circuit = parse_netlist(ADDER)
    assert circuit.dialect == "verilog"
    assert circuit.globals == ("LOGIC0", "LOGIC1")
    top = circuit.subcircuits["top"]
    assert top.ports == ("a[1]", "a[0]", "b[1]", "b[0]", "cin", "sum[1]", "sum[0]", "cout", "y")
    assert top.directions["a[1]"] == "input"
    shown = [(d.name, d.model, d.pins) for d in top.devices]
    assert shown == [
        ("u0", "FA", (("A", "a[0]"), ("B", "b[0]"), ("CI", "cin"), ("S", "sum[0]"), ("CO", "c1"))),
        (
            "u<1>",
            "FA",
            (("A", "a[1]"), ("B", "b[1]"), ("CI", "c1"), ("S", "sum[1]"), ("CO", "cout")),
        ),
        (
            "r",
            "REG",
            (("D[1]", "t[1]"), ("D[0]", "LOGIC1"), ("Q", "unconnected$1"), ("CK", "LOGIC0")),
        ),
        ("s", "sub", (("i[1]", "a[1]"), ("i[0]", "a[0]"), ("o", "t[1]"))),
        ("nand$1", "nand", (("1", "t[1]"), ("2", "a[0]"), ("3", "b[0]"))),
        ("Vassign1", "", (("p", "y"), ("n", "a[0]"))),
    ]


def test_written_and_read_again_it_is_the_same() -> None:
    before = parse_netlist(ADDER)
    made = convert(before, to="verilog", strict=True)
    assert "FA \\u<1> (.A(a[1]), .B(b[1]), .CI(c1), .S(sum[1]), .CO(cout));" in made.text
    assert "REG r(.D({t[1], 1'b1}), .Q(), .CK(1'b0));" in made.text
    after = parse_netlist(made.text)
    assert compare(before, after, sizes=True).equal
    assert convert(after, to="verilog").text == made.text


def test_through_spice_and_back() -> None:
    before = parse_netlist(ADDER)
    made = convert(before, to="ngspice")
    assert [item.message for item in made.dropped] == [
        "the names of the pins of cell FA (A B CI S CO)",
        "the names of the pins of cell REG (D[1] D[0] Q CK)",
        "the names of the pins of cell AND2 (A B Y)",
    ]
    spice = parse_netlist(made.text)
    again = parse_netlist(convert(spice, to="verilog").text)
    assert compare(spice, again).equal


def test_cells_with_transistors_are_placed_not_described() -> None:
    deck = (
        "* t\n.subckt inv a y\nM1 y a 0 0 nch w=1u l=1u\nM2 y a vdd vdd pch w=1u l=1u\n.ends\n"
        ".subckt buf2 a<0> y w=1\nX1 a<0> n inv w={w}\nX2 n y inv\nR1 y 0 1k\n.ends\n"
        ".subckt two i o\nX1 i n inv\nX2 n o inv m=2\n.ends\n"
    )
    made = convert(parse_netlist(deck), to="verilog")
    assert made.text == (
        "// t\n\nmodule two(inout i, inout o);\n    wire n;\n    inv X1(.a(i), .y(n));\n"
        "    inv X2(.a(n), .y(o));\nendmodule\n"
    )
    assert [str(item) for item in made.dropped] == [
        "<text>:2: the inside of cell inv: 2 mosfet",
        "<text>:6: the inside of cell buf2: 1 resistor",
        "<text>:13: X2: the parameter m",
    ]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("always @(posedge a) y <= a;", "'always' describes behaviour, and only structural"),
        ("assign y = a & a;", "the operator '&' describes behaviour, which is not read"),
        ("assign y = ~a;", "'~' is no net; expressions are behaviour, which is not read"),
        ("inv u (.a(a), .a(a));", "port a is connected twice"),
        ("inv u (.a(a)", "'endmodule' found where ')' is expected"),
        ("wire [99999999:0] w;", "a bus wider than 65536 bits"),
        ("wire [1:0] w; inv u (w[7]);", "w has no bit 7"),
        ("wire [3:0] w; assign w = {y, a};", "assign of 2 bits to 4"),
        ("inv u [3:0] (a, y);", "arrays of instances are not read"),
        ("inv u (" + "{" * 60 + "a" + "}" * 60 + ");", "braces nested deeper than 50 levels"),
        ("inv u ({9000000{a}});", "more than 5,000,000 bits in this file"),
        ("sub s (.nix(a));", "s: module sub has no nix"),
    ],
)
def test_what_is_refused(body: str, message: str) -> None:
    text = f"module t(input a, output y);\n  {body}\nendmodule\nmodule sub(input i); endmodule\n"
    with pytest.raises(NetlistError) as caught:
        parse_netlist(text)
    assert message in str(caught.value)
    assert caught.value.line in (2, 3, 5)


def test_what_says_nothing_about_wires_is_noted() -> None:
    text = (
        "`define X 1\nmodule t #(parameter N=2) (input a, output y);\n  parameter P = 3;\n"
        "  specify (a => y) = 1; endspecify\n  inv #(.W(2)) u (.a(a), .y(y));\n  supply0 gnd;\n"
        "  inv v (.a(gnd), .y());\nendmodule\n"
    )
    circuit = parse_netlist(text)
    assert [item.message for item in circuit.diagnostics if item.severity == "warning"] == [
        "the directive `define is not followed",
        "parameters are not followed",
        "parameter is not followed",
        "specify is not followed",
        "parameters of inv are not followed",
    ]
    assert circuit.subcircuits["t"].device("v").nets == ("LOGIC0", "unconnected$1")


def test_names_that_differ_in_case() -> None:
    text = "module t(input a, input A);\n  inv u(.x(a));\n  inv U(.x(A));\nendmodule\n"
    top = parse_netlist(text).subcircuits["t"]
    assert [(d.name, d.nets) for d in top.devices] == [("u", ("a",)), ("U_2", ("A_2",))]


def test_told_by_suffix_or_first_word() -> None:
    assert detect_dialect("", "x.v").name == "verilog"
    assert detect_dialect("// c\n/* d */ (* x *)\n`timescale 1ns/1ps\nmodule m;").name == "verilog"
    assert detect_dialect("* module x\nR1 a 0 1\n").name == "ngspice"
