"""SPICE: readers and writers per dialect, ngspice workers, analyses, waveforms, the cache.

Reading is what every command needs; the rest is loaded when it is first used (PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from eda.spice.reader import parse_netlist, read_netlist, refusal

if TYPE_CHECKING:
    from eda.spice.analyses import Ac, Analysis, Dc, Noise, Op, Sp, Tran
    from eda.spice.cache import SimulationCache
    from eda.spice.case import Case
    from eda.spice.case_parts import Corner, DesignParameter, Spec, Target
    from eda.spice.case_reader import example_case, read_case
    from eda.spice.case_run import CaseResult
    from eda.spice.case_template import new_case
    from eda.spice.deck import analyses_of
    from eda.spice.dialects import DIALECTS, Dialect, detect_dialect
    from eda.spice.edit import connect, with_parameters
    from eda.spice.montecarlo import MonteCarloReport, clopper_pearson, monte_carlo
    from eda.spice.pdk import Pdk, find_pdk, find_pdks
    from eda.spice.primitives import Primitive, PrimitiveTable, primitive_table
    from eda.spice.pvt import CornerReport, sweep_corners
    from eda.spice.pyspice_bridge import from_pyspice, to_pyspice
    from eda.spice.rawfile import read_raw, write_raw
    from eda.spice.recorded import RecordedSimulator
    from eda.spice.simulation import SimulationResult, Status, Waveform, Waveforms
    from eda.spice.simulator import NGSPICE, simulate, simulate_many
    from eda.spice.testbenches.bench import Testbench, testbench
    from eda.spice.testbenches.result import TestbenchResult
    from eda.spice.waveform_files import write_waveforms
    from eda.spice.writer import write_source, write_spice

__all__ = [
    "DIALECTS",
    "NGSPICE",
    "Ac",
    "Analysis",
    "Case",
    "CaseResult",
    "Corner",
    "CornerReport",
    "Dc",
    "DesignParameter",
    "Dialect",
    "MonteCarloReport",
    "Noise",
    "Op",
    "Pdk",
    "Primitive",
    "PrimitiveTable",
    "RecordedSimulator",
    "SimulationCache",
    "SimulationResult",
    "Sp",
    "Spec",
    "Status",
    "Target",
    "Testbench",
    "TestbenchResult",
    "Tran",
    "Waveform",
    "Waveforms",
    "analyses_of",
    "clopper_pearson",
    "connect",
    "detect_dialect",
    "example_case",
    "find_pdk",
    "find_pdks",
    "from_pyspice",
    "monte_carlo",
    "new_case",
    "parse_netlist",
    "primitive_table",
    "read_case",
    "read_netlist",
    "read_raw",
    "refusal",
    "simulate",
    "simulate_many",
    "sweep_corners",
    "testbench",
    "to_pyspice",
    "with_parameters",
    "write_raw",
    "write_source",
    "write_spice",
    "write_waveforms",
]

_HOMES: Final = {
    **dict.fromkeys(("DIALECTS", "Dialect", "detect_dialect"), "dialects"),
    **dict.fromkeys(("connect", "with_parameters"), "edit"),
    **dict.fromkeys(("Primitive", "PrimitiveTable", "primitive_table"), "primitives"),
    **dict.fromkeys(("from_pyspice", "to_pyspice"), "pyspice_bridge"),
    **dict.fromkeys(("Ac", "Analysis", "Dc", "Noise", "Op", "Sp", "Tran"), "analyses"),
    **dict.fromkeys(("SimulationCache",), "cache"),
    **dict.fromkeys(("analyses_of",), "deck"),
    **dict.fromkeys(("Case",), "case"),
    **dict.fromkeys(("Corner", "DesignParameter", "Spec", "Target"), "case_parts"),
    **dict.fromkeys(("example_case", "read_case"), "case_reader"),
    **dict.fromkeys(("CaseResult",), "case_run"),
    **dict.fromkeys(("new_case",), "case_template"),
    **dict.fromkeys(("MonteCarloReport", "clopper_pearson", "monte_carlo"), "montecarlo"),
    **dict.fromkeys(("Pdk", "find_pdk", "find_pdks"), "pdk"),
    **dict.fromkeys(("CornerReport", "sweep_corners"), "pvt"),
    **dict.fromkeys(("read_raw", "write_raw"), "rawfile"),
    **dict.fromkeys(("RecordedSimulator",), "recorded"),
    **dict.fromkeys(("SimulationResult", "Status", "Waveform", "Waveforms"), "simulation"),
    **dict.fromkeys(("NGSPICE", "simulate", "simulate_many"), "simulator"),
    **dict.fromkeys(("Testbench", "testbench"), "testbenches.bench"),
    **dict.fromkeys(("TestbenchResult",), "testbenches.result"),
    **dict.fromkeys(("write_waveforms",), "waveform_files"),
    **dict.fromkeys(("write_source", "write_spice"), "writer"),
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
