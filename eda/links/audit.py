"""Looks for wires that seem wrong: `audit_links`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

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
    from eda.links.weights import Weights

GROUPS: Final = 20
"""A large circuit is audited in so many passes, a share of the pins hidden in each."""
WORK: Final = 300_000
"""Pins times passes that a small circuit may take: there, fewer pins are hidden together."""
PINS_AT_ONCE: Final = 60_000
LARGE: Final = 20_000
"""From so many pins on, wires that are the same question are looked at once."""
PASSES_SIDE_BY_SIDE: Final = 2_000_000
"""Up to so many pins, passes run side by side on the cores there are."""
MAX_SIDE_BY_SIDE: Final = 4
BETTER: Final = 3

Found = tuple[float, int, "Ranking | None"]
"""Probability of the net a pin is on, the pin, and its answers where one of them is better."""


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
    down to one pin. In a large one, of wires that are the same question (the instances of a
    subcircuit, as a rule) one is looked at and listed, with the number of those it stands for.

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
        for likely, edge, ranking in found[:top]
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
                    found.append((_likely(question, ranking), ranking.edge, ranking))
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
    groups = [np.sort(shuffled[number::GROUPS]) for number in range(GROUPS)]

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
    there = np.where(net == truth[owner], asked.probability, 0.0)
    likely = np.bincount(owner, weights=there, minlength=count)
    likely += np.where(sample.net_degree[truth] == 1, asked.none, 0.0)
    found: list[Found] = []
    for at, edge in enumerate(edges.tolist()):
        ranking = None
        if likely[at] < 0.5:
            one = slice(asked.start[at], asked.start[at + 1])
            value = asked.probability[one]
            best = np.argsort(-value, kind="stable")[: 2 * BETTER + 2]
            ranking = Ranking(
                edge, asked.net[one][best], value[best], float(asked.none[at]), hidden
            )
        found.append((float(likely[at]), edge, ranking))
    return found


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
