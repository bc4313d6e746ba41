"""Logic: files read and written, circuits proved equivalent, optimised and synthesised.

* `read_logic`, `parse_logic`: AIGER, BLIF, BENCH, PLA and Verilog; `write_logic` the same ones
  without PLA.
* `check_equivalence`: equivalent, different with a counterexample, or unknown: a `Verdict`.
* `optimize_aig`: smaller or flatter, and proved; `synthesize`: from a `Truth` to a circuit.
* `embed`, `equal_signals`: circuits and signals as numbers; `predict_fanins`: what is missing at
  an AND.
"""

from eda.logic.embedding import Embedding, embed, equal_signals
from eda.logic.equivalence import Counterexample, Verdict, check_equivalence
from eda.logic.fanin_model import FaninCandidate, FaninPrediction, predict_fanins
from eda.logic.files import FORMATS, WRITTEN, logic_format, parse_logic, read_logic, write_logic
from eda.logic.optimize import Optimized, optimize_aig
from eda.logic.synthesis import Synthesized, synthesize
from eda.logic.truth import Truth, parse_truth

__all__ = [
    "FORMATS",
    "WRITTEN",
    "Counterexample",
    "Embedding",
    "FaninCandidate",
    "FaninPrediction",
    "Optimized",
    "Synthesized",
    "Truth",
    "Verdict",
    "check_equivalence",
    "embed",
    "equal_signals",
    "logic_format",
    "optimize_aig",
    "parse_logic",
    "parse_truth",
    "predict_fanins",
    "read_logic",
    "synthesize",
    "write_logic",
]
