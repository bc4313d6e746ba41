"""Protocols P2, P3 and P4: several holes, a wrong wire, and the one GNN-ACLP uses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eda.links.audit import own_and_best, suspicion
from eda.links.joint import settle
from eda.links.predict import Question, rank_together
from eda.links.sample import Sample, set_apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.links.predict import Ranking
    from eda.links.weights import Weights


@dataclass(frozen=True, slots=True)
class Wiring:
    """What protocol P2 found: counts of pins.

    Attributes:
        opened: Pins that were opened.
        proposed: Pins for which a net was proposed.
        right: Pins that are back where they belong (or rightly left alone).
        proposed_right: Of the proposed, those that are right.
    """

    opened: int = 0
    proposed: int = 0
    right: int = 0
    proposed_right: int = 0

    def __add__(self, other: Wiring) -> Wiring:
        """Return the sum of two counts."""
        return Wiring(
            self.opened + other.opened,
            self.proposed + other.proposed,
            self.right + other.right,
            self.proposed_right + other.proposed_right,
        )


def fill_holes(
    sample: Sample,
    share: float,
    models: Sequence[Weights],
    rng: np.random.Generator,
    *,
    joint: bool = True,
) -> Wiring:
    """P2: open a share of the pins (no bulks) together, wire them up, count what is right.

    A pin whose net lost all its pins is right when it is joined to another of them only, or
    left alone where there is none.

    Args:
        sample: The circuit.
        share: Of its pins.
        models: Whose answer is taken together.
        rng: Draws the pins.
        joint: Whether they are settled jointly, or each gets its likeliest net.
    """
    pins = np.flatnonzero(~sample.is_bulk)
    opened = np.sort(rng.choice(pins, max(1, round(share * len(pins))), replace=False))
    apart = set_apart(sample, opened)
    question = Question(
        circuit=None,  # type: ignore[arg-type]  # names are not needed here
        sample=apart,
        net_names=tuple(str(at) for at in range(apart.num_nets)),
        unnamed=frozenset(),
        device_names=(),
        open_edges=opened,
    )
    final = apart.edge_net.copy()
    proposed: set[int] = set()
    for ranking, name, joined in settle(question, models, joint=joint):
        if name is not None:
            final[ranking.edge] = int(name)
            proposed.update((ranking.edge, *joined))
    hidden = np.zeros(len(sample.edge_net), dtype=np.bool_)
    hidden[opened] = True
    left = np.bincount(sample.edge_net[~hidden], minlength=sample.num_nets) > 0
    left |= sample.net_is_port
    right = 0
    proposed_right = 0
    for edge in opened.tolist():
        truth = int(sample.edge_net[edge])
        if left[truth]:
            good = int(final[edge]) == truth
        else:
            mates = np.flatnonzero(sample.edge_net == truth)
            with_it = np.flatnonzero(final == final[edge])
            good = bool(np.isin(with_it, mates).all()) and (len(with_it) > 1 or len(mates) == 1)
        right += good
        proposed_right += good and edge in proposed
    return Wiring(len(opened), len(proposed), right, proposed_right)


@dataclass(frozen=True, slots=True)
class WrongWire:
    """Where protocol P3 found the moved pin, by each way of ranking.

    Attributes:
        above: Share of the other pins that look more suspicious (of ties, half), by the margin
            to the best other net, as `eda.links.audit_links` ranks.
        above_by_probability: The same by the probability of the present net alone.
        pins: Number of pins ranked.
    """

    above: float
    above_by_probability: float
    pins: int


def find_wrong_wire(
    sample: Sample, models: Sequence[Weights], rng: np.random.Generator
) -> WrongWire | None:
    """P3: move one pin to a wrong net, rank all pins by suspicion; return where the moved one is.

    None where the circuit has no other net to move a pin to.
    """
    pins = sample.queries()
    nets = np.flatnonzero(sample.net_degree > 0)
    if len(pins) < 2 or len(nets) < 2:
        return None
    moved = int(rng.choice(pins))
    edge_net = sample.edge_net.copy()
    edge_net[moved] = rng.choice(nets[nets != edge_net[moved]])
    wrong = replace(sample, edge_net=edge_net)
    asked = np.flatnonzero(~wrong.is_bulk)
    groups = [asked[at : at + 1] for at in range(len(asked))]
    results = [found[0] for found in rank_together(wrong, groups, models)]
    both = np.array([own_and_best(wrong, ranking) for ranking in results])
    is_moved = asked == moved
    return WrongWire(
        above=_above(suspicion(both[:, 0], both[:, 1]), is_moved),
        above_by_probability=_above(-both[:, 0], is_moved),
        pins=len(asked),
    )


def _above(doubt: NDArray[np.float64], moved: NDArray[np.bool_]) -> float:
    own, others = doubt[moved][0], doubt[~moved]
    return float((others > own).mean() + 0.5 * (others == own).mean())


@dataclass(frozen=True)
class StackedPairs:
    """Scored pairs of protocol P4.

    Attributes:
        positive: float [pins], probability of each hidden link.
        negative_inside: float [pins], of a link to a wrong net of the same circuit.
    """

    positive: NDArray[np.float64]
    negative_inside: NDArray[np.float64]


def hide_folds(
    sample: Sample, models: Sequence[Weights], rng: np.random.Generator, *, folds: int = 5
) -> StackedPairs:
    """P4 within one circuit: every pin is hidden once, a fifth of all pins at a time."""
    order = rng.permutation(len(sample.edge_net))
    groups = [np.sort(order[at::folds]) for at in range(folds) if len(order[at::folds])]
    positive: list[float] = []
    inside: list[float] = []
    nets = np.flatnonzero(sample.net_degree > 0)
    for rankings in rank_together(sample, groups, models):
        for ranking in rankings:
            truth = int(sample.edge_net[ranking.edge])
            positive.append(_own_probability(sample, ranking))
            wrong = nets[nets != truth]
            if len(wrong):
                net = int(rng.choice(wrong))
                inside.append(_probability_of(sample, ranking, net))
    return StackedPairs(np.array(positive), np.array(inside))


def area_under_curve(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> float:
    """Return the chance that a positive scores above a negative, ties counting half."""
    both = np.concatenate((positive, negative))
    _, inverse, counts = np.unique(both, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    rank = (ends - (counts - 1) / 2)[inverse.reshape(-1)]
    total = float(rank[: len(positive)].sum()) - len(positive) * (len(positive) + 1) / 2
    return total / (len(positive) * len(negative))


def _own_probability(sample: Sample, ranking: Ranking) -> float:
    return _probability_of(sample, ranking, int(sample.edge_net[ranking.edge]))


def _probability_of(sample: Sample, ranking: Ranking, net: int) -> float:
    """Return the probability of a net, whether it is still there or all its pins are open."""
    nets = ranking.nets.copy()
    private = nets >= sample.num_nets
    nets[private] = sample.edge_net[ranking.others[nets[private] - sample.num_nets]]
    return float(ranking.probabilities[nets == net].sum())
