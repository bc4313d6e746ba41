"""The pictures of devices: a table from kind to symbol, one file a family."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from eda.schematic.symbols import passives, sources, transistors
from eda.schematic.symbols.blocks import block, note
from eda.schematic.symbols.symbol import Symbol

if TYPE_CHECKING:
    from eda.circuit import Device

__all__ = ["STANDING", "block", "note", "standing_symbol"]

_FIXED: Final[dict[tuple[str, tuple[str, ...]], Callable[[], Symbol]]] = {
    ("resistor", ("p", "n")): passives.resistor,
    ("capacitor", ("p", "n")): passives.capacitor,
    ("inductor", ("p", "n")): passives.inductor,
    ("diode", ("a", "k")): passives.diode,
    ("vsource", ("p", "n")): sources.voltage_source,
    ("isource", ("p", "n")): sources.current_source,
    ("vcvs", ("p", "n", "cp", "cn")): lambda: sources.controlled(voltage=True, pins=True),
    ("vccs", ("p", "n", "cp", "cn")): lambda: sources.controlled(voltage=False, pins=True),
    ("vcvs", ("p", "n")): lambda: sources.controlled(voltage=True, pins=False),
    ("vccs", ("p", "n")): lambda: sources.controlled(voltage=False, pins=False),
    ("ccvs", ("p", "n")): lambda: sources.controlled(voltage=True, pins=False),
    ("cccs", ("p", "n")): lambda: sources.controlled(voltage=False, pins=False),
    ("switch", ("p", "n", "cp", "cn")): lambda: sources.switch(pins=True),
    ("switch", ("p", "n")): lambda: sources.switch(pins=False),
}
STANDING: Final = frozenset(kind for kind, _ in _FIXED) | {
    *("mosfet", "bipolar", "jfet", "mesfet", "behavioral")
}
"""Kinds with a symbol of their own; the others are boxes."""


def standing_symbol(device: Device, *, bulk: bool) -> Symbol | None:
    """Return the symbol of a device without its texts, or None where it has to be a box.

    Args:
        device: The device.
        bulk: Whether the bulk of a MOSFET is drawn.
    """
    roles = device.roles
    if device.kind == "mosfet" and roles in (("d", "g", "s", "b"), ("d", "g", "s")):
        return transistors.mosfet(device, bulk=bulk)
    if device.kind == "bipolar" and roles[:3] == ("c", "b", "e"):
        return transistors.bipolar(device)
    if device.kind in ("jfet", "mesfet") and roles == ("d", "g", "s"):
        return transistors.jfet(device)
    if device.kind == "behavioral" and roles == ("p", "n"):
        return sources.controlled(voltage="v" in device.parameters, pins=False)
    made = _FIXED.get((device.kind, roles))
    return made() if made is not None else None
