"""Truth: what a circuit is to compute, read from tables, PLA files or expressions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.aig import Aig, truth_tables
from eda.aig.simulation import MAX_TABLE_INPUTS
from eda.errors import AigerError, InputError
from eda.logic.expression import read_expressions
from eda.logic.pla import parse_pla

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BINARY: Final = re.compile(r"[01-]+")
_HEX: Final = re.compile(r"(?:0[xX])?([0-9a-fA-F_]+)")
MOST_OUTPUTS: Final = 4096


@dataclass(frozen=True, slots=True)
class Truth:
    """Truth tables of some outputs over the same inputs.

    Attributes:
        inputs: How many inputs, at most 16.
        ones: Per output a number; bit ``m`` says whether it is 1 for the assignment in which
            input ``k`` is bit ``k`` of ``m``.
        cares: Per output a number; bit ``m`` says whether its value matters.
        input_names: Names, or nothing.
        output_names: Names, or nothing.
    """

    inputs: int
    ones: tuple[int, ...]
    cares: tuple[int, ...]
    input_names: tuple[str, ...] = ()
    output_names: tuple[str, ...] = ()

    def met_by(self, aig: Aig) -> bool:
        """Return whether a circuit has these values wherever they matter; tries everything."""
        if (aig.num_inputs, aig.num_outputs) != (self.inputs, len(self.ones)):
            return False
        tables = tables_of(aig)
        rows = zip(tables, self.ones, self.cares, strict=True)
        return all((table ^ one) & care == 0 for table, one, care in rows)


def tables_of(aig: Aig) -> list[int]:
    """Return the truth table of each root as a number."""
    return [int.from_bytes(row.tobytes(), "little") for row in truth_tables(aig)]


def bits_of(table: int, inputs: int) -> NDArray[np.uint8]:
    """Return a table as an array of 0 and 1, assignment 0 first."""
    size = 1 << inputs
    data = np.frombuffer(table.to_bytes(max(1, size // 8), "little"), dtype=np.uint8)
    return np.unpackbits(data, bitorder="little")[:size]


def number_of(bits: NDArray[np.uint8]) -> int:
    """Return an array of 0 and 1 as a number."""
    return int.from_bytes(np.packbits(bits, bitorder="little").tobytes(), "little")


def parse_truth(text: str, path: str) -> Truth:
    """Read what a circuit is to compute.

    The text is one of these:

    * a PLA file (``.i`` and ``.o``), whose don't-cares are used;
    * a truth table per line, in binary (``-`` for what does not matter) or hexadecimal, the
      assignment in which all inputs are 1 first;
    * expressions, one per line: ``y = a & !b | (c ^ d)``.

    Raises:
        AigerError: It is none of them, or has more than 16 inputs.
    """
    if re.search(r"^\s*\.i\s", text, re.MULTILINE):
        pla = parse_pla(text, path)
        ones, cares = pla.tables()
        return Truth(pla.inputs, tuple(ones), tuple(cares), pla.input_names, pla.output_names)
    rows = [
        (number, line.partition("#")[0].strip())
        for number, line in enumerate(text.splitlines(), start=1)
    ]
    rows = [(number, line) for number, line in rows if line]
    if not rows:
        raise AigerError(f"{path}:1: there is no truth table in it", path=path, line=1)
    if len(rows) > MOST_OUTPUTS:
        raise AigerError(f"{path}: {len(rows)} outputs; at most {MOST_OUTPUTS}", path=path)
    if all(_BINARY.fullmatch(line) or _HEX.fullmatch(line) for _, line in rows):
        return _tables(rows, path)
    logic = read_expressions(rows, path)
    _few_inputs(logic.num_inputs, path, rows[0][0])
    everything = (1 << (1 << logic.num_inputs)) - 1
    tables = tables_of(logic)
    return Truth(
        logic.num_inputs,
        tuple(tables),
        (everything,) * len(tables),
        logic.input_names,
        logic.output_names,
    )


def _few_inputs(inputs: int, path: str, line: int) -> None:
    if inputs > MAX_TABLE_INPUTS:
        raise AigerError(
            f"{path}:{line}: {inputs} inputs; truth tables go up to {MAX_TABLE_INPUTS}",
            path=path,
            line=line,
        )


def _tables(rows: list[tuple[int, str]], path: str) -> Truth:
    binary = all(_BINARY.fullmatch(line) and _is_power(len(line)) for _, line in rows)
    inputs = -1
    ones, cares = [], []
    for number, line in rows:
        one, care, size = _binary(line) if binary else _hexadecimal(line)
        if not _is_power(size):
            raise AigerError(
                f"{path}:{number}: a truth table has 2^n values; this has {size}",
                path=path,
                line=number,
            )
        here = size.bit_length() - 1
        _few_inputs(here, path, number)
        if inputs not in (-1, here):
            raise AigerError(
                f"{path}:{number}: a table of {here} inputs, and of {inputs} before",
                path=path,
                line=number,
            )
        inputs = here
        ones.append(one)
        cares.append(care)
    return Truth(inputs, tuple(ones), tuple(cares))


def _is_power(size: int) -> bool:
    return size > 0 and size & (size - 1) == 0


def _binary(line: str) -> tuple[int, int, int]:
    ones = int(line.replace("-", "0"), 2)
    return ones, int("".join("0" if mark == "-" else "1" for mark in line), 2), len(line)


def _hexadecimal(line: str) -> tuple[int, int, int]:
    match = _HEX.fullmatch(line)
    if match is None:
        raise InputError(f"{line[:20]!r} is no hexadecimal number")
    digits = match[1].replace("_", "")
    size = 4 * len(digits)
    return int(digits, 16), (1 << size) - 1, size
