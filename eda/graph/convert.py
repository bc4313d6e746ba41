"""Circuit graphs as the objects of other libraries: networkx, PyTorch Geometric."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eda.graph.circuit_graph import DEVICE_TYPES, NET_CLASSES, CircuitGraph

if TYPE_CHECKING:
    from collections.abc import Sequence

    import networkx
    from torch_geometric.data import HeteroData

SCHEMA = "eda.circuit-graph/1"
"""Name and version of what every export holds."""


def node_ids(graph: CircuitGraph) -> tuple[list[str], list[str]]:
    """Return an id for every device (``device:M1``) and every net (``net:out``).

    Of devices with one name, which a netlist with errors may have, later ones get ``#2``.
    """
    return _unique("device", graph.device_names), _unique("net", graph.net_names)


def _unique(prefix: str, names: Sequence[str]) -> list[str]:
    ids = [f"{prefix}:{name}" for name in names]
    if len(set(ids)) == len(ids):
        return ids
    taken = set(ids)
    seen: set[str] = set()
    for at, wanted in enumerate(ids):
        count, name = 2, wanted
        while name in seen or (name != wanted and name in taken):
            name, count = f"{wanted}#{count}", count + 1
        ids[at] = name
        seen.add(name)
    return ids


def to_networkx(graph: CircuitGraph) -> networkx.MultiGraph[str]:
    """Return the graph as a ``networkx.MultiGraph``.

    A device that has two pins on one net has two edges to it. No attribute has a unit; all are
    text, ``bool`` or ``int``, so GraphML and JSON writers of networkx take the graph as it is.

    Graph attributes:
        schema: ``eda.circuit-graph/1``.

    Node attributes of devices (ids ``device:NAME``):
        node_kind: ``device``.
        name: Name of the device, with its path.
        type: One of ``DEVICE_TYPES``.
        model: Name of its model or subcircuit, or empty.

    Node attributes of nets (ids ``net:NAME``):
        node_kind: ``net``.
        name: Name of the net, with its path.
        net_class: One of ``NET_CLASSES``.
        is_port: Whether the net leads outside.

    Edge attributes:
        edge_kind: ``pin`` between a device and a net, ``reference`` between a device and one it
            depends on (a mutual inductance, a source controlled by a current).
        role: Role of the pin (``d``); ``refers_to`` for references.
        device: Id of the device whose pin or reference it is; tells which end refers.
    """
    import networkx as nx

    made: networkx.MultiGraph[str] = nx.MultiGraph(schema=SCHEMA)
    device_ids, net_ids = node_ids(graph)
    types = graph.device_type.tolist()
    for at, node in enumerate(device_ids):
        made.add_node(
            node,
            node_kind="device",
            name=graph.device_names[at],
            type=DEVICE_TYPES[types[at]],
            model=graph.device_model[at],
        )
    classes, ports = graph.net_class.tolist(), graph.net_is_port.tolist()
    for at, node in enumerate(net_ids):
        made.add_node(
            node,
            node_kind="net",
            name=graph.net_names[at],
            net_class=NET_CLASSES[classes[at]],
            is_port=ports[at],
        )
    pins = (graph.edge_device.tolist(), graph.edge_net.tolist(), graph.edge_role.tolist())
    for device, net, role in zip(*pins, strict=True):
        node = device_ids[device]
        made.add_edge(node, net_ids[net], edge_kind="pin", role=graph.role_names[role], device=node)
    references = (graph.reference_device.tolist(), graph.reference_target.tolist())
    for device, target in zip(*references, strict=True):
        node = device_ids[device]
        made.add_edge(
            node, device_ids[target], edge_kind="reference", role="refers_to", device=node
        )
    return made


def to_pyg(graph: CircuitGraph) -> HeteroData:
    """Return the graph as ``torch_geometric.data.HeteroData``.

    No feature has a unit: all are categories, flags or counts.

    ``data["device"]``:
        x: float32 [devices, len(DEVICE_TYPES)], 1 at the device's type.
        type: int64 [devices], index into ``DEVICE_TYPES``.
        name: list of text, with paths.

    ``data["net"]``:
        x: float32 [nets, len(NET_CLASSES) + 2]: 1 at the net's class; 1 for a port; natural
            logarithm of 1 plus the number of pins.
        net_class: int64 [nets], index into ``NET_CLASSES``.
        is_port: bool [nets].
        degree: int64 [nets], the number of pins.
        name: list of text, with paths.

    ``data["device", "pin", "net"]``:
        edge_index: int64 [2, pins], the pins of a device together, in netlist order.
        role: int64 [pins], index into ``data.role_names``.

    ``data["net", "pin_of", "device"]``:
        The same edges, in the same order, the other way.

    ``data["device", "refers_to", "device"]``:
        edge_index: int64 [2, references], from a mutual inductance or a controlled source.

    ``data``:
        role_names: list of text; the first ones are always ``eda.circuit.ROLES``.
        schema: ``eda.circuit-graph/1``.
    """
    import torch
    from torch_geometric.data import HeteroData

    data = HeteroData()
    data.schema = SCHEMA
    data.role_names = list(graph.role_names)
    types = torch.from_numpy(graph.device_type.astype(np.int64))
    data["device"].x = torch.nn.functional.one_hot(types, len(DEVICE_TYPES)).float()
    data["device"].type = types
    data["device"].name = list(graph.device_names)
    classes = torch.from_numpy(graph.net_class.astype(np.int64))
    is_port = torch.from_numpy(graph.net_is_port.copy())
    degree = torch.from_numpy(graph.net_degree.astype(np.int64))
    data["net"].x = torch.cat(
        [
            torch.nn.functional.one_hot(classes, len(NET_CLASSES)).float(),
            is_port[:, None].float(),
            torch.log1p(degree.float())[:, None],
        ],
        dim=1,
    )
    data["net"].net_class = classes
    data["net"].is_port = is_port
    data["net"].degree = degree
    data["net"].name = list(graph.net_names)
    device = torch.from_numpy(graph.edge_device.astype(np.int64))
    net = torch.from_numpy(graph.edge_net.astype(np.int64))
    role = torch.from_numpy(graph.edge_role.astype(np.int64))
    data["device", "pin", "net"].edge_index = torch.stack([device, net])
    data["device", "pin", "net"].role = role
    data["net", "pin_of", "device"].edge_index = torch.stack([net, device])
    data["net", "pin_of", "device"].role = role
    data["device", "refers_to", "device"].edge_index = torch.stack(
        [
            torch.from_numpy(graph.reference_device.astype(np.int64)),
            torch.from_numpy(graph.reference_target.astype(np.int64)),
        ]
    )
    return data
