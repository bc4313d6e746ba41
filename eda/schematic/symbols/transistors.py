"""Transistors: standing, gate or base on the left, n with its drain or collector on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eda.schematic.symbols.symbol import Pin, Stroke, Symbol, arrow, circle, line, upside_down

if TYPE_CHECKING:
    from eda.circuit import Device

BOX = (-3, -3, 0, 3)


def mosfet(device: Device, *, bulk: bool) -> Symbol:
    """Return a MOSFET: an arrow on the source, a bubble on the gate of a p-channel."""
    p = device.polarity == "p"
    plate = -2.0 if p else -1.75
    strokes = [
        line((0, -3), (0, -1), (-1.2, -1)),
        line((0, 3), (0, 1), (-1.2, 1)),
        line((-1.2, -1.45), (-1.2, 1.45), thick=True),
        line((-1.75, -1), (-1.75, 1), thick=True),
        line((-3, 0), (plate - 0.25 if p else plate, 0)),
    ]
    if p:
        strokes.append(circle(-2.0, 0, 0.25))
        strokes.append(arrow((0, 1), (-0.95, 1)))
    elif device.polarity == "n":
        strokes.append(arrow((-1.2, 1), (-0.15, 1)))
    pins = [Pin("d", 0, -3, 0, -1), Pin("g", -3, 0, -1, 0), Pin("s", 0, 3, 0, 1)]
    if bulk:
        strokes.append(line((-1.2, 0), (1, 0)))
        pins.append(Pin("b", 1, 0, 1, 0))
    right = 1 if bulk else 0
    symbol = Symbol(tuple(pins), tuple(strokes), (), (*BOX[:2], right, BOX[3]))
    return upside_down(symbol) if p else symbol


def bipolar(device: Device) -> Symbol:
    """Return a bipolar transistor; substrate and thermal pins look to the right."""
    p = device.polarity == "p"
    strokes = [
        line((-3, 0), (-1.4, 0)),
        line((-1.4, -1.3), (-1.4, 1.3), thick=True),
        line((-1.4, -0.6), (0, -1.7), (0, -3)),
        line((-1.4, 0.6), (0, 1.7), (0, 3)),
    ]
    if p:
        strokes.append(arrow((0, 1.7), (-1.25, 0.72)))
    else:
        strokes.append(arrow((-1.4, 0.6), (-0.1, 1.62)))
    pins = [Pin("c", 0, -3, 0, -1), Pin("b", -3, 0, -1, 0), Pin("e", 0, 3, 0, 1)]
    more = [role for role in device.roles if role not in ("c", "b", "e")]
    right = 0
    for at, role in enumerate(more):
        y = 0 if len(more) == 1 else -1 + 2 * at
        strokes.append(line((-1.4, y), (1, y)))
        pins.append(Pin(role, 1, y, 1, 0))
        right = 1
    symbol = Symbol(tuple(pins), tuple(strokes), (), (*BOX[:2], right, BOX[3]))
    return upside_down(symbol) if p else symbol


def jfet(device: Device) -> Symbol:
    """Return a JFET or MESFET: the arrow stands on its gate."""
    p = device.polarity == "p"
    strokes: list[Stroke] = [
        line((-3, 0), (-1.2, 0)),
        line((-1.2, -1.4), (-1.2, 1.4), thick=True),
        line((-1.2, -1), (0, -1), (0, -3)),
        line((-1.2, 1), (0, 1), (0, 3)),
        arrow((-1.2, 0), (-2.3, 0)) if p else arrow((-3, 0), (-1.3, 0)),
    ]
    pins = (Pin("d", 0, -3, 0, -1), Pin("g", -3, 0, -1, 0), Pin("s", 0, 3, 0, 1))
    symbol = Symbol(pins, tuple(strokes), (), BOX)
    return upside_down(symbol) if p else symbol
