"""A hash that equal circuits share, and whether two circuits are exactly the same."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from eda.graph.match import find_isomorphism
from eda.graph.refine import Ports, coloured_graph, refine

if TYPE_CHECKING:
    from eda.graph.circuit_graph import CircuitGraph

_VERSION = b"eda.graph-hash/1"


def graph_hash(
    graph: CircuitGraph,
    *,
    symmetric: bool = True,
    ports: Ports = "named",
    models: bool = False,
) -> str:
    """Return 32 hexadecimal digits that are the same for circuits equal up to names and order.

    It is the same in every process and on every machine. Different circuits nearly always
    differ in it; those that colour refinement cannot tell apart (a ring of six equal parts,
    two rings of three) share it, so confirm with `isomorphic` where it matters.

    Args:
        graph: The circuit. Sizes play no part.
        symmetric: Whether drain and source, and the two ends of a resistor, capacitor or
            inductor, may be exchanged.
        ports: ``named`` tells ports apart by name; ``classes`` by what they are for
            (`NET_CLASSES`); ``rails`` only knows ground and the supplies.
        models: Whether the names of models count; those of black boxes always do.

    Example:
        >>> from eda.circuit import Circuit, Device
        >>> from eda.graph import circuit_graph
        >>> def resistor(*nets):
        ...     return circuit_graph(Circuit(devices=(Device("R", "resistor", ("p", "n"), nets),)))
        >>> graph_hash(resistor("a", "0")) == graph_hash(resistor("0", "b"))
        True
    """
    plain = coloured_graph(graph, symmetric=symmetric, ports=ports, models=models)
    colours = refine(plain)
    digest = blake2b(_VERSION, digest_size=16)
    digest.update(np.array([graph.num_devices, graph.num_nets], dtype="<u8").tobytes())
    digest.update(np.sort(colours).astype("<u8").tobytes())
    return digest.hexdigest()


def isomorphic(
    a: CircuitGraph,
    b: CircuitGraph,
    *,
    symmetric: bool = True,
    ports: Ports = "named",
    models: bool = False,
    limit: int = 5_000_000,
) -> bool:
    """Return whether two circuits are the same up to names and order, exactly.

    The arguments mean what they mean in `graph_hash`.

    Args:
        a: One circuit.
        b: The other circuit.
        symmetric: Whether drain and source, and the ends of passives, may be exchanged.
        ports: What is kept of the names of nets.
        models: Whether the names of models count.
        limit: How many steps to search at most. Circuits of practice, memories included, take
            a few steps a pin; only graphs built to be hard take more.

    Raises:
        UndecidedError: The limit was reached first.
    """
    return (
        find_isomorphism(
            coloured_graph(a, symmetric=symmetric, ports=ports, models=models),
            coloured_graph(b, symmetric=symmetric, ports=ports, models=models),
            limit=limit,
        )
        is not None
    )
