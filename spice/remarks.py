"""Comments of a netlist: what people wrote into it, and beside which card each of them stands."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from eda.circuit import Circuit, Scope, Span
from eda.spice.dialects import DIALECTS, Dialect
from eda.spice.lines import starts_with_title, without_comment
from eda.spice.spectre.lines import without_comment as without_spectre_comment
from eda.spice.text import unify_line_ends

LONGEST: Final = 2000
"""Letters of a comment that are kept."""

_MARK: Final = re.compile(r"\s*dialect:\s*\w+\s*$", re.IGNORECASE)
_VERILOG: Final = re.compile(r"\"[^\"\n]*\"|//([^\n]*)|/\*(.*?)\*/", re.DOTALL)


@dataclass
class Remarks:
    """The comments of a circuit on their way into another text.

    Attributes:
        before: By place of a card (path, line): the comments that stand before it or on it.
        after: Those behind the last card.
    """

    before: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    after: list[str] = field(default_factory=list)

    def take(self, span: Span, mark: str) -> list[str]:
        """Return the comment lines that belong before what was read there, once.

        Args:
            span: Its place.
            mark: What a comment begins with in the text that is written.
        """
        if not self.before:
            return []
        return [_line(mark, text) for text in self.before.pop((span.path, span.line), ())]

    def rest(self, mark: str) -> list[str]:
        """Return the comment lines that belong at the end, once."""
        made = [_line(mark, text) for text in self.after]
        self.after = []
        return made

    @property
    def left(self) -> list[str]:
        """Those that stand beside what is not written."""
        return [text for texts in self.before.values() for text in texts]


def _line(mark: str, text: str) -> str:
    # ``*.`` would be a card in CDL, and a backslash would go on in the next line.
    blank = " " if text.startswith((".", "#")) else ""
    return f"{mark}{blank}{text}".rstrip("\\ \t")


def remarks_of(circuit: Circuit) -> Remarks:
    r"""Return the comments of the files a circuit was read from.

    A comment belongs to the card it stands on, or else to the next one of its file.

    Example:
        >>> from eda.spice import parse_netlist
        >>> found = remarks_of(parse_netlist("* title\n* load\nR1 a 0 1k ; big\n"))
        >>> list(found.before.values())
        [[' load', ' big']]
    """
    made = Remarks()
    dialect = DIALECTS.get(circuit.dialect)
    if dialect is None:
        return made
    places = _places(circuit)
    for at, source in enumerate(circuit.files):
        spans = places.get(source.path, [])
        starts = [span.line for span in spans]
        last = 0
        for line, text in _comments(source.text, dialect, main=at == 0):
            if line == 1 and at == 0 and text.strip() == circuit.title.strip():
                continue
            while last + 1 < len(starts) and starts[last + 1] <= line:
                last += 1
            here = bisect_left(starts, line)
            if last < len(spans) and starts[last] <= line <= max(
                spans[last].end_line, starts[last]
            ):
                here = last
            if here < len(spans):
                made.before.setdefault((source.path, starts[here]), []).append(text)
            elif at == 0 or spans:
                made.after.append(text)
    return made


def _places(circuit: Circuit) -> dict[str, list[Span]]:
    """Return the places of all cards that are written, by file, in order."""
    found: dict[tuple[str, int], Span] = {}
    scopes: list[Scope] = [circuit]
    for scope in scopes:
        scopes += scope.subcircuits.values()
        spans = [device.span for device in scope.devices]
        spans += [card.span for card in scope.models.values()]
        spans += [inner.span for inner in scope.subcircuits.values()]
        spans += [card.span for card in getattr(scope, "cards", ())]
        for span in spans:
            found.setdefault((span.path, span.line), span)
    made: dict[str, list[Span]] = {}
    for (path, line), span in sorted(found.items()):
        if line > 0:
            made.setdefault(path, []).append(span)
    return made


def _comments(text: str, dialect: Dialect, *, main: bool) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of every comment that says something."""
    found = _verilog(text) if dialect.name == "verilog" else _lines(text, dialect, main=main)
    for line, comment in found:
        if any(map(str.isalnum, comment)) and not _MARK.match(comment):
            yield line, comment[:LONGEST]


def _verilog(text: str) -> Iterator[tuple[int, str]]:
    for found in _VERILOG.finditer(unify_line_ends(text)):
        line = text.count("\n", 0, found.start()) + 1
        for number, part in enumerate((found[1] or found[2] or "").split("\n")):
            yield line + number, part.rstrip()


def _lines(text: str, dialect: Dialect, *, main: bool) -> Iterator[tuple[int, str]]:
    physical = unify_line_ends(text).split("\n")
    start = int(main and starts_with_title(physical, dialect))
    control = False
    for number, raw in enumerate(physical[start:], start + 1):
        line = raw.strip().lstrip("\ufeff")
        if not line:
            continue
        if line[0] == ".":
            word = line[:8].lower()
            control = word == ".control" or (control and not word.startswith(".endc"))
        if control:
            continue
        if line[0] in dialect.comment_lines or line[0] == "*":
            card = line[:2] == "*." and (dialect.name == "cdl" or line[:9].lower() == "*.pininfo")
            if not card:
                yield number, line[1:].rstrip()
            continue
        cut = without_spectre_comment(line) if dialect.name == "spectre" else line
        if cut == line:
            cut = without_comment(line, dialect).rstrip()
        if len(cut) < len(line):
            comment = line[len(cut) :].lstrip()
            yield number, comment[2 if comment.startswith("//") else 1 :].rstrip()
