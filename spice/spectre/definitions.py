"""Spectre statements that define something: subckt, model, parameters, functions, globals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from eda.circuit import Card, Expression, Function, ModelCard, Value
from eda.errors import ExpressionError
from eda.spice.definitions import first_repeated
from eda.spice.drafts import Draft
from eda.spice.lines import LogicalLine
from eda.spice.spectre.expressions import translate
from eda.spice.spectre.masters import MODELS, OTHER_MOS
from eda.spice.spectre.values import as_problem, parameter_of, value_of
from eda.spice.spectre.words import Pair, split_statement, unescaped
from eda.spice.walk import MAX_NESTING, File, Walk
from eda.spice.words import CardSyntaxError


def subckt(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """``subckt name (ports)``, with or without brackets."""
    statement = split_statement(rest)
    if not rest or rest.startswith("(") or not statement.words:
        walk.problem(file, line, "subckt without a name", fix="write subckt NAME (PORTS)")
        statement = statement._replace(words=["?", *statement.words])
    if sum(1 for _ in walk.scope.ancestry()) > MAX_NESTING:
        raise walk.reading.fail(f"subckt nested deeper than {MAX_NESTING} levels", file.path, line)
    written = unescaped(statement.words[0])
    name = walk.reading.names.definitions.met(written)
    ports = tuple(map(unescaped, statement.words[1:]))
    draft = Draft(name, line.span(file.path), walk.scope, ports)
    draft.nets.insensitive = walk.reading.names.insensitive
    draft.nets.learn(ports)
    draft.ports = tuple(map(draft.nets.of, ports))
    for pair in statement.pairs:
        draft.defaults[unescaped(pair.name).lower()] = _parameter(walk, pair)
    if twice := first_repeated(draft.ports):
        walk.reading.report(
            "warning",
            "duplicate_name",
            f"port {twice} of subcircuit {name} is named twice",
            file.path,
            line,
            objects=(name, twice),
        )
    if name.lower() in walk.scope.subcircuits:
        first = walk.scope.subcircuits[name.lower()].span
        walk.reading.report(
            "warning",
            "duplicate_name",
            f"subcircuit {name} is defined twice; the first, at {first}, is used",
            file.path,
            line,
            fix="rename or remove one",
            objects=(name,),
        )
    else:
        walk.scope.subcircuits[name.lower()] = draft
    walk.scope = draft


def ends(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """``ends [name]``."""
    if walk.scope.parent is None:
        walk.problem(file, line, "ends without subckt", fix="remove it")
        return
    name = unescaped(rest.split(None, 1)[0]) if rest else ""
    if name and walk.reading.names.definitions.of(name).lower() != walk.scope.name.lower():
        walk.reading.report(
            "warning", "syntax", f"ends {name} closes subckt {walk.scope.name}", file.path, line
        )
    walk.scope = walk.scope.parent


def parameters(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """``parameters a=1 b=2*a``: defaults inside a subcircuit, else parameters of the file."""
    statement = split_statement(f"parameters {rest}")
    if len(statement.words) > 1:
        walk.problem(
            file,
            line,
            f"the parameter {statement.words[1]} has no value",
            offset=line.text.find(statement.words[1]),
            fix="write parameters NAME=VALUE",
        )
    scope = walk.scope
    home = scope.parameters if scope.parent is None else scope.defaults
    shift = len(line.text) - len(rest) - len("parameters ")
    for pair in statement.pairs:
        name = walk.reading.names.parameters.met(unescaped(pair.name)).lower()
        try:
            home[name] = parameter_of(walk.reading, scope, pair.value)
        except CardSyntaxError as problem:
            place = pair.offset + shift + problem.column
            raise CardSyntaxError(str(problem), column=place) from None
        except ExpressionError as problem:
            if "counterpart" not in str(problem):
                raise as_problem(problem, pair.offset + shift) from None
            home[name] = pair.value
            walk.reading.report(
                "warning",
                "unsupported",
                str(problem),
                file.path,
                line,
                offset=pair.offset + shift,
            )
        scope.parameter_spans[name] = line.span(file.path)


def _parameter(walk: Walk, pair: Pair) -> Value:
    try:
        return parameter_of(walk.reading, walk.scope, pair.value)
    except ExpressionError as problem:
        raise as_problem(problem, pair.offset) from None


def model(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """``model NAME MASTER p=v ...``."""
    statement = split_statement(rest)
    if len(statement.words) < 2:
        walk.problem(
            file, line, "model needs a name and a master", fix="write model NAME MASTER p=v ..."
        )
        return
    if len(statement.words) > 2:
        walk.problem(
            file,
            line,
            f"'=' is missing behind {statement.words[2]}",
            offset=line.text.find(statement.words[2]),
            fix="write model NAME MASTER p=v ...",
        )
        return
    _add_model(walk, file, line, statement.words[0], statement.words[1], statement.pairs)


def binned_model(walk: Walk, file: File, line: LogicalLine, bins: Sequence[LogicalLine]) -> None:
    """``model NAME MASTER { 1: p=v ...``: a card per bin, named ``NAME.1`` and so on."""
    head = split_statement(line.text.rstrip("{").rstrip())
    if len(head.words) != 3:
        walk.problem(file, line, "model needs a name and a master")
        return
    shared = head.pairs
    groups: list[tuple[str, LogicalLine, list[Pair]]] = []
    for item in bins:
        found = _BIN.match(item.text)
        pairs = split_statement(f"x {item.text[found.end() if found else 0 :]}").pairs
        if found is not None:
            groups.append((found[1], item, [*shared, *pairs]))
        elif groups:
            groups[-1][2].extend(pairs)
        else:
            shared = [*shared, *pairs]
    for number, item, pairs in groups:
        _add_model(walk, file, item, f"{head.words[1]}.{number}", head.words[2], pairs)
    if not groups:
        _add_model(walk, file, line, head.words[1], head.words[2], shared)


_BIN: Final = re.compile(r"(\w+)\s*:\s*")


def _add_model(
    walk: Walk, file: File, line: LogicalLine, name: str, master: str, pairs: Sequence[Pair]
) -> None:
    names = walk.reading.names.definitions
    base, dot, number = unescaped(name).rpartition(".")
    name = f"{names.met(base)}.{number}" if dot and base else names.met(unescaped(name))
    made: dict[str, Value] = {}
    for pair in pairs:
        try:
            key = unescaped(pair.name).lower()
            made[key] = value_of(walk.reading, walk.scope, pair.value)
        except ExpressionError as problem:
            raise CardSyntaxError(str(problem), column=max(line.text.find(pair.value), 0)) from None
    kind = _kind(master.lower(), made)
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
    walk.scope.models[lower] = ModelCard(name, kind, made, line.span(file.path))


def _kind(master: str, made: dict[str, Value]) -> str:
    """Return the type of a model card here, and take what says it out of the parameters."""
    known = MODELS.get(master)
    if known is None and master not in OTHER_MOS:
        return master
    word = made.pop("type", "")
    word = word.lower() if isinstance(word, str) else ""
    if known is None:
        # A MOS model that ngspice has no level for.
        made["master"] = master
        return "pmos" if word.startswith("p") else "nmos"
    if known.level is not None:
        made.setdefault("level", known.level)
    if master == "relay":
        _as_switch(made)
    if word == "pmos" or word == "nmos":
        word = word[0]
    return known.kinds.get(word, next(iter(known.kinds.values())))


def _as_switch(made: dict[str, Value]) -> None:
    """Turn the thresholds of a relay into those of a switch: middle and half distance."""
    for theirs, ours in (("ropen", "roff"), ("rclosed", "ron")):
        if theirs in made:
            made[ours] = made.pop(theirs)
    low, high = made.get("vt1"), made.get("vt2")
    if isinstance(low, float) and isinstance(high, float):
        del made["vt1"], made["vt2"]
        made["vt"], made["vh"] = (low + high) / 2, abs(high - low) / 2


def function(walk: Walk, file: File, line: LogicalLine, text: str) -> None:
    """``real f(real a, real b) { return a+b; }``."""
    found = _FUNCTION.match(text)
    if found is None:
        walk.problem(
            file,
            line,
            "a function is malformed",
            fix="write real f(real x) { return expression; }",
        )
        return
    arguments = [item.split() for item in found[2].split(",") if item.strip()]
    if any(len(words) != 2 or words[0] != "real" for words in arguments):
        walk.problem(file, line, "arguments of functions are real", fix="write real f(real x)")
        return
    body = translate(found[3].strip())
    names = tuple(words[1].lower() for words in arguments)
    walk.scope.functions[found[1].lower()] = Function(found[1], names, body)


_FUNCTION: Final = re.compile(
    r"real\s+(\w+)\s*\(([^()]*)\)\s*\{\s*return\b([^;{}]*);\s*\}\s*$", re.DOTALL
)


def global_nets(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """``global 0 vdd! ...``: the first is the name of ground."""
    nets = list(map(unescaped, rest.replace("(", " ").replace(")", " ").split()))
    if not nets:
        walk.problem(file, line, "global without a net")
        return
    walk.reading.names.grounds.add(nets[0])
    for net in nets[1:]:
        name = walk.reading.names.globals.met(net)
        walk.reading.globals.setdefault(name.lower(), name)


def initial(walk: Walk, file: File, line: LogicalLine, rest: str) -> None:
    """``ic a=1 b=2`` and ``nodeset``: as the cards of SPICE, ``.ic V(a)=1``."""
    word = line.text.split(None, 1)[0]
    statement = split_statement(f"{word} {rest}")
    if len(statement.words) > 1 or not statement.pairs:
        raise CardSyntaxError(f"'=' is missing; write {word} NET=VALUE", column=len(word) + 1)
    scope = walk.scope
    items = []
    for pair in statement.pairs:
        value = parameter_of(walk.reading, scope, pair.value)
        shown = f"{{{value.text}}}" if isinstance(value, Expression) else f"{value!r}"
        items.append(f"V({scope.nets.met(unescaped(pair.name))})={shown}")
    card = Card(f".{word} {' '.join(items)}", line.span(file.path))
    (scope.cards if scope.parent is not None else walk.reading.cards).append(card)
