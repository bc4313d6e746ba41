"""The builder: makes the devices of one scope, one card at a time, and reports what is wrong.

How each letter is read stands in `eda.spice.elements` and `eda.spice.sources`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from eda.circuit import Device, Expression, Span, Value, number
from eda.circuit.environment import Environment
from eda.circuit.expression import (
    DynamicExpression,
    UndefinedNameError,
    evaluate,
    names_in,
)
from eda.circuit.polarity import TRANSISTORS, polarity_of
from eda.errors import ExpressionError
from eda.spice.drafts import Draft, Reading
from eda.spice.lines import LogicalLine
from eda.spice.nets import NetNames, SpellingNets
from eda.spice.primitives import AREAS, LENGTHS, Primitive, PrimitiveTable
from eda.spice.spectre.lines import SpectreLine
from eda.spice.spectre.names import CaseNames
from eda.spice.spectre.words import unescaped
from eda.spice.words import Assignment, CardSyntaxError, split_card, ungroup

_NUMBERED: Final = tuple(tuple(str(i + 1) for i in range(n)) for n in range(65))


def unspelled(name: str) -> str:
    """Return ngspice's spelling of a path as a path: ``r.x1.r2`` is ``x1.r2``."""
    letter, _, path = name.partition(".")
    _, dot, last = path.rpartition(".")
    return path if dot and len(letter) == 1 and last[:1].lower() == letter.lower() else name


def numbered_roles(count: int) -> tuple[str, ...]:
    """Return the roles ``1 2 3 ...`` of a device whose pins have no names."""
    if count < len(_NUMBERED):
        return _NUMBERED[count]
    return tuple(str(i + 1) for i in range(count))


# Kinds that mean nothing without a model card, beside the transistors.
_NEEDS_CARD: Final = frozenset({"diode", "switch", "xspice"})


class Builder:
    """Makes the devices of one scope from its cards.

    Attributes:
        environment: Where expressions can be worked out now; None inside a subcircuit.
        models: The model cards that are visible, by lower-case name; bins by their base name too.
        scale: Metres per written unit of length (``.option scale``).
        tails: Parameters of MOS cards by model and by the text behind it.
    """

    def __init__(self, reading: Reading, draft: Draft, primitives: PrimitiveTable) -> None:
        """Look up once what every card of the scope needs."""
        self.reading = reading
        self.primitives = primitives
        self.draft = draft
        self.spectre = reading.dialect.name == "spectre"
        self.devices = CaseNames(insensitive=reading.names.insensitive)
        self.nets: dict[str, str] = (
            SpellingNets(draft.nets, reading)
            if self.spectre
            else NetNames(draft.ports, reading.globals, reading.dialect.gnd_is_ground)
        )
        self.environment: Environment | None = draft.environment() if draft.parent is None else None
        self.models = draft.visible_models()
        self._polarity: dict[tuple[str, str], str] = {}
        self._instances: dict[tuple[str, int], Primitive | Draft | None] = {}
        self.undefined_models: dict[str, tuple[str, LogicalLine, str, str]] = {}
        self._units: dict[str, float] = {}
        self.tails: dict[tuple[str, str], Mapping[str, Value]] = {}
        self.undefined_subcircuits: dict[str, tuple[str, LogicalLine, str]] = {}
        self.primitives_used: dict[str, tuple[str, LogicalLine, str]] = {}
        scale = reading.number(reading.options.get("scale", "1"))
        self.scale = scale if scale is not None and scale > 0 else 1.0
        self.functions = draft.visible_functions()
        self._memo: dict[tuple[object, ...], Mapping[str, Value]] = {}
        self._checked: dict[str, Expression] = {}
        self.path = ""
        self.line = LogicalLine("", 0, 0, 0)

    def build(
        self, table: Mapping[str, Element], other: Element, instance: Element
    ) -> tuple[Device, ...]:
        """Return the devices of the scope, in file order; problems go to the reading.

        Args:
            table: Readers by element letter.
            other: Reader of board parts, whose letters mean nothing in SPICE.
            instance: Reader of the statements in Spectre's language.
        """
        devices: list[Device] = []
        if self.spectre:
            self._learn_devices()
        board = self.reading.dialect.board
        for path, line in self.draft.elements:
            self.path, self.line = path, line
            letter = line.text[0].lower()
            handler = table.get(letter)
            if handler is None and letter > "\x7f" and self.reading.dialect.name == "ltspice":
                handler = other  # QSPICE's own parts have letters beyond ASCII
            if board and letter == "u":
                handler = other
            if self.spectre:
                ours = isinstance(line, SpectreLine)
                handler = instance if ours else handler
                if isinstance(self.nets, SpellingNets):
                    self.nets.any_case(not ours)
            try:
                if handler is None:
                    self.unknown()
                    continue
                device = handler(self, line.text)
            except CardSyntaxError as problem:
                self.error("syntax", str(problem), offset=problem.column)
                continue
            except TooFewError as problem:
                part = self.board_part(other) if board and handler is not other else None
                if part is not None:
                    devices.append(part)
                else:
                    self.error("pin_count", str(problem), fix=problem.fix)
                continue
            devices.append(device)
        if self.spectre:
            self._report_nets()
        return tuple(devices)

    def _report_nets(self) -> None:
        """Report the nets whose names differ in case only."""
        span = self.draft.span
        for written, made, first in self.draft.nets.clashes:
            self.reading.report(
                "warning",
                "case",
                f"the nets {written} and {first} differ in case only; {written} is called {made} "
                "here",
                span.path,
                LogicalLine(self.draft.name or written, span.line, 1, span.line),
                objects=(made,),
            )

    def _learn_devices(self) -> None:
        """Note the names of the scope's devices, so that references find them."""
        for _, line in self.draft.elements:
            if isinstance(line, SpectreLine):
                self.devices.learn([_first_name(line.text)])
        places: dict[str, tuple[str, LogicalLine]] = {}
        for path, line in self.draft.elements:
            places.setdefault(_first_name(line.text), (path, line))
        for written, made, first in self.devices.clashes:
            self.reading.report(
                "warning",
                "case",
                f"{written} and {first} differ in case only; {written} is called {made} here",
                *places[written],
                objects=(made,),
            )

    def board_part(self, other: Element) -> Device | None:
        """Return the card at hand as a part of a board, or None where it is none either."""
        if len(self.line.text.split()) <= 2:
            return None
        try:
            return other(self, self.line.text)
        except TooFewError:
            return None

    # -- values ---------------------------------------------------------------------------

    def parameters(
        self, assignments: list[Assignment], *, unit_m: float = 1.0
    ) -> Mapping[str, Value]:
        """Return the parameters a card assigns, lengths in metres.

        Equal texts share one mapping.
        """
        if not assignments:
            return {}
        key = (unit_m, *assignments)
        known = self._memo.get(key)
        if known is not None:
            return known
        errors = len(self.reading.diagnostics)
        raws = dict(assignments)
        made = self.in_metres(
            {name: self.value(raw, siblings=raws, own=name) for name, raw in assignments}, unit_m
        )
        if len(self.reading.diagnostics) == errors:
            self._memo[key] = made
        return made

    def in_metres(self, parameters: Mapping[str, Value], unit_m: float) -> Mapping[str, Value]:
        """Return parameters with the lengths that were written in a unit in metres."""
        if unit_m == 1.0:
            return parameters
        made = dict(parameters)
        for name in made:
            factor = unit_m if name in LENGTHS else unit_m**2 if name in AREAS else 1.0
            if factor != 1.0:
                made[name] = _scaled(made[name], factor)
        return made

    def value(self, raw: str, *, siblings: Mapping[str, str] | None = None, own: str = "") -> Value:
        """Return what a parameter's text stands for, worked out where it can be.

        Args:
            raw: The text.
            siblings: The other assignments of the card: PDK symbols write
                ``ad='W/nf * 0.29'`` and mean the instance's own W and nf.
            own: The parameter's own name, which a text never means.
        """
        value = self.reading.value(raw, self.draft)
        if isinstance(value, Expression):
            text = value.text
            if siblings is not None and len(siblings) > 1:
                text = self._with_siblings(text, siblings, own)
            return self.expression(text, raw)
        return value

    def _with_siblings(self, text: str, siblings: Mapping[str, str], own: str) -> str:
        for name in names_in(text):
            raw = siblings.get(name)
            if raw is None or name == own or self.draft.knows(name):
                continue
            if self.reading.number(raw) is None:
                continue
            text = re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w.(])", f"({raw})", text, flags=re.I)
        return text

    def amount(self, raw: str) -> Value:
        """Return a value where a number is meant: a bare word is then an expression too."""
        value = self.value(raw)
        return self.expression(raw, raw) if isinstance(value, str) else value

    def expression(self, text: str, raw: str = "") -> Expression:
        """Return an expression, with its value at the top level; report what is wrong in it."""
        known = self._checked.get(text)
        if known is not None:
            return known
        made = Expression(text)
        try:
            if self.environment is not None:
                made = Expression(text, self.environment.evaluate(text))
            else:
                # Inside a subcircuit only the form can be checked: names may come from callers.
                evaluate(text, lambda _name: 1.0, self.functions)
        except DynamicExpression:
            pass
        except UndefinedNameError as problem:
            self.undefined(problem, raw or text)
            return made
        except ExpressionError as problem:
            offset = max(self.line.text.find(raw or text), 0) + max(problem.column - 1, 0)
            offset += 1 if raw[:1] in ("{", "'", '"') else 0
            self.error(
                "bad_value", str(problem), offset=offset, fix="write a number or an expression"
            )
            return made
        self._checked[text] = made
        return made

    def undefined(self, problem: UndefinedNameError, raw: str) -> None:
        """Report a name without a value; it may be in a file that could not be read."""
        names = (n for s in self.draft.ancestry() for n in (*s.defaults, *s.parameters))
        close = self.reading.similar(problem.name.lower(), names)
        fix = f"did you mean {' or '.join(close)}?" if close else f"add .param {problem.name}=..."
        if str(problem).startswith("undefined function"):
            fix = f"define it with .func {problem.name}(x) {{expression}}"
        placeholder = problem.name.startswith("$")
        if placeholder:
            fix = "fill in the template first"
        self.reading.report(
            "warning" if self.reading.incomplete or placeholder else "error",
            "undefined_parameter",
            str(problem),
            self.path,
            self.line,
            offset=max(self.line.text.find(raw), 0),
            fix=fix,
            objects=(self.line.text.split(None, 1)[0], problem.name),
        )

    # -- devices --------------------------------------------------------------------------

    def make(
        self,
        name: str,
        kind: str,
        roles: tuple[str, ...],
        nets: list[str],
        model: str,
        parameters: Mapping[str, Value],
        references: tuple[str, ...] = (),
        *,
        polarity: str = "",
    ) -> Device:
        """Return a device of the card at hand."""
        if name[1:2] == ".":
            name = unspelled(name)
            references = tuple(map(unspelled, references))
        if kind in TRANSISTORS and not polarity:
            polarity = self.polarity(kind, model)
        elif (
            model
            and kind in _NEEDS_CARD
            and name[0] not in "uU"
            and model.lower() not in self.models
        ):
            self.undefined_models.setdefault(model, (self.path, self.line, name, kind))
        names = self.nets
        return Device.quick(
            name,
            kind,
            roles,
            tuple([names[net] for net in nets]),
            model,
            parameters,
            polarity,
            references,
            Span(self.path, self.line.line, self.line.column, self.line.end_line),
        )

    def polarity(self, kind: str, model: str) -> str:
        """Return the polarity of a transistor's model; note the models nobody defines."""
        key = (kind, model)
        known = self._polarity.get(key)
        if known is None:
            card = self.models.get(model.lower())
            primitive = self.primitives.find(model) if card is None else None
            if card is None and primitive is None:
                name = self.line.text.split(None, 1)[0]
                self.undefined_models.setdefault(model, (self.path, self.line, name, kind))
            known = primitive.polarity if primitive is not None else ""
            known = known or polarity_of(kind, model, card)
            self._polarity[key] = known
        return known

    def instance_of(self, model: str, count: int) -> Primitive | Draft | None:
        """Return what an X line with ``count`` nets stands for; None for a black box."""
        key = (model, count)
        if key in self._instances:
            return self._instances[key]
        lower = model.lower()
        scopes = (s.subcircuits[lower] for s in self.draft.ancestry() if lower in s.subcircuits)
        found: Primitive | Draft | None = next(scopes, None)
        primitive = self.primitives.find(model)
        if (
            primitive is not None
            and len(primitive.roles) - primitive.optional <= count <= len(primitive.roles)
            and (found is None or not primitive.generic)
        ):
            found = primitive
        self._instances[key] = found
        return found

    def known_model(self, word: str) -> bool:
        """Return whether a word names a visible model card."""
        return word.lower() in self.models

    def is_number(self, word: str) -> bool:
        """Return whether a word can only be a number or an expression."""
        return word[0] in "{'" or self.reading.number(word) is not None

    # -- problems -------------------------------------------------------------------------

    def error(self, code: str, message: str, *, offset: int = 0, fix: str = "") -> None:
        """Report an error in the card at hand."""
        name = self.line.text.split(None, 1)[0]
        self.reading.report(
            "error", code, message, self.path, self.line, offset=offset, fix=fix, objects=(name,)
        )

    def unit_of(self, model: str) -> float:
        """Return the unit, in metres, that sizes of devices of this model are written in."""
        unit_m = self._units.get(model)
        if unit_m is None:
            primitive = self.primitives.find(model)
            unit_m = primitive.unit_m if primitive is not None else 1.0
            # A PDK whose sizes are micrometres sets the option itself.
            unit_m = self._units[model] = unit_m if unit_m != 1.0 else self.scale
        return unit_m

    def note_primitive(self, primitive: Primitive, model: str) -> None:
        """Remember that a PDK's primitive is used whose own definition was not read."""
        lower = model.lower()
        if any(lower in s.subcircuits or lower in s.models for s in self.draft.ancestry()):
            return
        if not primitive.pdk:
            self.undefined_models.setdefault(model, (self.path, self.line, "", primitive.kind))
            return
        self.primitives_used.setdefault(primitive.pdk, (self.path, self.line, model))

    def wrong_port_count(self, name: str, target: Draft, given: int) -> None:
        """Report an instance with too many or too few nets."""
        self.reading.report(
            "error",
            "pin_count",
            f"{name}: {given} nets given, {len(target.ports)} ports in subcircuit {target.name}",
            self.path,
            self.line,
            fix=f"the ports are {' '.join(target.ports[:20])}; defined at {target.span}",
            objects=(name, target.name),
        )

    def unknown(self) -> None:
        """Report a card whose first letter means nothing."""
        first = self.line.text.split(None, 1)[0]
        shown = first if len(first) <= 40 else first[:37] + "..."
        self.error(
            "syntax",
            f"'{shown}' begins no card: no device begins with '{first[0]}'",
            fix="begin a comment with *, a continuation with +",
        )


def _first_name(text: str) -> str:
    """Return the name a statement of Spectre begins with."""
    return unescaped(text.split(None, 1)[0].partition("(")[0])


class TooFewError(Exception):
    """A card that ends before all its nets and its model or value are there."""

    def __init__(self, what: str, form: str) -> None:
        """Say what is missing, and the form of the card."""
        super().__init__(what)
        self.fix = f"write {form}"


def bracketed(text: str) -> str:
    """Return an expression in brackets: its own, where they hold all of it.

    Example:
        >>> bracketed("a"), bracketed("(a+b)"), bracketed("(a)+(b)")
        ('(a)', '(a+b)', '((a)+(b))')
    """
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth <= 0 and at < len(text) - 1:
            return f"({text})"
    return text if text.startswith("(") else f"({text})"


def _scaled(value: Value, factor: float) -> Value:
    """Return a length in metres (an area in square metres); texts and flags stay.

    A length that would be under a nanometre was written in metres after all (``w=1u`` on a
    SKY130 device), which people do and only the simulator minds.
    """
    if isinstance(value, str) and value.isidentifier():
        value = Expression(value)  # a parameter that is defined elsewhere
    known = number(value)
    if known is not None and factor > 1e-9 and 0 < abs(known * factor) < 1e-9:
        return value
    if isinstance(value, Expression):
        known = None if value.value is None else value.value * factor
        return Expression(f"{bracketed(value.text)}*{factor:g}", known)
    if isinstance(value, float) and not isinstance(value, bool):
        return float(f"{value * factor:.15g}")
    return value


Element = Callable[[Builder, str], Device]
"""Reads one element card."""


def card_words(text: str) -> tuple[list[str], list[Assignment]]:
    """Return the words and assignments of an element card; the first word is its name."""
    words, assignments = split_card(text)
    if not words or not text.startswith(words[0]):
        raise CardSyntaxError("a card begins with a name, not with an assignment")
    return words, assignments


def words_of(
    build: Builder, text: str, least: int, form: str
) -> tuple[list[str], Mapping[str, Value]]:
    """Return the words and parameters of a card that needs at least ``least`` words."""
    words, assignments = card_words(text)
    words = ungroup(words)
    if len(words) < least:
        raise TooFewError(f"too few nets on {words[0] if words else text}", form)
    return words, build.parameters(assignments)
