"""Verilog text cut into tokens; comments, attributes and harmless directives are left out."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from eda.spice.text import unify_line_ends

_TOKEN: Final = re.compile(
    r"(?P<skip>\s+|//[^\n]*)"
    r"|(?P<directive>`\w+[^\n]*)"
    r"|(?P<escaped>\\[^\s]+)"
    r"|(?P<name>[A-Za-z_][\w$]*)"
    r"|(?P<based>\d*\s*'[sS]?[bBdDhHoO]\s*[0-9a-fA-FxXzZ?_]+)"
    r"|(?P<number>\d[\d_]*(?:\.\d+)?)"
    r'|(?P<string>"[^"\n]*")'
    r"|(?P<mark>.)",
    re.DOTALL,
)
_HARMLESS: Final = re.compile(
    r"`(?:timescale|celldefine|endcelldefine|default_nettype|resetall|nounconnected_drive"
    r"|unconnected_drive|line|protect|endprotect|delay_mode\w*|suppress\w*|enable\w*|disable\w*)\b"
)


class Token(NamedTuple):
    """One token: its kind, its text, and its place.

    Attributes:
        kind: ``name based number string mark directive end``; an escaped name is a ``name``.
    """

    kind: str
    text: str
    line: int
    column: int


def tokens_of(text: str) -> list[Token]:
    r"""Return the tokens of a text, an ``end`` token last.

    Example:
        >>> [t.text for t in tokens_of("inv \\u<1> (.a(n[3]), .y(1'b0)); // x")][:6]
        ['inv', 'u<1>', '(', '.', 'a', '(']
    """
    text = unify_line_ends(text.lstrip("\ufeff"))
    made: list[Token] = []
    line, begin, at = 1, 0, 0
    last_attribute = text.rfind("*)")
    while at < len(text):
        closing = _closing(text, at, last_attribute)
        if closing:
            count = text.count("\n", at, closing)
            if count:
                line += count
                begin = text.rindex("\n", at, closing) + 1
            at = closing
            continue
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            break
        kind, word = found.lastgroup, found.group()
        if kind == "directive":
            if not _HARMLESS.match(word):
                made.append(Token("directive", word.split()[0], line, at - begin + 1))
        elif kind == "escaped":
            made.append(Token("name", word[1:], line, at - begin + 1))
        elif kind != "skip":
            made.append(Token(kind, word, line, at - begin + 1))
        count = word.count("\n")
        if count:
            line += count
            begin = at + word.rindex("\n") + 1
        at = found.end()
    return [*made, Token("end", "", line, at - begin + 1)]


def _closing(text: str, at: int, last_attribute: int) -> int:
    """Return the place behind the comment or attribute that begins here; 0 where none does.

    Comments that are not closed run to the end.
    """
    head = text[at : at + 2]
    if head == "/*":
        end = text.find("*/", at + 2)
        return end + 2 if end >= 0 else len(text)
    if head == "(*" and last_attribute > at and not text.startswith(")", at + 2):
        return text.index("*)", at + 2) + 2 if last_attribute >= at + 2 else 0
    return 0
