"""CutoffEnv: write an and-inverter graph token by token, as a gymnasium environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
from gymnasium import spaces

from eda.errors import InputError
from eda.logic.cutoff import MOST_INPUTS, Cutoff
from eda.logic.truth import bits_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.aig import Aig


class CutoffEnv(gymnasium.Env[Any, Any]):
    """Write a circuit for given truth tables; tokens that would break it are masked.

    ## Action space
    ``Discrete(2 n + 2)``: token ``2 i`` is input ``i``, ``2 i + 1`` its complement, ``2 n`` is
    AND, ``2 n + 1`` is NAND, in the preorder of the outputs' trees. Only tokens of
    `action_masks` may be taken (also under ``action_mask`` of the info); another one ends the
    episode as unfinished.

    ## Observation space
    ``needs``: int8, ``[4, 2^n]``: where the position must be 1, must be 0, and where it would
    have to be 1 and 0 if nothing were left to what comes to its right. ``place``: float32,
    ``[5]``: depth and tokens as shares of their limits, the output as a share of all, whether the
    position is a left operand, and the ANDs so far by 100.

    ## Rewards
    -1 for each AND; what merging of equal subtrees frees comes back; -10 where no token is legal
    any more. The return of a finished episode is minus its ANDs.

    ## Starting state
    Nothing written; the truth tables are those of ``options={"tables": [...]}``, or drawn: the
    outputs of small random circuits.

    ## Episode end
    Terminated when all outputs are complete, or nothing can be written. A finished circuit
    computes its tables by construction; `aig` returns it.

    ## Arguments
    inputs: at most 12. outputs: how many. max_tokens, max_depth: limits.
    """

    metadata = {"render_modes": []}  # noqa: RUF012  # the name and type are gymnasium's

    def __init__(
        self, inputs: int = 8, outputs: int = 2, *, max_tokens: int = 200, max_depth: int = 32
    ) -> None:
        """Choose the sizes.

        Raises:
            InputError: They are out of range.
        """
        if not 1 <= inputs <= MOST_INPUTS or outputs < 1:
            raise InputError(f"inputs must be 1 to {MOST_INPUTS}, and there must be an output")
        self.inputs, self.outputs = inputs, outputs
        self.max_tokens, self.max_depth = max_tokens, max_depth
        self.action_space = spaces.Discrete(2 * inputs + 2)
        self.observation_space = spaces.Dict(
            {
                "needs": spaces.Box(0, 1, (4, 1 << inputs), np.int8),
                "place": spaces.Box(0.0, 100.0, (5,), np.float32),
            }
        )
        self.state = Cutoff(inputs, [0] * outputs)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Start with nothing written."""
        super().reset(seed=seed)
        given = (options or {}).get("tables")
        tables = self._drawn() if given is None else [int(table) for table in given]
        if len(tables) != self.outputs:
            raise InputError(f"{len(tables)} tables for {self.outputs} outputs")
        self.state = Cutoff(
            self.inputs, tables, max_tokens=self.max_tokens, max_depth=self.max_depth
        )
        return self._observation(), self._info()

    def _drawn(self) -> list[int]:
        from random import Random

        from eda.logic.generate import random_function

        rng = Random(int(self.np_random.integers(1 << 31)))
        return random_function(self.inputs, self.outputs, rng)

    def step(self, action: int) -> tuple[dict[str, np.ndarray], float, bool, bool, dict[str, Any]]:
        """Write a token."""
        token = int(action)
        if token not in self.state.legal():
            return self._observation(), -10.0, True, False, self._info()
        reward = self.state.write(token)
        ended = self.state.finished or self.state.failed
        return self._observation(), reward, ended, False, self._info()

    def action_masks(self) -> np.ndarray:
        """Return which tokens are legal, as sb3-contrib's masked algorithms ask for it."""
        mask = np.zeros(2 * self.inputs + 2, dtype=np.int8)
        mask[self.state.legal()] = 1
        return mask

    def aig(self) -> Aig:
        """Return the finished circuit."""
        return self.state.to_aig()

    def _observation(self) -> dict[str, np.ndarray]:
        state = self.state
        rows: Sequence[int] = (state.on, state.off, state.wish_on, state.wish_off)
        needs = np.stack([bits_of(row, max(self.inputs, 3))[: 1 << self.inputs] for row in rows])
        place = [
            state.depth / self.max_depth,
            len(state.tokens) / self.max_tokens,
            len(state.roots) / self.outputs,
            float(state.is_left),
            state.num_ands / 100,
        ]
        return {"needs": needs.astype(np.int8), "place": np.clip(place, 0, 100).astype(np.float32)}

    def _info(self) -> dict[str, Any]:
        return {
            "action_mask": self.action_masks(),
            "ands": self.state.num_ands,
            "finished": self.state.finished,
        }
