"""Expressions of gate-level Verilog: names, bits, constants, and the bitwise operators."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eda.logic.gates import GATES, constant, inverted

if TYPE_CHECKING:
    from collections.abc import Callable

    from eda.logic.netlist import NamedLogic
    from eda.logic.verilog_tokens import Tokens

_CONSTANT: Final = re.compile(r"([0-9]*)\s*'[sS]?([bBoOdDhH])\s*([0-9a-fA-F_]+)")
_BASES: Final = {"b": 2, "o": 8, "d": 10, "h": 16}
_LEVELS: Final = (("|",), ("^", "~^", "^~"), ("&",))
"""Binary operators, the loosest first."""

_OPERATORS: Final = {
    "|": GATES["or"],
    "&": GATES["and"],
    "^": GATES["xor"],
    "~^": inverted(GATES["xor"]),
    "^~": inverted(GATES["xor"]),
    "&&": GATES["and"],
    "||": GATES["or"],
}
MOST_DEPTH: Final = 100
MOST_BITS: Final = 65536


class Expressions:
    """Reads expressions and adds their gates to the logic, under names no file can have."""

    def __init__(
        self, tokens: Tokens, logic: NamedLogic, widths: dict[str, tuple[int, int] | None]
    ) -> None:
        """Read from these tokens; the widths are filled in by whoever reads declarations."""
        self.tokens = tokens
        self.logic = logic
        self.widths = widths

    def bits_of(self, name: str) -> list[str]:
        """Return the names of a signal's bits, the lowest first."""
        width = self.widths.get(name)
        if width is None:
            return [name]
        high, low = width
        if abs(high - low) >= MOST_BITS:
            raise self.tokens.error(f"{name} has more than {MOST_BITS} bits")
        step = 1 if high >= low else -1
        return [f"{name}[{at}]" for at in range(low, high + step, step)]

    def target(self) -> list[str]:
        """Read what an assignment or a gate drives: a name, bits of it, or some in braces."""
        if self.tokens.take("{"):
            parts = [self.target()]
            while self.tokens.take(","):
                parts.append(self.target())
            self.tokens.expect("}")
            return [bit for part in reversed(parts) for bit in part]
        return self._reference()

    def _reference(self) -> list[str]:
        tokens = self.tokens
        name = tokens.name("a signal")
        if tokens.peek == "(":
            raise tokens.behaviour(f"{name} is called like a function")
        bits = self.bits_of(name)
        if not tokens.take("["):
            return bits
        first = tokens.index()
        last = tokens.index() if tokens.take(":") else first
        tokens.expect("]")
        chosen = [f"{name}[{at}]" for at in range(min(first, last), max(first, last) + 1)]
        if self.widths.get(name) is None or not {chosen[0], chosen[-1]} <= set(bits):
            raise tokens.error(f"{name} has no bit {first}")
        return chosen if first >= last else chosen[::-1]

    def value(self, depth: int = 0) -> list[str]:
        """Read an expression and return the names of its bits, the lowest first."""
        if depth > MOST_DEPTH:
            raise self.tokens.error(f"an expression is nested more than {MOST_DEPTH} deep")
        condition = self._binary(0, depth)
        if not self.tokens.take("?"):
            return condition
        then = self.value(depth + 1)
        self.tokens.expect(":")
        otherwise = self.value(depth + 1)
        select = self._reduced("or", condition) if len(condition) > 1 else condition[0]
        width = max(len(then), len(otherwise))
        pairs = zip(self._wide(otherwise, width), self._wide(then, width), strict=True)
        return [self._gate(GATES["mux"], [low, high, select]) for low, high in pairs]

    def _binary(self, level: int, depth: int) -> list[str]:
        if level == len(_LEVELS):
            return self._unary(depth)
        left = self._binary(level + 1, depth)
        while self.tokens.peek in _LEVELS[level]:
            operator = self.tokens.next()
            right = self._binary(level + 1, depth)
            width = max(len(left), len(right))
            pairs = zip(self._wide(left, width), self._wide(right, width), strict=True)
            left = [self._gate(_OPERATORS[operator], list(pair)) for pair in pairs]
        if level == 0 and self.tokens.peek in ("&&", "||"):
            operator = self.tokens.next()
            sides = [left, self._binary(0, depth)]
            left = [self._gate(_OPERATORS[operator], [self._reduced("or", x) for x in sides])]
        return left

    def _unary(self, depth: int) -> list[str]:
        tokens = self.tokens
        flips = 0
        while tokens.take("~"):
            flips ^= 1
        if tokens.peek in ("!", "&", "|", "^", "~&", "~|", "~^", "^~"):
            sign = tokens.next()
            kind = {"!": "nor", "&": "and", "|": "or", "^": "xor", "~&": "nand"}.get(
                sign, "nor" if sign == "~|" else "xnor"
            )
            if depth > MOST_DEPTH:
                raise tokens.error(f"an expression is nested more than {MOST_DEPTH} deep")
            bits = [self._reduced(kind, self._unary(depth + 1))]
        else:
            bits = self._primary(depth)
        return [self._gate(GATES["not"], [bit]) for bit in bits] if flips else bits

    def _primary(self, depth: int) -> list[str]:
        tokens = self.tokens
        if tokens.take("("):
            value = self.value(depth + 1)
            tokens.expect(")")
            return value
        if tokens.take("{"):
            parts = [self.value(depth + 1)]
            if tokens.peek == "{":
                raise tokens.behaviour("repetition in braces is not read")
            while tokens.take(","):
                parts.append(self.value(depth + 1))
            tokens.expect("}")
            return [bit for part in reversed(parts) for bit in part]
        if tokens.peek[:1].isdigit() or "'" in tokens.peek:
            return self._constant(tokens.next())
        return self._reference()

    def _constant(self, text: str) -> list[str]:
        match = _CONSTANT.fullmatch(text)
        if match is None:
            if not text.isdigit() or len(text) > 9:
                raise self.tokens.behaviour(f"{text} is no constant of 0 and 1")
            width, value = 32, int(text)
        else:
            width = int(match[1] or 32)
            try:
                value = int(match[3].replace("_", ""), _BASES[match[2].lower()])
            except ValueError:
                raise self.tokens.error(f"{text} has a digit its base does not have") from None
        if not 1 <= width <= MOST_BITS:
            raise self.tokens.error(f"{text[:20]} has {width} bits; 1 to {MOST_BITS} can be read")
        return [self.constant(value >> at & 1) for at in range(width)]

    def constant(self, value: int) -> str:
        """Return the name of a constant 0 or 1."""
        name = f" constant {value}"
        if name not in self.logic.gates:
            self.logic.add_gate(name, constant(value), (), self.tokens.line)
        return name

    def _wide(self, bits: list[str], width: int) -> list[str]:
        return [*bits, *[self.constant(0)] * (width - len(bits))] if len(bits) < width else bits

    def _reduced(self, kind: str, bits: list[str]) -> str:
        return self._gate(GATES[kind], bits)

    def _gate(self, function: Callable[..., int], operands: list[str]) -> str:
        # No name of a file holds a space.
        name = f" {len(self.logic.lines)}"
        self.logic.add_gate(name, function, operands, self.tokens.line)
        return name
