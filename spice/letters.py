"""The table of element letters: which function reads the cards that begin with each."""

from __future__ import annotations

from typing import Final

from eda.spice import elements, sources
from eda.spice.builder import Element

ELEMENTS: Final[dict[str, Element]] = {
    "a": elements.xspice,
    "b": sources.behavioral,
    "c": elements.passive("capacitor", "C"),
    "d": elements.two_net_model("diode", "D", ("area", "pj")),
    "e": sources.voltage_controlled("vcvs", "E"),
    "f": sources.current_controlled("cccs", "F"),
    "g": sources.voltage_controlled("vccs", "G"),
    "h": sources.current_controlled("ccvs", "H"),
    "i": sources.independent("isource", "I"),
    "j": elements.three_net_model("jfet", "J"),
    "k": elements.mutual,
    "l": elements.passive("inductor", "L"),
    "m": elements.mosfet,
    "n": elements.osdi,
    "o": elements.line_four("O"),
    "p": elements.coupled_lines,
    "q": elements.bipolar,
    "r": elements.passive("resistor", "R"),
    "s": elements.switch,
    "t": elements.line_four("T"),
    "u": elements.uniform_line,
    "v": sources.independent("vsource", "V"),
    "w": elements.current_switch,
    "x": elements.instance,
    "y": elements.line_four("Y"),
    "z": elements.three_net_model("mesfet", "Z"),
}
"""Readers by lower-case element letter."""
