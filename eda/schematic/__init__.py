"""Schematics: readable analog drawings of bare netlists, and reading them back."""

from eda.schematic.drawing import Drawing, draw
from eda.schematic.extract import Extracted, extract_circuit
from eda.schematic.measure import Measures, measure
from eda.schematic.sheet import Sheet

__all__ = [
    "Drawing",
    "Extracted",
    "Measures",
    "Sheet",
    "draw",
    "extract_circuit",
    "measure",
]
