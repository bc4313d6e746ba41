"""# Walk: a circuit as a sequence of small decisions, and the circuit that decisions make.

First the ports, by class; then device by device its kind and a net for each pin: one that is
there, a port that is not yet used (by its class), or a new one. No device, net or port has a
number to be learned: nets are pointed at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from eda.topology.circuit import Placed, Topology
from eda.topology.parts import (
    INTERNAL,
    KINDS,
    NMOS,
    PIN_SLOTS,
    PMOS,
    PORTS,
    RAILS,
    SLOT_OF_PIN,
    VDD,
    VSS,
)

if TYPE_CHECKING:
    pass

PORT_SLOT: Final = 0
DEVICE_SLOT: Final = 1
BULK_SLOT: Final = 2
PIN_SLOT: Final = 3
NUM_SLOTS: Final = PIN_SLOT + len(PIN_SLOTS)
"""What a decision is about: a port, a kind of device, a bulk, or one of ``PIN_SLOTS``."""

# Decisions that are no net have a number of their own.
PORT_WORD: Final = 0
PORTS_DONE: Final = len(PORTS)
KIND_WORD: Final = PORTS_DONE + 1
END: Final = KIND_WORD + len(KINDS)
BULK_RAIL: Final = END + 1
BULK_SOURCE: Final = BULK_RAIL + 1
NEW: Final = BULK_SOURCE + 1
FRESH_PORT: Final = NEW + 1
NUM_WORDS: Final = FRESH_PORT + len(PORTS)
"""Words: a port class, that the ports are done, a kind, the end, two bulks, a new net, and the
next unused port of a class. A net that is in use is ``NUM_WORDS`` plus its number."""


class Decision(NamedTuple):
    """One decision.

    Attributes:
        slot: What it is about.
        word: What was chosen; a net in use counts from ``NUM_WORDS``.
    """

    slot: int
    word: int


@dataclass(slots=True)
class Walk:
    """The state between decisions; `take` goes on.

    Nets are numbered by first use.

    Attributes:
        type: Of the circuit.
        port_list: Classes of the ports that were declared.
        unused: By class, ports that no pin is on yet.
        net_class: Of each net in use.
        devices: Done.
        kind: Of the device under way, or -1.
        pins: Its nets so far.
        slot: What the next decision is about.
        done: Whether the circuit is finished.
    """

    type: str
    port_list: list[int]
    unused: list[int]
    net_class: list[int]
    devices: list[Placed]
    kind: int
    pins: list[int]
    slot: int
    done: bool

    @classmethod
    def begin(cls, circuit_type: str) -> Walk:
        """Return the state before the first decision."""
        return cls(circuit_type, [], [0] * len(PORTS), [], [], -1, [], PORT_SLOT, done=False)

    def take(self, word: int) -> None:
        """Take a decision; it must be one that makes sense here."""
        slot = self.slot
        if slot == PORT_SLOT:
            if word == PORTS_DONE:
                self.slot = DEVICE_SLOT
            else:
                self.port_list.append(word)
                self.unused[word] += 1
        elif slot == DEVICE_SLOT:
            if word == END:
                self.done = True
            else:
                self.kind = word - KIND_WORD
                self.slot = PIN_SLOT + SLOT_OF_PIN[self.kind, 0]
        elif slot == BULK_SLOT:
            own = self.pins[2] if word == BULK_SOURCE else self.rail_net()
            self.pins.append(own)
            self._finish()
        else:
            self.pins.append(self._net(word))
            if len(self.pins) < KINDS[self.kind].asked:
                self.slot = PIN_SLOT + SLOT_OF_PIN[self.kind, len(self.pins)]
            elif self.kind in (NMOS, PMOS):
                self._bulk()
            else:
                self._finish()

    def rail_net(self) -> int:
        """Return the rail that the bulk of the transistor under way may lie on; taken into use."""
        rail = VSS if self.kind == NMOS else VDD
        if rail in self.net_class:
            return self.net_class.index(rail)
        return self._net(FRESH_PORT + rail)

    def _bulk(self) -> None:
        """Ask for the bulk, where there is a choice."""
        source = self.pins[2]
        if self.net_class[source] in RAILS:
            self.pins.append(self.rail_net())
            self._finish()
        else:
            self.slot = BULK_SLOT

    def _net(self, word: int) -> int:
        if word >= NUM_WORDS:
            return word - NUM_WORDS
        self.net_class.append(INTERNAL if word == NEW else word - FRESH_PORT)
        if word != NEW:
            self.unused[word - FRESH_PORT] -= 1
        return len(self.net_class) - 1

    def _finish(self) -> None:
        self.devices.append((self.kind, tuple(self.pins)))
        self.kind, self.pins, self.slot = -1, [], DEVICE_SLOT

    def topology(self) -> Topology:
        """Return the circuit so far; ports that nothing is on are left out."""
        return Topology(self.type, tuple(self.net_class), tuple(self.devices))


def decisions(topology: Topology, rng: np.random.Generator | None = None) -> list[Decision]:
    """Return the decisions that make a circuit, device after neighbouring device.

    Args:
        topology: The circuit.
        rng: Draws where to begin and how to go on; None keeps the order of the devices.
    """
    order = range(len(topology)) if rng is None else traversal(topology, rng)
    walk = Walk.begin(topology.type)
    made: list[Decision] = []

    def take(word: int) -> None:
        made.append(Decision(walk.slot, word))
        walk.take(word)

    for port in topology.ports:
        take(PORT_WORD + port)
    take(PORTS_DONE)
    number: dict[int, int] = {}
    for at in order:
        kind, pins = topology.devices[at]
        take(KIND_WORD + kind)
        nets = list(pins[: KINDS[kind].asked])
        if KINDS[kind].polarity == "" and KINDS[kind].kind != "diode":
            # The two ends are alike: first the one that was used first.
            nets.sort(key=lambda net: (number.get(net, 10**6), topology.net_class[net] < 0))
        for net in nets:
            if net in number:
                take(NUM_WORDS + number[net])
                continue
            number[net] = len(walk.net_class)
            own = topology.net_class[net]
            take(NEW if own == INTERNAL else FRESH_PORT + own)
        if kind in (NMOS, PMOS):
            rail = VSS if kind == NMOS else VDD
            if walk.slot == BULK_SLOT:
                take(BULK_RAIL if topology.net_class[pins[3]] == rail else BULK_SOURCE)
            if rail in walk.net_class:
                # The bulk may have been the first pin on the rail.
                number[topology.net_class.index(rail)] = walk.net_class.index(rail)
    take(END)
    return made


def traversal(topology: Topology, rng: np.random.Generator) -> list[int]:
    """Return the devices in a random order in which each touches those before, where it can."""
    inner = [
        {net for net in pins if topology.net_class[net] not in RAILS}
        for _, pins in topology.devices
    ]
    left = set(range(len(topology)))
    chance = rng.random(len(topology))
    at = int(np.argmax(chance))
    touched: dict[int, int] = {}
    order = []
    while left:
        order.append(at)
        left.discard(at)
        for net in inner[at]:
            touched[net] = touched.get(net, 0) + 1
        if not left:
            break
        # Nets that only one device is on yet come first, so that few ends stay open.
        best, at = -1.0, -1
        for other in left:
            score = sum(3.0 if touched[net] == 1 else 1.0 for net in inner[other] if net in touched)
            score += 2.0 * float(chance[other])
            if score > best:
                best, at = score, other
    return order
