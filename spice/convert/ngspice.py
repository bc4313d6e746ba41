"""ngspice: the reference; what it lacks is what other dialects have of their own."""

from __future__ import annotations

from typing import Final

from eda.spice.cards import NGSPICE_STYLE
from eda.spice.convert.expressions import REWRITTEN, Speech
from eda.spice.convert.target import CARDS, PASSIVE, SOURCE, WAVES, Target

FUNCTIONS: Final = frozenset(
    (
        *("ln", "asinh", "acosh", "atanh", "atan2", "floor", "ceil", "int", "nint", "sgn"),
        *("pwr", "u", "u2", "uramp", "limit", "ternary_fcn", "agauss", "gauss", "unif", "aunif"),
        *("ddt", "pwl", "eq0", "ne0", "gt0", "lt0", "ge0", "le0", "mod", "var", "vec"),
    )
)

NGSPICE: Final = Target(
    "ngspice",
    NGSPICE_STYLE,
    speech=Speech(
        functions=FUNCTIONS,
        rewritten={key: text for key, text in REWRITTEN.items() if key not in FUNCTIONS},
        names={"temp": "temper"},
    ),
    passive=PASSIVE | {"ac", "noise", "bv_max"},
    source=SOURCE
    | WAVES
    | {"am", "trnoise", "trrandom", "distof1", "distof1_phase", "distof2", "distof2_phase"}
    | {"portnum", "z0", "pwr", "freq", "phase"},
    behavioral="b",
    cards=CARDS
    | {".disto", ".pz", ".sens", ".tf", ".sp", ".pss", ".four", ".save", ".print", ".plot"}
    | {".probe", ".width", ".meas", ".measure", ".option", ".options", ".csparam", ".end"},
    options=None,
    control=True,
    ground=frozenset({"gnd"}),
)
