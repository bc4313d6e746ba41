r"""Circuits as graphs: from a SPICE netlist to predicted links.

Import path = ``eda.`` + folder. The names below are loaded when they are first used (PEP 562),
so that ``import eda`` costs next to nothing.

Example:
    >>> import eda
    >>> circuit = eda.parse_netlist("divider\nR1 in out 1k\nR2 out 0 1k\n")
    >>> [device.name for device in circuit.devices]
    ['R1', 'R2']
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from eda import (
        agents,
        aig,
        bench,
        circuit,
        cli,
        datasets,
        errors,
        filters,
        graph,
        links,
        logic,
        plots,
        rules,
        schematic,
        spice,
        structures,
    )
    from eda.aig import Aig, parse_aiger, read_aiger, write_aiger
    from eda.circuit import (
        Circuit,
        Device,
        Diagnostic,
        Expression,
        ModelCard,
        Source,
        Span,
        Subcircuit,
    )
    from eda.errors import (
        AigerError,
        ConfigError,
        ConversionError,
        DatasetError,
        EdaError,
        ExpressionError,
        GraphFileError,
        InputError,
        LinkQueryError,
        NetlistError,
        SimulationError,
        SimulatorNotFoundError,
        SpecError,
        ToolNotFoundError,
        UndecidedError,
        WeightsError,
    )
    from eda.filters import FilterResult, design_filter
    from eda.graph import circuit_graph, compare, graph_hash, isomorphic
    from eda.links import audit_links, predict_links
    from eda.logic import Verdict, check_equivalence, read_logic, write_logic
    from eda.rules import check
    from eda.schematic import Drawing, draw
    from eda.spice import (
        SimulationResult,
        parse_netlist,
        read_case,
        read_netlist,
        simulate,
        simulate_many,
        write_spice,
    )
    from eda.spice.convert import Conversion, convert
    from eda.structures import Structures, find_structures, structure_labels

    __version__: str

__all__ = [
    "Aig",
    "AigerError",
    "Circuit",
    "ConfigError",
    "Conversion",
    "ConversionError",
    "DatasetError",
    "Device",
    "Diagnostic",
    "Drawing",
    "EdaError",
    "Expression",
    "ExpressionError",
    "FilterResult",
    "GraphFileError",
    "InputError",
    "LinkQueryError",
    "ModelCard",
    "NetlistError",
    "SimulationError",
    "SimulationResult",
    "SimulatorNotFoundError",
    "Source",
    "Span",
    "SpecError",
    "Structures",
    "Subcircuit",
    "ToolNotFoundError",
    "UndecidedError",
    "Verdict",
    "WeightsError",
    "__version__",
    "agents",
    "aig",
    "audit_links",
    "bench",
    "check",
    "check_equivalence",
    "circuit",
    "circuit_graph",
    "cli",
    "compare",
    "convert",
    "datasets",
    "design_filter",
    "draw",
    "errors",
    "filters",
    "find_structures",
    "graph",
    "graph_hash",
    "isomorphic",
    "links",
    "logic",
    "parse_aiger",
    "parse_netlist",
    "plots",
    "predict_links",
    "read_aiger",
    "read_case",
    "read_logic",
    "read_netlist",
    "rules",
    "schematic",
    "simulate",
    "simulate_many",
    "spice",
    "structure_labels",
    "structures",
    "write_aiger",
    "write_logic",
    "write_spice",
]

_ROOMS: Final = frozenset(
    (
        *("agents", "aig", "bench", "circuit", "cli", "datasets", "errors", "filters"),
        *("graph", "links", "logic", "plots", "rules", "schematic", "spice", "structures"),
    )
)

_HOMES: Final[dict[str, tuple[str, ...]]] = {
    "eda.aig": ("Aig", "parse_aiger", "read_aiger", "write_aiger"),
    "eda.circuit": (
        *("Circuit", "Device", "Diagnostic", "Expression"),
        *("ModelCard", "Source", "Span", "Subcircuit"),
    ),
    "eda.errors": (
        *("AigerError", "ConfigError", "ConversionError", "DatasetError", "EdaError"),
        *("ExpressionError",),
        *("GraphFileError", "InputError", "LinkQueryError", "NetlistError", "SimulationError"),
        *("SimulatorNotFoundError", "SpecError", "ToolNotFoundError"),
        *("UndecidedError", "WeightsError"),
    ),
    "eda.filters": ("FilterResult", "design_filter"),
    "eda.graph": ("circuit_graph", "compare", "graph_hash", "isomorphic"),
    "eda.links": ("audit_links", "predict_links"),
    "eda.logic": ("Verdict", "check_equivalence", "read_logic", "write_logic"),
    "eda.rules": ("check",),
    "eda.schematic": ("Drawing", "draw"),
    "eda.spice": (
        *("SimulationResult", "parse_netlist", "read_case", "read_netlist"),
        *("simulate", "simulate_many", "write_spice"),
    ),
    "eda.spice.convert": ("Conversion", "convert"),
    "eda.structures": ("Structures", "find_structures", "structure_labels"),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}

# A library only logs; whoever runs it decides where the lines go.
logging.getLogger("eda").addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:
    value: Any
    if name in _HOME_OF:
        value = getattr(import_module(_HOME_OF[name]), name)
    elif name in _ROOMS:
        return import_module(f"eda.{name}")
    elif name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            value = version("eda-toolkit")
        except PackageNotFoundError:  # a checkout that is not installed
            value = "0+unknown"
    else:
        raise AttributeError(f"module 'eda' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
