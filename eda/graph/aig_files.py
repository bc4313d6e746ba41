"""The graph of an AIG as a file: node-link JSON, GraphML, NPZ, or a file of tensors.

======== =================================================================================
ending   what is in it
======== =================================================================================
.json    node-link JSON of `eda.aig.convert.to_networkx`, with ``schema``
.graphml the same graph, for Gephi, Cytoscape, yEd, networkx
.npz     the arrays of `eda.aig.convert.graph_arrays`; ``numpy.load`` opens it without pickle
.pt      the same as tensors, for ``torch.load(weights_only=True)``
======== =================================================================================
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from eda.aig.convert import EDGE_KINDS, NODE_KINDS, graph_arrays, node_labels, node_names
from eda.errors import GraphFileError
from eda.graph.files import _replacing

if TYPE_CHECKING:
    import os

    from eda.aig import Aig

SCHEMA: Final = "eda.aig-graph/1"


def write_aig_graph(aig: Aig, path: str | os.PathLike[str]) -> dict[str, int]:
    """Write the graph of an AIG by the ending of the file's name.

    Returns:
        How many nodes and edges it has, and how many ANDs there are among the nodes.

    Raises:
        GraphFileError: The ending is another one, or the file cannot be written.
    """
    path = Path(path)
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise GraphFileError(
            f"{path}: cannot write a graph as {path.suffix or 'a file without ending'}; "
            f"use {', '.join(_WRITERS)}"
        )
    arrays = graph_arrays(aig)
    with _replacing(path) as temporary:
        writer(aig, arrays, temporary)
    return {
        "nodes": len(arrays["node_kind"]),
        "edges": arrays["edge_index"].shape[1],
        "ands": aig.num_ands,
    }


def _json(aig: Aig, arrays: dict[str, Any], path: Path) -> None:
    names, labels = node_names(aig), node_labels(aig)
    columns = zip(arrays["node_kind"].tolist(), arrays["level"].tolist(), strict=True)
    nodes = [
        {"id": names[at], "kind": NODE_KINDS[kind], "level": level, "name": labels[at]}
        for at, (kind, level) in enumerate(columns)
    ]
    links = []
    seen: dict[tuple[int, int], int] = {}
    for source, target, inverted, kind in _edges(arrays):
        key = seen.get((source, target), 0)
        seen[source, target] = key + 1
        links.append(
            {
                "source": names[source],
                "target": names[target],
                "key": key,
                "inverted": bool(inverted),
                "kind": EDGE_KINDS[kind],
            }
        )
    made = {
        "directed": True,
        "multigraph": True,
        "graph": {"schema": SCHEMA},
        "nodes": nodes,
        "edges": links,
    }
    path.write_text(json.dumps(made), encoding="utf-8", errors="surrogateescape")


def _edges(arrays: dict[str, Any]) -> zip[tuple[int, int, int, int]]:
    source, target = arrays["edge_index"].tolist()
    inverted, kind = arrays["edge_inverted"].tolist(), arrays["edge_kind"].tolist()
    return zip(source, target, inverted, kind, strict=True)


def _npz(aig: Aig, arrays: dict[str, Any], path: Path) -> None:
    schema = np.frombuffer(SCHEMA.encode(), dtype=np.uint8)
    np.savez_compressed(path, allow_pickle=False, schema=schema, **arrays)


def _pt(aig: Aig, arrays: dict[str, Any], path: Path) -> None:
    import torch

    state: dict[str, Any] = {"schema": SCHEMA}
    state |= {name: torch.from_numpy(np.array(value)) for name, value in arrays.items()}
    torch.save(state, path)


def _graphml(aig: Aig, arrays: dict[str, Any], path: Path) -> None:
    names, labels = node_names(aig), node_labels(aig)
    keys = (
        ("kind", "all", "string"),
        ("level", "node", "int"),
        ("name", "node", "string"),
        ("inverted", "edge", "boolean"),
    )
    with path.open("w", encoding="utf-8", newline="\n", errors="replace") as file:
        file.write('<?xml version="1.0" encoding="utf-8"?>\n')
        file.write('<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n')
        for name, what, type_name in keys:
            file.write(
                f'<key id="{name}" for="{what}" attr.name="{name}" attr.type="{type_name}"/>\n'
            )
        file.write('<graph edgedefault="directed">\n')
        columns = zip(arrays["node_kind"].tolist(), arrays["level"].tolist(), strict=True)
        for at, (kind, level) in enumerate(columns):
            label = "".join(ch if ch.isprintable() else "\ufffd" for ch in labels[at])
            file.write(
                f'<node id={quoteattr(names[at])}><data key="kind">{NODE_KINDS[kind]}</data>'
                f'<data key="level">{level}</data><data key="name">{escape(label)}</data></node>\n'
            )
        for at, (source, target, inverted, kind) in enumerate(_edges(arrays)):
            file.write(
                f'<edge id="{at}" source={quoteattr(names[source])} '
                f"target={quoteattr(names[target])}>"
                f'<data key="inverted">{"true" if inverted else "false"}</data>'
                f'<data key="kind">{EDGE_KINDS[kind]}</data></edge>\n'
            )
        file.write("</graph></graphml>\n")


_WRITERS: Final = {".json": _json, ".graphml": _graphml, ".npz": _npz, ".pt": _pt}
