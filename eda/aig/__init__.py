"""And-inverter graphs: the data model of logic, read from and written to AIGER files.

* `Aig`: numpy arrays of literals; conversions to PyG, networkx, aigverse.
* `read_aiger`, `parse_aiger`, `write_aiger`, `aiger_bytes`: AIGER 1.9, ASCII and binary.
* `AigBuilder`: makes one gate by gate, hashing structure.
* `simulate`, `truth_tables`: 64 patterns a word; `support`, `cone`, `cuts`, `structural_hash`.

Example:
    >>> from eda.aig import AigBuilder, truth_tables
    >>> made = AigBuilder(2)
    >>> made.output(made.xor(*made.inputs))
    >>> [f"{int(word):x}" for word in truth_tables(made.build())[:, 0]]
    ['6']
"""

from eda.aig.aig import Aig
from eda.aig.aiger_read import parse_aiger, read_aiger
from eda.aig.aiger_write import aiger_bytes, write_aiger
from eda.aig.builder import AigBuilder
from eda.aig.cut_sets import cuts
from eda.aig.simulation import (
    random_patterns,
    simulate,
    simulate_roots,
    simulate_steps,
    truth_tables,
)
from eda.aig.structure import cone, extract, fanouts, strash, structural_hash, support

__all__ = [
    "Aig",
    "AigBuilder",
    "aiger_bytes",
    "cone",
    "cuts",
    "extract",
    "fanouts",
    "parse_aiger",
    "random_patterns",
    "read_aiger",
    "simulate",
    "simulate_roots",
    "simulate_steps",
    "strash",
    "structural_hash",
    "support",
    "truth_tables",
    "write_aiger",
]
