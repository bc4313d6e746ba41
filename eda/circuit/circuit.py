"""# Circuit: devices on nets, with subcircuits, model cards and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from eda.circuit.device import NOWHERE, Device
from eda.circuit.place import Diagnostic, Source, Span
from eda.circuit.values import Value

if TYPE_CHECKING:
    from PySpice.Spice.Netlist import Circuit as PySpiceCircuit

GROUND = "0"


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A ``.model`` line: its name, its type (``nmos``, ``d``, ...) and its parameters.

    Attributes:
        kind: The model type, lower case, as written in the card (``nmos``, ``npn``, ``sw``).
    """

    name: str
    kind: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Function:
    """A ``.func``: a name, its arguments, and the expression they go into."""

    name: str
    arguments: tuple[str, ...]
    body: str


@dataclass(frozen=True, slots=True)
class Card:
    """A card that is kept as text: an analysis, a ``.save``, a ``.measure``, an option.

    Attributes:
        language: Empty for a card of SPICE; ``spectre`` for a statement that only Spectre has.
    """

    text: str
    span: Span = field(default=NOWHERE, compare=False)
    language: str = ""


@dataclass(frozen=True)
class Scope:
    """What a circuit and a subcircuit have in common: named things and the devices using them.

    Attributes:
        devices: In file order.
        subcircuits: Definitions by lower-case name.
        models: Model cards by lower-case name.
        parameters: ``.param`` values by lower-case name, in file order.
        functions: ``.func`` definitions by lower-case name.
    """

    devices: tuple[Device, ...] = ()
    subcircuits: Mapping[str, Subcircuit] = field(default_factory=dict)
    models: Mapping[str, ModelCard] = field(default_factory=dict)
    parameters: Mapping[str, Value] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)

    @cached_property
    def device_by_name(self) -> Mapping[str, Device]:
        """The devices by lower-case name (of duplicates, the first)."""
        table: dict[str, Device] = {}
        for device in self.devices:
            table.setdefault(device.name.lower(), device)
        return table

    def device(self, name: str) -> Device:
        """Return the device of this name, whatever its case.

        Raises:
            KeyError: There is none; the message names similar ones.
        """
        try:
            return self.device_by_name[name.lower()]
        except KeyError:
            from difflib import get_close_matches

            close = get_close_matches(name.lower(), self.device_by_name, n=3)
            hint = f"; did you mean {', '.join(close)}?" if close else ""
            raise KeyError(f"no device {name!r} in the circuit{hint}") from None


@dataclass(frozen=True)
class Subcircuit(Scope):
    """A ``.subckt`` definition.

    Attributes:
        name: As written.
        ports: Its ports in order.
        defaults: Parameters that an instance can override, with their default values.
        directions: What a CDL ``*.PININFO`` says of a port: ``input output inout``.
        cards: Its ``.ic`` and ``.nodeset`` cards, kept as text.
    """

    name: str = ""
    ports: tuple[str, ...] = ()
    defaults: Mapping[str, Value] = field(default_factory=dict)
    directions: Mapping[str, str] = field(default_factory=dict)
    cards: tuple[Card, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)

    @cached_property
    def nets(self) -> tuple[str, ...]:
        """Every net of the definition: its ports, then the others in order of first use."""
        return _nets(self.ports, self.devices)


@dataclass(frozen=True)
class Circuit(Scope):
    """A circuit: what a netlist describes.

    A circuit is never changed: transformations return new ones.

    Attributes:
        title: The title line, without its comment mark.
        name: Name of the subcircuit it is, where it is one of a file.
        dialect: The dialect it was read in (``ngspice hspice ltspice pspice cdl kicad
            spectre verilog``).
        ports: Nets that lead outside, where the circuit is one subcircuit of a file.
        directions: Direction of ports where known: ``input output inout``.
        globals: Nets named by ``.global``.
        cards: Analyses, options and other dot cards, kept as text.
        control: Text of ``.control`` blocks, inert.
        diagnostics: What the reader had to say.
        source: The file it came from.
        files: Every file that was read for it, included ones too.
    """

    title: str = ""
    name: str = ""
    dialect: str = "ngspice"
    ports: tuple[str, ...] = ()
    directions: Mapping[str, str] = field(default_factory=dict)
    globals: tuple[str, ...] = ()
    cards: tuple[Card, ...] = ()
    control: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = field(default=(), compare=False)
    source: Source | None = field(default=None, compare=False)
    files: tuple[Source, ...] = field(default=(), compare=False)

    @cached_property
    def nets(self) -> tuple[str, ...]:
        """Every net: the ports, then the others in order of first use."""
        return _nets(self.ports, self.devices)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics of severity ``error``."""
        return tuple(item for item in self.diagnostics if item.severity == "error")

    def flatten(self, *, subcircuit: str | None = None, strict: bool = False) -> Circuit:
        """Return the circuit without hierarchy; see `eda.circuit.flatten`."""
        from eda.circuit.flatten import flatten

        return flatten(self, subcircuit=subcircuit, strict=strict)

    def connect(self, device: str, role: str, net: str) -> Circuit:
        """Return the circuit with one pin moved to another net.

        The source text is changed with it, at that one token and nowhere else.

        Raises:
            KeyError: There is no such device or pin.
        """
        changed: Circuit = _a_floor_up("eda.spice.edit").connect(self, device, role, net)
        return changed

    def with_parameters(self, device: str, /, **parameters: Value) -> Circuit:
        """Return the circuit with parameters of one device set, its source text edited alike.

        Raises:
            KeyError: There is no such device.
        """
        changed: Circuit = _a_floor_up("eda.spice.edit").with_parameters(self, device, parameters)
        return changed

    def replace_devices(self, devices: tuple[Device, ...]) -> Circuit:
        """Return the circuit with other devices at its top level."""
        return replace(self, devices=devices)

    def to_pyspice(self) -> PySpiceCircuit:
        """Return it as a ``PySpice.Spice.Netlist.Circuit`` (PySpice is imported here)."""
        made: PySpiceCircuit = _a_floor_up("eda.spice.pyspice_bridge").to_pyspice(self)
        return made


def _a_floor_up(name: str) -> Any:
    """Return a module of the formats' floor: a circuit only knows the way to its editors."""
    from importlib import import_module

    return import_module(name)


def _nets(ports: tuple[str, ...], devices: tuple[Device, ...]) -> tuple[str, ...]:
    seen = dict.fromkeys(ports)
    for device in devices:
        seen.update(dict.fromkeys(device.nets))
    return tuple(seen)
