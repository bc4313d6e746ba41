"""Damaged Spectre and Verilog files: an answer or one clear sentence, and soon.

``EDA_FUZZ_CASES`` sets how many mutations are tried (by default some hundred).
"""

import os
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import pytest

from eda.errors import EdaError
from eda.spice import parse_netlist
from eda.spice.convert import WRITTEN, convert

CASES = int(os.environ.get("EDA_FUZZ_CASES", "300"))
SECONDS = 20

SPECTRE = r"""// every statement
simulator lang=spectre
global 0 vdd!
parameters wn=1u rl=2*10K v=[1 2 (3+wn)] M=3
real twice(real x) {
    return 2*x;
}
model nch bsim4 type=n vth0=0.4
model b bsim3v3 {
1: type=n lmin=1u
2: type=p lmin=2u
}
inline subckt inv (a y\<0\>)
parameters w=wn
M0 (y\<0\> a 0 0) nch w=w l=60n ad=2 * w \
   as=3*w
if (w > 1u) {
R1 (a 0) resistor r=twice(rl)
} else {
R1 (a 0) resistor r=1
}
ends inv
I0 (in out) inv w=wn ? 1u : 2u
V0 (vdd! 0) vsource type=pulse val0=0 val1=1 delay=1n
E0 (x 0 y 0) vcvs gain=2
K0 mutual_inductor coupling=0.9 ind1=L1 ind2=L2
B0 (x 0) bsource v=v(x,y)*i("V0:1")
simulator lang=spice
R9 a 0 1k
.model dd d is=1f
simulator lang=spectre
opts options reltol=1m scale=1e-6
t1 tran stop=10n
n1 (out 0) noise start=1 stop=1M dec=5 iprobe=V0
ic out=0.5
include "nothing.scs" section=tt
statistics {
vary x
}
"""
VERILOG = r"""`timescale 1ns/1ps
module top (a, b, y); input [3:0] a, b; output [3:0] y; wire w; supply1 vdd;
  (* x *) AND2 u0 (.A(a[0]), .B(b[0]), .Y(w)), \u<1> (.A({a[1], 1'b0}), .Y());
  assign y[3:1] = {3{w}}, y[0] = vdd; // wires
  sub #(.N(3)) s (a, 4'hA, y[2]);
  nand (w, a[1], b[2]); /* gate */
endmodule
module sub (input [3:0] i, input [3:0] j, output o); BUF b (i[0], o); endmodule
"""
BITS = (
    *("(", ")", "{", "}", "[", "]", "\\", '"', "=", "+", "'", "//", "/*", "(*", "`", ";", ",", "."),
    *(
        "simulator lang=spice\n",
        "simulator lang=spectre\n",
        "subckt s (a)\n",
        "ends\n",
        "if (1) {\n",
    ),
    *("model x bsim4 {\n", "real f(real a) {", "1e999", "9**9**9", "[9999999:0]", "{99999{a}}"),
    *("module m;", "endmodule", "\0", "\u00b5", "\ufeff", "\x85", "a=", "== ", "?", ":", "$time"),
)


class HangError(BaseException):
    """A case took too long; no ``except Exception`` may swallow it."""


@contextmanager
def limited() -> Iterator[None]:
    def ring(_number: int, _frame: FrameType | None) -> None:
        raise HangError

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def damaged(chance: random.Random, text: str, other: str) -> str:
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text) + 1)
        kind = chance.randrange(6)
        if kind == 0:
            text = text[:at]
        elif kind == 1:
            text = text[:at] + chr(chance.randrange(256)) + text[at + 1 :]
        elif kind == 2:
            start = chance.randrange(len(other))
            text = text[:at] + other[start : start + chance.randint(1, 200)] + text[at:]
        elif kind == 3:
            text = text[:at] + chance.choice(BITS) + text[at:]
        elif kind == 4:
            lines = text.split("\n")
            chance.shuffle(lines)
            text = "\n".join(lines)
        else:
            stop = min(len(text), at + chance.randint(1, 60))
            text = text[:at] + text[stop:]
    return text


@pytest.mark.parametrize(("name", "text"), [("spectre", SPECTRE), ("verilog", VERILOG)])
def test_damaged_files(name: str, text: str) -> None:
    chance = random.Random(7)
    read = 0
    for _ in range(CASES):
        case = damaged(chance, text, SPECTRE + VERILOG)
        with limited():
            try:
                circuit = parse_netlist(case, dialect=name, strict=False)
                read += 1
                convert(circuit, to=chance.choice(WRITTEN))
                circuit.flatten()
            except EdaError:
                continue
    assert 0 < read < CASES


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("spectre", "R1 (a 0) resistor r=" + "(" * 50_000),
        ("spectre", "R1 (a 0) resistor r=" + "-" * 50_000 + "1"),
        ("spectre", "R1 (a 0) resistor r=" + "a?" * 20_000),
        ("spectre", "parameters " + "a=1 " * 20_000),
        ("spectre", "if (1) {\n" * 5_000),
        ("spectre", "subckt s (a)\n" * 5_000),
        ("spectre", "simulator lang=spice\nsimulator lang=spectre\n" * 5_000),
        ("spectre", "R1 (a 0) resistor r=[" + "1 " * 50_000 + "]"),
        ("spectre", "model m bsim4 {\n" * 2_000),
        ("spectre", "A" + "\\" * 50_000),
        ("verilog", "module m; wire " + "a," * 50_000 + "b; endmodule"),
        ("verilog", "module m; x u (" + "{" * 50_000),
        ("verilog", "/*" * 50_000),
        ("verilog", "(*" * 50_000),
        (
            "verilog",
            "module m; assign " + "".join(f"a{i}=a{i + 1}," for i in range(20_000)) + "b=c;",
        ),
    ],
)
def test_large_nonsense_ends_soon(dialect: str, text: str) -> None:
    with limited(), suppress(EdaError):
        parse_netlist(text, dialect=dialect, strict=False)
