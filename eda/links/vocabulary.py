"""What the model can tell apart: kinds of pin, roles of nets.

The tables are part of the trained weights: their order never changes without new weights
(the weights file names its tables, and a mismatch is refused).
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.graph.circuit_graph import DEVICE_TYPES, NET_CLASSES

_MOS_PINS: Final = ("d", "g", "s", "b")
_PIN_FAMILIES: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(("resistor", "capacitor", "inductor"), ("t",)),
    "diode": ("a", "k"),
    **dict.fromkeys(("npn", "pnp", "bipolar"), ("c", "b", "e")),
    **dict.fromkeys(("nmos", "pmos", "mosfet"), _MOS_PINS),
    **dict.fromkeys(("njf", "pjf"), ("d", "g", "s")),
    **dict.fromkeys(("vsource", "isource"), ("p", "n")),
    "controlled": ("p", "n", "cp", "cn"),
    "switch": ("t", "c"),
    "tline": ("t",),
    "box": ("in", "out", "rail", "other"),
}
_FAMILY_OF: Final[dict[str, str]] = {
    "jfet": "njf",
    "nmf": "njf",
    "pmf": "pjf",
    "mesfet": "njf",
    **dict.fromkeys(("vcvs", "vccs", "ccvs", "cccs", "behavioral"), "controlled"),
    **dict.fromkeys(("xspice", "osdi", "subcircuit", "mutual"), "box"),
}
_SYMMETRIC: Final = frozenset(("resistor", "capacitor", "inductor", "tline"))

PIN_KINDS: Final[tuple[str, ...]] = tuple(
    f"{family}.{pin}" for family, pins in _PIN_FAMILIES.items() for pin in pins
)
"""Kinds of pin: family of device and role; the two pins of a passive are one kind."""

NET_ROLES: Final[tuple[str, ...]] = (
    *("internal", "low", "high", "middle", "bias", "input", "output", "port"),
)
"""What a net is for, as the model sees it: ``low`` and ``high`` are the two rails, ``middle``
is ground in a circuit that has a negative supply too."""

LOW: Final = NET_ROLES.index("low")
HIGH: Final = NET_ROLES.index("high")
MIDDLE: Final = NET_ROLES.index("middle")
RAILS: Final = (LOW, HIGH, MIDDLE)

_KIND_INDEX: Final = {name: index for index, name in enumerate(PIN_KINDS)}
_BOX_PINS: Final = re.compile(
    r"(?P<rail>[adp]?v(?:dd|ss|cc|ee)\w*|[adp]?gnd\w*|vpwr|vgnd|vpb|vnb)"
    r"|(?P<out>v?out\w*|y\d*|q_?n?\d*|z\d*)"
    r"|(?P<in>v?in\w*|[abcd]\d*|clk\w*|en)"
)


def pin_kind(device_type: str, role: str) -> int:
    """Return the kind of a pin: an index into ``PIN_KINDS``.

    Example:
        >>> PIN_KINDS[pin_kind("pmos", "g")], PIN_KINDS[pin_kind("resistor", "n")]
        ('pmos.g', 'resistor.t')
        >>> PIN_KINDS[pin_kind("subcircuit", "outp")]
        'box.out'
    """
    family = _FAMILY_OF.get(device_type, device_type)
    if family in _SYMMETRIC:
        pin = "t"
    elif family == "switch":
        pin = "c" if role in ("cp", "cn") else "t"
    elif family == "box":
        match = _BOX_PINS.fullmatch(role.lower())
        pin = (match.lastgroup if match else None) or "other"
    else:
        # Roles beyond the usual ones (a bipolar's substrate) count as the bulk does elsewhere.
        pin = role if f"{family}.{role}" in _KIND_INDEX else ""
    return _KIND_INDEX.get(f"{family}.{pin}", _KIND_INDEX["box.other"])


def net_roles(net_class: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return the role of each net, given its class (an index into ``NET_CLASSES``).

    Which of ground and negative supply is the lower rail depends on whether both are there.
    """
    ground, negative = NET_CLASSES.index("ground"), NET_CLASSES.index("negative_supply")
    table = np.array(
        [
            {"ground": LOW, "negative_supply": LOW, "supply": HIGH}.get(
                name, NET_ROLES.index(name) if name in NET_ROLES else 0
            )
            for name in NET_CLASSES
        ],
        dtype=np.int8,
    )
    if (net_class == negative).any() and (net_class == ground).any():
        table[ground] = MIDDLE
    return table[net_class]


def swapped_kinds() -> NDArray[np.int16]:
    """Return for each kind of pin the kind that drain/source exchange makes of it."""
    table = np.arange(len(PIN_KINDS), dtype=np.int16)
    for family in ("nmos", "pmos", "mosfet", "njf", "pjf"):
        drain, source = _KIND_INDEX[f"{family}.d"], _KIND_INDEX[f"{family}.s"]
        table[drain], table[source] = source, drain
    return table


BULKS: Final = tuple(_KIND_INDEX[f"{family}.b"] for family in ("nmos", "pmos", "mosfet"))
"""Kinds of pin that are MOS bulks."""

NUM_DEVICE_TYPES: Final = len(DEVICE_TYPES)
