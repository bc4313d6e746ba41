"""Schematics: readable analog drawings of bare netlists, and reading them back."""

from eda.schematic.drawing import Drawing, draw
from eda.schematic.extract import Extracted, extract_circuit
from eda.schematic.findings_page import findings_page
from eda.schematic.guesses import with_guesses
from eda.schematic.logic import draw_aig
from eda.schematic.marks import with_marks
from eda.schematic.measure import Measures, measure
from eda.schematic.sheet import Guess, Mark, Sheet

__all__ = [
    "Drawing",
    "Extracted",
    "Guess",
    "Mark",
    "Measures",
    "Sheet",
    "draw",
    "draw_aig",
    "extract_circuit",
    "findings_page",
    "measure",
    "with_guesses",
    "with_marks",
]
