"""Dot cards that define something: subcircuits, models, parameters, functions, globals."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from eda.circuit import Card, Function, ModelCard, Value
from eda.circuit.expression import MAX_LENGTH
from eda.spice.drafts import Draft
from eda.spice.lines import LogicalLine
from eda.spice.walk import MAX_NESTING, File, Walk, parameter_value
from eda.spice.words import (
    BLANKS_ROUND_EQUALS,
    CardSyntaxError,
    bare,
    closing_bracket,
    split_assignments,
    split_card,
    ungroup,
)


def subckt(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """``.subckt name ports [params: name=value ...]``."""
    words, assignments = split_card(rest)
    words = ungroup(words)
    if not words:
        walk.problem(file, line, ".subckt without a name", fix="write .subckt NAME PORTS")
        words = ["?"]
    if sum(1 for _ in walk.scope.ancestry()) > MAX_NESTING:
        raise walk.reading.fail(f".subckt nested deeper than {MAX_NESTING} levels", file.path, line)
    ports, optional, defaults = _ports(words[1:], assignments)
    draft = Draft(words[0], line.span(file.path), walk.scope, ports, optional)
    for name, raw in defaults:
        draft.defaults[name] = parameter_value(walk.reading, raw)
    key = words[0].lower()
    if twice := first_repeated(ports):
        walk.reading.report(
            "warning",
            "duplicate_name",
            f"port {twice} of subcircuit {words[0]} is named twice",
            file.path,
            line,
            objects=(words[0], twice),
        )
    if key in walk.scope.subcircuits:
        first = walk.scope.subcircuits[key].span
        walk.reading.report(
            "warning",
            "duplicate_name",
            f"subcircuit {words[0]} is defined twice; the first, at {first}, is used",
            file.path,
            line,
            fix="rename or remove one",
            objects=(words[0],),
        )
    else:
        walk.scope.subcircuits[key] = draft
    walk.scope = draft


def ends(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """``.ends [name]``."""
    if walk.scope.parent is None:
        walk.problem(file, line, ".ends without .subckt", fix="remove it")
        return
    name = rest.split(None, 1)[0] if rest else ""
    if name and name.lower() != walk.scope.name.lower():
        walk.reading.report(
            "warning",
            "syntax",
            f".ends {name} closes .subckt {walk.scope.name}",
            file.path,
            line,
        )
    walk.scope = walk.scope.parent


def model(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """``.model name type (name=value ...)``."""
    head = re.match(r"(\S+?)\s+([^\s(=]+)\s*", rest)
    if head is None:
        walk.problem(
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
    elif body.endswith(")") and body.count(")") > body.count("("):
        body = body[:-1]  # or the first
    parameters: dict[str, Value] = {}
    if kind.lower() in _MESHES:
        parameters["mesh"] = _mesh(walk, file, line)
        body = ""
    elif kind.lower() == "cpl":
        # Coupled lines: matrices without brackets, ``R=1 0 2 L=...``.
        for key, _, raw in split_assignments(body):
            values = (walk.reading.value(word, walk.scope) for word in raw.split())
            parameters[key.lower()] = tuple(values)
        body = ""
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
        parameters[key] = walk.reading.value(raw, walk.scope)
    lower = name.lower()
    if lower in walk.scope.models:
        walk.reading.report(
            "warning",
            "duplicate_name",
            f"model {name} is defined twice; the last is used",
            file.path,
            line,
            objects=(name,),
        )
    if walk.reading.dialect.name == "pspice" and kind.lower() in ("nmos", "pmos"):
        level = _PSPICE_LEVELS.get(parameters.get("level"))
        if level is not None:
            parameters["level"] = level
    walk.scope.models[lower] = ModelCard(name, kind.lower(), parameters, line.span(file.path))


def _mesh(walk: Walk, file: File, line: LogicalLine) -> str:
    """Return the lines of a CIDER model behind its name and type, as they are."""
    physical = walk.reading.physical_lines(file.path)
    lines = [raw.strip() for raw in physical[line.line - 1 : line.end_line]]
    lines = [raw for raw in lines if raw and raw[0] not in "*#"]
    # What stands on the first line (``level=2``) must stay there, so that line is always kept.
    head = "".join(lines[0].split(None, 3)[3:]) if lines else ""
    return "\n".join([head, *(raw.lstrip("+").strip() for raw in lines[1:])])


def param(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """``.param name=value ... f(x)=...``."""
    triples = split_assignments(rest)
    words = rest.split(None, 1)
    if not triples and len(words) == 2 and walk.reading.dialect.name == "ltspice":
        triples = [(words[0], None, words[1])]  # LTspice needs no equals sign
    if not triples and rest:
        walk.problem(file, line, ".param without '='", fix="write .param NAME=VALUE")
    for name, arguments, raw in triples:
        if not raw:
            walk.problem(file, line, f".param {name}= has no value")
        elif len(raw) > MAX_LENGTH:
            walk.problem(file, line, f".param {name}: longer than {MAX_LENGTH} characters")
        elif arguments is not None:
            add_function(walk, name, arguments, raw)
        else:
            walk.scope.parameters[name.lower()] = parameter_value(walk.reading, raw)
            walk.scope.parameter_spans[name.lower()] = line.span(file.path)


def step(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """LTspice's ``.step param x 1 10 1``: x is a parameter, at its first value here."""
    keep(walk, file, line, rest)
    words = [w for w in rest.split() if w.lower() not in ("oct", "dec", "lin", "list")]
    if len(words) > 2 and words[0].lower() == "param":
        name = words[1].lower()
        walk.scope.parameters.setdefault(name, parameter_value(walk.reading, words[2]))
        walk.scope.parameter_spans.setdefault(name, line.span(file.path))


def func(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """``.func f(x,y) {body}``, with or without an equals sign."""
    found = re.match(r"\s*([^\s(]+)\s*\(([^()]*)\)\s*=?\s*(.*)$", rest)
    if found is None or not found[3].strip():
        walk.problem(file, line, ".func is malformed", fix="write .func f(x) {expression}")
        return
    add_function(walk, found[1], f"({found[2]})", found[3].strip())


def add_function(walk: Walk, name: str, arguments: str, raw: str) -> None:
    """Define a function in the scope."""
    names = tuple(a.strip().lower() for a in arguments[1:-1].split(",") if a.strip())
    walk.scope.functions[name.lower()] = Function(name, names, bare(raw))


def global_nets(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """``.global net ...``."""
    del file, line
    for net in rest.replace(",", " ").split():
        walk.reading.globals.setdefault(net.lower(), net.rstrip(":"))


def pin_information(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """CDL's ``*.PININFO a:I y:O``."""
    del file, line
    words = {"i": "input", "o": "output", "b": "inout"}
    for item in rest.split():
        port, _, letter = item.rpartition(":")
        if port and letter.lower() in words:
            walk.scope.directions[port.lower()] = words[letter.lower()]


def scale(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """CDL's ``*.SCALE MICRON`` (sizes are micrometres) or ``METER``."""
    del file, line
    if rest.lower().startswith("mic"):
        walk.reading.options["scale"] = "1e-6"


def option(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """``.option name=value``: ``scale`` is taken into the sizes, the rest is kept."""
    others = []
    for word in BLANKS_ROUND_EQUALS.sub("=", rest).split():
        key, _, value = word.partition("=")
        if key.lower() == "scale" and value:
            walk.reading.options["scale"] = value
        else:
            others.append(word)
    if others or not rest:
        keep(walk, file, line, rest)


def title(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """``.title``."""
    del file, line
    walk.reading.title = rest


def keep(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """Any other dot card: kept as text, in its place in the file."""
    del rest
    inside = walk.scope.parent is not None and line.text.lower().startswith(_OF_NETS)
    kept = walk.scope.cards if inside else walk.reading.cards
    kept.append(Card(line.text, line.span(file.path)))


def first_repeated(names: Iterable[str]) -> str:
    """Return the first name that is there twice, whatever its case; empty without one."""
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            return name
        seen.add(name.lower())
    return ""


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


_PSPICE_LEVELS: Final[dict[Value | None, float]] = {7.0: 8.0, 8.0: 14.0}
"""Levels of BSIM3 and BSIM4 here by PSpice's, which counts otherwise than the others."""
_OF_NETS: Final = (".ic", ".nodeset")
"""Cards that name nets, and so mean those of the subcircuit they stand in."""
_MESHES: Final = frozenset({"numd", "nbjt", "numos"})
"""Models of CIDER: a language of their own, line by line."""
_LIST: Final = re.compile(r"(?<![\w.])([\w.]+)\s*=\s*(\[[^\[\]]*\])")
