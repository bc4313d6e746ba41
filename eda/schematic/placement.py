"""# Placement: columns, mirrorings and lanes of all parts, and what they cost, net by net.

Columns are half steps of the grid of symbols. Parts of a symmetric group have one axis and a
distance from it, so a pair is level and mirrored wherever it goes. A move changes a few parts;
only the nets and rows that they touch are counted again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.schematic.posture import LANES
from eda.schematic.scene import HIGH
from eda.schematic.symbols.symbol import shortened, text_width
from eda.schematic.tags import LONGEST_NAME

if TYPE_CHECKING:
    from collections.abc import Collection

    from eda.schematic.grouping import Group
    from eda.schematic.posture import Posture
    from eda.schematic.scene import Scene
    from eda.schematic.symbols.symbol import Symbol

HALF_COLUMN: Final = 4
"""Grid steps of half a column."""

ROW_HEIGHT: Final = 12
"""Grid steps of a row, as far as costs are concerned; the true heights are worked out later."""

_OVERLAP: Final = 30.0
_CROOKED: Final = 5.0
MEETING: Final = 6.0
"""What a crossing costs, as far as it can be foreseen."""

_STEPPED: Final = 7.0
_STRANGER: Final = 4.0
_WRONG_WAY: Final = 14.0
_SIDE: Final = 0.5
_INWARD: Final = 0.05
_UP_DOWN: Final = 0.7
_MANY: Final = 6
"""Nets with more pins count less: they are long wherever they are."""


NetShape = tuple[int, int, int, list[tuple[int, int, int]]]
"""A net as one horizontal wire (y, left, right) with a stem (x, top, bottom) to each pin."""


def meetings(a: NetShape, b: NetShape) -> int:
    """Return how often the wires of two nets would cross."""
    count = 0
    y, left, right, _ = a
    for x, top, bottom in b[3]:
        if left < x < right and top < y < bottom:
            count += 1
    y, left, right, _ = b
    for x, top, bottom in a[3]:
        if left < x < right and top < y < bottom:
            count += 1
    return count


@dataclass
class Unit:
    """What moves as one: an axis, and parts at a distance to its left, right, or on it."""

    pairs: list[tuple[int, int]]
    middle: list[int]
    outward: list[bool | None]

    @property
    def parts(self) -> list[int]:
        """Its parts."""
        return [*self.middle, *(at for pair in self.pairs for at in pair)]

    def axis(self, column: list[int]) -> float:
        """Return where its axis is."""
        if self.middle:
            return column[self.middle[0]]
        a, b = self.pairs[0]
        return (column[a] + column[b]) / 2


class Placement:
    """Where everything is.

    Attributes:
        column: Of each part, in half columns.
        flipped: Of each part, whether left and right are exchanged.
        level: Of each part: row * (LANES + 1), and less for the lanes above the row.
    """

    def __init__(
        self,
        scene: Scene,
        found: list[Posture],
        groups: list[Group],
        symbols: list[tuple[Symbol, Symbol]],
        rows: int,
    ) -> None:
        """Take the parts; ``symbols`` are the finished ones, plain and mirrored."""
        self.scene, self.postures, self.symbols, self.rows = scene, found, symbols, rows
        count = len(scene.parts)
        self.column = [0] * count
        self.flipped = [False] * count
        self.level = [
            own.row * (LANES + 1) if own.stands else own.row * (LANES + 1) - (LANES + 1) // 2
            for own in found
        ]
        self.units = [
            Unit(list(group.pairs), list(group.middle), list(group.outward)) for group in groups
        ]
        grouped = {at for unit in self.units for at in unit.parts}
        self.units += [Unit([], [at], []) for at in range(count) if at not in grouped]
        self.unit_of = {at: unit for unit in self.units for at in unit.parts}
        self.mate = {
            at: mate
            for unit in self.units
            for pair in unit.pairs
            for at, mate in (pair, pair[::-1])
        }
        self.extents = [
            tuple(self._reach(at, symbol) for symbol in both) for at, both in enumerate(symbols)
        ]
        self.offsets = [
            [[(pin.x, pin.y) for pin in symbol.pins] for symbol in both] for both in symbols
        ]
        self.nets_of = [
            sorted({net for net in part.nets if not scene.nets[net].rail}) for part in scene.parts
        ]
        self.net_pins = [net.pins if not net.rail else [] for net in scene.nets]
        self.links = self._links()
        self.lying_on = [
            [part for part, _ in net.pins if not found[part].stands] if not net.rail else []
            for net in scene.nets
        ]
        self.wanted: dict[int, tuple[int, bool]] = {}
        for unit in self.units:
            for (a, b), outward in zip(unit.pairs, unit.outward, strict=True):
                if outward is not None:
                    self.wanted[a] = (b, outward)
        self.looked_at = {
            other: {a for a, (b, _) in self.wanted.items() if b == other}
            for other, _ in self.wanted.values()
        }
        self.height = [self.height_of(level) for level in self.level]
        # Above the first row there is the supply, and nothing below ground.
        supplied = rows > 1 and any(net.kind == HIGH and net.pins for net in scene.nets)
        self.lowest_level = 1 if supplied else -LANES
        self.highest_level = rows * (LANES + 1) - LANES
        self.chain_of = self._chains()
        for at, level in enumerate(self.level):
            if level < self.lowest_level and level % (LANES + 1):
                self.level[at] = level = 2
                self.height[at] = self.height_of(level)
        self.on_level: dict[int, list[int]] = {}
        for at, level in enumerate(self.level):
            self.on_level.setdefault(level, []).append(at)
        self.shapes: list[NetShape] = []
        self.meetings: list[list[int]] = []
        self.net_cost = [0.0] * len(scene.nets)
        self.level_cost: dict[int, float] = {}
        self.part_cost = [0.0] * count
        standing = [at for at in range(count) if found[at].stands and scene.parts[at].nets]
        self.strangers = [
            (unit.parts, [at for at in standing if at not in set(unit.parts)])
            for unit in self.units
            if unit.pairs
        ]
        self.group_cost = 0.0
        widest = max(len(parts) for parts in self.on_level.values())
        self.reach = HALF_COLUMN * (2 * widest + 2)
        """So far to either side ports are pulled: what nothing else holds would go for ever."""

    def _reach(self, at: int, symbol: Symbol) -> tuple[float, float]:
        """Return how far a part reaches to both sides, with the names that stand at its pins."""
        left, right = symbol.extent
        for pin, net in zip(symbol.pins, self.scene.parts[at].nets, strict=True):
            own = self.scene.nets[net]
            if pin.dx and (own.rail or len(own.pins) == 1):
                reach = abs(pin.x) + 3 + text_width(shortened(own.name, LONGEST_NAME))
                left = max(left, reach) if pin.dx < 0 else left
                right = max(right, reach) if pin.dx > 0 else right
        return left, right

    def _chains(self) -> dict[int, list[int]]:
        """Return of each lying part those that lie in series with it, which belong on one level."""
        chains: dict[int, list[int]] = {}
        for net in self.scene.nets:
            ends = [part for part, _ in net.pins]
            if net.rail or len(ends) != 2 or any(self.postures[at].stands for at in ends):
                continue
            whole = list(dict.fromkeys(at for end in ends for at in chains.get(end, [end])))
            for at in whole:
                chains[at] = whole
        return chains

    def _links(self) -> list[tuple[list[int], list[int]] | None]:
        """Return of each net the parts above it and those below, which should be in line."""
        links: list[tuple[list[int], list[int]] | None] = []
        for net in self.scene.nets:
            upper, lower = [], []
            for part, pin in net.pins if not net.rail and len(net.pins) <= _MANY + 2 else ():
                if not self.postures[part].stands or self.scene.parts[part].form != "device":
                    continue
                dy = self.symbols[part][0].pins[pin].dy
                if dy > 0:
                    upper.append(part)
                elif dy < 0:
                    lower.append(part)
            links.append((upper, lower) if upper and lower else None)
        return links

    def height_of(self, level: int) -> int:
        """Return the height of a level for the costs, in grid steps."""
        row, lane = divmod(level + LANES, LANES + 1)
        return ROW_HEIGHT * row - (0 if lane == LANES else 6 - 5 * (lane - LANES // 2))

    def cost_net(self, net: int) -> float:
        """Return what the length and crookedness of a net cost."""
        pins = self.net_pins[net]
        side = self.scene.nets[net].side
        if not pins or (len(pins) == 1 and not side):
            return 0.0
        column, flipped, offsets, height = self.column, self.flipped, self.offsets, self.height
        xs, ys = [], []
        for part, pin in pins:
            x, y = offsets[part][flipped[part]][pin]
            xs.append(HALF_COLUMN * column[part] + x)
            ys.append(height[part] + y)
        left, right = min(xs), max(xs)
        length = right - left + _UP_DOWN * (max(ys) - min(ys))
        if len(pins) > _MANY:
            length *= 0.5
        if side == "left":
            length += _SIDE * max(left, -self.reach)
        elif side == "right":
            length -= _SIDE * min(right, self.reach)
        links = self.links[net]
        if links is not None:
            upper, lower = links
            above = [column[a] for a in upper]
            straight = sum(1 for b in lower if column[b] in above)
            length += _CROOKED * (min(len(upper), len(lower)) - straight)
        lying = self.lying_on[net]
        if len(lying) > 1 and len({height[part] for part in lying}) > 1:
            length += _STEPPED
        return length

    def shape_of(self, net: int) -> NetShape:
        """Return a net as a wire with stems, which is what it will more or less become."""
        pins = self.net_pins[net]
        if len(pins) < 2:
            return 0, 0, 0, []
        column, flipped, offsets, height = self.column, self.flipped, self.offsets, self.height
        points = []
        for part, pin in pins:
            x, y = offsets[part][flipped[part]][pin]
            # A gate's wire turns a step before the gate.
            x = HALF_COLUMN * column[part] + x + ((1 if x > 0 else -1) if abs(x) > 1 else 0)
            points.append((x, height[part] + y))
        ys = sorted([y for _, y in points])
        trunk = ys[len(ys) // 2]
        xs = [x for x, _ in points]
        stems = [(x, min(y, trunk), max(y, trunk)) for x, y in points if y != trunk]
        return trunk, min(xs), max(xs), stems

    def count_meetings(self) -> int:
        """Count the crossings of all nets, and keep them by pair."""
        count = len(self.net_pins)
        self.shapes = [self.shape_of(net) for net in range(count)]
        self.meetings = [[0] * count for _ in range(count)]
        total = 0
        for a in range(count):
            for b in range(a):
                found = meetings(self.shapes[a], self.shapes[b])
                self.meetings[a][b] = self.meetings[b][a] = found
                total += found
        return total

    def met(self, nets: Collection[int]) -> int:
        """Return at most how many crossings of some nets there are."""
        return sum([sum(self.meetings[net]) for net in nets])

    def cost_level(self, level: int) -> float:
        """Return what parts of one level cost that stand too near to one another."""
        parts = sorted(self.on_level.get(level, ()), key=self.column.__getitem__)
        total = 0.0
        for place, a in enumerate(parts):
            reach = self.extents[a][self.flipped[a]][1]
            for b in parts[place + 1 : place + 4]:
                gap = HALF_COLUMN * (self.column[b] - self.column[a])
                missing = reach + self.extents[b][self.flipped[b]][0] + 1 - gap
                if missing > 0:
                    total += _OVERLAP + 4.0 * missing
        return total

    def cost_part(self, part: int) -> float:
        """Return what the direction of a part costs: pairs outward, mirrors facing."""
        total = _INWARD * abs(self.column[part])
        wanted = self.wanted.get(part)
        if wanted is not None:
            other, outward = wanted
            is_left = self.column[part] < self.column[other]
            # A gate is on the left of a plain symbol, so it looks out of a part on the left.
            looks_out = self.flipped[part] != is_left
            if looks_out != outward:
                total += _WRONG_WAY
        return total

    def cost_groups(self) -> float:
        """Return what strangers cost that stand within a symmetric group."""
        total = 0.0
        column = self.column
        for members, strangers in self.strangers:
            inside = [column[at] for at in members]
            left, right = min(inside), max(inside)
            total += _STRANGER * sum(1 for at in strangers if left < column[at] < right)
        return total

    def recount(self) -> float:
        """Count everything, and return the cost."""
        self.net_cost = [self.cost_net(net) for net in range(len(self.net_cost))]
        self.level_cost = {level: self.cost_level(level) for level in self.on_level}
        self.part_cost = [self.cost_part(part) for part in range(len(self.part_cost))]
        self.group_cost = self.cost_groups()
        parts = sum(self.level_cost.values()) + sum(self.part_cost) + self.group_cost
        return sum(self.net_cost) + parts

    @property
    def crowded(self) -> bool:
        """Whether parts stand too near to one another."""
        return any(self.cost_level(level) > 0 for level in self.on_level)

    def state(self) -> tuple[list[int], list[bool], list[int]]:
        """Return a copy of what can change."""
        return self.column[:], self.flipped[:], self.level[:]

    def restore(self, state: tuple[list[int], list[bool], list[int]]) -> None:
        """Go back to a state."""
        self.column, self.flipped, self.level = state[0][:], state[1][:], state[2][:]
        self.height = [self.height_of(level) for level in self.level]
        self.on_level = {}
        for at, level in enumerate(self.level):
            self.on_level.setdefault(level, []).append(at)

    def mirror(self) -> None:
        """Exchange left and right of everything."""
        ends = min(self.column) + max(self.column)
        self.column = [ends - column for column in self.column]
        self.flipped = [not flipped for flipped in self.flipped]
