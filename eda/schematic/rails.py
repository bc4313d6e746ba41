"""Supply above, ground below: one line each where many pins of a row stand on it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Final

from eda.schematic.grid import DOWN
from eda.schematic.layout import RAIL_ABOVE
from eda.schematic.scene import HIGH, LOW
from eda.schematic.symbols.symbol import shortened
from eda.schematic.tags import LONGEST_NAME, moved, name_tag, shape

if TYPE_CHECKING:
    from collections.abc import Collection

    from eda.schematic.scene import Scene
    from eda.schematic.sheet import Placed, Tag

ENOUGH: Final = 2
"""So many pins of the outermost row make a line; fewer get symbols of their own."""


@dataclass(frozen=True, slots=True)
class Rail:
    """A line along the top or the bottom of the sheet.

    Attributes:
        net: Its index.
        y: Where it runs.
        pins: (part, pin) of those that stand on it.
        tag: Its name, or ground's symbol.
    """

    net: int
    y: int
    left: int
    right: int
    pins: tuple[tuple[int, int], ...]
    tag: Tag


def main_rails(
    scene: Scene, placed: list[Placed], own: Collection[tuple[int, int]] = ()
) -> list[Rail]:
    """Return the line of the main supply and that of the main ground, where they are worth it.

    Args:
        scene: The nets.
        placed: The parts at their places.
        own: (part, pin) that get a symbol of their own, between the row and the line.
    """
    made = []
    for band in sorted({item.band for item in placed}):
        made += _of_band(scene, placed, band, own)
    return made


def _of_band(
    scene: Scene, placed: list[Placed], band: int, own: Collection[tuple[int, int]]
) -> list[Rail]:
    made = []
    there = [item for item in placed if item.band == band]
    top = min(item.y - item.symbol.height[0] for item in there)
    bottom = max(item.y + item.symbol.height[1] for item in there)
    for kind, dy in ((HIGH, -1), (LOW, 1)):
        best: list[tuple[int, int]] = []
        chosen = -1
        for at, net in enumerate(scene.nets):
            if net.kind != kind:
                continue
            outer = [
                (part, pin)
                for part, pin in net.pins
                if (part, pin) not in own and placed[part].band == band
                if placed[part].symbol.pins[pin].dy == dy and _outermost(placed, part, pin, dy)
            ]
            if len(outer) > len(best):
                best, chosen = outer, at
        if len(best) >= ENOUGH:
            crowded = any(
                placed[a].symbol.pins[b].dy == dy for a, b in own if placed[a].band == band
            )
            away = 4 if crowded else 0
            y = int(top) - RAIL_ABOVE - away if dy < 0 else ceil(bottom) + 2 + away
            made.append(_rail(scene, placed, chosen, y, best, dy))
    return made


def _outermost(placed: list[Placed], part: int, pin: int, dy: int) -> bool:
    """Return whether nothing stands between a pin and the edge of the sheet."""
    x, y = placed[part].pin_cell(pin)
    for at, item in enumerate(placed):
        left, right = item.symbol.extent
        top, bottom = item.symbol.height
        beyond = item.y - top < y if dy < 0 else item.y + bottom > y
        if item.band != placed[part].band:
            continue
        if at != part and item.x - left <= x <= item.x + right and beyond:
            return False
    return True


def _rail(
    scene: Scene, placed: list[Placed], net: int, y: int, pins: list[tuple[int, int]], dy: int
) -> Rail:
    xs = [placed[part].pin_cell(pin)[0] for part, pin in pins]
    left, right = min(xs) - 2, max(xs) + 2
    name = scene.nets[net].name
    ground = shape(name, "ground", DOWN) if scene.nets[net].ground and dy > 0 else None
    if ground is not None:
        tag = moved(ground[0], left, y)
    else:
        tag = moved(name_tag(shortened(name, LONGEST_NAME)), left, y)
    return Rail(net, y, left, right, tuple(pins), tag)
