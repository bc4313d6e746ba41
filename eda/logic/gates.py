"""What gates and cells do: by the names of BENCH, of Verilog primitives, and of cell libraries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from eda.aig import AigBuilder

    Function = Callable[[AigBuilder, list[int]], int]


def inverted(function: Function) -> Function:
    """Return the complement of a function."""
    return lambda made, ins: function(made, ins) ^ 1


def _and(made: AigBuilder, ins: list[int]) -> int:
    return made.and_all(ins)


def _or(made: AigBuilder, ins: list[int]) -> int:
    return made.or_all(ins)


def _xor(made: AigBuilder, ins: list[int]) -> int:
    return made.xor_all(ins)


def _buf(made: AigBuilder, ins: list[int]) -> int:
    return ins[0]


def _mux(made: AigBuilder, ins: list[int]) -> int:
    """Take ins[0] where ins[2] is 0, and ins[1] where it is 1."""
    return made.mux(ins[2], ins[1], ins[0])


def _majority(made: AigBuilder, ins: list[int]) -> int:
    a, b, c = ins
    return made.or_(made.and_(a, b), made.and_(c, made.or_(a, b)))


def constant(value: int) -> Function:
    """Return the function that is always 0, or always 1."""
    return lambda made, ins: value


GATES: Final[dict[str, Function]] = {
    "and": _and,
    "nand": inverted(_and),
    "or": _or,
    "nor": inverted(_or),
    "xor": _xor,
    "xnor": inverted(_xor),
    "not": inverted(_buf),
    "buf": _buf,
    "mux": _mux,
    "maj": _majority,
}
"""Functions of any number of operands; ``not`` and ``buf`` take one, ``mux`` and ``maj`` three."""

OPERANDS: Final = {"not": 1, "buf": 1, "mux": 3, "maj": 3}
"""How many operands a gate takes, where it is not any number from one."""


class Cell(NamedTuple):
    """A cell of a library: its function, how many inputs it has, and how they are grouped."""

    function: Function
    inputs: int
    groups: tuple[int, ...] = ()


_SIMPLE: Final = re.compile(r"(AND|NAND|OR|NOR|XOR|XNOR)([2-9])?(_?X\d+|_\d+|X\d+)?", re.IGNORECASE)
_ONE: Final = re.compile(r"(INV|NOT|BUF|CLKBUF|NBUFF|DELLN)(_?X\d+|_\d+|X\d+)?", re.IGNORECASE)
_COMPLEX: Final = re.compile(r"(AOI|OAI|AO|OA)([1-4]{2,4})(_?X\d+|X\d+)?", re.IGNORECASE)
_MUX2: Final = re.compile(r"MUX2?(1)?(_?X\d+|X\d+)?", re.IGNORECASE)

FLIP_FLOP: Final = re.compile(r"(S?DFF|DLH|DLL|LATCH|SDF|FD)\w*", re.IGNORECASE)


def cell(name: str) -> Cell | None:
    """Return what a library cell of this name does, or None where the name is not known.

    Names are those of common open libraries: ``NAND2_X1``, ``INVX0``, ``AOI21_X2``, ``XOR2X1``.
    Inputs count in the order of the pins' names (A, B, ... or A1, A2, B1, ...).
    """
    if found := _ONE.fullmatch(name):
        return Cell(GATES["not" if found[1].upper() in ("INV", "NOT") else "buf"], 1)
    if found := _SIMPLE.fullmatch(name):
        return Cell(GATES[found[1].lower()], int(found[2] or 2))
    if found := _COMPLEX.fullmatch(name):
        return _complex(found[1].upper(), sorted(map(int, found[2]), reverse=True))
    if _MUX2.fullmatch(name):
        return Cell(_mux, 3)
    return None


def _complex(kind: str, sizes: list[int]) -> Cell:
    """AOI21: the complement of ``(A1 AND A2) OR B``, the larger groups first."""
    inner, outer = (_and, _or) if kind.startswith("AO") else (_or, _and)

    def function(made: AigBuilder, ins: list[int]) -> int:
        groups, at = [], 0
        for size in sizes:
            groups.append(inner(made, ins[at : at + size]))
            at += size
        return outer(made, groups)

    whole = inverted(function) if kind.endswith("I") else function
    return Cell(whole, sum(sizes), tuple(sizes))


OUTPUT_PINS: Final = ("Z", "ZN", "Y", "Q", "O", "OUT", "X", "QN")
"""Names of output pins; every other connected pin of a combinational cell is an input."""
