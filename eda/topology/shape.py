"""Sizes of the model, and which words can answer which question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.topology.walk import (
    BULK_RAIL,
    BULK_SLOT,
    BULK_SOURCE,
    DEVICE_SLOT,
    END,
    KIND_WORD,
    NEW,
    NUM_SLOTS,
    NUM_WORDS,
    PIN_SLOT,
    PORT_SLOT,
    PORTS_DONE,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_NETS: Final = 160
_TAG_SEED: Final = 20


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the model.

    Attributes:
        width: Of what a step is known by.
        layers: Blocks of attention.
        heads: Heads of attention in each.
        inner: Width inside the small network of a block.
        key: Width of what a net is pointed at by.
        tag: Width of the code that tells nets apart.
        dropout: Share left out in training.
    """

    width: int = 192
    layers: int = 6
    heads: int = 6
    inner: int = 768
    key: int = 64
    tag: int = 32
    dropout: float = 0.1

    def tags(self) -> NDArray[np.float32]:
        """Return float32 [`MAX_NETS`, tag]: random codes, always the same ones.

        They only tell nets apart; there is nothing to be learned of one of them.
        """
        rng = np.random.default_rng(_TAG_SEED)
        return rng.normal(size=(MAX_NETS, self.tag)).astype(np.float32)


def word_mask() -> NDArray[np.bool_]:
    """Return bool [slots, words]: the words that a decision can be, whatever the rules say."""
    made = np.zeros((NUM_SLOTS, NUM_WORDS), dtype=np.bool_)
    made[PORT_SLOT, : PORTS_DONE + 1] = True
    made[DEVICE_SLOT, KIND_WORD : END + 1] = True
    made[BULK_SLOT, [BULK_RAIL, BULK_SOURCE]] = True
    made[PIN_SLOT:, NEW:] = True
    return made
