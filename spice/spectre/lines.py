r"""Spectre text cut into statements: ``simulator lang=``, continuation, comments.

A file may switch between Spectre's language and SPICE as often as it likes. Statements in
Spectre's language are `SpectreLine`, cards in SPICE plain `LogicalLine`, in file order.
"""

from __future__ import annotations

import re
from typing import Final

from eda.spice.dialects import Dialect
from eda.spice.lines import LogicalLine, logical_lines
from eda.spice.text import unify_line_ends

_LANGUAGE: Final = re.compile(
    r"\s*simulator\s+lang\s*=\s*(spectre|spice)\b(.*)$", re.IGNORECASE | re.DOTALL
)
_INSENSITIVE: Final = re.compile(r"\binsensitive\s*=\s*yes\b", re.IGNORECASE)
_STRING: Final = re.compile(r'"[^"]*"')
_SPICE_CARD: Final = re.compile(
    r"^[ \t]*\.(?:subckt|model|params?|lib|include|ends|option|macro)\b", re.I | re.M
)
_SPECTRE_WORD: Final = re.compile(
    r"^[ \t]*(?:(?:inline[ \t]+)?subckt|parameters|model|ends|section|library|include)\b"
    r"|^[ \t]*[^\s.*(]+[ \t]*\([^()\n]*\)[ \t]*\w",
    re.MULTILINE,
)


class SpectreLine(LogicalLine):
    """A statement in Spectre's language."""

    __slots__ = ()


def without_comment(line: str) -> str:
    r"""Return a line of Spectre without its ``//`` comment and without blanks round it.

    Example:
        >>> without_comment('  a (b) c p="x//y" // why')
        'a (b) c p="x//y"'
    """
    if "//" in line:
        masked = _STRING.sub(lambda found: "_" * len(found.group()), line)
        at = masked.find("//")
        if at >= 0:
            line = line[:at]
    return line.strip()


def piece_of(line: str) -> str:
    """Return what a physical line adds to its statement: no comment, no continuation marks."""
    text = without_comment(line.lstrip("\ufeff"))
    if text.startswith("*"):
        return ""
    if text.startswith("+"):
        text = text[1:].lstrip()
    return text.rstrip("\\").rstrip() if text.endswith("\\") else text


def spectre_lines(
    text: str, dialect: Dialect, *, language: str
) -> tuple[str, list[LogicalLine], bool]:
    """Return the title, the statements of a text, and whether it says ``insensitive=yes``.

    Args:
        text: The text of the file.
        dialect: The dialect that SPICE parts are cut by.
        language: What the file begins in: ``spectre`` or ``spice``.
    """
    physical = unify_line_ends(text).split("\n")
    lines: list[LogicalLine] = []
    title = ""
    first = physical[0].lstrip("\ufeff").strip() if physical else ""
    if first.startswith(("//", "*")) and not first.startswith("*."):
        title = first.lstrip("/* ")
    insensitive = False
    at = 0
    while at < len(physical):
        start = at
        switch = None
        while at < len(physical) and switch is None:
            if "lang" in physical[at]:
                switch = _LANGUAGE.match(without_comment(physical[at]))
            at += 1
        stop = at - 1 if switch is not None else at
        part = physical[start:stop]
        lines += _spice(part, start, dialect) if language == "spice" else _spectre(part, start)
        if switch is not None:
            language = switch[1].lower()
            insensitive = insensitive or _INSENSITIVE.search(switch[2]) is not None
    return title, lines, insensitive


def first_language(text: str, path: str, around: str) -> str:
    """Return the language a file begins in, by its suffix and its first statements.

    Args:
        text: The text of the file.
        path: Its path; ``.scs`` files begin in Spectre's language.
        around: The language where nothing tells: that of the file that includes it.
    """
    if path.lower().endswith((".scs", ".scs.gz")):
        return "spectre"
    head = text[:65536]
    for found in re.finditer(r"^.*\blang\b.*$", head, re.MULTILINE):
        if switch := _LANGUAGE.match(found.group()):
            head = head[: found.start()]
            if switch[1].lower() == "spectre":
                around = "spice"  # what comes before a switch to Spectre is not in it
            break
    if _SPICE_CARD.search(head) is not None:
        return "spice"
    return "spectre" if _SPECTRE_WORD.search(head) is not None else around


def _spice(part: list[str], start: int, dialect: Dialect) -> list[LogicalLine]:
    if not part:
        return []
    _, cards = logical_lines("\n".join(part), dialect, title=False)
    return [c._replace(line=c.line + start, end_line=c.end_line + start) for c in cards]


def _spectre(part: list[str], start: int) -> list[LogicalLine]:
    lines: list[LogicalLine] = []
    pieces: list[str] = []
    begin = column = 0
    last = 0
    open_ = False
    for number, raw in enumerate(part, start + 1):
        text = without_comment(raw.lstrip("\ufeff"))
        if text[:9].upper() == "*.PININFO":
            # CDL's comment that carries data: the directions of ports.
            text = text[1:]
        if not text or text[0] == "*":
            # Comments and blank lines stand between a statement and its continuation.
            continue
        plus = text[0] == "+" and bool(pieces)
        ends_open = text[-1] == "\\"
        piece = piece_of(text)
        if not (plus or open_):
            if pieces:
                lines.append(SpectreLine(_joined(pieces), begin, column, last))
            pieces = []
            begin, column = number, len(raw) - len(raw.lstrip("\ufeff \t\r\f\v")) + 1
        if piece or not pieces:
            pieces.append(piece)
        last = number
        open_ = ends_open
    if pieces:
        lines.append(SpectreLine(_joined(pieces), begin, column, last))
    return [line for line in lines if line.text]


def _joined(pieces: list[str]) -> str:
    return " ".join(piece for piece in pieces if piece)
