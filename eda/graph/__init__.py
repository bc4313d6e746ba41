"""Circuits as graphs: arrays, networkx, PyG, files, canonical form, comparison."""

from eda.graph.build import circuit_graph
from eda.graph.canonical import graph_hash, isomorphic
from eda.graph.circuit_graph import DEVICE_TYPES, NET_CLASSES, CircuitGraph

__all__ = [
    "DEVICE_TYPES",
    "NET_CLASSES",
    "CircuitGraph",
    "circuit_graph",
    "graph_hash",
    "isomorphic",
]
