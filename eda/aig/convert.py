"""An AIG as PyG tensors, as a networkx graph, and as an aigverse network, and back from that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.aig.aig import UNDEFINED, Aig

if TYPE_CHECKING:
    from numpy.typing import NDArray

NODE_KINDS: Final = ("constant", "input", "latch", "and", "root")
EDGE_KINDS: Final = ("fanin", "next_state")


def graph_arrays(aig: Aig) -> dict[str, NDArray[Any]]:
    """Return the graph of an AIG as arrays.

    Nodes are the variables in their order, and behind them one node for each root but the next
    states of latches. Edges run from a fanin to the AND or root that reads it, and from the
    literal of a next state to its latch.

    Returns:
        ``node_kind`` (an index into `NODE_KINDS`), ``level`` (of a root: that of its literal),
        ``edge_index`` of shape ``[2, edges]``, ``edge_inverted`` (0 or 1), ``edge_kind`` (an
        index into `EDGE_KINDS`). Edges of one AND stand beside each other.
    """
    first, latches = aig.first_and, aig.num_latches
    is_root = np.ones(len(aig.roots), dtype=bool)
    is_root[aig.num_outputs : aig.num_outputs + latches] = False
    read = aig.roots[is_root]
    kind = np.concatenate(
        [
            np.repeat([0, 1, 2, 3], [1, aig.num_inputs, latches, aig.num_ands]),
            np.full(len(read), 4),
        ]
    ).astype(np.int64)
    level = np.concatenate([aig.levels, aig.levels[read >> 1]]).astype(np.int64)
    source = np.concatenate([aig.fanins.reshape(-1), read, aig.next_states])
    target = np.concatenate(
        [
            np.repeat(np.arange(first, aig.num_variables), 2),
            aig.num_variables + np.arange(len(read)),
            1 + aig.num_inputs + np.arange(latches),
        ]
    )
    edge_kind = np.zeros(len(source), dtype=np.int64)
    edge_kind[len(source) - latches :] = 1
    return {
        "node_kind": kind,
        "level": level,
        "edge_index": np.stack([source >> 1, target]),
        "edge_inverted": source & 1,
        "edge_kind": edge_kind,
    }


def to_pyg(aig: Aig) -> Any:
    """Return a `torch_geometric.data.Data`.

    Returns:
        ``x``: one-hot `NODE_KINDS`, float32 ``[nodes, 5]``; ``node_kind`` and ``level``: int64
        ``[nodes]``; ``edge_index``: int64 ``[2, edges]``, from what is read to what reads it;
        ``edge_attr``: float32 ``[edges, 1]``, 1 where the edge inverts; ``edge_kind``: 0, or 1
        for the edge into a latch, which is the only kind that may close a loop.

    Example:
        >>> Aig(2, fanins=[[5, 2]], outputs=[6]).to_pyg().edge_attr.flatten().tolist()
        [1.0, 0.0, 0.0]
    """
    import torch
    from torch_geometric.data import Data

    arrays = graph_arrays(aig)
    kind = torch.from_numpy(arrays["node_kind"])
    return Data(
        x=torch.nn.functional.one_hot(kind, len(NODE_KINDS)).to(torch.float32),
        edge_index=torch.from_numpy(arrays["edge_index"]),
        edge_attr=torch.from_numpy(arrays["edge_inverted"]).to(torch.float32)[:, None],
        node_kind=kind,
        level=torch.from_numpy(arrays["level"]),
        edge_kind=torch.from_numpy(arrays["edge_kind"]),
    )


def node_names(aig: Aig) -> list[str]:
    """Return a unique text for each node of `graph_arrays`: ``const``, ``i0``, ``l0``, ``n7``."""
    names = ["const", *(f"i{at}" for at in range(aig.num_inputs))]
    names += [f"l{at}" for at in range(aig.num_latches)]
    names += [f"n{variable}" for variable in range(aig.first_and, aig.num_variables)]
    names += [f"o{at}" for at in range(aig.num_outputs)]
    names += [f"b{at}" for at in range(len(aig.bad))]
    names += [f"c{at}" for at in range(len(aig.constraints))]
    for at, item in enumerate(aig.justice):
        names += [f"j{at}.{index}" for index in range(len(item))]
    return names + [f"f{at}" for at in range(len(aig.fairness))]


def node_labels(aig: Aig) -> list[str]:
    """Return the name that the file gives each node, or else that of `node_names`."""
    names = node_names(aig)
    tables = (
        (1, aig.input_names),
        (1 + aig.num_inputs, aig.latch_names),
        (aig.num_variables, aig.output_names),
        (aig.num_variables + aig.num_outputs, aig.bad_names),
    )
    for start, table in tables:
        for at, name in enumerate(table, start=start):
            names[at] = name or names[at]
    return names


def to_networkx(aig: Aig) -> Any:
    """Return a `networkx.MultiDiGraph`: edges run from what is read to what reads it.

    Nodes are the texts of `node_names` with ``kind`` (`NODE_KINDS`), ``level`` and ``name``;
    edges have ``inverted`` (bool) and ``kind`` (`EDGE_KINDS`). An AND of a signal with itself
    has two parallel edges.
    """
    import networkx as nx

    arrays = graph_arrays(aig)
    nodes, labels = node_names(aig), node_labels(aig)
    graph = nx.MultiDiGraph()
    kinds, levels = arrays["node_kind"].tolist(), arrays["level"].tolist()
    for at, node in enumerate(nodes):
        graph.add_node(node, kind=NODE_KINDS[kinds[at]], level=levels[at], name=labels[at])
    sources, targets = arrays["edge_index"].tolist()
    inverted, edge_kinds = arrays["edge_inverted"].tolist(), arrays["edge_kind"].tolist()
    for at, (source, target) in enumerate(zip(sources, targets, strict=True)):
        graph.add_edge(
            nodes[source],
            nodes[target],
            inverted=bool(inverted[at]),
            kind=EDGE_KINDS[edge_kinds[at]],
        )
    return graph


def to_aigverse(aig: Aig) -> Any:
    """Return an `aigverse.networks.Aig`, or a `SequentialAig` where there are latches.

    Only outputs and next states are carried over: aigverse has no bad states, constraints,
    justice or fairness. `Aig.combinational` makes outputs of them.
    """
    from aigverse.networks import Aig as Network
    from aigverse.networks import SequentialAig

    network: Any = SequentialAig() if aig.num_latches else Network()
    signals = [network.get_constant(False)]
    signals += [network.create_pi() for _ in range(aig.num_inputs)]
    signals += [network.create_ro() for _ in range(aig.num_latches)]
    create, add = network.create_and, signals.append
    for a, b in aig.fanins.tolist():
        one, two = signals[a >> 1], signals[b >> 1]
        add(create(~one if a & 1 else one, ~two if b & 1 else two))
    for literal in aig.outputs.tolist():
        signal = signals[literal >> 1]
        network.create_po(~signal if literal & 1 else signal)
    for literal in aig.next_states.tolist():
        signal = signals[literal >> 1]
        network.create_ri(~signal if literal & 1 else signal)
    for at, reset in enumerate(aig.resets.tolist()):
        register = network.register_at(at)
        register.init = 3 if reset == UNDEFINED else reset
        network.set_register(at, register)
    return network


def from_aigverse(network: Any) -> Aig:
    """Return a combinational aigverse network as an AIG; its numbers stay the same."""
    values = np.array(network.to_index_list().raw(), dtype=np.int64)
    ands = int(values[2])
    return Aig(
        int(values[0]),
        fanins=values[3 : 3 + 2 * ands].reshape(-1, 2),
        outputs=values[3 + 2 * ands :],
    )
