"""New analog circuits that keep the electrical rules by construction."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from eda.topology.types import TYPES, CircuitType

if TYPE_CHECKING:
    from eda.topology.circuit import Topology
    from eda.topology.generated import GeneratedCircuit, generate
    from eda.topology.grammar import Grammar
    from eda.topology.measured import Measured, measure
    from eda.topology.report import write_gallery
    from eda.topology.sized import Design, design
    from eda.topology.tuning import tune

__all__ = [
    "TYPES",
    "CircuitType",
    "Design",
    "GeneratedCircuit",
    "Grammar",
    "Measured",
    "Topology",
    "design",
    "generate",
    "measure",
    "tune",
    "write_gallery",
]

_MODULES: Final = {
    **{"Topology": "circuit", "Design": "sized", "design": "sized", "Grammar": "grammar"},
    **{"GeneratedCircuit": "generated", "generate": "generated", "Measured": "measured"},
    **{"measure": "measured", "tune": "tuning", "write_gallery": "report"},
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value
