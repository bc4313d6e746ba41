"""PSpice: ``PARAMS:``, ``VALUE``, ``IF``, switches by their on and off voltages."""

from __future__ import annotations

from typing import Final

from eda.circuit import KIND_NAMES
from eda.spice.cards import Style
from eda.spice.convert.expressions import REWRITTEN, Speech
from eda.spice.convert.target import CARDS, PASSIVE, SOURCE, SPICE_MODELS, WAVES, Target

_FUNCTIONS: Final = frozenset(
    {"pwr", "pwrs", "sgn", "stp", "limit", "table", "ddt", "sdt", "arctan", "atan2", "ceil"}
    | {"floor", "int", "asinh", "acosh", "atanh"}
)

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
    passive=PASSIVE - {"dtemp", "scale", "noisy", "nt", "mismatch"},
    source=SOURCE | WAVES,
    model_kinds=SPICE_MODELS | {"vswitch", "iswitch", "sw"},
    levels={8.0: 7.0, 14.0: 8.0},
    cards=CARDS
    | {".four", ".tf", ".sens", ".step", ".probe", ".print", ".plot", ".option"}
    | {".options", ".stimulus", ".mc", ".wcase"},
)
