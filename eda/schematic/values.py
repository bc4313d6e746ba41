"""What stands beside a symbol: the value of a part, the size of a transistor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eda.circuit.values import Expression, number
from eda.numbers import format_engineering

if TYPE_CHECKING:
    from eda.circuit import Device, Value


def value_text(device: Device) -> str:
    """Return one short line: ``10u/180n x2``, ``4.7k``, ``1.8``, ``F: V1``.

    Example:
        >>> from eda.circuit import Device
        >>> nets = ("out", "in", "0", "0")
        >>> sizes = {"w": 1e-5, "l": 1.8e-7, "m": 2.0}
        >>> value_text(Device("M1", "mosfet", ("d", "g", "s", "b"), nets, "nch", sizes))
        '10u/180n x2'
    """
    have = device.parameters
    if device.kind == "mosfet":
        size = "/".join(_short(have[key]) for key in ("w", "l") if key in have)
        return f"{size or device.model}{_times(device)}"
    if device.kind == "bipolar":
        return f"{device.model}{_times(device, 'area', 'm')}"
    if device.references and device.kind != "mutual":
        gain = f" {_short(have['gain'])}" if "gain" in have else ""
        return f"{','.join(device.references)}{gain}"
    for key in ("value", "dc", "gain", "v", "i", "r", "c", "l"):
        if key in have:
            return _short(have[key])
    for key in ("pulse", "sin", "pwl", "exp", "sffm", "am", "ac"):
        if key in have:
            return key
    return device.model


def mutual_text(device: Device) -> str:
    """Return the line of a mutual inductance: its name, its inductors, its factor."""
    factor = f" k={_short(device.parameters['k'])}" if "k" in device.parameters else ""
    return f"{device.name}: {' '.join(device.references)}{factor}"


def _times(device: Device, *keys: str) -> str:
    for key in keys or ("m",):
        value = number(device.parameters.get(key))
        if value is not None and value != 1:
            return f" x{format_engineering(value, digits=3)}"
    return ""


def _short(value: Value) -> str:
    known = number(value)
    if known is not None:
        return format_engineering(known, digits=3)
    if isinstance(value, Expression):
        return value.text
    return str(value) if not isinstance(value, tuple) else ""
