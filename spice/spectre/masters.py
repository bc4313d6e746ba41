"""What the masters of Spectre are: primitives of instances, and types of models.

The same tables serve the reader and the writer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Primitive:
    """A built-in master of instances.

    Attributes:
        kind: The kind of device it is here.
        nodes: How many nodes it has.
        renamed: Names here by Spectre's names, where they differ.
    """

    kind: str
    nodes: int
    renamed: dict[str, str] = field(default_factory=dict)


PRIMITIVES: Final[dict[str, Primitive]] = {
    "resistor": Primitive("resistor", 2, {"r": "value"}),
    "capacitor": Primitive("capacitor", 2, {"c": "value"}),
    "inductor": Primitive("inductor", 2, {"l": "value"}),
    "vsource": Primitive("vsource", 2),
    "isource": Primitive("isource", 2),
    "port": Primitive("vsource", 2, {"num": "portnum", "r": "z0"}),
    "iprobe": Primitive("vsource", 2),
    "vcvs": Primitive("vcvs", 4),
    "vccs": Primitive("vccs", 4, {"gm": "gain"}),
    "ccvs": Primitive("ccvs", 2, {"rm": "gain"}),
    "cccs": Primitive("cccs", 2),
    "pvcvs": Primitive("vcvs", 0, {"coeffs": "coefficients"}),
    "pvccs": Primitive("vccs", 0, {"coeffs": "coefficients"}),
    "pccvs": Primitive("ccvs", 2, {"coeffs": "coefficients"}),
    "pcccs": Primitive("cccs", 2, {"coeffs": "coefficients"}),
    "bsource": Primitive("behavioral", 2),
    "tline": Primitive("tline", 4, {"f": "freq"}),
    "relay": Primitive("switch", 4),
    "mutual_inductor": Primitive("mutual", 0, {"coupling": "k"}),
}
"""Masters of instances by name."""

BLACK_BOXES: Final = frozenset(
    (
        *("transformer", "nport", "switch", "winding", "core", "delay", "dcblock", "dcfeed"),
        *("msline", "mtline", "node", "quantity", "zcccs", "zccvs", "zvccs", "zvcvs"),
        *("scccs", "sccvs", "svccs", "svcvs", "intcap", "fourier", "paramtest", "checklimit"),
    )
)
"""Built-in masters that have no counterpart here."""


@dataclass(frozen=True, slots=True)
class ModelType:
    """A built-in type of model.

    Attributes:
        kinds: The type of model card here by the word of ``type=``; the first is the default.
        level: The level that ngspice gives such a model; None where it has none.
    """

    kinds: dict[str, str]
    level: float | None = None


_MOS: Final = {"n": "nmos", "p": "pmos"}
_BJT: Final = {"npn": "npn", "pnp": "pnp"}

MODELS: Final[dict[str, ModelType]] = {
    "resistor": ModelType({"": "r"}),
    "capacitor": ModelType({"": "c"}),
    "inductor": ModelType({"": "l"}),
    "diode": ModelType({"": "d"}),
    "bjt": ModelType(_BJT),
    "vbic": ModelType(_BJT, 4.0),
    "hicum": ModelType(_BJT, 8.0),
    "jfet": ModelType({"n": "njf", "p": "pjf"}),
    "gaas": ModelType({"n": "nmf", "p": "pmf"}),
    "mos1": ModelType(_MOS, 1.0),
    "mos2": ModelType(_MOS, 2.0),
    "mos3": ModelType(_MOS, 3.0),
    "bsim1": ModelType(_MOS, 4.0),
    "bsim2": ModelType(_MOS, 5.0),
    "bsim3v3": ModelType(_MOS, 8.0),
    "bsim3": ModelType(_MOS, 8.0),
    "bsim4": ModelType(_MOS, 14.0),
    "bsimsoi": ModelType(_MOS, 10.0),
    "relay": ModelType({"": "sw"}),
}
"""Types of models by master."""

OTHER_MOS: Final = frozenset(
    (
        *("mos0", "ekv", "psp102", "psp103", "psp1020", "psp1021", "hisim2", "hisim_hv", "utsoi2"),
        *("bsim6", "bsimbulk", "bsimcmg", "bsimimg", "mos11010", "mos903", "b3soipd", "ldmos"),
    )
)
"""Types of MOS models without a level in ngspice; their name is kept beside the card."""

KIND_OF_CARD: Final[dict[str, str]] = {
    **dict.fromkeys(("nmos", "pmos", "vdmos", "nsoi", "psoi"), "mosfet"),
    **dict.fromkeys(("npn", "pnp", "lpnp"), "bipolar"),
    **{"d": "diode", "r": "resistor", "res": "resistor", "c": "capacitor", "cap": "capacitor"},
    **{"l": "inductor", "ind": "inductor", "njf": "jfet", "pjf": "jfet"},
    **{"nmf": "mesfet", "pmf": "mesfet", "nhfet": "mesfet", "phfet": "mesfet"},
    **{"sw": "switch", "csw": "switch", "vswitch": "switch"},
}
"""The kind of a device by the type of its model card."""

ANALYSES: Final = frozenset(
    (
        *("dc", "ac", "tran", "noise", "sp", "xf", "pz", "stb", "sens", "dcmatch", "acmatch"),
        *("pss", "pac", "pnoise", "pxf", "psp", "pstb", "qpss", "qpac", "qpnoise", "qpsp", "qpxf"),
        *("hb", "hbac", "hbnoise", "hbsp", "envlp", "lf", "loadpull", "montecarlo", "sweep"),
        *("tdr", "fourier", "uti", "emir", "reliability", "spectrerf", "trannoise"),
    )
)
"""Statements that are analyses."""

CONTROLS: Final = frozenset(
    (
        *("options", "info", "alter", "altergroup", "set", "shell", "check", "checklimit"),
        *("paramtest", "assert", "asserts", "print", "plot", "savestate", "dspf_options"),
    )
)
"""Named statements that are no instances and no analyses."""
