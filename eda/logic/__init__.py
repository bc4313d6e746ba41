"""Logic: files read and written, circuits proved equivalent, optimised and synthesised.

* `read_logic`, `parse_logic`: AIGER, BLIF, BENCH, PLA and Verilog; `write_logic` the same ones
  without PLA.
"""

from eda.logic.files import FORMATS, WRITTEN, logic_format, parse_logic, read_logic, write_logic

__all__ = ["FORMATS", "WRITTEN", "logic_format", "parse_logic", "read_logic", "write_logic"]
