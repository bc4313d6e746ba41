"""# Symbol: polylines, pins and places for texts, on a grid whose unit is ten of the picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

UNIT: Final = 10.0
"""Length of a grid step in the picture's own units."""

FONT: Final = 10.0
"""Height of letters in the picture's own units."""

Point = tuple[float, float]

_NARROW: Final = frozenset("iljtfr.,:;'|!()[]{}I ")
_WIDE: Final = frozenset("mwMW@%\N{HORIZONTAL ELLIPSIS}")
LONGEST: Final = 12
"""Letters of a text beside a symbol; a longer one is cut, and kept whole as its title."""


def text_width(text: str) -> float:
    """Return an upper estimate of the width of a text in grid steps.

    Example:
        >>> text_width("M12") < text_width("WMWM")
        True
    """
    total = 0.0
    for letter in text:
        if letter in _NARROW:
            total += 0.36
        elif letter in _WIDE or ord(letter) > 0x2E7F:
            total += 1.0
        else:
            total += 0.72 if letter.isupper() or letter in "<>+=~_#&" else 0.6
    return total * FONT / UNIT


def shortened(text: str, longest: int = LONGEST, *, keep_end: bool = False) -> str:
    """Return a text of at most so many letters; what is left out shows as an ellipsis.

    Example:
        >>> len(shortened("x1.x22.x333.x4444.m1", keep_end=True))
        12
    """
    if len(text) <= longest:
        return text
    ellipsis = "\N{HORIZONTAL ELLIPSIS}"
    return ellipsis + text[1 - longest :] if keep_end else text[: longest - 1] + ellipsis


@dataclass(frozen=True, slots=True)
class Pin:
    """Where a wire may start: a point of the grid, and the direction in which it leaves."""

    role: str
    x: int
    y: int
    dx: int
    dy: int


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points; ``close`` joins its ends, ``fill`` paints it, ``thick`` says it."""

    points: tuple[Point, ...]
    close: bool = False
    fill: bool = False
    thick: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A text on one line, its baseline at (x, y).

    Attributes:
        anchor: ``start``, ``middle`` or ``end``: which part of it stands at x.
        role: How it looks: ``name value pin sign net``.
    """

    text: str
    x: float
    y: float
    anchor: str = "start"
    role: str = "value"

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what it covers."""
        width = text_width(self.text)
        left = self.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor] * width
        return left, self.y - 0.8, left + width, self.y + 0.2


@dataclass(frozen=True, slots=True)
class Symbol:
    """A device's picture round its own origin.

    Attributes:
        box: Left, top, right and bottom grid points of its body; pins lie on its border.
    """

    pins: tuple[Pin, ...]
    strokes: tuple[Stroke, ...]
    texts: tuple[Text, ...]
    box: tuple[int, int, int, int]

    def mirrored(self) -> Symbol:
        """Return it with left and right exchanged."""
        return Symbol(
            tuple(replace(pin, x=-pin.x, dx=-pin.dx) for pin in self.pins),
            tuple(
                replace(item, points=tuple((-x, y) for x, y in item.points))
                for item in self.strokes
            ),
            tuple(replace(item, x=-item.x, anchor=_OTHER[item.anchor]) for item in self.texts),
            (-self.box[2], self.box[1], -self.box[0], self.box[3]),
        )

    @property
    def extent(self) -> tuple[float, float]:
        """How far it reaches to the left and to the right of its origin, texts included."""
        lefts = [-self.box[0], *(-item.box[0] for item in self.texts)]
        rights = [self.box[2], *(item.box[2] for item in self.texts)]
        lefts += [-pin.x + 1 for pin in self.pins if pin.dx < 0]
        rights += [pin.x + 1 for pin in self.pins if pin.dx > 0]
        return max(lefts), max(rights)

    @property
    def height(self) -> tuple[float, float]:
        """How far it reaches above and below its origin, texts included."""
        tops = [-self.box[1], *(-item.box[1] for item in self.texts)]
        bottoms = [self.box[3], *(item.box[3] for item in self.texts)]
        return max(tops), max(bottoms)


_OTHER: Final = {"start": "end", "middle": "middle", "end": "start"}


def upside_down(symbol: Symbol, *, keep_texts: bool = True) -> Symbol:
    """Return a symbol with top and bottom exchanged; its texts stay where they are."""
    return Symbol(
        tuple(replace(pin, y=-pin.y, dy=-pin.dy) for pin in symbol.pins),
        tuple(
            replace(item, points=tuple((x, -y) for x, y in item.points)) for item in symbol.strokes
        ),
        symbol.texts if keep_texts else (),
        (symbol.box[0], -symbol.box[3], symbol.box[2], -symbol.box[1]),
    )


def lying(symbol: Symbol) -> Symbol:
    """Return a standing symbol turned, so that its top looks to the left; without its texts."""
    x0, y0, x1, y1 = symbol.box
    return Symbol(
        tuple(replace(pin, x=pin.y, y=-pin.x, dx=pin.dy, dy=-pin.dx) for pin in symbol.pins),
        tuple(
            replace(item, points=tuple((y, -x) for x, y in item.points)) for item in symbol.strokes
        ),
        (),
        (y0, -x1, y1, -x0),
    )


def line(*points: Point, thick: bool = False) -> Stroke:
    """Return an open line."""
    return Stroke(points, thick=thick)


def circle(x: float, y: float, radius: float) -> Stroke:
    """Return a circle, as a polygon of 24 corners."""
    from math import cos, pi, sin

    corners = 24
    return Stroke(
        tuple(
            (
                round(x + radius * cos(2 * pi * at / corners), 3),
                round(y + radius * sin(2 * pi * at / corners), 3),
            )
            for at in range(corners)
        ),
        close=True,
    )


def arrow(tail: Point, head: Point, size: float = 0.55) -> Stroke:
    """Return the filled head of an arrow that ends at ``head``."""
    from math import hypot

    dx, dy = head[0] - tail[0], head[1] - tail[1]
    length = hypot(dx, dy) or 1.0
    ux, uy = dx / length, dy / length
    bx, by = head[0] - size * ux, head[1] - size * uy
    half = 0.42 * size
    return Stroke(
        (
            head,
            (round(bx - half * uy, 3), round(by + half * ux, 3)),
            (round(bx + half * uy, 3), round(by - half * ux, 3)),
        ),
        close=True,
        fill=True,
    )
