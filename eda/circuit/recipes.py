"""Recipes: what a subcircuit flattens to, worked out once per set of parameter values it sees."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from eda.circuit.calls import expand_calls
from eda.circuit.circuit import Card, Circuit, ModelCard, Scope, Subcircuit
from eda.circuit.device import Device
from eda.circuit.environment import Environment
from eda.circuit.expression import DynamicExpression, UndefinedNameError, names_in
from eda.circuit.place import Diagnostic, Span
from eda.circuit.values import Expression, Value
from eda.errors import ExpressionError, NetlistError

MAX_DEPTH = 100
"""Deepest chain of instances that is followed."""


@dataclass(slots=True)
class Leaf:
    """A device that is renamed in more than its name and nets: references, probes."""

    device: Device
    bound: tuple[str, ...]


@dataclass(slots=True)
class Call:
    """An instance in a recipe."""

    name: str
    nets: tuple[str, ...]
    recipe: Recipe
    multiplier: float


@dataclass(slots=True)
class Recipe:
    """A subcircuit with its parameters worked out."""

    ports: tuple[str, ...]
    inner: tuple[str, ...]
    fixed: dict[str, str]
    items: list[Device | Leaf | Call] = field(default_factory=list)
    count: int = 0
    cards: tuple[Card, ...] = ()


class Recipes:
    """The recipes of one flattening, and what was found wrong on the way.

    Attributes:
        models: The flat model cards, local ones under ``subcircuit:name``.
        globals: Lower-case names of nets that keep their name everywhere.
    """

    def __init__(self, circuit: Circuit, strict: bool) -> None:
        """Note what surrounds each definition; ``strict`` makes undefined ones raise."""
        self.circuit = circuit
        self.strict = strict
        self.diagnostics: list[Diagnostic] = []
        self.models: dict[str, ModelCard] = dict(circuit.models)
        self.globals = frozenset(name.lower() for name in circuit.globals) | {"0"}
        self.bang_is_global = circuit.dialect in ("cdl", "hspice")
        self._recipes: dict[tuple[object, ...], Recipe] = {}
        self._open: list[Scope] = []
        self._around: dict[int, tuple[Scope, ...]] = {id(circuit): (circuit,)}
        stack: list[Scope] = [circuit]
        while stack:
            scope = stack.pop()
            for inner in scope.subcircuits.values():
                self._around[id(inner)] = (inner, *self._around[id(scope)])
                stack.append(inner)
        self._names: dict[int, tuple[str, ...]] = {}
        self._copies: dict[str, dict[str, str]] = {}
        self._reported: set[tuple[str, str]] = set()
        self._said = frozenset(item.message for item in circuit.errors)

    # -- scopes ---------------------------------------------------------------------------

    def around(self, scope: Scope) -> tuple[Scope, ...]:
        """Return a scope and those around it, innermost first."""
        return self._around[id(scope)]

    def definition(self, scope: Scope, name: str) -> Subcircuit | None:
        """Return the subcircuit a name means inside a scope."""
        lower = name.lower()
        for around in self._around[id(scope)]:
            found = around.subcircuits.get(lower)
            if found is not None:
                return found
        return None

    def environment_of(self, scope: Scope) -> Environment:
        """Return what a scope sees when nobody instantiates it: its defaults."""
        environment: Environment | None = None
        for around in reversed(self._around[id(scope)]):
            defaults = around.defaults if isinstance(around, Subcircuit) else {}
            environment = Environment(
                {**defaults, **around.parameters}, around.functions, parent=environment
            )
        return environment or Environment({})

    def names_of(self, scope: Scope) -> tuple[str, ...]:
        """Return the names whose values decide what a scope flattens to, instances included."""
        known = self._names.get(id(scope))
        if known is not None:
            return known
        self._enter(scope)
        names: set[str] = set()
        values: list[Value] = [*scope.parameters.values()]
        for card in scope.models.values():
            values.extend(card.parameters.values())
        if isinstance(scope, Subcircuit):
            names.update(scope.defaults)
            values.extend(scope.defaults.values())
        seen: set[int] = set()
        for device in scope.devices:
            if id(device.parameters) not in seen and not _all_floats(device.parameters):
                seen.add(id(device.parameters))
                values.extend(device.parameters.values())
            if device.kind == "subcircuit":
                inner = self.definition(scope, device.model)
                if inner is not None and id(inner) not in seen:
                    seen.add(id(inner))
                    names.update(self.names_of(inner))
        for value in _spread(values):
            if isinstance(value, Expression):
                names.update(names_in(value.text))
            elif isinstance(value, str) and not isinstance(value, bool):
                names.add(value.lower())
        for function in scope.functions.values():
            names.update(names_in(function.body))
        self._open.pop()
        made = tuple(sorted(names))
        self._names[id(scope)] = made
        return made

    def _enter(self, scope: Scope) -> None:
        """Note that a scope is being worked out; refuse a circle and a bottomless chain."""
        if any(scope is other for other in self._open):
            first = next(i for i, other in enumerate(self._open) if other is scope)
            circle = [*(_name(s) for s in self._open[first:]), _name(scope)]
            span = scope.span if isinstance(scope, Subcircuit) else Span("", 1)
            raise NetlistError(
                f"{span}: recursive subcircuit: {' -> '.join(circle[:10])}; "
                "a subcircuit cannot contain itself",
                path=span.path,
                line=span.line,
            )
        if len(self._open) > MAX_DEPTH:
            span = scope.span if isinstance(scope, Subcircuit) else Span("", 1)
            raise NetlistError(
                f"{span}: instances nested deeper than {MAX_DEPTH} levels",
                path=span.path,
                line=span.line,
            )
        self._open.append(scope)

    # -- recipes --------------------------------------------------------------------------

    def recipe(self, scope: Scope, environment: Environment, key: tuple[object, ...]) -> Recipe:
        """Return the recipe of a scope as seen through an environment."""
        whole = (id(scope), *key)
        known = self._recipes.get(whole)
        if known is not None:
            return known
        self._enter(scope)
        ports = scope.ports if isinstance(scope, Subcircuit | Circuit) else ()
        renamed = self._local_models(scope, environment)
        inner, fixed = self._inner_nets(scope, ports)
        made = Recipe(ports, inner, fixed)
        if isinstance(scope, Subcircuit):
            made.cards = tuple(
                replace(card, text=bind(card.text, environment)) for card in scope.cards
            )
        values: dict[int, tuple[Mapping[str, Value], tuple[str, ...]]] = {}
        for device in scope.devices:
            if device.kind == "subcircuit":
                definition = self.definition(scope, device.model)
                if definition is not None and len(device.nets) <= len(definition.ports):
                    call = self._call(device, definition, environment)
                    made.items.append(call)
                    made.count += call.recipe.count
                    continue
                if self.strict and definition is None:
                    raise NetlistError(
                        f"{device.span}: undefined subcircuit {device.model}",
                        path=device.span.path,
                        line=device.span.line,
                    )
            made.items.append(self._leaf(device, environment, renamed, values))
            made.count += 1
        self._open.pop()
        self._recipes[whole] = made
        return made

    def _call(self, device: Device, definition: Subcircuit, environment: Environment) -> Call:
        overrides: dict[str, float | None] = {}
        multiplier = 1.0
        for name, value in device.parameters.items():
            number = self._number(value, environment, device)
            if name == "m" and "m" not in definition.defaults and number is not None:
                multiplier = number
            else:
                overrides[name] = number
        inside = Environment(
            {**definition.defaults, **definition.parameters},
            definition.functions,
            parent=environment,
            overrides=overrides,
        )
        key = []
        for name in self.names_of(definition):
            try:
                key.append(inside.lookup(name))
            except (ExpressionError, DynamicExpression):
                key.append(None)
        return Call(
            device.name, device.nets, self.recipe(definition, inside, tuple(key)), multiplier
        )

    def _number(self, value: Value, environment: Environment, device: Device) -> float | None:
        try:
            return environment.value(value)
        except DynamicExpression:
            return None
        except ExpressionError as problem:
            self._report(device, problem)
            return None

    def _report(self, device: Device, problem: ExpressionError) -> None:
        key = (str(device.span), str(problem))
        # At the top level the reader has said so already.
        if key in self._reported or str(problem) in self._said:
            return
        self._reported.add(key)
        undefined = isinstance(problem, UndefinedNameError)
        self.diagnostics.append(
            Diagnostic(
                "warning",
                "undefined_parameter" if undefined else "bad_value",
                str(problem),
                device.span,
                device.name,
                "define it with .param, or give it at the instance" if undefined else "",
                (device.name,),
            )
        )

    def _leaf(
        self,
        device: Device,
        environment: Environment,
        renamed: Mapping[str, str],
        values: dict[int, tuple[Mapping[str, Value], tuple[str, ...]]],
    ) -> Device | Leaf:
        shared = values.get(id(device.parameters))
        if shared is None:
            shared = self._resolved(device, environment)
            values[id(device.parameters)] = shared
        parameters, bound = shared
        model = renamed.get(device.model.lower(), device.model) if renamed else device.model
        if parameters is not device.parameters or model is not device.model:
            device = replace(device, parameters=parameters, model=model)
        return Leaf(device, bound) if bound or device.references else device

    def _resolved(
        self, device: Device, environment: Environment
    ) -> tuple[Mapping[str, Value], tuple[str, ...]]:
        """Return a device's parameters as numbers, and the names of those with probes."""
        if _all_floats(device.parameters):
            return device.parameters, ()
        made: dict[str, Value] = {}
        bound: list[str] = []
        changed = False
        for name, value in device.parameters.items():
            result = self._one(value, environment, device)
            made[name] = result
            changed = changed or result is not value
            if isinstance(result, Expression) or name in ("table", "laplace"):
                bound.append(name)
        return (made if changed else device.parameters), tuple(bound)

    def _one(self, value: Value, environment: Environment, device: Device) -> Value:
        if isinstance(value, tuple):
            return tuple(self._one(part, environment, device) for part in value)
        if isinstance(value, str):
            found = environment.lookup(value.lower()) if value.isidentifier() else None
            return value if found is None else found
        if not isinstance(value, Expression):
            return value
        if value.value is not None:
            return value.value
        try:
            return environment.evaluate(value.text)
        except DynamicExpression:
            return Expression(bind(value.text, environment))
        except ExpressionError as problem:
            self._report(device, problem)
            return value

    def _local_models(self, scope: Scope, environment: Environment) -> dict[str, str]:
        """Add the model cards of a subcircuit to the flat ones; return their new names."""
        if not isinstance(scope, Subcircuit) or not scope.models:
            return {}
        renamed = {}
        for lower, card in scope.models.items():
            parameters = {
                name: self._model_value(value, environment)
                for name, value in card.parameters.items()
            }
            base = f"{scope.name}:{card.name}"
            copies = self._copies.setdefault(base.lower(), {})
            key = repr((card.kind, parameters))
            name = copies.get(key) or (f"{base}:{len(copies) + 1}" if copies else base)
            copies[key] = name
            self.models[name.lower()] = replace(card, name=name, parameters=parameters)
            renamed[lower] = name
        return renamed

    def _model_value(self, value: Value, environment: Environment) -> Value:
        try:
            number = environment.value(value) if isinstance(value, Expression) else None
        except (ExpressionError, DynamicExpression):
            number = None
        return value if number is None else number

    def _inner_nets(
        self, scope: Scope, ports: tuple[str, ...]
    ) -> tuple[tuple[str, ...], dict[str, str]]:
        """Return the nets that get a path, and those that keep their name everywhere."""
        inner: list[str] = []
        fixed: dict[str, str] = {}
        outside = set(ports)
        seen: set[str] = set()
        for device in scope.devices:
            for net in device.nets:
                if net in seen or net in outside:
                    continue
                seen.add(net)
                lower = net.lower()
                if (
                    lower in self.globals
                    or lower.startswith("$g_")
                    or (self.bang_is_global and lower.endswith("!"))
                ):
                    fixed[net] = net
                else:
                    inner.append(net)
        return tuple(inner), fixed


_FLOATS = frozenset({float})


def _all_floats(parameters: Mapping[str, Value]) -> bool:
    return _FLOATS.issuperset(map(type, parameters.values()))


_FREE_NAME = re.compile(r"(?<![\w.])[^\W\d][\w.]*(?!\s*\(|[\w.])")
_INSIDE_PROBE = re.compile(r"\b[vi]\s*\([^()]*\)", re.IGNORECASE)


def bind(text: str, environment: Environment) -> str:
    """Return an expression with its parameters as values, its functions as what they say."""
    text = expand_calls(text, environment.functions)

    def bound(found: re.Match[str]) -> str:
        try:
            value = environment.lookup(found.group().lower())
        except (ExpressionError, DynamicExpression):
            value = None
        return found.group() if value is None else f"({value!r})"

    parts, at = [], 0
    for probe in _INSIDE_PROBE.finditer(text):
        parts += [_FREE_NAME.sub(bound, text[at : probe.start()]), probe.group()]
        at = probe.end()
    return "".join([*parts, _FREE_NAME.sub(bound, text[at:])])


def _spread(values: list[Value]) -> list[Value]:
    flat: list[Value] = []
    for value in values:
        if isinstance(value, tuple):
            flat.extend(_spread(list(value)))
        else:
            flat.append(value)
    return flat


def _name(scope: Scope) -> str:
    return scope.name if isinstance(scope, Subcircuit) else "the top level"
