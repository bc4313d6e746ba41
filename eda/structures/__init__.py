"""Structure recognition: which blocks a circuit is made of, and what is symmetric in it."""

from eda.structures.catalogue import PATTERNS
from eda.structures.find import find_structures
from eda.structures.labels import STRUCTURE_KINDS, StructureLabels, structure_labels
from eda.structures.pattern import Pattern
from eda.structures.structure import (
    MatchedSet,
    Member,
    Path,
    Structure,
    Structures,
    SymmetryAxis,
)

__all__ = [
    "PATTERNS",
    "STRUCTURE_KINDS",
    "MatchedSet",
    "Member",
    "Path",
    "Pattern",
    "Structure",
    "StructureLabels",
    "Structures",
    "SymmetryAxis",
    "find_structures",
    "structure_labels",
]
