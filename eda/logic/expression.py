"""Expressions: ``y = a & !b | (c ^ d)``, one output a line, read without evaluating anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eda.aig import Aig, AigBuilder, strash
from eda.errors import AigerError

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOKEN: Final = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_.\[\]]*|[01]|&&|\|\||[()!~&|^*+'])")
_OPERATORS: Final = {"|": 1, "||": 1, "+": 1, "^": 2, "&": 3, "&&": 3, "*": 3}
_NOT: Final = "!"
_TARGET: Final = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_.\[\]]*)\s*=(?!=)")
MOST_INPUTS: Final = 64


def read_expressions(rows: Sequence[tuple[int, str]], path: str) -> Aig:
    """Read expressions; inputs come in the order in which they are named first.

    Operators: ``! ~`` and a quote behind a name for NOT, ``& && *`` for AND, ``^`` for XOR,
    ``| || +`` for OR, which binds least; an earlier output may be used by its name.

    Args:
        rows: Line numbers and texts.
        path: What messages call the text.

    Raises:
        AigerError: A line is no expression.
    """
    parsed = []
    names: dict[str, int] = {}
    outputs: list[str] = []
    for number, text in rows:
        match = _TARGET.match(text)
        output = match[1] if match else f"o{len(outputs)}"
        tokens = _tokens(text[match.end() :] if match else text, path, number)
        for token in tokens:
            if (token[0].isalpha() or token[0] == "_") and token not in outputs:
                names.setdefault(token, len(names))
        if output in outputs or output in names:
            raise _error(path, number, f"{output} is used already, and cannot be defined here")
        outputs.append(output)
        parsed.append((number, tokens))
    if len(names) > MOST_INPUTS:
        raise _error(path, rows[0][0], f"{len(names)} inputs; at most {MOST_INPUTS} are read")
    made = AigBuilder(len(names))
    known = {name: made.inputs[at] for name, at in names.items()}
    for output, (number, tokens) in zip(outputs, parsed, strict=True):
        known[output] = _build(made, tokens, known, path, number)
        made.output(known[output])
    return strash(made.build(input_names=tuple(names), output_names=tuple(outputs), source=path))


def _error(path: str, line: int, message: str) -> AigerError:
    return AigerError(f"{path}:{line}: {message}", path=path, line=line)


def _tokens(text: str, path: str, line: int) -> list[str]:
    tokens, at = [], 0
    text = text.rstrip().rstrip(";")
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _error(path, line, f"{text[at : at + 12].strip()!r} is no part of an expression")
        tokens.append(match[1])
        at = match.end()
    return tokens


def _build(
    made: AigBuilder, tokens: Sequence[str], known: dict[str, int], path: str, line: int
) -> int:
    """Build an expression with two stacks, however deep its brackets are."""
    values: list[int] = []
    waiting: list[str] = []
    wants_value = True

    def apply() -> None:
        operator = waiting.pop()
        if operator == _NOT:
            values[-1] ^= 1
            return
        b, a = values.pop(), values.pop()
        kind = _OPERATORS[operator]
        values.append((made.or_, made.xor, made.and_)[kind - 1](a, b))

    for token in tokens:
        if wants_value and token in "!~":
            waiting.append(_NOT)
        elif wants_value and token == "(":
            waiting.append(token)
        elif wants_value and (token in known or token in "01"):
            values.append(int(token) if token in "01" else known[token])
            wants_value = False
        elif not wants_value and token == "'":
            values[-1] ^= 1
        elif not wants_value and token == ")":
            while waiting and waiting[-1] != "(":
                apply()
            if not waiting:
                raise _error(path, line, "a bracket is closed that was not opened")
            waiting.pop()
        elif not wants_value and token in _OPERATORS:
            while (
                waiting
                and waiting[-1] != "("
                and (waiting[-1] == _NOT or _OPERATORS[waiting[-1]] >= _OPERATORS[token])
            ):
                apply()
            waiting.append(token)
            wants_value = True
        else:
            raise _error(path, line, f"{token!r} stands where it has no meaning")
        if not wants_value:
            while waiting and waiting[-1] == _NOT:
                apply()
    if wants_value:
        raise _error(path, line, "the expression ends where a value belongs")
    while waiting:
        if waiting[-1] == "(":
            raise _error(path, line, "a bracket is not closed")
        apply()
    return values[0]
