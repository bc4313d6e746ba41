"""The structure pass over Spectre's statements: scopes, models, parameters, includes, conditions.

Instances are only put aside here, as in `eda.spice.structure`; `eda.spice.spectre.instances`
takes them apart when every model and subcircuit is known. Parts in SPICE go through the passes
of SPICE.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from eda.circuit import Card, Source
from eda.errors import ExpressionError
from eda.spice.conditions import is_true
from eda.spice.definitions import pin_information
from eda.spice.drafts import Draft
from eda.spice.lines import LogicalLine
from eda.spice.spectre import definitions
from eda.spice.spectre.analyses import control_statement, is_control
from eda.spice.spectre.lines import SpectreLine, first_language, spectre_lines
from eda.spice.spectre.values import as_problem, expression_of
from eda.spice.spectre.words import split_statement, unescaped
from eda.spice.structure import read_file, walk_cards
from eda.spice.walk import MAX_NESTING, Condition, File, Walk
from eda.spice.words import CardSyntaxError, closing_bracket

_CELLS: Final = re.compile(r"^[ \t]*//[ \t]*(?:Library|Cell|View) name", re.IGNORECASE | re.M)


def walk_source(
    walk: Walk, source: Source, *, language: str = "spectre", section: str = "", depth: int = 0
) -> bool:
    """Read the statements of one file, or those of one section of a library.

    Returns:
        Whether there was anything to read: False where there is no such section.
    """
    first = first_language(source.text, source.path, language)
    title, lines, insensitive = spectre_lines(source.text, walk.reading.dialect, language=first)
    if depth == 0:
        walk.reading.title = title
        walk.reading.names.be_insensitive(insensitive)
        walk.scope.nets.insensitive = insensitive
        walk.reading.incomplete = walk.reading.incomplete or _is_fragment(lines)
    if section:
        lines = _section(lines, section)
        if not lines:
            return False
    _learn(walk, lines)
    for spectre, group in groupby(lines, lambda line: isinstance(line, SpectreLine)):
        if spectre:
            walk_statements(walk, source.path, list(group), depth=depth)
        else:
            walk_cards(walk, source.path, list(group), depth=depth)
    if depth == 0:
        _unclosed(walk, source.path)
        _report_spellings(walk, source.path)
    return True


def _report_spellings(walk: Walk, path: str) -> None:
    """Report parameters, models and subcircuits whose names differ in case only."""
    names = walk.reading.names
    for kind, some in (("parameters", names.parameters), ("definitions", names.definitions)):
        for written, made, first in some.clashes:
            walk.reading.report(
                "warning",
                "case",
                f"the {kind} {written} and {first} differ in case only; {written} is called "
                f"{made} here",
                path,
                SpectreLine(written, 1, 1, 1),
                objects=(made,),
            )


def _is_fragment(lines: Sequence[LogicalLine]) -> bool:
    """Return whether a file is one cell of an exported design: names come from elsewhere.

    Virtuoso writes each cell without parameters, models or analyses of its own.
    """
    for line in lines:
        words = line.text.split(None, 3)
        if not isinstance(line, SpectreLine) or words[0] in ("parameters", "model", "include"):
            return False
        if len(words) > 1 and words[1] in ("tran", "ac", "dc", "options"):
            return False
    return True


def _learn(walk: Walk, lines: Sequence[LogicalLine]) -> None:
    """Note the spellings of parameters and definitions, in file order."""
    names = walk.reading.names
    for line in lines:
        head, _, rest = line.text.partition(" ")
        if head == "parameters":
            try:
                pairs = split_statement(line.text).pairs
            except CardSyntaxError:
                continue  # reported when the statement is read
            names.parameters.learn(unescaped(pair.name) for pair in pairs)
        elif head in ("subckt", "model", "inline"):
            words = rest.replace("(", " ").split(None, 2)
            at = 1 if head == "inline" else 0
            if len(words) > at:
                names.definitions.learn([unescaped(words[at])])


def _section(lines: Sequence[LogicalLine], section: str) -> list[LogicalLine]:
    wanted: list[LogicalLine] = []
    inside = False
    for line in lines:
        words = line.text.split(None, 2)
        head = words[0].lower()
        if head == "section" or (head == ".lib" and len(words) == 2):
            inside = "".join(words[1:2]).strip("'\"=").lower() == section.lower()
        elif head in ("endsection", ".endl"):
            inside = False
        elif inside:
            wanted.append(line)
    return wanted


def walk_statements(walk: Walk, path: str, lines: list[LogicalLine], *, depth: int) -> None:
    """Read statements in Spectre's language."""
    file = File(path, lines, depth)
    at = 0
    while at < len(lines):
        line = lines[at]
        try:
            at = _statement(walk, file, line, at)
        except CardSyntaxError as problem:
            walk.problem(file, line, str(problem), offset=max(problem.column, 0))
            at += 1
        except ExpressionError as problem:
            if "counterpart" in str(problem):
                walk.reading.report("warning", "unsupported", str(problem), path, line)
            else:
                walk.reading.report("error", "bad_value", str(problem), path, line)
            at += 1
    if file.conditions:
        walk.problem(file, file.conditions[-1].line, "if without its closing }", fix="add }")


def _statement(walk: Walk, file: File, line: LogicalLine, at: int) -> int:
    """Read one statement, and what its braces hold; return where the next one is."""
    text = line.text
    if text[0] == "}" or _IF.match(text) or (file.conditions and _ELSE.match(text)):
        return _condition(walk, file, line, at)
    found = _WORD.match(text)
    word = found.group() if found else ""
    if file.blocked:
        return _block_end(walk, file, at) + 1 if text.endswith("{") else at + 1
    if word == "section":
        return _skip_to(file.cards, at, "endsection")
    if word == "real" and "(" in text:
        end = _block_end(walk, file, at)
        definitions.function(walk, file, line, " ".join(c.text for c in file.cards[at : end + 1]))
        return end + 1
    if word == "model" and text.endswith("{"):
        end = _block_end(walk, file, at)
        definitions.binned_model(walk, file, line, file.cards[at + 1 : end])
        return end + 1
    if text[:8].upper() == ".PININFO":
        pin_information(walk, file, line, text[8:])
        return at + 1
    handler = _HANDLERS.get(word)
    if handler is not None:
        handler(walk, file, line, text[len(word) :].strip())
    elif text.endswith("{"):
        # statistics, altergroup, montecarlo: blocks about runs, kept as they are.
        end = _block_end(walk, file, at)
        whole = "\n".join(card.text for card in file.cards[at : end + 1])
        walk.reading.cards.append(Card(whole, line.span(file.path), "spectre"))
        return end + 1
    elif is_control(walk, text):
        control_statement(walk, file, line)
    else:
        walk.scope.elements.append((file.path, line))
    return at + 1


def _block_end(walk: Walk, file: File, at: int) -> int:
    """Return the index of the statement that closes the brace opened at ``at``.

    A block that is not closed runs to the end of the file, and is reported.
    """
    depth = 0
    for index in range(at, len(file.cards)):
        text = file.cards[index].text
        depth += text.count("{") - text.count("}")
        if depth <= 0:
            return index
    line = file.cards[at]
    walk.problem(file, line, "the block '{' is not closed", offset=line.text.find("{"))
    return len(file.cards) - 1


def _skip_to(cards: Sequence[LogicalLine], at: int, word: str) -> int:
    """Return the index behind the statement with a word: a section nobody asked for."""
    for index in range(at, len(cards)):
        if cards[index].text.split(None, 1)[0] == word:
            return index + 1
    return len(cards)


# -- conditions ---------------------------------------------------------------------------

_IF: Final = re.compile(r"if\s*\(")
_ELSE: Final = re.compile(r"\}?\s*else\b\s*")


def _condition(walk: Walk, file: File, line: LogicalLine, at: int) -> int:
    """``if (c) {``, ``} else if (c) {``, ``} else {``, ``}``, and forms without braces."""
    text = line.text
    if text == "}":
        if not file.conditions:
            raise CardSyntaxError("'}' closes nothing", column=0)
        file.conditions.pop()
        return at + 1
    other = _ELSE.match(text)
    if other is not None and not file.conditions:
        raise CardSyntaxError("else without if", column=0)
    rest = text[other.end() :] if other is not None else text
    taken = file.conditions[-1].taken if other is not None else False
    if other is not None:
        file.conditions.pop()
    if len(file.conditions) >= MAX_NESTING:
        raise walk.reading.fail(f"if nested deeper than {MAX_NESTING} levels", file.path, line)
    outside = not file.blocked
    holds = outside and not taken
    if (start := _IF.match(rest)) is not None:
        end = closing_bracket(rest, start.end() - 1)
        if holds:
            holds = _holds(walk, file, line, rest[start.end() : end - 1])
        rest = rest[end:].strip()
    condition = Condition(line, taken=taken or holds or not outside, reading=holds)
    if rest == "{":
        file.conditions.append(condition)
        return at + 1
    if rest.startswith("{"):
        raise CardSyntaxError("a new line is needed behind '{'", column=text.find("{"))
    if not rest:
        raise CardSyntaxError("if without a statement; write { behind it", column=len(text))
    file.conditions.append(condition)
    try:
        if holds:
            _statement(walk, file, line._replace(text=rest), at)
    finally:
        file.conditions.pop()
    following = file.cards[at + 1].text if at + 1 < len(file.cards) else ""
    if following[:1] != "}" and _ELSE.match(following):
        # Its else stands on a line of its own.
        file.conditions.append(replace(condition, reading=False))
    return at + 1


def _holds(walk: Walk, file: File, line: LogicalLine, raw: str) -> bool:
    """Return whether a condition holds, parameters at their defaults."""
    try:
        text = expression_of(walk.reading, raw).text
    except ExpressionError as problem:
        raise as_problem(problem, line.text.find(raw)) from None
    if walk.scope.parent is not None:
        walk.reading.report(
            "warning",
            "unsupported",
            "a condition on parameters is decided once, with their defaults",
            file.path,
            line,
            fix="instances with other values keep the branch of the defaults",
        )
    return is_true(walk, file, line, text)


# -- statements by their first word -------------------------------------------------------


def _subckt(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    definitions.subckt(walk, file, line, rest)


def _inline(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    if not rest.startswith("subckt"):
        raise CardSyntaxError("inline is followed by subckt", column=0)
    definitions.subckt(walk, file, line, rest[6:].strip())


def _include(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """``include "file" [section=name]``."""
    found = re.match(r'"([^"]*)"\s*(.*)$', rest) or re.match(r"([^\s=\"]+)\s*(.*)$", rest)
    if found is None or not found[1].strip():
        walk.problem(file, line, "include without a file name", fix='write include "file"')
        return
    section = re.match(r"section\s*=\s*\"?([^\s\"]*)", found[2])
    if section is not None and not section[1]:
        walk.problem(file, line, "section= without a name")
        return
    read_file(walk, file, line, found[1].strip(), section=section[1] if section else None)


def _kept(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """A statement that is kept as text: Verilog-A by name, and what only shows something."""
    del rest
    walk.reading.cards.append(Card(line.text, line.span(file.path), "spectre"))


def _nothing(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    del walk, file, line, rest


_HANDLERS: Final[dict[str, Callable[[Walk, File, LogicalLine, str], None]]] = {
    "subckt": _subckt,
    "inline": _inline,
    "ends": definitions.ends,
    "model": definitions.model,
    "parameters": definitions.parameters,
    "global": definitions.global_nets,
    "ic": definitions.initial,
    "nodeset": definitions.initial,
    "include": _include,
    "ahdl_include": _kept,
    "save": _kept,
    "export": _kept,
    "set_options": _kept,
    "library": _nothing,
    "endlibrary": _nothing,
    "endsection": _nothing,
    "protect": _nothing,
    "unprotect": _nothing,
    "protected": _nothing,
    "endprotected": _nothing,
}
"""Statements by their first word; every other is an instance or a named statement."""

_WORD: Final = re.compile(r"[A-Za-z_]\w*(?![\w\\])")


def _unclosed(walk: Walk, path: str) -> None:
    while walk.scope.parent is not None:
        draft: Draft = walk.scope
        at = SpectreLine(f"subckt {draft.name}", draft.span.line, 1, draft.span.line)
        walk.reading.report(
            "error",
            "syntax",
            f"subckt {draft.name} without ends",
            path,
            at,
            fix=f"add ends {draft.name} behind its last statement",
        )
        walk.scope = walk.scope.parent
