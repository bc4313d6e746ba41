"""Parameter expressions: a small evaluator by precedence climbing, never Python's own.

It reads what ngspice, HSPICE, LTspice and PSpice write between braces or quotes: numbers with
suffixes, parameters, the usual operators (``**`` and ``^`` for powers, ``?:``, comparisons,
logic) and functions, those of ``.func`` included. Expressions that name a voltage, a current
or the time have no value before a simulation; they raise `DynamicExpression`.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Final

from eda.circuit.circuit import Function
from eda.errors import ExpressionError
from eda.numbers import parse_number

MAX_DEPTH: Final = 60
"""Deepest nesting of parentheses, functions and signs that is followed."""

MAX_CALLS: Final = 10_000
"""Most calls of ``.func`` functions in working out one expression."""

MAX_LENGTH: Final = 200_000
"""Longest expression that is read, in characters."""

DYNAMIC_FUNCTIONS: Final = frozenset({"v", "i", "vdb", "vp", "vm", "vr", "vi", "idt", "ddt", "sdt"})
DYNAMIC_NAMES: Final = frozenset({"time", "hertz", "freq"})

_TOKEN: Final = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eEdD][+-]?\d+)?[^\W\d_]*)
    | (?P<name>[^\W\d][\w.\#$!@\[\]]*|[\#$@][\w.]+|\$\{[^{}]*\})
    | (?P<op>\*\*|&&|\|\||<=|>=|==|!=|<>|<<|>>|[-+*/^%()<>?:,!&|{}'~=;])
    | (?P<string>"[^"]*")
    )""",
    re.VERBOSE,
)

_BINARY: Final[dict[str, tuple[int, Callable[[float, float], float]]]] = {
    "||": (1, lambda a, b: float(bool(a) or bool(b))),
    "|": (1, lambda a, b: float(bool(a) or bool(b))),
    "&&": (2, lambda a, b: float(bool(a) and bool(b))),
    "&": (2, lambda a, b: float(bool(a) and bool(b))),
    "==": (3, lambda a, b: float(a == b)),
    "=": (3, lambda a, b: float(a == b)),
    "!=": (3, lambda a, b: float(a != b)),
    "<>": (3, lambda a, b: float(a != b)),
    "<": (4, lambda a, b: float(a < b)),
    ">": (4, lambda a, b: float(a > b)),
    "<=": (4, lambda a, b: float(a <= b)),
    ">=": (4, lambda a, b: float(a >= b)),
    "<<": (5, lambda a, b: a * _power(2.0, b)),
    ">>": (5, lambda a, b: a / _power(2.0, b)),
    "+": (5, operator.add),
    "-": (5, operator.sub),
    "*": (6, operator.mul),
    "/": (6, lambda a, b: _divide(a, b)),
    "%": (6, lambda a, b: math.fmod(a, b) if b else math.nan),
}
_POWER: Final = 8


class DynamicExpression(Exception):  # not a failure: it tells the caller to wait
    """Raised where an expression depends on the solution: a voltage, a current, the time."""


class UndefinedNameError(ExpressionError):
    """A parameter or function that has no value.

    Attributes:
        name: What was not found.
    """

    def __init__(self, name: str, what: str = "parameter") -> None:
        """Keep the name."""
        super().__init__(f"undefined {what} {name}")
        self.name = name


def _divide(a: float, b: float) -> float:
    if b:
        return a / b
    return math.nan if a == 0 or a != a else math.copysign(math.inf, a)


def _power(a: float, b: float) -> float:
    try:
        result = a**b
    except (OverflowError, ZeroDivisionError):
        return math.inf
    return math.nan if isinstance(result, complex) else float(result)


def _guard(function: Callable[..., float]) -> Callable[..., float]:
    """Turn a domain or overflow error into not-a-number, as the simulators do."""

    def guarded(*arguments: float) -> float:
        try:
            return float(function(*arguments))
        except (ValueError, OverflowError, ZeroDivisionError):
            return math.nan

    return guarded


def _table(x: float, *points: float) -> float:
    """Linear interpolation through (x, y) pairs, flat outside."""
    pairs = list(zip(points[::2], points[1::2], strict=False))
    if not pairs or x <= pairs[0][0]:
        return pairs[0][1] if pairs else math.nan
    for (x0, y0), (x1, y1) in pairwise(pairs):
        if x <= x1:
            return y0 + (y1 - y0) * _divide(x - x0, x1 - x0)
    return pairs[-1][1]


FUNCTIONS: Final[dict[str, Callable[..., float]]] = {
    name: _guard(function)
    for name, function in {
        **{n: getattr(math, n) for n in ("sin", "cos", "tan", "asin", "acos", "atan", "atan2")},
        **{n: getattr(math, n) for n in ("sinh", "cosh", "tanh", "asinh", "acosh", "atanh")},
        **{"arcsin": math.asin, "arccos": math.acos, "arctan": math.atan},
        **{n: getattr(math, n) for n in ("sqrt", "exp", "log10", "floor", "ceil", "hypot")},
        **{"ln": math.log, "log": math.log, "abs": abs},
        "db": lambda x: 20 * math.log10(abs(x)),
        "min": lambda *values: min(values),
        "max": lambda *values: max(values),
        "int": math.trunc,
        "trunc": math.trunc,
        "nint": round,
        "round": round,
        "sgn": lambda x: float((x > 0) - (x < 0)),
        "sign": lambda x, y=None: (
            math.copysign(x, y) if y is not None else float((x > 0) - (x < 0))
        ),
        "pow": _power,
        "pwr": lambda x, y: math.copysign(_power(abs(x), y), x),
        "pwrs": lambda x, y: math.copysign(_power(abs(x), y), x),
        "sqr": lambda x: x * x,
        "square": lambda x: x * x,
        "u": lambda x: float(x > 0),
        "u2": lambda x: min(max(x, 0.0), 1.0),
        "stp": lambda x: float(x > 0),
        "uramp": lambda x: max(x, 0.0),
        "buf": lambda x: float(x > 0.5),
        "inv": lambda x: float(x <= 0.5),
        "if": lambda c, a, b: a if c else b,
        "ternary_fcn": lambda c, a, b: a if c else b,
        "limit": lambda x, a, b: min(max(x, min(a, b)), max(a, b)),
        "table": _table,
        "pwl": _table,
        **{
            f"{word}0": (lambda x, compare=compare: float(compare(x, 0.0)))
            for word, compare in (
                *(("eq", operator.eq), ("ne", operator.ne), ("gt", operator.gt)),
                *(("lt", operator.lt), ("ge", operator.ge), ("le", operator.le)),
            )
        },
        "fmod": math.fmod,
        "mod": math.fmod,
        # Statistical functions stand for their nominal value outside a Monte Carlo run.
        "gauss": lambda nominal, *_: nominal,
        "agauss": lambda nominal, *_: nominal,
        "unif": lambda nominal, *_: nominal,
        "aunif": lambda nominal, *_: nominal,
        "mc": lambda nominal, *_: nominal,
        "flat": lambda *_: 0.0,
        "limit_mc": lambda nominal, *_: nominal,
    }.items()
}
"""Functions by name. ``log`` is natural, as in ngspice, HSPICE and LTspice."""

CONSTANTS: Final[dict[str, float]] = {
    "pi": math.pi,
    "e": math.e,
    "true": 1.0,
    "false": 0.0,
    "yes": 1.0,
    "no": 0.0,
    "temper": 27.0,
    "temp": 27.0,
    "tnom": 27.0,
    "echarge": 1.602176634e-19,
    "boltz": 1.380649e-23,
    "kelvin": -273.15,
    "planck": 6.62607015e-34,
    "c": 299792458.0,
}
"""Names that have a value where nobody defines them."""

Lookup = Callable[[str], float | None]


class _Parser:
    """One pass over the tokens of one expression, evaluating as it goes."""

    def __init__(
        self,
        text: str,
        lookup: Lookup,
        functions: Mapping[str, Function],
        depth: int,
        calls: list[int],
    ):
        if len(text) > MAX_LENGTH:
            raise ExpressionError(f"bad expression: longer than {MAX_LENGTH} characters")
        self.text = text
        self.lookup = lookup
        self.functions = functions
        self.depth = depth
        self.calls = calls
        self.tokens = list(_tokens(text))
        self.at = 0

    def value(self) -> float:
        result = self.conditional()
        kind, token, place = self.tokens[self.at]
        if kind != "end":
            raise self.bad(f"'{token}' is not expected here", place)
        return result

    def bad(self, why: str, place: int) -> ExpressionError:
        shown = self.text if len(self.text) <= 60 else self.text[:57] + "..."
        return ExpressionError(f"bad expression {{{shown}}}: {why}", column=place + 1)

    def take(self, token: str) -> bool:
        if self.tokens[self.at][1] == token and self.tokens[self.at][0] == "op":
            self.at += 1
            return True
        return False

    def expect(self, token: str) -> None:
        if not self.take(token):
            kind, found, place = self.tokens[self.at]
            seen = f"'{found}'" if kind != "end" else "the end"
            raise self.bad(f"'{token}' expected, {seen} found", place)

    def nested(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            place = self.tokens[self.at][2]
            raise self.bad(f"nested deeper than {MAX_DEPTH} levels", place)

    def conditional(self) -> float:
        self.nested()
        condition = self.binary(0)
        if self.take("?"):
            yes = self.conditional()
            self.expect(":")
            no = self.conditional()
            condition = yes if condition else no
        self.depth -= 1
        return condition

    def binary(self, floor: int) -> float:
        left = self.unary()
        while True:
            kind, token, _ = self.tokens[self.at]
            if kind != "op" or token not in _BINARY:
                return left
            level, apply = _BINARY[token]
            if level <= floor:
                return left
            self.at += 1
            left = apply(left, self.binary(level))

    def unary(self) -> float:
        sign = 1.0
        while True:
            if self.take("-"):
                sign = -sign
            elif self.take("!") or self.take("~"):
                return sign * float(not self.unary_operand())
            elif not self.take("+"):
                return sign * self.power()

    def unary_operand(self) -> float:
        self.nested()
        value = self.unary()
        self.depth -= 1
        return value

    def power(self) -> float:
        base = self.atom()
        if self.take("**") or self.take("^"):
            # Right-associative, and binds tighter than a sign on its left.
            return _power(base, self.unary_operand())
        return base

    def atom(self) -> float:
        kind, token, place = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            number = parse_number(token, x_is_mega=True)
            if number is None:
                raise self.bad(f"'{token}' is no number", place)
            return number
        if kind == "name":
            if self.take("("):
                return self.call(token, place)
            return self.name(token)
        for opening, closing in (("(", ")"), ("{", "}"), ("'", "'")):
            if kind == "op" and token == opening:
                inner = self.conditional()
                self.expect(closing)
                return inner
        if kind == "end":
            raise self.bad("a value is missing at the end", place)
        raise self.bad(f"a value is missing before '{token}'", place)

    def name(self, token: str) -> float:
        name = token.lower()
        value = self.lookup(name)
        if value is None:
            if name in DYNAMIC_NAMES:
                raise DynamicExpression(token)
            value = CONSTANTS.get(name)
        if value is None:
            raise UndefinedNameError(token)
        return value

    def call(self, token: str, place: int) -> float:
        name = token.lower()
        made = self.functions.get(name)
        if made is None and name in DYNAMIC_FUNCTIONS:
            raise DynamicExpression(token)
        arguments: list[float] = []
        if not self.take(")"):
            arguments.append(self.conditional())
            while self.take(","):
                arguments.append(self.conditional())
            self.expect(")")
        if made is not None:
            return self.call_made(made, arguments, place)
        builtin = FUNCTIONS.get(name)
        if builtin is None:
            raise UndefinedNameError(token, "function")
        try:
            return builtin(*arguments)
        except TypeError:
            raise self.bad(f"{token} does not take {len(arguments)} arguments", place) from None

    def call_made(self, made: Function, arguments: list[float], place: int) -> float:
        if len(arguments) != len(made.arguments):
            raise self.bad(
                f"{made.name} takes {len(made.arguments)} arguments, {len(arguments)} given", place
            )
        local = dict(zip(made.arguments, arguments, strict=True))
        outer = self.lookup

        def look(name: str) -> float | None:
            return local[name] if name in local else outer(name)

        self.nested()
        # Functions that call others twice and more would keep us busy for ever.
        self.calls[0] += 1
        if self.calls[0] > MAX_CALLS:
            raise self.bad(f"more than {MAX_CALLS} calls of functions", place)
        value = _Parser(made.body, look, self.functions, self.depth, self.calls).value()
        self.depth -= 1
        return value


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            shown = text if len(text) <= 60 else text[:57] + "..."
            while text[at].isspace():
                at += 1
            raise ExpressionError(
                f"bad expression {{{shown}}}: '{text[at : at + 1]}' is not expected here",
                column=at + 1,
            )
        yield found.lastgroup, found.group(found.lastgroup), found.start(found.lastgroup)
        at = found.end()
    yield "end", "", end


def evaluate(
    text: str,
    lookup: Lookup | Mapping[str, float] | None = None,
    functions: Mapping[str, Function] | None = None,
) -> float:
    """Return the value of an expression.

    Args:
        text: The expression, without its outer braces or quotes.
        lookup: Values of parameters by lower-case name: a mapping, or a function that
            returns None for what it does not know.
        functions: ``.func`` definitions by lower-case name.

    Raises:
        ExpressionError: It is malformed; `UndefinedNameError` where a name has no value.
        DynamicExpression: It depends on a voltage, a current or the time.

    Example:
        >>> evaluate("2*r + (r > 1k ? 1meg : 0)", {"r": 2e3})
        1004000.0
    """
    look: Lookup = lookup if callable(lookup) else (lookup or {}).get
    return _Parser(text, look, functions or {}, 0, [0]).value()


def names_in(text: str) -> frozenset[str]:
    """Return the lower-case names an expression could refer to, functions included.

    Example:
        >>> sorted(names_in("2*Rtop + max(a, 1k)"))
        ['a', 'max', 'rtop']
    """
    return frozenset(found.lower() for found in _NAME.findall(text))


_NAME: Final = re.compile(r"(?<![\w.])[^\W\d][\w.]*")


_PROBE: Final = re.compile(r"\b(v|i)\s*\(([^()]*)\)", re.IGNORECASE)


def probes(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the nets (of ``V(a,b)``) and the devices (of ``I(V1)``) an expression names.

    Example:
        >>> probes("V(a) * V(a, c) + I(V1)")
        (('a', 'c'), ('V1',))
    """
    nets: dict[str, None] = {}
    devices: dict[str, None] = {}
    for letter, inside in _PROBE.findall(text):
        names = [name for name in re.split(r"[\s,]+", inside) if name]
        (nets if letter in "vV" else devices).update(dict.fromkeys(names))
    return tuple(nets), tuple(devices)


def rename_probes(
    text: str, rename_net: Callable[[str], str], rename_device: Callable[[str], str]
) -> str:
    """Return the expression with the nets and devices of its probes renamed.

    Example:
        >>> rename_probes("V(a)*2", lambda net: f"x1.{net}", str)
        'V(x1.a)*2'
    """

    def renamed(found: re.Match[str]) -> str:
        letter, inside = found.groups()
        rename = rename_net if letter in "vV" else rename_device
        names = [rename(name) for name in re.split(r"[\s,]+", inside) if name]
        return f"{letter}({','.join(names)})"

    return _PROBE.sub(renamed, text)
