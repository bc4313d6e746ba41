"""Gate-level Verilog: primitives, ``assign`` with bitwise operators, and cells known by name.

Whatever describes behaviour (``always``, arithmetic, hierarchy) is `BehaviourError`: such files
go through Yosys (`eda.logic.yosys`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eda.errors import AigerError
from eda.logic.cells import add_cell
from eda.logic.gates import GATES, OPERANDS, cell
from eda.logic.names import Names
from eda.logic.netlist import NamedLogic
from eda.logic.verilog_expression import Expressions
from eda.logic.verilog_tokens import BehaviourError, Tokens

if TYPE_CHECKING:
    from eda.aig import Aig

PRIMITIVES: Final = ("and", "nand", "or", "nor", "xor", "xnor", "not", "buf")
_DIRECTIONS: Final = ("input", "output", "wire")


def parse_verilog(text: str, path: str) -> Aig:
    """Read one module of gates.

    Raises:
        BehaviourError: It says more than gates; Yosys can read it.
        AigerError: It is not Verilog, or the signals do not fit together.
    """
    return _Module(Tokens(text, path)).read()


class _Module:
    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.logic = NamedLogic(tokens.path)
        self.widths: dict[str, tuple[int, int] | None] = {}
        self.directions: dict[str, tuple[str, int]] = {}
        self.order: list[str] = []
        self.expressions = Expressions(tokens, self.logic, self.widths)

    def read(self) -> Aig:
        tokens = self.tokens
        tokens.expect("module")
        tokens.name("the module's name")
        if tokens.take("("):
            self._header()
        tokens.expect(";")
        statements = []
        while not tokens.take("endmodule"):
            word = tokens.peek
            if word in _DIRECTIONS:
                self._declaration()
            else:
                # Gates may stand before the declarations of their nets.
                statements.append(tokens.skip_statement())
        if not tokens.ended:
            raise tokens.behaviour("there is more than one module")
        self._declare()
        for position in statements:
            tokens.position = position
            self._statement()
        return self.logic.build()

    def _header(self) -> None:
        tokens = self.tokens
        direction, width = "", None
        while not tokens.take(")"):
            if tokens.peek in ("input", "output", "inout"):
                direction, width = self._direction()
            name = tokens.name("a port")
            self.order.append(name)
            if direction:
                self._note(name, direction, width)
            if not tokens.take(","):
                tokens.expect(")")
                break

    def _direction(self) -> tuple[str, tuple[int, int] | None]:
        tokens = self.tokens
        direction = tokens.next()
        if direction == "inout":
            raise tokens.error("an inout port has no direction that logic could follow")
        tokens.take("wire")
        if tokens.peek in ("reg", "logic", "signed", "integer"):
            raise tokens.behaviour(f"{tokens.peek} describes behaviour")
        return direction, self._range()

    def _range(self) -> tuple[int, int] | None:
        tokens = self.tokens
        if not tokens.take("["):
            return None
        high = tokens.index()
        tokens.expect(":")
        low = tokens.index()
        tokens.expect("]")
        return high, low

    def _declaration(self) -> None:
        tokens = self.tokens
        direction, width = self._direction()
        while True:
            name = tokens.name("a signal")
            self._note(name, direction, width)
            if tokens.peek == "=":
                raise tokens.behaviour("a declaration assigns a value")
            if not tokens.take(","):
                break
        tokens.expect(";")

    def _note(self, name: str, direction: str, width: tuple[int, int] | None) -> None:
        known = self.directions.get(name)
        if known is None or known[0] == "wire":
            self.directions[name] = (direction, self.tokens.line)
        elif direction not in ("wire", known[0]):
            raise self.tokens.error(f"{name} is declared as {known[0]} and as {direction}")
        if width is not None or name not in self.widths:
            self.widths[name] = width

    def _declare(self) -> None:
        for name in self.order:
            if self.directions.get(name, ("wire", 0))[0] == "wire":
                raise self.tokens.error(f"port {name} is neither input nor output")
        order = [*self.order, *(name for name in self.directions if name not in set(self.order))]
        for name in order:
            direction, line = self.directions[name]
            for bit in self.expressions.bits_of(name):
                if direction == "input":
                    self.logic.add_input(bit, line)
                elif direction == "output":
                    self.logic.add_output(bit, line)

    def _statement(self) -> None:
        tokens = self.tokens
        word = tokens.next()
        if word == "assign":
            self._assign()
        elif word in PRIMITIVES:
            self._gates(word)
        elif cell(word) is not None:
            self._cell(word)
        elif word != ";":
            raise tokens.behaviour(f"{word} is no gate, and no cell that is known by its name")

    def _assign(self) -> None:
        tokens = self.tokens
        while True:
            line = tokens.line
            targets = self.expressions.target()
            tokens.expect("=")
            values = self.expressions.value()
            values += [self.expressions.constant(0)] * (len(targets) - len(values))
            for target, value in zip(targets, values, strict=False):
                self.logic.add_gate(target, GATES["buf"], [value], line)
            if not tokens.take(","):
                break
        tokens.expect(";")

    def _gates(self, kind: str) -> None:
        tokens = self.tokens
        if tokens.peek == "#":
            raise tokens.behaviour("delays are not logic")
        while True:
            if tokens.peek != "(":
                tokens.name("an instance")
            line = tokens.line
            tokens.expect("(")
            parts = [self.expressions.target()]
            while tokens.take(","):
                parts.append(self.expressions.value())
            tokens.expect(")")
            if any(len(part) != 1 for part in parts) or len(parts) < 2:
                raise tokens.error(f"{kind} takes one output and inputs of one bit each")
            outputs, operands = parts[:1], parts[1:]
            if OPERANDS.get(kind) == 1:  # a buffer may drive several nets
                outputs, operands = parts[:-1], parts[-1:]
            for output in outputs:
                self.logic.add_gate(output[0], GATES[kind], [item[0] for item in operands], line)
            if not tokens.take(","):
                break
        tokens.expect(";")

    def _cell(self, name: str) -> None:
        tokens = self.tokens
        tokens.name("an instance")
        line = tokens.line
        tokens.expect("(")
        pins: dict[str, str] = {}
        while True:
            if not tokens.take("."):
                raise tokens.behaviour("pins of a cell must be connected by name")
            pin = tokens.name("a pin")
            tokens.expect("(")
            if tokens.peek != ")":
                value = self.expressions.value()
                if len(value) != 1 or pin in pins:
                    raise tokens.error(f"pin {pin} of {name} takes one bit, once")
                pins[pin] = value[0]
            tokens.expect(")")
            if not tokens.take(","):
                break
        tokens.expect(")")
        tokens.expect(";")
        add_cell(self.logic, name, pins, line)


def verilog_text(aig: Aig) -> str:
    """Return a combinational AIG as Verilog: an ``assign`` per AND.

    Raises:
        AigerError: It has latches or AIGER 1.9 sections.
    """
    if aig.num_latches:
        raise AigerError(
            f"Verilog of gates has no latches, and there are {aig.num_latches}; write BLIF or AIGER"
        )
    names = Names(aig, r"[!-~]+")
    keep = [_escaped(name) for name in (*names.inputs, *names.outputs)]
    inputs, outputs = keep[: aig.num_inputs], keep[aig.num_inputs :]
    ports = ", ".join([*inputs, *outputs])
    lines = [f"module logic_ ({ports});"]
    lines += [f"  input {name};" for name in inputs]
    lines += [f"  output {name};" for name in outputs]
    lines += [f"  wire {name};" for name in names.ands]
    written = ["1'b0", *inputs, *names.ands]

    def text(literal: int) -> str:
        return ("~" if literal & 1 else "") + written[literal >> 1]

    for own, (a, b) in zip(names.ands, aig.fanins.tolist(), strict=True):
        lines.append(f"  assign {own} = {text(a)} & {text(b)};")
    for own, literal in zip(outputs, aig.outputs.tolist(), strict=True):
        lines.append(f"  assign {own} = {text(literal)};")
    return "\n".join([*lines, "endmodule"]) + "\n"


_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_KEYWORDS: Final = (
    *("always", "and", "assign", "begin", "buf", "case", "default", "else", "end", "endcase"),
    *("endfunction", "endmodule", "for", "function", "if", "initial", "inout", "input", "integer"),
    *("module", "nand", "negedge", "nor", "not", "or", "output", "parameter", "posedge", "real"),
    *("reg", "signed", "supply0", "supply1", "task", "time", "tri", "wire", "while", "xnor"),
    "xor",
)


def _escaped(name: str) -> str:
    return name if _PLAIN.fullmatch(name) and name not in _KEYWORDS else f"\\{name} "


def looks_like_gates(text: str) -> bool:
    """Return whether a Verilog text has primitives, expressions or behaviour, not only cells."""
    return _LOGIC.search(text) is not None


_LOGIC: Final = re.compile(
    r"(?:^|;|\bendmodule)\s*(?:(?:and|nand|or|nor|xor|xnor|not|buf)\s*[\w\\(]"
    r"|assign\s[^;=]*=[^;]*[~&|^?+*<>!-]|always\b)",
    re.MULTILINE,
)

__all__ = ["BehaviourError", "looks_like_gates", "parse_verilog", "verilog_text"]
