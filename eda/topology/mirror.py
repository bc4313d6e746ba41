"""A circuit turned upside down: n for p, supply for ground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.topology.circuit import Topology
from eda.topology.parts import DIODE, NMOS, NPN, PMOS, PNP, VDD, VSS

if TYPE_CHECKING:
    from eda.topology.circuit import Placed

_OTHER: Final = {NMOS: PMOS, PMOS: NMOS, NPN: PNP, PNP: NPN}
_RAIL: Final = {VDD: VSS, VSS: VDD}


def upside_down(topology: Topology) -> Topology | None:
    """Return the complementary circuit; None where it has not both rails.

    Example:
        >>> amplifier = Topology("general", (0, 1, 2, 11), ((0, (3, 2, 1, 1)), (4, (0, 3))))
        >>> upside_down(amplifier).devices
        ((1, (3, 2, 1, 1)), (4, (0, 3)))
    """
    if not {VDD, VSS} <= set(topology.net_class):
        return None
    devices: list[Placed] = []
    for kind, pins in topology.devices:
        turned = (pins[1], pins[0]) if kind == DIODE else pins
        devices.append((_OTHER.get(kind, kind), turned))
    return Topology(
        topology.type,
        tuple(_RAIL.get(item, item) for item in topology.net_class),
        tuple(devices),
    )
