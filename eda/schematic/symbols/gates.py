"""Symbols of logic: AND gates with circles at complemented inputs, flags for both ends."""

from __future__ import annotations

from math import ceil, cos, pi, sin

from eda.schematic.symbols.symbol import Pin, Stroke, Symbol, Text, circle, shortened, text_width

LONGEST: int = 20


def half_width(text: str) -> int:
    """Return half the width, pins included, of a gate in which a text has room."""
    return max(2, ceil((text_width(text) - 1) / 2) + 1) + 1


def and_gate(text: str, first: bool, second: bool, *, half: int, swapped: bool = False) -> Symbol:
    """Return an AND gate with pins ``a`` and ``b`` on its left and ``y`` on its right.

    Args:
        text: What is written in it.
        first: Whether ``a`` is complemented.
        second: Whether ``b`` is.
        half: Half its width, pins included; see `half_width`.
        swapped: Whether ``b`` is the upper one.
    """
    half -= 1
    arc = tuple(
        (round(half - 1 + 1.5 * sin(pi * at / 12), 3), round(-1.5 * cos(pi * at / 12), 3))
        for at in range(13)
    )
    body = Stroke(((float(-half + 1), -1.5), *arc, (float(-half + 1), 1.5)), close=True)
    strokes = [body, Stroke(((half + 0.5, 0.0), (half + 1.0, 0.0)))]
    upper, lower = (1, -1) if swapped else (-1, 1)
    for y, complemented in ((upper, first), (lower, second)):
        strokes += _entry(float(-half + 1), y, complemented)
    pins = (
        Pin("a", -half - 1, upper, -1, 0),
        Pin("b", -half - 1, lower, -1, 0),
        Pin("y", half + 1, 0, 1, 0),
    )
    texts = (Text(text, 0.35, 0.35, "middle", "pin"),)
    return Symbol(pins, tuple(strokes), texts, (-half - 1, -2, half + 1, 2))


def _entry(x: float, y: float, complemented: bool) -> list[Stroke]:
    """Return the short line into a gate, with a circle where the input is complemented."""
    if not complemented:
        return [Stroke(((x - 2, y), (x, y)))]
    return [Stroke(((x - 2, y), (x - 0.8, y))), circle(x - 0.4, y, 0.4)]


def source(text: str) -> Symbol:
    """Return the flag of an input: pin ``y`` on its right."""
    shown = shortened(text, LONGEST)
    wide = text_width(shown) + 0.8
    left = -wide - 0.6
    frame = ((left, -0.8), (-0.6, -0.8), (0.0, 0.0), (-0.6, 0.8), (left, 0.8))
    texts = (Text(shown, -0.8, 0.35, "end", "name"),)
    return Symbol(
        (Pin("y", 0, 0, 1, 0),), (Stroke(frame, close=True),), texts, (-ceil(wide + 0.6), -1, 0, 1)
    )


def sink(text: str, *, complemented: bool) -> Symbol:
    """Return the flag of an output: pin ``a`` on its left, with a circle where complemented."""
    shown = shortened(text, LONGEST)
    wide = text_width(shown) + 0.8
    start = 0.8 if complemented else 0.0
    right = start + wide
    frame = ((start, -0.8), (right, -0.8), (right + 0.6, 0.0), (right, 0.8), (start, 0.8))
    strokes = [Stroke(frame, close=True)]
    if complemented:
        strokes.append(circle(0.4, 0.0, 0.4))
    texts = (Text(shown, start + 0.4, 0.35, "start", "name"),)
    return Symbol((Pin("a", 0, 0, -1, 0),), tuple(strokes), texts, (0, -1, ceil(right + 0.6), 1))


def constant(text: str) -> Symbol:
    """Return a constant: pin ``y`` on its right."""
    box = ((-2.0, -0.8), (0.0, -0.8), (0.0, 0.8), (-2.0, 0.8))
    texts = (Text(text, -1.0, 0.35, "middle", "name"),)
    return Symbol((Pin("y", 0, 0, 1, 0),), (Stroke(box, close=True),), texts, (-2, -1, 0, 1))


def bar(label: str, count: int, wide: float) -> Symbol:
    """Return a bar of a profile, with its label on the left and its count on the right."""
    wide = max(wide, 0.2)
    box = ((0.0, -0.7), (wide, -0.7), (wide, 0.7), (0.0, 0.7))
    texts = (
        Text(label, -0.5, 0.35, "end", "value"),
        Text(f"{count:,}", wide + 0.5, 0.35, "start", "value"),
    )
    return Symbol((), (Stroke(box, close=True, fill=True),), texts, (0, -1, ceil(wide), 1))
