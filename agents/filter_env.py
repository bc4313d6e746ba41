"""``eda/FilterDesign-v0``: a filter designed step by step against a mask."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from eda.agents.filter_solutions import clipped, plain_starts
from eda.agents.filter_specs import random_spec
from eda.filters.evaluator import Evaluator, Ledger
from eda.filters.features import features
from eda.filters.mask import coarse_mask
from eda.filters.montecarlo import tolerances
from eda.filters.nodal import physics_of
from eda.filters.policy import MOST_PARTS, REACH, STEPS, feedback, observation_size, observe
from eda.filters.refine import Allowance
from eda.filters.series import nearest
from eda.filters.spec import FilterSpec
from eda.filters.starts import Start, log_bounds, rules_of

Action = NDArray[np.float32]
Observation = NDArray[np.float32]

REPERTOIRE: Final = (
    *("cPc", "LsL", "cPcPc", "LsLsL", "cPcPcPc", "LsLsLsL", "cPcL", "LsLc", "cLcPcL", "LcLsLc"),
    *("cLc", "LcL", "cLcL", "cLcLc", "LcLcL"),
    *("lPl", "CsC", "lPlPl", "CsCsC", "lCl", "ClC", "lClCl", "ClClC", "lPlC", "CsCl"),
    *("pPPp", "SssS", "pPPpPPp", "SssSssS", "pSp", "SpS", "pS", "Sp", "pSpS", "SpSp"),
    *("pSpSp", "SpSpS", "pCp", "pCpCp", "pCpLp", "pLpLp", "CpCpC", "CpLpC", "CpCpCpC"),
    *("CpCpLpC", "CpLpLpC", "pCpLpCp", "pLpCpLp", "SlScS"),
    *("sPs", "PsP", "sPsP", "PsPs", "sPsPs", "PsPsP"),
)
"""Circuits to choose from unless others are named: those that come out first most often."""

_SOLVED_REWARD: Final = 3.0
_PART_COST: Final = 0.02
_SENSITIVITY_COST: Final = 0.05
_SCALE_DB: Final = 3.0


class FilterDesignEnv(gymnasium.Env[Observation, Action]):
    """A filter designed step by step against a mask, without a simulation on the way.

    ## Description
    A mask is drawn, around a filter that is known. The agent chooses a circuit (family, order,
    transmission zeros), gets a textbook's values for it, changes them in three steps, and the
    values are then rounded to the series. Nothing is simulated in ngspice on the way: every
    evaluation is one of the exact nodal analysis in `eda.filters.nodal`.

    ## Action Space
    A ``Box`` from -1 to 1. In the first step the largest of the first K entries names the
    circuit, among those that the limits allow; later ones are ignored but the last 20, which
    change the natural logarithm of each value by up to 0.35.

    ## Observation Space
    A ``Box`` from -1 to 1.

    | entries | meaning |
    |---|---|
    | 53 | the mask, free of scale: `eda.filters.features.NAMES` |
    | K | the chosen circuit, one-hot; zeros before |
    | 4 | number of the step, one-hot; zeros before |
    | 6 | least margin of each band, tanh of dB/5 |

    ## Rewards
    The change of -log(1 + exp(-margin/3 dB)) by each step, and at the end, after rounding: 3 where
    the mask is kept, less 0.02 a part and 0.05 per dB of the margin's standard deviation within
    the parts' tolerances.

    ## Starting State
    A random mask; ``options={"spec": FilterSpec}`` names one.

    ## Episode End
    After the choice and three changes: terminated.

    ## Arguments
    * ``technology``: ``lumped_lc`` (default) or ``active_rc``.
    * ``hard_share``: share of hard masks, 0.3; raise it as training goes on.
    * ``specs``: masks to draw from instead of new ones.
    * ``repertoire``: names of circuits.

    ## Version History
    * v0: first.
    """

    metadata = {"render_modes": []}  # noqa: RUF012  # as gymnasium wants it

    def __init__(
        self,
        *,
        technology: str = "lumped_lc",
        hard_share: float = 0.3,
        specs: Sequence[FilterSpec] | None = None,
        repertoire: Sequence[str] = REPERTOIRE,
        render_mode: str | None = None,
    ) -> None:
        """Make the spaces."""
        self.render_mode = render_mode
        self.technology = technology
        self.hard_share = hard_share
        self.specs = list(specs) if specs is not None else None
        self.repertoire = tuple(repertoire)
        count = len(self.repertoire)
        size = observation_size(count)
        self.observation_space = spaces.Box(-1.0, 1.0, (size,), np.float32)
        self.action_space = spaces.Box(-1.0, 1.0, (count + MOST_PARTS,), np.float32)
        self._kept: dict[int, dict[str, Start]] = {}

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Draw a mask; return the observation and what it is."""
        super().reset(seed=seed)
        spec, starts = self._drawn(options or {})
        while not any(name in starts for name in self.repertoire):
            spec, starts = self._drawn({})
        self.goal, self.starts = spec, starts
        self.ledger = Ledger()
        self.evaluator = Evaluator(coarse_mask(spec), physics_of(spec), self.ledger)
        self.known = features(spec)
        self.start: Start | None = None
        self.step_number = 0
        self.margin_db = -30.0
        return self._observation(None), {"spec": spec.id, "allowed": self._allowed()}

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Choose the circuit, or change its values."""
        before = worth(self.margin_db)
        if self.start is None:
            name = self._named(action)
            self.start, self.chosen = self.starts[name], self.repertoire.index(name)
            self.low, self.high = log_bounds(rules_of(self.goal, self.start.topology))
            self.x = clipped(self.goal, self.start)
        else:
            count = min(len(self.x), MOST_PARTS)
            change = REACH * np.clip(action[len(self.repertoire) :][:count], -1.0, 1.0)
            self.x = self.x.copy()
            self.x[:count] = np.clip(self.x[:count] + change, self.low[:count], self.high[:count])
            self.step_number += 1
        seen, self.margin_db = self._evaluated(self.x)
        reward = worth(self.margin_db) - before
        done = self.step_number >= STEPS
        info: dict[str, Any] = {}
        if done:
            more, info = self._end()
            reward += more
        info["metrics"] = {
            "margin_db": self.margin_db,
            "evaluations": self.ledger.evaluations,
            "topology": self.start.topology.name,
        }
        return self._observation(seen), float(reward), done, False, info

    def _drawn(self, options: Mapping[str, Any]) -> tuple[FilterSpec, dict[str, Start]]:
        if "spec" in options:
            spec: FilterSpec = options["spec"]
            return spec, plain_starts(spec)
        if self.specs is not None:
            at = int(self.np_random.integers(len(self.specs)))
            if at not in self._kept:
                self._kept[at] = plain_starts(self.specs[at])
            return self.specs[at], self._kept[at]
        tier = "hard" if self.np_random.uniform() < self.hard_share else "standard"
        spec = random_spec(self.np_random, technology=self.technology, tier=tier)
        return spec, plain_starts(spec)

    def _allowed(self) -> list[str]:
        return [name for name in self.repertoire if name in self.starts]

    def _named(self, action: Action) -> str:
        scores = {name: float(action[at]) for at, name in enumerate(self.repertoire)}
        return max(self._allowed(), key=lambda name: scores[name])

    def _evaluated(self, x: NDArray[np.float64]) -> tuple[NDArray[np.float32], float]:
        assert self.start is not None
        gain, back = self.evaluator.levels(self.start.topology, x)
        margin = float(self.evaluator.mask.margins(gain[None], back[None]).min())
        return feedback(self.evaluator.mask, gain, back), margin

    def _end(self) -> tuple[float, dict[str, Any]]:
        """Round the values; return the last reward and what came of it."""
        assert self.start is not None
        topology = self.start.topology
        rules = rules_of(self.goal, topology)
        values = [nearest(rule, float(v)) for rule, v in zip(rules, np.exp(self.x), strict=True)]
        gain, back, d_gain, _ = self.evaluator.linearised(topology, np.log(values))
        margins = self.evaluator.mask.margins(gain[None], back[None])[0]
        spread = Allowance(tolerances(self.goal, topology), 1.0).of(d_gain)
        # The spread where the margin is least is what a batch of filters will feel.
        worst = float(np.min(np.where(np.isfinite(spread), spread, 30.0)))
        margin = float(margins.min())
        reward = _SOLVED_REWARD * (margin >= 0) - _PART_COST * topology.size
        reward -= _SENSITIVITY_COST * min(worst, 30.0)
        return reward, {
            "solved": margin >= 0,
            "rounded_margin_db": margin,
            "values": tuple(values),
        }

    def _observation(self, margins: NDArray[np.float32] | None) -> Observation:
        return observe(
            self.goal,
            len(self.repertoire),
            chosen=None if self.start is None else self.chosen,
            step=self.step_number,
            margins=margins,
            known=self.known,
        )


def worth(margin_db: float) -> float:
    """Return the potential of a margin: near 0 where the mask is kept, falling below."""
    scaled = max(min(margin_db, 60.0), -60.0) / _SCALE_DB
    return -math.log1p(math.exp(-scaled))
