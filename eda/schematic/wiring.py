"""All wires of a sheet: rails and their symbols first, then nets by length, then names.

What cannot be wired, or only with many crossings, is cut into pieces that carry the net's
name. Wires that cross are taken up and laid again when everything else is there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Final

from eda.schematic.grid import FREE, LEFT, RIGHT, Grid
from eda.schematic.outcome import Outcome, corners, dots, polyline
from eda.schematic.rails import Rail, main_rails
from eda.schematic.router import Route, find_route
from eda.schematic.scene import HIGH
from eda.schematic.sheet import Tag, Wiring
from eda.schematic.tags import NAME, find_place

if TYPE_CHECKING:
    from collections.abc import Collection

    from eda.schematic.scene import Scene
    from eda.schematic.sheet import Placed

MARGIN: Final = 9
"""Free grid steps round everything, for wires and for names."""

_LONG, _ROUND = 150, 60
"""A way that costs more, or so much more than its length has to, becomes names."""

_FAR, _DETOUR = 60, 20
"""A port at most so far from the edge is led there, on a way at most so much longer."""

_HOPE: Final = 60
"""What laying wires again may save."""


@dataclass
class Piece:
    """Pins of a net that wires join.

    Attributes:
        points: Of the grid: its pins, and its wires.
    """

    pins: list[int]
    points: set[int] = field(default_factory=set)


class Router:
    """Wires one sheet."""

    def __init__(
        self,
        scene: Scene,
        placed: list[Placed],
        *,
        plain: bool = False,
        own_symbols: Collection[tuple[int, int]] = (),
    ) -> None:
        """Take the parts at their places.

        Args:
            scene: The nets.
            placed: The parts.
            plain: Whether there are to be names only.
            own_symbols: (part, pin) that are not to be wired to a rail's line.
        """
        self.scene, self.placed, self.plain = scene, placed, plain
        self.rails = [] if plain else main_rails(scene, placed, own_symbols)
        self.grid = _grid(placed, self.rails)
        self.pin_at: dict[tuple[int, int], int] = {}
        for at, (part, item) in enumerate(zip(scene.parts, placed, strict=True)):
            self._block(item)
            for number, net in enumerate(part.nets):
                pin = item.symbol.pins[number]
                x, y = item.pin_cell(number)
                self.pin_at[at, number] = self.grid.add_pin(x, y, pin.dx, pin.dy, net)
        self.routes: dict[int, list[tuple[int, ...]]] = {}
        self.tags: dict[int, list[Tag]] = {}
        self.failed: list[int] = []
        self.cut: set[int] = set()

    def _block(self, item: Placed) -> None:
        x0, y0, x1, y1 = item.symbol.box
        body = (item.x + x0, item.y + y0, item.x + x1, item.y + y1)
        self.grid.block(body)
        self.grid.boxes.append(body)
        for text in item.symbol.texts:
            left, top, right, bottom = text.box
            self.grid.boxes.append((item.x + left, item.y + top, item.x + right, item.y + bottom))
            self.grid.block(
                (
                    item.x + left - 0.2,
                    item.y + top - 0.3,
                    item.x + right + 0.2,
                    item.y + bottom + 0.3,
                )
            )

    def run(self, *, most: float = inf) -> Outcome | None:
        """Wire everything.

        Args:
            most: What the drawing may cost; None is returned where it would clearly cost more.
        """
        for rail in self.rails:
            self._lay_rail(rail)
        self._tag_rails()
        signals = [at for at, net in enumerate(self.scene.nets) if not net.rail and net.pins]
        signals.sort(key=self._size)
        if not self.plain:
            for net in signals:
                self._wire(net)
            if self._so_far(signals) > most + _HOPE:
                return None
            self._improve(signals)
            if self._so_far(signals) > most:
                return None
        for net in signals:
            self._name(net)
        return self._outcome()

    # Rails.

    def _lay_rail(self, rail: Rail) -> None:
        xs = sorted({self.placed[part].pin_cell(pin)[0] for part, pin in rail.pins})
        path = [self.grid.at(x, rail.y) for x in range(rail.left, rail.right + 1)]
        self._add(rail.net, tuple(path))
        for part, pin in rail.pins:
            start = self.pin_at[part, pin]
            x, y = self.grid.cell(start)
            step = 1 if rail.y > y else -1
            self._add(rail.net, tuple(self.grid.at(x, at) for at in range(y, rail.y + step, step)))
        for x in xs:
            self.grid.node[self.grid.at(x, rail.y)] = rail.net
        self._add_tag(rail.net, rail.tag)

    def _tag_rails(self) -> None:
        done = {(rail.net, part, pin) for rail in self.rails for part, pin in rail.pins}
        for at, net in enumerate(self.scene.nets):
            if not net.rail:
                continue
            kind = HIGH if net.kind == HIGH else "ground" if net.ground else "low"
            for part, pin in net.pins:
                if (at, part, pin) not in done:
                    self._tag(at, [self.pin_at[part, pin]], kind)

    def crossed_stubs(self) -> set[tuple[int, int]]:
        """Return the (part, pin) between which and their rail some wire passes."""
        found = set()
        for rail in self.rails:
            for part, pin in rail.pins:
                x, y = self.grid.cell(self.pin_at[part, pin])
                step = 1 if rail.y > y else -1
                between = (self.grid.at(x, at) for at in range(y + step, rail.y, step))
                if any(self.grid.across[at] not in (FREE, rail.net) for at in between):
                    found.add((part, pin))
        return found

    # Signals.

    def _size(self, net: int) -> tuple[int, int]:
        cells = [self.grid.cell(self.pin_at[pin]) for pin in self.scene.nets[net].pins]
        xs, ys = [x for x, _ in cells], [y for _, y in cells]
        return max(xs) - min(xs) + max(ys) - min(ys), net

    def _wire(self, net: int, *, crossing: int = 8) -> None:
        """Join the pins of a net, each to the nearest that is joined already."""
        pins = [self.pin_at[pin] for pin in self.scene.nets[net].pins]
        if len(pins) < 2:
            return
        gates_only = self._gates_only(net)
        left = dict.fromkeys(pins)
        first = min(pins)
        del left[first]
        points = {first}
        while left:
            start = min(left, key=lambda pin: (self._distance(pin, points), pin))
            goals = points if len(points) == 1 else self._joints(net, points)
            most = min(_LONG, 3 * self._distance(start, points) + _ROUND)
            route = find_route(self.grid, net, [start], goals, most=most, crossing=crossing)
            del left[start]
            if route is None or self._too_bad(route, gates_only):
                self.cut.add(net)
                continue
            self._add(net, route.points)
            points |= set(route.points)

    def _too_bad(self, route: Route, gates_only: bool) -> bool:
        return route.crossings > (1 if gates_only else 4)

    def _gates_only(self, net: int) -> bool:
        """Return whether a net is a port that only gates are on: a name does as well."""
        own = self.scene.nets[net]
        return bool(own.side) and all(
            self.scene.parts[part].symbol.pins[pin].role in ("g", "b", "cp", "cn")
            for part, pin in own.pins
        )

    def _distance(self, pin: int, points: set[int]) -> int:
        width = self.grid.width
        y, x = divmod(pin, width)
        return min(abs(at // width - y) + abs(at % width - x) for at in points)

    def _joints(self, net: int, points: set[int]) -> set[int]:
        """Return where a wire may join: points of wires that nobody crosses, and lone pins."""
        wired = {at for path in self.routes.get(net, ()) for at in (path[0], path[-1])}
        return {at for at in points if at not in self.grid.pins or at not in wired} or points

    def _add(self, net: int, path: tuple[int, ...]) -> None:
        self.grid.lay(path, net)
        self.routes.setdefault(net, []).append(path)

    def _improve(self, signals: list[int]) -> None:
        """Take up the nets that cross others, the worst first, and lay them again."""
        for _ in range(2):
            crossed = {net: self._crossings_of(net) for net in signals}
            for net in sorted(
                (net for net in signals if crossed[net] or net in self.cut),
                key=lambda net: (-crossed[net], net),
            ):
                before = self.routes.get(net, []), net in self.cut, self._price(net)
                self.routes[net] = []
                self.cut.discard(net)
                self._paint()
                self._wire(net)
                if self._price(net) > before[2]:
                    self.routes[net] = before[0]
                    self.cut.discard(net)
                    if before[1]:
                        self.cut.add(net)
                    self._paint()

    def _so_far(self, signals: list[int]) -> int:
        """Return what the wires that are there cost, names not counted."""
        cost = 6 * sum(map(self._crossings_of, signals)) + 25 * len(self.cut)
        for net in signals:
            cost += sum(len(path) - 1 + 2 * corners(path) for path in self.routes.get(net, ()))
        return cost

    def _price(self, net: int) -> int:
        crossed = self._crossings_of(net)
        length = sum(len(path) + 4 * corners(path) for path in self.routes.get(net, ()))
        return 12 * crossed + length + (200 if net in self.cut else 0)

    def _paint(self) -> None:
        self.grid.clear_wires()
        for net, paths in self.routes.items():
            for path in paths:
                self.grid.lay(path, net)

    def _crossings_of(self, net: int) -> int:
        """Return at how many points the wires of a net cross others."""
        across, along = self.grid.across, self.grid.along
        return sum(
            (across[at] not in (FREE, net)) or (along[at] not in (FREE, net))
            for at in {at for path in self.routes.get(net, ()) for at in path}
        )

    # Names.

    def _name(self, net: int) -> None:
        own = self.scene.nets[net]
        pieces = self._pieces(net)
        if len(pieces) == 1 and not own.side and len(own.pins) > 1:
            return
        kind = own.side or NAME
        for piece in pieces:
            if kind in ("left", "right") and len(pieces) == 1 and self._to_margin(net, piece, kind):
                continue
            self._tag(net, sorted(piece.points), kind)

    def _to_margin(self, net: int, piece: Piece, side: str) -> bool:
        """Lead a port to the edge of the sheet, where no wire is in the way."""
        edge = self._edge(side)
        goals = {
            at
            for y in range(self.grid.y0 + 2, self.grid.y0 + self.grid.height - 2)
            if self.grid.empty(at := self.grid.at(edge, y), net)
            and self.grid.node[at - self.grid.width] == self.grid.node[at + self.grid.width] == -1
        }
        exits = self._exits(net, piece, side)
        gates_only = self._gates_only(net)
        if gates_only and all(
            at in self.grid.pins and self.grid.pins[at][1] == (RIGHT if side == "left" else LEFT)
            for at in exits
        ):
            # A gate that looks inward has its flag where it is.
            return False
        near = min(abs(self.grid.cell(at)[0] - edge) for at in exits) if exits else _FAR
        if near >= _FAR:
            return False
        best = find_route(self.grid, net, exits, goals, most=min(near + _DETOUR, _FAR))
        most = 0 if gates_only else 1
        if best is None or best.crossings > most:
            return False
        self._add(net, best.points)
        found = find_place(self.grid, net, [best.points[-1]], self.scene.nets[net].name, side)
        if found is None:
            return False
        if len(found[0]) > 1:
            self._add(net, found[0])
        self._add_tag(net, found[1])
        return True

    def _exits(self, net: int, piece: Piece, side: str) -> list[int]:
        """Return a few points of a piece from which the edge may be reached well."""
        sign = -1 if side == "left" else 1
        free = [
            at
            for at in piece.points
            if at not in self.grid.pins or len(piece.points) == 1
            if self.grid.across[at] in (-1, net) and self.grid.along[at] in (-1, net)
        ]
        free.sort(key=lambda at: (-sign * self.grid.cell(at)[0], self.grid.cell(at)[1]))
        by_height: dict[int, int] = {}
        for at in free:
            by_height.setdefault(self.grid.cell(at)[1], at)
        return list(by_height.values())[:10]

    def _edge(self, side: str) -> int:
        lefts = [item.x - item.symbol.extent[0] for item in self.placed]
        rights = [item.x + item.symbol.extent[1] for item in self.placed]
        return int(min(lefts)) - 3 if side == "left" else int(max(rights)) + 3

    def _tag(self, net: int, starts: list[int], kind: str) -> None:
        starts = [
            at
            for at in starts
            if (at not in self.grid.pins or self.grid.node[at] != net)
            and self.grid.across[at] in (-1, net)
            and self.grid.along[at] in (-1, net)
        ]
        name = self.scene.nets[net].name
        found = find_place(self.grid, net, starts, name, kind)
        if found is None:
            found = find_place(self.grid, net, starts, name, kind, crossings=True, reach=40)
        if found is None:
            self.failed.append(net)
            return
        self._add(net, found[0])
        self._add_tag(net, found[1])

    def _add_tag(self, net: int, tag: Tag) -> None:
        self.tags.setdefault(net, []).append(tag)
        self.grid.boxes.append(tag.box)
        self.grid.node[self.grid.at(tag.x, tag.y)] = net
        left, top, right, bottom = tag.box
        self.grid.block((left - 0.3, top - 0.2, right + 0.3, bottom + 0.2))

    def _pieces(self, net: int) -> list[Piece]:
        """Return the pins of a net as wires join them."""
        pieces: list[Piece] = []
        for path in self.routes.get(net, ()):
            points = set(path)
            touching = [piece for piece in pieces if piece.points & points]
            merged = Piece([], points.union(*(piece.points for piece in touching)))
            pieces = [piece for piece in pieces if piece not in touching] + [merged]
        for pin in self.scene.nets[net].pins:
            at = self.pin_at[pin]
            home = next((piece for piece in pieces if at in piece.points), None)
            if home is None:
                home = Piece([], {at})
                pieces.append(home)
            home.pins.append(at)
        return pieces

    # The result.

    def _outcome(self) -> Outcome:
        wirings = []
        length = bends = 0
        for at, net in enumerate(self.scene.nets):
            own = Wiring(net.name, rail=net.rail, pins=len(net.pins))
            paths = self.routes.get(at, [])
            own.paths = [polyline(self.grid, path) for path in paths]
            own.dots = dots(self.grid, paths, {self.pin_at[pin] for pin in net.pins})
            own.tags = self.tags.get(at, [])
            own.wired = len(self._pieces(at)) <= 1
            length += sum(len(path) - 1 for path in paths)
            bends += sum(corners(path) for path in paths)
            wirings.append(own)
        counts = [self._crossings_of(net) for net in range(len(self.scene.nets))]
        crossed = frozenset(net for net, count in enumerate(counts) if count)
        crossings = sum(counts) // 2
        return Outcome(wirings, crossings, length, bends, self.failed, crossed)


def _grid(placed: list[Placed], rails: list[Rail]) -> Grid:
    boxes = [item.box for item in placed] + [rail.tag.box for rail in rails]
    side = MARGIN + 15
    return Grid(
        int(min(box[0] for box in boxes)) - side,
        int(min(box[1] for box in boxes)) - MARGIN,
        int(max(box[2] for box in boxes)) + side,
        int(max(box[3] for box in boxes)) + MARGIN,
    )
