"""``eda/GoalSizing-v0``: the goal is part of the observation, for hindsight replay."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

from eda.agents.environments.sizing import STEP_COST, SUCCESS, WORST, SizingEnv
from eda.agents.space import Floats

_EDGE = 1e-6
"""Slack, in steps, of a target that was made of achieved metrics."""


class GoalSizingEnv(SizingEnv):
    """Sizes moved until a goal is met that differs from episode to episode.

    ## Description
    As `SizingEnv`, but the observation is a dictionary as hindsight experience replay expects it:
    what was achieved can be put in the place of what was wanted, and ``compute_reward`` says what
    that would have been worth.

    ## Action Space
    As `SizingEnv`; continuous by default, ``Box(-1, 1, (d,))``, because SAC needs it.

    ## Observation Space
    A ``Dict`` of float32 boxes from -10 to 10:

    | key | shape | what |
    |---|---|---|
    | ``observation`` | d + k | place of each parameter (-1 to 1); whether each metric exists |
    | ``achieved_goal`` | k | metrics of the goal, in five steps from a typical value of the case |
    | ``desired_goal`` | k | targets on the same scale |

    ## Rewards
    As `SizingEnv`, from the two goals alone: ``compute_reward(achieved, desired, info)`` takes
    single goals and batches.

    ## Starting State, Episode End, Arguments
    As `SizingEnv`, with ``continuous=True`` where nothing is said.

    Example:
        >>> import gymnasium, eda.agents
        >>> env = gymnasium.make("eda/GoalTwoStageOpAmp-v0", backend="tables")  # doctest: +SKIP
        >>> observation, _ = env.reset(seed=1)  # doctest: +SKIP
        >>> sorted(observation)  # doctest: +SKIP
        ['achieved_goal', 'desired_goal', 'observation']
    """

    def __init__(self, case: Any = "opamp2", *, continuous: bool = True, **how: Any) -> None:
        """Open a case; see `SizingEnv`."""
        super().__init__(case, continuous=continuous, **how)
        d, k = self.design_space.size, len(self.target_names)
        self._columns = [self.case.metrics.index(name) for name in self.target_names]
        box = spaces.Box(-WORST, WORST, (k,), np.float32)
        self.observation_space = spaces.Dict(
            {
                "observation": spaces.Box(-WORST, WORST, (d + k,), np.float32),
                "achieved_goal": box,
                "desired_goal": spaces.Box(-WORST, WORST, (k,), np.float32),
            }
        )

    def observation(self) -> Any:
        """Return what is seen; see Observation Space."""
        there = np.isfinite(self.metrics[self._columns])
        state = np.concatenate([2 * self.point - 1, 2.0 * there - 1])
        bounds = np.full(len(self.case.metrics), np.nan)
        for name, target in self.goal.targets.items():
            bounds[self.case.metrics.index(name)] = target.value
        return {
            "observation": state.astype(np.float32),
            "achieved_goal": self._as_goal(self.metrics),
            "desired_goal": self._as_goal(bounds),
        }

    def _as_goal(self, metrics: Floats) -> Any:
        """Return metrics on the goal's scale; the worst end where one does not exist."""
        scaled = (self.scales.scaled(metrics) - self.reference) / (5 * self.scales.step)
        worst = -self.scales.sign * WORST
        made = np.where(np.isnan(scaled), worst, scaled)[self._columns]
        return np.clip(made, -WORST, WORST).astype(np.float32)

    def compute_reward(self, achieved_goal: Any, desired_goal: Any, info: Any) -> Any:
        """Return the reward of having achieved a goal where another was wanted; batches too."""
        del info
        achieved = np.asarray(achieved_goal, dtype=np.float64)
        desired = np.asarray(desired_goal, dtype=np.float64)
        margins = 5 * self.scales.sign[self._columns] * (achieved - desired)
        missed = np.clip(margins, -WORST, 0.0)
        met = (margins >= -_EDGE).all(-1)
        made = 0.1 * missed.sum(-1) - STEP_COST + np.where(met, SUCCESS, 0.0)
        return made.astype(np.float32) if made.ndim else float(made)

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Move, simulate, compare; the reward is that of the two goals."""
        observation, _, met, truncated, info = super().step(action)
        reward = self.compute_reward(
            observation["achieved_goal"], observation["desired_goal"], info
        )
        return observation, float(reward), met, truncated, info
