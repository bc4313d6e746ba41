"""Logic: files read and written, circuits proved equivalent, optimised and synthesised.

* `read_logic`, `parse_logic`: AIGER, BLIF, BENCH, PLA and Verilog; `write_logic` the same ones
  without PLA.
* `check_equivalence`: equivalent, different with a counterexample, or unknown: a `Verdict`.
"""

from eda.logic.equivalence import Counterexample, Verdict, check_equivalence
from eda.logic.files import FORMATS, WRITTEN, logic_format, parse_logic, read_logic, write_logic

__all__ = [
    "FORMATS",
    "WRITTEN",
    "Counterexample",
    "Verdict",
    "check_equivalence",
    "logic_format",
    "parse_logic",
    "read_logic",
    "write_logic",
]
