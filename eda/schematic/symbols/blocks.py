"""Boxes with named pins: instances of subcircuits, XSPICE and OSDI devices, lines."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from eda.schematic.symbols.symbol import Pin, Stroke, Symbol, Text, shortened, text_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.circuit import Device

LONGEST_PIN = 14


def block(device: Device, sides: Sequence[str]) -> Symbol:
    """Return a box, its pins in the order of the device's.

    Args:
        device: What it stands for.
        sides: Of each pin: ``left``, ``right``, ``top`` or ``bottom``.
    """
    numbers: dict[str, list[int]] = {"left": [], "right": [], "top": [], "bottom": []}
    for number, side in enumerate(sides):
        numbers[side].append(number)
    by_side = {side: [device.roles[at] for at in found] for side, found in numbers.items()}
    titles = [shortened(device.name, 20, keep_end=True)]
    if device.model:
        titles.append(shortened(device.model, 20))
    left_width, right_width = _widest(by_side["left"]), _widest(by_side["right"])
    inner = max(map(text_width, titles)) + 1
    across = max(_along(by_side["top"]), _along(by_side["bottom"]))
    half = ceil(max(left_width + right_width + inner, across) / 2) + 1
    middle = (left_width - right_width) / 2
    tall = max(len(by_side["left"]), len(by_side["right"]), 2)
    # Names of pins on top and bottom need a line of their own.
    top = tall + 1 + (2 if by_side["top"] else 0)
    bottom = tall + 1 + (2 if by_side["bottom"] else 0)
    pins: list[Pin] = []
    texts = [
        Text(titles[0], middle, -0.1 if len(titles) > 1 else 0.3, "middle", "name"),
        *(Text(title, middle, 1.0, "middle", "value") for title in titles[1:]),
    ]
    for side, sign, anchor in (("left", -1, "start"), ("right", 1, "end")):
        roles = by_side[side]
        for at, role in enumerate(roles):
            y = 2 * at - (len(roles) - 1)
            pins.append(Pin(role, sign * (half + 1), y, sign, 0))
            name = shortened(role, LONGEST_PIN)
            texts.append(Text(name, sign * (half - 0.4), y + 0.3, anchor, "pin"))
    for side, sign, edge in (("top", -1, top), ("bottom", 1, bottom)):
        x = -_along(by_side[side]) / 2
        for role in by_side[side]:
            width = text_width(shortened(role, LONGEST_PIN)) + 1
            at = round(x + width / 2)
            x += max(width, 2)
            pins.append(Pin(role, at, sign * (edge + 1), 0, sign))
            y_text = -edge + 1.1 if sign < 0 else edge - 0.4
            texts.append(Text(shortened(role, LONGEST_PIN), at, y_text, "middle", "pin"))
    frame = ((-half, -top), (half, -top), (half, bottom), (-half, bottom))
    strokes = [Stroke(tuple((float(x), float(y)) for x, y in frame), close=True)]
    strokes += [
        Stroke(((float(pin.x), float(pin.y)), (float(pin.x - pin.dx), float(pin.y - pin.dy))))
        for pin in pins
    ]
    drawn = [at for side in ("left", "right", "top", "bottom") for at in numbers[side]]
    in_order = [pin for _, pin in sorted(zip(drawn, pins, strict=True), key=lambda item: item[0])]
    box = (-half - 1, -top - 1, half + 1, bottom + 1)
    return Symbol(tuple(in_order), tuple(strokes), tuple(texts), box)


def note(text: str) -> Symbol:
    """Return a text without pins, as a mutual inductance is."""
    half = ceil(text_width(text) / 2) + 1
    return Symbol((), (), (Text(text, 0, 0.3, "middle", "value"),), (-half, -1, half, 1))


def _widest(roles: Sequence[str]) -> float:
    return max((text_width(shortened(role, LONGEST_PIN)) + 0.6 for role in roles), default=0.0)


def _along(roles: Sequence[str]) -> float:
    return sum(max(text_width(shortened(role, LONGEST_PIN)) + 1, 2) for role in roles)
