"""Names respelled for a dialect: letters of devices, forbidden marks, one spelling each.

The circuit stays the same; every name that changes is listed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from eda.circuit import GROUND, Card, Circuit, Device, Expression, Scope, Subcircuit, Value
from eda.circuit.expression import rename_probes
from eda.spice.cards import LETTERS
from eda.spice.convert.target import Target
from eda.spice.primitives import primitive_table

_BAD: Final = re.compile(r"[\s\"'{}(),=;]|[^\x21-\uffff]")
# SPICE has no letter for what stands in a board's netlist; these are its comment marks.
_FIRST: Final = re.compile(r"[*.+$#]")


@dataclass(frozen=True, slots=True)
class Renaming:
    """A name that is another one in what was written.

    Attributes:
        kind: ``device``, ``net``, ``model`` or ``subcircuit``.
        old: The name in the circuit.
        new: The name in the text.
        scope: The subcircuit it is in; empty at the top level.
    """

    kind: str
    old: str
    new: str
    scope: str = ""

    def __str__(self) -> str:
        """Return it as a sentence."""
        where = f" in {self.scope}" if self.scope else ""
        return f"the {self.kind} {self.old}{where} is called {self.new}"


@dataclass
class _Names:
    """New names by old ones in lower case, each used once."""

    kind: str
    scope: str
    legal: Callable[[str], str]
    log: list[Renaming]
    made: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def add(self, name: str, wanted: str | None = None) -> str:
        lower = name.lower()
        known = self.made.get(lower)
        if known is not None:
            return known
        new = base = self.legal(name) if wanted is None else wanted
        number = 2
        while new.lower() in self.used:
            new, number = f"{base}_{number}", number + 1
        self.used.add(new.lower())
        self.made[lower] = new
        if new != name:
            self.log.append(Renaming(self.kind, name, new, self.scope))
        return new

    def of(self, name: str) -> str:
        """Return the new name of what may be defined elsewhere, such as a PDK's model."""
        known = self.made.get(name.lower())
        if known is not None:
            return known
        return name if self.legal(name) == name else self.add(name)


def respell(circuit: Circuit, target: Target) -> tuple[Circuit, list[Renaming]]:
    """Return a circuit whose names a dialect can say, and the names that changed."""
    run = _Run(target)
    for name in circuit.globals:
        run.globals.add(name)
    run.definitions(circuit)
    changes = run.scope(circuit, circuit.ports, "")
    ports = tuple(run.nets_of[id(circuit)].of(port) for port in circuit.ports)
    made = replace(
        circuit,
        **changes,
        ports=ports,
        globals=tuple(run.globals.of(name) for name in circuit.globals),
        name=run.subcircuits.legal(circuit.name) if circuit.name else "",
    )
    return made, run.log


class _Run:
    """The names of one circuit on their way into one dialect."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.log: list[Renaming] = []
        self.globals = _Names("net", "", self.net, self.log)
        self.globals.made[GROUND] = GROUND
        self.models = _Names("model", "", self.master, self.log)
        self.subcircuits = _Names("subcircuit", "", self.master, self.log)
        self.nets_of: dict[int, _Names] = {}

    def word(self, name: str) -> str:
        """Return a name as a word of the dialect."""
        if not self.target.letters:
            return re.sub(r"[\s\"\x00-\x20]|[^\x21-\x7e]", "_", name)
        if self.target.legal is not None:
            name = self.target.legal(name)
        made = _BAD.sub("_", name)
        return f"_{made}" if _FIRST.match(made) else made

    def master(self, name: str) -> str:
        """Return the name of a model or a subcircuit."""
        made = self.word(name)
        return f"{made}_model" if made in self.target.reserved else made

    def net(self, name: str) -> str:
        made = self.word(name)
        return f"{made}_net" if made.lower() in self.target.ground else made

    def definitions(self, scope: Scope) -> None:
        """Name all models and subcircuits of a circuit, in every scope."""
        if not self.target.letters and getattr(scope, "dialect", "") not in ("spectre", "verilog"):
            # One name cannot be both, where the letter of an instance does not tell them apart.
            self.subcircuits.used.update(self.master(m).lower() for m in _models_used(scope))
        stack: list[Scope] = [scope]
        while stack:
            item = stack.pop(0)
            for card in item.models.values():
                self.models.add(card.name)
            for inner in item.subcircuits.values():
                self.subcircuits.add(inner.name)
                stack.append(inner)

    def scope(self, scope: Scope, ports: Iterable[str], name: str) -> dict[str, Any]:
        """Return the fields of a scope with its names respelled."""
        nets = _Names("net", name, self.net, self.log)
        nets.made.update(self.globals.made)
        nets.used.update(made.lower() for made in self.globals.made.values())
        for port in ports:
            nets.made.pop(port.lower(), None)
            nets.used.discard(port.lower())
        for port in ports:
            nets.add(port)
        self.nets_of[id(scope)] = nets
        for device in scope.devices:
            for net in device.nets:
                nets.add(net)
        devices = _Names("device", name, self.word, self.log)
        # Names that stay keep theirs; the others find a free one behind them.
        wanted = {device.name: self.lettered(device) for device in scope.devices}
        for device in scope.devices:
            if wanted[device.name] == device.name:
                devices.add(device.name)
        for device in scope.devices:
            devices.add(device.name, wanted[device.name])
        changes: dict[str, Any] = {
            "devices": tuple(self.device(device, nets, devices) for device in scope.devices),
            "models": {
                self.models.of(card.name).lower(): replace(card, name=self.models.of(card.name))
                for card in scope.models.values()
            },
            "subcircuits": {
                self.subcircuits.of(inner.name).lower(): self.subcircuit(inner)
                for inner in scope.subcircuits.values()
            },
        }
        if isinstance(scope, Circuit | Subcircuit):
            changes["cards"] = tuple(_card(card, nets, devices) for card in scope.cards)
            changes["directions"] = {
                nets.of(port).lower(): way for port, way in scope.directions.items()
            }
        return changes

    def subcircuit(self, scope: Subcircuit) -> Subcircuit:
        changes = self.scope(scope, scope.ports, scope.name)
        ports = tuple(self.nets_of[id(scope)].of(port) for port in scope.ports)
        name = self.subcircuits.of(scope.name)
        return replace(scope, **changes, ports=ports, name=name)

    def lettered(self, device: Device) -> str:
        """Return a device's name as the dialect wants it, with the letter its kind asks for."""
        made = self.with_letter(device)
        return made if self.target.device is None else self.target.device(made)

    def with_letter(self, device: Device) -> str:
        name = self.word(device.name)
        if not self.target.letters:
            return name
        path, dot, last = name.rpartition(".")
        letters = LETTERS[device.kind]
        if device.kind == "subcircuit" or self.is_instance(device, last):
            letters = "x"
        elif last[:1] in ("x", "X") and device.model and device.kind not in _NO_MODEL:
            return name  # an instance of a PDK's primitive
        if last[:1].lower() not in letters or not last:
            last = letters[0].upper() + last
        return f"{path}{dot}{last}"

    def is_instance(self, device: Device, last: str) -> bool:
        """Return whether a PDK defines a device's model as a subcircuit."""
        if not device.model or device.model.lower() in self.models.made:
            return False
        primitive = primitive_table().find(device.model)
        if primitive is None or last[:1] in ("x", "X"):
            return False
        return primitive.pdk in _SUBCIRCUIT_PDKS and not device.model.lower().endswith("__model")

    def device(self, device: Device, nets: _Names, devices: _Names) -> Device:
        model = device.model
        if model:
            kind = self.subcircuits if device.kind == "subcircuit" else self.models
            model = kind.of(model)
        return replace(
            device,
            name=devices.of(device.name),
            nets=tuple(nets.of(net) for net in device.nets),
            model=model,
            references=tuple(devices.of(name) for name in device.references),
            parameters={
                key: _probed(value, nets, devices) for key, value in device.parameters.items()
            },
        )


def _models_used(scope: Scope) -> set[str]:
    """Return the models of devices in a scope and in the scopes in it, without instances."""
    found: set[str] = set()
    stack: list[Scope] = [scope]
    while stack:
        item = stack.pop()
        stack += item.subcircuits.values()
        found.update(
            device.model
            for device in item.devices
            if device.model and device.kind != "subcircuit"
            if device.name.rpartition(".")[2][:1] not in ("x", "X")
        )
    return found


_NO_MODEL: Final = frozenset({"vsource", "isource", "vcvs", "vccs", "behavioral", "mutual"})
_SUBCIRCUIT_PDKS: Final = frozenset({"sky130", "gf180mcu", "ihp-sg13g2"})
"""PDKs whose transistors are subcircuits, so that SPICE instantiates them by ``X`` cards."""


def _probed(value: Value, nets: _Names, devices: _Names) -> Value:
    if isinstance(value, Expression) and "(" in value.text:
        return Expression(rename_probes(value.text, nets.of, devices.of), value.value)
    return value


def _card(card: Card, nets: _Names, devices: _Names) -> Card:
    if card.language or "(" not in card.text:
        return card
    return replace(card, text=rename_probes(card.text, nets.of, devices.of))


def changed(renamings: Iterable[Renaming]) -> Mapping[str, str]:
    """Return the new names by the old ones, for programs."""
    return {item.old: item.new for item in renamings}
