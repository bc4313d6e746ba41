"""LTspice's netlists: B sources, ``SINE``, inductors without their hidden resistance."""

from __future__ import annotations

from typing import Final

from eda.circuit import KIND_NAMES
from eda.spice.cards import Style
from eda.spice.convert.expressions import REWRITTEN, Speech
from eda.spice.convert.target import (
    CARDS,
    PASSIVE,
    PINS,
    SOURCE,
    SPICE_MODELS,
    WAVES,
    Target,
)
from eda.spice.elements import PARASITIC

_FUNCTIONS: Final = frozenset(
    {"int", "nint", "round", "floor", "ceil", "sgn", "pwr", "pwrs", "u", "uramp", "limit", "ln"}
    | {"asinh", "acosh", "atanh", "atan2", "hypot", "buf", "inv", "table", "ddt", "idt", "sdt"}
    | {"arctan", "arcsin", "arccos", "square", "mc", "gauss", "flat"}
)

LTSPICE: Final = Target(
    "ltspice",
    Style("ltspice", words={"sin": "SINE"}, tail=(".backanno", ".end")),
    speech=Speech(
        functions=_FUNCTIONS,
        rewritten={key: text for key, text in REWRITTEN.items() if key not in _FUNCTIONS},
        names={"temper": "temp"},
        conditional="if",
        conjunctions={"&&": "&", "||": "|"},
    ),
    kinds=frozenset(KIND_NAMES) - {"xspice", "osdi"},
    pins={**PINS, "mosfet": frozenset({3, 4})},
    passive=PASSIVE | PARASITIC | {"v", "irms", "ipk", "mfg", "pn", "pwr", "type"},
    source=SOURCE | WAVES | PARASITIC,
    # An inductor has a milliohm in it unless told otherwise.
    added={"inductor": {"rser": 0.0}},
    behavioral="b",
    model_kinds=SPICE_MODELS | {"sw", "csw", "vdmos", "ltra", "urc"},
    cards=CARDS
    | {".meas", ".measure", ".save", ".four", ".tf", ".step", ".option", ".options", ".net"}
    | {".machine", ".wave"},
    ground=frozenset({"gnd"}),
)
