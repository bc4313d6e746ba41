"""Settles several open pins together: the surest first, then the others knowing that one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.links.predict import Question, Ranking
    from eda.links.weights import Weights

Settled = tuple["Ranking", str | None, tuple[int, ...]]

_LEAST: Final = 1e-9


def settle(question: Question, models: Sequence[Weights], *, joint: bool = True) -> list[Settled]:
    """Return (ranking, chosen net, open pins it shares a new net with) for every open pin.

    In a small circuit every decision is followed by a new pass, so that a later pin sees the
    earlier ones connected. The surest is the one whose first answer is furthest ahead of its
    second; pins for which "none" is likeliest come last. Two pins may be joined, on the net that
    one of them is alone on.

    Args:
        question: The circuit and its open pins.
        models: Whose answer is taken together.
        joint: False gives every pin its likeliest net, whatever the others do; for comparison.
    """
    from eda.links.predict import JOINT_WORK, connected, rank_together

    sample = question.sample
    num_nets = sample.num_nets
    waiting = question.open_edges.tolist()
    several = len(waiting) > 1
    rounds = max(1, min(len(waiting), JOINT_WORK // max(len(sample.edge_net), 1)))
    if not joint:
        rounds = 1
    settled: list[Settled] = []
    while waiting:
        at_once = -(-len(waiting) // rounds)
        rounds = max(1, rounds - 1)
        (rankings,) = rank_together(sample, [np.array(waiting, dtype=np.int64)], models)
        # What seems to belong on none waits: another pin may yet come to stand beside it.
        rankings.sort(key=lambda ranking: (_best(ranking, several) is None, _doubt(ranking)))
        taken: set[int] = set()
        for ranking in rankings[:at_once]:
            if ranking.edge in taken:
                continue
            net = _best(ranking, several)
            partner = -1
            if net is not None and net >= num_nets:
                partner = int(ranking.others[net - num_nets])
                net = int(question.sample.edge_net[partner])
                if partner in taken:
                    # Its partner has just gone elsewhere: ask again in the next round.
                    continue
            taken.add(ranking.edge)
            if net is None:
                settled.append((ranking, None, ()))
                continue
            sample = connected(sample, ranking.edge, net)
            name = question.net_names[net]
            if partner < 0:
                settled.append((ranking, name, ()))
                continue
            other = next(item for item in rankings if item.edge == partner)
            taken.add(partner)
            settled.append((ranking, name, (partner,)))
            settled.append((other, name, (ranking.edge,)))
        waiting = [edge for edge in waiting if edge not in taken]
    return settled


def _best(ranking: Ranking, several: bool) -> int | None:
    """Return the likeliest net; None where "none" is likelier, among several pins than all nets."""
    if not len(ranking.nets) or ranking.none > (0.5 if several else ranking.probabilities[0]):
        return None
    return int(ranking.nets[0])


def _doubt(ranking: Ranking) -> float:
    """Return minus the margin of the first answer over the second."""
    likely = np.sort(np.append(ranking.probabilities[:2], (ranking.none, 0.0)))[::-1]
    return float(np.log(likely[1] + _LEAST) - np.log(likely[0] + _LEAST))
