"""PLA (espresso): products over many outputs, with don't-cares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.aig import Aig, AigBuilder, strash
from eda.errors import AigerError
from eda.logic.cover import product

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NUMBER: Final = re.compile(r"[0-9]{1,6}")
_TYPES: Final = ("f", "fd", "fr", "fdr")
_VALUES: Final = str.maketrans({"2": "-", "3": "~", "4": "1"})
MOST_SIGNALS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Pla:
    """A table of products.

    Attributes:
        inputs: How many inputs.
        outputs: How many outputs.
        rows: Per product its input part (of ``0 1 -``) and its output part (``0 1 - ~``).
        type: ``f``: rows are where an output is 1; ``fd``: ``-`` in the output part means that
            its value does not matter there; ``fr``: ``0`` means that it is 0 there, and
            whatever no row says does not matter; ``fdr``: all of it is said.
        input_names: Names, or nothing.
        output_names: Names, or nothing.
        path: The file.
    """

    inputs: int
    outputs: int
    rows: tuple[tuple[str, str], ...]
    type: str = "fd"
    input_names: tuple[str, ...] = ()
    output_names: tuple[str, ...] = ()
    path: str = ""

    def to_aig(self) -> Aig:
        """Return the sum of the products where an output is 1; don't-cares are 0."""
        made = AigBuilder(self.inputs)
        for output in range(self.outputs):
            chosen = [row for row, marks in self.rows if marks[output] == "1"]
            made.output(made.or_all(product(made, row, made.inputs) for row in chosen))
        return strash(
            made.build(
                input_names=self.input_names, output_names=self.output_names, source=self.path
            )
        )

    def tables(self) -> tuple[list[int], list[int]]:
        """Return the truth tables: where each output is 1, and where its value matters.

        Returns:
            Two lists of numbers; bit ``m`` is the assignment in which input ``k`` is bit ``k``
            of ``m``. Where two rows contradict each other, 1 wins.

        Raises:
            AigerError: There are more than 16 inputs.
        """
        if self.inputs > 16:
            raise AigerError(
                f"{self.path}: {self.inputs} inputs; truth tables go up to 16", path=self.path
            )
        everything = (1 << (1 << self.inputs)) - 1
        ones, matter = [], []
        for output in range(self.outputs):
            said = {"1": 0, "0": 0, "-": 0, "~": 0}
            for row, marks in self.rows:
                said[marks[output]] |= self._cube(row)
            on = said["1"]
            if self.type == "fr":
                care = on | said["0"]
            else:
                care = everything & ~(said["-"] & ~on) if self.type != "f" else everything
            ones.append(on)
            matter.append(care)
        return ones, matter

    def _cube(self, row: str) -> int:
        table = (1 << (1 << self.inputs)) - 1
        for index, mark in enumerate(row):
            if mark != "-":
                table &= _variable(index, self.inputs, mark == "1")
        return table


def _variable(index: int, inputs: int, value: bool) -> int:
    block = 1 << index
    period = ((1 << block) - 1) << (block if value else 0)
    width = 2 * block
    while width < 1 << inputs:
        period |= period << width
        width *= 2
    return period


def parse_pla(text: str, path: str) -> Pla:
    """Read a PLA file.

    Raises:
        AigerError: A line cannot be understood.
    """
    counts: dict[str, int] = {}
    names: dict[str, tuple[str, ...]] = {".ilb": (), ".ob": ()}
    kind = "fd"
    rows: list[tuple[str, str]] = []

    place = _Place(path)
    for place.line, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        head = words[0]
        if head in (".e", ".end"):
            break
        if head in (".i", ".o", ".p"):
            if len(words) != 2 or not _NUMBER.fullmatch(words[1]):
                raise place.error(f"{head} takes one number")
            counts[head] = int(words[1])
            if counts[head] > MOST_SIGNALS and head != ".p":
                raise place.error(f"{head} {counts[head]} is more than {MOST_SIGNALS}")
        elif head in names:
            names[head] = tuple(words[1:])
        elif head == ".type":
            if len(words) != 2 or words[1] not in _TYPES:
                raise place.error(f".type is one of {', '.join(_TYPES)}")
            kind = words[1]
        elif head.startswith("."):
            raise place.error(f"{head} is not known")
        else:
            rows.append(_row(words, counts, place))
    if ".i" not in counts or ".o" not in counts:
        raise place.error("there is no .i and .o: not a PLA file")
    for name, count in ((".ilb", counts[".i"]), (".ob", counts[".o"])):
        if names[name] and len(names[name]) != count:
            raise place.error(f"{name} gives {len(names[name])} names for {count}")
    return Pla(counts[".i"], counts[".o"], tuple(rows), kind, names[".ilb"], names[".ob"], path)


def _row(words: Sequence[str], counts: Mapping[str, int], place: _Place) -> tuple[str, str]:
    if ".i" not in counts or ".o" not in counts:
        raise place.error("a product stands before .i and .o")
    marks = "".join(words).replace("|", "")
    inputs, outputs = counts[".i"], counts[".o"]
    row, values = marks[:inputs], marks[inputs:]
    if len(marks) != inputs + outputs or set(row) - set("01-2") or set(values) - set("01-234~"):
        raise place.error(f"a product has {inputs} + {outputs} of 0, 1, -; this is {marks[:40]!r}")
    return row.replace("2", "-"), values.translate(_VALUES)


@dataclass(slots=True)
class _Place:
    path: str
    line: int = 0

    def error(self, message: str) -> AigerError:
        return AigerError(f"{self.path}:{self.line}: {message}", path=self.path, line=self.line)
