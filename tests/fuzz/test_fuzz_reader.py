"""Mutated netlists: whatever comes in, an answer or one clear sentence comes out, and soon.

``EDA_FUZZ_CASES`` sets how many mutations are tried (by default some hundred).
"""

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest
from typer.testing import CliRunner

from eda.circuit import Circuit
from eda.cli.app import make_app, run
from eda.errors import EdaError, NetlistError
from eda.graph import circuit_graph
from eda.rules import check
from eda.spice import parse_netlist, read_netlist, write_spice

ROOT = Path(__file__).parents[2]
CASES = int(os.environ.get("EDA_FUZZ_CASES", "400"))
SECONDS = 20
LARGEST = 30_000

DECK = """* every letter
.global vdd
.param w=1u n={2*3} f(x)={x*2}
.func g(x,y) {x>y ? x : sqrt(y)}
.option scale=1 reltol=1e-3
.model nch nmos level=1 vto=0.5
.model dm d (is=1e-14 n=1.1)
.model sm sw vt=1
.subckt inv a y params: wn=1u
*.PININFO a:I y:O
M1 y a 0 0 nch w={wn} l='0.1*w' m=2
XR1 y vdd sky130_fd_pr__res_high_po w=1 l=2
.ic v(y)=1
.ends inv
X1 in out inv wn=2u
X2 out net[3] inv
.if (n > 5)
R1 in 0 4k7
.elseif (n==1)
R1 in 0 {f(g(1,2))}
.else
.endif
C1 in 0 10pF ic=1,2
L1 a b 1u
L2 b 0 1u
K1 L1 L2 0.9
D1 a 0 dm 2 off
V1 in 0 DC 1 AC 1 90 PULSE(0 1 0 1n
+ 1n 5n 10n)   ; comment
B1 b 0 V={V(in)*time}
E1 e 0 POLY(2) a 0 b 0 0 1 2
E2 e2 0 VALUE={V(a)*2}
F1 f 0 V1 2
H1 h 0 V1 100
G1 g 0 TABLE {V(a)} = (0,0) (1,1)
S1 a 0 b 0 sm on
T1 a 0 b 0 z0=50 td=1n
A1 [a b] c %vd(d e) amod
.lib 'nothing.lib' tt
.include missing.inc
.tran 1n 1u
.control
run
.endc
.end
"""
BITS = (
    *("\0", "(", ")", "{", "}", "'", '"', "=", "+", "\\", "$", ";", ".", "*", "/", "%", "[", "]"),
    *("\u00b5", "\ufeff", "\u2028", "\x85", "\r", "\x1c", "\U0001f600", "\u0130", "\xad"),
    *(".subckt s a\n", ".ends\n", ".if (1)\n", ".endif\n", ".include x\n", ".lib a\n", ".end\n"),
    *("1e999", "9**9**9", "{{", "=0", "X9 a a inv\n", ".control\n", ".param w={w}\n", "POLY(9999)"),
    *("simulator lang=spectre\n", "m=1e30", "'w*'", ".alter\n", ".data x\n", "<%", "${a}", "?"),
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


def seeds() -> list[bytes]:
    """Netlists to begin with: our own, and the small ones of the corpora where they are."""
    found = [DECK.encode()]
    found += [path.read_bytes() for path in sorted((ROOT / "examples").rglob("*.sp"))]
    folder = Path(os.environ.get("EDA_DATA", "")) / "spice"
    if os.environ.get("EDA_DATA") and folder.is_dir():
        paths = sorted(p for p in folder.rglob("*") if p.suffix in (".sp", ".cir", ".net", ".cdl"))
        small = [path for path in paths if path.stat().st_size < LARGEST]
        chosen = random.Random(0).sample(small, min(len(small), 150))
        found += [path.read_bytes() for path in chosen]
    return found


def mutate(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """Return the data after some random damage."""
    for _ in range(chance.randint(1, 4)):
        kind = chance.randrange(9)
        at = chance.randrange(len(data) + 1)
        lines = data.split(b"\n")
        row = chance.randrange(len(lines))
        if kind == 0 and data:  # flip bytes
            bent = bytearray(data)
            for _ in range(chance.randint(1, 8)):
                bent[chance.randrange(len(bent))] = chance.randrange(256)
            data = bytes(bent)
        elif kind == 1:
            data = data[:at]
        elif kind == 2:  # splice in a piece of another
            start = chance.randrange(len(other) + 1)
            data = data[:at] + other[start : start + chance.randint(1, 400)] + data[at:]
        elif kind == 3:
            lines[row:row] = [lines[row]] * chance.randint(1, 20)
            data = b"\n".join(lines)
        elif kind == 4:
            del lines[row]
            data = b"\n".join(lines)
        elif kind == 5:
            chance.shuffle(lines)
            data = b"\n".join(lines)
        elif kind in (6, 7):
            for _ in range(chance.randint(1, 6)):
                at = chance.randrange(len(data) + 1)
                data = data[:at] + chance.choice(BITS).encode() + data[at:]
        else:  # lose a piece
            data = data[:at] + data[at + chance.randint(1, 60) :]
    return data[: 4 * LARGEST]


def exercise(path: Path) -> None:
    """Do with a file what the commands do; only an `EdaError` with a place may come out."""
    for strict in (False, True):
        try:
            circuit = read_netlist(path, strict=strict)
        except NetlistError as problem:
            if not str(problem).startswith(str(path)):
                pytest.fail(f"no place in: {problem}")
            continue
        for step in (check, flat_graph, round_trip):
            try:
                step(circuit)
            except EdaError as problem:
                if not str(problem).strip():
                    pytest.fail(f"{step.__name__} says nothing")


def flat_graph(circuit: Circuit) -> None:
    flat = circuit.flatten()
    graph = circuit_graph(flat)
    assert graph.num_devices == len(flat.devices)


def round_trip(circuit: Circuit) -> None:
    parse_netlist(write_spice(circuit), strict=False)


def test_mutated_netlists_in_process(tmp_path: Path) -> None:
    pool = seeds()
    for case in range(CASES):
        chance = random.Random(f"reader {case}")
        data = mutate(chance, chance.choice(pool), chance.choice(pool))
        path = tmp_path / "case.cir"
        path.write_bytes(data)
        try:
            with limited():
                exercise(path)
        except (Exception, HangError) as problem:
            kept = tmp_path / f"failed_{case}.cir"
            kept.write_bytes(data)
            pytest.fail(f"case {case}, kept as {kept}: {type(problem).__name__}: {problem}")


COMMANDS: tuple[tuple[str, ...], ...] = (
    ("info", "{}"),
    ("check", "{}"),
    ("convert", "{}", "-o", "{out}"),
    ("graph", "{}", "-o", "{out}"),
    ("predict-links", "{}"),
)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_mutated_netlists_at_the_shell(
    words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pool = seeds()
    for case in range(CASES // 20):
        chance = random.Random(f"{words[0]} {case}")
        data = mutate(chance, chance.choice(pool), chance.choice(pool))
        path = tmp_path / "case.cir"
        path.write_bytes(data)
        filled = [word.format(path, out=tmp_path / "out.json") for word in words]
        try:
            with limited():
                code = run(filled)
        except HangError:
            pytest.fail(f"case {case} of {words[0]} hangs")
        shown = capsys.readouterr()
        assert code in (0, 1, 2), f"case {case}: {shown.err}"
        assert "Traceback" not in shown.err
        assert "unexpected" not in shown.err
        if code == 2:
            assert shown.err.splitlines()[-1].startswith("error: ")


def test_the_command_line_under_its_own_runner(tmp_path: Path) -> None:
    path = tmp_path / "case.cir"
    path.write_text(DECK)
    result = CliRunner().invoke(make_app(["info"]), ["info", str(path)])
    assert result.exit_code in (0, 2) or isinstance(result.exception, EdaError)


def chain(levels: int, copies: int) -> str:
    """Return subcircuits that each instantiate the next several times."""
    lines = ["* chain"]
    for level in range(levels):
        lines.append(f".subckt s{level} a")
        lines += [f"X{i} a s{level + 1}" for i in range(copies)]
        lines.append(".ends")
    return "\n".join([*lines, f".subckt s{levels} a", "R1 a 0 1k", ".ends", "X0 n s0", ""])


PATHOLOGIES: dict[str, Callable[[], str]] = {
    "long line": lambda: f"* t\nR1 a 0 1k {'x' * 1_000_000}\n",
    "long title": lambda: f"{'*' * 1_000_000}\nR1 a 0 1k\n",
    "parentheses": lambda: f"* t\nR1 a 0 {{{'(' * 100_000}1{')' * 100_000}}}\n",
    "open parentheses": lambda: f"* t\nR1 a 0 {'(' * 100_000}\n",
    "minus signs": lambda: f"* t\nR1 a 0 {{{'-' * 100_000}1}}\n",
    "powers": lambda: f"* t\nR1 a 0 {{{'2**' * 50_000}1}}\n",
    "continuations": lambda: "* t\nR1 a 0 1k\n" + "+ p=1\n" * 50_000,
    "conditions": lambda: "* t\n" + ".if (zz)\n.endif\n" * 10_000,
    "errors": lambda: "* t\n" + "R1 a\n+\n" * 10_000,
    "duplicates": lambda: "* t\n" + "R1 a 0 1\n" * 20_000,
    "unknown names": lambda: (
        "* t\n"
        + "".join(f".model m{i} nmos\n.subckt s{i} a\n.ends\n.param p{i}=1\n" for i in range(3000))
        + "".join(f"M{i} a b c 0 n{i}\nX{i} a t{i}\nR{i} a 0 {{q{i}}}\n" for i in range(3000))
    ),
    "chain of parameters": lambda: (
        "* t\n" + "".join(f".param p{i}={{p{i + 1}+1}}\n" for i in range(5000)) + ".param p5000=1\n"
    ),
    "circle of parameters": lambda: (
        "* t\n" + "".join(f".param p{i}={{p{(i + 1) % 3000}+1}}\n" for i in range(3000))
    ),
    "doubling functions": lambda: (
        "* t\n.func f0(x) {x}\n"
        + "".join(f".func f{i}(x) {{f{i - 1}(x)+f{i - 1}(x)}}\n" for i in range(1, 28))
        + "R1 a 0 {f27(1)}\n"
    ),
    "exponential hierarchy": lambda: chain(10, 10),
    "nested subcircuits": lambda: "* t\n" + ".subckt s a\n" * 10_000 + ".ends\n" * 10_000,
    "deep instances": lambda: chain(10_000, 1),
    "recursive": lambda: "* t\n.subckt s a\nX1 a s\n.ends\nX0 a s\n",
    "xspice vector": lambda: f"* t\nA1 [{' '.join(f'n{i}' for i in range(30_000))}] o m\n",
    "local models": lambda: (
        "* t\n.subckt s a w=1\n.model m d is={w}\nD1 a 0 m\n.ends\n"
        + "".join(f"X{i} a s w={i}\n" for i in range(3000))
    ),
    "blanks": lambda: f"* t\nR1 a 0 1{' ' * 500_000}x = 1\nB1{' ' * 500_000}a 0\n",
    "commas": lambda: f"* t\nB1{',' * 500_000}\nE1{',' * 500_000}\n",
    "probes": lambda: f"* t\nB1 a 0 V={{v({' ' * 50_000}a{' ' * 50_000}+1}}\n",
    "digits": lambda: f"* t\nR1 a 0 {'1' * 100_000}!\nR2 a 0 {{{'1' * 100_000}}}\n",
    "letters": lambda: f"* t\n.param {'a' * 150_000}\n.model m x {'a' * 150_000}\n",
    "backslashes": lambda: f"*{chr(92) * 60_000}\n*{chr(92) * 200_000}\nR1 a 0 1\n",
    "blank lines": lambda: "x\n" + "\n \n" * 100_000 + "R1 a 0 1k\n",
    "spectre lines": lambda: "x\n" + "subckt a b\n \n" * 20_000,
    "missing files": lambda: "* t\n" + ".include nope\n" * 5000,
}


@pytest.mark.parametrize("name", PATHOLOGIES)
def test_pathological_text_is_answered_soon(name: str, tmp_path: Path) -> None:
    path = tmp_path / "case.cir"
    path.write_text(PATHOLOGIES[name]())
    with limited():
        exercise(path)
