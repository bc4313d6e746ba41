r"""A Spectre statement cut into words, nodes in brackets, and ``name=value`` pairs.

Values may hold blanks (``ad=W * 2.5 * (45n) pd=3u``): a value ends where the next ``name=``
begins, outside every bracket and string.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from eda.spice.words import CardSyntaxError

MAX_DEPTH: Final = 100
"""Deepest nesting of brackets in a statement."""

NAME: Final = re.compile(r"(?:[^\W]|[.!#$@:/]|\\.)+")
"""A word: letters, digits, the marks Spectre allows, and anything behind a backslash."""

_TOKEN: Final = re.compile(r'"[^"]*"|[=<>!]=|(?:\w|[.!#$@:]|\\.)+|[()\[\]{}]|[^\s\w]', re.DOTALL)
_CLOSING: Final = {")": "(", "]": "[", "}": "{"}
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


class Pair(NamedTuple):
    """One ``name=value`` of a statement.

    Attributes:
        name: As written, escapes and all.
        value: As written.
        offset: Where the value begins in the statement.
    """

    name: str
    value: str
    offset: int


class Statement(NamedTuple):
    """A statement taken apart.

    Attributes:
        words: What stands before the first pair; the content of a bracket is words too.
        nodes: How many words (behind the first) a bracket right behind the name holds; -1
            where there is no bracket.
        pairs: The ``name=value`` pairs.
    """

    words: list[str]
    nodes: int
    pairs: list[Pair]


def unescaped(word: str) -> str:
    r"""Return a name without its backslashes.

    Example:
        >>> unescaped(r"out\<3\>")
        'out<3>'
    """
    return _ESCAPED.sub(r"\1", word) if "\\" in word else word


def split_statement(text: str) -> Statement:
    r"""Return the parts of ``NAME (nodes) MASTER p=v ...``.

    Raises:
        CardSyntaxError: A bracket or string is not closed, or ``=`` stands in a wrong place.

    Example:
        >>> split_statement("M1 (d g s b) nch w = 2 * W l=45n").pairs[0]
        Pair(name='w', value='2 * W', offset=25)
        >>> split_statement(r"R1 (a\\<0\\> b) resistor r=1k").words
        ['R1', 'a\\<0\\>', 'b', 'resistor']
    """
    words: list[str] = []
    nodes = -1
    stack: list[tuple[str, int]] = []
    marks: list[tuple[int, int, int]] = []  # name start, name end, value start
    previous: re.Match[str] | None = None
    first = 0
    for found in _TOKEN.finditer(text):
        token = found.group()
        if token in ("(", "[", "{"):
            stack.append((token, found.start()))
            if len(stack) > MAX_DEPTH:
                raise CardSyntaxError(
                    f"brackets nested deeper than {MAX_DEPTH} levels", column=found.start()
                )
            if not marks and len(stack) == 1 and token == "(" and len(words) == 1:
                first = len(words)
        elif token in _CLOSING:
            if not stack or stack[-1][0] != _CLOSING[token]:
                raise CardSyntaxError(f"'{token}' closes nothing", column=found.start())
            stack.pop()
            if not marks and not stack and token == ")" and nodes < 0 and first == 1:
                nodes = len(words) - 1
        elif token == "=" and not stack:
            if previous is None or not NAME.fullmatch(previous.group()):
                raise CardSyntaxError("'=' is not expected here", column=found.start())
            if not marks and words:
                words.pop()
            marks.append((previous.start(), previous.end(), found.end()))
        elif token == '"':
            raise CardSyntaxError('the string " is not closed', column=found.start())
        elif not marks:
            words.append(token)
        previous = found
    if stack:
        mark, place = stack[0]
        raise CardSyntaxError(f"the bracket '{mark}' is not closed", column=place)
    return Statement(words, nodes, _pairs(text, marks))


def _pairs(text: str, marks: list[tuple[int, int, int]]) -> list[Pair]:
    pairs = []
    for index, (start, end, value) in enumerate(marks):
        stop = marks[index + 1][0] if index + 1 < len(marks) else len(text)
        raw = text[value:stop]
        name = text[start:end]
        if not raw.strip():
            raise CardSyntaxError(f"'{name}=' has no value", column=end)
        pairs.append(Pair(name, raw.strip(), value + len(raw) - len(raw.lstrip())))
    return pairs


def split_list(text: str) -> list[str]:
    """Return the elements of a vector ``[0 a +3 (b + c)]``, its brackets left out.

    Raises:
        CardSyntaxError: A binary operator stands in it without brackets.

    Example:
        >>> split_list("[0 1n -2 (a + b) f(x, 1)]")
        ['0', '1n', '-2', '(a + b)', 'f(x, 1)']
    """
    inner = text.strip()[1:-1]
    items: list[str] = []
    depth = 0
    sign = ""
    end = 0
    for found in re.finditer(r'"[^"]*"|(?:[\w.!]|(?<=\d[eE])[+-]|\\.)+|[^\s]', inner):
        token = found.group()
        joined = bool(items) and not sign and found.start() == end
        if depth:
            items[-1] += inner[end : found.start()] + token
            depth += (token in "([") - (token in ")]") if len(token) == 1 else 0
        elif token in ("(", "["):
            if joined:
                items[-1] += token
            else:
                items.append(sign + token)
            sign, depth = "", 1
        elif token in ("+", "-") and not joined:
            sign += token
        elif token == ",":
            pass
        elif len(token) == 1 and token in "*/%<>?:&|^~+-=":
            raise CardSyntaxError(
                f"'{token}' in a vector: put the expression in brackets", column=found.start() + 1
            )
        else:
            items.append(sign + token)
            sign = ""
        end = found.end()
    return items
