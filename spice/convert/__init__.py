"""Conversion: a circuit fitted to what a dialect can say, its names respelled, then written."""

from eda.spice.convert.canonical import canonical
from eda.spice.convert.conversion import SUFFIXES, WRITTEN, Conversion, convert

__all__ = ["SUFFIXES", "WRITTEN", "Conversion", "canonical", "convert"]
