"""BLIF, BENCH, PLA and Verilog: what they say, what is refused, and the way there and back."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.aig import Aig, read_aiger, simulate_roots, truth_tables
from eda.aig.simulation import random_patterns
from eda.bench.random_logic import random_aig
from eda.errors import AigerError, ToolNotFoundError
from eda.logic import logic_format, parse_logic, read_logic, write_logic
from eda.logic.files import logic_bytes
from eda.logic.pla import parse_pla


def _tables(aig: Aig) -> list[str]:
    return [f"{int(word):x}" for word in truth_tables(aig)[:, 0]]


def _read(text: str, format: str) -> Aig:
    return parse_logic(text.encode(), path="f", format=format)


BLIF = """# a comment
.model m
.inputs a b \\
 c
.outputs y z k
.names a b w
11 1
.names w c y
1- 1
-1 1
.names a b c z
000 0
111 0
.names k
1
.end
"""


def test_blif() -> None:
    aig = _read(BLIF, "blif")
    assert _tables(aig) == ["f8", "7e", "ff"]
    assert (aig.input_names, aig.output_names) == (("a", "b", "c"), ("y", "z", "k"))


def test_blif_latches_and_cells() -> None:
    aig = _read(
        ".model m\n.inputs d\n.outputs q\n.latch n q re clk 1\n.latch q p 3\n"
        ".gate NAND2_X1 A1=d A2=p ZN=n\n.end\n",
        "blif",
    )
    assert aig.resets.tolist() == [1, 2]
    assert aig.latch_names == ("q", "p")
    assert _tables(aig)[1] == "5f"  # next state of q: NAND of d and p


def test_bench() -> None:
    aig = _read(
        "INPUT(a)\nINPUT(b)\nOUTPUT(y)\nOUTPUT(x)\ny = NAND(t, b) # late\nt = NOT(a)\n"
        "x = LUT 0x6 (a, b)\nq = DFF(y)\n",
        "bench",
    )
    assert aig.num_latches == 1
    assert _tables(aig)[:2] == ["bb", "66"]


VERILOG = """// gates
module m(a, b, s, y, z, v);
  input [1:0] a, b; input s;
  output [1:0] y; output z, v;
  wire n1, \\odd(name ;
  assign y = s ? a & b : ~(a ^ b);
  nor g1 (n1, a[0], b[1]);
  AOI21_X1 g2 (.A(n1), .B1(a[1]), .B2(s), .ZN(z));
  assign \\odd(name = |{a, 1'b0} ^ &b;
  buf (v, \\odd(name );
endmodule
"""


def test_verilog() -> None:
    aig = _read(VERILOG, "verilog")
    assert aig.input_names == ("a[0]", "a[1]", "b[0]", "b[1]", "s")
    assert aig.output_names == ("y[0]", "y[1]", "z", "v")
    patterns = random_patterns(5, 4, seed=1)
    a0, a1, b0, b1, s = patterns
    wanted = [
        (s & a0 & b0) | (~s & ~(a0 ^ b0)),
        (s & a1 & b1) | (~s & ~(a1 ^ b1)),
        ~(~(a0 | b1) | (a1 & s)),
        (a0 | a1) ^ (b0 & b1),
    ]
    found = simulate_roots(aig, patterns)
    assert np.array_equal(found, np.stack(wanted))


@pytest.mark.parametrize(
    ("cell", "pins", "expected"),
    [
        ("AOI21_X1", "A=a B1=b B2=c", lambda a, b, c: not (a or (b and c))),
        ("OAI21_X1", "A=a B1=b B2=c", lambda a, b, c: not (a and (b or c))),
        ("AOI21X1", "A1=a A2=b B=c", lambda a, b, c: not ((a and b) or c)),
        ("AO21X1", "IN1=a IN2=b IN3=c", lambda a, b, c: (a and b) or c),
        ("MUX2_X1", "A=a B=b S=c", lambda a, b, c: b if c else a),
        ("NOR3_X1", "A1=a A2=b A3=c", lambda a, b, c: not (a or b or c)),
        ("XOR3X1", "IN1=a IN2=b IN3=c", lambda a, b, c: a ^ b ^ c),
    ],
)
def test_cells(cell: str, pins: str, expected: Callable[..., object]) -> None:
    aig = _read(f".inputs a b c\n.outputs y\n.gate {cell} {pins} Y=y\n.end\n", "blif")
    wanted = 0
    for minterm in range(8):
        a, b, c = (bool(minterm >> at & 1) for at in range(3))
        wanted |= int(bool(expected(a, b, c))) << minterm
    assert _tables(aig) == [f"{wanted:x}"]


PLA = """.i 3
.o 2
.ilb a b c
.ob x y
.p 3
1-0 1-
011 01
--1 -0
.e
"""


def test_pla_with_what_does_not_matter() -> None:
    pla = parse_pla(PLA, "f")
    ones, matter = pla.tables()
    assert [f"{table:02x}" for table in ones] == ["0a", "40"]
    # x is free where c holds (rows of --1), y where a and not c hold
    assert [f"{table:02x}" for table in matter] == ["0f", "f5"]
    assert _tables(pla.to_aig()) == ["a", "40"]


def test_pla_of_type_fr() -> None:
    ones, matter = parse_pla(".i 2\n.o 1\n.type fr\n11 1\n00 0\n.e\n", "f").tables()
    assert (ones, matter) == ([0b1000], [0b1001])


REFUSED = [
    ("blif", ".inputs a\n.outputs y\n.end\n", "f:2: y is read and nothing defines it"),
    (
        "blif",
        ".inputs a\n.outputs y\n.names a x y\n11 1\n.names y x\n1 1\n.end\n",
        "f:5: x reads y, which depends on x: a cycle without a latch",
    ),
    ("blif", ".inputs a a\n.end\n", "f:1: a is defined already, in line 1"),
    (
        "blif",
        ".inputs a\n.names a y\n1x 1\n.end\n",
        "f:3: '1x 1' is no row of .names y: it takes 1 of 0, 1, - and behind them 0 or 1",
    ),
    (
        "blif",
        ".inputs a\n.gate DFF_X1 D=a Q=y\n",
        "f:2: DFF_X1 is a flip-flop of a library, whose clock and resets cannot be told from its "
        "name; map it to BLIF latches or AIGER with yosys first",
    ),
    (
        "bench",
        "y = AND3(a)\n",
        "f:1: 'y = AND3(a)' is no BENCH statement; write INPUT(a), OUTPUT(y) or y = AND(a, b)",
    ),
    ("bench", "y = NOT(a, b)\n", "f:1: NOT has 2 operands; it takes 1"),
    ("pla", ".i 2\n11 1\n", "f:2: a product stands before .i and .o"),
    ("pla", ".i 2\n.o 1\n1 1\n", "f:3: a product has 2 + 1 of 0, 1, -; this is '11'"),
    ("pla", ".i 2\n.o 1\n.ilb a\n", "f:3: .ilb gives 1 names for 2"),
    ("verilog", "module m(a); input a;", "f:1: the text ends before endmodule"),
    ("verilog", "module m(a); endmodule", "f:1: port a is neither input nor output"),
    (
        "verilog",
        "module m(a,y); input a; output y; assign y = a)\n;endmodule",
        "f:1: ')' stands where ';' belongs",
    ),
    (
        "verilog",
        "module m(y); output y; assign y = " + "(" * 200 + "1'b1" + ")" * 200 + "; endmodule",
        "f:1: an expression is nested more than 100 deep",
    ),
]


@pytest.mark.parametrize(("format", "text", "message"), REFUSED)
def test_refused_with_line(format: str, text: str, message: str) -> None:
    with pytest.raises(AigerError) as caught:
        _read(text, format)
    assert str(caught.value) == message


@pytest.mark.parametrize("format", ["blif", "bench", "verilog", "pla"])
def test_rubbish_is_refused(format: str) -> None:
    rng = random.Random(format)
    samples = {"blif": BLIF, "verilog": VERILOG, "pla": PLA, "bench": "INPUT(a)\ny = NOT(a)\n"}
    text = samples[format]
    for _ in range(150):
        at = rng.randrange(len(text))
        cut = text[:at] + rng.choice(["", ")", "\x00", "1", " .", "é"]) + text[at + 1 :]
        try:
            _read(cut, format)
        except (AigerError, ToolNotFoundError):
            continue


@pytest.mark.parametrize("format", ["blif", "bench", "verilog"])
@given(seed=st.integers(0, 1 << 30))
def test_written_and_read_back(format: str, seed: int) -> None:
    aig = random_aig(random.Random(seed))
    again = parse_logic(logic_bytes(aig, format), path="f", format=format)
    assert again.num_inputs == aig.num_inputs
    assert np.array_equal(truth_tables(again), truth_tables(aig))


@given(st.integers(0, 1 << 30))
def test_latches_written_as_blif(seed: int) -> None:
    aig = random_aig(random.Random(seed), latches=3)
    again = parse_logic(logic_bytes(aig, "blif"), path="f", format="blif")
    assert again.resets.tolist() == aig.resets.tolist()
    assert np.array_equal(truth_tables(again), truth_tables(aig))


def test_what_a_format_cannot_say() -> None:
    latched = random_aig(random.Random(2), latches=1)
    with pytest.raises(AigerError, match="Verilog of gates has no latches, and there are 1"):
        logic_bytes(latched, "verilog")
    bad = Aig(1, bad=[2])  # type: ignore[arg-type]
    for format in ("blif", "bench", "verilog"):
        with pytest.raises(AigerError, match="can be written as AIGER only"):
            logic_bytes(bad, format)


@pytest.mark.parametrize(
    ("name", "head", "format"),
    [
        ("x", b"aag 1 1 0 0 0\n", "aag"),
        ("x.txt", b"aig 1 1 0 0 0\n", "aig"),
        ("x.blif", b"", "blif"),
        ("x", b"# y\n.model a\n.inputs b\n", "blif"),
        ("x", b".i 3\n.o 1\n", "pla"),
        ("x", b"INPUT(a)\n", "bench"),
        ("x.v", b"module m(a);\n NAND2_X1 u (.A(a));\nendmodule", None),
        ("x.v", b"module m(a);\n nand (y, a, b);\nendmodule", "verilog"),
        ("x.v", b"module m(a);\n assign y = a & b;\nendmodule", "verilog"),
        ("x.sp", b"* a deck\nR1 a 0 1\n", None),
    ],
)
def test_formats_are_told_apart(name: str, head: bytes, format: str | None) -> None:
    assert logic_format(name, head) == format


def test_every_netlist_of_gates_in_the_corpora(data: Path) -> None:
    files = sorted((data / "aig" / "attackgnn" / "GNN4IP").glob("*/*.v"))
    files += sorted((data / "aig" / "attackgnn" / "GNNRE").glob("*/*.v"))
    if not files:
        pytest.skip("EDA_DATA has no gate-level netlists")
    for path in files[::6]:
        aig = read_logic(path)
        assert aig.num_ands > 50
        assert aig.num_outputs > 4


@pytest.mark.skipif(shutil.which("yosys") is None, reason="yosys is not installed")
def test_behaviour_goes_through_yosys(tmp_path: Path) -> None:
    path = tmp_path / "add.v"
    path.write_text(
        "module add(input clk, input [2:0] a, b, output [3:0] y, output reg q);\n"
        "assign y = a + b;\nalways @(posedge clk) q <= a[0];\nendmodule\n"
    )
    aig = read_logic(path)
    assert aig.num_latches == 1
    names = list(aig.input_names)
    leaves = np.zeros((aig.num_inputs + 1, 1), np.uint64)
    for name, value in (("a", 5), ("b", 6)):
        for bit in range(3):
            leaves[names.index(f"{name}[{bit}]")] = 0 - (value >> bit & 1) & (1 << 64) - 1
    found = simulate_roots(aig, leaves)[:, 0]
    outputs = list(aig.output_names)
    assert sum((int(found[outputs.index(f"y[{bit}]")]) & 1) << bit for bit in range(4)) == 11


def test_behaviour_without_yosys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eda.logic.yosys.find_yosys", lambda: None)
    with pytest.raises(AigerError, match="yosys, which could make gates of it, is not installed"):
        _read("module m(a,b,y); input a,b; output y; assign y = a + b; endmodule", "verilog")


def test_files_are_written_whole_or_not(tmp_path: Path) -> None:
    aig = random_aig(random.Random(3))
    for suffix in (".aag", ".aig", ".blif", ".bench", ".v"):
        write_logic(aig, tmp_path / f"x{suffix}")
        assert np.array_equal(truth_tables(read_logic(tmp_path / f"x{suffix}")), truth_tables(aig))
    assert read_aiger(tmp_path / "x.aag").num_inputs == aig.num_inputs
    assert len(list(tmp_path.iterdir())) == 5
