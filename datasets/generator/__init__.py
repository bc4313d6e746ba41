"""A generator of functional circuits: blocks, types, names, and a netlist of each circuit."""

from eda.datasets.generator.generate import (
    GeneratedCircuit,
    generate_circuit,
    generate_circuits,
)
from eda.datasets.generator.types import TYPES

__all__ = ["TYPES", "GeneratedCircuit", "generate_circuit", "generate_circuits"]
