"""Circuit graphs as GraphML, with the attributes of `eda.graph.convert.to_networkx`.

Written line by line: networkx builds the whole tree first, which takes minutes and gigabytes
for a large circuit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

from eda.graph.circuit_graph import DEVICE_TYPES, NET_CLASSES, CircuitGraph
from eda.graph.convert import SCHEMA, node_ids

if TYPE_CHECKING:
    from pathlib import Path

_KEYS: Final = (
    ("schema", "graph", "string"),
    ("node_kind", "node", "string"),
    ("name", "node", "string"),
    ("type", "node", "string"),
    ("model", "node", "string"),
    ("net_class", "node", "string"),
    ("is_port", "node", "boolean"),
    ("edge_kind", "edge", "string"),
    ("role", "edge", "string"),
    ("device", "edge", "string"),
)
_NOT_XML: Final = re.compile("[^\\t\\n\\r\\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(graph: CircuitGraph, path: Path) -> None:
    """Write the file."""
    device_ids, net_ids = node_ids(graph)
    device_refs = [_attribute(node) for node in device_ids]
    net_refs = [_attribute(node) for node in net_ids]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('<?xml version="1.0" encoding="utf-8"?>\n')
        file.write('<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n')
        for name, what, kind in _KEYS:
            file.write(f'<key id="{name}" for="{what}" attr.name="{name}" attr.type="{kind}"/>\n')
        file.write(f'<graph edgedefault="undirected"><data key="schema">{SCHEMA}</data>\n')
        types = graph.device_type.tolist()
        for at, node in enumerate(device_refs):
            data = _data("node_kind", "device") + _data("name", graph.device_names[at])
            data += _data("type", DEVICE_TYPES[types[at]]) + _data("model", graph.device_model[at])
            file.write(f"<node id={node}>{data}</node>\n")
        classes, ports = graph.net_class.tolist(), graph.net_is_port.tolist()
        for at, node in enumerate(net_refs):
            data = _data("node_kind", "net") + _data("name", graph.net_names[at])
            data += _data("net_class", NET_CLASSES[classes[at]])
            data += _data("is_port", "true" if ports[at] else "false")
            file.write(f"<node id={node}>{data}</node>\n")
        pins = (graph.edge_device.tolist(), graph.edge_net.tolist(), graph.edge_role.tolist())
        role_data = [_data("role", name) for name in graph.role_names]
        kind_data = _data("edge_kind", "pin")
        number = 0
        for device, net, role in zip(*pins, strict=True):
            owner = _data("device", device_ids[device])
            file.write(
                f'<edge id="{number}" source={device_refs[device]} target={net_refs[net]}>'
                f"{kind_data}{role_data[role]}{owner}</edge>\n"
            )
            number += 1
        kind_data = _data("edge_kind", "reference") + _data("role", "refers_to")
        references = (graph.reference_device.tolist(), graph.reference_target.tolist())
        for device, target in zip(*references, strict=True):
            owner = _data("device", device_ids[device])
            file.write(
                f'<edge id="{number}" source={device_refs[device]} target={device_refs[target]}>'
                f"{kind_data}{owner}</edge>\n"
            )
            number += 1
        file.write("</graph></graphml>\n")


def _data(key: str, text: str) -> str:
    return f'<data key="{key}">{escape(_cleaned(text))}</data>'


def _attribute(text: str) -> str:
    return quoteattr(_cleaned(text))


def _cleaned(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
