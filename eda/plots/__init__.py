"""Figures: Bode, time, transfer curves, noise, S-parameters, scatter, reliability.

Every function takes ``ax=None`` and returns what it drew on; nothing touches pyplot's global
state. matplotlib is loaded when the first figure is made.
"""

from eda.plots.agreement import agreement_figure
from eda.plots.curves import (
    plot_bode,
    plot_noise,
    plot_s_parameters,
    plot_transfer,
    plot_transient,
)
from eda.plots.figure import result_figure, save_figure
from eda.plots.reliability import plot_reliability
from eda.plots.spread import spread_figure
from eda.plots.testbench import testbench_figure

__all__ = [
    "agreement_figure",
    "plot_bode",
    "plot_noise",
    "plot_reliability",
    "plot_s_parameters",
    "plot_transfer",
    "plot_transient",
    "result_figure",
    "save_figure",
    "spread_figure",
    "testbench_figure",
]
