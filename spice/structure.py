"""The structure pass: dot cards sorted into scopes, includes followed, conditions decided.

Element cards are only put aside here, scope by scope; they are taken apart by the next pass,
when every model, parameter and subcircuit of the file is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from eda.circuit import Source
from eda.errors import NetlistError
from eda.spice import conditions, definitions
from eda.spice.drafts import Draft
from eda.spice.includes import MAX_INCLUDE_DEPTH, MAX_INCLUDED_FILES
from eda.spice.lines import LogicalLine, logical_lines
from eda.spice.text import read_source
from eda.spice.walk import File, Walk
from eda.spice.words import CardSyntaxError


def walk_cards(walk: Walk, path: str, cards: Iterable[LogicalLine], *, depth: int = 0) -> None:
    """Read the cards of one file."""
    file = File(path, list(cards), depth)
    outer = walk.scope
    elements = walk.scope.elements
    read = True  # not inside a condition that is false, or a block that is skipped
    for line in file.cards:
        first = line.text[0]
        if read and first != ".":
            if first == "<" and line.text.startswith("<%"):
                _template(walk, file, line)
            else:
                elements.append((path, line))
            continue
        _dot_card(walk, file, line)
        read = file.skipping_until is None and not file.blocked
        elements = walk.scope.elements
        if walk.reading.ended and walk.reading.dialect.stops_at_end:
            break
    _close(walk, file, outer)


def _dot_card(walk: Walk, file: File, line: LogicalLine) -> None:
    """Deal with one dot card, or with a card inside a block that is skipped."""
    found = _DOT_WORD.match(line.text)
    word = found.group().lower() if found else "."
    if file.skipping_until is not None:
        if word == file.skipping_until:
            file.skipping_until = None
            walk.reading.ended = walk.reading.ended or word == ".end"
        elif file.skipping_until == ".endc":
            walk.reading.control.append(line.text)
        return
    if word in conditions.CONDITIONS:
        conditions.condition(walk, file, line, word)
        return
    if file.blocked:
        return
    rest = line.text[len(word) :].strip()
    try:
        _HANDLERS.get(word, definitions.keep)(walk, file, line, rest)
    except CardSyntaxError as problem:
        walk.problem(file, line, str(problem), offset=problem.column)


def _template(walk: Walk, file: File, line: LogicalLine) -> None:
    """A line of a template language that has not been filled in."""
    walk.reading.report(
        "warning",
        "template",
        "a line of a template is not read",
        file.path,
        line,
        fix="fill in the template first",
    )


def _close(walk: Walk, file: File, outer: Draft) -> None:
    """Report what the end of a file finds open."""
    if file.conditions:
        walk.problem(file, file.conditions[-1].line, ".if without .endif", fix="add .endif")
    if file.skipping_until == ".endc":
        walk.reading.report(
            "info",
            "syntax",
            ".control without .endc",
            file.path,
            file.cards[-1],
        )
    while walk.scope is not outer and walk.scope.parent is not None:
        draft = walk.scope
        at = LogicalLine(f".subckt {draft.name}", draft.span.line, 1, draft.span.line)
        walk.problem(
            file,
            at,
            f".subckt {draft.name} without .ends",
            fix=f"add .ends {draft.name} behind its last card",
        )
        walk.scope = walk.scope.parent


def control(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """``.control``: kept as text, never run here."""
    del line, rest
    file.skipping_until = ".endc"


def alter(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """``.alter``: a second run of HSPICE; the first is what the file describes."""
    del rest
    walk.reading.report("info", "unsupported", "what follows .alter is not read", file.path, line)
    file.skipping_until = ".end"


def data(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """``.data ... .enddata``: a table of a sweep, kept as a card."""
    definitions.keep(walk, file, line, rest)
    file.skipping_until = ".enddata"


def end(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """``.end``."""
    del file, line, rest
    walk.reading.ended = True


def include(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """``.include file``."""
    name = _file_name(rest)
    if not name:
        walk.problem(file, line, ".include without a file name")
        return
    read_file(walk, file, line, name, section=None)


def lib(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """``.lib file section`` reads a section; ``.lib section`` opens one in a library."""
    name = _file_name(rest)
    section = _behind_name(rest.strip())
    if section:
        read_file(walk, file, line, name, section=section)
    elif not name:
        walk.problem(file, line, ".lib without a file name")
    elif walk.reading.dialect.lib_alone_includes or file.last_endl <= line.line:
        read_file(walk, file, line, name, section=None)
    else:
        # A section that nobody asked for.
        file.skipping_until = ".endl"


def read_file(walk: Walk, file: File, line: LogicalLine, name: str, *, section: str | None) -> None:
    """Read an included file, or one section of a library."""
    found, why = walk.includes.find(name, file.path)
    if found is None:
        walk.reading.incomplete = True
        fix = {
            "it was not found": "give its folder with -I, or set PDK_ROOT",
            "it is outside the deck's folder": (
                "give its folder with -I, or use --trust-deck if you trust this deck"
            ),
        }.get(why, "")
        walk.reading.report(
            "warning", "include", f"{name} is not read: {why}", file.path, line, fix=fix
        )
        return
    real = str(found.resolve()) + (f"|{section.lower()}" if section else "")
    if real in walk.open_paths:
        walk.reading.report(
            "error",
            "recursion",
            f"{name} includes itself",
            file.path,
            line,
            fix="remove one of the includes",
        )
        return
    if file.depth >= MAX_INCLUDE_DEPTH:
        raise walk.reading.fail(
            f"includes nested deeper than {MAX_INCLUDE_DEPTH} levels", file.path, line
        )
    if len(walk.reading.files) >= MAX_INCLUDED_FILES:
        raise walk.reading.fail(
            f"more than {MAX_INCLUDED_FILES} files are included", file.path, line
        )
    try:
        source = read_source(found)
    except NetlistError as problem:
        walk.reading.incomplete = True
        walk.reading.report("error", "include", str(problem), file.path, line)
        return
    walk.reading.files.append(source)
    walk.open_paths.append(real)
    follow = walk.follow or _follow
    there = follow(walk, source, section or "", file.depth + 1)
    walk.open_paths.pop()
    if not there:
        walk.reading.report(
            "error",
            "include",
            f"{name} has no section {section}",
            file.path,
            line,
            fix="check the section's name",
        )


def _follow(walk: Walk, source: Source, section: str, depth: int) -> bool:
    """Read an included file of SPICE; False where it has no such section."""
    _, cards = logical_lines(source.text, walk.reading.dialect, title=False)
    if section:
        cards = _section(cards, section)
        if not cards:
            return False
    walk_cards(walk, source.path, cards, depth=depth)
    return True


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


Handler = Callable[[Walk, File, LogicalLine, str], None]

_HANDLERS: Final[dict[str, Handler]] = {
    ".subckt": definitions.subckt,
    ".subcircuit": definitions.subckt,
    ".macro": definitions.subckt,
    ".ends": definitions.ends,
    ".eom": definitions.ends,
    ".model": definitions.model,
    ".param": definitions.param,
    ".params": definitions.param,
    ".parameter": definitions.param,
    ".parameters": definitions.param,
    ".step": definitions.step,
    ".func": definitions.func,
    ".function": definitions.func,
    ".global": definitions.global_nets,
    ".pininfo": definitions.pin_information,
    ".scale": definitions.scale,
    ".option": definitions.option,
    ".options": definitions.option,
    ".title": definitions.title,
    ".include": include,
    ".inc": include,
    ".incl": include,
    ".lib": lib,
    ".control": control,
    ".alter": alter,
    ".data": data,
    ".end": end,
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
