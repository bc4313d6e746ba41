"""BLIF: ``.model .inputs .outputs .names .latch .gate .end``, of one model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eda.aig.aig import UNDEFINED
from eda.logic.cells import add_cell
from eda.logic.cover import cover_function
from eda.logic.names import Names
from eda.logic.netlist import NamedLogic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eda.aig import Aig

_ROW: Final = re.compile(r"(?:([01-]+) )?([01])")
_RESETS: Final = {"0": 0, "1": 1, "2": UNDEFINED, "3": UNDEFINED}
_TRIGGERS: Final = ("fe", "re", "ah", "al", "as")
_IGNORED: Final = (
    *(".clock", ".area", ".delay", ".wire_load_slope", ".wire", ".input_arrival"),
    *(".output_required", ".default_input_arrival", ".default_output_required"),
    *(".input_drive", ".output_load", ".default_input_drive", ".default_output_load"),
    *(".cname", ".attr", ".param", ".cycle", ".clock_event"),
)


def parse_blif(text: str, path: str) -> Aig:
    """Read the first model of a BLIF file.

    ``.gate`` and ``.subckt`` may name cells of the known libraries (`eda.logic.gates.cell`);
    hierarchy has to be flattened first. A latch without a given start is undefined.

    Raises:
        AigerError: A line cannot be understood, or the signals do not fit together.
    """
    logic = NamedLogic(path)
    cover: _Cover | None = None
    known = False
    for line, number in _lines(text):
        words = line.split()
        if words[0].startswith("."):
            if cover is not None:
                cover.finish(logic)
            cover = None
            known = known or words[0] in (".model", ".inputs", ".outputs", ".names")
            if words[0] in (".end", ".exdc"):
                break
            if words[0] == ".names":
                if len(words) < 2:
                    raise logic.error(number, ".names names no signal")
                cover = _Cover(words[1:], number)
            else:
                _directive(logic, words, number)
        elif cover is None:
            raise logic.error(number, f"{line[:40]!r} belongs to no .names")
        else:
            cover.add(logic, " ".join(words), number)
    else:
        if cover is not None:
            cover.finish(logic)
    if not known:
        raise logic.error(1, "there is no BLIF model in it: no .model, .inputs or .names")
    return logic.build()


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """Yield whole lines without comments, with the number of their first one."""
    held, start = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.partition("#")[0].rstrip()
        start = start if held else number
        if line.endswith("\\"):
            held += line[:-1] + " "
            continue
        whole = (held + line).strip()
        held = ""
        if whole:
            yield whole, start
    if held.strip():
        yield held.strip(), start


class _Cover:
    """A ``.names`` and its rows."""

    def __init__(self, signals: list[str], line: int) -> None:
        self.operands, self.name, self.line = signals[:-1], signals[-1], line
        self.rows: list[str] = []
        self.value = "1"

    def add(self, logic: NamedLogic, text: str, number: int) -> None:
        match = _ROW.fullmatch(text)
        if match is None or len(match[1] or "") != len(self.operands):
            raise logic.error(
                number,
                f"{text[:40]!r} is no row of .names {self.name}: it takes "
                f"{len(self.operands)} of 0, 1, - and behind them 0 or 1",
            )
        if self.rows and match[2] != self.value:
            raise logic.error(number, f"rows of {self.name} end with 0 and with 1; use one of them")
        self.value = match[2]
        self.rows.append(match[1] or "")

    def finish(self, logic: NamedLogic) -> None:
        function = cover_function(self.rows, complement=self.value == "0")
        logic.add_gate(self.name, function, self.operands, self.line)


def _directive(logic: NamedLogic, words: list[str], number: int) -> None:
    kind = words[0]
    if kind == ".model":
        if logic.lines or logic.outputs:
            raise logic.error(number, "there is a second .model; flatten the hierarchy first")
    elif kind == ".inputs":
        for name in words[1:]:
            logic.add_input(name, number)
    elif kind == ".outputs":
        for name in words[1:]:
            logic.add_output(name, number)
    elif kind == ".latch":
        _latch(logic, words[1:], number)
    elif kind in (".gate", ".subckt"):
        pins = dict(word.partition("=")[::2] for word in words[2:])
        if len(words) < 3 or not all(pins.values()):
            raise logic.error(number, f"{kind} takes a cell and pins such as A=net")
        add_cell(logic, words[1], pins, number)
    elif kind not in _IGNORED:
        raise logic.error(number, f"{kind} is not known")


def _latch(logic: NamedLogic, words: list[str], number: int) -> None:
    if not 2 <= len(words) <= 5:
        raise logic.error(number, ".latch takes input, output, [type, clock], [start]")
    following, name, *rest = words
    reset = _RESETS.get(rest.pop(), -1) if len(rest) in (1, 3) else UNDEFINED
    if reset < 0:
        raise logic.error(number, f"the start of latch {name} must be 0, 1, 2 or 3")
    if rest and rest[0] not in _TRIGGERS:
        raise logic.error(
            number, f"{rest[0]} is no type of latch; there are: {', '.join(_TRIGGERS)}"
        )
    logic.add_latch(name, following, reset, number)


def blif_text(aig: Aig) -> str:
    """Return an AIG as BLIF: an AND a ``.names``, inverters in the rows.

    Raises:
        AigerError: It has AIGER 1.9 sections.
    """
    names = Names(aig, r"[^\s\\#=]+")
    lines = [".model logic"]
    lines += _listed(".inputs", names.inputs) + _listed(".outputs", names.outputs)
    latches = zip(names.latches, aig.resets.tolist(), aig.next_states.tolist(), strict=True)
    for own, reset, following in latches:
        start = 3 if reset == UNDEFINED else reset
        lines.append(f".latch {names.of(following)} {own} {start}")
    if names.reads_constant:
        lines.append(f".names {names.variable(0)}")
    for own, (a, b) in zip(names.ands, aig.fanins.tolist(), strict=True):
        lines.append(f".names {names.variable(a)} {names.variable(b)} {own}")
        lines.append(f"{1 - (a & 1)}{1 - (b & 1)} 1")
    needed = {literal for literal in aig.next_states.tolist() if literal & 1}
    for literal in sorted(needed):
        lines += [f".names {names.variable(literal)} {names.of(literal)}", "0 1"]
    for own, literal in zip(names.outputs, aig.outputs.tolist(), strict=True):
        lines += [f".names {names.variable(literal)} {own}", f"{1 - (literal & 1)} 1"]
    return "\n".join([*lines, ".end"]) + "\n"


def _listed(word: str, names: list[str]) -> list[str]:
    """Return a list of names over several lines, as a reader of limited lines wants it."""
    rows = [names[at : at + 12] for at in range(0, len(names), 12)] or [[]]
    return [" \\\n ".join([f"{word} {' '.join(rows[0])}".rstrip(), *map(" ".join, rows[1:])])]
