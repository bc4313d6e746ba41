"""Circuits as graphs: arrays, networkx, PyG, files, canonical form, comparison."""

from eda.graph.build import circuit_graph
from eda.graph.canonical import graph_hash, isomorphic
from eda.graph.circuit_graph import DEVICE_TYPES, NET_CLASSES, CircuitGraph
from eda.graph.compare import Comparison, compare
from eda.graph.differences import Difference
from eda.graph.files import read_graph, write_graph

__all__ = [
    "DEVICE_TYPES",
    "NET_CLASSES",
    "CircuitGraph",
    "Comparison",
    "Difference",
    "circuit_graph",
    "compare",
    "graph_hash",
    "isomorphic",
    "read_graph",
    "write_graph",
]
