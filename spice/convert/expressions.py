"""Expressions rewritten for a dialect: plain numbers, its functions, its form of conditions.

Numbers are written in exponent form, because suffixes mean other things elsewhere (``1M``,
``1x``, ``1a``), and powers as ``**``, because ``^`` is a power, an exclusive or, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from eda.circuit.expression import CONSTANTS
from eda.errors import ExpressionError
from eda.numbers import format_exact, parse_number

MAX_DEPTH: Final = 100
"""Deepest nesting of brackets that is followed."""

COMMON: Final = frozenset(
    (
        *("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"),
        *("sqrt", "exp", "log", "log10", "abs", "min", "max", "pow"),
    )
)
"""Functions that every dialect has under these names (``log`` is natural)."""


@dataclass(frozen=True, slots=True)
class Speech:
    """How expressions are written in a dialect.

    Attributes:
        functions: Those it knows, beside `COMMON`.
        rewritten: Templates for those that can be said in others: ``{0}`` is an argument.
        names: Other words for names without a value before a simulation.
        conditional: ``?:`` or ``if``.
        conjunctions: Other words for operators.
        net: Writes a net in a probe.
        probe: Writes the device in a probe of a current.
    """

    functions: frozenset[str] = frozenset()
    rewritten: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    conditional: str = "?:"
    conjunctions: Mapping[str, str] = field(default_factory=dict)
    net: Callable[[str], str] = str
    probe: Callable[[str], str] = "I({})".format


SIGN: Final = "(({0})>0?1:(({0})<0?-1:0))"
REWRITTEN: Final[dict[str, str]] = {
    "ln": "log({0})",
    "limit": "min(max({0},min({1},{2})),max({1},{2}))",
    "u": "(({0})>0?1:0)",
    "stp": "(({0})>0?1:0)",
    "uramp": "max({0},0)",
    "sqr": "(({0})*({0}))",
    "square": "(({0})*({0}))",
    "pwr": f"({SIGN}*pow(abs({{0}}),{{1}}))",
    "pwrs": f"({SIGN}*pow(abs({{0}}),{{1}}))",
    "sgn": SIGN,
    "ternary_fcn": "(({0})?({1}):({2}))",
    "arctan": "atan({0})",
    "arcsin": "asin({0})",
    "arccos": "acos({0})",
    "inv": "(({0})>0.5?0:1)",
    "buf": "(({0})>0.5?1:0)",
    "u2": "min(max({0},0),1)",
    "hypot": "sqrt(({0})**2+({1})**2)",
}
"""Functions said in others, where a dialect lacks them."""

CANONICAL: Final = Speech(
    functions=frozenset({"*"}), rewritten={"ln": "log({0})"}, names={"temp": "temper"}
)
"""The form in which expressions are compared: every function is allowed."""

_CONDITIONS: Final = Speech(functions=frozenset({"*"}), conditional="if")

_PROBE: Final = re.compile(r"([viVI])\s*\(([^()]*)\)")
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eEdD][+-]?\d+)?[^\W\d_]*)"
    r"|(?P<name>[^\W\d][\w.\#$!@\[\]]*|[\#$@][\w.]+|\$\{[^{}]*\})"
    r"|(?P<op>\*\*|&&|\|\||<=|>=|==|!=|<>|<<|>>|[-+*/^%()<>?:,!&|{}'~=;])"
    r'|(?P<string>"[^"]*"))'
)
_OPENING: Final = {"(": ")", "{": "}", "'": "'"}
_SAME: Final = {"^": "**", "<>": "!=", "|": "||", "&": "&&", "=": "=="}


def rewrite(
    text: str,
    speech: Speech,
    *,
    known: Callable[[str], bool] = lambda _name: False,
    own_functions: frozenset[str] = frozenset(),
    unknown: Callable[[str], object] = lambda _function: None,
) -> str:
    """Return an expression as a dialect writes it.

    Args:
        text: The expression of a circuit.
        speech: How the dialect writes expressions.
        known: Whether a name is a parameter of the circuit (else it may be a constant).
        own_functions: Lower-case names of the functions that the circuit defines.
        unknown: Called with every function the dialect does not know.

    Raises:
        ExpressionError: It cannot be cut into tokens.

    Example:
        >>> rewrite("2*RL + 1meg^2", CANONICAL)
        '2*rl+1000000.0**2'
        >>> rewrite("a > 1k ? V(Out) : 0", Speech(conditional="if"))
        'if(a>1000,V(Out),0)'
    """
    run = _Rewriter(text, speech, known, own_functions, unknown)
    return run.whole()


def _bare(text: str) -> str:
    """Return a text without brackets round the whole of it."""
    while text[:1] == "(" and text[-1:] == ")":
        depth = closed = 0
        for place, mark in enumerate(text):
            depth += (mark == "(") - (mark == ")")
            if depth == 0:
                closed = place
                break
        if closed != len(text) - 1:
            break
        text = text[1:-1]
    return text


class _Rewriter:
    """One pass over the tokens of one expression."""

    def __init__(
        self,
        text: str,
        speech: Speech,
        known: Callable[[str], bool],
        own: frozenset[str],
        unknown: Callable[[str], object],
    ) -> None:
        self.text = text
        self.speech = speech
        self.known = known
        self.own = own
        self.unknown = unknown
        self.at = 0

    def whole(self) -> str:
        arguments, closing = self.group("", 0)
        if closing:
            raise self.bad(f"'{closing}' closes nothing")
        return _bare(",".join(arguments))

    def bad(self, why: str) -> ExpressionError:
        shown = self.text if len(self.text) <= 60 else self.text[:57] + "..."
        return ExpressionError(f"bad expression {{{shown}}}: {why}", column=self.at + 1)

    def group(self, closing: str, depth: int) -> tuple[list[str], str]:
        """Return the arguments up to a closing mark, and that mark (empty at the end)."""
        if depth > MAX_DEPTH:
            raise self.bad(f"nested deeper than {MAX_DEPTH} levels")
        arguments: list[str] = []
        parts: list[str] = []
        name = ""
        while True:
            kind, token = self.next()
            if kind == "op" and token == closing and closing:
                break
            if kind == "end":
                if closing:
                    raise self.bad(f"'{closing}' expected, the end found")
                break
            if kind == "op" and token in _OPENING:
                inner, _ = self.group(_OPENING[token], depth + 1)
                if name and token == "(":
                    parts[-1] = self.call(name, inner)
                else:
                    parts.append(f"({','.join(inner)})")
            elif kind == "op" and token == ",":
                arguments.append(self.chosen(parts))
                parts = []
            elif kind == "op" and token in (")", "}"):
                return arguments, token
            else:
                parts.append(self.word(kind, token))
            name = token if kind == "name" else ""
        if parts or arguments:
            arguments.append(self.chosen(parts))
        return arguments, ""

    def next(self) -> tuple[str, str]:
        """Return the kind and text of the next token, and move behind it."""
        start = self.at
        while start < len(self.text) and self.text[start].isspace():
            start += 1
        probe = _PROBE.match(self.text, start)
        if probe is not None:
            self.at = probe.end()
            return "probe", probe.group()
        if start >= len(self.text):
            self.at = start
            return "end", ""
        found = _TOKEN.match(self.text, start)
        if found is None or found.lastgroup is None:
            raise self.bad(f"'{self.text[start]}' is not expected here")
        self.at = found.end()
        return found.lastgroup, found.group(found.lastgroup)

    def word(self, kind: str, token: str) -> str:
        """Return one token in the words of the dialect."""
        if kind == "probe":
            return self.probed(token)
        if kind == "number":
            value = parse_number(token, x_is_mega=True)
            if value is None:
                raise self.bad(f"'{token}' is no number")
            return format_exact(value)
        if kind == "name":
            return self.named(token.lower())
        same = _SAME.get(token, token)
        same = self.speech.conjunctions.get(same, same)
        # ``a!=b`` without blanks is a name with an exclamation mark to some readers.
        return f" {same} " if same == "!=" else same

    def named(self, name: str) -> str:
        if self.known(name):
            return name
        other = self.speech.names.get(name)
        if other is not None:
            return other
        value = CONSTANTS.get(name)
        if value is not None and name not in ("temper", "temp", "tnom"):
            return format_exact(value)
        return name

    def probed(self, token: str) -> str:
        found = _PROBE.match(token)
        if found is None:
            return token
        names = [name for name in re.split(r"[\s,]+", found[2]) if name]
        if found[1] in "iI":
            return self.speech.probe(names[0] if names else "")
        return f"V({','.join(map(self.speech.net, names))})"

    def call(self, name: str, arguments: list[str]) -> str:
        lower = name.lower()
        if lower in self.own:
            return f"{lower}({','.join(arguments)})"
        if lower == "if" and len(arguments) == 3 and self.speech.conditional == "?:":
            c, a, b = (f"({part})" if "?" in part else part for part in map(_bare, arguments))
            return f"({c}?{a}:{b})"
        template = self.speech.rewritten.get(lower)
        if template is not None:
            try:
                made = template.format(*arguments)
            except IndexError:
                return f"{lower}({','.join(arguments)})"
            if "?" in template and self.speech.conditional == "if":
                # The templates have the one form of conditions.
                return f"({rewrite(made, _CONDITIONS)})"
            return made
        known = self.speech.functions
        if lower not in COMMON and lower not in known and "*" not in known and lower != "if":
            self.unknown(lower)
        return f"{lower}({','.join(arguments)})"

    def chosen(self, parts: list[str]) -> str:
        """Return the parts of one argument joined, ``c ? a : b`` in the dialect's form."""
        if "?" not in parts or self.speech.conditional == "?:":
            return "".join(parts)
        # From the right, so that chains of conditions are followed without calls in calls.
        while "?" in parts:
            mark = len(parts) - 1 - parts[::-1].index("?")
            try:
                colon = parts.index(":", mark)
            except ValueError:
                raise self.bad("':' expected") from None
            stop = next((i for i in range(colon + 1, len(parts)) if parts[i] == ":"), len(parts))
            before = [i for i in range(mark) if parts[i] in ("?", ":")]
            start = before[-1] + 1 if before else 0
            pieces = (
                "".join(parts[a:b])
                for a, b in ((start, mark), (mark + 1, colon), (colon + 1, stop))
            )
            parts = [*parts[:start], f"if({','.join(pieces)})", *parts[stop:]]
        return "".join(parts)
