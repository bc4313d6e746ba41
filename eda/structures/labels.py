"""Structure labels: which blocks each device and net is part of, as arrays for models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.structures.catalogue import PATTERNS
from eda.structures.chains import CHAIN_RULES
from eda.structures.search import search

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from eda.graph import CircuitGraph

STRUCTURE_KINDS: Final[tuple[str, ...]] = tuple(
    sorted({rule.partition("/")[0] for rule in (*PATTERNS, *CHAIN_RULES)})
)
"""Every kind of structure; the columns of `StructureLabels.devices` and `.nets`."""


@dataclass(frozen=True)
class StructureLabels:
    """Labels of all devices and nets of a graph.

    Attributes:
        devices: bool [devices, kinds], whether the device is part of a structure of each of
            ``STRUCTURE_KINDS``.
        nets: bool [nets, kinds], likewise for nets; rails are left out.
        device_label: int16 [devices], the most specific kind, or -1 for none.
        net_label: int16 [nets], likewise.
    """

    devices: NDArray[np.bool_]
    nets: NDArray[np.bool_]
    device_label: NDArray[np.int16]
    net_label: NDArray[np.int16]


def structure_labels(graph: CircuitGraph) -> StructureLabels:
    """Return which kinds of structures each device and net is part of.

    Example:
        >>> from eda.circuit import Circuit, Device
        >>> from eda.graph import circuit_graph
        >>> roles = ("d", "g", "s", "b")
        >>> inverter = Circuit(devices=(
        ...     Device("MN", "mosfet", roles, ("y", "a", "vss", "vss"), polarity="n"),
        ...     Device("MP", "mosfet", roles, ("y", "a", "vdd", "vdd"), polarity="p"),
        ... ))
        >>> labels = structure_labels(circuit_graph(inverter))
        >>> [STRUCTURE_KINDS[at] for at in labels.device_label.tolist()]
        ['inverter', 'inverter']
    """
    found = search(graph)
    kind_of = {name: at for at, name in enumerate(STRUCTURE_KINDS)}
    device_pairs: list[tuple[int, int]] = []
    net_pairs: list[tuple[int, int]] = []
    members = found.units.members
    for item in found.items:
        kind = kind_of[item.rule.partition("/")[0]]
        for _, unit in item.devices:
            device_pairs += [(at, kind) for at in members.get(unit, (unit,))]
        net_pairs += [(at, kind) for _, at in item.nets]
    rail = found.facts["rail"][0]
    net_pairs = [pair for pair in net_pairs if not rail[pair[0]]]
    devices, device_label = _table(device_pairs, graph.num_devices)
    nets, net_label = _table(net_pairs, graph.num_nets)
    return StructureLabels(devices, nets, device_label, net_label)


def _table(
    pairs: Iterable[tuple[int, int]], count: int
) -> tuple[NDArray[np.bool_], NDArray[np.int16]]:
    """Return the table of all labels, and the first label of each row."""
    table = np.zeros((count, len(STRUCTURE_KINDS)), dtype=np.bool_)
    label = np.full(count, -1, dtype=np.int16)
    array = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
    table[array[:, 0], array[:, 1]] = True
    # Written from the least specific to the most, so that the most specific stays.
    label[array[::-1, 0]] = array[::-1, 1]
    return table, label
