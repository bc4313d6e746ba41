"""The model in numpy: one decision of many circuits at a time, with what was seen kept."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.topology.parts import MAX_DEVICES
from eda.topology.shape import word_mask
from eda.topology.types import UNTYPED
from eda.topology.walk import NUM_WORDS, PIN_SLOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eda.topology.features import State
    from eda.topology.weights import Weights

    Real = NDArray[np.float32]

MAX_STEPS: Final = 420
"""Decisions that a circuit of ``MAX_DEVICES`` devices takes at most."""
_MASK: Final = word_mask()


class Decoder:
    """Circuits under way side by side.

    Each is also followed as one whose type is not told: what the type makes likelier than that is
    made likelier still (classifier-free guidance, Ho and Salimans, 2022).

    Args:
        weights: The model.
        types: Number of the type of each circuit.
        conditions: float32 [circuits, bins].
        guidance: How much likelier; 0 for the scores of the model as they are.
    """

    def __init__(
        self, weights: Weights, types: Sequence[int], conditions: Real, *, guidance: float = 0.0
    ) -> None:
        """Begin; nothing is decided."""
        self.arrays, self.shape, self.guidance = weights.arrays, weights.shape, guidance
        take = self.arrays
        told = conditions @ take["condition.weight"].T
        self.base = take["circuit_type.weight"][np.asarray(types)] + told
        if guidance:
            self.base = np.concatenate([self.base, take["circuit_type.weight"][UNTYPED] + told])
        many, shape = len(self.base), self.shape
        size = (shape.layers, many, shape.heads, MAX_STEPS, shape.width // shape.heads)
        self.seen_keys = np.zeros(size, dtype=np.float32)
        self.seen_values = np.zeros(size, dtype=np.float32)
        self.net_keys = np.zeros((many, MAX_STEPS, shape.key), dtype=np.float32)
        self.tags = shape.tags()
        self.steps = 0

    def keep(self, which: Sequence[int]) -> None:
        """Go on with some of the circuits only."""
        at = np.asarray(which, dtype=np.int64)
        if self.guidance:
            at = np.concatenate([at, at + len(self.base) // 2])
        self.base = self.base[at]
        self.seen_keys, self.seen_values = self.seen_keys[:, at], self.seen_values[:, at]
        self.net_keys = self.net_keys[at]

    def scores(
        self, states: Sequence[State], before: Sequence[int], before_net: Sequence[int]
    ) -> list[Real]:
        """Return for each circuit float32 [words + nets]: log scores of its next decision.

        Args:
            states: Of the circuits.
            before: The words decided last; -1 at the beginning.
            before_net: The nets decided last, or -1.
        """
        take, shape, now = self.arrays, self.shape, self.steps
        nets = [state.net_features() for state in states]
        step = np.stack([state.step_features() for state in states])
        slots = np.array([state.walk.slot for state in states])
        words = np.minimum(np.asarray(before), NUM_WORDS)
        words = np.where(words < 0, NUM_WORDS + 1, words)
        count = np.minimum(np.rint(np.expm1(step[:, -3])).astype(np.int64), MAX_DEVICES + 15)
        x = take["slot.weight"][slots] + take["word.weight"][words] + take["count.weight"][count]
        x = x + self._linear("step", step)
        pointed = [at for at, net in enumerate(before_net) if net >= 0]
        if pointed:
            had = np.stack([nets[at][before_net[at]] for at in pointed])
            codes = self.tags[[before_net[at] for at in pointed]]
            x[pointed] += self._linear("net", had) + codes @ take["tag.weight"].T
        if self.guidance:
            x, slots = np.concatenate([x, x]), np.concatenate([slots, slots])
        x = x + self.base
        for layer in range(shape.layers):
            x = self._block(layer, x, now)
        x = self._norm("norm", x)
        self.net_keys[:, now] = self._linear("key", x)
        found = np.where(_MASK[slots], self._linear("words", x), -np.inf).astype(np.float32)
        self.steps += 1
        made = self._point(x, found, states, nets, slots[: len(states)])
        if not self.guidance:
            return made
        return [
            self._guided(*pair)
            for pair in zip(made[: len(states)], made[len(states) :], strict=True)
        ]

    def _guided(self, told: Real, untold: Real) -> Real:
        """Return scores that lean towards what the type makes likelier."""
        able = np.isfinite(told)
        made = told.copy()
        made[able] += self.guidance * (_log_shares(told[able]) - _log_shares(untold[able]))
        return made

    def _point(
        self,
        x: Real,
        words: Real,
        states: Sequence[State],
        nets: Sequence[Real],
        slots: NDArray[np.int64],
    ) -> list[Real]:
        """Return the scores of words with those of nets behind them, of all rows of ``x``."""
        many = len(states)
        pins = [at for at in range(many) if slots[at] >= PIN_SLOT and len(nets[at])]
        made = [
            np.concatenate([row, np.full(len(nets[at % many]), -np.inf, dtype=np.float32)])
            for at, row in enumerate(words)
        ]
        if not pins:
            return made
        # What a net looks like is the same whether the type is told or not.
        looked = _gelu(self._linear("look", np.concatenate([nets[at] for at in pins])))
        keys = self._linear("look_on", looked)
        query = self._linear("query", x) / math.sqrt(self.shape.key)
        begin = 0
        for at in pins:
            own = keys[begin : begin + len(nets[at])]
            begin += len(nets[at])
            for row in range(at, len(x), many):
                seen = self.net_keys[row, states[at].last + 1]
                made[row][NUM_WORDS:] = (own + seen) @ query[row]
        return made

    def _block(self, layer: int, x: Real, now: int) -> Real:
        name, shape = f"blocks.{layer}", self.shape
        many, width, heads = len(x), shape.width, shape.heads
        mixed = self._linear(f"{name}.mix", self._norm(f"{name}.norm1", x))
        q, k, v = (part.reshape(many, heads, -1) for part in np.split(mixed, 3, axis=1))
        self.seen_keys[layer, :, :, now] = k
        self.seen_values[layer, :, :, now] = v
        past_keys = self.seen_keys[layer, :, :, : now + 1]
        past_values = self.seen_values[layer, :, :, : now + 1]
        score = np.matmul(past_keys, q[..., None])[..., 0] / math.sqrt(width // heads)
        share = np.exp(score - score.max(axis=-1, keepdims=True))
        share /= share.sum(axis=-1, keepdims=True)
        seen = np.matmul(share[:, :, None], past_values).reshape(many, width)
        x = x + self._linear(f"{name}.out", seen)
        inner = _gelu(self._linear(f"{name}.up", self._norm(f"{name}.norm2", x)))
        made: Real = x + self._linear(f"{name}.down", inner)
        return made

    def _linear(self, name: str, x: Real) -> Any:
        return x @ self.arrays[f"{name}.weight"].T + self.arrays[f"{name}.bias"]

    def _norm(self, name: str, x: Real) -> Any:
        centred = x - x.mean(axis=1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
        return centred / spread * self.arrays[f"{name}.weight"] + self.arrays[f"{name}.bias"]


def _log_shares(scores: Real) -> Any:
    """Return log softmax: what two rows of scores can be compared by."""
    top = scores.max()
    return scores - (top + np.log(np.exp(scores - top).sum()))


def _gelu(x: Real) -> Any:
    return 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x**3)))
