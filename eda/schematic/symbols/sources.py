"""Sources, controlled sources and switches; standing, plus on top, control pins on the left."""

from __future__ import annotations

from eda.schematic.symbols.symbol import Pin, Stroke, Symbol, arrow, circle, line

_PINS = (Pin("p", 0, -3, 0, -1), Pin("n", 0, 3, 0, 1))
_BOX = (-1, -3, 1, 3)
_PLUS = (line((-0.3, -0.75), (0.3, -0.75)), line((0, -1.05), (0, -0.45)))
_MINUS = (line((-0.3, 0.75), (0.3, 0.75)),)
_ARROW = (line((0, -0.9), (0, 0.5)), arrow((0, -0.9), (0, 0.9), 0.7))
_LEADS = (line((0, -3), (0, -1.4)), line((0, 1.4), (0, 3)))
_DIAMOND = Stroke(((0, -1.4), (1.3, 0), (0, 1.4), (-1.3, 0)), close=True)


def voltage_source() -> Symbol:
    """Return a circle with plus and minus."""
    return Symbol(_PINS, (*_LEADS, circle(0, 0, 1.4), *_PLUS, *_MINUS), (), _BOX)


def current_source() -> Symbol:
    """Return a circle with an arrow: current flows from ``p`` through it to ``n``."""
    return Symbol(_PINS, (*_LEADS, circle(0, 0, 1.4), *_ARROW), (), _BOX)


def controlled(*, voltage: bool, pins: bool) -> Symbol:
    """Return a diamond; ``pins`` adds the two pins of a controlling voltage."""
    inside = (*_PLUS, *_MINUS) if voltage else _ARROW
    strokes: tuple[Stroke, ...] = (*_LEADS, _DIAMOND, *inside)
    if not pins:
        return Symbol(_PINS, strokes, (), _BOX)
    return Symbol((*_PINS, *_CONTROL), (*strokes, *_control_strokes(-2.0)), (), (-3, -3, 1, 3))


_CONTROL = (Pin("cp", -3, -1, -1, 0), Pin("cn", -3, 1, -1, 0))


def _control_strokes(x: float) -> tuple[Stroke, ...]:
    return (
        line((-3, -1), (x, -1)),
        line((-3, 1), (x, 1)),
        line((x, -1.3), (x, 1.3)),
        line((-2.75, -1.6), (-2.35, -1.6)),
        line((-2.55, -1.8), (-2.55, -1.4)),
        line((-2.75, 1.6), (-2.35, 1.6)),
    )


def switch(*, pins: bool) -> Symbol:
    """Return an open lever; without pins it is one that a current controls."""
    strokes: tuple[Stroke, ...] = (
        line((0, -3), (0, -1.1)),
        line((0, 1.1), (0, 3)),
        circle(0, -0.95, 0.15),
        circle(0, 0.95, 0.15),
        line((0, 0.95), (-0.9, -0.85)),
    )
    if not pins:
        return Symbol(_PINS, strokes, (), _BOX)
    return Symbol((*_PINS, *_CONTROL), (*strokes, *_control_strokes(-1.6)), (), (-3, -3, 1, 3))
