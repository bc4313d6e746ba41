"""Settles several open pins together: the surest first, then each again with the others in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.links.predict import Question, Ranking
    from eda.links.sample import Sample
    from eda.links.weights import Weights

Settled = tuple["Ranking", str | None, tuple[int, ...]]

SWEEPS: Final = 3
"""Times at most that every settled pin is asked again."""
SWEEP_WORK: Final = 300_000
"""Pins times open pins up to which that is done."""
GAIN: Final = 0.1
"""By how much another net must be likelier before a settled pin moves."""


def settle(
    question: Question, models: Sequence[Weights], *, sweeps: int = SWEEPS
) -> list[Settled]:
    """Return (ranking, chosen net, open pins it shares a new net with) for every open pin.

    In a small circuit every decision is followed by a new pass, so that a later pin sees the
    earlier ones connected. Two pins may be joined, on the net that one of them is alone on.
    Then every pin is asked again by itself, with all the others where they were put, and moves
    where it is surer of another net.

    Args:
        question: The circuit and its open pins.
        models: Whose answer is taken together.
        sweeps: Times at most that all pins are asked again.
    """
    sample, rankings = _one_by_one(question, models)
    work = len(question.open_edges) * len(sample.edge_net)
    if len(question.open_edges) > 1 and work <= SWEEP_WORK:
        for _ in range(sweeps):
            after = _sweep(question, sample, models)
            if (after.edge_net == sample.edge_net).all():
                break
            sample = after
    return [_outcome(question, sample, ranking) for ranking in rankings]


def _one_by_one(question: Question, models: Sequence[Weights]) -> tuple[Sample, list[Ranking]]:
    """Connect the open pins, the surest first; one that belongs on no net stays alone."""
    from eda.links.predict import JOINT_WORK, connected, rank_together

    sample = question.sample
    num_nets = sample.num_nets
    waiting = question.open_edges.tolist()
    rounds = max(1, min(len(waiting), JOINT_WORK // max(len(sample.edge_net), 1)))
    settled: list[Ranking] = []
    while waiting:
        at_once = -(-len(waiting) // rounds)
        rounds = max(1, rounds - 1)
        (rankings,) = rank_together(sample, [np.array(waiting, dtype=np.int64)], models)
        rankings.sort(key=_doubt)
        taken: set[int] = set()
        for ranking in rankings[:at_once]:
            if ranking.edge in taken:
                continue
            net = _best(ranking)
            partner = -1
            if net is not None and net >= num_nets:
                partner = int(ranking.others[net - num_nets])
                net = int(question.sample.edge_net[partner])
                if partner in taken:
                    # Its partner has just gone elsewhere: ask again in the next round.
                    continue
            taken.add(ranking.edge)
            settled.append(ranking)
            if net is None:
                continue
            sample = connected(sample, ranking.edge, net)
            if partner >= 0:
                taken.add(partner)
                settled.append(next(item for item in rankings if item.edge == partner))
        waiting = [edge for edge in waiting if edge not in taken]
    return sample, settled


def _sweep(question: Question, sample: Sample, models: Sequence[Weights]) -> Sample:
    """Ask every pin again with the others in place; return the circuit after the moves.

    All are asked at once. The surest moves go first, and a pin whose old or new net has changed
    in between waits for the next sweep.
    """
    from eda.links.predict import connected, rank_together

    groups = [np.array([edge], dtype=np.int64) for edge in question.open_edges.tolist()]
    moves: list[tuple[float, int, int | None]] = []
    for (ranking,) in rank_together(sample, groups, models):
        now = int(sample.edge_net[ranking.edge])
        alone = int(sample.net_degree[now]) == 1
        here = ranking.none if alone else float(ranking.probabilities[ranking.nets == now].sum())
        best = _best(ranking)
        if best == now or (best is None and alone):
            continue
        likely = ranking.none if best is None else float(ranking.probabilities[0])
        if likely > here + GAIN:
            moves.append((here - likely, ranking.edge, best))
    touched: set[int] = set()
    for _, edge, net in sorted(moves, key=lambda move: move[:2]):
        now = int(sample.edge_net[edge])
        if net is None:
            net = _free_net(question, sample)
        if now in touched or net in touched:
            continue
        touched.update((now, net))
        sample = connected(sample, edge, net)
    return sample


def _free_net(question: Question, sample: Sample) -> int:
    """Return one of the nets that open pins were alone on, and that nothing is on now."""
    own = question.sample.edge_net[question.open_edges]
    return int(own[np.argmin(sample.net_degree[own])])


def _outcome(question: Question, sample: Sample, ranking: Ranking) -> Settled:
    net = int(sample.edge_net[ranking.edge])
    mates = np.flatnonzero(sample.edge_net == net)
    if len(mates) == 1:
        return ranking, None, ()
    shared: tuple[int, ...] = ()
    if np.isin(mates, question.open_edges).all():
        shared = tuple(int(edge) for edge in mates if edge != ranking.edge)
    return ranking, question.net_names[net], shared


def _best(ranking: Ranking) -> int | None:
    if not len(ranking.nets) or ranking.none > ranking.probabilities[0]:
        return None
    return int(ranking.nets[0])


def _doubt(ranking: Ranking) -> float:
    best = ranking.probabilities[0] if len(ranking.nets) else 0.0
    return -max(float(best), ranking.none)
