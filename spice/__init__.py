"""SPICE: readers and writers per dialect, PDK primitives, and the bridge to PySpice."""

from eda.spice.dialects import DIALECTS, Dialect, detect_dialect
from eda.spice.edit import connect, with_parameters
from eda.spice.primitives import Primitive, PrimitiveTable, primitive_table
from eda.spice.pyspice_bridge import from_pyspice, to_pyspice
from eda.spice.reader import parse_netlist, read_netlist, refusal
from eda.spice.writer import write_source, write_spice

__all__ = [
    "DIALECTS",
    "Dialect",
    "Primitive",
    "PrimitiveTable",
    "connect",
    "detect_dialect",
    "from_pyspice",
    "parse_netlist",
    "primitive_table",
    "read_netlist",
    "refusal",
    "to_pyspice",
    "with_parameters",
    "write_source",
    "write_spice",
]
