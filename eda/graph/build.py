"""From a circuit to its graph arrays: `circuit_graph`."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from eda.circuit import ROLES
from eda.graph.circuit_graph import DEVICE_TYPES, NET_CLASSES, CircuitGraph
from eda.graph.net_classes import classify_nets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eda.circuit import Circuit, Device

_TYPE_INDEX = {name: index for index, name in enumerate(DEVICE_TYPES)}
_POLAR_TYPES = {
    ("bipolar", "n"): "npn",
    ("bipolar", "p"): "pnp",
    ("mosfet", "n"): "nmos",
    ("mosfet", "p"): "pmos",
    ("jfet", "n"): "njf",
    ("jfet", "p"): "pjf",
    ("mesfet", "n"): "nmf",
    ("mesfet", "p"): "pmf",
}
_MAX_ROLES = np.iinfo(np.int16).max
_PORT_ROLE = ROLES.index("port")


def circuit_graph(circuit: Circuit, *, classify: bool = True) -> CircuitGraph:
    """Return the graph of a circuit; a hierarchical circuit is flattened first.

    An instance whose subcircuit is not defined stays one device, a black box, with the port
    names (or numbers) that the reader gave its pins. A mutual inductance is a device without
    pins.

    Args:
        circuit: Flat or hierarchical.
        classify: Whether to work out what each net is for; if not, every net that is not a
            port is ``internal``.

    Example:
        >>> from eda.circuit import Circuit, Device
        >>> r1 = Device("R1", "resistor", ("p", "n"), ("in", "out"))
        >>> graph = circuit_graph(Circuit(devices=(r1,)))
        >>> graph.net_names, graph.edge_net.tolist()
        (('in', 'out'), [0, 1])
    """
    if needs_flattening(circuit):
        circuit = circuit.flatten()
    devices = circuit.devices
    net_names, edge_net = _nets(circuit.ports, devices)
    edge_device, edge_role, role_names = _pins(devices)
    net_is_port = np.zeros(len(net_names), dtype=np.bool_)
    net_is_port[: len({port.lower() for port in circuit.ports})] = True
    net_class = np.where(
        net_is_port, NET_CLASSES.index("port"), NET_CLASSES.index("internal")
    ).astype(np.int8)
    device_type = _device_types(devices)
    reference_device, reference_target = _references(devices)
    graph = CircuitGraph(
        device_names=tuple([device.name for device in devices]),
        net_names=net_names,
        device_type=device_type,
        net_class=net_class,
        net_is_port=net_is_port,
        edge_device=edge_device,
        edge_net=edge_net,
        edge_role=edge_role,
        role_names=role_names,
        device_model=tuple([device.model for device in devices]),
        reference_device=reference_device,
        reference_target=reference_target,
    )
    if classify:
        # The array is ours until we return it, so it may still be filled in place.
        net_class[:] = classify_nets(circuit, graph)
    return graph


def needs_flattening(circuit: Circuit) -> bool:
    """Return whether the circuit instantiates, or is nothing but, its own subcircuits."""
    defined = circuit.subcircuits
    if not defined:
        return False
    return not circuit.devices or any(
        device.kind == "subcircuit" and device.model.lower() in defined
        for device in circuit.devices
    )


def _nets(
    ports: Sequence[str], devices: Sequence[Device]
) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Return the net names and, for every pin, the index of its net.

    Names are the same net whatever their case, and keep their first spelling.
    """
    flat = list(chain.from_iterable([device.nets for device in devices]))
    spelled = list(dict.fromkeys(chain(ports, flat)))
    keys = [name.lower() for name in spelled]
    first = dict.fromkeys(keys)
    if len(first) == len(spelled):
        names = spelled
        index = dict(zip(spelled, range(len(spelled)), strict=True))
    else:
        number = dict(zip(first, range(len(first)), strict=True))
        index = {name: number[key] for name, key in zip(spelled, keys, strict=True)}
        spelling = dict(zip(reversed(keys), reversed(spelled), strict=True))
        names = [spelling[key] for key in first]
    edge_net = np.fromiter(map(index.__getitem__, flat), dtype=np.int32, count=len(flat))
    return tuple(names), edge_net


def _pins(
    devices: Sequence[Device],
) -> tuple[NDArray[np.int32], NDArray[np.int16], tuple[str, ...]]:
    """Return the device and the role of every pin, and the names of the roles.

    Few tuples of roles are shared by all devices, so each is looked at once.
    """
    patterns: dict[tuple[str, ...], int] = {}
    pattern_of = np.fromiter(
        (patterns.setdefault(device.roles, len(patterns)) for device in devices),
        dtype=np.int32,
        count=len(devices),
    )
    role_index = {name: index for index, name in enumerate(ROLES)}
    flat_roles: list[int] = []
    starts: list[int] = []
    for roles in patterns:
        starts.append(len(flat_roles))
        for role in roles:
            at = role_index.get(role)
            if at is None:
                at = len(role_index) if len(role_index) < _MAX_ROLES else _PORT_ROLE
                role_index[role] = at
            flat_roles.append(at)
    pattern_sizes = np.array([len(roles) for roles in patterns], dtype=np.int64)
    sizes = pattern_sizes[pattern_of] if len(devices) else np.zeros(0, dtype=np.int64)
    net_counts = np.fromiter(
        (len(device.nets) for device in devices), dtype=np.int64, count=len(devices)
    )
    wrong = np.flatnonzero(sizes != net_counts)
    if len(wrong):
        device = devices[wrong[0]]
        raise ValueError(
            f"device {device.name} has {len(device.nets)} nets for {len(device.roles)} roles"
        )
    edge_device = np.repeat(np.arange(len(devices), dtype=np.int32), sizes)
    total = len(edge_device)
    within = np.arange(total, dtype=np.int64) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    pattern_starts = np.array(starts, dtype=np.int64)
    table = np.array(flat_roles, dtype=np.int16)
    edge_role = (
        table[np.repeat(pattern_starts[pattern_of], sizes) + within]
        if total
        else np.zeros(0, dtype=np.int16)
    )
    names = [""] * (max(role_index.values()) + 1)
    for name, at in role_index.items():
        names[at] = names[at] or name
    return edge_device, edge_role, tuple(names)


def _references(devices: Sequence[Device]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the pairs of device and device it refers to; names of no device are left out."""
    referring = [at for at, device in enumerate(devices) if device.references]
    pairs: list[tuple[int, int]] = []
    if referring:
        table: dict[str, int] = {}
        for at, device in enumerate(devices):
            table.setdefault(device.name.lower(), at)
        for at in referring:
            targets = [table.get(name.lower()) for name in devices[at].references]
            pairs += [(at, target) for target in targets if target is not None]
    array = np.array(pairs, dtype=np.int32).reshape(-1, 2)
    return array[:, 0].copy(), array[:, 1].copy()


def _device_types(devices: Sequence[Device]) -> NDArray[np.int8]:
    # A dictionary that fills itself: each pair of kind and polarity is worked out once.
    table = _TypeTable()
    return np.fromiter(
        map(table.__getitem__, [(device.kind, device.polarity) for device in devices]),
        dtype=np.int8,
        count=len(devices),
    )


class _TypeTable(dict[tuple[str, str], int]):
    def __missing__(self, key: tuple[str, str]) -> int:
        kind, polarity = key
        found = _TYPE_INDEX.get(_POLAR_TYPES.get((kind, polarity), kind))
        if found is None:
            raise ValueError(f"no device kind {kind!r}; see eda.circuit.KINDS")
        self[key] = found
        return found
