"""What the model sees of a circuit under way: numbers for the step, and for each net in use.

Nets have no numbers that mean anything: a net is known by what is on it, by its port class, by
where the last devices touch it, and by the step at which it was touched last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.topology.parts import INTERNAL, KINDS, PIN_SLOTS, PORTS, SLOT_OF_PIN
from eda.topology.walk import PIN_SLOT, Walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eda.topology.walk import Decision

NUM_PINS: Final = len(PIN_SLOTS)
TOUCH: Final = 9
"""Flags of a net: pin 0, 1, 2 of the device under way, of the one before, of that before it."""
NET_FEATURES: Final = 2 * NUM_PINS + len(PORTS) + 1 + TOUCH + 3
"""Of a net: each kind of pin once and more often, its class, the flags, age and number of pins."""
STEP_FEATURES: Final = len(PORTS) + len(KINDS) + 4
"""Of a step: unused ports and devices by kind, open nets, devices, nets, whether none is open."""


@dataclass(slots=True)
class State:
    """The circuit under way, in numbers; `take` goes on with each decision.

    Attributes:
        walk: The circuit.
        counts: int16 [nets, pins]: how many pins of each sort are on a net.
        last: Step at which each net was touched last.
        step: Number of the next decision.
    """

    walk: Walk
    counts: NDArray[np.int16]
    last: NDArray[np.int32]
    touched: list[list[int]]
    kinds: NDArray[np.int32]
    step: int = 0

    @classmethod
    def begin(cls, circuit_type: str) -> State:
        """Return the state before the first decision."""
        return cls(
            Walk.begin(circuit_type),
            np.zeros((0, NUM_PINS), dtype=np.int16),
            np.zeros(0, dtype=np.int32),
            [[], [], []],
            np.zeros(len(KINDS), dtype=np.int32),
        )

    def took(self, word: int, slot: int, *, kind: int, place: int, devices: int) -> None:
        """Note a decision that the walk has taken.

        Args:
            word: The decision.
            slot: What it was about.
            kind: The device that was under way.
            place: Which of its pins it was about.
            devices: Devices that were done before.
        """
        walk = self.walk
        nets = len(walk.net_class)
        while len(self.counts) < nets:
            self.counts = np.concatenate([self.counts, np.zeros((1, NUM_PINS), dtype=np.int16)])
            self.last = np.append(self.last, np.int32(self.step))
        if slot >= PIN_SLOT:
            net = walk.pins[place] if walk.kind >= 0 else walk.devices[-1][1][place]
            self.counts[net, SLOT_OF_PIN[kind, place]] += 1
            self.last[net] = self.step
            self.touched[0].append(net)
        if len(walk.devices) > devices:
            self.kinds[walk.devices[-1][0]] += 1
            self.touched = [[], self.touched[0], self.touched[1]]
        self.step += 1

    def take(self, word: int) -> None:
        """Take a decision."""
        walk = self.walk
        slot, kind, place, devices = walk.slot, walk.kind, len(walk.pins), len(walk.devices)
        walk.take(word)
        self.took(word, slot, kind=kind, place=place, devices=devices)

    def net_features(self) -> NDArray[np.float32]:
        """Return float32 [nets, `NET_FEATURES`]."""
        walk = self.walk
        nets = len(walk.net_class)
        made = np.zeros((nets, NET_FEATURES), dtype=np.float32)
        if not nets:
            return made
        made[:, :NUM_PINS] = self.counts > 0
        made[:, NUM_PINS : 2 * NUM_PINS] = self.counts > 1
        base = 2 * NUM_PINS
        classes = np.asarray(walk.net_class)
        made[np.arange(nets), base + np.where(classes == INTERNAL, len(PORTS), classes)] = 1
        base += len(PORTS) + 1
        for back, touched in enumerate(self.touched):
            for place, net in enumerate(touched):
                made[net, base + 3 * back + place] = 1
        base += TOUCH
        total = self.counts.sum(axis=1)
        made[:, base] = np.log1p(self.step - self.last)
        made[:, base + 1] = np.log1p(total)
        made[:, base + 2] = (total == 1) & (classes == INTERNAL)
        return made

    def step_features(self) -> NDArray[np.float32]:
        """Return float32 [`STEP_FEATURES`]."""
        walk = self.walk
        made = np.zeros(STEP_FEATURES, dtype=np.float32)
        made[: len(PORTS)] = walk.unused
        made[len(PORTS) : len(PORTS) + len(KINDS)] = np.log1p(self.kinds)
        lone = 0
        if len(self.counts):
            inner = np.asarray(walk.net_class) == INTERNAL
            lone = int(((self.counts.sum(axis=1) == 1) & inner).sum())
        made[-4] = np.log1p(lone)
        made[-3] = np.log1p(len(walk.devices))
        made[-2] = np.log1p(len(walk.net_class))
        made[-1] = lone == 0 and not any(walk.unused)
        return made


@dataclass(slots=True)
class Lesson:
    """A whole circuit as arrays to learn from.

    Attributes:
        type: Number of its type.
        slots: int64 [steps]: what each decision is about.
        words: int64 [steps]: what was decided; nets count from ``NUM_WORDS``.
        step: float32 [steps, `STEP_FEATURES`].
        net: float32 [steps, nets, `NET_FEATURES`].
        last: int64 [steps, nets]: step at which each net was touched last; -1 before its first.
        pin_net: int64 [steps]: the net that was decided for a pin, or -1.
    """

    type: int
    slots: NDArray[np.int64]
    words: NDArray[np.int64]
    step: NDArray[np.float32]
    net: NDArray[np.float32]
    last: NDArray[np.int64]
    pin_net: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of decisions."""
        return len(self.slots)


def lesson_of(made: Sequence[Decision], circuit_type: str, number: int) -> Lesson:
    """Return the arrays of a list of decisions.

    Args:
        made: What `eda.topology.walk.decisions` returns.
        circuit_type: Name of the type.
        number: Its number.
    """
    walk = Walk.begin(circuit_type)
    steps = len(made)
    slots = np.array([item.slot for item in made], dtype=np.int64)
    words = np.array([item.word for item in made], dtype=np.int64)
    pin_net = np.full(steps, -1)
    unused = np.zeros((steps, len(PORTS)), dtype=np.float32)
    device_at = np.zeros(steps, dtype=np.int64)
    nets_at = np.zeros(steps, dtype=np.int64)
    born = []
    for at, item in enumerate(made):
        unused[at] = walk.unused
        device_at[at] = len(walk.devices)
        nets_at[at] = len(walk.net_class)
        before = len(walk.net_class)
        place = len(walk.pins)
        walk.take(item.word)
        born += [at] * (len(walk.net_class) - before)
        if item.slot >= PIN_SLOT:
            pin_net[at] = walk.pins[place] if walk.kind >= 0 else walk.devices[-1][1][place]
    nets = len(walk.net_class)
    classes = np.array(walk.net_class)
    events = np.zeros((steps + 1, nets, NUM_PINS), dtype=np.int16)
    pins = np.flatnonzero(pin_net >= 0)
    events[pins + 1, pin_net[pins], slots[pins] - PIN_SLOT] = 1
    counts = np.cumsum(events, axis=0, dtype=np.int16)[:steps]
    touch = np.full((steps + 1, nets), -1)
    touch[np.array(born, dtype=np.int64) + 1, np.arange(nets)] = born
    touch[pins + 1, pin_net[pins]] = pins
    last = np.maximum.accumulate(touch, axis=0)[:steps]
    alive = last >= 0
    net = np.zeros((steps, nets, NET_FEATURES), dtype=np.float32)
    net[..., :NUM_PINS] = counts > 0
    net[..., NUM_PINS : 2 * NUM_PINS] = counts > 1
    base = 2 * NUM_PINS
    net[:, np.arange(nets), base + np.where(classes == INTERNAL, len(PORTS), classes)] = 1
    base += len(PORTS) + 1
    starts = np.searchsorted(device_at, np.arange(device_at[-1] + 2))
    for at in pins.tolist():
        device = device_at[at]
        place = PIN_SLOTS[slots[at] - PIN_SLOT][1]
        column, one = base + place, pin_net[at]
        bounds = [at + 1, *(starts[min(device + k, len(starts) - 1)] for k in (1, 2, 3))]
        bounds[3] = bounds[3] if device + 3 < len(starts) else steps
        bounds[2] = bounds[2] if device + 2 < len(starts) else steps
        bounds[1] = bounds[1] if device + 1 < len(starts) else steps
        net[bounds[0] : bounds[1], one, column] = 1
        net[bounds[1] : bounds[2], one, column + 3] = 1
        net[bounds[2] : bounds[3], one, column + 6] = 1
    base += TOUCH
    total = counts.sum(axis=2)
    inner = classes == INTERNAL
    lone = (total == 1) & inner
    net[..., base] = np.log1p(np.arange(steps)[:, None] - np.maximum(last, 0))
    net[..., base + 1] = np.log1p(total)
    net[..., base + 2] = lone
    net *= alive[..., None]
    step = np.zeros((steps, STEP_FEATURES), dtype=np.float32)
    step[:, : len(PORTS)] = unused
    kinds = np.zeros((steps + 1, len(KINDS)), dtype=np.float32)
    for device, (kind, _) in enumerate(walk.devices):
        kinds[starts[device + 1] if device + 1 < len(starts) else steps, kind] += 1
    step[:, len(PORTS) : len(PORTS) + len(KINDS)] = np.log1p(np.cumsum(kinds, axis=0)[:steps])
    lones = (lone & alive).sum(axis=1)
    step[:, -4] = np.log1p(lones)
    step[:, -3] = np.log1p(device_at)
    step[:, -2] = np.log1p(nets_at)
    step[:, -1] = (lones == 0) & (unused.sum(axis=1) == 0)
    return Lesson(number, slots, words, step, net, last.astype(np.int64), pin_net)
