"""RecipeEnv: which recipe next, as a gymnasium environment for those who train policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
from gymnasium import spaces

from eda.aig import Aig, AigBuilder, fanouts, strash
from eda.errors import InputError
from eda.logic.engine import run_steps, usable
from eda.logic.objective import Objective
from eda.logic.recipes import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

_FEATURES = 8


class RecipeEnv(gymnasium.Env[Any, Any]):
    """Optimise a circuit, one recipe after the other.

    ## Action space
    ``Discrete(n)``: the recipe, by its place in ``recipes``.

    ## Observation space
    ``Box(8)``, float32: log10 of the ANDs and of the levels now; both by those at the start; the
    share of ANDs that more than one gate reads; the gain of the last step; the share of the
    budget that is spent; steps since the last gain, by ten.

    ## Rewards
    The share of the objective at the start that a step took away, as far as it goes below the
    best so far; the return is what the whole episode took away, at most 1.

    ## Starting state
    The circuit itself; with several, one that is drawn.

    ## Episode end
    Terminated never; truncated when the processor time of the recipes is over.

    ## Arguments
    circuits: what to optimise. seconds: the budget. objective: ``ands``, ``levels``, ``product``.
    recipes: names; by default all that can run here. Nothing here is proved: `optimize_aig` is.
    """

    metadata = {"render_modes": []}  # noqa: RUF012  # the name and type are gymnasium's

    def __init__(
        self,
        circuits: Sequence[Aig] | None = None,
        *,
        seconds: float = 5.0,
        objective: str = "ands",
        recipes: Sequence[str] | None = None,
    ) -> None:
        """Take the circuits.

        Raises:
            InputError: A recipe or the objective has no such name.
        """
        self.circuits = [item.combinational() for item in circuits or (_example(),)]
        self.goal = Objective(objective)
        here = {recipe.name for recipe in usable()}
        names = [name for name in BY_NAME if name in here] if recipes is None else list(recipes)
        unknown = [name for name in names if name not in here]
        if unknown or not names:
            raise InputError(f"there is no recipe {unknown}; there are: {', '.join(sorted(here))}")
        self.recipes = [BY_NAME[name] for name in names]
        self.seconds = seconds
        self.action_space = spaces.Discrete(len(self.recipes))
        self.observation_space = spaces.Box(-1.0, 10.0, (_FEATURES,), np.float32)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start again."""
        super().reset(seed=seed)
        number = int(self.np_random.integers(len(self.circuits)))
        self.start = strash(self.circuits[number])
        self.aig = self.best = self.start
        self.spent = self.last_gain = 0.0
        self.since = 0
        return self._observation(), self._info(number)

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Run a recipe."""
        left = self.seconds - self.spent
        made = run_steps(self.aig, [self.recipes[int(action)]], seconds=max(left, 0.1), share=0.4)
        self.spent += max(made.seconds, 0.01)
        reward = 0.0
        if made.circuits:
            self.aig = made.circuits[-1]
            top = min(made.circuits, key=self.goal.key)
            whole = max(self.goal.key(self.start)[0], 1)
            gained = self.goal.key(self.best)[0] - self.goal.key(top)[0]
            reward = max(0.0, gained / whole)
            if self.goal.key(top) < self.goal.key(self.best):
                self.best = top
        self.last_gain = reward
        self.since = 0 if reward > 0 else self.since + 1
        return self._observation(), reward, False, self.spent >= self.seconds, self._info(None)

    def _observation(self) -> np.ndarray:
        aig, start = self.aig, self.start
        shared = fanouts(aig)[aig.first_and :] > 1
        values = [
            np.log10(1 + aig.num_ands),
            np.log10(1 + aig.depth),
            aig.num_ands / max(start.num_ands, 1),
            aig.depth / max(start.depth, 1),
            float(shared.mean()) if aig.num_ands else 0.0,
            self.last_gain,
            round(self.spent / self.seconds, 3),
            self.since / 10,
        ]
        return np.clip(np.array(values, dtype=np.float32), -1.0, 10.0)

    def _info(self, number: int | None) -> dict[str, Any]:
        info = {
            "ands": self.best.num_ands,
            "levels": self.best.depth,
            "spent": round(self.spent / self.seconds, 3),
        }
        return info if number is None else {**info, "circuit": number}


def _example() -> Aig:
    """Return two bits times two bits, so that the environment can be made by its id alone."""
    made = AigBuilder(4)
    a0, a1, b0, b1 = made.inputs
    cross = made.and_(a1, b0), made.and_(a0, b1)
    high, carry = made.and_(a1, b1), made.and_(*cross)
    for literal in (
        made.and_(a0, b0), made.xor(*cross), made.xor(high, carry), made.and_(high, carry)
    ):  # fmt: skip
        made.output(literal)
    return made.build()
