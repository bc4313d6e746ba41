"""What a pairing of two circuits leaves over: the differences a designer has to look at.

One moved pin is one difference, and so is a net that falls in two parts or swallows another.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.graph.circuit_graph import DEVICE_TYPES, CircuitGraph
from eda.graph.refine import mix, pin_labels
from eda.graph.sizes import parameter, same_value, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from eda.circuit import Circuit, Span
    from eda.graph.pairing import Pairing

_SHOWN_PINS: Final = 4
_EXCHANGED: Final = {"d": "d or s", "s": "d or s", "p": "p or n", "n": "p or n"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same in two circuits.

    Attributes:
        kind: ``device`` (only in one circuit), ``type``, ``pin`` (on another net), ``open`` (a
            net of ``a`` is two in ``b``), ``short`` (two nets of ``a`` are one in ``b``),
            ``port``, ``reference``, ``model`` or ``size``.
        message: The difference, in one sentence.
        a: Names of the devices and nets of the first circuit concerned.
        b: Names of the devices and nets of the second circuit concerned.
        a_span: The card in the first circuit, where there is one.
        b_span: The card in the second circuit, where there is one.
    """

    kind: str
    message: str
    a: tuple[str, ...] = ()
    b: tuple[str, ...] = ()
    a_span: Span | None = None
    b_span: Span | None = None

    def __str__(self) -> str:
        """Return the message."""
        return self.message


@dataclass(frozen=True)
class Sides:
    """Two flat circuits and their graphs."""

    a: Circuit
    b: Circuit
    graph_a: CircuitGraph
    graph_b: CircuitGraph

    @property
    def num_nodes(self) -> int:
        """Devices and nets of both circuits together."""
        graphs = (self.graph_a, self.graph_b)
        return sum(graph.num_devices + graph.num_nets for graph in graphs)

    @cached_property
    def same_ports(self) -> bool:
        """Whether both circuits have ports of the same names."""
        ports_a = {port.lower() for port in self.a.ports}
        return ports_a == {port.lower() for port in self.b.ports}


@dataclass(frozen=True, slots=True)
class _MovedPin:
    device_a: int
    device_b: int
    role: str
    net_a: int
    net_b: int


def differences(sides: Sides, pairing: Pairing, *, sizes: bool = False) -> list[Difference]:
    """Return what differs under a pairing; nothing if and only if it is an isomorphism."""
    moved, found = _pins(sides, pairing)
    return [
        *_devices(sides, pairing),
        *found,
        *_nets(sides, pairing, moved),
        *_ports(sides, pairing),
        *_references(sides, pairing),
        *(_sizes(sides, pairing) if sizes else ()),
    ]


def _devices(sides: Sides, pairing: Pairing) -> Iterator[Difference]:
    a, b = sides.graph_a, sides.graph_b
    for at in np.flatnonzero(pairing.device < 0).tolist():
        name, text = a.device_names[at], _described(sides.a, a, at)
        message = f"{text} of the first circuit has no counterpart"
        yield Difference("device", message, a=(name,), a_span=sides.a.devices[at].span)
    only_b = np.ones(b.num_devices, dtype=np.bool_)
    only_b[pairing.device[pairing.device >= 0]] = False
    for at in np.flatnonzero(only_b).tolist():
        name, text = b.device_names[at], _described(sides.b, b, at)
        message = f"{text} of the second circuit has no counterpart"
        yield Difference("device", message, b=(name,), b_span=sides.b.devices[at].span)
    both = np.flatnonzero(pairing.device >= 0)
    others = pairing.device[both]
    for one, other in zip(both.tolist(), others.tolist(), strict=True):
        type_a, type_b = (int(g.device_type[at]) for g, at in ((a, one), (b, other)))
        black_box = DEVICE_TYPES[type_a] in ("subcircuit", "xspice", "osdi")
        renamed = black_box and a.device_model[one].lower() != b.device_model[other].lower()
        if type_a == type_b and not renamed:
            continue
        is_a = a.device_model[one] if renamed else DEVICE_TYPES[type_a]
        is_b = b.device_model[other] if renamed else DEVICE_TYPES[type_b]
        name = _both_names(a.device_names[one], b.device_names[other])
        message = f"{name} is {_an(is_a)} in the first circuit, {_an(is_b)} in the second"
        yield _of_devices("type", message, sides, one, other)


def _described(circuit: Circuit, graph: CircuitGraph, at: int) -> str:
    name = graph.device_names[at]
    nets = " ".join(circuit.devices[at].nets)
    kind = DEVICE_TYPES[graph.device_type[at]]
    return f"{kind} {name} ({nets})" if nets else f"{kind} {name}"


def _an(noun: str) -> str:
    # Said aloud, nmos begins with a vowel.
    vowel = noun[:1].lower() in tuple("aeiou") or noun in ("nmos", "npn", "njf", "nmf", "xspice")
    return f"an {noun}" if vowel else f"a {noun}"


def _both_names(name_a: str, name_b: str) -> str:
    return name_a if name_a.lower() == name_b.lower() else f"{name_a} ({name_b} in the second)"


def _of_devices(kind: str, message: str, sides: Sides, one: int, other: int) -> Difference:
    return Difference(
        kind,
        message,
        a=(sides.graph_a.device_names[one],),
        b=(sides.graph_b.device_names[other],),
        a_span=sides.a.devices[one].span,
        b_span=sides.b.devices[other].span,
    )


def _pins(sides: Sides, pairing: Pairing) -> tuple[list[_MovedPin], list[Difference]]:
    """Return the pins that are on other nets, and the pins that only one device has."""
    a, b = sides.graph_a, sides.graph_b
    labels_a, labels_b = pin_labels(a, symmetric=True), pin_labels(b, symmetric=True)
    mapped = np.where(pairing.net[a.edge_net] >= 0, pairing.net[a.edge_net] + 1, 0)
    seen_a = _pin_sums(labels_a, mapped, a)
    seen_b = _pin_sums(labels_b, b.edge_net.astype(np.int64) + 1, b)
    both = np.flatnonzero(pairing.device >= 0)
    differ = both[seen_a[both] != seen_b[pairing.device[both]]]
    moved: list[_MovedPin] = []
    found: list[Difference] = []
    for one in differ.tolist():
        other = int(pairing.device[one])
        pins_a, pins_b = _pins_of(a, one), _pins_of(b, other)
        # Of interchangeable pins, first take away those that agree.
        wanted = Counter((int(labels_b[pin]), int(b.edge_net[pin])) for pin in pins_b)
        left_a: dict[str, list[int]] = defaultdict(list)
        for pin in pins_a:
            key = int(labels_a[pin]), int(pairing.net[a.edge_net[pin]])
            if wanted[key] > 0:
                wanted[key] -= 1
            else:
                left_a[_role_key(a, pin)].append(pin)
        left_b: dict[str, list[int]] = defaultdict(list)
        for pin in reversed(pins_b):
            key = int(labels_b[pin]), int(b.edge_net[pin])
            if wanted[key] > 0:
                wanted[key] -= 1
                left_b[_role_key(b, pin)].insert(0, pin)
        for role in sorted(left_a.keys() | left_b.keys()):
            for pin_a, pin_b in zip(left_a[role], left_b[role], strict=False):
                name = a.role_names[a.edge_role[pin_a]]
                nets = int(a.edge_net[pin_a]), int(b.edge_net[pin_b])
                if pairing.net[nets[0]] == nets[1]:
                    continue  # only the type of the device differs, which is said elsewhere
                moved.append(_MovedPin(one, other, name, *nets))
            if len(left_a[role]) != len(left_b[role]):
                name = _both_names(a.device_names[one], b.device_names[other])
                message = f"{name} has other pins in the second circuit"
                found.append(_of_devices("pin", message, sides, one, other))
                break
    moved.sort(key=lambda pin: (pin.device_a, pin.role))
    return moved, found


def _role_key(graph: CircuitGraph, pin: int) -> str:
    """Return what pins of both devices must share to be one pin, whatever the type."""
    name: str = graph.role_names[graph.edge_role[pin]].lower()
    return _EXCHANGED.get(name, name)


def _pin_sums(
    labels: NDArray[np.uint64], nets: NDArray[np.int64], graph: CircuitGraph
) -> NDArray[np.uint64]:
    """Return uint64 [devices]: a number for the set of (role, net) of each device."""
    values = mix(labels + mix(nets.astype(np.uint64)))
    total = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(values, dtype=np.uint64)])
    ends = np.cumsum(np.bincount(graph.edge_device, minlength=graph.num_devices))
    starts = np.concatenate([np.zeros(1, dtype=np.int64), ends[:-1]])[: graph.num_devices]
    sums: NDArray[np.uint64] = total[ends] - total[starts]
    return sums


def _pins_of(graph: CircuitGraph, device: int) -> list[int]:
    start, end = np.searchsorted(graph.edge_device, [device, device + 1]).tolist()
    return list(range(start, end))


def _nets(sides: Sides, pairing: Pairing, moved: list[_MovedPin]) -> Iterator[Difference]:
    """Yield opens, shorts and single moved pins."""
    back = np.full(sides.graph_b.num_nets, -1, dtype=np.int64)
    paired = np.flatnonzero(pairing.net >= 0)
    back[pairing.net[paired]] = paired
    groups: dict[tuple[int, int], list[_MovedPin]] = defaultdict(list)
    for pin in moved:
        groups[pin.net_a, pin.net_b].append(pin)
    for (net_a, net_b), pins in groups.items():
        opened = back[net_b] < 0 and pairing.net[net_a] >= 0
        shorted = back[net_b] >= 0 and pairing.net[net_a] < 0
        if len(pins) > 1 and (opened or shorted):
            yield _open_or_short(sides, pairing, back, pins, opened=bool(opened))
        else:
            for pin in pins:
                yield _moved_pin(sides, back, pin)


def _open_or_short(
    sides: Sides,
    pairing: Pairing,
    back: NDArray[np.int64],
    pins: Sequence[_MovedPin],
    *,
    opened: bool,
) -> Difference:
    a, b = sides.graph_a, sides.graph_b
    first, name_a, name_b = pins[0], a.net_names[pins[0].net_a], b.net_names[pins[0].net_b]
    listed = [f"{a.device_names[pin.device_a]}.{pin.role}" for pin in pins[:_SHOWN_PINS]]
    more = f" and {len(pins) - _SHOWN_PINS} more" if len(pins) > _SHOWN_PINS else ""
    where = ", ".join(listed) + more
    if opened:
        other = b.net_names[pairing.net[first.net_a]]
        message = (
            f"net {name_a} of the first circuit is two nets in the second, {other} and {name_b}; "
            f"on {name_b}: {where}"
        )
        names_a: tuple[str, ...] = (name_a,)
        names_b: tuple[str, ...] = (other, name_b)
    else:
        other = a.net_names[back[first.net_b]]
        message = (
            f"nets {other} and {name_a} of the first circuit are one net in the second, {name_b}; "
            f"from {name_a}: {where}"
        )
        names_a, names_b = (other, name_a), (name_b,)
    return Difference(
        "open" if opened else "short",
        message,
        a=names_a,
        b=names_b,
        a_span=sides.a.devices[first.device_a].span,
        b_span=sides.b.devices[first.device_b].span,
    )


def _moved_pin(sides: Sides, back: NDArray[np.int64], pin: _MovedPin) -> Difference:
    a, b = sides.graph_a, sides.graph_b
    name = _both_names(a.device_names[pin.device_a], b.device_names[pin.device_b])
    net_a, net_b = a.net_names[pin.net_a], b.net_names[pin.net_b]
    counterpart = int(back[pin.net_b])
    if counterpart < 0:
        known = ", which the first does not have"
    elif a.net_names[counterpart].lower() != net_b.lower():
        known = f", the first's {a.net_names[counterpart]}"
    else:
        known = ""
    return Difference(
        "pin",
        f"pin {pin.role} of {name} is on net {net_a} in the first circuit, "
        f"on net {net_b} in the second{known}",
        a=(a.device_names[pin.device_a], net_a),
        b=(b.device_names[pin.device_b], net_b),
        a_span=sides.a.devices[pin.device_a].span,
        b_span=sides.b.devices[pin.device_b].span,
    )


def _ports(sides: Sides, pairing: Pairing) -> Iterator[Difference]:
    a, b = sides.graph_a, sides.graph_b
    ports_b = set(np.flatnonzero(b.net_is_port).tolist())
    names_b = {b.net_names[at].lower() for at in ports_b}
    for at in np.flatnonzero(a.net_is_port).tolist():
        other = int(pairing.net[at])
        ports_b.discard(other)
        name = a.net_names[at]
        if other >= 0 and b.net_is_port[other]:
            renamed = name.lower() != b.net_names[other].lower()
            if renamed and sides.same_ports:
                message = f"port {name} of the first circuit is port {b.net_names[other]} of the "
                message += "second"
                yield Difference("port", message, a=(name,), b=(b.net_names[other],))
        elif a.net_degree[at] or name.lower() not in names_b:
            message = f"port {name} of the first circuit is no port of the second"
            yield Difference("port", message, a=(name,))
    mapped_ports = {a.net_names[at].lower() for at in np.flatnonzero(a.net_is_port).tolist()}
    for at in sorted(ports_b):
        name = b.net_names[at]
        if b.net_degree[at] or name.lower() not in mapped_ports:
            message = f"port {name} of the second circuit is no port of the first"
            yield Difference("port", message, b=(name,))


def _references(sides: Sides, pairing: Pairing) -> Iterator[Difference]:
    a, b = sides.graph_a, sides.graph_b
    targets_b: dict[int, Counter[int]] = defaultdict(Counter)
    for one, other in zip(b.reference_device.tolist(), b.reference_target.tolist(), strict=True):
        targets_b[one][other] += 1
    targets_a: dict[int, list[int]] = defaultdict(list)
    for one, other in zip(a.reference_device.tolist(), a.reference_target.tolist(), strict=True):
        targets_a[one].append(other)
    back = {int(other): one for one, other in enumerate(pairing.device.tolist()) if other >= 0}
    wanted = {back[other]: other for other in targets_b if other in back}
    for one in sorted(targets_a.keys() | wanted.keys()):
        other = int(pairing.device[one])
        if other < 0:
            continue
        mapped = Counter(int(pairing.device[target]) for target in targets_a.get(one, ()))
        if mapped == targets_b.get(other, Counter()):
            continue
        names_a = " and ".join(a.device_names[at] for at in targets_a.get(one, ())) or "nothing"
        names_b = " and ".join(b.device_names[at] for at in targets_b.get(other, ())) or "nothing"
        name = _both_names(a.device_names[one], b.device_names[other])
        message = f"{name} refers to {names_a} in the first circuit, to {names_b} in the second"
        yield _of_devices("reference", message, sides, one, other)


def _sizes(sides: Sides, pairing: Pairing) -> Iterator[Difference]:
    for one, other in enumerate(pairing.device.tolist()):
        if other < 0:
            continue
        device_a, device_b = sides.a.devices[one], sides.b.devices[other]
        name = _both_names(device_a.name, device_b.name)
        if device_a.model.lower() != device_b.model.lower():
            message = (
                f"{name} has model {device_a.model or 'none'} in the first circuit, "
                f"{device_b.model or 'none'} in the second"
            )
            yield _of_devices("model", message, sides, one, other)
        for key in sorted(device_a.parameters.keys() | device_b.parameters.keys()):
            value_a, value_b = parameter(device_a, key), parameter(device_b, key)
            if not same_value(value_a, value_b):
                message = (
                    f"{key} of {name} is {shown(value_a)} in the first circuit, "
                    f"{shown(value_b)} in the second"
                )
                yield _of_devices("size", message, sides, one, other)
