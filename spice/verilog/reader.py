"""Reading structural Verilog: modules become subcircuits, cells nobody defines black boxes.

Buses become nets by bit (``a[3]``). The constants 0 and 1 are the global nets ``LOGIC0`` and
``LOGIC1``. ``assign`` of a wire makes two names one net; where both are ports, a source of
zero volts stands between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from eda.circuit import KINDS, Circuit, Device, Diagnostic, Severity, Source, Span, Subcircuit
from eda.spice.spectre.names import CaseNames
from eda.spice.verilog.modules import CONSTANTS, Instance, Module, parse_modules
from eda.spice.verilog.tokens import Token

MAX_NOTES: Final = 200
"""Most remarks about what is passed over."""

_OPEN: Final = "unconnected$"


def read_verilog(source: Source) -> Circuit:
    """Return the circuit of a structural Verilog file.

    Raises:
        NetlistError: It is no structural Verilog.
    """
    run = _Reading(source.path)
    modules = parse_modules(source.text, source.path, run.note)
    for module in modules:
        run.names.met(module.name)
    run.learn_pins(modules)
    subcircuits: dict[str, Subcircuit] = {}
    for module in modules:
        made = run.subcircuit(module)
        if made.name.lower() in subcircuits:
            run.report(
                "warning",
                "duplicate_name",
                f"module {made.name} is defined twice; the first is used",
                module.token,
            )
            continue
        subcircuits[made.name.lower()] = made
    run.report_spellings()
    used = {net for sub in subcircuits.values() for device in sub.devices for net in device.nets}
    return Circuit(
        subcircuits=subcircuits,
        dialect="verilog",
        globals=tuple(net for net in CONSTANTS if net in used),
        diagnostics=tuple(run.diagnostics),
        source=source,
        files=(source,),
    )


class _Reading:
    """What holds for all modules of a file.

    Attributes:
        names: Spellings of modules and cells.
        pins: Pins of each cell nobody defines, in the order in which they are met.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.names = CaseNames()
        self.diagnostics: list[Diagnostic] = []
        self.modules: dict[str, Module] = {}
        self.pins: dict[str, dict[str, int]] = {}

    def report(
        self, severity: Severity, code: str, message: str, token: Token, *names: str
    ) -> None:
        span = Span(self.path, token.line, token.column, token.line)
        self.diagnostics.append(Diagnostic(severity, code, message, span, "", "", names))

    def note(self, message: str, token: Token) -> None:
        if len(self.diagnostics) < MAX_NOTES:
            self.report("warning", "unsupported", message, token)

    def report_spellings(self) -> None:
        for written, made, first in self.names.clashes:
            self.report(
                "warning",
                "case",
                f"the modules {written} and {first} differ in case "
                f"only; {written} is called {made} here",
                Token("", "", 1, 1),
                made,
            )

    def learn_pins(self, modules: Sequence[Module]) -> None:
        """Note the modules, and the pins of the cells that are none of them."""
        for module in modules:
            self.modules.setdefault(module.name, module)
        for module in modules:
            for item in module.instances:
                if item.cell in self.modules:
                    continue
                if item.cell not in self.pins:
                    self.report(
                        "info",
                        "undefined_reference",
                        f"cell {item.cell} is a black box",
                        item.token,
                        item.cell,
                    )
                known = self.pins.setdefault(item.cell, {})
                for pin, nets in item.pins.items():
                    known[pin] = max(known.get(pin, 1), len(nets))

    def subcircuit(self, module: Module) -> Subcircuit:
        """Return one module."""
        nets = _Nets(module)
        devices = CaseNames(item.name for item in module.instances)
        made = [self.device(item, devices.of(item.name), nets) for item in module.instances]
        made += [
            Device(
                f"Vassign{number}",
                "vsource",
                KINDS["vsource"].roles,
                (nets.of(a), nets.of(b)),
                "",
                {"dc": 0.0},
                span=Span(self.path, token.line, token.column, token.line),
            )
            for number, (a, b, token) in enumerate(nets.shorts, 1)
        ]
        for names, kind in ((devices, "instances"), (nets.names, "nets")):
            for written, new, first in names.clashes:
                self.report(
                    "warning",
                    "case",
                    f"the {kind} {written} and {first} differ in case "
                    f"only; {written} is called {new} here",
                    module.token,
                    new,
                )
        ports = [bit for port in module.ports for bit in module.bits(port)]
        return Subcircuit(
            devices=tuple(made),
            name=self.names.met(module.name),
            ports=tuple(map(nets.names.met, ports)),
            directions={
                nets.names.met(bit).lower(): module.directions[port]
                for port in module.ports
                for bit in module.bits(port)
            },
            span=Span(self.path, module.token.line, module.token.column, module.token.line),
        )

    def device(self, item: Instance, name: str, nets: _Nets) -> Device:
        """Return one instance, its pins in the order of the definition."""
        definition = self.modules.get(item.cell)
        roles: list[str] = []
        wires: list[str] = []
        if definition is not None:
            order = {port: len(definition.bits(port)) for port in definition.ports}
            given = item.pins
            if not item.named:
                given = dict(zip(definition.ports, item.pins.values(), strict=False))
            wrong = [pin for pin in given if pin not in order]
            if wrong or len(item.pins) > len(order):
                shown = wrong[0] if wrong else f"{len(item.pins)} connections"
                self.report(
                    "error",
                    "pin_count",
                    f"{name}: module {item.cell} has no {shown}",
                    item.token,
                    name,
                )
        else:
            order, given = self.pins[item.cell], item.pins
        for pin, width in order.items():
            found = given.get(pin, [])
            if len(found) > width:
                self.report(
                    "error",
                    "pin_count",
                    f"{name}: {len(found)} bits on port {pin} of {item.cell}, which has {width}",
                    item.token,
                    name,
                )
            # Bits are matched from the lowest; what is missing above is open.
            padded = [nets.open() for _ in range(width - len(found))] + found[-width:]
            wires += [nets.of(net) for net in padded]
            if definition is not None:
                roles += definition.bits(pin)
            else:
                roles += [pin] if width == 1 else [f"{pin}[{i}]" for i in range(width - 1, -1, -1)]
        span = Span(self.path, item.token.line, item.token.column, item.token.line)
        cell = self.names.met(item.cell)
        return Device(name, "subcircuit", tuple(roles), tuple(wires), cell, {}, span=span)


class _Nets:
    """The nets of a module: which names are one net, and how each is spelled.

    Attributes:
        shorts: Pairs of ports (or constants) that are one net, and so need a wire between them.
    """

    def __init__(self, module: Module) -> None:
        ports = [bit for port in module.ports for bit in module.bits(port)]
        self.names = CaseNames([*CONSTANTS, *ports])
        self.shorts: list[tuple[str, str, Token]] = []
        self._root: dict[str, str] = {}
        self._fixed = {*CONSTANTS, *ports}
        self._opened = 0
        for left, right, token in module.aliases:
            a, b = self.root(left), self.root(right)
            if a == b:
                continue
            if a in self._fixed and b in self._fixed:
                self.shorts.append((left, right, token))
            elif a in self._fixed:
                self._root[b] = a
            else:
                self._root[a] = b

    def root(self, name: str) -> str:
        """Return the name that stands for all names of a net."""
        found = name
        while (further := self._root.get(found)) is not None:
            found = further
        while (further := self._root.get(name)) is not None:
            self._root[name] = found
            name = further
        return found

    def of(self, name: str) -> str:
        """Return the net a name means."""
        return self.names.met(self.root(name))

    def open(self) -> str:
        """Return a net of its own."""
        self._opened += 1
        name = f"{_OPEN}{self._opened}"
        while self.names.knows(name):
            self._opened += 1
            name = f"{_OPEN}{self._opened}"
        return name
