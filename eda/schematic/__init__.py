"""Schematics: readable analog drawings of bare netlists, and reading them back."""

from eda.schematic.drawing import Drawing, draw
from eda.schematic.extract import Extracted, extract_circuit
from eda.schematic.guesses import with_guesses
from eda.schematic.measure import Measures, measure
from eda.schematic.sheet import Guess, Sheet

__all__ = [
    "Drawing",
    "Extracted",
    "Guess",
    "Measures",
    "Sheet",
    "draw",
    "extract_circuit",
    "measure",
    "with_guesses",
]
