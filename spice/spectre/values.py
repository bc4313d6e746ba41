"""The values of Spectre statements: numbers, words, strings, vectors, expressions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from eda.circuit import Expression, Value
from eda.errors import ExpressionError
from eda.numbers import format_exact
from eda.spice.cards import one_line
from eda.spice.drafts import Draft, Reading
from eda.spice.spectre.expressions import CONSTANTS, spectre_number, translate
from eda.spice.spectre.words import NAME, split_list, unescaped
from eda.spice.words import CardSyntaxError

_PLAIN: Final = re.compile(r"[A-Za-z_][\w!]*$", re.ASCII)
_DIGITS: Final = re.compile(r"\d+$")
_PROBE: Final = re.compile(r"\b([VI])\(([^()]*)\)")

MAX_KEPT: Final = 100_000
"""Most expressions that are remembered: layout formulas repeat from transistor to transistor."""


def value_of(
    reading: Reading,
    scope: Draft,
    raw: str,
    *,
    net: Callable[[str], str] = str,
    device: Callable[[str], str] = str,
) -> Value:
    """Return what the text of a value stands for.

    A word that names no parameter is a word (``type=pulse``); of vectors each element is a
    value.

    Raises:
        CardSyntaxError: A vector is malformed.
        ExpressionError: An expression is.
    """
    number = spectre_number(raw)
    if number is not None:
        return number
    if raw[0] == '"' and raw[-1] == '"' and raw.count('"') == 2:
        return raw[1:-1]
    if raw[0] == "[" and raw[-1] == "]":
        return tuple(value_of(reading, scope, item) for item in split_list(raw))
    if NAME.fullmatch(raw) and not raw[0].isdigit():
        if raw in CONSTANTS:
            return CONSTANTS[raw]
        known = reading.names.parameters.of(raw).lower()
        return Expression(known) if scope.knows(known) else unescaped(raw)
    return expression_of(reading, raw, net=net, device=device)


def expression_of(
    reading: Reading,
    raw: str,
    *,
    net: Callable[[str], str] = str,
    device: Callable[[str], str] = str,
) -> Expression:
    """Return the text of an expression in the form of the circuit.

    Raises:
        ExpressionError: It is malformed.
    """
    known = reading.names.translated
    text = known.get(raw)
    if text is None:
        text = translate(
            raw,
            name=lambda word: reading.names.parameters.of(unescaped(word)).lower(),
            net=net,
            device=device,
        )
        if len(known) < MAX_KEPT and "V(" not in text and "I(" not in text:
            known[raw] = text
    return Expression(text)


def parameter_of(reading: Reading, scope: Draft, raw: str) -> Value:
    """Return the value of a ``parameters`` statement: a number, text, or an expression."""
    number = spectre_number(raw)
    if number is not None:
        return number
    if raw[0] in '"[':
        return value_of(reading, scope, raw)
    return expression_of(reading, raw)


def as_problem(problem: ExpressionError, offset: int) -> CardSyntaxError:
    """Return an error of an expression as one of its statement, at its place there."""
    return CardSyntaxError(str(problem), column=offset + max(problem.column - 1, 0))


def escaped(name: str) -> str:
    r"""Return a name as Spectre writes it.

    Example:
        >>> escaped("out<3>"), escaped("vdd!"), escaped("12"), escaped("2n")
        ('out\\<3\\>', 'vdd!', '12', '\\2n')
    """
    if _PLAIN.match(name) or _DIGITS.match(name):
        return name
    made = re.sub(r"[^\w!]", lambda found: "\\" + found.group(), name)
    return f"\\{made}" if made[:1].isdigit() else made


def spectre_text(value: Value) -> str:
    """Return a value as Spectre reads it."""
    if isinstance(value, Expression):
        text = _PROBE.sub(_probe, one_line(value.text))
        return text if re.fullmatch(r"[\w.*/+-]+", text) else f"({text})"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | int):
        return format_exact(float(value))
    if isinstance(value, tuple):
        return f"[{' '.join(_element(part) for part in value)}]"
    return value if re.fullmatch(r"[A-Za-z_]\w*", value) else f'"{one_line(value)}"'


def _element(value: Value) -> str:
    text = spectre_text(value)
    return f"({text})" if isinstance(value, Expression) and text[0] != "(" else text


def _probe(found: re.Match[str]) -> str:
    if found[1] == "I":
        return f'i("{escaped(found[2].strip())}:1")'
    return f"v({','.join(escaped(name.strip()) for name in found[2].split(','))})"
