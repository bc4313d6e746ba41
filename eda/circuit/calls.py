"""Calls of a circuit's own functions, replaced by what they stand for.

A flat circuit has no ``.func`` any more: an expression that waits for the simulation, because it
reads a voltage, takes the bodies of the functions it calls with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from eda.circuit.circuit import Function

LONGEST: Final = 100_000
"""Letters; an expression that would become longer keeps its calls."""

_CALL: Final = re.compile(r"(?<![\w.])([^\W\d]\w*)\s*\(")
_NAME: Final = re.compile(r"(?<![\w.])[^\W\d][\w.]*(?!\s*\()")
_PROBE: Final = re.compile(r"\b[vi]\s*\($", re.IGNORECASE)


def expand_calls(text: str, functions: Mapping[str, Function]) -> str:
    """Return an expression without calls of these functions, as far as that stays short.

    Args:
        text: The expression.
        functions: By lower-case name.

    Example:
        >>> twice = Function("twice", ("x",), "2*x")
        >>> expand_calls("1+twice(V(a)+b)", {"twice": twice})
        '1+(2*(V(a)+b))'
    """
    if not functions:
        return text
    made, at, rounds = text, 0, 0
    while (found := _CALL.search(made, at)) is not None:
        function = functions.get(found[1].lower())
        arguments, end = _arguments(made, found.end())
        if function is None or arguments is None or len(arguments) != len(function.arguments):
            at = found.end()
            continue
        rounds += 1
        inner = _body(function, arguments)
        if rounds > 1000 or len(made) + len(inner) > LONGEST:
            return text
        made = f"{made[: found.start()]}({inner}){made[end:]}"
        at = found.start()
    return made


def _body(function: Function, arguments: list[str]) -> str:
    given = dict(zip((name.lower() for name in function.arguments), arguments, strict=True))

    def replaced(found: re.Match[str]) -> str:
        argument = given.get(found.group().lower())
        if argument is None:
            return found.group()
        probed = _PROBE.search(function.body[: found.start()].rstrip(" \t"))
        return argument if probed or re.fullmatch(r"[\w.]+", argument) else f"({argument})"

    return _NAME.sub(replaced, function.body)


def _arguments(text: str, start: int) -> tuple[list[str] | None, int]:
    """Return the arguments of a call whose bracket is open, and where it ends."""
    parts: list[str] = []
    depth, begun = 0, start
    for at in range(start, len(text)):
        letter = text[at]
        if letter == "(":
            depth += 1
        elif letter == ")":
            if depth == 0:
                parts.append(text[begun:at].strip())
                return ([] if parts == [""] else parts), at + 1
            depth -= 1
        elif letter == "," and depth == 0:
            parts.append(text[begun:at].strip())
            begun = at + 1
    return None, len(text)
