"""SEAL, the reference baseline: the graph of ports, enclosing subgraphs, DRNL labels.

SEAL (Zhang and Chen, Link prediction based on graph neural networks, 2018) looks at every
candidate link by itself: the nodes within some hops of either end, each labelled by its distances
to the two ends (double-radius node labelling). As in GNN-ACLP the ports of devices are nodes, so
that a network without edge types can tell a gate from a drain: device - port - net. Two hops of
the device-net graph are four hops here. `eda.bench.seal_network` is the network on top.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from eda.links.features import HUB_DEGREE
from eda.links.vocabulary import NET_ROLES, NUM_DEVICE_TYPES, PIN_KINDS, RAILS

if TYPE_CHECKING:
    from eda.links.sample import Sample

HOPS: Final = 4
"""Steps along device - port - net: two hops of the device-net graph."""
MAX_LABEL: Final = 63
NUM_TYPES: Final = NUM_DEVICE_TYPES + len(PIN_KINDS) + 2 * len(NET_ROLES)


@dataclass(frozen=True)
class PortGraph:
    """A circuit as a graph of devices, ports and nets, in that order.

    Attributes:
        node_type: int64 [nodes]: type of the device, kind of the port, or role of the net
            (twice: whether it is a port of the circuit).
        start: int64 [nodes + 1], where the neighbours of each node begin.
        neighbour: int64 [2 * edges].
        expands: bool [nodes], whether a subgraph goes on beyond the node.
        first_port: Number of the first port node.
        first_net: Number of the first net node.
    """

    node_type: NDArray[np.int64]
    start: NDArray[np.int64]
    neighbour: NDArray[np.int64]
    expands: NDArray[np.bool_]
    first_port: int
    first_net: int


@dataclass(frozen=True)
class Enclosed:
    """An enclosing subgraph; its first two nodes are the two ends of the candidate link.

    Attributes:
        node_type: int64 [nodes].
        label: int64 [nodes], DRNL, from 0 (out of reach of an end) to `MAX_LABEL`.
        edges: int64 [2, directed edges].
    """

    node_type: NDArray[np.int64]
    label: NDArray[np.int64]
    edges: NDArray[np.int64]


def port_graph(sample: Sample, *, hub_cut: bool) -> PortGraph:
    """Return the graph of a circuit.

    Args:
        sample: The circuit.
        hub_cut: Whether rails and nets of more than 64 pins end a subgraph.
    """
    devices, pins, nets = sample.num_devices, len(sample.edge_net), sample.num_nets
    port = devices + np.arange(pins)
    ends = np.concatenate((sample.edge_device, sample.edge_net + devices + pins))
    both = np.concatenate((np.tile(port, 2), ends)), np.concatenate((ends, np.tile(port, 2)))
    order = np.argsort(both[0], kind="stable")
    total = devices + pins + nets
    start = np.concatenate(([0], np.cumsum(np.bincount(both[0], minlength=total))))
    expands = np.ones(total, dtype=np.bool_)
    if hub_cut:
        expands[devices + pins :] = (sample.net_degree <= HUB_DEGREE) & ~np.isin(
            sample.net_role, RAILS
        )
    net_type = sample.net_role.astype(np.int64) + len(NET_ROLES) * sample.net_is_port
    node_type = np.concatenate(
        (
            sample.device_type,
            NUM_DEVICE_TYPES + sample.edge_kind,
            NUM_DEVICE_TYPES + len(PIN_KINDS) + net_type,
        )
    )
    return PortGraph(
        node_type.astype(np.int64), start, both[1][order].astype(np.int64), expands, devices,
        devices + pins,
    )  # fmt: skip


class Extractor:
    """Cuts enclosing subgraphs out of one graph; it keeps a scratch array between calls."""

    def __init__(self, graph: PortGraph) -> None:
        """Take a graph."""
        self.graph = graph
        self._place = np.full(len(graph.node_type), -1, dtype=np.int64)

    def enclose(self, pin: int, net: int) -> Enclosed:
        """Return the subgraph about a port and a candidate net, the port's own wire hidden.

        Args:
            pin: Number of the pin in the circuit.
            net: Number of the net.
        """
        graph = self.graph
        ends = np.array([graph.first_port + pin, graph.first_net + net])
        nodes = self._around(ends)
        self._place[nodes] = np.arange(len(nodes))
        at, owner = _gather(graph, nodes)
        target = self._place[at]
        source = np.repeat(np.arange(len(nodes)), owner)
        inside = target >= 0
        # The wire that is asked for is never seen, whatever the candidate.
        hidden = (source == 0) & (at >= graph.first_net)
        hidden |= (target == 0) & (nodes[source] >= graph.first_net)
        keep = inside & ~hidden
        self._place[nodes] = -1
        edges = np.stack((source[keep], target[keep]))
        label = drnl(edges, len(nodes))
        return Enclosed(graph.node_type[nodes], label, edges)

    def _around(self, ends: NDArray[np.int64]) -> NDArray[np.int64]:
        graph = self.graph
        found = [ends]
        self._place[ends] = 0
        frontier = ends
        for step in range(HOPS):
            if step == 0:
                # The port's own net is not to be walked to.
                device = graph.neighbour[graph.start[ends[0]]]
                onward = ends[1:][graph.expands[ends[1:]]]
                near = np.append(_gather(graph, onward)[0], device)
            else:
                near, _ = _gather(graph, frontier[graph.expands[frontier]])
            near = np.unique(near[self._place[near] < 0])
            if not len(near):
                break
            self._place[near] = 0
            found.append(near)
            frontier = near
        nodes = np.concatenate(found)
        self._place[nodes] = -1
        return nodes


def drnl(edges: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return the double-radius labels of the nodes; the two ends are nodes 0 and 1.

    With distances a and b to the two ends (each measured with the other end taken out) and
    d = a + b, the label is ``1 + min(a, b) + (d // 2) * (d // 2 + d % 2 - 1)``.

    Args:
        edges: int64 [2, directed edges], by source.
        count: Number of nodes.
    """
    start = np.concatenate(([0], np.cumsum(np.bincount(edges[0], minlength=count))))
    one = _distances(start, edges[1], 0, without=1)
    two = _distances(start, edges[1], 1, without=0)
    both = (one >= 0) & (two >= 0)
    total = one + two
    half = total // 2
    label = np.where(both, 1 + np.minimum(one, two) + half * (half + total % 2 - 1), 0)
    label[:2] = 1
    return np.minimum(label, MAX_LABEL)


def _distances(
    start: NDArray[np.int64], target: NDArray[np.int64], origin: int, *, without: int
) -> NDArray[np.int64]:
    distance = np.full(len(start) - 1, -1, dtype=np.int64)
    distance[without] = distance[origin] = 0
    frontier = np.array([origin])
    steps = 0
    while len(frontier):
        steps += 1
        size = start[frontier + 1] - start[frontier]
        near = target[_spread(start[frontier], size)]
        near = near[distance[near] < 0]
        distance[near] = steps
        frontier = np.unique(near)
    distance[without] = -1
    return distance


def _gather(
    graph: PortGraph, nodes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the neighbours of several nodes end to end, and how many each has."""
    size = graph.start[nodes + 1] - graph.start[nodes]
    return graph.neighbour[_spread(graph.start[nodes], size)], size


def _spread(first: NDArray[np.int64], size: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ``first[0] .. first[0] + size[0] - 1, first[1] ..`` end to end."""
    before = np.cumsum(size) - size
    numbers: NDArray[np.int64] = np.arange(int(size.sum())) + np.repeat(first - before, size)
    return numbers
