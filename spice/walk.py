"""Where the structure pass stands: the file, the scope, and what is open in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from eda.circuit import Expression, Source, Value
from eda.spice.drafts import Draft, Reading
from eda.spice.includes import Includes
from eda.spice.lines import LogicalLine
from eda.spice.words import bare, split_assignments

MAX_NESTING: Final = 100
"""Deepest nesting of ``.subckt`` in ``.subckt``, and of ``.if`` in ``.if``."""


@dataclass
class Condition:
    """An open ``.if``: whether a branch has been taken, and whether this one is read."""

    line: LogicalLine
    taken: bool
    reading: bool


@dataclass
class File:
    """A file being read: its cards, and what is open in it.

    Attributes:
        skipping_until: The card that ends a block which is not read, as ``.endc``.
    """

    path: str
    cards: list[LogicalLine]
    depth: int
    conditions: list[Condition] = field(default_factory=list)
    skipping_until: str | None = None

    @property
    def blocked(self) -> bool:
        """Whether a condition around the current card is false."""
        return any(not condition.reading for condition in self.conditions)

    @cached_property
    def last_endl(self) -> int:
        """Line of the last ``.endl``, or 0."""
        return max((c.line for c in self.cards if c.text[:5].lower() == ".endl"), default=0)

    @cached_property
    def parameter_cards(self) -> list[tuple[int, str, str]]:
        """(line, name, text) of every ``.param`` value in the file."""
        return [
            (card.line, name.lower(), raw)
            for card in self.cards
            if card.text[:6].lower() == ".param"
            for name, arguments, raw in split_assignments(card.text[6:])
            if arguments is None and raw
        ]


Follow = Callable[["Walk", Source, str, int], bool]


class Walk:
    """A walk over the cards of a netlist and of its includes, filling a `Reading`.

    Attributes:
        scope: The subcircuit whose cards are being read, or the top level.
        open_paths: The files (and sections of libraries) that are open, to catch circles.
        follow: Reads an included file, given its text, a section or nothing, and its depth;
            returns False where there is no such section. None reads it as SPICE.
    """

    def __init__(self, reading: Reading, includes: Includes) -> None:
        """Begin at the top level."""
        self.reading = reading
        self.includes = includes
        self.scope: Draft = reading.top
        self.open_paths: list[str] = []
        self.follow: Follow | None = None

    def problem(
        self, file: File, line: LogicalLine, message: str, *, offset: int = 0, fix: str = ""
    ) -> None:
        """Report a syntax error."""
        self.reading.report("error", "syntax", message, file.path, line, offset=offset, fix=fix)


def parameter_value(reading: Reading, raw: str) -> Value:
    """Return the value of a ``.param``: a number, or else always an expression."""
    inner = bare(raw)
    value = reading.number(inner)
    if value is not None:
        return value
    if _WAVEFORM.match(inner):
        return inner  # LTspice lets a parameter stand for a whole waveform
    if raw[0] == '"' and raw[-1] == '"' and not re.search(r"[-+*/()]", inner):
        return inner
    return Expression(inner)


_WAVEFORM: Final = re.compile(r"(?:pulse|sine|pwl|exp|sffm)\s*\(", re.IGNORECASE)
