"""Spectre's instance statements taken apart: ``name (nodes) master p=v`` -> `Device`.

What a master is decides how its statement is read: a subcircuit or model of the file, a
primitive of the simulator, a primitive of a PDK by its name, or else a black box.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from eda.circuit import KINDS, Device, Expression, Value
from eda.errors import ExpressionError
from eda.spice.builder import Builder, TooFewError, numbered_roles
from eda.spice.drafts import Draft
from eda.spice.elements import SOI_ROLES
from eda.spice.primitives import Primitive
from eda.spice.spectre import masters, sources
from eda.spice.spectre.values import as_problem, expression_of, value_of
from eda.spice.spectre.words import Pair, Statement, split_statement, unescaped
from eda.spice.words import CardSyntaxError

_FORM: Final = "NAME (NODES) MASTER PARAMETER=VALUE"


def instance(build: Builder, text: str) -> Device:
    """Return the device of one statement."""
    statement = split_statement(text)
    words = [unescaped(word) for word in statement.words]
    if text.startswith("(") or not words or text.startswith(words[0] + "="):
        raise CardSyntaxError("an instance begins with its name", column=0)
    at = len(words) - 1 if statement.nodes < 0 else 1 + statement.nodes
    if at < 1 or at >= len(words):
        raise TooFewError(f"no master behind the nodes of {words[0]}", _FORM)
    if len(words) > at + 1:
        raise CardSyntaxError(
            f"'=' is missing behind {words[at + 1]}", column=max(text.find(words[at + 1]), 0)
        )
    master, nodes = words[at], words[1:at]
    if statement.nodes < 0 and not nodes and master not in masters.PRIMITIVES:
        raise CardSyntaxError(f"{text.split()[0]} begins no statement that is known", column=0)
    return Reader(build, words[0], nodes, master, statement).device()


class Reader:
    """One instance statement: its name, nodes, master, and pairs.

    Attributes:
        build: What makes the device.
        pairs: The pairs by lower-case name.
    """

    def __init__(
        self, build: Builder, name: str, nodes: list[str], master: str, statement: Statement
    ) -> None:
        """Keep the parts."""
        self.build = build
        self.name = build.devices.of(name)
        self.nodes = nodes
        self.master = master
        self.pairs: dict[str, Pair] = {}
        for pair in statement.pairs:
            key = unescaped(pair.name).lower()
            if key in self.pairs:
                raise CardSyntaxError(f"{key} is given twice", column=pair.offset)
            self.pairs[key] = pair

    # -- values ---------------------------------------------------------------------------

    def value(self, pair: Pair) -> Value:
        """Return a value; expressions are checked and worked out where that can be."""
        build = self.build
        try:
            value = value_of(build.reading, build.draft, pair.value, net=self._net, device=self._of)
        except ExpressionError as problem:
            return self._unread(problem, pair)
        return self._checked(value, pair.value)

    def amount(self, pair: Pair) -> Value:
        """Return a value where a number is meant: a bare word is then an expression too."""
        value = self.value(pair)
        if isinstance(value, str) and pair.value[:1] != '"':
            try:
                return self._checked(expression_of(self.build.reading, pair.value), pair.value)
            except ExpressionError as problem:
                return self._unread(problem, pair)
        return value

    def take(self, name: str) -> Value | None:
        """Return and take out the amount of a name, or None."""
        pair = self.pairs.pop(name, None)
        return None if pair is None else self.amount(pair)

    def word(self, name: str) -> str:
        """Return and take out a value as the word it was written as; empty without one."""
        pair = self.pairs.pop(name, None)
        return "" if pair is None else unescaped(pair.value.strip('"'))

    def rest(self, renamed: Mapping[str, str] | None = None) -> dict[str, Value]:
        """Return the values of what is left, by their names here."""
        names = renamed or {}
        made: dict[str, Value] = {}
        for key, pair in self.pairs.items():
            own = names.get(key, key)
            made[own] = self.amount(pair) if key in names else self.value(pair)
        return made

    def _checked(self, value: Value, raw: str) -> Value:
        if isinstance(value, Expression):
            return self.build.expression(value.text, raw)
        if isinstance(value, tuple):
            return tuple(self._checked(part, raw) for part in value)
        return value

    def _unread(self, problem: ExpressionError, pair: Pair) -> Value:
        if "counterpart" not in str(problem):
            raise as_problem(problem, pair.offset) from None
        build = self.build
        build.reading.report(
            "warning", "unsupported", str(problem), build.path, build.line, offset=pair.offset
        )
        return pair.value

    def _net(self, name: str) -> str:
        return self.build.nets[unescaped(name)]

    def _of(self, name: str) -> str:
        return self.reference(unescaped(name))

    def reference(self, name: str) -> str:
        """Return the device a name (``V1``, ``V1:1``) means."""
        return self.build.devices.of(name.partition(":")[0])

    # -- devices --------------------------------------------------------------------------

    def device(self) -> Device:
        """Return the device."""
        build = self.build
        name = build.reading.names.definitions.of(self.master)
        found = build.instance_of(name, len(self.nodes))
        if isinstance(found, Draft):
            return self._subcircuit(found, name)
        if build.known_model(name):
            return self._of_model(name)
        primitive = masters.PRIMITIVES.get(self.master) or masters.PRIMITIVES.get(
            self.master.lower()
        )
        if primitive is not None:
            return self._primitive(primitive)
        if isinstance(found, Primitive):
            parameters = build.in_metres(self.rest(), build.unit_of(name))
            build.note_primitive(found, name)
            roles = found.roles[: len(self.nodes)]
            return self.make(found.kind, roles, name, parameters, polarity=found.polarity)
        return self._unknown(name)

    def make(
        self,
        kind: str,
        roles: tuple[str, ...],
        model: str,
        parameters: Mapping[str, Value],
        references: tuple[str, ...] = (),
        *,
        polarity: str = "",
    ) -> Device:
        """Return a device on the nodes of the statement."""
        return self.build.make(
            self.name, kind, roles, self.nodes, model, parameters, references, polarity=polarity
        )

    def _subcircuit(self, target: Draft, name: str) -> Device:
        build = self.build
        roles = numbered_roles(len(self.nodes))
        if len(self.nodes) != len(target.ports):
            build.wrong_port_count(self.name, target, len(self.nodes))
        else:
            roles = target.ports
            build.draft.uses.setdefault(id(target), (target, build.path, build.line))
        names = build.reading.names.parameters
        renamed = {key: names.of(unescaped(pair.name)).lower() for key, pair in self.pairs.items()}
        parameters = {renamed[key]: value for key, value in self.rest().items()}
        return self.make("subcircuit", roles, name, parameters)

    def _of_model(self, name: str) -> Device:
        card = self.build.models[name.lower()]
        kind = masters.KIND_OF_CARD.get(card.kind)
        if kind is None:
            # A model of Verilog-A, or of a type that only Spectre knows.
            return self.make("subcircuit", numbered_roles(len(self.nodes)), name, self.rest())
        own = {"resistor": "r", "capacitor": "c", "inductor": "l"}.get(kind)
        parameters = self.rest({own: "value"} if own else None)
        if "value" in parameters:
            parameters = {"value": parameters.pop("value"), **parameters}
        parameters = dict(self.build.in_metres(parameters, self.build.unit_of(name)))
        return self.make(kind, self._roles(kind), name, parameters)

    def _roles(self, kind: str) -> tuple[str, ...]:
        roles = KINDS[kind].roles
        count = len(self.nodes)
        if kind == "mosfet" and count > 4:
            roles = SOI_ROLES
        elif kind in ("resistor", "capacitor") and count == 3:
            roles = (*roles, "b")
        least = {"mosfet": 3, "bipolar": 3}.get(kind, len(KINDS[kind].roles))
        if count < least:
            raise TooFewError(f"too few nodes on {self.name}", _FORM)
        if count > len(roles):
            raise TooFewError(f"too many nodes on {self.name}", _FORM)
        return roles[:count]

    def _primitive(self, primitive: masters.Primitive) -> Device:
        reader = _PRIMITIVES.get(self.master.lower())
        count = len(self.nodes)
        if primitive.nodes and count != primitive.nodes:
            word = "few" if count < primitive.nodes else "many"
            raise TooFewError(
                f"too {word} nodes on {self.name}: {self.master} has {primitive.nodes}", _FORM
            )
        if reader is not None:
            return reader(self)
        roles = KINDS[primitive.kind].roles
        made = self.rest(primitive.renamed)
        value = {"value": made.pop("value")} if "value" in made else {}
        return self.make(primitive.kind, roles, "", {**value, **made})

    def _likely(self, parameters: Mapping[str, Value]) -> str:
        """Return the kind of an instance of a master nobody defines; empty for a black box."""
        count = len(self.nodes)
        if count == 4 and "w" in parameters and "l" in parameters:
            return "mosfet"  # a transistor of a PDK that no table knows
        kind, counts = _LIKELY.get(self.name[:1].lower(), ("", ()))
        return kind if count in counts else ""

    def _unknown(self, name: str) -> Device:
        build = self.build
        parameters = self.rest()
        if self.master not in masters.BLACK_BOXES:
            build.undefined_subcircuits.setdefault(name, (build.path, build.line, self.name))
        kind = self._likely(parameters)
        if kind:
            own = {"resistor": "r", "capacitor": "c", "inductor": "l"}.get(kind, "")
            if own in parameters:
                parameters = {"value": parameters.pop(own), **parameters}
            return self.make(
                kind, self._roles(kind), name, build.in_metres(parameters, build.scale)
            )
        return self.make("subcircuit", numbered_roles(len(self.nodes)), name, parameters)


_LIKELY: Final[dict[str, tuple[str, tuple[int, ...]]]] = {
    "m": ("mosfet", (4,)),
    "q": ("bipolar", (3, 4)),
    "d": ("diode", (2,)),
    "j": ("jfet", (3,)),
    "r": ("resistor", (2, 3)),
    "c": ("capacitor", (2, 3)),
    "l": ("inductor", (2,)),
}
"""What an instance of an unknown master is, by its first letter and its number of nodes.

PDKs give their devices these letters; a master that is nowhere defined tells nothing else.
"""

_PRIMITIVES: Final[dict[str, Callable[[Reader], Device]]] = {
    "vsource": sources.independent("vsource"),
    "isource": sources.independent("isource"),
    "port": sources.port,
    "iprobe": sources.probe,
    "ccvs": sources.current_controlled("ccvs"),
    "cccs": sources.current_controlled("cccs"),
    "pvcvs": sources.polynomial("vcvs"),
    "pvccs": sources.polynomial("vccs"),
    "pccvs": sources.current_polynomial("ccvs"),
    "pcccs": sources.current_polynomial("cccs"),
    "bsource": sources.behavioral,
    "relay": sources.relay,
    "mutual_inductor": sources.mutual,
}
"""Readers of the primitives whose parameters are more than renamed."""
