"""Ranks and what is made of them: Hits@1, Hits@3, mean reciprocal rank, intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

TIE: Final = 1e-4
"""Scores closer than this are tied: nets that mirror one another differ by rounding only."""
BOOTSTRAP: Final = 1000


def mean_rank(scores: NDArray[np.floating], right: NDArray[np.bool_]) -> float:
    """Return the rank of the right candidate, from 1; among ties, the mean of their ranks.

    Args:
        scores: Of each candidate, the higher the better.
        right: Which candidates are right; the best of them counts.

    Example:
        >>> mean_rank(np.array([3.0, 1.0, 1.0]), np.array([False, True, False]))
        2.5
    """
    best = float(scores[right].max())
    wrong = scores[~right]
    above = int((wrong > best + TIE).sum())
    tied = int((np.abs(wrong - best) <= TIE).sum())
    return 1.0 + above + tied / 2.0


def pair_score(right: float, wrong: float) -> float:
    """Return 1 where the right net scores higher than the wrong one, 0.5 on a tie, else 0."""
    if abs(right - wrong) <= TIE:
        return 0.5
    return 1.0 if right > wrong else 0.0


@dataclass(frozen=True, slots=True)
class Answers:
    """What protocol P1 got for each query.

    Attributes:
        circuit: int [queries], which circuit it is of.
        rank: float [queries].
        pair: float [queries], the true net against one wrong net of its circuit; NaN where the
            circuit has no other net.
    """

    circuit: NDArray[np.int64]
    rank: NDArray[np.float64]
    pair: NDArray[np.float64]

    def figures(self) -> dict[str, float]:
        """Return Hits@1, Hits@3, MRR and pair accuracy, from 0 to 1."""
        return _figures(self.rank, self.pair)

    def intervals(self, *, seed: int = 0) -> dict[str, tuple[float, float]]:
        """Return 95 % intervals by drawing circuits anew (a circuit's queries stay together)."""
        rng = np.random.default_rng(seed)
        members = [np.flatnonzero(self.circuit == at) for at in np.unique(self.circuit)]
        if not members:
            return {}
        drawn: dict[str, list[float]] = {}
        for _ in range(BOOTSTRAP):
            chosen = np.concatenate(
                [members[i] for i in rng.integers(0, len(members), len(members))]
            )
            for name, value in _figures(self.rank[chosen], self.pair[chosen]).items():
                drawn.setdefault(name, []).append(value)
        return {
            name: (float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975)))
            for name, values in drawn.items()
        }


def join_answers(parts: Sequence[Answers]) -> Answers:
    """Return the answers of several runs over different circuits as one."""
    return Answers(
        circuit=np.concatenate([part.circuit for part in parts]),
        rank=np.concatenate([part.rank for part in parts]),
        pair=np.concatenate([part.pair for part in parts]),
    )


def _figures(rank: NDArray[np.float64], pair: NDArray[np.float64]) -> dict[str, float]:
    if not len(rank):
        return {"hits_at_1": 0.0, "hits_at_3": 0.0, "mrr": 0.0, "pair": 0.0}
    known = pair[~np.isnan(pair)]
    return {
        "hits_at_1": float((rank <= 1).mean()),
        "hits_at_3": float((rank <= 3).mean()),
        "mrr": float((1 / rank).mean()),
        "pair": float(known.mean()) if len(known) else 0.0,
    }
