"""Leaving out what a deck does not use: subcircuits, model cards, and bins of other sizes.

A PDK's library has thousands of model cards, of which a circuit uses a handful; a binned
transistor (``nch.1``, ``nch.2``, ... with ``lmin lmax wmin wmax``) needs one card for each size.
ngspice spends most of a small simulation on reading the others. What is left out here cannot
change a number: a card nobody names, or a bin that none of the sizes lies in. Where a size
depends on chance, or cannot be worked out, all bins of its model stay.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.circuit import Circuit, Device, Expression, ModelCard, Subcircuit, Value, number
from eda.circuit.circuit import Scope
from eda.circuit.environment import Environment
from eda.circuit.expression import DynamicExpression, names_in
from eda.circuit.recipes import Recipes
from eda.errors import ExpressionError
from eda.spice.primitives import primitive_table
from eda.spice.writer import in_written_units

MAX_VISITS: Final = 20_000
"""Instances with values of their own that are looked at; in a larger deck all bins stay."""

MAX_KEPT: Final = 16
"""Smaller circuits that are kept, for sweeps that come back to the same bins."""

_BIN: Final = re.compile(r"(.+)\.\d+$")
_NAME: Final = re.compile(r"[^\s(){}\[\],='\"]+")
_LIMITS: Final = ("lmin", "lmax", "wmin", "wmax")
_SLACK: Final = 1e-9
"""ngspice compares with an accuracy of its own, so a bin whose limit is this near stays too."""

CHANCE: Final = re.compile(
    r"\b(?:a?gauss|a?unif|sgauss|sunif|trnoise|trrandom|rnd|poisson|exponential)\b", re.IGNORECASE
)
"""Functions whose value is drawn anew by each simulation."""

Sizes = tuple[float, float, float] | None
"""Width, length (m) and number of fingers of a transistor; None where they are not known."""

_Key = tuple[int, str]
"""A scope and the lower-case base name of its bins."""


@dataclass(frozen=True, slots=True)
class _Bins:
    """The bins of one model: names in order, and their limits (m), a row for each."""

    names: tuple[str, ...]
    limits: NDArray[np.float64]
    chosen: dict[Sizes, frozenset[str]] = field(default_factory=dict)

    def of(self, sizes: Sizes) -> frozenset[str]:
        """Return the bins that a transistor may take; all where none fits, for ngspice to say."""
        if sizes not in self.chosen:
            self.chosen[sizes] = self._find(sizes)
        return self.chosen[sizes]

    def _find(self, sizes: Sizes) -> frozenset[str]:
        if sizes is None:
            return frozenset(self.names)
        width, length, fingers = sizes
        lmin, lmax, wmin, wmax = self.limits.T
        fits = np.zeros(len(self.names), dtype=bool)
        for one in {width, width / fingers}:  # which of them counts is an option (wnflag)
            fits |= (
                (lmin * (1 - _SLACK) <= length)
                & (length <= lmax * (1 + _SLACK))
                & (wmin * (1 - _SLACK) <= one)
                & (one <= wmax * (1 + _SLACK))
            )
        if not fits.any():
            return frozenset(self.names)
        return frozenset(name for name, fit in zip(self.names, fits, strict=True) if fit)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The devices of a scope that matter: binned transistors, and instances; each once."""

    transistors: tuple[tuple[tuple[_Key, ...], Mapping[str, Value]], ...]
    calls: tuple[tuple[Subcircuit, Mapping[str, Value]], ...]


class Pruner:
    r"""Leaves out of a circuit what its devices do not use.

    Example:
        >>> from eda.spice import parse_netlist
        >>> text = "* d\nM1 d g 0 0 nch w=1u l=1u\n.model nch.1 nmos lmin=0 lmax=2u wmin=0 wmax=2u"
        >>> text += "\n.model nch.2 nmos lmin=2u lmax=9u wmin=0 wmax=2u\n.model dx d\n"
        >>> list(Pruner(parse_netlist(text)).prune({}).models)
        ['nch.1']
    """

    def __init__(self, circuit: Circuit) -> None:
        """Find what is within reach of the top level; sizes are looked at later."""
        self._circuit = circuit
        self._recipes = Recipes(circuit, strict=False)
        self._scopes: dict[int, Scope] = {}
        self._named: set[str] = set()
        self._reach(circuit)
        self._bins: dict[_Key, _Bins] = {}
        self._plans: dict[int, _Plan] = {}
        for scope in self._scopes.values():
            self._note_bins(scope)
        self._fixed = not self._bins or _sizes_hang_on_chance(self._scopes.values())
        self._made: OrderedDict[frozenset[tuple[int, str]], Circuit] = OrderedDict()

    def prune(self, parameters: Mapping[str, float]) -> Circuit:
        """Return the circuit with what it uses when these parameters of its top level are set.

        The same object comes back for every set of parameters that needs the same bins.
        """
        kept: frozenset[tuple[int, str]] = frozenset()
        if not self._fixed:
            kept = frozenset(
                (key[0], name)
                for key, sizes in self._sizes(parameters).items()
                for one in sizes
                for name in self._bins[key].of(one)
            )
        if kept not in self._made:
            self._made[kept] = self._rebuilt(kept)
            while len(self._made) > MAX_KEPT:
                self._made.popitem(last=False)
        return self._made[kept]

    # -- what is within reach -----------------------------------------------------------------

    def _reach(self, top: Circuit) -> None:
        todo: list[Scope] = [top]
        while todo:
            scope = todo.pop()
            if id(scope) in self._scopes:
                continue
            self._scopes[id(scope)] = scope
            seen: set[int] = set()
            names: set[str] = set()
            for device in scope.devices:
                names.add(device.model.lower())
                if id(device.parameters) not in seen:
                    seen.add(id(device.parameters))
                    names.update(_words(device.parameters.values()))
            names.discard("")
            self._named |= names
            found = (self._recipes.definition(scope, name) for name in names)
            todo += [definition for definition in found if definition is not None]
        for card in top.cards:
            self._named.update(_NAME.findall(card.text.lower()))

    def _note_bins(self, scope: Scope) -> None:
        groups: dict[str, list[tuple[str, list[float]]]] = {}
        for lower, card in scope.models.items():
            if (base := _BIN.match(lower)) and (limits := _limits(card)) is not None:
                groups.setdefault(base[1], []).append((lower, limits))
        for stem, rows in groups.items():
            if len(rows) > 1:
                names = tuple(name for name, _ in rows)
                self._bins[id(scope), stem] = _Bins(names, np.array([row for _, row in rows]))

    # -- the sizes that are used --------------------------------------------------------------

    def _sizes(self, parameters: Mapping[str, float]) -> dict[_Key, set[Sizes]]:
        """Return the sizes of the transistors of each binned model that is used."""
        top = self._circuit
        found: dict[_Key, set[Sizes]] = {key: set() for key in self._bins}
        environment = Environment({**top.parameters, **parameters}, top.functions)
        seen: set[tuple[object, ...]] = set()
        todo: list[tuple[Scope, Environment, tuple[object, ...]]] = [(top, environment, ())]
        while todo:
            scope, around, path = todo.pop()
            plan = self._plan(scope)
            for keys, sizes in plan.transistors:
                known = _known_sizes(sizes, around)
                for key in keys:
                    found[key].add(known)
            for definition, given in plan.calls:
                values = {name: _number(value, around) for name, value in given.items()}
                here = (id(definition), tuple(values.items()), path)
                if here in seen:
                    continue
                seen.add(here)
                if len(seen) > MAX_VISITS:
                    return {key: {None} for key in self._bins}
                inside = Environment(
                    {**definition.defaults, **definition.parameters},
                    definition.functions,
                    parent=around,
                    overrides=values,
                )
                todo.append((definition, inside, here))
        return found

    def _plan(self, scope: Scope) -> _Plan:
        """Return what of a scope's devices is asked for each set of parameters."""
        if id(scope) not in self._plans:
            transistors: dict[object, tuple[tuple[_Key, ...], Mapping[str, Value]]] = {}
            calls: dict[object, tuple[Subcircuit, Mapping[str, Value]]] = {}
            for device in scope.devices:
                one = (device.model, id(device.parameters))
                if not device.model or one in transistors or one in calls:
                    continue
                definition = self._recipes.definition(scope, device.model)
                if definition is not None:
                    calls[one] = definition, _written(device)
                elif device.kind == "mosfet" and (keys := self._homes(scope, device.model.lower())):
                    transistors[one] = keys, device.parameters
            self._plans[id(scope)] = _Plan(tuple(transistors.values()), tuple(calls.values()))
        return self._plans[id(scope)]

    def _homes(self, scope: Scope, base: str) -> tuple[_Key, ...]:
        """Return where the bins of a model lie, seen from a scope.

        A definition may use the models of whoever instantiates it, so where none is around
        it, all of that name count.
        """
        for around in self._recipes.around(scope):
            if (id(around), base) in self._bins:
                return ((id(around), base),)
        return tuple(key for key in self._bins if key[1] == base)

    # -- the smaller circuit ------------------------------------------------------------------

    def _rebuilt(self, kept: frozenset[tuple[int, str]]) -> Circuit:
        return replace(
            self._circuit,
            models=self._models(self._circuit, kept),
            subcircuits=self._subcircuits(self._circuit, kept),
        )

    def _subcircuits(self, scope: Scope, kept: frozenset[tuple[int, str]]) -> dict[str, Subcircuit]:
        made = {}
        for name, inner in scope.subcircuits.items():
            if id(inner) not in self._scopes:
                continue
            if inner.models or inner.subcircuits:
                inner = replace(
                    inner,
                    models=self._models(inner, kept),
                    subcircuits=self._subcircuits(inner, kept),
                )
            made[name] = inner
        return made

    def _models(self, scope: Scope, kept: frozenset[tuple[int, str]]) -> dict[str, ModelCard]:
        made = {}
        for name, card in scope.models.items():
            base = found[1] if (found := _BIN.match(name)) else ""
            bins = self._bins.get((id(scope), base))
            if self._fixed or bins is None or name not in bins.names:
                stays = name in self._named or base in self._named
            else:
                stays = (id(scope), name) in kept
            if stays:
                made[name] = card
        return made


def is_worth_pruning(circuit: Circuit) -> bool:
    """Return whether anything could be left out, and no script may alter a model by name."""
    return not circuit.control and bool(circuit.models or circuit.subcircuits)


def _limits(card: ModelCard) -> list[float] | None:
    """Return the limits of a bin (m), or None where the card is none."""
    found = []
    for name in _LIMITS:
        value = card.parameters.get(name)
        if isinstance(value, Expression) and names_in(value.text):
            return None  # it may move with a parameter
        limit = number(value)
        if limit is None:
            return None
        found.append(limit)
    return found


def _words(values: Iterable[Value]) -> Iterator[str]:
    for value in values:
        if isinstance(value, tuple):
            yield from _words(value)
        elif isinstance(value, str):
            yield from _NAME.findall(value.lower())


def _written(device: Device) -> Mapping[str, Value]:
    """Return the parameters of an instance in the units its subcircuit expects."""
    if device.kind == "subcircuit":
        return device.parameters
    primitive = primitive_table().find(device.model)
    return (
        device.parameters if primitive is None else in_written_units(device.parameters, primitive)
    )

    if primitive is None:
        return device.parameters
    return in_written_units(device.parameters, primitive)


def _number(value: Value, environment: Environment) -> float | None:
    try:
        return environment.value(value)
    except (ExpressionError, DynamicExpression):
        return None


def _known_sizes(parameters: Mapping[str, Value], environment: Environment) -> Sizes:
    width, length = (_number(parameters.get(name, ""), environment) for name in ("w", "l"))
    fingers = _number(parameters["nf"], environment) if "nf" in parameters else 1.0
    if width is None or length is None or fingers is None or fingers <= 0:
        return None
    return width, length, fingers


def _sizes_hang_on_chance(scopes: Iterable[Scope]) -> bool:
    """Return whether a parameter of a device may depend on a function of chance."""
    bodies: dict[str, set[str]] = {}
    drawn: set[str] = set()
    wanted: set[str] = set()
    for scope in scopes:
        defaults = scope.defaults if isinstance(scope, Subcircuit) else {}
        texts = [
            (name, value.text)
            for values in (scope.parameters, defaults)
            for name, value in values.items()
            if isinstance(value, Expression)
        ]
        texts += [(name, function.body) for name, function in scope.functions.items()]
        for name, text in texts:
            bodies.setdefault(name, set()).update(names_in(text))
            if CHANCE.search(text):
                drawn.add(name)
        seen: set[int] = set()
        for device in scope.devices:
            if device.kind not in ("mosfet", "subcircuit") or id(device.parameters) in seen:
                continue
            seen.add(id(device.parameters))
            for value in device.parameters.values():
                if isinstance(value, Expression):
                    if CHANCE.search(value.text):
                        return True
                    wanted.update(names_in(value.text))
                elif isinstance(value, str):
                    wanted.add(value.lower())
    todo, known = list(wanted), set(wanted)
    while todo:
        name = todo.pop()
        if name in drawn:
            return True
        new = bodies.get(name, set()) - known
        known |= new
        todo += new
    return False
