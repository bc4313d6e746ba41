"""Mirror symmetry: from a pair of devices to all pairs of devices and nets around it.

A pair's drains are a pair of nets; two devices of one type that stand on either of them in the
same role, and whose other pins can be mirrored too, are a pair again; and so on. A net is its
own image where both devices of a pair stand on it. Gates may also share a net that is one of a
pair: a mirror that loads a differential pair is drawn, and laid out, symmetrically.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eda.structures.facts import NetFacts
    from eda.structures.group import Found
    from eda.structures.units import Units

MAX_PINS: Final = 32
"""Nets with more pins than this are no part of a pair of nets."""

_SEEDS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "diff_pair": (("a", "b"),),
    "cross_coupled": (("a", "b"),),
    "cross_coupled_cascode": (("a", "b"),),
}
# How much it speaks for a pair that a pin of both agrees in this way.
_MIRRORED, _SAME_GATE, _SAME_RAIL, _SAME_NET = 4, 3, 2, 1
_SYMMETRIC_KINDS: Final = ("resistor", "capacitor", "inductor")
_TWO_TERMINALS: Final = ("resistor", "capacitor", "inductor", "diode", "isource")


@dataclass
class Axis:
    """An axis while it grows: who is mirrored onto whom.

    Attributes:
        partner: Of each net: its image, or itself.
        device_pairs: Devices that stand for paired units.
        image: Of each paired device: its image.
        bridges: Devices that join a net with its image.
        seeds: (rule, device, device).
    """

    partner: dict[int, int] = field(default_factory=dict)
    device_pairs: list[tuple[int, int]] = field(default_factory=list)
    image: dict[int, int] = field(default_factory=dict)
    bridges: list[int] = field(default_factory=list)
    seeds: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def net_pairs(self) -> list[tuple[int, int]]:
        """The pairs of nets, each once."""
        seen: set[int] = set()
        pairs = []
        for a, b in self.partner.items():
            if a != b and a not in seen:
                seen |= {a, b}
                pairs.append((a, b))
        return pairs

    @property
    def fixed_nets(self) -> list[int]:
        """The nets that are their own image."""
        return [a for a, b in self.partner.items() if a == b]


class Mirror:
    """The circuit as lists, which growing walks over one pin at a time."""

    def __init__(self, units: Units, facts: NetFacts, order: Sequence[int]) -> None:
        """Take the units, the facts of their nets, and the canonical place of each device."""
        t = units.transistors
        self.order = order
        rails = facts["rail"][0]
        self.rail: list[bool] = rails.tolist()
        self.pins: dict[int, tuple[int, ...]] = {}
        self.type: dict[int, tuple[int, int]] = {}
        for device, family, pole, *pins in zip(
            *(
                column.tolist()
                for column in (t.first, t.family, t.polarity, t.drain, t.gate, t.source)
            ),
            strict=True,
        ):
            self.pins[device] = tuple(pins)
            self.type[device] = (family, pole)
        for number, kind in enumerate(_TWO_TERMINALS):
            table = units.two_terminals[kind]
            code = (-1 - number, int(kind in _SYMMETRIC_KINDS))
            for device, plus, minus in zip(
                table.first.tolist(), table.plus.tolist(), table.minus.tolist(), strict=True
            ):
                self.pins[device] = (plus, minus)
                self.type[device] = code
        counts = np.zeros(len(self.rail), dtype=np.int64)
        for pins in ([t.drain, t.gate, t.source], *self._ends(units)):
            for column in pins:
                counts += np.bincount(column, minlength=len(counts))
        self.closed: list[bool] = (rails | (counts > MAX_PINS)).tolist()
        self.on: dict[int, list[tuple[int, int]]] = {}
        for device, own_pins in self.pins.items():
            for place, net in enumerate(own_pins):
                if not self.closed[net]:
                    self.on.setdefault(net, []).append((device, place))

    @staticmethod
    def _ends(units: Units) -> list[list[np.ndarray[tuple[int], np.dtype[np.int64]]]]:
        tables = [units.two_terminals[kind] for kind in _TWO_TERMINALS]
        return [[table.plus, table.minus] for table in tables]

    def grow(self, axis: Axis, a: int, b: int) -> bool:
        """Pair two devices and whatever follows; return whether they could be paired."""
        queue: deque[tuple[int, int]] = deque()
        if not self._pair(axis, a, b, queue):
            return False
        while queue:
            self._spread(axis, *queue.popleft(), queue)
        return True

    def _spread(self, axis: Axis, x: int, y: int, queue: deque[tuple[int, int]]) -> None:
        """Pair devices on one net with devices on the other, the surest pairs first."""
        others = self.on.get(y, [])
        tried = []
        for device, place in self.on.get(x, []):
            if device in axis.image:
                continue
            for rival, rival_place in others:
                if device == rival:
                    axis.bridges.append(device)
                elif rival not in axis.image and self.type[device] == self.type[rival]:
                    symmetric = self.type[device][0] < 0 and self.type[device][1] == 1
                    if place != rival_place and not symmetric:
                        continue
                    score = self._score(axis, device, rival, turned=place != rival_place)
                    if score > 0:
                        a, b = self.order[device], self.order[rival]
                        tried.append((-score, a, b, device, rival, place != rival_place))
        tried.sort()
        for _, _, _, device, rival, turned in tried:
            if device not in axis.image and rival not in axis.image:
                self._pair(axis, device, rival, queue, turned=turned)

    def _image_pins(self, rival: int, *, turned: bool) -> tuple[int, ...]:
        pins = self.pins[rival]
        return pins[::-1] if turned else pins

    def _score(self, axis: Axis, device: int, rival: int, *, turned: bool) -> int:
        """Return how well two devices mirror each other; 0 where they cannot."""
        total = 0
        pins, images = self.pins[device], self._image_pins(rival, turned=turned)
        taken: dict[int, int] = {}
        for place, (net, image) in enumerate(zip(pins, images, strict=True)):
            gate = len(pins) == 3 and place == 1
            known = axis.partner.get(net, taken.get(net))
            back = axis.partner.get(image, taken.get(image))
            if net == image:
                if known not in (None, net) and not gate:
                    return 0
                total += _SAME_GATE if gate else _SAME_RAIL if self.rail[net] else _SAME_NET
            elif known is None and back is None:
                if self.closed[net] or self.closed[image]:
                    return 0
                taken[net], taken[image] = image, net
            elif known == image and back == net:
                total += _MIRRORED
            else:
                return 0
        return total

    def _pair(
        self,
        axis: Axis,
        device: int,
        rival: int,
        queue: deque[tuple[int, int]],
        *,
        turned: bool = False,
    ) -> bool:
        if not axis.device_pairs:
            possible = self.type[device] == self.type[rival]
        else:
            possible = self._score(axis, device, rival, turned=turned) > 0
        if not possible:
            return False
        axis.image[device], axis.image[rival] = rival, device
        axis.device_pairs.append((device, rival))
        pins, images = self.pins[device], self._image_pins(rival, turned=turned)
        for net, image in zip(pins, images, strict=True):
            if net in axis.partner or image in axis.partner:
                continue
            if net == image:
                if not self.rail[net]:
                    axis.partner[net] = net
            elif not (self.closed[net] or self.closed[image]):
                axis.partner[net], axis.partner[image] = image, net
                queue.append((net, image))
        return True


def find_axes(
    items: Iterable[Found], units: Units, facts: NetFacts, order: Sequence[int]
) -> list[Axis]:
    """Return the axes that pairs of devices seed, nested pairs on the axis of the outermost.

    Args:
        items: The structures found.
        units: Of the circuit.
        facts: Of its nets; `tail` must be known.
        order: The canonical place of each device.
    """
    seeds = []
    tail = facts["tail"][0]
    for item in items:
        for role_a, role_b in _SEEDS.get(item.rule.partition("/")[0], ()):
            members = dict(item.devices)
            seeds.append((item, members[role_a], members[role_b]))
    if not seeds:
        return []
    mirror = Mirror(units, facts, order)

    def nesting(seed: tuple[Found, int, int]) -> tuple[int, int, int, int]:
        _, a, b = seed
        # A pair whose drains are the tails of others is the root of a Gilbert cell.
        root = tail[mirror.pins[a][0]] and tail[mirror.pins[b][0]]
        return (0 if root else 1, -seed[0].rank, order[a], order[b])

    axes: list[Axis] = []
    home: dict[int, Axis] = {}
    for item, a, b in sorted(seeds, key=nesting):
        if a in home and home[a] is home.get(b):
            home[a].seeds.append((item.rule, a, b))
            continue
        axis = Axis()
        if not mirror.grow(axis, a, b):
            continue
        axis.seeds.append((item.rule, a, b))
        axes.append(axis)
        for device in axis.image:
            home.setdefault(device, axis)
    return axes
