"""Sample: a circuit graph boiled down to the few small arrays the model looks at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eda.graph.circuit_graph import DEVICE_TYPES
from eda.links.vocabulary import BULKS, net_roles, pin_kind

if TYPE_CHECKING:
    from eda.graph.circuit_graph import CircuitGraph


@dataclass(frozen=True)
class Sample:
    """A circuit as the model sees it. No names: nets and devices are only what they touch.

    Attributes:
        device_type: int8 [devices], index into ``eda.graph.circuit_graph.DEVICE_TYPES``.
        net_role: int8 [nets], index into ``NET_ROLES``.
        net_role_by_name: int8 [nets], the same with only names taken into account; it is what
            is known of a net when the pin that gave it its role is hidden.
        net_is_port: bool [nets].
        edge_device: int32 [pins], ascending.
        edge_net: int32 [pins].
        edge_kind: int16 [pins], index into ``PIN_KINDS``.
        name: For reports.
    """

    device_type: NDArray[np.int8]
    net_role: NDArray[np.int8]
    net_role_by_name: NDArray[np.int8]
    net_is_port: NDArray[np.bool_]
    edge_device: NDArray[np.int32]
    edge_net: NDArray[np.int32]
    edge_kind: NDArray[np.int16]
    name: str = ""

    @property
    def num_nets(self) -> int:
        """Number of nets."""
        return len(self.net_role)

    @property
    def num_devices(self) -> int:
        """Number of devices."""
        return len(self.device_type)

    @cached_property
    def net_degree(self) -> NDArray[np.int64]:
        """int64 [nets], pins on each net."""
        return np.bincount(self.edge_net, minlength=self.num_nets)

    @cached_property
    def is_bulk(self) -> NDArray[np.bool_]:
        """Whether each pin is the bulk of a MOS transistor: bool [pins]."""
        return np.isin(self.edge_kind, BULKS)

    def queries(self) -> NDArray[np.int64]:
        """Return the pins that protocol P1 hides: no bulks, none whose net would be empty."""
        return np.flatnonzero(~self.is_bulk & (self.net_degree[self.edge_net] > 1))


def make_sample(graph: CircuitGraph, *, name: str = "") -> Sample:
    """Return the sample of a circuit graph."""
    from eda.graph.circuit_graph import NET_CLASSES

    pairs = graph.device_type[graph.edge_device].astype(np.int64) * len(graph.role_names)
    codes, inverse = np.unique(pairs + graph.edge_role, return_inverse=True)
    kinds = [
        pin_kind(
            DEVICE_TYPES[code // len(graph.role_names)],
            graph.role_names[code % len(graph.role_names)],
        )
        for code in codes.tolist()
    ]
    by_name = classes_by_name(graph, NET_CLASSES)
    return Sample(
        device_type=graph.device_type,
        net_role=net_roles(graph.net_class),
        net_role_by_name=net_roles(by_name),
        net_is_port=graph.net_is_port,
        edge_device=graph.edge_device,
        edge_net=graph.edge_net,
        edge_kind=np.array(kinds, dtype=np.int16)[inverse.reshape(-1)],
        name=name,
    )


def classes_by_name(graph: CircuitGraph, classes: tuple[str, ...]) -> NDArray[np.int8]:
    """Return int8 [nets], the class of each net as its name alone has it.

    Only nets that have a class need a look: names are what gives most of them theirs.
    """
    from eda.graph.net_classes import name_class

    result = graph.net_class.copy()
    for net in np.flatnonzero(result != classes.index("internal")).tolist():
        name = graph.net_names[net]
        found = name_class(name, port=bool(graph.net_is_port[net])) if "." not in name else ""
        result[net] = classes.index(found or "internal")
    return result


def without_pins(sample: Sample, drop: NDArray[np.bool_]) -> Sample:
    """Return the sample without some of its pins; devices and nets stay."""
    keep = ~drop
    return replace(
        sample,
        edge_device=sample.edge_device[keep],
        edge_net=sample.edge_net[keep],
        edge_kind=sample.edge_kind[keep],
    )


def set_apart(sample: Sample, pins: NDArray[np.integer]) -> Sample:
    """Return the sample with each of these pins on a new net of its own."""
    edge_net = sample.edge_net.copy()
    edge_net[pins] = np.arange(sample.num_nets, sample.num_nets + len(pins), dtype=np.int32)
    added = np.zeros(len(pins), dtype=np.int8)
    return replace(
        sample,
        edge_net=edge_net,
        net_role=np.concatenate((sample.net_role, added)),
        net_role_by_name=np.concatenate((sample.net_role_by_name, added)),
        net_is_port=np.concatenate((sample.net_is_port, added.astype(np.bool_))),
    )
