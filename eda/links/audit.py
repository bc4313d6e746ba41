"""Looks for wires that seem wrong: `audit_links`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.links.alike import pin_classes
from eda.links.answers import SuspectWire
from eda.links.passes import ask_in_portions
from eda.links.predict import Ranking, candidates_of, prepare, rank_together
from eda.links.weights import models_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eda.circuit import Circuit
    from eda.links.passes import Asked
    from eda.links.predict import Question
    from eda.links.sample import Sample
    from eda.links.weights import Weights

GROUPS: Final = 20
"""A large circuit is audited in so many passes, a share of the pins hidden in each ..."""
LEAST_GROUPS: Final = 12
MANY: Final = 4_000_000
"""... but no more than this many pins are passed over in all, down to the least of passes."""
WORK: Final = 300_000
"""Pins times passes that a small circuit may take: there, fewer pins are hidden together."""
PINS_AT_ONCE: Final = 60_000
LARGE: Final = 20_000
"""From so many pins on, wires that are the same question are looked at once."""
PASSES_SIDE_BY_SIDE: Final = 2_000_000
"""Up to so many pins, passes run side by side on the cores there are."""
MAX_SIDE_BY_SIDE: Final = 4
BETTER: Final = 3

_LEAST: Final = 1e-6

Found = tuple[float, int, float, "Ranking | None"]
"""Minus the suspicion of a pin, the pin, the probability of its net, and its answers where one of
them is better."""


def audit_links(
    circuit: Circuit,
    *,
    top: int | None = None,
    seed: int = 0,
    models: Sequence[Weights] | None = None,
) -> list[SuspectWire]:
    """List the wires of a circuit, the most suspicious first.

    All pins are hidden in turn, in disjoint groups; a wire is the more suspicious, the likelier
    the best other net is beside the one it is on, as the predictor sees the rest. In a small
    circuit the groups are small, down to one pin. In a large one, of wires that are the same
    question (the instances of a subcircuit, as a rule) one is looked at and listed, with the
    number of those it stands for.

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
    alike = np.ones(total, dtype=np.int64)
    if total > LARGE:
        pins, alike = _representatives(question, pins, used, seed)
        found = _audit_large(question, pins, used, seed)
    else:
        found = _audit_small(question, pins, used, seed)
    found.sort(key=lambda item: item[:2])
    return [
        replace(_wire(question, ranking, edge, likely), alike=int(alike[edge]))
        for _, edge, likely, ranking in found[:top]
    ]


def _audit_small(
    question: Question, pins: NDArray[np.int64], models: Sequence[Weights], seed: int
) -> list[Found]:
    total = len(question.sample.edge_net)
    groups = min(len(pins), max(GROUPS, WORK // max(total, 1)))
    shuffled = np.random.default_rng(seed).permutation(pins)
    found: list[Found] = []
    pending = []
    for number in range(groups):
        pending.append(np.concatenate((question.open_edges, shuffled[number::groups])))
        if len(pending) * total >= PINS_AT_ONCE or number == groups - 1:
            for rankings in rank_together(question.sample, pending, models):
                for ranking in rankings[len(question.open_edges) :]:
                    likely, best = own_and_best(question.sample, ranking)
                    doubt = float(suspicion(likely, best))
                    found.append((-doubt, ranking.edge, likely, ranking))
            pending = []
    return found


def _representatives(
    question: Question, pins: NDArray[np.int64], models: Sequence[Weights], seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return one pin of each class, drawn at random, and for it the size of the class."""
    rounds = max(weights.shape.layers for weights in models)
    classes = pin_classes(question.sample, rounds=rounds)
    shuffled = np.random.default_rng(seed).permutation(pins)
    _, first, count = np.unique(classes[shuffled], return_index=True, return_counts=True)
    alike = np.zeros(len(classes), dtype=np.int64)
    alike[shuffled[first]] = count
    return shuffled[first], alike


def _audit_large(
    question: Question, pins: NDArray[np.int64], models: Sequence[Weights], seed: int
) -> list[Found]:
    """Ask for these pins in passes over the whole circuit, side by side where it has room."""
    import os
    from concurrent.futures import ThreadPoolExecutor

    already = question.open_edges
    shuffled = np.random.default_rng(seed).permutation(pins)
    passes = min(GROUPS, max(LEAST_GROUPS, MANY // len(question.sample.edge_net)))
    groups = [np.sort(shuffled[number::passes]) for number in range(passes)]

    def one(group: NDArray[np.int64]) -> list[Found]:
        hidden = np.concatenate((already, group))
        asked = np.arange(len(already), len(hidden))
        return [
            item
            for part in ask_in_portions(question.sample, hidden, asked, models, with_own=True)
            for item in _found(question, hidden, part)
        ]

    room = len(question.sample.edge_net) <= PASSES_SIDE_BY_SIDE
    workers = min(os.cpu_count() or 1, MAX_SIDE_BY_SIDE) if room else 1
    with ThreadPoolExecutor(workers) as pool:
        return [item for part in pool.map(one, groups) for item in part]


def _found(question: Question, hidden: NDArray[np.int64], asked: Asked) -> list[Found]:
    """Boil the answers of a portion down to what is listed."""
    sample = question.sample
    count = len(asked.positions)
    owner = np.repeat(np.arange(count), np.diff(asked.start))
    edges = hidden[asked.positions]
    truth = sample.edge_net[edges]
    net = asked.net.copy()
    private = net >= sample.num_nets
    net[private] = sample.edge_net[hidden[net[private] - sample.num_nets]]
    own = net == truth[owner]
    likely = np.bincount(owner, weights=np.where(own, asked.probability, 0.0), minlength=count)
    alone = sample.net_degree[truth] == 1
    likely += np.where(alone, asked.none, 0.0)
    best = np.zeros(count)
    np.maximum.at(best, owner, np.where(own, 0.0, asked.probability))
    doubt = suspicion(likely, best)
    found: list[Found] = []
    for at, edge in enumerate(edges.tolist()):
        ranking = None
        if likely[at] < best[at]:
            one = slice(asked.start[at], asked.start[at + 1])
            value = asked.probability[one]
            first = np.argsort(-value, kind="stable")[: 2 * BETTER + 2]
            ranking = Ranking(
                edge, asked.net[one][first], value[first], float(asked.none[at]), hidden
            )
        found.append((-float(doubt[at]), edge, float(likely[at]), ranking))
    return found


def suspicion(likely: Any, best: Any) -> Any:
    """Return how suspicious a wire is: the logarithm of how much likelier the best other net is.

    Args:
        likely: Probability of the net that the pin is on.
        best: Of the likeliest other net.

    Example:
        >>> round(float(suspicion(0.1, 0.8)), 2), round(float(suspicion(0.9, 0.1)), 2)
        (2.08, -2.2)
    """
    return np.log(best + _LEAST) - np.log(likely + _LEAST)


def own_and_best(sample: Sample, ranking: Ranking) -> tuple[float, float]:
    """Return the probability of the net that a pin really is on, and of the best other net.

    Where all pins of that net were hidden, they may be found again through one another. "None" is
    no rival: a wire is wrong because there is a better one.
    """
    truth = int(sample.edge_net[ranking.edge])
    nets = ranking.nets.copy()
    private = nets >= sample.num_nets
    nets[private] = sample.edge_net[ranking.others[nets[private] - sample.num_nets]]
    own = nets == truth
    likely = float(ranking.probabilities[own].sum())
    best = float(ranking.probabilities[~own].max(initial=0.0))
    if int(sample.net_degree[truth]) == 1:
        return likely + ranking.none, best
    return likely, best


def _wire(question: Question, ranking: Ranking | None, edge: int, likely: float) -> SuspectWire:
    net = question.net_names[int(question.sample.edge_net[edge])]
    better = [
        item
        for item in (candidates_of(question, ranking, BETTER + 1) if ranking is not None else ())
        if item.net != net and item.probability > likely
    ]
    return SuspectWire(
        device=question.device(edge),
        pin=question.role(edge),
        net=net,
        probability=likely,
        better=tuple(better[:BETTER]),
    )
