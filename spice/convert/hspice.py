"""HSPICE: expressions in quotes, E and G in the place of B, functions as parameters."""

from __future__ import annotations

from typing import Final

from eda.circuit import KIND_NAMES
from eda.spice.cards import Style
from eda.spice.convert.expressions import REWRITTEN, Speech
from eda.spice.convert.target import CARDS, PASSIVE, PINS, SOURCE, SPICE_MODELS, WAVES, Target

_FUNCTIONS: Final = frozenset(
    {"int", "nint", "floor", "ceil", "sgn", "sign", "pwr", "db", "asinh", "acosh", "atanh"}
    | {"atan2", "agauss", "gauss", "unif", "aunif", "limit"}
)

HSPICE: Final = Target(
    "hspice",
    Style(
        "hspice",
        quotes=("'", "'"),
        value={"vcvs": "vol=", "vccs": "cur=", "ccvs": "vol=", "cccs": "cur="},
        function=".param",
    ),
    speech=Speech(
        functions=_FUNCTIONS,
        rewritten={key: text for key, text in REWRITTEN.items() if key not in _FUNCTIONS},
        names={"temp": "temper"},
    ),
    kinds=frozenset(KIND_NAMES) - {"behavioral", "switch", "xspice", "osdi", "mesfet"},
    pins=PINS,
    passive=PASSIVE | {"ac"},
    source=SOURCE | WAVES | {"am"},
    model_kinds=SPICE_MODELS - {"nmf", "pmf"},
    levels={8.0: 49.0, 14.0: 54.0},
    cards=CARDS | {".meas", ".measure", ".print", ".probe", ".four", ".tf", ".option", ".options"},
    ground=frozenset({"gnd", "gnd!", "ground"}),
)
