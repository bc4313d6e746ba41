"""Writing a circuit of cells as structural Verilog; what is inside of cells is not said.

A subcircuit that holds anything but instances is a cell: it is placed, not described. Nets
named by bit (``a[3]``) are buses again where they can be; other odd names are escaped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from eda.circuit import GROUND, Circuit, Device, Scope, Span
from eda.spice.convert.target import Loss, Target
from eda.spice.remarks import Remarks
from eda.spice.verilog.modules import CONSTANTS

WIDTH: Final = 100

_NOWHERE: Final = Span("", 0)
_PLAIN: Final = re.compile(r"[A-Za-z_][\w$]*$", re.ASCII)
_BIT: Final = re.compile(r"([A-Za-z_][\w$]*)\[(\d{1,5})\]$", re.ASCII)
_OPEN: Final = re.compile(r"unconnected\$\d+$")
_KEYWORDS: Final = frozenset(
    (
        *("always", "and", "assign", "begin", "buf", "case", "default", "deassign", "disable"),
        *("else", "end", "endcase", "endfunction", "endmodule", "endspecify", "endtask", "event"),
        *("for", "force", "forever", "fork", "function", "if", "initial", "inout", "input"),
        *("integer", "join", "large", "macromodule", "medium", "module", "nand", "negedge"),
        *("nor", "not", "or", "output", "parameter", "posedge", "primitive", "pulldown", "pullup"),
        *("real", "reg", "release", "repeat", "small", "specify", "strong0", "strong1"),
        *("supply0", "supply1", "table", "task", "time", "tri", "tri0", "tri1", "wait", "wand"),
        *("weak0", "weak1", "while", "wire", "wor", "xnor", "xor", "logic", "generate", "genvar"),
    )
)
_GATES: Final = frozenset(
    {"and", "or", "nand", "nor", "xor", "xnor", "not", "buf", "bufif0", "bufif1", "notif0"}
    | {"notif1", "pullup", "pulldown"}
)
_LITERALS: Final = {CONSTANTS[0]: "1'b0", CONSTANTS[1]: "1'b1", GROUND: "1'b0"}


def identifier(name: str) -> str:
    r"""Return a name as Verilog writes it; an escaped one ends in a blank.

    Example:
        >>> identifier("clk"), identifier("a<3>"), identifier("wire")
        ('clk', '\\a<3> ', '\\wire ')
    """
    return name if _PLAIN.match(name) and name not in _KEYWORDS else f"\\{name} "


def write_verilog(circuit: Circuit, remarks: Remarks) -> tuple[str, list[Loss]]:
    """Return the modules of a circuit, and what Verilog cannot say of it."""
    losses: list[Loss] = []
    title = " ".join(circuit.title.split())
    lines = [f"// {title}", ""] if title else []
    modules = {name: scope for name, scope in circuit.subcircuits.items() if _is_module(scope)}
    for name, scope in circuit.subcircuits.items():
        if name not in modules:
            kinds = Counter(device.kind for device in scope.devices if device.kind != "subcircuit")
            shown = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
            losses.append(Loss(f"the inside of cell {scope.name}: {shown}", scope.span))
        elif scope.subcircuits:
            losses.append(Loss(f"the subcircuits inside of {scope.name}", scope.span))
    for kind, parameters in (("parameter", circuit.parameters), ("function", circuit.functions)):
        losses += [Loss(f"the {kind} {name}", _NOWHERE) for name in parameters]
    losses += [
        Loss(f"the global net {net} is a wire of its own in each module", _NOWHERE)
        for net in circuit.globals
        if net not in CONSTANTS
    ]
    for scope in modules.values():
        if scope.defaults or scope.parameters:
            losses.append(Loss(f"the parameters of {scope.name}", scope.span))
        lines += remarks.take(scope.span, "//")
        lines += _module(scope.name, scope, scope.ports, scope.directions, losses, remarks)
    if circuit.devices or circuit.ports:
        name = circuit.name or "top"
        taken = {scope.name.lower() for scope in circuit.subcircuits.values()}
        while name.lower() in taken:
            name += "_"
        lines += _module(name, circuit, circuit.ports, circuit.directions, losses, remarks)
    lines += remarks.rest("//")
    return "\n".join(lines).rstrip("\n") + "\n", losses


def _is_wire(device: Device) -> bool:
    """Return whether a device is a source of zero volts: two names of one net."""
    return device.kind == "vsource" and dict(device.parameters) == {"dc": 0.0}


def _is_module(scope: Scope) -> bool:
    return bool(scope.devices) and all(
        device.kind == "subcircuit" or _is_wire(device) for device in scope.devices
    )


def _module(
    name: str,
    scope: Scope,
    ports: Sequence[str],
    directions: Mapping[str, str],
    losses: list[Loss],
    remarks: Remarks,
) -> list[str]:
    nets = _Nets(ports, scope.devices)
    heads = []
    for shown, width, bit in nets.port_list:
        way = directions.get(bit.lower(), "inout")
        heads.append(f"{way} {width}{shown}".rstrip())
    lines = [f"module {identifier(name)}({', '.join(heads)});".replace(" (", " (")]
    if len(lines[0]) > WIDTH:
        lines = [f"module {identifier(name)}(", *(f"    {head}," for head in heads)]
        lines[-1] = lines[-1][:-1]
        lines.append(");")
    lines += [f"    wire {width}{shown};" for shown, width in nets.wires]
    counts = Counter(net for device in scope.devices for net in device.nets)
    for device in scope.devices:
        lines += remarks.take(device.span, "    //")
        if _is_wire(device):
            a, b = (nets.of(net) for net in device.nets)
            lines.append(f"    assign {a.rstrip()} = {b.rstrip()};")
        elif device.kind == "subcircuit":
            for key in device.parameters:
                losses.append(Loss(f"{device.name}: the parameter {key}", device.span))
            lines += _instance(device, nets, counts)
        else:
            losses.append(Loss(f"{device.name}: Verilog has no {device.kind}", device.span))
    return [*lines, "endmodule", ""]


def _instance(device: Device, nets: _Nets, counts: Mapping[str, int]) -> list[str]:
    def shown(net: str) -> str:
        return "" if _OPEN.match(net) and counts[net] == 1 else nets.of(net)

    if all(role == str(number) for number, role in enumerate(device.roles, 1)):
        pins = [shown(net).strip() for net in device.nets]
    else:
        pins = [
            f".{port}({', '.join(parts) if len(parts) == 1 else _braces(parts)})"
            for port, parts in _by_port(device, shown).items()
        ]
    cell = device.model if device.model in _GATES else identifier(device.model or "unknown")
    head = f"    {cell.rstrip()} {identifier(device.name)}"
    line = f"{head}({', '.join(pins)});"
    if len(line) <= WIDTH:
        return [line]
    return [f"{head}(", *(f"        {pin}," for pin in pins[:-1]), f"        {pins[-1]}", "    );"]


def _braces(parts: Sequence[str]) -> str:
    return "{" + ", ".join(part or "1'bz" for part in parts) + "}"


def _by_port(device: Device, shown: object) -> dict[str, list[str]]:
    """Return the nets by port; bits of one port, the highest first, are together."""
    write = shown if callable(shown) else str
    bases = Counter(found[1] for role in device.roles if (found := _BIT.match(role)))
    made: dict[str, list[str]] = {}
    for role, net in zip(device.roles, device.nets, strict=True):
        found = _BIT.match(role)
        port = found[1] if found is not None and bases[found[1]] > 0 else role
        made.setdefault(identifier(port), []).append(write(net))
    return made


class _Nets:
    """How the nets of a module are declared, and how each is named.

    Attributes:
        port_list: (name, width, first bit) of each port.
        wires: (name, width) of each other net or bus.
    """

    def __init__(self, ports: Sequence[str], devices: Iterable[Device]) -> None:
        inside = dict.fromkeys(net for device in devices for net in device.nets)
        names = dict.fromkeys((*ports, *inside))
        self._bus = _buses(ports, names)
        self.port_list: list[tuple[str, str, str]] = []
        seen: set[str] = set()
        for port in ports:
            base = self._base(port)
            if base and base not in seen:
                self.port_list.append((base, _range(self._bus[base]), port))
                seen.add(base)
            elif not base:
                self.port_list.append(
                    (
                        identifier(port).rstrip(" ")
                        + (" " if not _PLAIN.match(port) or port in _KEYWORDS else ""),
                        "",
                        port,
                    )
                )
        self.wires: list[tuple[str, str]] = []
        known = set(ports)
        for net in names:
            if net in known or net in _LITERALS or _OPEN.match(net):
                continue
            base = self._base(net)
            if base and base not in seen:
                self.wires.append((base, _range(self._bus[base])))
                seen.add(base)
            elif not base:
                self.wires.append((identifier(net), ""))

    def _base(self, net: str) -> str:
        found = _BIT.match(net)
        return found[1] if found is not None and found[1] in self._bus else ""

    def of(self, net: str) -> str:
        """Return a net as it is connected."""
        literal = _LITERALS.get(net)
        if literal is not None:
            return literal
        return net if self._base(net) else identifier(net)


def _range(bounds: tuple[int, int]) -> str:
    return f"[{bounds[0]}:{bounds[1]}] "


def _buses(ports: Sequence[str], names: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return (msb, lsb) of the buses: nets named by bit that are declared as one."""
    bits: dict[str, list[int]] = {}
    plain: set[str] = set()
    for name in names:
        found = _BIT.match(name)
        if found is not None and found[1] not in _KEYWORDS:
            bits.setdefault(found[1], []).append(int(found[2]))
        else:
            plain.add(name)
    of_ports: dict[str, list[tuple[int, int]]] = {}
    for place, port in enumerate(ports):
        found = _BIT.match(port)
        if found is not None:
            of_ports.setdefault(found[1], []).append((place, int(found[2])))
    made: dict[str, tuple[int, int]] = {}
    for base, indices in bits.items():
        if base in plain:
            continue
        msb, lsb = max(indices), min(indices)
        if base in of_ports:
            places = of_ports[base]
            count = len(places)
            step = -1 if places[0][1] >= places[-1][1] else 1
            run = all(
                place == places[0][0] + i and index == places[0][1] + step * i
                for i, (place, index) in enumerate(places)
            )
            if not run or len(set(indices)) != count:
                continue
            msb, lsb = places[0][1], places[-1][1]
        made[base] = (msb, lsb)
    return made


VERILOG: Final = Target(
    "verilog",
    None,
    model_kinds=frozenset(),
    cards=frozenset(),
    options=frozenset(),
    behavioral="b",
    letters=False,
    case=True,
    write=write_verilog,
)
