"""SPICE: readers and writers per dialect, PDK primitives, and the bridge to PySpice."""

from eda.spice.dialects import DIALECTS, Dialect, detect_dialect
from eda.spice.primitives import Primitive, PrimitiveTable, primitive_table
from eda.spice.reader import parse_netlist, read_netlist, refusal

__all__ = [
    "DIALECTS",
    "Dialect",
    "Primitive",
    "PrimitiveTable",
    "detect_dialect",
    "parse_netlist",
    "primitive_table",
    "read_netlist",
    "refusal",
]
