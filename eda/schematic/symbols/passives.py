"""Two-terminals without a source: resistor, capacitor, inductor, diode; standing."""

from __future__ import annotations

from math import cos, pi, sin

from eda.schematic.symbols.symbol import Pin, Point, Stroke, Symbol, line

_PINS = (Pin("p", 0, -3, 0, -1), Pin("n", 0, 3, 0, 1))
_BOX = (-1, -3, 1, 3)


def resistor() -> Symbol:
    """Return a zigzag."""
    points: list[Point] = [(0, -3), (0, -1.8)]
    for at in range(6):
        points.append((0.7 if at % 2 == 0 else -0.7, -1.5 + 0.6 * at))
    points += [(0, 1.8), (0, 3)]
    return Symbol(_PINS, (line(*points),), (), _BOX)


def capacitor() -> Symbol:
    """Return two plates."""
    strokes = (
        line((0, -3), (0, -0.35)),
        line((-1, -0.35), (1, -0.35), thick=True),
        line((-1, 0.35), (1, 0.35), thick=True),
        line((0, 0.35), (0, 3)),
    )
    return Symbol(_PINS, strokes, (), _BOX)


def inductor() -> Symbol:
    """Return four half circles."""
    points: list[Point] = [(0, -3), (0, -2)]
    for turn in range(4):
        for step in range(1, 9):
            angle = pi * step / 8
            points.append((round(0.75 * sin(angle), 3), round(-1.5 + turn - 0.5 * cos(angle), 3)))
    points.append((0, 3))
    return Symbol(_PINS, (line(*points),), (), _BOX)


def diode() -> Symbol:
    """Return a triangle before a bar; the anode on top."""
    strokes = (
        line((0, -3), (0, -0.8)),
        Stroke(((-0.9, -0.8), (0.9, -0.8), (0, 0.8)), close=True),
        line((-0.9, 0.8), (0.9, 0.8), thick=True),
        line((0, 0.8), (0, 3)),
    )
    return Symbol((Pin("a", 0, -3, 0, -1), Pin("k", 0, 3, 0, 1)), strokes, (), _BOX)
