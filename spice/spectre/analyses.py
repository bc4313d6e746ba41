"""Named statements of Spectre that are no instances: analyses and options.

Those with a counterpart become the cards of SPICE (``.tran``, ``.ac``, ``.option``); the others
are kept as text, and written back to Spectre alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from eda.circuit import Card, Expression, Value
from eda.circuit.values import number
from eda.errors import ExpressionError
from eda.numbers import format_exact
from eda.spice.lines import LogicalLine
from eda.spice.spectre.masters import ANALYSES, CONTROLS
from eda.spice.spectre.values import parameter_of, value_of
from eda.spice.spectre.words import Pair, Statement, split_statement, unescaped
from eda.spice.walk import File, Walk
from eda.spice.words import CardSyntaxError

OPTIONS: Final[dict[str, str]] = {
    **{name: name for name in ("reltol", "gmin", "temp", "tnom", "method", "maxord")},
    **{"vabstol": "vntol", "iabstol": "abstol"},
}
"""Options with a counterpart: ours by Spectre's."""

_MASTER_AT: Final = 1
_HEAD: Final = re.compile(r"[^\s(]+\s*(?:\([^()]*\)\s*)?(\w+)")


def is_control(walk: Walk, text: str) -> bool:
    """Return whether a statement is ``NAME [(nodes)] ANALYSIS p=v``, not an instance."""
    head = _HEAD.match(text)
    if head is None or (head[1] not in ANALYSES and head[1] not in CONTROLS):
        return False
    try:
        statement = split_statement(text)
    except CardSyntaxError:
        return False
    at = _MASTER_AT + max(statement.nodes, 0)
    if len(statement.words) <= at:
        return False
    word = statement.words[at]
    if word not in ANALYSES and word not in CONTROLS:
        return False
    if statement.nodes < 0 and len(statement.words) > 2:
        return False
    lower = walk.reading.names.definitions.of(unescaped(word)).lower()
    return not any(
        lower in scope.subcircuits or lower in scope.models for scope in walk.scope.ancestry()
    )


def control_statement(walk: Walk, file: File, line: LogicalLine) -> None:
    """Keep a named statement: as a card of SPICE where it has one, else as text."""
    statement = split_statement(line.text)
    word = statement.words[_MASTER_AT + max(statement.nodes, 0)]
    span = line.span(file.path)
    if word == "options":
        text = _options(walk, statement)
    else:
        maker = _CARDS.get(word)
        card = maker(_Reader(walk, statement)) if maker is not None else ""
        if card:
            walk.reading.cards.append(Card(card, span))
        text = "" if card else line.text
    if text:
        walk.reading.cards.append(Card(text, span, "spectre"))


def _options(walk: Walk, statement: Statement) -> str:
    """Take the options with a counterpart, and return a statement with the others."""
    taken: list[str] = []
    others: list[Pair] = []
    for pair in statement.pairs:
        name = pair.name.lower()
        value = _number(walk, pair.value)
        if name == "scale" and value is not None:
            if value != 1:
                walk.reading.options["scale"] = format_exact(value)
        elif name in OPTIONS:
            word = pair.value if value is None else format_exact(value)
            taken.append(f"{OPTIONS[name]}={word}")
        else:
            others.append(pair)
    if taken:
        walk.reading.cards.append(Card(f".option {' '.join(taken)}"))
    if not others:
        return ""
    shown = " ".join(f"{pair.name}={pair.value}" for pair in others)
    return f"{statement.words[0]} options {shown}"


def _number(walk: Walk, raw: str) -> float | None:
    try:
        return number(value_of(walk.reading, walk.scope, raw))
    except (CardSyntaxError, ExpressionError):
        return None


class _Reader:
    """The pairs of one analysis, as words of a card."""

    def __init__(self, walk: Walk, statement: Statement) -> None:
        self.walk = walk
        self.pairs = {pair.name: pair.value for pair in statement.pairs}
        self.nodes = [unescaped(w) for w in statement.words[1 : 1 + max(statement.nodes, 0)]]

    def only(self, *names: str) -> bool:
        """Return whether there is nothing but these, and what means nothing elsewhere."""
        return set(self.pairs) <= {*names, "annotate", "title", "write", "writefinal"}

    def value(self, name: str, default: str = "") -> str:
        """Return a value as a card shows it; the default where it is not given."""
        raw = self.pairs.get(name)
        if raw is None:
            return default
        value: Value = parameter_of(self.walk.reading, self.walk.scope, raw)
        if isinstance(value, Expression):
            return "{" + value.text + "}"
        return format_exact(value) if isinstance(value, float) else str(value)

    def span(self) -> str:
        """Return ``dec 10 1 1G``, or nothing where the sweep has no such form."""
        for word in ("dec", "lin", "oct"):
            if word in self.pairs and "start" in self.pairs and "stop" in self.pairs:
                return f"{word} {self.value(word)} {self.value('start')} {self.value('stop')}"
        return ""


def _tran(read: _Reader) -> str:
    known = read.only("stop", "start", "step", "maxstep", "errpreset", "skipdc")
    if not known or "stop" not in read.pairs or read.pairs.get("skipdc", "yes") != "yes":
        return ""
    stop = read.value("stop")
    try:
        step = format_exact(float(f"{float(stop) / 1000:.15g}"))
    except ValueError:
        step = stop
    card = f".tran {read.value('step', step)} {stop}"
    if "start" in read.pairs or "maxstep" in read.pairs:
        card += f" {read.value('start', '0')}"
    card = f"{card} {read.value('maxstep')}".rstrip()
    return f"{card} uic" if "skipdc" in read.pairs else card


def _ac(read: _Reader) -> str:
    span = read.span()
    return f".ac {span}" if span and read.only("start", "stop", "dec", "lin", "oct") else ""


def _dc(read: _Reader) -> str:
    if read.only("save", "oppoint", "maxiters", "maxsteps"):
        return ".op"
    sweep = ("start", "stop", "step")
    if read.only("dev", "param", *sweep) and all(name in read.pairs for name in sweep):
        if read.pairs.get("param") == "dc" and "dev" in read.pairs:
            source = unescaped(read.pairs["dev"])
        elif read.pairs.get("param") == "temp" and "dev" not in read.pairs:
            source = "temp"
        else:
            return ""
        return f".dc {source} {read.value('start')} {read.value('stop')} {read.value('step')}"
    return ""


def _noise(read: _Reader) -> str:
    span = read.span()
    source = read.pairs.get("iprobe", "")
    if not span or not source or len(read.nodes) not in (1, 2):
        return ""
    nets = [net for net in read.nodes if net != "0"] or ["0"]
    return f".noise v({','.join(nets)}) {unescaped(source)} {span}"


def _sp(read: _Reader) -> str:
    span = read.span()
    known = read.only("start", "stop", "dec", "lin", "oct", "ports")
    return f".sp {span}" if span and known else ""


_CARDS: Final[Mapping[str, Callable[[_Reader], str]]] = {
    "tran": _tran,
    "ac": _ac,
    "dc": _dc,
    "noise": _noise,
    "sp": _sp,
}
