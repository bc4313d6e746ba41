"""What a testbench gives: metrics with units, panels to draw, transistors, how each bench ended."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from eda.spice.measures import MosOperatingPoint
from eda.spice.simulation import Status
from eda.spice.testbenches.roles import PortRoles

Real = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Metric:
    """One number of a data sheet.

    Attributes:
        name: As ``dc_gain``.
        value: NaN where the quantity does not exist.
        unit: SI, or ``dB``, ``deg``, ``%``; empty for a ratio.
        meaning: How it is defined, in a few words.
    """

    name: str
    value: float
    unit: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Bias:
    """What a bias port is given.

    Attributes:
        port: The port.
        value: In V or A; a current flows into the port where it is positive.
        unit: ``V`` or ``A``.
        origin: ``given``, ``assumed``, or ``searched``.
    """

    port: str
    value: float
    unit: str
    origin: str


@dataclass(frozen=True, slots=True)
class Line:
    """A curve of a panel."""

    label: str
    x: Real
    y: Real


@dataclass(frozen=True, slots=True)
class Panel:
    """One pair of axes of the figure of a testbench.

    Attributes:
        title: What it shows.
        x: Label and unit of the axis across.
        y: Label and unit of the axis upwards.
        lines: The curves.
        x_log: Whether the axis across is logarithmic.
        y_log: Whether the axis upwards is.
        marks: Points with a text: (x, y, text).
    """

    title: str
    x: tuple[str, str]
    y: tuple[str, str]
    lines: tuple[Line, ...]
    x_log: bool = False
    y_log: bool = False
    marks: tuple[tuple[float, float, str], ...] = ()


@dataclass(frozen=True, slots=True)
class BenchRun:
    """One simulation of a testbench: which, how it ended, what was said where it failed."""

    name: str
    status: Status
    seconds: float
    cached: bool
    log: str = ""


@dataclass(frozen=True)
class TestbenchResult:
    """A circuit characterised.

    Attributes:
        kind: Which testbench, as ``opamp``.
        name: The subcircuit.
        status: ``ok``, or how the first bench ended that everything else needs.
        roles: Which port was taken for what.
        bias: What the bias ports were given.
        conditions: Supply, load and their like, by name with the unit (``supply_v``).
        metrics: In the order of a data sheet.
        transistors: Operating point of each MOS transistor, by name.
        panels: What to draw.
        benches: Every simulation.
        notes: What was assumed, and what could not be measured and why.
        network: Frequencies (Hz) and S-parameters of a two-port, where it is one.
    """

    __test__ = False  # not a test, though its name begins so

    kind: str
    name: str
    status: Status
    roles: PortRoles
    bias: tuple[Bias, ...] = ()
    conditions: Mapping[str, float] = field(default_factory=dict)
    metrics: tuple[Metric, ...] = ()
    transistors: Mapping[str, MosOperatingPoint] = field(default_factory=dict)
    panels: tuple[Panel, ...] = ()
    benches: tuple[BenchRun, ...] = ()
    notes: tuple[str, ...] = ()
    network: tuple[Real, NDArray[np.complex128]] | None = None

    @property
    def ok(self) -> bool:
        """Whether the circuit could be characterised."""
        return self.status is Status.OK

    def __getitem__(self, name: str) -> float:
        """Return the value of a metric.

        Raises:
            KeyError: There is no such metric; the message names those there are.
        """
        for metric in self.metrics:
            if metric.name == name:
                return metric.value
        known = ", ".join(metric.name for metric in self.metrics) or "none"
        raise KeyError(f"no metric {name!r}; there is {known}")

    def get(self, name: str) -> float:
        """Return the value of a metric; NaN where there is none of this name."""
        return next((item.value for item in self.metrics if item.name == name), math.nan)
