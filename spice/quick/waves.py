"""What sources do over time: pulses, lines between points, sines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from eda.circuit import Device
from eda.spice.quick.table import Floats

Number = Callable[[Device, str, float], Floats]
"""Gives a parameter of a device, [n] or [1]; the last argument is its default.

A part of a list is named with its place, as ``pulse:2``.
"""

MOST_CORNERS: Final = 60


def wave(device: Device, number: Number) -> Callable[[float], Floats] | None:
    """Return what a source does over time, or None where it stays at its ``dc``."""
    for name, maker in (("pulse", _pulse), ("pwl", _lines), ("sin", _sine)):
        given: Any = device.parameters.get(name)
        if isinstance(given, tuple) and given:
            return maker(device, number, len(given))
    return None


def corners_of(device: Device, number: Number, stop_s: float) -> set[float]:
    """Return the times at which the slope of a source jumps, of the first design."""
    given = device.parameters
    made: set[float] = set()
    if isinstance(given.get("pulse"), tuple):
        parts = [float(number(device, f"pulse:{at}", 1e9)[0]) for at in range(7)]
        begin = parts[2]
        while begin < stop_s and len(made) < MOST_CORNERS:
            made |= {float(end) for end in np.cumsum([begin, parts[3], parts[5], parts[4]])}
            begin += max(parts[6], 1e-15)
    lines: Any = given.get("pwl")
    if isinstance(lines, tuple):
        made |= {float(number(device, f"pwl:{at}", 0.0)[0]) for at in range(0, len(lines), 2)}
    return made


def _pulse(device: Device, number: Number, size: int) -> Callable[[float], Floats]:
    def part(at: int, default: float) -> Floats:
        return number(device, f"pulse:{at}", default) if at < size else np.array([default])

    low, high, delay = part(0, 0.0), part(1, 0.0), part(2, 0.0)
    rise, fall = np.maximum(part(3, 1e-12), 1e-15), np.maximum(part(4, 1e-12), 1e-15)
    width, period = part(5, 1e9), np.maximum(part(6, 1e9), 1e-15)

    def at(time: float) -> Floats:
        t = np.where(time < delay, -1.0, np.mod(time - delay, period))
        up = np.clip(t / rise, 0.0, 1.0)
        down = np.clip((t - rise - width) / fall, 0.0, 1.0)
        return np.asarray(low + (high - low) * np.where(t < 0, 0.0, up - down))

    return at


def _lines(device: Device, number: Number, size: int) -> Callable[[float], Floats]:
    times = [number(device, f"pwl:{at}", 0.0) for at in range(0, size - 1, 2)]
    values = [number(device, f"pwl:{at}", 0.0) for at in range(1, size, 2)]

    def at(time: float) -> Floats:
        found = values[0]
        for before, after, low, high in zip(times, times[1:], values, values[1:], strict=False):
            share = np.clip((time - before) / np.maximum(after - before, 1e-18), 0.0, 1.0)
            found = np.where(time >= before, low + share * (high - low), found)
        return np.asarray(found)

    return at


def _sine(device: Device, number: Number, size: int) -> Callable[[float], Floats]:
    def part(at: int, default: float) -> Floats:
        return number(device, f"sin:{at}", default) if at < size else np.array([default])

    offset, amplitude, frequency = part(0, 0.0), part(1, 0.0), part(2, 1.0)
    delay, damping, phase = part(3, 0.0), part(4, 0.0), part(5, 0.0)

    def at(time: float) -> Floats:
        t = np.maximum(time - delay, 0.0)
        angle = 2 * np.pi * frequency * t + np.radians(phase)
        return np.asarray(offset + amplitude * np.exp(-t * damping) * np.sin(angle))

    return at
