"""What the structure pass leaves for the others: scopes with their cards sorted by kind."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from typing import Final, TypeVar, cast

from eda.circuit import (
    Card,
    Diagnostic,
    Expression,
    Function,
    ModelCard,
    Severity,
    Source,
    Span,
    Value,
)
from eda.circuit.environment import Environment
from eda.circuit.expression import names_in
from eda.errors import NetlistError
from eda.numbers import parse_number
from eda.spice.dialects import Dialect
from eda.spice.lines import LogicalLine
from eda.spice.spectre.lines import SpectreLine, piece_of
from eda.spice.spectre.names import CaseNames, FileNames
from eda.spice.text import unify_line_ends

MAX_COMPARED: int = 20_000
"""Most names that are compared with unknown ones to find a likely meaning."""

MAX_SHOWN: int = 160
"""Longest piece of a card that a message quotes."""


_BINNED: Final = re.compile(r"(.+)\.\d+$")

Item = TypeVar("Item")


def _chained(own: dict[str, Item], around: Mapping[str, Item]) -> Mapping[str, Item]:
    """Return one mapping over another, without copying: libraries hold thousands of models."""
    if not own:
        return around
    if not around:
        return own
    return ChainMap(own, cast("MutableMapping[str, Item]", around))


@dataclass
class Draft:
    """A scope while its file is read: the top level, or one ``.subckt``.

    Attributes:
        elements: Its device cards, each with the file it stands in, not yet taken apart.
        parameter_spans: Where each ``.param`` stands, for messages.
        uses: The scopes it has instances of, each with the first card that says so.
        nets: The spellings of its nets, where case matters (Spectre).
    """

    name: str
    span: Span
    parent: Draft | None = None
    ports: tuple[str, ...] = ()
    optional_ports: int = 0
    defaults: dict[str, Value] = field(default_factory=dict)
    parameters: dict[str, Value] = field(default_factory=dict)
    parameter_spans: dict[str, Span] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    models: dict[str, ModelCard] = field(default_factory=dict)
    subcircuits: dict[str, Draft] = field(default_factory=dict)
    directions: dict[str, str] = field(default_factory=dict)
    elements: list[tuple[str, LogicalLine]] = field(default_factory=list)
    uses: dict[int, tuple[Draft, str, LogicalLine]] = field(default_factory=dict)
    cards: list[Card] = field(default_factory=list)
    nets: CaseNames = field(default_factory=CaseNames)
    _models: Mapping[str, ModelCard] | None = None
    _functions: Mapping[str, Function] | None = None

    def ancestry(self) -> Iterator[Draft]:
        """Yield this scope, the one around it, and so on to the top."""
        scope: Draft | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def visible_models(self) -> Mapping[str, ModelCard]:
        """Return the model cards seen from here by lower-case name; bins by base name too."""
        if self._models is None:
            own = dict(self.models)
            for name, card in self.models.items():
                if (binned := _BINNED.match(name)) is not None:
                    own.setdefault(binned[1], card)
            self._models = _chained(own, self.parent.visible_models() if self.parent else {})
        return self._models

    def visible_functions(self) -> Mapping[str, Function]:
        """Return the functions seen from here by lower-case name."""
        if self._functions is None:
            around = self.parent.visible_functions() if self.parent else {}
            self._functions = _chained(self.functions, around)
        return self._functions

    def knows(self, name: str) -> bool:
        """Return whether a lower-case parameter name is defined here or around here."""
        return any(name in scope.defaults or name in scope.parameters for scope in self.ancestry())

    def environment(self) -> Environment:
        """Return what expressions of this scope see, every parameter at its default."""
        parent = self.parent.environment() if self.parent is not None else None
        return Environment({**self.defaults, **self.parameters}, self.functions, parent=parent)


@dataclass
class Reading:
    """The state of one reading: what has been collected from all its files.

    Attributes:
        incomplete: Whether an include could not be read, so that names may be missing.
        names: The spellings of parameters and definitions, where case matters (Spectre).
    """

    dialect: Dialect
    top: Draft
    title: str = ""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    globals: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    cards: list[Card] = field(default_factory=list)
    control: list[str] = field(default_factory=list)
    files: list[Source] = field(default_factory=list)
    incomplete: bool = False
    ended: bool = False
    number_cache: dict[str, float | None] = field(default_factory=dict)
    physical: dict[str, list[str]] = field(default_factory=dict)
    compared: int = 0
    pdks: set[str] = field(default_factory=set)
    names: FileNames = field(default_factory=FileNames)

    def report(
        self,
        severity: Severity,
        code: str,
        message: str,
        path: str,
        line: LogicalLine,
        *,
        offset: int = 0,
        fix: str = "",
        objects: tuple[str, ...] = (),
    ) -> None:
        """Note a problem with a card; ``offset`` points into its text."""
        span = self.place(path, line, offset)
        shown = line.text if len(line.text) <= MAX_SHOWN else line.text[: MAX_SHOWN - 3] + "..."
        self.diagnostics.append(Diagnostic(severity, code, message, span, shown, fix, objects))

    def place(self, path: str, line: LogicalLine, offset: int) -> Span:
        """Return the place of a character of a card, continuation lines counted."""
        if line.end_line == line.line or offset <= 0:
            return Span(path, line.line, line.column + max(offset, 0), line.end_line)
        physical = self.physical_lines(path)
        for number in range(line.line, min(line.end_line, len(physical)) + 1):
            text = physical[number - 1].strip()
            if isinstance(line, SpectreLine):
                text = piece_of(text)
            elif number > line.line:
                if not text.startswith("+"):
                    continue
                text = text[1:].lstrip()
            if offset <= len(text):
                indent = physical[number - 1].find(text)
                return Span(path, number, indent + offset + 1, line.end_line)
            offset -= len(text) + 1
        return Span(path, line.line, line.column, line.end_line)

    def physical_lines(self, path: str) -> list[str]:
        """Return the lines of a file that was read, without their ends."""
        lines = self.physical.get(path)
        if lines is None:
            source = next((file for file in self.files if file.path == path), None)
            lines = unify_line_ends(source.text).split("\n") if source is not None else []
            self.physical[path] = lines
        return lines

    def similar(self, name: str, known: Iterable[str]) -> list[str]:
        """Return the two names most like a lower-case name.

        Comparing costs; a file with thousands of unknown names gets hints for the first ones.
        """
        if self.compared > MAX_COMPARED:
            return []
        some = list(islice(known, MAX_COMPARED))
        self.compared += len(some)
        return get_close_matches(name, some, n=2)

    def number(self, text: str) -> float | None:
        """Return a number in this dialect, or None where the text is none."""
        try:
            return self.number_cache[text]
        except KeyError:
            value = parse_number(text, x_is_mega=self.dialect.x_is_mega, infix=self.dialect.infix)
            if len(self.number_cache) < 200_000:
                self.number_cache[text] = value
            return value

    def value(self, raw: str, scope: Draft) -> Value:
        """Return what a parameter's text stands for.

        A number is a number; what stands in braces or quotes, names a known parameter or
        holds an operator is an expression; the rest is text.
        """
        number = self.number(raw)
        if number is not None:
            return number
        first, last = raw[0], raw[-1]
        if (first == "{" and last == "}") or (first == "'" and last == "'" and len(raw) > 1):
            inner = raw[1:-1].strip()
            if first == "{" or "'" not in inner:
                return Expression(inner)
            return Expression(raw)
        if first == '"' and last == '"' and raw.count('"') == 2:
            inner = raw[1:-1]
            return Expression(inner) if any(map(scope.knows, names_in(inner))) else inner
        if "," in raw and "(" not in raw:
            return tuple(self.value(part, scope) for part in raw.split(",") if part)
        if scope.knows(raw.lower()):
            return Expression(raw)
        if any(mark in raw for mark in "+-*/({'?<>") and not raw.startswith(("/", "*", "-")):
            names = names_in(raw)
            if "(" in raw or all(map(scope.knows, names)):
                return Expression(raw)
        return raw

    def fail(self, message: str, path: str, line: LogicalLine) -> NetlistError:
        """Return an error about a card, for what ends the reading at once."""
        span = line.span(path)
        return NetlistError(
            f"{span}: {message}", path=path, line=line.line, column=line.column, card=line.text
        )
