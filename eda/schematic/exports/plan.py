"""The wires and names of a sheet on the grid of another tool."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.schematic.exports.geometry import points_between, straight_runs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.schematic.exports.cards import Entry, Page
    from eda.schematic.exports.geometry import Seat, Segment
    from eda.schematic.sheet import Cell, Tag, Wiring
    from eda.schematic.symbols.symbol import Stroke

LEFT, RIGHT, UP, DOWN = "left", "right", "up", "down"
_PORT_GAP: Final = 3


@dataclass(frozen=True, slots=True)
class Label:
    """A name on a net.

    Attributes:
        x, y: The point it names, in the tool's units.
        net: As it is written.
        way: Where its text lies from there.
        form: ``port``, ``ground``, ``name``, or ``hidden`` for a pin that is not drawn.
        direction: Of a port: ``input output inout``.
    """

    x: int
    y: int
    net: str
    way: str = LEFT
    form: str = "name"
    direction: str = "inout"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is drawn of the nets of a sheet.

    Attributes:
        wires: Straight pieces with the net of each, in the tool's units.
        labels: Names; every net that has a pin on the sheet has one.
        bars: Lines of rail symbols, without ground's.
        grounds: Lines of ground symbols.
        joints: Where three or more wires of a net meet.
    """

    wires: tuple[tuple[str, Segment], ...]
    labels: tuple[Label, ...]
    bars: tuple[Stroke, ...]
    grounds: tuple[Stroke, ...]
    joints: tuple[Cell, ...]


def plan_of(page: Page, scale: int) -> Plan:
    """Return the wires, names and bars of a sheet.

    Args:
        page: The sheet and its names.
        scale: Units of the tool to a grid step.
    """
    wires: list[tuple[str, Segment]] = []
    labels: list[Label] = []
    bars: list[Stroke] = []
    grounds: list[Stroke] = []
    joints: list[Cell] = []
    waiting = {port.lower(): port for port in page.ports}
    pins, crowd = _pins_by_net(page), _crowd(page)
    for wiring in page.sheet.wirings:
        name = page.nets.get(wiring.name.lower(), "")
        if not name:
            continue  # all of its devices are left out
        spots: list[Label] = []
        for tag in wiring.tags:
            form = "ground" if name == "0" and _way(tag) == DOWN else "name"
            spots.append(Label(tag.x, tag.y, name, _way(tag), form))
            lines = [stroke for stroke in tag.strokes if len(stroke.points) == 2]
            if wiring.rail:
                (grounds if form == "ground" else bars).extend(lines)
        if not spots and wiring.paths:
            spots.append(_spot(wiring, name, crowd))
        if spots and waiting.pop(name.lower(), None) is not None:
            first = next((at for at, spot in enumerate(spots) if spot.way in (LEFT, RIGHT)), 0)
            way = spots[first].way
            direction = page.directions.get(name.lower(), "inout")
            spots[first] = Label(spots[first].x, spots[first].y, name, way, "port", direction)
        runs = straight_runs(
            wiring, [*pins.get(wiring.name.lower(), ()), *((spot.x, spot.y) for spot in spots)]
        )
        wires += [(name, _scaled(run, scale)) for run in runs]
        ends = [point for run in runs for point in run]
        joints += [
            (x * scale, y * scale)
            for x, y in sorted(set(ends))
            if ends.count((x, y)) + ((x, y) in pins.get(wiring.name.lower(), ())) > 2
        ]
        labels += [
            Label(at.x * scale, at.y * scale, at.net, at.way, at.form, at.direction) for at in spots
        ]
    left, _, _, bottom = page.sheet.box
    for at, port in enumerate(waiting.values()):
        # A port that touches nothing stands by itself.
        x, y = int(left) * scale, (int(bottom) + _PORT_GAP * (at + 1)) * scale
        direction = page.directions.get(port.lower(), "inout")
        labels.append(Label(x, y, port, LEFT, "port", direction))
    return Plan(tuple(wires), tuple(labels), tuple(bars), tuple(grounds), tuple(joints))


def hidden_label(entry: Entry, seat: Seat, role: str, net: str) -> Label:
    """Return the name of the net on a pin that is not drawn: a bulk, away from its gate."""
    x, y = seat.pins[role]
    sideways = [pin.dx for pin in entry.placed.symbol.pins if pin.dx]
    return Label(x, y, net, LEFT if sum(sideways) > 0 else RIGHT, "hidden")


def _pins_by_net(page: Page) -> dict[str, set[Cell]]:
    found: dict[str, set[Cell]] = {}
    for placed in page.sheet.placed:
        for at, net in enumerate(placed.nets):
            found.setdefault(net.lower(), set()).add(placed.pin_cell(at))
    return found


def _way(tag: Tag) -> str:
    """Return on which side of its point a name lies."""
    if tag.text.anchor == "middle":
        return UP if tag.text.y < tag.y else DOWN
    return RIGHT if tag.text.anchor == "start" else LEFT


def _spot(wiring: Wiring, name: str, crowd: Mapping[Cell, int]) -> Label:
    """Return a place for the name of a net that shows none: on its longest flat wire.

    Where two wires cross a name would join them.
    """
    runs = straight_runs(wiring, ())
    runs.sort(key=lambda run: (run[0][1] != run[1][1], -len(points_between(*run)), run))
    for run in runs:
        points = points_between(*run)
        middle = len(points) // 2
        free = [at for at, point in enumerate(points) if crowd[point] == 1]
        if free:
            x, y = points[min(free, key=lambda at: abs(at - middle))]
            return Label(x, y, name, UP if run[0][1] == run[1][1] else RIGHT)
    x, y = runs[0][0]
    return Label(x, y, name, UP)


def _crowd(page: Page) -> Counter[Cell]:
    """Return how many nets have a wire at each point."""
    crowd: Counter[Cell] = Counter()
    for wiring in page.sheet.wirings:
        crowd.update(
            {
                point
                for path in wiring.paths
                for a, b in itertools.pairwise(path)
                for point in points_between(a, b)
            }
        )
    return crowd


def _scaled(run: Segment, scale: int) -> Segment:
    (x, y), (u, v) = run
    return (x * scale, y * scale), (u * scale, v * scale)
