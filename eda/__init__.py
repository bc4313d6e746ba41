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

from eda.agents.on_import import register_when_imported

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
        surrogate,
        topology,
    )
    from eda.agents import SizingResult, size
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
    from eda.logic import (
        Optimized,
        Synthesized,
        Verdict,
        check_equivalence,
        optimize_aig,
        parse_truth,
        read_logic,
        synthesize,
        write_logic,
    )
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
    from eda.surrogate import load_surrogate
    from eda.topology import GeneratedCircuit, generate

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
    "GeneratedCircuit",
    "GraphFileError",
    "InputError",
    "LinkQueryError",
    "ModelCard",
    "NetlistError",
    "Optimized",
    "SimulationError",
    "SimulationResult",
    "SimulatorNotFoundError",
    "SizingResult",
    "Source",
    "Span",
    "SpecError",
    "Structures",
    "Subcircuit",
    "Synthesized",
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
    "generate",
    "graph",
    "graph_hash",
    "isomorphic",
    "links",
    "load_surrogate",
    "logic",
    "optimize_aig",
    "parse_aiger",
    "parse_netlist",
    "parse_truth",
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
    "size",
    "spice",
    "structure_labels",
    "structures",
    "surrogate",
    "synthesize",
    "topology",
    "write_aiger",
    "write_logic",
    "write_spice",
]

_ROOMS: Final = frozenset(
    (
        *("agents", "aig", "bench", "circuit", "cli", "datasets", "errors", "filters"),
        *("graph", "links", "logic", "plots", "rules", "schematic", "spice", "structures"),
        *("surrogate", "topology"),
    )
)

_HOMES: Final[dict[str, tuple[str, ...]]] = {
    "eda.agents": ("SizingResult", "size"),
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
    "eda.logic": (
        *("Optimized", "Synthesized", "Verdict", "check_equivalence", "optimize_aig"),
        *("parse_truth", "read_logic", "synthesize", "write_logic"),
    ),
    "eda.rules": ("check",),
    "eda.schematic": ("Drawing", "draw"),
    "eda.spice": (
        *("SimulationResult", "parse_netlist", "read_case", "read_netlist"),
        *("simulate", "simulate_many", "write_spice"),
    ),
    "eda.spice.convert": ("Conversion", "convert"),
    "eda.structures": ("Structures", "find_structures", "structure_labels"),
    "eda.surrogate": ("load_surrogate",),
    "eda.topology": ("GeneratedCircuit", "generate"),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}

# Gymnasium knows the environments from here on, whether it is imported before or after.
register_when_imported()

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
