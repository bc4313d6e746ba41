"""Looks for wires that seem wrong: `audit_links`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.links.answers import SuspectWire
from eda.links.predict import candidates_of, prepare, rank_together
from eda.links.weights import models_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.circuit import Circuit
    from eda.links.predict import Question, Ranking
    from eda.links.weights import Weights

GROUPS: Final = 20
"""A large circuit is audited in so many passes, a share of the pins hidden in each."""
WORK: Final = 300_000
"""Pins times passes that a small circuit may take: there, fewer pins are hidden together."""
PINS_AT_ONCE: Final = 60_000
BETTER: Final = 3


def audit_links(
    circuit: Circuit,
    *,
    top: int | None = None,
    seed: int = 0,
    models: Sequence[Weights] | None = None,
) -> list[SuspectWire]:
    """List the wires of a circuit, the most suspicious first.

    All pins are hidden in turn, in disjoint groups; a wire is suspicious when the predictor,
    seeing the rest, would hardly have put it there. In a small circuit the groups are small,
    down to one pin.

    Args:
        circuit: Flat or hierarchical; a hierarchical one is flattened.
        top: Keep only this many wires.
        seed: Which pins share a group.
        models: Trained models whose mean is taken; by default the ones that are shipped.
    """
    question = prepare(circuit)
    total = len(question.sample.edge_net)
    used = list(models) if models else models_for(total)
    pins = np.setdiff1d(np.arange(total), question.open_edges)
    if not len(pins):
        return []
    groups = min(len(pins), max(GROUPS, WORK // max(total, 1)))
    shuffled = np.random.default_rng(seed).permutation(pins)
    found: list[tuple[float, Ranking]] = []
    pending = []
    for number in range(groups):
        pending.append(np.concatenate((question.open_edges, shuffled[number::groups])))
        if len(pending) * total >= PINS_AT_ONCE or number == groups - 1:
            for rankings in rank_together(question.sample, pending, used):
                for ranking in rankings[len(question.open_edges) :]:
                    found.append((_likely(question, ranking), ranking))
            pending = []
    found.sort(key=lambda item: (item[0], item[1].edge))
    return [_wire(question, ranking, likely) for likely, ranking in found[:top]]


def _likely(question: Question, ranking: Ranking) -> float:
    """Return the probability of the net that the pin really is on.

    Where all pins of that net were hidden, they may be found again through one another.
    """
    sample = question.sample
    truth = int(sample.edge_net[ranking.edge])
    nets = ranking.nets.copy()
    private = nets >= sample.num_nets
    nets[private] = sample.edge_net[ranking.others[nets[private] - sample.num_nets]]
    there = float(ranking.probabilities[nets == truth].sum())
    alone = int(sample.net_degree[truth]) == 1
    return there + (ranking.none if alone else 0.0)


def _wire(question: Question, ranking: Ranking, likely: float) -> SuspectWire:
    net = question.net_names[int(question.sample.edge_net[ranking.edge])]
    better = [
        item
        for item in candidates_of(question, ranking, BETTER + 1)
        if item.net != net and item.probability > likely
    ]
    return SuspectWire(
        device=question.device(ranking.edge),
        pin=question.role(ranking.edge),
        net=net,
        probability=likely,
        better=tuple(better[:BETTER]),
    )
