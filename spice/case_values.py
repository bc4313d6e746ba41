"""Values in a case: a number, or a string with arithmetic on parameter names.

The grammar is small on purpose, so that any program can read it::

    value  = term { ("+" | "-") term }
    term   = factor { ("*" | "/") factor }
    factor = NUMBER | NAME | "(" value ")" | ("+" | "-") factor

NUMBER is plain decimal (``1e-9``, no suffixes); there are no functions. The text is checked
against this, and then worked out by `eda.circuit.expression`, which knows more.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from eda.circuit.expression import evaluate
from eda.errors import ExpressionError, SpecError

MAX_LENGTH: Final = 1000
"""Longest expression that is read, in characters."""

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<sign>[-+*/()]))",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Value:
    """A value that may depend on parameters.

    Attributes:
        text: As it stands in the case.
        names: The parameters it names, lower case.
    """

    text: str
    names: frozenset[str]

    def at(self, parameters: Mapping[str, float]) -> float:
        """Return the value with these parameters (by lower-case name); NaN or infinite too."""
        return evaluate(self.text, parameters)


def read_value(given: Any, *, names: Mapping[str, float], where: str) -> Value:
    """Return a value of a case.

    Args:
        given: What stands there: a number or a string.
        names: Parameters that may be named, with values, by lower-case name.
        where: What it is called in messages, as ``metric gain_db: at_hz``.

    Raises:
        SpecError: It cannot be read, names what is no parameter, or is no finite number.

    Example:
        >>> read_value("2*tstep", names={"tstep": 2e-7}, where="x").at({"tstep": 1e-6})
        2e-06
    """
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise SpecError(f"{where} is {given!r}; write a number, or a string with arithmetic")
    if isinstance(given, int | float):
        number = _finite(given)
        if number is None:
            raise SpecError(f"{where} is {given}, which is no finite number")
        return Value(repr(number), frozenset())
    found = _names(given, where)
    for name in sorted(found):
        if name not in names:
            known = ", ".join(names) or "none"
            raise SpecError(
                f"{where} is {given!r}, and {name} is no parameter of the case (it has {known})"
            )
    try:
        value = evaluate(given, names)
    except ExpressionError as problem:
        raise SpecError(f"{where} is {given!r}, which cannot be read: {problem}") from None
    if not math.isfinite(value):
        raise SpecError(f"{where} is {given!r}, which has no finite value at the nominal design")
    return Value(given, found)


def _finite(number: int | float) -> float | None:
    try:
        value = float(number)
    except OverflowError:
        return None
    return value if math.isfinite(value) else None


def _names(text: str, where: str) -> frozenset[str]:
    """Return the names in an expression, which must be made of the grammar's words."""
    if len(text) > MAX_LENGTH:
        raise SpecError(f"{where} is longer than {MAX_LENGTH} characters")
    names: set[str] = set()
    at, end, before = 0, len(text.rstrip()), ""
    while at < end:
        found = _TOKEN.match(text, at)
        # Names before a bracket would be functions, and two stars a power, to the evaluator.
        token = found.group().strip() if found else ""
        call = token == "(" and before not in ("", *"+-*/(")
        if found is None or call or (token == before and token in ("*", "/")):
            raise SpecError(
                f"{where} is {text!r}, which cannot be read at character {at + 1}: only plain "
                "decimal numbers, parameter names, + - * / and brackets may stand there"
            )
        if found["name"]:
            names.add(token.lower())
        at, before = found.end(), token
    return frozenset(names)
