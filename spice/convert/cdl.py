"""CDL: what layout against schematic needs; no sources, no analyses."""

from __future__ import annotations

from typing import Final

from eda.spice.cards import Style
from eda.spice.convert.target import PASSIVE, PINS, SPICE_MODELS, Target

CDL: Final = Target(
    "cdl",
    Style("cdl", quotes=("'", "'"), slash=True, dollars=True, tail=()),
    kinds=frozenset(
        {"resistor", "capacitor", "inductor", "diode", "bipolar", "mosfet", "jfet", "subcircuit"}
    ),
    pins={**PINS, "inductor": frozenset({2})},
    passive=PASSIVE,
    behavioral="",
    model_kinds=SPICE_MODELS & frozenset(),
    cards=frozenset(),
    options=frozenset(),
    functions=False,
)
