"""``eda/PrintedFilter-v0``: a microstrip filter's sizes changed step by step against a mask."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from eda.agents.filter_env import worth
from eda.agents.printed_observation import (
    MOST_SIZES,
    SIZE,
    joined,
    margin_row,
    mask_row,
    size_row,
)
from eda.agents.printed_specs import KINDS, printed_spec
from eda.filters.evaluator import Ledger
from eda.filters.microstrip.etching import USUAL
from eda.filters.microstrip.evaluator import Model
from eda.filters.microstrip.fences import Fences
from eda.filters.microstrip.limits import breaches
from eda.filters.microstrip.network import scattering
from eda.filters.microstrip.search import PrintedSearch
from eda.filters.microstrip.starts import Start, textbook_layouts
from eda.filters.spec import FilterSpec

Action = NDArray[np.float32]
Observation = NDArray[np.float32]
Real = NDArray[np.float64]

STEPS: Final = 8
REACH: Final = 0.1
SHORTLIST: Final = 4

_SOLVED_REWARD: Final = 3.0
_AREA_COST: Final = 0.2
_SENSITIVITY_COST: Final = 0.05
_BEYOND_DB: Final = 3.0
"""What a height of the board beyond a limit costs."""


@dataclass(frozen=True)
class _Task:
    """A mask with the textbook layouts that suit it, the best first."""

    spec: FilterSpec
    ranked: list[tuple[float, Start, Real]]
    screened: int


class PrintedFilterEnv(gymnasium.Env[Observation, Action]):
    """The sizes of a microstrip filter changed step by step against a mask.

    ## Description
    A mask is drawn, on a board. Textbook layouts of every family and order that its limits allow
    are screened, and one of the best four is begun with: that is the discrete choice. The agent
    then changes widths, gaps and lengths in eight steps, and the sizes are rounded to the grid.

    ## Action Space
    A ``Box`` from -1 to 1, 24 entries: each changes the natural logarithm of a size by up to 0.1.
    Entries beyond the layout's sizes are ignored.

    ## Observation Space
    A ``Box`` from -1 to 1.

    | entries | meaning |
    |---|---|
    | 42 | the mask: ratios of frequencies, decibels (`eda.filters.features.band_features`) |
    | 9 | board and limits: permittivity, height, loss, width and gap, footprint, order, vias |
    | 5 | the family, one-hot |
    | 2 | its order, and the share of the episode that is over |
    | 24 | how large each size is: widths and gaps in heights, lengths in quarter waves |
    | 24 | where each size lies between its bounds |
    | 18 | least margin in each third of each band, tanh of dB/5 |
    | 1 | by how much the worst limit of footprint or distance is broken |

    ## Rewards
    As in ``eda/FilterDesign-v0``: the change of -log(1 + exp(-margin/3 dB)) by each step, the
    margin less 3 dB for each height of the board beyond a limit; at the end, on the grid, 3 where
    the mask and all limits are kept, less 0.2 times the share of the footprint that is used
    (there: parts) and 0.05 per dB of margin that etching takes.

    ## Starting State
    A random mask and one of its four best textbook layouts. ``options={"spec": FilterSpec}`` names
    a mask, ``options={"start": 0}`` the best layout.

    ## Episode End
    After eight steps: terminated.

    ## Arguments
    * ``hard_share``: share of hard masks, 0.3.
    * ``specs``: masks to draw from instead of new ones; their textbook layouts are kept.
    * ``model``: what computes S-parameters, called as `eda.filters.microstrip.network.scattering`
      is, which is the default.

    ## Version History
    * v0: first.
    """

    metadata = {"render_modes": []}  # noqa: RUF012  # as gymnasium wants it

    def __init__(
        self,
        *,
        hard_share: float = 0.3,
        specs: Sequence[FilterSpec] | None = None,
        model: Model = scattering,
        render_mode: str | None = None,
    ) -> None:
        """Make the spaces."""
        self.render_mode = render_mode
        self.hard_share = hard_share
        self.specs = list(specs) if specs is not None else None
        self.model = model
        self.observation_space = spaces.Box(-1.0, 1.0, (SIZE,), np.float32)
        self.action_space = spaces.Box(-1.0, 1.0, (MOST_SIZES,), np.float32)
        self._kept: dict[int, _Task] = {}

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Draw a mask and a textbook layout; return the observation and what they are."""
        super().reset(seed=seed)
        self.task = task = self._drawn(options or {})
        self.goal, self.limits = task.spec, task.spec.printed
        listed = task.ranked[:SHORTLIST]
        rank = (options or {}).get("start")
        at = (
            int(self.np_random.integers(len(listed)))
            if rank is None
            else min(rank, len(listed) - 1)
        )
        _, self.start, values = listed[at]
        self.search = self._search(self.goal)
        self.fences = Fences.free(self.start.template, self.limits)
        self.low, self.high = (
            np.log(self.start.template.low_mm),
            np.log(self.start.template.high_mm),
        )
        self.x = np.clip(np.log(values), self.low, self.high)
        self.step_number = 0
        self.known = mask_row(self.goal, self.limits)
        seen, self.margin_db = self._evaluated()
        return self._observation(seen), {
            "spec": self.goal.id,
            "layout": self.start.origin,
            "family": self.start.template.family,
            "order": self.start.template.order,
            "screened": task.screened,
        }

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Change the sizes."""
        before = worth(self.margin_db)
        count = min(len(self.x), MOST_SIZES)
        moved = self.x.copy()
        moved[:count] += REACH * np.clip(action[:count], -1.0, 1.0)
        self.x = np.clip(moved, self.low, self.high)
        self.step_number += 1
        seen, self.margin_db = self._evaluated()
        reward = worth(self.margin_db) - before
        done = self.step_number >= STEPS
        info: dict[str, Any] = {}
        if done:
            more, info = self._end()
            reward += more
        info["metrics"] = {
            "margin_db": self.margin_db,
            "evaluations": self.search.ledger.evaluations,
            "layout": self.start.origin,
        }
        return self._observation(seen), float(reward), done, False, info

    def _drawn(self, options: Mapping[str, Any]) -> _Task:
        if "spec" in options:
            return self._task(options["spec"])
        if self.specs is not None:
            at = int(self.np_random.integers(len(self.specs)))
            if at not in self._kept:
                self._kept[at] = self._task(self.specs[at])
            return self._kept[at]
        tier = "hard" if self.np_random.uniform() < self.hard_share else "standard"
        kind = KINDS[int(self.np_random.integers(len(KINDS)))]
        return self._task(printed_spec(self.np_random, kind, tier=tier))

    def _task(self, spec: FilterSpec) -> _Task:
        search = self._search(spec)
        ranked = search.screen(textbook_layouts(spec, spec.printed))
        return _Task(spec, ranked, search.ledger.evaluations)

    def _search(self, spec: FilterSpec) -> PrintedSearch:
        made = PrintedSearch(spec, spec.printed, Ledger())
        made.coarse = replace(made.coarse, model=self.model)
        return made

    def _evaluated(self) -> tuple[NDArray[np.float32], float]:
        mask = self.search.coarse.mask
        gain, back = self.search.coarse.levels(self.start.template, self.x)
        broken = float(self.fences.broken_mm(np.exp(self.x)[None])[0])
        beyond = broken / (1e3 * self.limits.substrate.height_m)
        margin = float(mask.margins(gain[None], back[None]).min()) - _BEYOND_DB * beyond
        return margin_row(mask, gain, back, beyond), margin

    def _end(self) -> tuple[float, dict[str, Any]]:
        """Round the sizes; return the last reward and what came of it."""
        template, grid = self.start.template, self.limits.grid_mm
        values = template.snapped(np.exp(self.x), grid)
        layout = template.draw(values, grid)
        broken = breaches(layout, self.limits)
        etched = np.array([_etched(template.names, values, side) for side in (0, 1, -1)])
        low, high = template.low_mm / 2, template.high_mm * 2
        margins = self.search.coarse.margin(template, np.log(np.clip(etched, low, high)))
        margin, spread = float(margins[0]), float(margins[0] - margins.min())
        solved = margin >= 0 and not broken
        wide, high_mm = layout.footprint_mm
        share = wide * high_mm / math.prod(self.limits.footprint_mm)
        reward = _SOLVED_REWARD * solved - _AREA_COST * min(share, 2.0)
        reward -= _SENSITIVITY_COST * min(spread, 30.0)
        return reward, {
            "solved": solved,
            "rounded_margin_db": margin,
            "broken": tuple(broken),
            "values_mm": tuple(float(value) for value in values),
            "footprint_mm": layout.footprint_mm,
        }

    def _observation(self, margins: NDArray[np.float32]) -> Observation:
        step = self.step_number / STEPS
        sizes = size_row(self.start.template, self.x, self.goal, self.limits, step=step)
        return joined([self.known, sizes, margins])


def _etched(names: Sequence[str], values_mm: Real, side: int) -> Real:
    """Return sizes with strips wider (1) or narrower (-1) by what etching errs."""
    change = np.array([{"w": 1.0, "g": -1.0}.get(name[0], 0.0) for name in names])
    return values_mm + side * USUAL.etch_mm * change
