"""Which recipe next: gains per second, learned on other circuits and corrected while running."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping

SIZES: Final = ((600, "tiny"), (3000, "small"), (20000, "medium"))
PLAIN: Final = 0.01
"""Gain per second of what nothing is known of."""

_PRIOR_SECONDS: Final = 1.0
_FADE: Final = 0.6


def size_class(ands: int) -> str:
    """Return ``tiny``, ``small``, ``medium`` or ``large``."""
    return next((name for limit, name in SIZES if ands < limit), "large")


def learned(objective: str) -> dict[str, dict[str, float]]:
    """Return the gains per second that were learned: by size and state, then by recipe."""
    path = files("eda.logic") / "recipe_gains.json"
    table: dict[str, dict[str, dict[str, dict[str, float]]]] = json.loads(
        path.read_text(encoding="utf-8")
    )
    return table["gains"].get(objective, {})


@dataclass
class Bandit:
    """Chooses arms by what they gained per second.

    Attributes:
        prior: Gain per second of each arm, before anything was seen.
        spread: How much chance there is in the choice.
    """

    prior: Mapping[str, float]
    spread: float = 0.5
    _gain: dict[str, float] = field(default_factory=dict)
    _seconds: dict[str, float] = field(default_factory=dict)

    def rate(self, arm: str) -> float:
        """Return the gain per second that is expected of an arm."""
        before = self.prior.get(arm, PLAIN) * _PRIOR_SECONDS
        seconds = self._seconds.get(arm, 0.0) + _PRIOR_SECONDS
        return (self._gain.get(arm, 0.0) + before) / seconds

    def choose(self, arms: Iterable[str], rng: random.Random) -> str:
        """Return one of some arms."""
        return max(arms, key=lambda arm: self.rate(arm) * 2.0 ** rng.gauss(0, self.spread))

    def told(self, arm: str, gain: float, seconds: float) -> None:
        """Take note of what an arm gained; older notes fade."""
        self._gain[arm] = _FADE * self._gain.get(arm, 0.0) + gain
        self._seconds[arm] = _FADE * self._seconds.get(arm, 0.0) + seconds
