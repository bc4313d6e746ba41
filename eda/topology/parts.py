"""What new circuits are made of: kinds of device with their pins, and classes of port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of device.

    Attributes:
        name: As in `eda.graph.DEVICE_TYPES`.
        kind: As in `eda.circuit.KINDS`.
        polarity: ``n``, ``p`` or empty.
        roles: Of its pins, in the order in which nets are chosen for them.
        asked: How many of them are chosen freely; the bulk of a MOS transistor is a yes or no.
        ends: The two pins that its current flows between.
    """

    name: str
    kind: str
    polarity: str
    roles: tuple[str, ...]
    asked: int
    ends: tuple[int, int]


KINDS: Final = (
    Kind("nmos", "mosfet", "n", ("d", "g", "s", "b"), 3, (0, 2)),
    Kind("pmos", "mosfet", "p", ("d", "g", "s", "b"), 3, (0, 2)),
    Kind("npn", "bipolar", "n", ("c", "b", "e"), 3, (0, 2)),
    Kind("pnp", "bipolar", "p", ("c", "b", "e"), 3, (0, 2)),
    Kind("resistor", "resistor", "", ("p", "n"), 2, (0, 1)),
    Kind("capacitor", "capacitor", "", ("p", "n"), 2, (0, 1)),
    Kind("inductor", "inductor", "", ("p", "n"), 2, (0, 1)),
    Kind("diode", "diode", "", ("a", "k"), 2, (0, 1)),
)
"""Every kind of device; a number below is an index into this table."""

NMOS, PMOS, NPN, PNP, RESISTOR, CAPACITOR, INDUCTOR, DIODE = range(len(KINDS))
PORTS: Final = (
    *("vdd", "vss", "vin", "iin", "vref", "vcont", "vlo", "vrf", "vcm", "vb", "ib"),
    *("vout", "iout", "vif"),
)
"""Classes of port, in the order in which a circuit lists its ports."""

VDD, VSS = 0, 1
VIN, IIN, VREF, VCONT, VLO, VRF, VCM, VB, IB, VOUT, IOUT, VIF = range(2, len(PORTS))
OUTPUTS: Final = frozenset((VOUT, IOUT, VIF))
RAILS: Final = frozenset((VDD, VSS))
INTERNAL: Final = -1
"""Class of a net that is no port."""

FIXED_PORTS: Final = frozenset((VREF, VCONT, VCM, VB))
"""Ports whose voltage the sizing of a circuit may choose."""

HELD_PORTS: Final = frozenset((*RAILS, *FIXED_PORTS, VIN, VLO, VRF, IOUT, VIF))
"""Ports that have a voltage source on them where a circuit is simulated."""

RULE_CLASS: Final = (
    *("supply", "ground", "input", "input", "bias", "input", "input", "input", "bias"),
    *("bias", "bias", "output", "output", "output"),
)
"""What the electrical rules call each class of port."""

PIN_SLOTS: Final = tuple(
    (number, role) for number, kind in enumerate(KINDS) for role in range(kind.asked)
)
"""Every pin that a net is chosen for: (kind, index of the role)."""
SLOT_OF_PIN: Final = {pin: at for at, pin in enumerate(PIN_SLOTS)}

MAX_DEVICES: Final = 72
MAX_PORTS: Final = 20
