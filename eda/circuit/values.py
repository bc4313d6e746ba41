"""Values of parameters: numbers in SI units, and expressions with the number beside the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union


@dataclass(frozen=True, slots=True)
class Expression:
    """A parameter that was written as an expression.

    Attributes:
        text: The expression without its braces or quotes, as written.
        value: Its value, in SI units, where it could be worked out; else None
            (it names a parameter of the subcircuit, a voltage or the time).
    """

    text: str
    value: float | None = None


Value = Union[float, bool, str, Expression, tuple["Value", ...]]  # noqa: UP007  # recursive alias
"""A parameter's value: number (SI), flag, text, expression, or a list of values."""


def number(value: Value | None) -> float | None:
    """Return the number behind a value, or None where there is none.

    Example:
        >>> number(Expression("2*r", 2e3)), number(5.0), number("poly"), number(None)
        (2000.0, 5.0, None, None)
    """
    if isinstance(value, Expression):
        return value.value
    if isinstance(value, bool):
        return None
    return value if isinstance(value, float | int) else None
