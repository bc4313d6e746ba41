"""The grammar of structural Verilog: modules as lists of declarations, aliases and instances.

Behaviour (``always``, operators in ``assign``) is refused where it stands; what says nothing
about the wiring (parameters, ``specify``) is passed over and noted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from eda.errors import NetlistError
from eda.spice.verilog.tokens import Token, tokens_of

MAX_BITS: Final = 65_536
"""Widest bus."""

MAX_TOTAL_BITS: Final = 5_000_000
"""Most bits of all buses and connections of a file."""

MAX_DEPTH: Final = 50
"""Deepest nesting of braces."""

CONSTANTS: Final = ("LOGIC0", "LOGIC1")
"""The nets of the constants 0 and 1."""

_BEHAVIOUR: Final = frozenset(
    (
        *("always", "always_ff", "always_comb", "always_latch", "initial", "function", "task"),
        *("generate", "genvar", "if", "for", "case", "reg", "integer", "real", "event", "force"),
        *("fork", "begin", "property", "assert", "typedef", "enum", "struct", "interface", "class"),
    )
)
_DIRECTIONS: Final = frozenset({"input", "output", "inout"})
_NETS: Final = frozenset(
    {"wire", "tri", "tri0", "tri1", "wand", "wor", "logic", "supply0", "supply1", "uwire"}
)
_PARAMETERS: Final = frozenset({"parameter", "localparam", "defparam", "specparam"})


@dataclass(slots=True)
class Instance:
    """A cell or module placed: named connections, or positional ones under numbers from 1."""

    cell: str
    name: str
    named: bool
    pins: dict[str, list[str]]
    token: Token


@dataclass(slots=True)
class Module:
    """One module.

    Attributes:
        ports: In the order of the header.
        widths: (msb, lsb) of buses; names that are not in it are single wires.
        aliases: Pairs of nets that ``assign`` makes one.
        constants: Nets that are 0 or 1 by declaration (``supply0``).
    """

    name: str
    token: Token
    ports: list[str] = field(default_factory=list)
    directions: dict[str, str] = field(default_factory=dict)
    widths: dict[str, tuple[int, int]] = field(default_factory=dict)
    aliases: list[tuple[str, str, Token]] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)

    def bits(self, name: str) -> list[str]:
        """Return the nets of a wire or bus, the most significant first."""
        if name not in self.widths:
            return [name]
        msb, lsb = self.widths[name]
        step = -1 if msb >= lsb else 1
        return [f"{name}[{index}]" for index in range(msb, lsb + step, step)]


Note = Callable[[str, Token], object]


def parse_modules(text: str, path: str, note: Note) -> list[Module]:
    """Return the modules of a text.

    Args:
        text: The text.
        path: What messages call it.
        note: Called with what is passed over, and its place.

    Raises:
        NetlistError: It is no structural Verilog.
    """
    return _Parser(text, path, note).modules()


class _Parser:
    """One pass over the tokens of a file."""

    def __init__(self, text: str, path: str, note: Note) -> None:
        self.tokens = tokens_of(text)
        self.at = 0
        self.path = path
        self.note = note
        self.bits = 0
        self.made = 0

    # -- tokens ---------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def fail(self, message: str, token: Token | None = None, fix: str = "") -> NetlistError:
        place = token or self.token
        where = f"{self.path}:{place.line}:{place.column}"
        text = f"{where}: error: {message}" + (f"\n    {fix}" if fix else "")
        return NetlistError(text, path=self.path, line=place.line, column=place.column)

    def take(self, text: str) -> bool:
        if self.token.kind == "mark" and self.token.text == text:
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.take(text):
            shown = f"'{self.token.text}'" if self.token.kind != "end" else "the end"
            raise self.fail(f"{shown} found where '{text}' is expected")

    def name(self, what: str) -> str:
        token = self.token
        if token.kind != "name":
            shown = f"'{token.text}'" if token.kind != "end" else "the end"
            raise self.fail(f"{shown} found where {what} is expected")
        self.at += 1
        return token.text

    def number(self) -> int:
        token = self.token
        digits = token.text.replace("_", "")
        if token.kind != "number" or not digits.isdecimal() or len(digits) > 9:
            raise self.fail("a range is written with numbers, as [7:0]")
        self.at += 1
        return int(digits)

    def skip_to(self, *words: str) -> None:
        """Move behind the next of some words or marks."""
        while self.token.kind != "end":
            self.at += 1
            if self.tokens[self.at - 1].text in words:
                return
        raise self.fail(f"'{words[0]}' is missing at the end")

    def skip_brackets(self) -> None:
        """Move behind the bracket that closes the one at hand."""
        depth = 0
        while self.token.kind != "end":
            text = self.token.text if self.token.kind == "mark" else ""
            self.at += 1
            depth += (text == "(") - (text == ")")
            if depth == 0:
                return
        raise self.fail("a bracket is not closed")

    # -- modules --------------------------------------------------------------------------

    def modules(self) -> list[Module]:
        found: list[Module] = []
        while self.token.kind != "end":
            token = self.token
            if token.kind == "directive":
                self.note(f"the directive {token.text} is not followed", token)
                self.at += 1
            elif token.text in ("module", "macromodule"):
                self.at += 1
                found.append(self.module())
            elif token.text == "primitive":
                self.note("a primitive of its own is a black box", token)
                self.skip_to("endprimitive")
            else:
                raise self.fail(f"'{token.text}' found where a module is expected")
        if not found:
            raise self.fail("there is no module in this file")
        return found

    def module(self) -> Module:
        token = self.token
        made = Module(self.name("the name of a module"), token)
        if self.take("#"):
            self.note("parameters are not followed", self.token)
            self.skip_brackets()
        if self.take("("):
            self.header(made)
        self.expect(";")
        while self.token.text != "endmodule" or self.token.kind != "name":
            self.item(made)
        self.at += 1
        for port in made.ports:
            made.directions.setdefault(port, "inout")
        return made

    def header(self, made: Module) -> None:
        direction = ""
        width: tuple[int, int] | None = None
        while not self.take(")"):
            word = self.token.text
            if word in _DIRECTIONS:
                direction, width = word, None
                self.at += 1
            while self.token.text in _NETS or self.token.text == "signed":
                self.at += 1
            if self.token.text in ("reg", "var"):
                raise self.behaviour()
            if self.take("["):
                width = self.range()
            name = self.name("a port")
            if name in made.ports:
                raise self.fail(f"port {name} is named twice", self.tokens[self.at - 1])
            made.ports.append(name)
            if direction:
                made.directions[name] = direction
            if width is not None:
                self.declare(made, name, width)
            if not self.take(","):
                self.expect(")")
                break

    def range(self) -> tuple[int, int]:
        msb = self.number()
        self.expect(":")
        lsb = self.number()
        self.expect("]")
        if abs(msb - lsb) >= MAX_BITS:
            raise self.fail(f"a bus wider than {MAX_BITS} bits")
        return msb, lsb

    def declare(self, made: Module, name: str, width: tuple[int, int]) -> None:
        self.count(abs(width[0] - width[1]) + 1)
        made.widths[name] = width

    def count(self, bits: int) -> None:
        self.bits += bits
        if self.bits > MAX_TOTAL_BITS:
            raise self.fail(f"more than {MAX_TOTAL_BITS:,} bits in this file")

    def behaviour(self) -> NetlistError:
        return self.fail(
            f"'{self.token.text}' describes behaviour, and only structural Verilog is read",
            fix="synthesize it first, for example with yosys, and give the netlist of cells",
        )

    def item(self, made: Module) -> None:
        token = self.token
        word = token.text
        if token.kind == "end":
            raise self.fail(f"module {made.name} without endmodule", made.token)
        if token.kind == "directive":
            self.note(f"the directive {word} is not followed", token)
            self.at += 1
        elif token.kind != "name":
            if self.take(";"):
                return
            raise self.fail(f"'{word}' begins no statement")
        elif word in _BEHAVIOUR:
            raise self.behaviour()
        elif word in _DIRECTIONS or word in _NETS:
            self.declaration(made)
        elif word == "assign":
            self.at += 1
            self.assigns(made)
        elif word in _PARAMETERS:
            self.note(f"{word} is not followed", token)
            self.skip_to(";")
        elif word == "specify":
            self.note("specify is not followed", token)
            self.skip_to("endspecify")
        else:
            self.instances(made)

    def declaration(self, made: Module) -> None:
        word = self.token.text
        self.at += 1
        while self.token.text in _NETS or self.token.text == "signed":
            self.at += 1
        if self.token.text == "reg":
            raise self.behaviour()
        width = self.range() if self.take("[") else None
        while True:
            token = self.token
            name = self.name("a net")
            if word in _DIRECTIONS:
                if made.ports and name not in made.ports:
                    raise self.fail(f"{name} is no port of {made.name}", token)
                if not made.ports or name not in made.directions:
                    made.directions[name] = word
            if width is not None:
                self.declare(made, name, width)
            if word in ("supply0", "supply1"):
                made.aliases += [
                    (bit, CONSTANTS[word[-1] == "1"], token) for bit in made.bits(name)
                ]
            if self.take("="):
                self.alias(made, made.bits(name), token)
            if not self.take(","):
                break
        self.expect(";")

    def assigns(self, made: Module) -> None:
        if self.take("#"):
            self.delay()
        while True:
            token = self.token
            left = self.reference(made)
            self.expect("=")
            self.alias(made, left, token)
            if not self.take(","):
                break
        self.expect(";")

    def alias(self, made: Module, left: list[str], token: Token) -> None:
        right = self.reference(made)
        if len(right) == 1 and len(left) > 1 and right[0] == CONSTANTS[0]:
            right = right * len(left)
        if len(left) != len(right):
            raise self.fail(f"assign of {len(right)} bits to {len(left)}", token)
        made.aliases += [(a, b, token) for a, b in zip(left, right, strict=True)]

    def delay(self) -> None:
        if self.token.text == "(":
            self.skip_brackets()
        else:
            self.at += 1

    # -- what is connected ----------------------------------------------------------------

    def reference(self, made: Module, depth: int = 0) -> list[str]:
        """Return the nets of a name, a part of a bus, a constant, or ``{...}``."""
        if depth > MAX_DEPTH:
            raise self.fail(f"braces nested deeper than {MAX_DEPTH} levels")
        token = self.token
        if self.take("{"):
            return self.concatenation(made, depth)
        if token.kind == "based":
            self.at += 1
            return self.constant(token)
        if token.kind == "number" and token.text in ("0", "1"):
            self.at += 1
            return [CONSTANTS[token.text == "1"]]
        if token.kind != "name":
            raise self.fail(
                f"'{token.text}' is no net; expressions are behaviour, which is not read",
                fix="synthesize it first, for example with yosys",
            )
        name = self.name("a net")
        nets = made.bits(name)
        if self.take("["):
            first = last = self.number()
            if self.take(":"):
                last = self.number()
            self.expect("]")
            nets = self.part(made, name, first, last, token)
        self.count(len(nets))
        if self.token.kind == "mark" and self.token.text in "&|^~+-*/?<>!%":
            raise self.fail(
                f"the operator '{self.token.text}' describes behaviour, which is not read",
                fix="synthesize it first, for example with yosys",
            )
        return nets

    def part(self, made: Module, name: str, first: int, last: int, token: Token) -> list[str]:
        if abs(first - last) >= MAX_BITS:
            raise self.fail(f"a part wider than {MAX_BITS} bits", token)
        if name in made.widths:
            low, high = sorted(made.widths[name])
            if not (low <= first <= high and low <= last <= high):
                raise self.fail(
                    f"{name} has no bit {first if not low <= first <= high else last}", token
                )
        step = -1 if first >= last else 1
        return [f"{name}[{index}]" for index in range(first, last + step, step)]

    def concatenation(self, made: Module, depth: int) -> list[str]:
        nets: list[str] = []
        if self.token.kind == "number" and self.tokens[self.at + 1].text == "{":
            times = self.number()
            self.expect("{")
            inner = self.concatenation(made, depth + 1)
            self.expect("}")
            self.count(times * len(inner))
            return inner * times
        while True:
            nets += self.reference(made, depth + 1)
            if not self.take(","):
                break
        self.expect("}")
        return nets

    def constant(self, token: Token) -> list[str]:
        size, _, rest = token.text.replace("_", "").partition("'")
        rest = rest.strip().lstrip("sS")
        base, digits = rest[0].lower(), rest[1:].strip()
        if any(digit in "xXzZ?" for digit in digits):
            return [f"unconnected{self.fresh()}" for _ in range(int(size or 1) % MAX_BITS)]
        try:
            value = int(digits, {"b": 2, "o": 8, "d": 10, "h": 16}[base])
        except ValueError:
            raise self.fail(f"'{token.text}' is no number", token) from None
        width = int(size.strip() or 1) if len(size.strip()) < 6 else MAX_BITS + 1
        if width > MAX_BITS:
            raise self.fail(f"a constant wider than {MAX_BITS} bits", token)
        self.count(width)
        return [CONSTANTS[(value >> bit) & 1] for bit in range(width - 1, -1, -1)]

    def fresh(self) -> str:
        self.made += 1
        return f"${self.made}"

    def instances(self, made: Module) -> None:
        cell_token = self.token
        cell = self.name("a cell")
        if self.take("#"):
            self.note(f"parameters of {cell} are not followed", cell_token)
            self.delay()
        while True:
            token = self.token
            name = self.name("an instance") if token.kind == "name" else f"{cell}{self.fresh()}"
            if self.take("["):
                raise self.fail(
                    "arrays of instances are not read", token, fix="write the instances one by one"
                )
            if not self.take("("):
                raise self.fail(
                    f"'{self.token.text}' found behind '{cell} {name}', where '(' is expected"
                )
            pins, named = self.connections(made)
            made.instances.append(Instance(cell, name, named, pins, token))
            if not self.take(","):
                break
        self.expect(";")

    def connections(self, made: Module) -> tuple[dict[str, list[str]], bool]:
        pins: dict[str, list[str]] = {}
        named = self.token.text == "." and self.token.kind == "mark"
        number = 0
        while not self.take(")"):
            if self.take("."):
                token = self.token
                port = self.name("a port")
                if port in pins:
                    raise self.fail(f"port {port} is connected twice", token)
                self.expect("(")
                pins[port] = [] if self.token.text == ")" else self.reference(made)
                self.expect(")")
            else:
                number += 1
                empty = self.token.kind == "mark" and self.token.text in ",)"
                pins[str(number)] = [] if empty else self.reference(made)
            if not self.take(","):
                self.expect(")")
                break
        return pins, named
