"""The motif of a wire: what is around a pin on a net, as hashed tokens that can be compared.

A wire is a pin on a net. Its tokens say what else the pin's device is on, which pins are on the
net, and what the devices there are on in turn: the histogram that two rounds of
Weisfeiler-Lehman refinement would collect around the wire, the pin itself left out
(Shervashidze et al., Weisfeiler-Lehman graph kernels, JMLR 12, 2011). Names play no part.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.links.features import HUB_DEGREE
from eda.links.vocabulary import BULKS, PIN_KINDS, RAILS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eda.links.sample import Sample

TOKENS: Final = 1 << 16
"""Tokens are numbers below this."""
MOST_COUNTED: Final = 3
"""Equal things beyond this many count no further."""

_ROLE_GIVERS: Final = frozenset(
    (*BULKS, PIN_KINDS.index("vsource.p"), PIN_KINDS.index("vsource.n"))
)
_NONE: Final = len(PIN_KINDS)


@dataclass(frozen=True)
class Neighbourhood:
    """A sample made ready for looking around in: plain lists, and the pins of each net.

    Attributes:
        kind: Kind of each pin.
        net: Net of each pin.
        device: Device of each pin.
        role: Role of each net.
        role_by_name: The same from names alone.
        is_port: Of each net.
        pins: First pin of each device, and one past the last.
        order: Pins by net ...
        start: ... and where those of each net begin.
    """

    kind: Sequence[int]
    net: Sequence[int]
    device: Sequence[int]
    role: Sequence[int]
    role_by_name: Sequence[int]
    is_port: Sequence[bool]
    pins: Sequence[int]
    order: Sequence[int]
    start: Sequence[int]

    @classmethod
    def of(cls, sample: Sample) -> Neighbourhood:
        """Return the neighbourhood view of a sample."""
        sizes = np.bincount(sample.edge_device, minlength=sample.num_devices)
        return cls(
            kind=sample.edge_kind.tolist(),
            net=sample.edge_net.tolist(),
            device=sample.edge_device.tolist(),
            role=sample.net_role.tolist(),
            role_by_name=sample.net_role_by_name.tolist(),
            is_port=sample.net_is_port.tolist(),
            pins=np.concatenate(([0], np.cumsum(sizes))).tolist(),
            order=np.argsort(sample.edge_net, kind="stable").tolist(),
            start=np.concatenate(([0], np.cumsum(sample.net_degree))).tolist(),
        )

    def on_net(self, net: int, *, but: int = -1) -> list[int]:
        """Return the pins on a net, one left out; of a hub only the first ones."""
        first = self.start[net]
        last = min(self.start[net + 1], first + HUB_DEGREE + 1)
        return [pin for pin in self.order[first:last] if pin != but]

    def of_device(self, pin: int) -> list[int]:
        """Return the other pins of a pin's device."""
        at = self.device[pin]
        return [other for other in range(self.pins[at], self.pins[at + 1]) if other != pin]

    def role_of(self, net: int, *, asked: int) -> int:
        """Return the role of a net; what the asked pin would give away of it does not count."""
        return (self.role_by_name if self.kind[asked] in _ROLE_GIVERS else self.role)[net]

    def is_local(self, net: int) -> bool:
        """Return whether a net is neither a rail nor a hub."""
        return self.role[net] not in RAILS and self.start[net + 1] - self.start[net] <= HUB_DEGREE


def wire_tokens(around: Neighbourhood, pin: int, net: int) -> NDArray[np.uint16]:
    """Return the sorted tokens of a pin on a net, wherever the pin is now.

    Args:
        around: The circuit.
        pin: The pin; where it is on is left out of account.
        net: The net it is thought to be on.
    """
    things: Counter[tuple[int, ...]] = Counter()
    own = {around.net[other]: around.kind[other] for other in around.of_device(pin)}
    role = around.role_of(net, asked=pin)
    things[(1, role, around.is_port[net], own.get(net, _NONE))] = 1
    for other in around.of_device(pin):
        there = around.net[other]
        things[(2, around.kind[other], around.role_of(there, asked=pin), there == net)] += 1
        if around.is_local(there):
            for met in around.on_net(there, but=pin):
                if met != other:
                    things[(3, around.kind[other], around.kind[met])] += 1
    local = around.is_local(net) and role not in RAILS
    for met in around.on_net(net, but=pin):
        if around.device[met] == around.device[pin]:
            continue
        if local:
            things[(4, around.kind[met])] += 1
        for third in around.of_device(met):
            there = around.net[third]
            mine = own.get(there, _NONE) if around.is_local(there) else _NONE
            if local or mine != _NONE:
                back = around.role_of(there, asked=pin)
                things[(5, around.kind[met], around.kind[third], back, mine, there == net)] += 1
    found = {
        _hash((*thing, count))
        for thing, times in things.items()
        for count in range(1, min(times, MOST_COUNTED) + 1)
    }
    return np.array(sorted(found), dtype=np.uint16)


def _hash(thing: tuple[int, ...]) -> int:
    """Return a token for a few small numbers; the same on every machine and Python."""
    value = 0
    for number in thing:
        value = (value * 67 + int(number) + 1) & 0xFFFFFFFFFFFFFFFF
    return (value * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF) >> 48
