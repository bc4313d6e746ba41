"""A quick simulator: transistors as tables, and many designs of a case at once.

The tables are measured once with ngspice on single transistors, made of the case's own model
cards. Operating point, small signals and transients of the whole circuit are then solved in
numpy for hundreds of designs together. It is close, not exact: it says where to look, and ngspice
decides. `eda.spice.quick.simulator` is the way in.
"""

from eda.spice.quick.simulator import QuickResult, QuickSimulator, UnsupportedCircuitError

__all__ = ["QuickResult", "QuickSimulator", "UnsupportedCircuitError"]
