"""The structure pass: dot cards sorted into scopes, includes followed, conditions decided.

Element cards are only put aside here, scope by scope; they are taken apart by the next pass,
when every model, parameter and subcircuit of the file is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from eda.circuit import Card, Expression, Function, ModelCard, Value
from eda.circuit.expression import MAX_LENGTH, DynamicExpression, UndefinedNameError
from eda.errors import ExpressionError, NetlistError
from eda.spice.drafts import Draft, Reading
from eda.spice.includes import MAX_INCLUDE_DEPTH, MAX_INCLUDED_FILES, Includes
from eda.spice.lines import LogicalLine, logical_lines
from eda.spice.text import read_source
from eda.spice.words import (
    CardSyntaxError,
    bare,
    closing_bracket,
    split_assignments,
    split_card,
    ungroup,
)

MAX_NESTING: Final = 100
"""Deepest nesting of ``.subckt`` in ``.subckt``, and of ``.if`` in ``.if``."""


@dataclass
class _Condition:
    """An open ``.if``: whether a branch has been taken, and whether this one is read."""

    line: LogicalLine
    taken: bool
    reading: bool


@dataclass
class _File:
    """A file being read: its cards, and what is open in it."""

    path: str
    cards: list[LogicalLine]
    depth: int
    conditions: list[_Condition] = field(default_factory=list)
    skipping_until: str | None = None

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


class Structure:
    """Walks the cards of a netlist and of its includes, filling a `Reading`."""

    def __init__(self, reading: Reading, includes: Includes) -> None:
        """Begin at the top level."""
        self.reading = reading
        self.includes = includes
        self.scope = reading.top
        self.open_paths: list[str] = []

    def walk(self, path: str, cards: Iterable[LogicalLine], *, depth: int = 0) -> None:
        """Read the cards of one file."""
        file = _File(path, list(cards), depth)
        outer = self.scope
        elements = self.scope.elements
        read = True  # not inside a condition that is false, or a block that is skipped
        for line in file.cards:
            first = line.text[0]
            if read and first != ".":
                if first == "<" and line.text.startswith("<%"):
                    self.template(file, line)
                else:
                    elements.append((path, line))
                continue
            self.dot_card(file, line)
            read = file.skipping_until is None and not _blocked(file)
            elements = self.scope.elements
            if self.reading.ended and self.reading.dialect.stops_at_end:
                break
        self.close(file, outer)

    def template(self, file: _File, line: LogicalLine) -> None:
        """A line of a template language that has not been filled in."""
        self.reading.report(
            "warning",
            "template",
            "a line of a template is not read",
            file.path,
            line,
            fix="fill in the template first",
        )

    def close(self, file: _File, outer: Draft) -> None:
        """Report what the end of a file finds open."""
        if file.conditions:
            self.problem(file, file.conditions[-1].line, ".if without .endif", fix="add .endif")
        if file.skipping_until == ".endc":
            self.reading.report(
                "info",
                "syntax",
                ".control without .endc",
                file.path,
                file.cards[-1],
            )
        while self.scope is not outer and self.scope.parent is not None:
            draft = self.scope
            at = LogicalLine(f".subckt {draft.name}", draft.span.line, 1, draft.span.line)
            self.problem(
                file,
                at,
                f".subckt {draft.name} without .ends",
                fix=f"add .ends {draft.name} behind its last card",
            )
            self.scope = self.scope.parent

    def problem(
        self, file: _File, line: LogicalLine, message: str, *, offset: int = 0, fix: str = ""
    ) -> None:
        """Report a syntax error."""
        self.reading.report("error", "syntax", message, file.path, line, offset=offset, fix=fix)

    def dot_card(self, file: _File, line: LogicalLine) -> None:
        """Deal with one dot card, or with a card inside a block that is skipped."""
        found = _DOT_WORD.match(line.text)
        word = found.group().lower() if found else "."
        if file.skipping_until is not None:
            if word == file.skipping_until:
                file.skipping_until = None
            elif file.skipping_until == ".endc":
                self.reading.control.append(line.text)
            return
        if word in _CONDITIONS:
            self.condition(file, line, word)
            return
        if _blocked(file):
            return
        rest = line.text[len(word) :].strip()
        try:
            _HANDLERS.get(word, Structure.keep)(self, file, line, rest)
        except CardSyntaxError as problem:
            self.problem(file, line, str(problem), offset=problem.column)

    # -- blocks ---------------------------------------------------------------------------

    def condition(self, file: _File, line: LogicalLine, word: str) -> None:
        """``.if .elseif .else .endif``."""
        stack = file.conditions
        if word == ".if":
            if len(stack) >= MAX_NESTING:
                raise self.reading.fail(
                    f".if nested deeper than {MAX_NESTING} levels", file.path, line
                )
            outside = not _blocked(file)
            holds = outside and self.holds(file, line, line.text[3:])
            stack.append(_Condition(line, taken=holds or not outside, reading=holds))
        elif not stack:
            self.problem(file, line, f"{word} without .if")
        elif word == ".endif":
            stack.pop()
        elif word == ".else":
            stack[-1].reading = not stack[-1].taken
            stack[-1].taken = True
        else:
            holds = not stack[-1].taken and self.holds(file, line, line.text[7:])
            stack[-1].reading = holds
            stack[-1].taken = stack[-1].taken or holds

    def holds(self, file: _File, line: LogicalLine, condition: str) -> bool:
        """Return whether a condition is true, parameters further down included."""
        text = condition.strip()
        try:
            try:
                return bool(self.scope.environment().evaluate(text))
            except UndefinedNameError:
                ahead = self.parameters_ahead(file, line)
                return bool(
                    Draft("", line.span(file.path), self.scope, parameters=ahead)
                    .environment()
                    .evaluate(text)
                )
        except (ExpressionError, DynamicExpression, CardSyntaxError) as problem:
            code = "undefined_parameter" if isinstance(problem, UndefinedNameError) else "syntax"
            self.reading.report(
                "error",
                code,
                f"{problem} in a condition, taken as false",
                file.path,
                line,
                fix="define the parameter with .param",
            )
            return False

    def parameters_ahead(self, file: _File, line: LogicalLine) -> dict[str, Value]:
        """Return what ``.param`` cards below a line define."""
        ahead: dict[str, Value] = {}
        for number, name, raw in file.parameter_cards:
            if number > line.line:
                ahead.setdefault(name, _parameter(self.reading, raw))
        return ahead

    def control(self, file: _File, line: LogicalLine, rest: str) -> None:
        """``.control``: kept as text, never run here."""
        del line, rest
        file.skipping_until = ".endc"

    def alter(self, file: _File, line: LogicalLine, rest: str) -> None:
        """``.alter``: a second run of HSPICE; the first is what the file describes."""
        del rest
        self.reading.report(
            "info", "unsupported", "what follows .alter is not read", file.path, line
        )
        file.skipping_until = ".end"

    def data(self, file: _File, line: LogicalLine, rest: str) -> None:
        """``.data ... .enddata``: a table of a sweep, kept as a card."""
        self.keep(file, line, rest)
        file.skipping_until = ".enddata"

    def end(self, file: _File, line: LogicalLine, rest: str) -> None:
        """``.end``."""
        del file, line, rest
        self.reading.ended = True

    # -- definitions ----------------------------------------------------------------------

    def subckt(self, file: _File, line: LogicalLine, rest: str) -> None:
        """``.subckt name ports [params: name=value ...]``."""
        words, assignments = split_card(rest)
        words = ungroup(words)
        if not words:
            self.problem(file, line, ".subckt without a name", fix="write .subckt NAME PORTS")
            words = ["?"]
        if sum(1 for _ in self.scope.ancestry()) > MAX_NESTING:
            raise self.reading.fail(
                f".subckt nested deeper than {MAX_NESTING} levels", file.path, line
            )
        ports, optional, defaults = _ports(words[1:], assignments)
        draft = Draft(words[0], line.span(file.path), self.scope, ports, optional)
        for name, raw in defaults:
            draft.defaults[name] = _parameter(self.reading, raw)
        key = words[0].lower()
        if twice := _first_repeated(ports):
            self.reading.report(
                "warning",
                "duplicate_name",
                f"port {twice} of subcircuit {words[0]} is named twice",
                file.path,
                line,
                objects=(words[0], twice),
            )
        if key in self.scope.subcircuits:
            first = self.scope.subcircuits[key].span
            self.reading.report(
                "warning",
                "duplicate_name",
                f"subcircuit {words[0]} is defined twice; the first, at {first}, is used",
                file.path,
                line,
                fix="rename or remove one",
                objects=(words[0],),
            )
        else:
            self.scope.subcircuits[key] = draft
        self.scope = draft

    def ends(self, file: _File, line: LogicalLine, rest: str) -> None:
        """``.ends [name]``."""
        if self.scope.parent is None:
            self.problem(file, line, ".ends without .subckt", fix="remove it")
            return
        name = rest.split(None, 1)[0] if rest else ""
        if name and name.lower() != self.scope.name.lower():
            self.reading.report(
                "warning",
                "syntax",
                f".ends {name} closes .subckt {self.scope.name}",
                file.path,
                line,
            )
        self.scope = self.scope.parent

    def model(self, file: _File, line: LogicalLine, rest: str) -> None:
        """``.model name type (name=value ...)``."""
        head = re.match(r"(\S+?)\s+([^\s(=]+)\s*", rest)
        if head is None:
            self.problem(
                file, line, ".model needs a name and a type", fix="write .model NAME TYPE (...)"
            )
            return
        name, kind = head.groups()
        body = rest[head.end() :].strip()
        if kind.lower().startswith("ako:"):
            kind = "ako:" + kind[4:].lower()
            if (more := re.match(r"[^\s(=]+(?!\s*=)", body)) is not None:
                kind, body = more.group(), body[more.end() :].strip()
        if body.startswith("("):
            try:
                end = closing_bracket(body, 0)
                body = f"{body[1 : end - 1]} {body[end:]}"
            except CardSyntaxError:
                body = body[1:]  # vendors forget the last bracket, and simulators do not mind
        parameters: dict[str, Value] = {}
        for listed in _LIST.finditer(body):
            # A vector of a code model: kept as written.
            parameters[listed[1].lower()] = listed[2]
        body = _LIST.sub(" ", body)
        try:
            words, assignments = split_card(body)
        except CardSyntaxError:
            # Vendors' model cards are often untidy; the parameters that can be read are.
            words = []
            assignments = [(k.lower(), v) for k, _, v in split_assignments(body) if v]
        for flag in words:
            parameters[flag.lower()] = True
        for key, raw in assignments:
            parameters[key] = self.reading.value(raw, self.scope)
        lower = name.lower()
        if lower in self.scope.models:
            self.reading.report(
                "warning",
                "duplicate_name",
                f"model {name} is defined twice; the last is used",
                file.path,
                line,
                objects=(name,),
            )
        self.scope.models[lower] = ModelCard(name, kind.lower(), parameters, line.span(file.path))

    def param(self, file: _File, line: LogicalLine, rest: str) -> None:
        """``.param name=value ... f(x)=...``."""
        triples = split_assignments(rest)
        if not triples and rest:
            self.problem(file, line, ".param without '='", fix="write .param NAME=VALUE")
        for name, arguments, raw in triples:
            if not raw:
                self.problem(file, line, f".param {name}= has no value")
            elif len(raw) > MAX_LENGTH:
                self.problem(file, line, f".param {name}: longer than {MAX_LENGTH} characters")
            elif arguments is not None:
                self.add_function(name, arguments, raw)
            else:
                self.scope.parameters[name.lower()] = _parameter(self.reading, raw)
                self.scope.parameter_spans[name.lower()] = line.span(file.path)

    def step(self, file: _File, line: LogicalLine, rest: str) -> None:
        """LTspice's ``.step param x 1 10 1``: x is a parameter, at its first value here."""
        self.keep(file, line, rest)
        words = [w for w in rest.split() if w.lower() not in ("oct", "dec", "lin", "list")]
        if len(words) > 2 and words[0].lower() == "param":
            name = words[1].lower()
            self.scope.parameters.setdefault(name, _parameter(self.reading, words[2]))
            self.scope.parameter_spans.setdefault(name, line.span(file.path))

    def func(self, file: _File, line: LogicalLine, rest: str) -> None:
        """``.func f(x,y) {body}``, with or without an equals sign."""
        found = re.match(r"\s*([^\s(]+)\s*\(([^()]*)\)\s*=?\s*(.*)$", rest)
        if found is None or not found[3].strip():
            self.problem(file, line, ".func is malformed", fix="write .func f(x) {expression}")
            return
        self.add_function(found[1], f"({found[2]})", found[3].strip())

    def add_function(self, name: str, arguments: str, raw: str) -> None:
        """Define a function in the scope."""
        names = tuple(a.strip().lower() for a in arguments[1:-1].split(",") if a.strip())
        self.scope.functions[name.lower()] = Function(name, names, bare(raw))

    def global_nets(self, file: _File, line: LogicalLine, rest: str) -> None:
        """``.global net ...``."""
        del file, line
        for net in rest.replace(",", " ").split():
            self.reading.globals.setdefault(net.lower(), net.rstrip(":"))

    def pin_information(self, file: _File, line: LogicalLine, rest: str) -> None:
        """CDL's ``*.PININFO a:I y:O``."""
        del file, line
        words = {"i": "input", "o": "output", "b": "inout"}
        for item in rest.split():
            port, _, letter = item.rpartition(":")
            if port and letter.lower() in words:
                self.scope.directions[port.lower()] = words[letter.lower()]

    def scale(self, file: _File, line: LogicalLine, rest: str) -> None:
        """CDL's ``*.SCALE MICRON`` (sizes are micrometres) or ``METER``."""
        del file, line
        if rest.lower().startswith("mic"):
            self.reading.options["scale"] = "1e-6"

    def option(self, file: _File, line: LogicalLine, rest: str) -> None:
        """``.option name=value``: ``scale`` is taken into the sizes, the rest is kept."""
        others = []
        for word in re.sub(r"\s*=\s*", "=", rest).split():
            key, _, value = word.partition("=")
            if key.lower() == "scale" and value:
                self.reading.options["scale"] = value
            else:
                others.append(word)
        if others or not rest:
            self.keep(file, line, rest)

    def title(self, file: _File, line: LogicalLine, rest: str) -> None:
        """``.title``."""
        del file, line
        self.reading.title = rest

    def keep(self, file: _File, line: LogicalLine, rest: str) -> None:
        """Any other dot card: kept as text, in its place in the file."""
        del rest
        self.reading.cards.append(Card(line.text, line.span(file.path)))

    # -- other files ----------------------------------------------------------------------

    def include(self, file: _File, line: LogicalLine, rest: str) -> None:
        """``.include file``."""
        name = _file_name(rest)
        if not name:
            self.problem(file, line, ".include without a file name")
            return
        self.read_file(file, line, name, section=None)

    def lib(self, file: _File, line: LogicalLine, rest: str) -> None:
        """``.lib file section`` reads a section; ``.lib section`` opens one in a library."""
        name = _file_name(rest)
        section = _behind_name(rest.strip())
        if section:
            self.read_file(file, line, name, section=section)
        elif not name:
            self.problem(file, line, ".lib without a file name")
        elif self.reading.dialect.lib_alone_includes or file.last_endl <= line.line:
            self.read_file(file, line, name, section=None)
        else:
            # A section that nobody asked for.
            file.skipping_until = ".endl"

    def read_file(
        self, file: _File, line: LogicalLine, name: str, *, section: str | None
    ) -> None:
        """Read an included file, or one section of a library."""
        found, why = self.includes.find(name, file.path)
        if found is None:
            self.reading.incomplete = True
            fix = {
                "it was not found": "give its folder with -I, or set PDK_ROOT",
                "it is outside the deck's folder": (
                    "give its folder with -I, or use --trust-deck if you trust this deck"
                ),
            }.get(why, "")
            self.reading.report(
                "warning", "include", f"{name} is not read: {why}", file.path, line, fix=fix
            )
            return
        real = str(found.resolve()) + (f"|{section.lower()}" if section else "")
        if real in self.open_paths:
            self.reading.report(
                "error",
                "recursion",
                f"{name} includes itself",
                file.path,
                line,
                fix="remove one of the includes",
            )
            return
        if file.depth >= MAX_INCLUDE_DEPTH:
            raise self.reading.fail(
                f"includes nested deeper than {MAX_INCLUDE_DEPTH} levels", file.path, line
            )
        if len(self.reading.files) >= MAX_INCLUDED_FILES:
            raise self.reading.fail(
                f"more than {MAX_INCLUDED_FILES} files are included", file.path, line
            )
        try:
            source = read_source(found)
        except NetlistError as problem:
            self.reading.incomplete = True
            self.reading.report("error", "include", str(problem), file.path, line)
            return
        self.reading.files.append(source)
        _, cards = logical_lines(source.text, self.reading.dialect, title=False)
        if section is not None:
            cards = _section(cards, section)
            if not cards:
                self.reading.report(
                    "error",
                    "include",
                    f"{name} has no section {section}",
                    file.path,
                    line,
                    fix="check the section's name",
                )
                return
        self.open_paths.append(real)
        self.walk(source.path, cards, depth=file.depth + 1)
        self.open_paths.pop()


def _blocked(file: _File) -> bool:
    return any(not condition.reading for condition in file.conditions)


def _first_repeated(names: Iterable[str]) -> str:
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            return name
        seen.add(name.lower())
    return ""


def _parameter(reading: Reading, raw: str) -> Value:
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


def _file_name(rest: str) -> str:
    rest = rest.strip()
    if rest[:1] in ("'", '"'):
        return rest[1:].split(rest[0], 1)[0].strip()
    return rest.split(None, 1)[0] if rest else ""


def _behind_name(rest: str) -> str:
    """Return what stands behind the file name of a ``.lib`` card."""
    if rest[:1] in ("'", '"'):
        _, _, behind = rest[1:].partition(rest[0])
    else:
        _, _, behind = rest.partition(" ")
    words = behind.split()
    return words[0] if words else ""


def _section(cards: list[LogicalLine], section: str) -> list[LogicalLine]:
    """Return the cards of one section of a library."""
    wanted: list[LogicalLine] = []
    inside = False
    for card in cards:
        words = card.text.split()
        head = words[0].lower()
        if head == ".lib" and len(words) == 2:
            inside = words[1].strip("'\"").lower() == section.lower()
        elif head == ".endl":
            inside = False
        elif inside:
            wanted.append(card)
    return wanted


def _ports(
    words: list[str], assignments: list[tuple[str, str]]
) -> tuple[tuple[str, ...], int, list[tuple[str, str]]]:
    """Return ports, how many of them are optional, and parameter defaults of a ``.subckt``."""
    ports: list[str] = []
    optional: list[str] = []
    for word in words:
        lower = word.lower()
        if lower in ("params:", "text:", "param:"):
            break
        if lower == "optional:":
            # PSpice: ``OPTIONAL: VDD=$G_DPWR`` names ports with a default net.
            optional = [key for key, raw in assignments if raw.startswith("$")]
            break
        if word != "/":
            ports.append(word)
    defaults = [(key, raw) for key, raw in assignments if key not in optional]
    return (*ports, *optional), len(optional), defaults


Handler = Callable[[Structure, _File, LogicalLine, str], None]

_HANDLERS: Final[dict[str, Handler]] = {
    ".subckt": Structure.subckt,
    ".subcircuit": Structure.subckt,
    ".macro": Structure.subckt,
    ".ends": Structure.ends,
    ".eom": Structure.ends,
    ".model": Structure.model,
    ".param": Structure.param,
    ".params": Structure.param,
    ".parameter": Structure.param,
    ".parameters": Structure.param,
    ".step": Structure.step,
    ".func": Structure.func,
    ".function": Structure.func,
    ".global": Structure.global_nets,
    ".pininfo": Structure.pin_information,
    ".scale": Structure.scale,
    ".option": Structure.option,
    ".options": Structure.option,
    ".title": Structure.title,
    ".include": Structure.include,
    ".inc": Structure.include,
    ".incl": Structure.include,
    ".lib": Structure.lib,
    ".control": Structure.control,
    ".alter": Structure.alter,
    ".data": Structure.data,
    ".end": Structure.end,
    ".endl": lambda *_: None,
    ".endc": lambda *_: None,
    ".prot": lambda *_: None,
    ".protect": lambda *_: None,
    ".unprot": lambda *_: None,
    ".unprotect": lambda *_: None,
    ".backanno": lambda *_: None,
    # CDL's switches, once their star is gone, say nothing about the circuit.
    **{
        f".{word}": (lambda *_: None)
        for word in (
            *("bipolar", "resi", "resval", "capval", "dioperi", "dioarea", "equation"),
            *("mega", "connect", "ldd", "nobipolar", "lddn", "mos", "bus_delimiter"),
        )
    },
}

_DOT_WORD: Final = re.compile(r"\.\w*")
_LIST: Final = re.compile(r"([\w.]+)\s*=\s*(\[[^\[\]]*\])")
_CONDITIONS: Final = frozenset({".if", ".elseif", ".else", ".endif"})
