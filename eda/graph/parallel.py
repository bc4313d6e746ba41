"""Equal devices side by side, merged into one: the fingers of a layout are one transistor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eda.circuit import KINDS, number

if TYPE_CHECKING:
    from eda.circuit import Circuit, Device

_MERGED = frozenset(("resistor", "capacitor", "inductor", "diode", "bipolar", "mosfet"))


def merge_parallel(circuit: Circuit) -> Circuit:
    """Return a flat circuit in which devices of one type on the same nets are one device.

    The multiplier ``m`` of the device that stays is the sum of theirs; other parameters are
    those of the first. Devices that another one refers to stay apart.
    """
    kept: dict[object, int] = {}
    devices: list[Device] = []
    referred = {name.lower() for device in circuit.devices for name in device.references}
    for device in circuit.devices:
        key = None
        if device.kind in _MERGED and device.name.lower() not in referred:
            key = _key(device)
        at = kept.get(key) if key is not None else None
        if at is None:
            if key is not None:
                kept[key] = len(devices)
            devices.append(device)
            continue
        first = devices[at]
        multiplier = _multiplier(first) + _multiplier(device)
        devices[at] = replace(first, parameters={**first.parameters, "m": multiplier})
    return replace(circuit, devices=tuple(devices))


def _key(device: Device) -> object:
    """Return what parallel devices have in common."""
    swappable = KINDS[device.kind].swappable
    pins = [(role, net.lower()) for role, net in device.pins if role not in swappable]
    ends = sorted(net.lower() for role, net in device.pins if role in swappable)
    return device.kind, device.polarity, device.model.lower(), tuple(pins), tuple(ends)


def _multiplier(device: Device) -> float:
    found = number(device.parameters.get("m", 1.0))
    return 1.0 if found is None else found
