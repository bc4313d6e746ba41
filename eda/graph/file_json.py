r"""Circuit graphs as node-link JSON.

One object: ``schema`` is ``eda.circuit-graph/1``; ``directed``, ``multigraph``, ``graph``,
``nodes`` and ``edges`` are what ``networkx.node_link_graph(data, edges="edges")`` expects. The
attributes of nodes and edges are those of `eda.graph.convert.to_networkx`; edges also have a
``key`` that tells parallel ones apart. Devices come first, in circuit order; then nets; the
pins of a device stand together, in netlist order.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.circuit import ROLES
from eda.errors import GraphFileError
from eda.graph.circuit_graph import DEVICE_TYPES, NET_CLASSES, CircuitGraph
from eda.graph.convert import SCHEMA, node_ids
from eda.graph.tables import checked_graph

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TYPE_INDEX: Final = {name: at for at, name in enumerate(DEVICE_TYPES)}
_CLASS_INDEX: Final = {name: at for at, name in enumerate(NET_CLASSES)}


def write(graph: CircuitGraph, path: Path) -> None:
    """Write the file, one node or edge a line."""
    head = {"schema": SCHEMA, "directed": False, "multigraph": True, "graph": {"schema": SCHEMA}}
    dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(dump(head)[:-1] + ',"nodes":[\n')
        file.write(",\n".join(map(dump, _nodes(graph))))
        file.write('\n],"edges":[\n')
        file.write(",\n".join(map(dump, _edges(graph))))
        file.write("\n]}\n")


def _nodes(graph: CircuitGraph) -> Iterator[dict[str, Any]]:
    device_ids, net_ids = node_ids(graph)
    types = [DEVICE_TYPES[at] for at in graph.device_type.tolist()]
    for node, name, kind, model in zip(
        device_ids, graph.device_names, types, graph.device_model, strict=True
    ):
        yield {"id": node, "node_kind": "device", "name": name, "type": kind, "model": model}
    classes = [NET_CLASSES[at] for at in graph.net_class.tolist()]
    ports = graph.net_is_port.tolist()
    for node, name, kind, port in zip(net_ids, graph.net_names, classes, ports, strict=True):
        yield {"id": node, "node_kind": "net", "name": name, "net_class": kind, "is_port": port}


def _edges(graph: CircuitGraph) -> Iterator[dict[str, Any]]:
    device_ids, net_ids = node_ids(graph)
    counts: dict[tuple[int, int], int] = {}
    pins = (graph.edge_device.tolist(), graph.edge_net.tolist(), graph.edge_role.tolist())
    for device, net, role in zip(*pins, strict=True):
        key = counts.get((device, net), 0)
        counts[device, net] = key + 1
        yield {
            "source": device_ids[device],
            "target": net_ids[net],
            "key": key,
            "edge_kind": "pin",
            "role": graph.role_names[role],
            "device": device_ids[device],
        }
    counts.clear()
    references = (graph.reference_device.tolist(), graph.reference_target.tolist())
    for device, target in zip(*references, strict=True):
        pair = min(device, target), max(device, target)
        key = counts.get(pair, 0)
        counts[pair] = key + 1
        yield {
            "source": device_ids[device],
            "target": device_ids[target],
            "key": key,
            "edge_kind": "reference",
            "role": "refers_to",
            "device": device_ids[device],
        }


def read(path: Path) -> CircuitGraph:
    """Read the file back.

    Raises:
        GraphFileError: It is not JSON, or not a circuit graph.
    """
    try:
        data = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise GraphFileError(f"{path}: not JSON: {error}") from error
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        found = data.get("schema") if isinstance(data, dict) else None
        raise GraphFileError(f"{path}: its schema is {found!r}, not {SCHEMA!r}")
    for name in ("nodes", "edges"):
        if not isinstance(data.get(name), list):
            raise GraphFileError(f"{path}: {name} is not a list")
    devices: list[dict[str, Any]] = []
    nets: list[dict[str, Any]] = []
    for at, node in enumerate(data["nodes"]):
        where = f"{path}: nodes[{at}]"
        kind = _text(where, node, "node_kind")
        if kind not in ("device", "net"):
            raise GraphFileError(f"{where}: node_kind is {kind!r}, not 'device' or 'net'")
        (devices if kind == "device" else nets).append(node)
    device_index = _index(path, devices)
    net_index = _index(path, nets)
    pins, references, role_names = _read_edges(path, data["edges"], device_index, net_index)
    type_index = [_category(path, node, "type", _TYPE_INDEX) for node in devices]
    class_index = [_category(path, node, "net_class", _CLASS_INDEX) for node in nets]
    ports = [node.get("is_port") is True for node in nets]
    return checked_graph(
        path,
        {
            "device_type": np.array(type_index, dtype=np.int8),
            "net_class": np.array(class_index, dtype=np.int8),
            "net_is_port": np.array(ports, dtype=np.bool_),
            "edge_device": np.array([pin[0] for pin in pins], dtype=np.int32),
            "edge_net": np.array([pin[1] for pin in pins], dtype=np.int32),
            "edge_role": np.array([pin[2] for pin in pins], dtype=np.int16),
            "reference_device": np.array([pair[0] for pair in references], dtype=np.int32),
            "reference_target": np.array([pair[1] for pair in references], dtype=np.int32),
        },
        {
            "device_names": [_text(f"{path}: nodes", node, "name") for node in devices],
            "net_names": [_text(f"{path}: nodes", node, "name") for node in nets],
            "device_model": [_text(f"{path}: nodes", node, "model") for node in devices],
            "role_names": role_names,
        },
    )


def _read_edges(
    path: Path, edges: list[Any], device_index: dict[str, int], net_index: dict[str, int]
) -> tuple[list[tuple[int, int, int]], list[tuple[int, int]], list[str]]:
    roles = {name: at for at, name in enumerate(ROLES)}
    pins: list[tuple[int, int, int]] = []
    references: list[tuple[int, int]] = []
    for at, edge in enumerate(edges):
        where = f"{path}: edges[{at}]"
        device = device_index.get(_text(where, edge, "source"))
        target = _text(where, edge, "target")
        reference = _text(where, edge, "edge_kind") == "reference"
        other = (device_index if reference else net_index).get(target)
        if device is None or other is None:
            raise GraphFileError(f"{where}: joins nodes that are not there")
        if reference:
            references.append((device, other))
            continue
        role = _text(where, edge, "role")
        number = roles.setdefault(role, len(roles))
        if number > np.iinfo(np.int16).max:
            raise GraphFileError(f"{where}: more than {number} roles")
        pins.append((device, other, number))
    return pins, references, list(roles)


def _text(where: str, item: Any, key: str) -> str:
    value = item.get(key) if isinstance(item, dict) else None
    if not isinstance(value, str):
        raise GraphFileError(f"{where}: {key} is {value!r}, not text")
    return value


def _index(path: Path, nodes: list[dict[str, Any]]) -> dict[str, int]:
    index = {_text(f"{path}: nodes", node, "id"): at for at, node in enumerate(nodes)}
    if len(index) != len(nodes):
        raise GraphFileError(f"{path}: two nodes have the same id")
    return index


def _category(path: Path, node: dict[str, Any], key: str, table: dict[str, int]) -> int:
    value = _text(f"{path}: nodes", node, key)
    if value not in table:
        raise GraphFileError(f"{path}: {key} {value!r} is none of {', '.join(table)}")
    return table[value]
