"""How a pin's probability divides: among models, among kinds of net; and what it resembles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.links.answers import Candidate, LinkPrediction
from eda.links.motif import Neighbourhood
from eda.links.motif_index import shipped_index
from eda.links.scene import opened
from eda.links.vocabulary import NET_ROLES, RAILS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from eda.links.motif_index import Motif
    from eda.links.predict import Question, Ranking
    from eda.links.sample import Sample
    from eda.links.weights import Weights

NET_GROUPS: Final = (
    "open pins",
    "loose ends",
    "nets of the same device",
    "rails",
    "ports and named nets",
    "inner nets",
    "none of them",
)
"""Kinds of net; a net counts for the first kind that fits it.

Open pins: the net of another pin that is open too. Loose ends: nets on one pin, no ports.
Ports and named nets: ports, and nets whose name or source tells an input, an output or a bias.
"""

LIKENED: Final = 5
"""Candidates of a pin that are likened to training wires, from the best down."""
_INTERNAL: Final = NET_ROLES.index("internal")


@dataclass(frozen=True)
class PinSplit:
    """What is known of one pin beside its ranking.

    Attributes:
        by_model: Probability that each model gives, by name of the net (None: none of them).
        groups: Probability by kind of net.
        like: The most similar training wire, by name of the net; of the best candidates.
    """

    by_model: Mapping[str | None, tuple[float, ...]]
    groups: Mapping[str, float]
    like: Mapping[str | None, Motif | None]

    def put_into(self, prediction: LinkPrediction) -> LinkPrediction:
        """Return a prediction with all this in its fields."""
        candidates = tuple(
            replace(item, like=self.like.get(item.net), by_model=self.by_model[item.net])
            for item in prediction.candidates
        )
        columns = np.array(list(self.by_model.values()))
        first = list(self.by_model).index(candidates[0].net)
        agreeing = int((columns.argmax(axis=0) == first).sum())
        return replace(prediction, candidates=candidates, split=self.groups, agreeing=agreeing)


def explained(
    question: Question,
    rankings: Mapping[int, Ranking],
    joint: Mapping[int, str | None],
    models: Sequence[Weights],
) -> dict[int, PinSplit]:
    """Return the split of each pin, in the state of the circuit in which it was ranked.

    Args:
        question: The circuit.
        rankings: Of each pin, what all models together said.
        joint: The net of each pin that has been settled jointly, None where it is left alone.
        models: The models.
    """
    from eda.links.predict import candidates_of, rank_together

    place = {name: at for at, name in enumerate(question.net_names)}
    states: dict[tuple[int, ...], list[int]] = {}
    for edge, ranking in rankings.items():
        states.setdefault(tuple(ranking.others.tolist()), []).append(edge)
    result: dict[int, PinSplit] = {}
    for others, edges in states.items():
        pins = np.array(others, dtype=np.int64)
        sample = _settled(question.sample, others, joint, place)
        each = [
            {item.edge: item for item in rank_together(sample, [pins], [model])[0]}
            for model in models
        ]
        looking = _Looking(question, sample, pins)
        for edge in edges:
            by_model: dict[str | None, list[float]] = {}
            for ranked in each:
                for candidate in candidates_of(question, ranked[edge], None):
                    by_model.setdefault(candidate.net, []).append(candidate.probability)
            best = candidates_of(question, rankings[edge], LIKENED)
            result[edge] = PinSplit(
                by_model={name: tuple(values) for name, values in by_model.items()},
                groups=looking.groups(rankings[edge]),
                like=looking.like(edge, best, place),
            )
    return result


def _settled(
    sample: Sample,
    others: tuple[int, ...],
    joint: Mapping[int, str | None],
    place: Mapping[str, int],
) -> Sample:
    """Return the sample with the pins that were settled before these on their nets."""
    open_still = set(others)
    edge_net = sample.edge_net.copy()
    for edge, net in joint.items():
        if edge not in open_still and net is not None:
            edge_net[edge] = place[net]
    return replace(sample, edge_net=edge_net)


class _Looking:
    """One state of the circuit, with some pins open."""

    def __init__(self, question: Question, sample: Sample, pins: NDArray[np.int64]) -> None:
        self.question = question
        self.sample = sample
        self.edge_net = opened(sample, pins)
        self.degree = np.bincount(self.edge_net)
        known = sample.net_is_port | (sample.net_role != _INTERNAL)
        self.known = known
        self.private = {
            int(sample.edge_net[pin]): sample.num_nets + at
            for at, pin in enumerate(pins.tolist())
            if sample.net_degree[sample.edge_net[pin]] == 1
        }
        # Open pins out of sight: each on a net of its own.
        count = len(pins)
        self.around = Neighbourhood.of(
            replace(
                sample,
                edge_net=self.edge_net,
                net_role=np.concatenate((sample.net_role, np.zeros(count, np.int8))),
                net_role_by_name=np.concatenate(
                    (sample.net_role_by_name, np.zeros(count, np.int8))
                ),
                net_is_port=np.concatenate((sample.net_is_port, np.zeros(count, np.bool_))),
            )
        )

    def groups(self, ranking: Ranking) -> dict[str, float]:
        """Return the probability of each kind of net that has any."""
        device = self.sample.edge_device[ranking.edge]
        own = set(self.edge_net[self.sample.edge_device == device].tolist())
        mass = dict.fromkeys(NET_GROUPS, 0.0)
        for net, value in zip(ranking.nets.tolist(), ranking.probabilities.tolist(), strict=True):
            mass[self._group(net, own)] += value
        mass["none of them"] += ranking.none
        return {name: value for name, value in mass.items() if value > 0}

    def _group(self, net: int, own: set[int]) -> str:
        if net >= self.sample.num_nets:
            return "open pins"
        if self.degree[net] == 1 and not self.known[net]:
            return "loose ends"
        if net in own:
            return "nets of the same device"
        if self.sample.net_role[net] in RAILS:
            return "rails"
        return "ports and named nets" if self.known[net] else "inner nets"

    def like(
        self, edge: int, candidates: Sequence[Candidate], place: Mapping[str, int]
    ) -> dict[str | None, Motif | None]:
        """Return the training wire that each candidate resembles most."""
        index = shipped_index()
        nets = {item.net: place[item.net] for item in candidates if item.net is not None}
        return {
            name: index.explain(self.around, edge, self.private.get(net, net))
            for name, net in nets.items()
        }
