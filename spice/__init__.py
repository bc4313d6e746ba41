"""SPICE: readers and writers per dialect, PDK primitives, and the bridge to PySpice.

Reading is what every command needs; the rest is loaded when it is first used (PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from eda.spice.reader import parse_netlist, read_netlist, refusal

if TYPE_CHECKING:
    from eda.spice.dialects import DIALECTS, Dialect, detect_dialect
    from eda.spice.edit import connect, with_parameters
    from eda.spice.primitives import Primitive, PrimitiveTable, primitive_table
    from eda.spice.pyspice_bridge import from_pyspice, to_pyspice
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

_HOMES: Final = {
    **dict.fromkeys(("DIALECTS", "Dialect", "detect_dialect"), "dialects"),
    **dict.fromkeys(("connect", "with_parameters"), "edit"),
    **dict.fromkeys(("Primitive", "PrimitiveTable", "primitive_table"), "primitives"),
    **dict.fromkeys(("from_pyspice", "to_pyspice"), "pyspice_bridge"),
    **dict.fromkeys(("write_source", "write_spice"), "writer"),
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
