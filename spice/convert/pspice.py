"""PSpice: ``PARAMS:``, ``VALUE``, ``IF``, switches by their on and off voltages."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from eda.circuit import KIND_NAMES, ModelCard
from eda.spice.cards import Style
from eda.spice.convert.expressions import REWRITTEN, Speech
from eda.spice.convert.target import CARDS, PASSIVE, PINS, SOURCE, SPICE_MODELS, WAVES, Target

_FUNCTIONS: Final = frozenset(
    {"pwr", "pwrs", "sgn", "stp", "limit", "table", "ddt", "sdt", "arctan", "atan2", "ceil"}
    | {"floor", "int", "asinh", "acosh", "atanh"}
)

_SWITCHES: Final = {"sw": ("vswitch", "v"), "csw": ("iswitch", "i")}


def _switch(card: ModelCard) -> ModelCard:
    """Return a switch's model by its on and off voltages, as PSpice has it."""
    if card.kind not in _SWITCHES:
        return card
    kind, letter = _SWITCHES[card.kind]
    made = dict(card.parameters)
    middle, half = made.pop(f"{letter}t", 0.0), made.pop(f"{letter}h", 0.0)
    if not isinstance(middle, float) or not isinstance(half, float):
        return card
    made.update({f"{letter}on": middle + half, f"{letter}off": middle - half})
    return replace(card, kind=kind, parameters=made)


PSPICE: Final = Target(
    "pspice",
    Style(
        "pspice",
        params="PARAMS:",
        value=dict.fromkeys(("vcvs", "vccs", "ccvs", "cccs"), "VALUE="),
    ),
    speech=Speech(
        functions=_FUNCTIONS,
        rewritten={key: text for key, text in REWRITTEN.items() if key not in _FUNCTIONS},
        names={"temper": "temp"},
        conditional="if",
        conjunctions={"&&": "&", "||": "|"},
    ),
    kinds=frozenset(KIND_NAMES) - {"behavioral", "xspice", "osdi"},
    pins={**PINS, "mosfet": frozenset({4})},
    passive=PASSIVE - {"dtemp", "scale", "noisy", "nt", "mismatch"},
    source=SOURCE | WAVES,
    model_kinds=SPICE_MODELS | {"vswitch", "iswitch", "sw"},
    levels={8.0: 7.0, 14.0: 8.0},
    model=_switch,
    cards=CARDS
    | {".four", ".tf", ".sens", ".step", ".probe", ".print", ".plot", ".option"}
    | {".options", ".stimulus", ".mc", ".wcase"},
)
