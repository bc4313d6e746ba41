"""One wire by A*: from a pin to what is already wired of its net, with few bends and crossings."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final

from eda.schematic.grid import BACK, FREE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from eda.schematic.grid import Grid

BEND: Final = 4
CROSSING: Final = 8
MOST_STEPS: Final = 5_000
"""States that are looked at before a connection is given up."""

_STATE: Final = 28
_STATES: Final = (1 << _STATE) - 1
_COST: Final = 20
_NEAREST: Final = (1 << _COST) - 1
"""States and costs have so many bits in the numbers on the heap."""

_TURNS: Final = tuple(tuple(way for way in range(4) if way != BACK[came]) for came in range(4))


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
    most: int = 10**5,
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
    if not goals:
        return None
    blocked, across, along, node = grid.blocked, grid.across, grid.along, grid.node
    escape, pins, steps = grid.escape, grid.pins, grid.steps
    xs, ys = grid.xs, grid.ys
    far_x, far_y, wrong = _ahead(grid, goals)
    goal_set = set(goals)
    start_set = set(starts)
    # One number a state: what it will cost at least, then the nearest to a goal, then the state.
    heap: list[int] = []
    best: dict[int, int] = {}
    parent: dict[int, int] = {}
    for start in starts:
        if far_x[xs[start]] + far_y[ys[start]] > most:
            continue
        own = pins.get(start)
        for way in (own[1],) if own is not None else (0, 1, 2, 3):
            state = start << 2 | way
            best[state] = 0
            heappush(heap, _NEAREST << _STATE | state)
    looked = 0
    while heap:
        item = heappop(heap)
        state = item & _STATES
        cost = _NEAREST - (item >> _STATE & _NEAREST)
        if cost > best[state]:
            continue
        here, came = state >> 2, state & 3
        if here in goal_set and here not in start_set:
            grid.looked += looked
            return _walk_back(grid, net, parent, state, cost)
        looked += 1
        if looked > MOST_STEPS:
            break
        one, other = across[here], along[here]
        passing = (one != FREE and one != net) or (other != FREE and other != net)
        for way in (came,) if passing or here in start_set else _TURNS[came]:
            there = here + steps[way]
            price = cost + 1 if way == came else cost + 1 + BEND
            if there in goal_set:
                pin = pins.get(there)
                if pin is not None:
                    if pin[1] != BACK[way]:
                        continue
                else:
                    one, other = across[there], along[there]
                    if (one != FREE and one != net) or (other != FREE and other != net):
                        continue
            else:
                if blocked[there]:
                    continue
                own_net = node[there]
                if own_net != FREE and own_net != net:
                    continue
                own_net = escape[there]
                if own_net != FREE and own_net != net:
                    continue
                one, other = across[there], along[there]
                if way > 1:
                    one, other = other, one
                if one != FREE and one != net:
                    continue
                if other != FREE and other != net:
                    price += crossing
            new = there << 2 | way
            if price < best.get(new, _NEAREST):
                dx, dy = far_x[xs[there]], far_y[ys[there]]
                least = price + dx + dy
                if (dy if way < 2 else dx) or wrong[way][xs[there] if way < 2 else ys[there]]:
                    least += BEND
                if least > most:
                    continue
                best[new] = price
                parent[new] = state
                heappush(heap, (least << _COST | _NEAREST - price) << _STATE | new)
    grid.looked += looked
    return None


def _ahead(
    grid: Grid, goals: Collection[int]
) -> tuple[list[int], list[int], tuple[list[bool], ...]]:
    """Return how far each column and each row is from the goals, and which ways lead off them."""
    columns = [grid.xs[goal] for goal in goals]
    rows = [grid.ys[goal] for goal in goals]
    found = []
    ways = []
    for low, high, size in (
        (min(columns), max(columns), grid.width),
        (min(rows), max(rows), grid.height),
    ):
        found.append(
            [low - at for at in range(low)]
            + [0] * (high - low + 1)
            + [at - high for at in range(high + 1, size)]
        )
        ways.append([at > high for at in range(size)])
        ways.append([at < low for at in range(size)])
    return found[0], found[1], tuple(ways)


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
