"""``eda/Sizing-v0``: sizes moved one step at a time until a spec is met."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from eda.agents.environments.evaluator import Evaluator, make_evaluator
from eda.agents.environments.goals_drawn import goal_metrics, goal_of, is_useful
from eda.agents.goal import Goal, Scales, read_goal
from eda.agents.space import DesignSpace, Floats
from eda.spice.case import Case
from eda.spice.case_reader import example_case, read_case

STEPS_OF_SIZE: Final = 32
"""How many steps lead from one end of a parameter to the other."""

WORST: Final = 10.0
"""What a missed target counts at most, in steps; a metric that a design does not have counts it."""

SUCCESS: Final = 10.0
"""Reward for meeting the goal."""

STEP_COST: Final = 0.05

_SCALE: Final = 10.0


class SizingEnv(gym.Env[Any, Any]):
    """Sizes of a case's circuit, moved until a goal is met.

    ## Description
    A circuit has design parameters (widths, lengths, ...), each in a range. In each step every
    parameter goes one step down, stays, or goes one step up; the circuit is then simulated. The
    episode ends when every target is met, or after 60 steps.

    ## Action Space
    ``MultiDiscrete([3] * d)``: per parameter down, stay, up by 1/32 of its range on its scale.
    With ``continuous=True`` a ``Box(-1, 1, (d,))``: the part of four such steps to move. A step
    over the edge of a range ends at the edge; ``action_masks()`` says which discrete actions
    would not move, in the form sb3-contrib's MaskablePPO takes.

    ## Observation Space
    ``Box(-10, 10, (d + 2 m + k,), float32)``, all without units:

    | part | what |
    |---|---|
    | d | where each parameter lies in its range, from -1 to 1 |
    | m | each metric on its scale (logarithm, dB, degrees), against typical values of the case |
    | m | whether each metric exists |
    | k | margin of each target in steps (a fifth of a quantity, 3 dB, 5 degrees); below 0 missed |

    ## Rewards
    Minus a tenth of the sum of missed steps (10 a target at most) minus 0.05 for the step; plus 10
    when the goal is met. A dead design (no operating point, no metric) misses every target it has
    no metric for by 10 steps: the reward is never below ``-(k + 0.05)``, and always finite.

    ## Starting State
    The nominal design, or with ``options={"design": {...}}`` another one, or a random one with
    ``options={"random": True}``. The goal: ``spec``, or, where none was given, one drawn at reset
    from what a random design can do; ``options={"goal": {...}}`` sets one.

    ## Episode End
    Termination: the goal is met. Truncation: 60 steps (``gymnasium.make`` adds the limit).

    ## Arguments
    * ``case``: a case folder, a case, or ``"opamp2"`` for the one that is shipped.
    * ``spec``: a level, a file, an object with ``targets``; None draws goals.
    * ``backend``: ``"ngspice"`` (default), ``"tables"`` (transistor tables, no ngspice in the
      loop), ``"network"`` (a small network fitted to the tables, fastest), or an `Evaluator`.
    * ``continuous``: see Action Space. ``workers``: simulations at once.

    The same seed gives the same goals, starts and, the simulator being deterministic, the same
    episode for the same actions.

    Example:
        >>> import gymnasium, eda.agents
        >>> env = gymnasium.make("eda/TwoStageOpAmp-v0", spec="medium")  # doctest: +SKIP
        >>> observation, info = env.reset(seed=1)  # doctest: +SKIP
        >>> info["metrics"]["gain_db"]  # doctest: +SKIP
        90.48
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi"]}  # noqa: RUF012  # gymnasium's own form

    def __init__(
        self,
        case: str | os.PathLike[str] | Case = "opamp2",
        *,
        spec: str | os.PathLike[str] | Mapping[str, Any] | Goal | None = None,
        backend: str | Evaluator = "ngspice",
        continuous: bool = False,
        workers: int = 1,
        render_mode: str | None = None,
    ) -> None:
        """Open a case.

        Raises:
            SpecError: The case or the spec is malformed.
            InputError: There is no such backend.
        """
        self.case = load(case)
        self.render_mode = render_mode
        self.design_space, self.scales = DesignSpace.of(self.case), Scales.of(self.case)
        self.fixed_goal = None if spec is None else read_goal(self.case, spec)
        self.evaluator = make_evaluator(self.case, backend, workers)
        self.continuous = continuous
        names = list(self.fixed_goal.targets) if self.fixed_goal else goal_metrics(self.case)
        self.target_names = tuple(names)
        d, m, k = self.design_space.size, len(self.case.metrics), len(self.target_names)
        self.observation_space = spaces.Box(-_SCALE, _SCALE, (d + 2 * m + k,), np.float32)
        self.action_space: Any = (
            spaces.Box(-1.0, 1.0, (d,), np.float32)
            if continuous
            else spaces.MultiDiscrete(np.full(d, 3))
        )
        self.reference = reference(self.case, self.scales)
        self.point = self.design_space.point(self.case.nominal)
        self.metrics = np.full(m, np.nan)
        self.goal = self.fixed_goal or Goal({})

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin an episode; see Starting State."""
        super().reset(seed=seed)
        options = options or {}
        self.goal = self._draw_goal(options)
        if "design" in options:
            self.point = self.design_space.point(options["design"])
        elif options.get("random"):
            self.point = self.np_random.random(self.design_space.size)
        else:
            self.point = self.design_space.point(self.case.nominal)
        self.point = self.design_space.snapped(self.point[None])[0]
        self.metrics = self.evaluator.metrics(self.point[None])[0]
        return self.observation(), self.info()

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Move, simulate, compare."""
        self.point = self.moved(self.point, np.asarray(action))
        self.metrics = self.evaluator.metrics(self.design_space.snapped(self.point[None]))[0]
        met = self.goal.met(self.named())
        return self.observation(), self.reward(met), met, False, self.info()

    def moved(self, point: Floats, action: Floats) -> Floats:
        """Return a point after an action, kept inside the cube."""
        if self.continuous:
            step = np.clip(action, -1.0, 1.0) * 4 / STEPS_OF_SIZE
        else:
            step = (action - 1) * self._steps()
        return np.clip(point + step, 0.0, 1.0)

    def _steps(self) -> Floats:
        """Return a discrete step of each parameter: one for whole numbers."""
        return np.array(
            [
                1.0 / max(p.hi - p.lo, 1.0) if p.kind == "integer" and p.scale == "lin"
                else 1.0 / STEPS_OF_SIZE
                for p in self.design_space.parameters
            ]
        )  # fmt: skip

    def action_masks(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Return which discrete actions move something or stay, [3 d]: down, stay, up each."""
        able = np.ones((self.design_space.size, 3), dtype=bool)
        able[:, 0] = self.point > 1e-9
        able[:, 2] = self.point < 1 - 1e-9
        return able.ravel()

    def margins(self) -> Floats:
        """Return by how many steps each target is met, clipped to -10..10; -10 without a metric."""
        made = self.scales.margins(self.scales.scaled(self.metrics), self.goal)
        return np.clip(np.nan_to_num(made, nan=-WORST), -WORST, WORST)

    def reward(self, met: bool) -> float:
        """Return the reward of where it stands."""
        missed = float(np.minimum(self.margins(), 0.0).sum())
        return 0.1 * missed - STEP_COST + (SUCCESS if met else 0.0)

    def observation(self) -> Any:
        """Return what is seen; see Observation Space."""
        there = np.isfinite(self.metrics)
        scaled = (self.scales.scaled(self.metrics) - self.reference) / (5 * self.scales.step)
        parts = (2 * self.point - 1, np.nan_to_num(scaled), 2.0 * there - 1, self.margins())
        return np.clip(np.concatenate(parts), -_SCALE, _SCALE).astype(np.float32)

    def named(self) -> dict[str, float]:
        """Return the metrics that exist, by name."""
        return {
            name: float(value)
            for name, value in zip(self.case.metrics, self.metrics, strict=True)
            if np.isfinite(value)
        }

    def info(self) -> dict[str, Any]:
        """Return the design, its metrics, and whether the goal is met."""
        return {
            "design": self.design_space.design(self.point),
            "metrics": self.named(),
            "is_success": self.goal.met(self.named()),
        }

    def render(self) -> str:
        """Return the targets and where they stand, as text."""
        rows = []
        for name, margin in zip(self.goal.targets, self.margins(), strict=True):
            target = self.goal.targets[name]
            value = self.named().get(name, float("nan"))
            rows.append(f"{name:14s} {value:12.5g} {target.op} {target.value:<12.5g} {margin:+.1f}")
        return "\n".join(rows)

    def _draw_goal(self, options: Mapping[str, Any]) -> Goal:
        if "goal" in options:
            given = read_goal(self.case, options["goal"])
            missing = set(self.target_names) ^ set(given.targets)
            if missing:
                from eda.errors import SpecError

                names = ", ".join(self.target_names)
                raise SpecError(f"a goal of this environment has the targets {names}")
            return Goal({name: given.targets[name] for name in self.target_names})
        if self.fixed_goal is not None:
            return self.fixed_goal
        for _ in range(20):
            points = self.design_space.snapped(self.np_random.random((8, self.design_space.size)))
            for row in self.evaluator.metrics(points):
                if is_useful(self.case, self.target_names, row):
                    return goal_of(self.case, self.target_names, row, self.np_random)
        nominal = self.evaluator.metrics(self.design_space.point(self.case.nominal)[None])[0]
        return goal_of(self.case, self.target_names, np.nan_to_num(nominal), self.np_random)


def load(case: str | os.PathLike[str] | Case) -> Case:
    """Return a case given in any form."""
    if isinstance(case, Case):
        return case
    if str(case) == "opamp2":
        return example_case()
    return read_case(case)


def reference(case: Case, scales: Scales) -> Floats:
    """Return typical metrics on their scales: the bounds that the case's levels have, else 0."""
    made = np.zeros(len(case.metrics))
    for at, name in enumerate(case.metrics):
        bounds = [s.targets[name].value for s in case.specs.values() if name in s.targets]
        bounds += [s.witness_metrics[name] for s in case.specs.values()
                   if s.witness_metrics and name in s.witness_metrics]  # fmt: skip
        row = np.full(len(case.metrics), np.nan)
        if bounds:
            row[at] = float(np.median(bounds))
            made[at] = np.nan_to_num(scales.scaled(row)[at])
    return made
