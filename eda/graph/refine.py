"""Colour refinement: labels that equal nodes of equal circuits share, whatever their names.

A circuit is seen as one graph of devices and nets with labelled edges. Every node starts with
a colour that says what it is; in each round it takes in the colours of its neighbours. Nodes
with different colours cannot stand for each other. (Nodes with equal colours mostly can, but
not always: six capacitors in a ring look like two rings of three.)

Colours are 64-bit hashes made from the graph alone, so they are equal from run to run and from
graph to graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Literal

import numpy as np

from eda.circuit import GROUND, KINDS
from eda.graph.circuit_graph import DEVICE_TYPES, KIND_OF_TYPE, NET_CLASSES, CircuitGraph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Ports = Literal["named", "classes", "rails"]
"""What is kept of the nets' names: port names, port and rail classes, or only which are rails."""

MAX_ROUNDS = 100
"""Rounds after which refinement stops even if colours still split (very long chains)."""

_NAMED_TYPES = frozenset(DEVICE_TYPES.index(name) for name in ("subcircuit", "xspice", "osdi"))
_RAILS = tuple(NET_CLASSES.index(name) for name in ("ground", "supply", "negative_supply"))
_GROUND = NET_CLASSES.index("ground")


@dataclass(frozen=True)
class ColouredGraph:
    """A circuit as one graph: nodes are the devices, then the nets.

    Attributes:
        initial: uint64 [nodes], the colour a node starts with.
        edge_from: int64 [edges], sorted: each pin is two edges, one each way.
        edge_to: int64 [edges].
        edge_label: uint64 [edges], odd, for the role of the pin.
        row_start: int64 [nodes + 1], where the edges of each node start.
        num_devices: How many of the nodes are devices.
    """

    initial: NDArray[np.uint64]
    edge_from: NDArray[np.int64]
    edge_to: NDArray[np.int64]
    edge_label: NDArray[np.uint64]
    row_start: NDArray[np.int64]
    num_devices: int

    @property
    def num_nodes(self) -> int:
        """Number of devices and nets."""
        return len(self.initial)


@lru_cache(maxsize=65536)
def text_hash(text: str) -> int:
    """Return 64 bits that stand for a text, the same in every process."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return values whose bits all depend on all bits of the ones given."""
    values = values ^ (values >> np.uint64(30))
    values = values * np.uint64(0xBF58476D1CE4E5B9)
    values = values ^ (values >> np.uint64(27))
    values = values * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def coloured_graph(
    graph: CircuitGraph, *, symmetric: bool = True, ports: Ports = "named", models: bool = False
) -> ColouredGraph:
    """Return the graph to refine.

    Args:
        graph: The circuit.
        symmetric: Whether drain and source, and the two ends of a passive, are the same.
        ports: What is kept of the names of nets. Ground always counts.
        models: Whether devices with different model names differ. Black boxes always do.
    """
    devices = graph.num_devices
    initial = np.concatenate(
        [_device_colours(graph, models=models), _net_colours(graph, ports=ports)]
    )
    label = pin_labels(graph, symmetric=symmetric)
    refers = np.full(len(graph.reference_device), text_hash("refers to") | 1, dtype=np.uint64)
    referred = np.full(len(graph.reference_device), text_hash("referred by") | 1, dtype=np.uint64)
    device, net = graph.edge_device.astype(np.int64), graph.edge_net.astype(np.int64) + devices
    source = graph.reference_device.astype(np.int64)
    target = graph.reference_target.astype(np.int64)
    edge_from = np.concatenate([device, net, source, target])
    edge_to = np.concatenate([net, device, target, source])
    edge_label = np.concatenate([label, label, refers, referred])
    order = np.argsort(edge_from, kind="stable")
    counts = np.bincount(edge_from, minlength=len(initial))
    return ColouredGraph(
        initial=initial,
        edge_from=edge_from[order],
        edge_to=edge_to[order],
        edge_label=edge_label[order],
        row_start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        num_devices=devices,
    )


def neighbour_sums(graph: ColouredGraph, colours: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return uint64 [nodes]: what a node sees of its neighbours, in any order."""
    seen = colours[graph.edge_to] * graph.edge_label
    # Sums from the running total: no node is special for having no edges. Overflow wraps,
    # which sums and differences of unsigned numbers survive.
    total = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(seen, dtype=np.uint64)])
    sums: NDArray[np.uint64] = total[graph.row_start[1:]] - total[graph.row_start[:-1]]
    return sums


def refine(graph: ColouredGraph, *, rounds: int = MAX_ROUNDS) -> NDArray[np.uint64]:
    """Return the colours, uint64 [nodes], when no round splits any colour further."""
    colours = mix(graph.initial)
    count = len(np.unique(colours))
    for _ in range(rounds):
        finer = next_round(graph, colours)
        finer_count = len(np.unique(finer))
        # The last round splits nothing, and yet it counts: it holds how the colours are joined.
        colours, previous, count = finer, count, finer_count
        if count == previous:
            break
    return colours


def next_round(graph: ColouredGraph, colours: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the colours after every node has taken in those of its neighbours once."""
    own = colours * np.uint64(0x9E3779B97F4A7C15) + np.uint64(1)
    return mix(own + neighbour_sums(graph, colours))


def _device_colours(graph: CircuitGraph, *, models: bool) -> NDArray[np.uint64]:
    table = np.array([text_hash(f"device {name}") for name in DEVICE_TYPES], dtype=np.uint64)
    colours = table[graph.device_type]
    if models:
        named: Sequence[int] = range(graph.num_devices)
    else:
        named = np.flatnonzero(np.isin(graph.device_type, list(_NAMED_TYPES))).tolist()
    if named:
        extra = np.zeros(graph.num_devices, dtype=np.uint64)
        extra[named] = np.array(
            [text_hash(f"model {graph.device_model[at].lower()}") for at in named],
            dtype=np.uint64,
        )
        colours = mix(colours) + extra
    return colours


def _net_colours(graph: CircuitGraph, *, ports: Ports) -> NDArray[np.uint64]:
    classes = graph.net_class
    table = np.array([text_hash(f"net {name}") for name in NET_CLASSES], dtype=np.uint64)
    plain = np.uint64(text_hash("net internal"))
    if ports == "named":
        colours = np.full(graph.num_nets, plain, dtype=np.uint64)
        for at in np.flatnonzero(graph.net_is_port).tolist():
            colours[at] = text_hash(f"port {graph.net_names[at].lower()}")
        if GROUND in graph.net_names:
            colours[graph.net_names.index(GROUND)] = table[_GROUND]
        return colours
    kept = np.isin(classes, _RAILS)
    if ports == "classes":
        kept |= graph.net_is_port
    return np.where(kept, table[classes], plain)


def pin_labels(graph: CircuitGraph, *, symmetric: bool) -> NDArray[np.uint64]:
    """Return uint64 [pins], odd: a number for the role of the pin."""
    roles = len(graph.role_names)
    code = graph.device_type[graph.edge_device].astype(np.int64) * roles + graph.edge_role
    codes, inverse = np.unique(code, return_inverse=True)
    labels = np.empty(len(codes), dtype=np.uint64)
    for at, value in enumerate(codes.tolist()):
        role = graph.role_names[value % roles].lower()
        swappable = KINDS[KIND_OF_TYPE[DEVICE_TYPES[value // roles]]].swappable
        text = "+".join(swappable) if symmetric and role in swappable else role
        labels[at] = text_hash(f"role {text}") | 1
    return labels[inverse]
