"""Columns by simulated annealing: moves of units, accepted by what they change of the cost."""

from __future__ import annotations

from math import log
from random import Random
from typing import TYPE_CHECKING, Final

from eda.schematic.placement import MEETING, meetings
from eda.schematic.posture import LANES

if TYPE_CHECKING:
    from eda.schematic.placement import NetShape, Placement, Unit

MOVES_PER_PART: Final = 150
MOST_MOVES: Final = 26_000
_HOT, _COLD = 30.0, 0.4
_COARSE: Final = 0.5
"""Share of the moves that are made before crossings count."""

_TOGETHER: Final = 0.7
"""How often parts in series change their level together."""

_PULL: Final = 60.0
"""More than the cost of one net can be below zero."""


Change = tuple[int, int, bool, int]
"""A part, and its column, mirroring and level to be."""


def anneal(placement: Placement, *, seed: int, effort: float = 1.0) -> float:
    """Improve a placement in place, and return what it costs in the end.

    Args:
        placement: Any start; it is thrown into disorder first.
        seed: The same seed gives the same placement.
        effort: Factor of the number of moves.
    """
    random = Random(seed)
    _scatter(placement, random)
    cost = best = placement.recount()
    kept = placement.state()
    moves = min(int(MOVES_PER_PART * len(placement.column) * effort), MOST_MOVES)
    movable = [unit for unit in placement.units if unit.parts]
    if not movable:
        return cost
    cooling = (_COLD / _HOT) ** (1 / max(moves, 1))
    heat = _HOT
    crossings = False
    for step in range(moves):
        heat *= cooling
        if not crossings and step >= _COARSE * moves:
            # Crossings cost time to count, and nothing is settled while it is hot.
            crossings = True
            cost += MEETING * placement.count_meetings()
            best, kept = cost, placement.state()
        changes = _move(placement, movable, random)
        if not changes:
            continue
        gained = _apply(placement, changes, heat, random, crossings=crossings)
        cost += gained
        if cost < best - 1e-9:
            best, kept = cost, placement.state()
    placement.restore(kept)
    cost = placement.recount()
    placement.mirror()
    if placement.recount() >= cost:
        placement.mirror()
    return placement.recount() + MEETING * placement.count_meetings()


def _scatter(placement: Placement, random: Random) -> None:
    wide = max(len(parts) for parts in placement.on_level.values())
    for unit in placement.units:
        axis = random.randrange(-2 * wide, 2 * wide + 1)
        for at in unit.middle:
            placement.column[at] = axis
            placement.flipped[at] = False
        for (a, b), outward in zip(unit.pairs, unit.outward, strict=True):
            placement.column[a], placement.column[b] = axis - 2, axis + 2
            placement.flipped[a] = outward is False
            placement.flipped[b] = not placement.flipped[a]


def _move(placement: Placement, units: list[Unit], random: Random) -> list[Change]:
    unit = units[int(random.random() * len(units))]
    choice = random.random()
    if unit.pairs and choice < 0.45:
        return _inside(placement, unit, random)
    if choice < 0.35:
        step = random.choice((-3, -2, -1, 1, 2, 3))
        return [_to(placement, at, shift=step) for at in unit.parts]
    if choice < 0.6:
        return _beside_a_neighbour(placement, unit, random)
    if choice < 0.75:
        other = units[int(random.random() * len(units))]
        if other is unit:
            return []
        step = _axis(placement, other) - _axis(placement, unit)
        return [
            *(_to(placement, at, shift=step) for at in unit.parts),
            *(_to(placement, at, shift=-step) for at in other.parts),
        ]
    if choice < 0.88 and not unit.pairs:
        return [_to(placement, at, flip=True) for at in unit.parts]
    return _other_level(placement, unit, random)


def _axis(placement: Placement, unit: Unit) -> int:
    if unit.middle:
        return placement.column[unit.middle[0]]
    a, b = unit.pairs[0]
    return (placement.column[a] + placement.column[b]) // 2


def _to(placement: Placement, at: int, *, shift: int = 0, flip: bool = False) -> Change:
    return (
        at,
        placement.column[at] + shift,
        placement.flipped[at] != flip,
        placement.level[at],
    )


def _inside(placement: Placement, unit: Unit, random: Random) -> list[Change]:
    """Move within a group: one pair wider, narrower, exchanged or mirrored; or all exchanged."""
    choice = random.random()
    if unit.middle and choice < 0.06:
        return [_to(placement, random.choice(unit.middle), flip=True)]
    if choice < 0.15:
        return [
            change
            for a, b in unit.pairs
            for change in (
                (a, placement.column[b], placement.flipped[b], placement.level[a]),
                (b, placement.column[a], placement.flipped[a], placement.level[b]),
            )
        ]
    a, b = unit.pairs[int(random.random() * len(unit.pairs))]
    if choice < 0.3:
        return [
            (a, placement.column[b], placement.flipped[b], placement.level[a]),
            (b, placement.column[a], placement.flipped[a], placement.level[b]),
        ]
    if choice < 0.45:
        return [_to(placement, a, flip=True), _to(placement, b, flip=True)]
    step = random.choice((-2, -1, 1, 2))
    out = placement.column[b] - placement.column[a]
    if choice < 0.6:
        # As wide as another pair of the group, so that their drains can be straight.
        c, d = unit.pairs[int(random.random() * len(unit.pairs))]
        wide = abs(placement.column[d] - placement.column[c])
        step = (wide - abs(out)) // 2 * (1 if out > 0 else -1)
    if step == 0 or (out + 2 * step) * out <= 0:
        return []
    return [_to(placement, a, shift=-step), _to(placement, b, shift=step)]


def _beside_a_neighbour(placement: Placement, unit: Unit, random: Random) -> list[Change]:
    """Move a unit so that one of its parts stands above or beside one that it is wired to."""
    at = random.choice(unit.parts)
    nets = placement.nets_of[at]
    if not nets:
        return []
    pins = placement.net_pins[nets[int(random.random() * len(nets))]]
    other = pins[int(random.random() * len(pins))][0]
    if other in unit.parts:
        return []
    step = placement.column[other] - placement.column[at]
    if placement.level[other] == placement.level[at]:
        step += random.choice((-4, -3, -2, 2, 3, 4))
    return [_to(placement, part, shift=step) for part in unit.parts] if step else []


def _other_level(placement: Placement, unit: Unit, random: Random) -> list[Change]:
    """Move a part that no current holds in its row to another row or lane."""
    at = random.choice(unit.parts)
    own = placement.postures[at]
    if own.fixed and own.stands:
        return []
    if own.stands:
        if placement.rows == 1 or placement.scene.parts[at].form == "note":
            return []
        level = (LANES + 1) * random.randrange(placement.rows)
    else:
        level = placement.level[at] + random.choice((-2, -1, 1, 2))
        if level % (LANES + 1) == 0:
            level += random.choice((-1, 1))
        if not placement.lowest_level <= level < placement.highest_level:
            return []
    moved = {at}
    if random.random() < _TOGETHER:
        moved.update(placement.chain_of.get(at, ()))
    moved.update([placement.mate[part] for part in moved if part in placement.mate])
    return [
        (part, placement.column[part], placement.flipped[part], level) for part in sorted(moved)
    ]


def _apply(
    placement: Placement, changes: list[Change], heat: float, random: Random, *, crossings: bool
) -> float:
    """Carry out a move if the heat allows, and return by how much the cost changed."""
    # The dice are thrown first: what is too dear already is not counted to its end.
    most = -heat * log(1.0 - random.random())
    column, flipped, level = placement.column, placement.flipped, placement.level
    old = [(at, column[at], flipped[at], level[at]) for at, *_ in changes]
    parts = {change[0] for change in changes}
    levels = {change[3] for change in changes} | {change[3] for change in old}
    nets = {net for at in parts for net in placement.nets_of[at]}
    _put(placement, changes)
    new_levels = {at: placement.cost_level(at) for at in levels}
    gained = sum(new_levels.values())
    gained -= sum([placement.level_cost.get(at, 0.0) for at in levels])
    new_parts = {at: placement.cost_part(at) for at in _with_partners(placement, parts)}
    gained += sum(new_parts.values()) - sum([placement.part_cost[at] for at in new_parts])
    new_groups = placement.cost_groups() if placement.strangers else 0.0
    gained += new_groups - placement.group_cost
    before = [placement.net_cost[net] for net in nets]
    if gained - sum(before) - _PULL * len(before) > most:
        _put(placement, old)
        return 0.0
    new_nets = {net: placement.cost_net(net) for net in nets}
    gained += sum(new_nets.values()) - sum(before)
    shapes: dict[int, NetShape] = {}
    counts: list[tuple[int, int, int]] = []
    if crossings and gained - MEETING * placement.met(nets) <= most:
        shapes = {net: placement.shape_of(net) for net in nets}
        gained += MEETING * _new_meetings(placement, shapes, counts)
    if gained > most:
        _put(placement, old)
        return 0.0
    for net, value in new_nets.items():
        placement.net_cost[net] = value
    for net, shape in shapes.items():
        placement.shapes[net] = shape
    for a, b, count in counts:
        placement.meetings[a][b] = placement.meetings[b][a] = count
    placement.group_cost = new_groups
    placement.level_cost.update(new_levels)
    for at, value in new_parts.items():
        placement.part_cost[at] = value
    return gained


def _new_meetings(
    placement: Placement, shapes: dict[int, NetShape], counts: list[tuple[int, int, int]]
) -> int:
    """Return how many crossings there are more; fill the counts that change."""
    gained = 0
    done: set[int] = set()
    for net, shape in shapes.items():
        done.add(net)
        known = placement.meetings[net]
        for other, its in enumerate(placement.shapes):
            if other in done or not (its[3] or its[2] > its[1]):
                continue
            now = meetings(shape, shapes.get(other, its))
            if now != known[other]:
                gained += now - known[other]
                counts.append((net, other, now))
    return gained


def _with_partners(placement: Placement, parts: set[int]) -> set[int]:
    """Return parts, and those that look towards or away from one of them."""
    looking = placement.looked_at
    return parts.union(*(looking[at] for at in parts if at in looking))


def _put(placement: Placement, changes: list[Change]) -> None:
    for at, column, flipped, level in changes:
        placement.column[at] = column
        placement.flipped[at] = flipped
        if level != placement.level[at]:
            placement.on_level[placement.level[at]].remove(at)
            placement.on_level.setdefault(level, []).append(at)
            placement.level[at] = level
            placement.height[at] = placement.height_of(level)
