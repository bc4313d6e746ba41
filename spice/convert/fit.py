"""Fitting a circuit to a dialect: what the dialect cannot say is left out, and reported."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from eda.circuit import Card, Circuit, Device, Expression, ModelCard, Scope, Span, Subcircuit, Value
from eda.numbers import format_exact, parse_number
from eda.spice.convert.canonical import expression_writer, scope_changes
from eda.spice.convert.target import Loss, Target

_PASSIVE: Final = frozenset({"resistor", "capacitor", "inductor"})
_SOURCES: Final = frozenset({"vsource", "isource"})
_HINTS: Final = frozenset({"region", "isnoisy"})
"""What Spectre says of a device beside its description."""


@dataclass
class Fitting:
    """One circuit on its way into one dialect.

    Attributes:
        target: The dialect.
        same: Whether it is the dialect the circuit was read in, whose own cards all pass.
        losses: What could not be said so far.
        defined: Lower-case names of the subcircuits the circuit defines.
        x_is_mega: Whether ``1x`` is a million in the cards of the circuit.
        undefined: Parameters whose value nobody knows.
    """

    target: Target
    same: bool
    losses: list[Loss] = field(default_factory=list)
    defined: frozenset[str] = frozenset()
    x_is_mega: bool = False
    undefined: frozenset[str] = frozenset()
    _seen: set[str] = field(default_factory=set)

    def lose(self, message: str, span: Span, *, once: str = "") -> None:
        """Note a loss; those with one key only once."""
        if once:
            if once in self._seen:
                return
            self._seen.add(once)
        self.losses.append(Loss(message, span))


def fit(circuit: Circuit, target: Target) -> tuple[Circuit, list[Loss]]:
    """Return what of a canonical circuit a dialect can say, and what it cannot.

    Args:
        circuit: The circuit, in its canonical form.
        target: The dialect.
    """
    run = Fitting(target, circuit.dialect == target.name)
    run.x_is_mega = circuit.dialect in ("hspice", "pspice", "cdl")
    run.undefined = frozenset(
        name.lower()
        for item in circuit.diagnostics
        if item.code == "undefined_parameter"
        for name in item.objects
    )
    run.defined = frozenset(name for scope in _scopes(circuit) for name in scope.subcircuits)
    own = frozenset(name for scope in _scopes(circuit) for name in scope.functions)
    nowhere = Span("", 0)

    def unknown(function: str) -> None:
        run.lose(
            f"the function {function}() is not known to {target.name}; it is written as it stands",
            nowhere,
            once=f"function {function}",
        )

    made = replace(circuit, **_scope(run, circuit))
    write = expression_writer(target.speech, own=own, unknown=unknown)
    made = replace(made, **scope_changes(made, write, lambda device: device))
    made = replace(made, cards=_cards(run, circuit.cards))
    if circuit.control and not target.control:
        run.lose(f".control ({len(circuit.control)} lines)", nowhere)
        made = replace(made, control=())
    return made, run.losses


def _scopes(circuit: Circuit) -> list[Scope]:
    found: list[Scope] = [circuit]
    for scope in found:
        found += scope.subcircuits.values()
    return found


def _scope(run: Fitting, scope: Scope) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "devices": tuple(
            made for device in scope.devices if (made := _device(run, device)) is not None
        ),
        "models": {
            key: model
            for key, card in scope.models.items()
            if (model := _model(run, card)) is not None
        },
        "subcircuits": {
            key: replace(inner, **_scope(run, inner)) for key, inner in scope.subcircuits.items()
        },
    }
    if scope.functions and not run.target.functions:
        for function in scope.functions.values():
            run.lose(f"the function {function.name}", Span("", 0))
        changes["functions"] = {}
    if isinstance(scope, Subcircuit):
        changes["cards"] = _cards(run, scope.cards)
    changes["parameters"] = _constants(run, scope)
    return changes


def _constants(run: Fitting, scope: Scope) -> Mapping[str, Value]:
    """Return the parameters of a scope that a dialect can say: no lists, no words of Spectre."""
    if run.same:
        return scope.parameters
    made: dict[str, Value] = {}
    for name, value in scope.parameters.items():
        why = _why_not_said(run, name, value)
        if why:
            run.lose(f"the parameter {name}={_shown(value)}, which {why}", Span("", 0))
        else:
            made[name] = value
    return made


def _why_not_said(run: Fitting, name: str, value: Value) -> str:
    spectre = run.target.name == "spectre"
    if isinstance(value, tuple):
        return "" if spectre else "is a list"
    if not isinstance(value, Expression):
        return ""
    if "@" in value.text or "$" in value.text:
        return "somebody fills in"
    return "has no value" if name in run.undefined and not spectre else ""


# -- devices ------------------------------------------------------------------------------


def _device(run: Fitting, device: Device) -> Device | None:
    target = run.target
    if device.kind == "behavioral" and target.behavioral != "b":
        made = _as_controlled(run, device)
        if made is None:
            return None
        device = made
    if device.kind == "subcircuit" and target.name != "verilog":
        _pin_names(run, device)
    if device.kind not in target.kinds:
        run.lose(f"{device.name}: {target.name} has no {device.kind}", device.span)
        return None
    pins = target.pins.get(device.kind)
    if pins is not None and len(device.roles) not in pins and not run.same:
        count = len(device.roles)
        run.lose(f"{device.name}: {target.name} has no {device.kind} of {count} pins", device.span)
        return None
    return replace(device, parameters=_parameters(run, device))


def _pin_names(run: Fitting, device: Device) -> None:
    """Report the names of the pins of a cell: without its definition only their order is said."""
    if device.model.lower() in run.defined or all(map(str.isdecimal, device.roles)):
        return
    run.lose(
        f"the names of the pins of cell {device.model} ({' '.join(device.roles[:12])})",
        device.span,
        once=f"pins {device.model.lower()}",
    )


def _as_controlled(run: Fitting, device: Device) -> Device | None:
    """Return a behavioral source as the E or G card that says the same."""
    keys = set(device.parameters)
    if run.target.behavioral == "eg" and keys in ({"v"}, {"i"}):
        kind = "vcvs" if "v" in keys else "vccs"
        value = next(iter(device.parameters.values()))
        return replace(device, kind=kind, parameters={"value": value})
    run.lose(f"{device.name}: {run.target.name} has no such behavioral source", device.span)
    return None


def _parameters(run: Fitting, device: Device) -> Mapping[str, Value]:
    target = run.target
    allowed = None
    if device.kind in _PASSIVE and not device.model:
        allowed = target.passive
    elif device.kind in _SOURCES:
        allowed = target.source
    made: dict[str, Value] = {}
    for name, value in device.parameters.items():
        if run.same:
            pass
        elif (allowed is not None and name not in allowed) or (
            name in _HINTS and target.name != "spectre"
        ):
            run.lose(f"{device.name}: {name}={_shown(value)}", device.span)
            continue
        made[name] = value
    for name, value in target.added.get(device.kind, {}).items():
        if not device.model:
            made.setdefault(name, value)
    return made


def _shown(value: Value) -> str:
    text = getattr(value, "text", None)
    if text is not None:
        return str(text)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return f"({' '.join(_shown(part) for part in value[:6])})"
    return str(value)


# -- models and cards ---------------------------------------------------------------------


def _model(run: Fitting, card: ModelCard) -> ModelCard | None:
    target = run.target
    kinds = target.model_kinds
    if not run.same and kinds is not None and card.kind.partition(" ")[0] not in kinds:
        run.lose(
            f"model {card.name}: {target.name} has no models of type {card.kind}"
            if kinds
            else f"model {card.name}: {target.name} has no models",
            card.span,
        )
        return None
    made = dict(card.parameters)
    level = made.get("level")
    if isinstance(level, float) and not run.same and level in target.levels:
        made["level"] = target.levels[level]
    master = made.get("master")
    if isinstance(master, str) and target.name != "spectre":
        run.lose(f"model {card.name}: {target.name} has no {master} models", card.span)
        del made["master"]
    card = replace(card, parameters=made)
    return card if target.model is None or run.same else target.model(card)


def _cards(run: Fitting, cards: tuple[Card, ...]) -> tuple[Card, ...]:
    kept: list[Card] = []
    for card in cards:
        made = _card(run, card)
        if made is not None:
            kept.append(made)
    return tuple(kept)


def _card(run: Fitting, card: Card) -> Card | None:
    target = run.target
    shown = card.text.split("\n", 1)[0]
    shown = shown if len(shown) <= 80 else shown[:77] + "..."
    if card.language:
        if card.language == target.name:
            return card
        run.lose(shown, card.span)
        return None
    if run.same:
        return card
    word = card.text.split(None, 1)[0].lower()
    if target.cards is not None and word not in target.cards:
        run.lose(shown, card.span)
        return None
    if word in (".option", ".options") and target.options is not None:
        return _option(run, card)
    text = _plain_numbers(card.text, run.x_is_mega)
    if target.style is not None:
        text = _requoted(text, target.style.quotes)
    card = replace(card, text=text)
    if target.says_card is not None and not target.says_card(card.text):
        run.lose(shown, card.span)
        return None
    return card


_NUMBER: Final = re.compile(r"(?<=[\s=])[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[a-zA-Z]+(?=\s|$)")


def _plain_numbers(text: str, x_is_mega: bool) -> str:
    """Return a card with its numbers in exponent form, without suffixes."""

    def plain(found: re.Match[str]) -> str:
        value = parse_number(found.group(), x_is_mega=x_is_mega)
        return found.group() if value is None else format_exact(value)

    return _NUMBER.sub(plain, text)


_QUOTED: Final = re.compile(r"(?<==)\s*(?:\{([^{}]*)\}|'([^']*)')")


def _requoted(text: str, quotes: tuple[str, str]) -> str:
    """Return a card with what stands round its expressions as a dialect has it.

    Example:
        >>> _requoted(".ic v(a)='vdd/2'", ("{", "}"))
        '.ic v(a)={vdd/2}'
    """
    return _QUOTED.sub(lambda found: f"{quotes[0]}{found[1] or found[2] or ''}{quotes[1]}", text)


def _option(run: Fitting, card: Card) -> Card | None:
    options = run.target.options or frozenset()
    words = card.text.split()[1:]
    kept = [word for word in words if word.partition("=")[0].lower() in options]
    lost = [word for word in words if word not in kept]
    if lost:
        run.lose(f".option {' '.join(lost)}", card.span)
    return replace(card, text=f".option {' '.join(kept)}") if kept else None
