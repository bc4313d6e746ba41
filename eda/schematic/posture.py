"""Which way each part stands, and in which row: rows count the devices on the way from supply.

Current flows down the page. A row is the longest way, in devices, from the supply to a part;
what stands on ground is in the last row. Two-terminals that carry no such current lie between
the rows, in lanes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.schematic.scene import HIGH, LOW

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eda.schematic.scene import Part, Scene

MAX_ROWS: Final = 8
LANES: Final = 3
"""Places for lying parts between two rows."""

_CHANNELS: Final = frozenset({"mosfet", "bipolar", "jfet", "mesfet"})
_CONDUCTORS: Final = frozenset({"resistor", "inductor", "diode"})
_ALWAYS_STAND: Final = _CHANNELS | {
    *("isource", "vcvs", "vccs", "ccvs", "cccs", "behavioral", "switch"),
}
_CARRIERS: Final = _CHANNELS | {"isource", "cccs", "vccs"}


@dataclass
class Posture:
    """How a part is drawn, and where it may go.

    Attributes:
        stands: Upright; else it lies in a lane.
        inverted: Its top pin and its bottom pin have changed places.
        row: Its row, counted from the supply; of a lying part, the row above its first lane.
        fixed: Whether the row is given by its current; else the placement may change it.
    """

    stands: bool = True
    inverted: bool = False
    row: int = 0
    fixed: bool = True


def ends(part: Part, *, inverted: bool = False) -> tuple[int, int]:
    """Return the nets on its top and its bottom pin, -1 where it has none."""
    top = bottom = -1
    for pin, net in zip(part.symbol.pins, part.nets, strict=True):
        if pin.dy < 0:
            top = net
        elif pin.dy > 0:
            bottom = net
    return (bottom, top) if inverted else (top, bottom)


def postures(scene: Scene) -> tuple[list[Posture], int]:
    """Return the posture of every part, and the number of rows."""
    found = [_first_guess(scene, part) for part in scene.parts]
    _stand_in_stacks(scene, found)
    edges = [
        (*ends(part, inverted=own.inverted), at)
        for at, (part, own) in enumerate(zip(scene.parts, found, strict=True))
        if part.form == "device"
        and own.stands
        and (part.device.kind in _CARRIERS or part.device.kind in _CONDUCTORS)
    ]
    kinds = [net.kind for net in scene.nets]
    depth = _longest(((top, bottom) for top, bottom, _ in edges), kinds, HIGH)
    height = _longest(((bottom, top) for top, bottom, _ in edges), kinds, LOW)
    rows = 1
    for top, bottom, _ in edges:
        above = 0 if kinds[top] == HIGH else depth.get(top, -1)
        below = 0 if kinds[bottom] == LOW else height.get(bottom, -1)
        if kinds[top] == LOW or kinds[bottom] == HIGH:
            continue
        rows = max(rows, above + below + 1 if above >= 0 and below >= 0 else max(above, below) + 1)
    rows = min(rows, MAX_ROWS)
    for part, own in zip(scene.parts, found, strict=True):
        _give_row(scene, part, own, depth, height, rows)
    _lower_feeders(scene, found)
    _settle_free(scene, found, rows)
    return found, rows


def _first_guess(scene: Scene, part: Part) -> Posture:
    if part.form != "device":
        return Posture(fixed=False)
    top, bottom = ends(part)
    if top < 0 or bottom < 0:
        return Posture(fixed=False)
    high, low = scene.nets[top], scene.nets[bottom]
    inverted = (high.kind == LOW and low.kind != LOW) or (low.kind == HIGH and high.kind != HIGH)
    stands = part.device.kind in _ALWAYS_STAND or high.rail or low.rail
    return Posture(stands=stands, inverted=inverted)


def _stand_in_stacks(scene: Scene, found: list[Posture]) -> None:
    """Raise resistors and the like that current from above to below has to pass."""
    feeds: set[int] = set()
    drains: set[int] = set()
    lying: list[int] = []
    for at, (part, own) in enumerate(zip(scene.parts, found, strict=True)):
        if part.form != "device":
            continue
        kind = part.device.kind
        top, bottom = ends(part, inverted=own.inverted)
        if own.stands and (kind in _CARRIERS or kind in _CONDUCTORS):
            feeds.add(bottom)
            drains.add(top)
        elif not own.stands and kind in _CONDUCTORS:
            lying.append(at)
    changed = bool(lying)
    while changed:
        changed = False
        for at in lying:
            own = found[at]
            if own.stands:
                continue
            a, b = ends(scene.parts[at])
            for upper, lower, inverted in ((a, b, False), (b, a, True)):
                from_above = upper in feeds and upper not in drains
                to_below = lower in drains and lower not in feeds
                series = len(scene.nets[lower].pins) == 2 and _all_conduct(scene, lower)
                if from_above and (to_below or (series and lower not in feeds)):
                    own.stands, own.inverted, changed = True, inverted, True
                    feeds.add(lower)
                    drains.add(upper)
                    break


def _all_conduct(scene: Scene, net: int) -> bool:
    return all(scene.parts[part].device.kind in _CONDUCTORS for part, _ in scene.nets[net].pins)


def _longest(edges: Iterable[tuple[int, int]], kinds: Sequence[str], start: str) -> dict[int, int]:
    """Return the longest way, in edges, from the rails of one kind to each net.

    Edges that close a loop are left out; other rails are no thoroughfare.
    """
    after: dict[int, list[int]] = defaultdict(list)
    for tail, head in edges:
        after[tail].append(head)
    order: list[int] = []
    state: dict[int, int] = {}
    kept: list[tuple[int, int]] = []
    for root in [net for net in after if kinds[net] == start]:
        stack = [(root, iter(after[root]))]
        state.setdefault(root, 1)
        while stack:
            net, rest = stack[-1]
            for head in rest:
                if kinds[head] in (HIGH, LOW) or state.get(head) == 1:
                    continue
                kept.append((net, head))
                if head not in state:
                    state[head] = 1
                    stack.append((head, iter(after.get(head, ()))))
                    break
            else:
                state[net] = 2
                order.append(net)
                stack.pop()
    far = {net: 0 for net in order if kinds[net] == start}
    heads: dict[int, list[int]] = defaultdict(list)
    for tail, head in kept:
        heads[tail].append(head)
    for net in reversed(order):
        for head in heads[net]:
            far[head] = max(far.get(head, 0), far.get(net, 0) + 1)
    return {net: min(steps, MAX_ROWS - 1) for net, steps in far.items()}


def _give_row(
    scene: Scene,
    part: Part,
    own: Posture,
    depth: Mapping[int, int],
    height: Mapping[int, int],
    rows: int,
) -> None:
    if part.form != "device" or not own.stands:
        own.fixed = False
        return
    top, bottom = ends(part, inverted=own.inverted)
    kinds = scene.nets[top].kind, scene.nets[bottom].kind
    if LOW in kinds:
        own.row = rows - 1
    elif HIGH in kinds:
        own.row = 0
    elif top in depth:
        own.row = min(depth[top], rows - 1)
        if bottom in height:
            own.row = max(own.row, 0)
    elif bottom in height:
        own.row = max(rows - 1 - height[bottom], 0)
    else:
        own.fixed = False


def _lower_feeders(scene: Scene, found: list[Posture]) -> None:
    """Bring sources and resistors that hang on the supply down to the one part they feed."""
    for part, own in zip(scene.parts, found, strict=True):
        if part.form != "device" or not own.stands or own.row != 0:
            continue
        if part.device.kind not in ("isource", "resistor"):
            continue
        top, bottom = ends(part, inverted=own.inverted)
        if scene.nets[top].kind != HIGH or scene.nets[bottom].rail:
            continue
        fed = [
            found[other].row
            for other, _ in scene.nets[bottom].pins
            if ends(scene.parts[other], inverted=found[other].inverted)[0] == bottom
            and found[other].stands
        ]
        if fed and min(fed) > 1:
            own.row = min(fed) - 1


def _settle_free(scene: Scene, found: list[Posture], rows: int) -> None:
    """Put what no current places beside what it is wired to."""
    for at, (part, own) in enumerate(zip(scene.parts, found, strict=True)):
        if own.fixed:
            continue
        near = [
            found[other].row
            for net in part.nets
            if not scene.nets[net].rail
            for other, _ in scene.nets[net].pins
            if other != at and found[other].fixed
        ]
        own.row = round(sum(near) / len(near)) if near else (rows - 1) // 2
