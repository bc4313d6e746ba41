"""One form for what dialects say in different ways, so that circuits can be compared and written.

* Expressions: lower-case names, plain numbers, ``**``.
* A source whose E or G card holds an expression is a behavioral one, as its B card would be.
* ``TC=a,b`` is ``tc1`` and ``tc2``; coefficients and parasitics of zero are left out.
* Switches have a threshold and a hysteresis (``vt vh``), not an on and an off voltage.
* Nets that a dialect takes for global by their name (``vdd!``) are said to be so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from eda.circuit import Circuit, Device, Expression, Function, ModelCard, Scope, Subcircuit, Value
from eda.errors import ExpressionError
from eda.spice.convert.expressions import CANONICAL, Speech, rewrite
from eda.spice.elements import plain_passive

_PASSIVE: Final = frozenset({"resistor", "capacitor", "inductor"})
_BANG_IS_GLOBAL: Final = frozenset({"cdl", "hspice"})


def canonical(circuit: Circuit) -> Circuit:
    r"""Return the same circuit in the one form that conversion and comparison start from.

    Example:
        >>> from eda.spice import parse_netlist
        >>> deck = "* t\nE1 out 0 VALUE={V(in)^2}\nR1 out 0 1k TC=0,0\n"
        >>> source, load = canonical(parse_netlist(deck)).devices
        >>> source.kind, source.parameters["v"].text, dict(load.parameters)
        ('behavioral', 'V(in)**2', {'value': 1000.0})
    """
    changes = scope_changes(circuit, expression_writer(CANONICAL), canonical_device)
    made = replace(circuit, **changes)
    if circuit.dialect in _BANG_IS_GLOBAL:
        known = {name.lower() for name in circuit.globals}
        more = [name for name in bang_nets(circuit) if name.lower() not in known]
        made = replace(made, globals=(*made.globals, *more))
    return made


Rewrite = Callable[[Value, frozenset[str]], Value]


def expression_writer(
    speech: Speech,
    *,
    own: frozenset[str] = frozenset(),
    unknown: Callable[[str], object] = lambda _function: None,
) -> Rewrite:
    """Return a function that rewrites the expressions in a value.

    Args:
        speech: How expressions are to look.
        own: Lower-case names of functions the circuit defines.
        unknown: Called with the functions that cannot be said.
    """
    done: dict[tuple[str, frozenset[str]], str] = {}

    def text_of(text: str, known: frozenset[str]) -> str:
        made = done.get((text, known))
        if made is None:
            try:
                made = rewrite(
                    text, speech, known=known.__contains__, own_functions=own, unknown=unknown
                )
            except ExpressionError:
                made = text  # the reader has reported it; it is carried as it is
            done[text, known] = made
        return made

    def write(value: Value, known: frozenset[str]) -> Value:
        if isinstance(value, Expression):
            return Expression(text_of(value.text, known), value.value)
        if isinstance(value, tuple):
            return tuple(write(part, known) for part in value)
        return value

    return write


def scope_changes(
    scope: Scope,
    write: Rewrite,
    device: Callable[[Device], Device],
    around: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """Return the fields of a scope with all its values and devices rewritten."""
    defaults = scope.defaults if isinstance(scope, Subcircuit) else {}
    known = around | frozenset(scope.parameters) | frozenset(defaults)

    def values(parameters: Mapping[str, Value]) -> dict[str, Value]:
        return {name: write(value, known) for name, value in parameters.items()}

    changes: dict[str, Any] = {
        "devices": tuple(
            device(replace(item, parameters=values(item.parameters))) for item in scope.devices
        ),
        "parameters": values(scope.parameters),
        "models": {
            key: canonical_model(replace(card, parameters=values(card.parameters)))
            for key, card in scope.models.items()
        },
        "functions": {
            key: _function(function, write, known) for key, function in scope.functions.items()
        },
        "subcircuits": {
            # Nesting is bounded by the readers.
            key: replace(inner, **scope_changes(inner, write, device, known))
            for key, inner in scope.subcircuits.items()
        },
    }
    if isinstance(scope, Subcircuit):
        changes["defaults"] = values(scope.defaults)
    return changes


def _function(function: Function, write: Rewrite, known: frozenset[str]) -> Function:
    made = write(Expression(function.body), known | frozenset(function.arguments))
    return replace(function, body=made.text if isinstance(made, Expression) else function.body)


def canonical_device(device: Device) -> Device:
    """Return a device in its canonical form."""
    if device.kind in _PASSIVE:
        made = plain_passive(device.parameters)
        letter = device.kind[0] if device.kind != "inductor" else "l"
        if letter in made and "value" not in made:
            # What Spectre says beside a model, SPICE says before it.
            rest = {key: value for key, value in made.items() if key != letter}
            made = {"value": made[letter], **rest}
        return replace(device, parameters=made)
    alone = set(device.parameters) == {"value"} and not device.references
    if device.kind in ("vcvs", "vccs") and len(device.roles) == 2 and alone:
        made = {"v" if device.kind == "vcvs" else "i": device.parameters["value"]}
        return replace(device, kind="behavioral", parameters=made)
    return device


def canonical_model(card: ModelCard) -> ModelCard:
    """Return a model card in its canonical form."""
    if card.kind not in ("vswitch", "iswitch"):
        return card
    made = dict(card.parameters)
    letter = card.kind[0]
    on, off = made.get(f"{letter}on", 1.0), made.get(f"{letter}off", 0.0)
    if not isinstance(on, float) or not isinstance(off, float):
        return card
    for key in (f"{letter}on", f"{letter}off"):
        made.pop(key, None)
    made[f"{letter}t"], made[f"{letter}h"] = (on + off) / 2, (on - off) / 2
    return replace(card, kind="sw" if letter == "v" else "csw", parameters=made)


def bang_nets(scope: Scope) -> list[str]:
    """Return the nets in a scope and the scopes in it whose name ends in ``!``."""
    found: dict[str, None] = {}
    stack: list[Scope] = [scope]
    while stack:
        item = stack.pop()
        stack += item.subcircuits.values()
        for device in item.devices:
            for net in device.nets:
                if net.endswith("!"):
                    found.setdefault(net)
    return list(found)
