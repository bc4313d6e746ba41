"""Traps of design kits: decks that are simulated without a word, and not as they are written.

* A subcircuit that takes ``m`` and uses it nowhere: ``m=10`` then gives the current of one. The
  transistors of GF180 are such.
* Models that draw from distributions unless the deck switches it off, so that every reading of
  them is another draw. Those of GF180 do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from eda.circuit import Circuit, Device, Diagnostic, Scope, Span, Subcircuit
from eda.circuit.expression import names_in
from eda.circuit.values import Expression, Value, number
from eda.numbers import parse_number
from eda.spice.variation import SWITCHES

CODES: Final = frozenset({"ignored_multiplier", "default_variation"})


def traps(circuit: Circuit) -> tuple[Diagnostic, ...]:
    r"""Return a warning for each trap that a deck has walked into; the first of its kind.

    Example:
        >>> from eda.spice import parse_netlist
        >>> deck = parse_netlist(
        ...     "* x\n.subckt cell a b m=1\nR1 a b 1k\n.ends\nX1 p 0 cell m=2\nV1 p 0 1\n"
        ... )
        >>> [item.message for item in traps(deck)]
        ['m=2 of X1 has no effect: the subcircuit cell takes m and uses it nowhere']
    """
    return (*_ignored_multipliers(circuit), *_default_variation(circuit))


def _ignored_multipliers(circuit: Circuit) -> Iterator[Diagnostic]:
    todo: list[tuple[Scope, Mapping[str, bool]]] = [(circuit, {})]
    while todo:
        scope, around = todo.pop()
        # Whether each subcircuit in sight takes ``m`` in vain; most scopes define none.
        deaf = around
        if scope.subcircuits:
            deaf = {**around, **{name: _is_deaf(item) for name, item in scope.subcircuits.items()}}
        todo += [(inner, deaf) for inner in list(scope.subcircuits.values())[::-1]]
        told = set[str]()
        for device in scope.devices:
            model = device.model.lower()
            if deaf.get(model, False) and model not in told and _multiplies(device):
                told.add(model)
                written = device.parameters["m"]
                text = written.text if isinstance(written, Expression) else f"{number(written):g}"
                yield Diagnostic(
                    "warning",
                    "ignored_multiplier",
                    f"m={text} of {device.name} has no effect: the subcircuit {device.model} takes "
                    "m and uses it nowhere",
                    device.span,
                    fix="widen it (w, nf) or write as many instances in parallel",
                    objects=(device.name, device.model),
                )


def _is_deaf(item: Subcircuit) -> bool:
    return "m" in item.defaults and not _uses_m(item)


def _multiplies(device: Device) -> bool:
    """Return whether an instance asks for another number of devices than one."""
    given = device.parameters.get("m")
    if given is None or isinstance(given, str | tuple | bool):
        return False
    value = number(given)
    if value is None and isinstance(given, Expression):
        value = parse_number(given.text.strip())
    return value != 1


def _uses_m(subcircuit: Subcircuit) -> bool:
    scopes: list[Scope] = [subcircuit]
    values = [value for name, value in subcircuit.defaults.items() if name != "m"]
    while scopes:
        scope = scopes.pop()
        scopes += scope.subcircuits.values()
        values += scope.parameters.values()
        for device in scope.devices:
            values += device.parameters.values()
        for model in scope.models.values():
            values += model.parameters.values()
        values += [item.body for item in scope.functions.values()]
    return any(_names_m(value) for value in values)


def _names_m(value: Value) -> bool:
    if isinstance(value, tuple):
        return any(map(_names_m, value))
    text = value.text if isinstance(value, Expression) else value
    return isinstance(text, str) and "m" in names_in(text)


def _default_variation(circuit: Circuit) -> Iterator[Diagnostic]:
    """Yield a warning where an included file switches variation on and the deck does not say so."""
    if circuit.source is None:
        return
    on = [
        name
        for names in SWITCHES.values()
        for name in names
        if number(circuit.parameters.get(name)) not in (None, 0)
        and name not in circuit.source.text.lower()
    ]
    if on:
        off = " ".join(f"{name}=0" for name in on)
        yield Diagnostic(
            "warning",
            "default_variation",
            f"the models switch variation on by themselves ({', '.join(on)}): what is simulated "
            "is one random draw and not the nominal circuit",
            Span(circuit.source.path, 1),
            fix=f"add .param {off} behind the .include, or leave it for a Monte Carlo run",
            objects=tuple(on),
        )
