"""Model cards and numbers of our own that new circuits are sized and simulated with.

They are of no process: level-1 transistors with a threshold of 0.45 V, as a reference that is
easy to reproduce. Other cards may be put in their place by name.
"""

from __future__ import annotations

from typing import Final

from eda.circuit import ModelCard

UNIT_A: Final = 20e-6
"""Current that most branches get."""
THRESHOLD_V: Final = 0.45
OVERDRIVE_V: Final = 0.15
GAIN_A_V2: Final = {"n": 250e-6, "p": 80e-6}
"""``KP`` by polarity."""
LAMBDA_1_V: Final = {"n": 0.08, "p": 0.1}
LENGTH_M: Final = 1e-6
WIDTH_M: Final = {"n": 10e-6, "p": 30e-6}
"""Width of a transistor that nothing is known of."""
NARROW_M, WIDE_M = 0.4e-6, 5e-3
THERMAL_V: Final = 25.85e-3
JUNCTION_A: Final = 1e-16
RESISTANCE_OHM: Final = 20e3
CAPACITANCE_F: Final = 1e-12
INDUCTANCE_H: Final = 10e-9
REACTANCES: Final = {
    "": (CAPACITANCE_F, INDUCTANCE_H),
    "power_converter": (1e-8, 1e-6),
    "voltage_regulator": (1e-11, INDUCTANCE_H),
    "ldo": (1e-11, INDUCTANCE_H),
}
"""Capacitance and inductance of parts that nobody has sized, by type."""
LOAD_F: Final = 1e-12
"""At every output."""
SUPPLIES_V: Final = (1.8, 3.3)
"""The lower one where the circuit works from it."""

_MOS: Final = {"level": 1, "tox": 4e-9, "cgso": 0.3e-9, "cgdo": 0.3e-9}

MODELS: Final[dict[tuple[str, str], ModelCard]] = {
    ("mosfet", "n"): ModelCard(
        "nmos_l1",
        "nmos",
        {**_MOS, "vto": THRESHOLD_V, "kp": GAIN_A_V2["n"], "lambda": LAMBDA_1_V["n"]},
    ),
    ("mosfet", "p"): ModelCard(
        "pmos_l1",
        "pmos",
        {**_MOS, "vto": -THRESHOLD_V, "kp": GAIN_A_V2["p"], "lambda": LAMBDA_1_V["p"]},
    ),
    ("bipolar", "n"): ModelCard(
        "npn_l1", "npn", {"is": JUNCTION_A, "bf": 200, "vaf": 60, "tf": 30e-12, "cje": 30e-15}
    ),
    ("bipolar", "p"): ModelCard(
        "pnp_l1", "pnp", {"is": JUNCTION_A, "bf": 100, "vaf": 40, "tf": 60e-12, "cje": 30e-15}
    ),
    ("diode", ""): ModelCard("diode_l1", "d", {"is": JUNCTION_A}),
}
"""The cards by kind and polarity."""
