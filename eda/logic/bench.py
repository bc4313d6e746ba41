"""BENCH (ISCAS): ``INPUT(a)``, ``OUTPUT(y)``, ``y = NAND(a, b)``, ``q = DFF(d)``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eda.errors import AigerError
from eda.logic.gates import GATES, OPERANDS, constant
from eda.logic.lut import lut_function
from eda.logic.names import Names
from eda.logic.netlist import NamedLogic

if TYPE_CHECKING:
    from eda.aig import Aig

_NAME: Final = r"[^\s(),=#]+"
_PORT: Final = re.compile(rf"(INPUT|OUTPUT)\s*\(\s*({_NAME})\s*\)", re.IGNORECASE)
_GATE: Final = re.compile(rf"({_NAME})\s*=\s*([A-Za-z]+)\s*\(([^()]*)\)")
_LUT: Final = re.compile(rf"({_NAME})\s*=\s*LUT\s+0x([0-9a-fA-F]+)\s*\(([^()]*)\)", re.IGNORECASE)
_CONSTANT: Final = re.compile(rf"({_NAME})\s*=\s*(vdd|gnd)", re.IGNORECASE)
_ALIASES: Final = {"inv": "not", "buff": "buf"}
MOST_LUT_INPUTS: Final = 12


def parse_bench(text: str, path: str) -> Aig:
    """Read BENCH; gate names in any case, ``#`` starts a comment, ``DFF`` starts with 0.

    Raises:
        AigerError: A line cannot be understood, or the signals do not fit together.
    """
    logic = NamedLogic(path)
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.partition("#")[0].strip()
        if line:
            _statement(logic, line, number)
    return logic.build()


def _statement(logic: NamedLogic, line: str, number: int) -> None:
    if port := _PORT.fullmatch(line):
        add = logic.add_input if port[1].upper() == "INPUT" else logic.add_output
        add(port[2], number)
    elif lut := _LUT.fullmatch(line):
        operands = _operands(lut[3])
        if not 1 <= len(operands) <= MOST_LUT_INPUTS or len(lut[2]) > 1 << MOST_LUT_INPUTS:
            raise logic.error(number, f"a LUT has 1 to {MOST_LUT_INPUTS} operands")
        logic.add_gate(lut[1], lut_function(int(lut[2], 16), len(operands)), operands, number)
    elif fixed := _CONSTANT.fullmatch(line):
        logic.add_gate(fixed[1], constant(int(fixed[2].lower() == "vdd")), (), number)
    elif gate := _GATE.fullmatch(line):
        _gate(logic, gate[1], gate[2].lower(), _operands(gate[3]), number)
    else:
        raise logic.error(
            number,
            f"{line[:40]!r} is no BENCH statement; write INPUT(a), OUTPUT(y) or y = AND(a, b)",
        )


def _gate(logic: NamedLogic, name: str, kind: str, operands: list[str], number: int) -> None:
    kind = _ALIASES.get(kind, kind)
    if kind == "dff":
        if len(operands) != 1:
            raise logic.error(number, f"DFF has {len(operands)} operands; it takes one")
        logic.add_latch(name, operands[0], 0, number)
        return
    if kind not in GATES:
        known = ", ".join((*GATES, "dff")).upper()
        raise logic.error(number, f"{kind.upper()} is no gate of BENCH; there are: {known}")
    wanted = OPERANDS.get(kind)
    if not operands or (wanted and len(operands) != wanted):
        raise logic.error(
            number,
            f"{kind.upper()} has {len(operands)} operands; it takes {wanted or 'one or more'}",
        )
    logic.add_gate(name, GATES[kind], operands, number)


def _operands(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def bench_text(aig: Aig) -> str:
    """Return an AIG as BENCH: AND, NOT and BUFF only.

    Raises:
        AigerError: The AIG has latches that do not start with 0, or AIGER 1.9 sections.
    """
    if bool(aig.resets.any()):
        raise AigerError(
            "BENCH cannot say that a latch starts with 1 or undefined; write BLIF or AIGER"
        )
    names = Names(aig, r"[^\s(),=#]+")
    lines = [f"INPUT({name})" for name in names.inputs]
    lines += [f"OUTPUT({name})" for name in names.outputs]
    body: list[str] = []
    for literal in names.used_complements:
        body.append(f"{names.of(literal)} = NOT({names.of(literal ^ 1)})")
    pairs = zip(names.ands, aig.fanins.tolist(), strict=True)
    body += [f"{own} = AND({names.of(a)}, {names.of(b)})" for own, (a, b) in pairs]
    latches = zip(names.latches, aig.next_states.tolist(), strict=True)
    body += [f"{own} = DFF({names.of(following)})" for own, following in latches]
    roots = zip(names.outputs, aig.outputs.tolist(), strict=True)
    body += [f"{own} = BUFF({names.of(literal)})" for own, literal in roots]
    if names.reads_constant:
        body.insert(0, f"{names.of(0)} = gnd")
    return "\n".join([*lines, *body]) + "\n"
