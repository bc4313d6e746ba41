"""One wire by A*: from a pin to what is already wired of its net, with few bends and crossings."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final

from eda.schematic.grid import BACK, DOWN, FREE, LEFT, RIGHT

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from eda.schematic.grid import Grid

BEND: Final = 4
CROSSING: Final = 8
MOST_STEPS: Final = 12_000
"""States that are looked at before a connection is given up."""


@dataclass(frozen=True, slots=True)
class Route:
    """A way found: its points in order, and what it costs."""

    points: tuple[int, ...]
    cost: int
    crossings: int


def find_route(
    grid: Grid,
    net: int,
    starts: Sequence[int],
    goals: Collection[int],
    *,
    most: int = 10**6,
    crossing: int = CROSSING,
) -> Route | None:
    """Return the cheapest way from one of some points to any of the goals, or None.

    Wires of other nets are crossed at right angles only, never touched at a corner or an end;
    no two nets share a step of the grid.

    Args:
        grid: What is where.
        net: Whose wire it is.
        starts: Pins, which are left in their direction only, and points of wires of the net.
        goals: Pins, entered against their direction only, and points of wires of the net.
        most: Ways that cost more are not looked for.
        crossing: What a crossing costs.
    """
    width = grid.width
    blocked, across, along, node, escape = (
        grid.blocked,
        grid.across,
        grid.along,
        grid.node,
        grid.escape,
    )
    pins, steps = grid.pins, grid.steps
    rows = [goal // width for goal in goals]
    columns = [goal % width for goal in goals]
    if not rows:
        return None
    low_y, high_y, low_x, high_x = min(rows), max(rows), min(columns), max(columns)
    box = low_x, low_y, high_x, high_y
    goal_set = set(goals)
    start_set = set(starts)
    heap: list[tuple[int, int, int]] = []
    best: dict[int, int] = {}
    parent: dict[int, int] = {}
    for start in starts:
        own = pins.get(start)
        for way in (own[1],) if own is not None else (0, 1, 2, 3):
            state = start * 4 + way
            best[state] = 0
            heappush(heap, (0, 0, state))
    looked = 0
    while heap:
        _, cost, state = heappop(heap)
        if cost > best[state]:
            continue
        here, came = state >> 2, state & 3
        if here in goal_set and here not in start_set:
            return _walk_back(grid, net, parent, state, cost)
        looked += 1
        if looked > MOST_STEPS:
            return None
        passing = across[here] not in (FREE, net) or along[here] not in (FREE, net)
        for way in (came,) if passing or here in start_set else (0, 1, 2, 3):
            if way == BACK[came]:
                continue
            there = here + steps[way]
            price = cost + 1 + (BEND if way != came else 0)
            flat = way < 2
            if there in goal_set:
                pin = pins.get(there)
                if pin is not None:
                    if pin[1] != BACK[way]:
                        continue
                elif across[there] not in (FREE, net) or along[there] not in (FREE, net):
                    continue
            else:
                if blocked[there] or node[there] not in (FREE, net):
                    continue
                if escape[there] not in (FREE, net):
                    continue
                if (across if flat else along)[there] not in (FREE, net):
                    continue
                if (along if flat else across)[there] not in (FREE, net):
                    price += crossing
            new = there * 4 + way
            if price < best.get(new, 1 << 60) and price <= most:
                best[new] = price
                parent[new] = state
                y, x = divmod(there, width)
                dx = low_x - x if x < low_x else x - high_x if x > high_x else 0
                dy = low_y - y if y < low_y else y - high_y if y > high_y else 0
                ahead = dx + dy
                if (dy if flat else dx) or ((dx or dy) and _away(way, x, y, box)):
                    ahead += BEND
                heappush(heap, (price + ahead, price, new))
    return None


def _away(way: int, x: int, y: int, box: tuple[int, int, int, int]) -> bool:
    """Return whether a direction leads away from everything in a box."""
    if way == RIGHT:
        return x > box[2]
    if way == LEFT:
        return x < box[0]
    return y > box[3] if way == DOWN else y < box[1]


def _walk_back(grid: Grid, net: int, parent: dict[int, int], state: int, cost: int) -> Route:
    points = [state >> 2]
    while state in parent:
        state = parent[state]
        points.append(state >> 2)
    points.reverse()
    crossings = sum(
        1
        for at in points
        if grid.across[at] not in (FREE, net) or grid.along[at] not in (FREE, net)
    )
    return Route(tuple(points), cost, crossings)
