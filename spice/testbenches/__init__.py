"""Testbenches: a bare subcircuit with rails, biases, loads and feedback round it, measured.

One module per circuit type; `eda.spice.testbenches.bench` is the way in.
"""

from eda.spice.testbenches.bench import Testbench, testbench
from eda.spice.testbenches.result import BenchRun, Bias, Line, Metric, Panel, TestbenchResult
from eda.spice.testbenches.roles import KINDS, PortRoles

__all__ = [
    "KINDS",
    "BenchRun",
    "Bias",
    "Line",
    "Metric",
    "Panel",
    "PortRoles",
    "Testbench",
    "TestbenchResult",
    "testbench",
]
