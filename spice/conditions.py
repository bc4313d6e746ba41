"""``.if .elseif .else .endif``: which branch is read."""

from __future__ import annotations

import re
from typing import Final

from eda.circuit import Value
from eda.circuit.expression import DynamicExpression, UndefinedNameError
from eda.errors import ExpressionError
from eda.spice.drafts import Draft
from eda.spice.lines import LogicalLine
from eda.spice.walk import MAX_NESTING, Condition, File, Walk, parameter_value
from eda.spice.words import CardSyntaxError

CONDITIONS: Final = frozenset({".if", ".elseif", ".else", ".endif"})

_DECIDES: Final = re.compile(r"^\s*\.(?:if|elseif)\b", re.IGNORECASE | re.MULTILINE)


def decides(text: str) -> bool:
    """Return whether a netlist has conditions, which are decided when it is read."""
    return _DECIDES.search(text) is not None


def condition(walk: Walk, file: File, line: LogicalLine, word: str) -> None:
    """``.if .elseif .else .endif``."""
    stack = file.conditions
    if word == ".if":
        if len(stack) >= MAX_NESTING:
            raise walk.reading.fail(f".if nested deeper than {MAX_NESTING} levels", file.path, line)
        outside = not file.blocked
        holds = outside and is_true(walk, file, line, line.text[3:])
        stack.append(Condition(line, taken=holds or not outside, reading=holds))
    elif not stack:
        walk.problem(file, line, f"{word} without .if")
    elif word == ".endif":
        stack.pop()
    elif word == ".else":
        stack[-1].reading = not stack[-1].taken
        stack[-1].taken = True
    else:
        holds = not stack[-1].taken and is_true(walk, file, line, line.text[7:])
        stack[-1].reading = holds
        stack[-1].taken = stack[-1].taken or holds


def is_true(walk: Walk, file: File, line: LogicalLine, condition: str) -> bool:
    """Return whether a condition is true, parameters further down included."""
    text = condition.strip()
    try:
        try:
            return bool(walk.scope.environment().evaluate(text))
        except UndefinedNameError:
            ahead = parameters_ahead(walk, file, line)
            return bool(
                Draft("", line.span(file.path), walk.scope, parameters=ahead)
                .environment()
                .evaluate(text)
            )
    except (ExpressionError, DynamicExpression, CardSyntaxError) as problem:
        code = "undefined_parameter" if isinstance(problem, UndefinedNameError) else "syntax"
        walk.reading.report(
            "warning" if walk.reading.incomplete and code != "syntax" else "error",
            code,
            f"{problem} in a condition, taken as false",
            file.path,
            line,
            fix="define the parameter with .param",
        )
        return False


def parameters_ahead(walk: Walk, file: File, line: LogicalLine) -> dict[str, Value]:
    """Return what ``.param`` cards below a line define."""
    ahead: dict[str, Value] = {}
    for number, name, raw in file.parameter_cards:
        if number > line.line:
            ahead.setdefault(name, parameter_value(walk.reading, raw))
    return ahead
