"""Scores the predictor on the user's own circuit: `selftest`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.links.answers import SelftestResult
from eda.links.metrics import mean_rank
from eda.links.predict import prepare, rank_each
from eda.links.weights import models_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.circuit import Circuit
    from eda.links.weights import Weights

MAX_QUERIES: Final = 500
MAX_QUERIES_LARGE: Final = 1_000
LARGE: Final = 20_000


def selftest(
    circuit: Circuit,
    *,
    pins: int | None = None,
    seed: int = 0,
    models: Sequence[Weights] | None = None,
) -> SelftestResult:
    """Hide connected pins of a circuit one at a time and look where their true nets rank.

    Bulks are not asked for, nor pins whose net nothing else touches. In a large circuit pins
    far apart share a pass.

    Args:
        circuit: Flat or hierarchical; a hierarchical one is flattened.
        pins: Ask for at most this many, drawn at random; by default some hundreds.
        seed: Which ones.
        models: Trained models whose mean is taken; by default the ones that are shipped.
    """
    question = prepare(circuit)
    sample = question.sample
    used = list(models) if models else models_for(len(sample.edge_net))
    asked = np.setdiff1d(sample.queries(), question.open_edges)
    limit = pins or (MAX_QUERIES if len(sample.edge_net) < LARGE else MAX_QUERIES_LARGE)
    if len(asked) > limit:
        asked = np.sort(np.random.default_rng(seed).choice(asked, limit, replace=False))
    ranks = []
    for ranking in rank_each(question, asked, used):
        truth = int(sample.edge_net[ranking.edge])
        closed = ranking.nets < sample.num_nets
        right = ranking.nets[closed] == truth
        scores = np.log(ranking.probabilities[closed] + 1e-30)
        # A candidate list that was cut short may miss the true net: then it ranks behind all.
        ranks.append(mean_rank(scores, right) if right.any() else 1.0 + len(scores))
    rank = np.array(ranks)
    if not len(rank):
        return SelftestResult(0, 0.0, 0.0, 0.0)
    return SelftestResult(
        queries=len(rank),
        hits_at_1=float((rank <= 1).mean()),
        hits_at_3=float((rank <= 3).mean()),
        mrr=float((1 / rank).mean()),
    )
