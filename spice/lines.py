"""Logical lines: continuation joined, comments taken off, the place of each remembered."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from eda.circuit import Span
from eda.spice.dialects import Dialect
from eda.spice.text import unify_line_ends

_COMMENT_MARKS: Final = (";", "$", "//")
_QUOTED: Final = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")


class LogicalLine(NamedTuple):
    """One card: its text on one line, and where it stands.

    Attributes:
        text: The card, without comments, continuation marks or blanks round it.
        line: First physical line, from 1.
        column: Column of its first character, from 1.
        end_line: Last physical line.
    """

    text: str
    line: int
    column: int
    end_line: int

    def span(self, path: str) -> Span:
        """Return its place as a span."""
        return Span(path, self.line, self.column, self.end_line)


def without_comment(line: str, dialect: Dialect) -> str:
    """Return a line without its inline comment; marks inside quotes are no comments."""
    if '"' in line or "'" in line:
        masked = _QUOTED.sub(lambda found: "_" * len(found.group()), line)
        found = dialect.comment.search(masked)
    else:
        found = dialect.comment.search(line)
    return line[: found.start()].rstrip() if found else line


def logical_lines(text: str, dialect: Dialect, *, title: bool) -> tuple[str, list[LogicalLine]]:
    """Return the title line and the cards of a text.

    Comment lines are dropped (but for CDL's ``*.PININFO`` and its kind, which are cards);
    a line that begins with ``+`` continues the card before it, over blank and comment lines.

    Args:
        text: The file's text.
        dialect: How it is written.
        title: Whether the first line is the title (it is not in an included file).
    """
    physical = unify_line_ends(text).split("\n")
    title_text = ""
    start = 0
    if title and physical:
        start = starts_with_title(physical, dialect)
        title_text = physical[0].lstrip("\ufeff").strip() if start else ""
    cards: list[LogicalLine] = []
    add = cards.append
    comment_lines = dialect.comment_lines
    star_dot = dialect.name == "cdl"
    comments = any(mark in text for mark in _COMMENT_MARKS)
    joining: list[str] | None = None
    pending = False  # the line before ended in a backslash
    for number in range(start, len(physical)):
        raw = physical[number]
        line = raw.strip()
        if not line:
            continue
        first = line[0]
        if first in comment_lines:
            if line[:2] != "*." or not (star_dot or line[:9].lower() == "*.pininfo"):
                continue
            line = line[1:]
        elif first == "\ufeff":
            line = line.lstrip("\ufeff")
        if comments and (";" in line or "$" in line or "//" in line):
            line = without_comment(line, dialect)
            if not line:
                continue
        continued = first == "+" and bool(cards)
        if first == "+":
            line = line[1:].lstrip()
        if line.endswith("\\") and dialect.backslash:
            line, ends_open = line.rstrip("\\").rstrip(), True
        else:
            ends_open = False
        if continued or (pending and cards):
            if joining is None:
                joining = [cards[-1].text]
            joining.append(line)
            cards[-1] = cards[-1]._replace(end_line=number + 1)
        elif line:
            if joining is not None:
                _close(cards, joining)
                joining = None
            column = 1 if raw[0] == first else len(raw) - len(raw.lstrip()) + 1
            add(LogicalLine(line, number + 1, column, number + 1))
        pending = ends_open
    if joining is not None:
        _close(cards, joining)
    return title_text, cards


def _close(cards: list[LogicalLine], parts: list[str]) -> None:
    cards[-1] = cards[-1]._replace(text=" ".join(part for part in parts if part))


_NEVER_A_TITLE: Final = re.compile(
    r"\.(?:title|subckt|macro|include|inc|lib|param|global|model|options?|func|control)\b",
    re.IGNORECASE,
)


def starts_with_title(physical: list[str], dialect: Dialect) -> int:
    """Return 1 where the first line is a title, else 0.

    Simulators take any first line for the title; but nobody means ``.subckt inv a y`` as one
    (cell libraries start so), and a CDL file has none.
    """
    first = physical[0].lstrip("\ufeff").strip()
    if not dialect.has_title:
        return 1 if first.startswith("*") and not first.startswith("*.") else 0
    return 0 if _NEVER_A_TITLE.match(first) else 1
