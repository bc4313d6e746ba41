"""From columns and levels to points of the grid: how high each row is, and what lies between."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, floor, sqrt
from typing import TYPE_CHECKING, Final

from eda.schematic.placement import HALF_COLUMN
from eda.schematic.posture import LANES
from eda.schematic.sheet import Placed

if TYPE_CHECKING:
    from eda.schematic.placement import Placement

RAIL_ABOVE: Final = 3
"""Grid steps from the pins of the first row to the supply."""

FOLDED: Final = 8
LONG: Final = 160
"""A sheet of fewer parts, or of fewer grid steps, is not cut into bands."""
BETWEEN_BANDS: Final = 14
"""Grid steps between two bands: for rails, names, and wires from one to the other."""
_STRETCHED, _SHAPE = 4.5, 2.0
"""A sheet so many times as wide as it is high is cut; how wide it should rather be."""


@dataclass(frozen=True, slots=True)
class Spacing:
    """How generous a layout is; a tight one that cannot be wired is made again with more.

    Attributes:
        gap: Grid steps between two rows that no wire passes.
        track: Grid steps a wire between two rows adds.
        stretch: Factor of the columns.
    """

    gap: int = 3
    track: float = 1.0
    stretch: float = 1.0

    @property
    def wider(self) -> Spacing:
        """The next generous one."""
        return Spacing(self.gap + 2, self.track + 0.5, self.stretch * 1.25)


def lay_out(placement: Placement, spacing: Spacing) -> list[Placed]:
    """Return every part at its place."""
    scene = placement.scene
    levels = sorted(set(placement.level))
    heights = _heights(placement, levels, spacing)
    names = [net.name for net in scene.nets]
    placed = []
    for at, part in enumerate(scene.parts):
        symbol = placement.symbols[at][placement.flipped[at]]
        placed.append(
            Placed(
                part.device,
                symbol,
                round(HALF_COLUMN * spacing.stretch * placement.column[at]),
                heights[placement.level[at]],
                tuple(names[net] for net in part.nets),
                placement.column[at],
                placement.level[at],
            )
        )
    return fold(placement, placed)


def fold(placement: Placement, placed: list[Placed]) -> list[Placed]:
    """Return a long sheet in bands, one below the other; others as they are.

    Groups stay whole, and the cuts are where few signals pass.
    """
    if len(placed) < FOLDED:
        return placed
    left = min(item.x - item.symbol.extent[0] for item in placed)
    right = max(item.x + item.symbol.extent[1] for item in placed)
    top = min(item.y - item.symbol.height[0] for item in placed)
    bottom = max(item.y + item.symbol.height[1] for item in placed)
    high = bottom - top + BETWEEN_BANDS
    if right - left < max(LONG, _STRETCHED * high):
        return placed
    count = max(2, round(sqrt((right - left) / (_SHAPE * high))))
    units = sorted(placement.units, key=lambda unit: unit.axis(placement.column))
    band_of = [0] * len(placed)
    for cut in _cuts(placement, placed, [unit.parts for unit in units], count):
        for unit in units[cut:]:
            for at in unit.parts:
                band_of[at] += 1
    starts = [
        min(
            item.x - item.symbol.extent[0]
            for item, own in zip(placed, band_of, strict=True)
            if own == band
        )
        for band in range(max(band_of) + 1)
    ]
    return [
        replace(item, x=item.x - floor(starts[band]), y=item.y + band * ceil(high), band=band)
        for item, band in zip(placed, band_of, strict=True)
    ]


def _cuts(
    placement: Placement, placed: list[Placed], units: list[list[int]], count: int
) -> list[int]:
    """Return before which units a new band begins."""
    order = {at: place for place, unit in enumerate(units) for at in unit}
    passing = [0] * (len(units) + 1)
    for net in placement.scene.nets:
        places = [order[part] for part, _ in net.pins]
        if not net.rail and places:
            for place in range(min(places) + 1, max(places) + 1):
                passing[place] += 1
    axes = [sum(placed[at].x for at in unit) / len(unit) for unit in units]
    wide = axes[-1] - axes[0]
    cuts: list[int] = []
    for band in range(1, count):
        ideal = axes[0] + wide * band / count
        near = [
            place
            for place in range((cuts[-1] if cuts else 0) + 1, len(units))
            if abs(axes[place] - ideal) < wide / (3 * count)
        ]
        if near:
            cuts.append(min(near, key=lambda at: (passing[at], abs(axes[at] - ideal))))
    return cuts


def _heights(placement: Placement, levels: list[int], spacing: Spacing) -> dict[int, int]:
    """Return the y of every level that is in use."""
    tops: dict[int, float] = {}
    bottoms: dict[int, float] = {}
    for at, level in enumerate(placement.level):
        symbol = placement.symbols[at][placement.flipped[at]]
        top, bottom = symbol.height
        for pin, net in zip(symbol.pins, placement.scene.parts[at].nets, strict=True):
            # Rail symbols need room, where the rail itself is not there.
            rail = placement.scene.nets[net].rail
            if rail and pin.dy < 0 and level != levels[0]:
                top = max(top, -pin.y + 3)
            elif rail and pin.dy > 0 and level != levels[-1]:
                bottom = max(bottom, pin.y + 3)
        tops[level] = max(tops.get(level, 0), top)
        bottoms[level] = max(bottoms.get(level, 0), bottom)
    heights: dict[int, int] = {}
    y = 0
    for place, level in enumerate(levels):
        if place:
            above = levels[place - 1]
            tracks = _tracks(placement, above, level)
            room = max(spacing.gap, 2 + ceil(spacing.track * tracks))
            if not _is_row(above) or not _is_row(level):
                room = max(spacing.gap - 1, 1 + ceil(spacing.track * tracks))
            y += ceil(bottoms[above]) + room + ceil(tops[level])
        heights[level] = y
    return heights


def _is_row(level: int) -> bool:
    return level % (LANES + 1) == 0


def _tracks(placement: Placement, above: int, below: int) -> int:
    """Return how many wires run side by side between two levels, at the densest place."""
    starts: list[int] = []
    stops: list[int] = []
    for net in placement.scene.nets:
        if net.rail or len(net.pins) < 2:
            continue
        xs, over, under, facing = [], False, False, 0
        for part, pin in net.pins:
            level = placement.level[part]
            own = placement.symbols[part][placement.flipped[part]].pins[pin]
            xs.append(HALF_COLUMN * placement.column[part] + own.x)
            over |= level < above or (level == above and own.dy >= 0)
            under |= level > below or (level == below and own.dy <= 0)
            facing += (level == above and own.dy > 0) or (level == below and own.dy < 0)
        if ((over and under) or facing > 1) and max(xs) > min(xs):
            starts.append(min(xs))
            stops.append(max(xs))
    events = sorted([(x, 1) for x in starts] + [(x, -1) for x in stops])
    most = now = 0
    for _, change in events:
        now += change
        most = max(most, now)
    return most
