"""Circuits to learn from, and the padded batches that are made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from eda.topology.conditions import NUM_BINS, bin_vector
from eda.topology.features import NET_FEATURES, STEP_FEATURES, Lesson, lesson_of
from eda.topology.types import TYPES
from eda.topology.walk import NUM_WORDS, decisions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.topology.circuit import Topology
    from eda.topology.network import Batch


@dataclass(frozen=True, slots=True)
class Sample:
    """A circuit to learn from.

    Attributes:
        topology: The circuit.
        weight: How often it is drawn, relative to the others.
        values: Conditions that are known of it, by name; see `eda.topology.conditions.BINS`.
    """

    topology: Topology
    weight: float = 1.0
    values: Mapping[str, float] = field(default_factory=dict)


def lesson(topology: Topology, rng: np.random.Generator) -> Lesson:
    """Return a circuit as arrays, in a random order of its devices."""
    made = decisions(topology, rng)
    return lesson_of(made, topology.type, TYPES[topology.type].number)


def make_batch(lessons: Sequence[Lesson], conditions: Sequence[Mapping[str, float]]) -> Batch:
    """Return circuits as padded tensors."""
    import torch

    from eda.topology.network import Batch

    many = len(lessons)
    steps = max(len(item) for item in lessons)
    nets = max(item.net.shape[1] for item in lessons)
    slots = np.zeros((many, steps), dtype=np.int64)
    words = np.full((many, steps), -1, dtype=np.int64)
    before = np.full((many, steps), NUM_WORDS + 1, dtype=np.int64)
    before_net = np.full((many, steps), -1, dtype=np.int64)
    step = np.zeros((many, steps, STEP_FEATURES), dtype=np.float32)
    net = np.zeros((many, steps, nets, NET_FEATURES), dtype=np.float32)
    last = np.full((many, steps, nets), -1, dtype=np.int64)
    bins = np.zeros((many, NUM_BINS), dtype=np.float32)
    for at, item in enumerate(lessons):
        length, own = len(item), item.net.shape[1]
        slots[at, :length] = item.slots
        words[at, :length] = item.words
        before[at, 1:length] = np.minimum(item.words[:-1], NUM_WORDS)
        before_net[at, 1:length] = item.pin_net[:-1]
        step[at, :length] = item.step
        net[at, :length, :own] = item.net
        last[at, :length, :own] = item.last
        bins[at] = bin_vector(conditions[at])
    return Batch(
        *map(
            torch.from_numpy,
            (
                np.array([item.type for item in lessons]),
                *(bins, slots, words, before, before_net, step, net, last),
            ),
        )
    )
