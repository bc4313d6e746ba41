"""Finds the open pins of a circuit: those on a net nothing else touches, and those on ``?``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from eda.circuit import Circuit

PLACEHOLDER: Final = "?"
"""The net name that stands for "I do not know": each pin on it is open by itself."""


def open_pins(circuit: Circuit) -> list[tuple[str, str]]:
    """Return the open pins as (device, role), in circuit order.

    A pin is open when it is on the net ``?``, or alone on a net that is neither a port, ground
    nor global.

    Example:
        >>> from eda.circuit import Circuit, Device
        >>> m1 = Device("M1", "mosfet", ("d", "g", "s"), ("out", "?", "0"))
        >>> r1 = Device("R1", "resistor", ("p", "n"), ("out", "0"))
        >>> open_pins(Circuit(devices=(m1, r1)))
        [('M1', 'g')]
    """
    touched: dict[str, int] = {}
    for device in circuit.devices:
        for net in device.nets:
            key = net.lower()
            touched[key] = touched.get(key, 0) + 1
    closed = {name.lower() for name in (*circuit.ports, *circuit.globals, "0")}
    found = []
    for device in circuit.devices:
        for role, net in device.pins:
            key = net.lower()
            if key == PLACEHOLDER or (touched[key] == 1 and key not in closed):
                found.append((device.name, role))
    return found
