"""How much the nearest training wire is worth: alone as a predictor, and as an explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.bench.table import Table
from eda.links.metrics import Answers, mean_rank, pair_score
from eda.links.motif import Neighbourhood, wire_tokens
from eda.links.motif_words import wire_words
from eda.links.scene import opened, proposable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.links.motif_index import MotifIndex
    from eda.links.sample import Sample

COLUMNS: Final = ("net shown to the index", "mean likeness", "same words", "no word", "wires")


def motif_table(samples: Sequence[Sample], index: MotifIndex, *, seed: int = 0) -> Table:
    """Return how well the nearest training wires fit true nets, beside wrong ones.

    Every pin but bulks is hidden once. Its nearest training wire is looked up as if it were on
    its true net, and on a wrong net of the same circuit drawn at random.

    Args:
        samples: Held-out circuits.
        index: Of training wires.
        seed: Of the wrong nets.
    """
    found: dict[str, list[tuple[float, bool, bool]]] = {"true net": [], "random wrong net": []}
    for at, sample in enumerate(samples):
        around = Neighbourhood.of(sample)
        rng = np.random.default_rng((seed, at))
        for pin in sample.queries().tolist():
            true = around.net[pin]
            wrong = _candidates(sample, pin)
            wrong = wrong[wrong != true]
            found["true net"].append(_look(around, index, pin, true))
            if len(wrong):
                net = int(wrong[rng.integers(len(wrong))])
                found["random wrong net"].append(_look(around, index, pin, net))
    rows = []
    for name, items in found.items():
        likeness, same, none = (
            np.array(column, dtype=float) for column in zip(*items, strict=True)
        )
        rows.append(
            (
                name,
                round(float(likeness.mean()), 4),
                round(float(same.mean()), 4),
                round(float(none.mean()), 4),
                len(items),
            )
        )
    return Table(
        "Nearest training wire, for true and for wrong nets (drawn, held out)",
        COLUMNS,
        tuple(rows),
        (
            "same words: the wire and the nearest training wire have all their words in common",
            "no word: nothing to say of the wire in a designer's words",
        ),
    )


def motif_answers(samples: Sequence[Sample], index: MotifIndex, *, seed: int = 0) -> Answers:
    """Return the answers of protocol P1 where nets are ranked by the motif's likeness alone."""
    circuits: list[int] = []
    ranks: list[float] = []
    pairs: list[float] = []
    for at, sample in enumerate(samples):
        around = Neighbourhood.of(sample)
        rng = np.random.default_rng((seed, at))
        for pin in sample.queries().tolist():
            nets = _candidates(sample, pin)
            scores = np.array(
                [
                    index.nearest(around.kind[pin], wire_tokens(around, pin, net))[1]
                    for net in nets.tolist()
                ]
            )
            right = nets == around.net[pin]
            circuits.append(at)
            ranks.append(mean_rank(scores, right))
            wrong = scores[~right]
            pairs.append(
                pair_score(float(scores[right].max()), float(wrong[rng.integers(len(wrong))]))
                if len(wrong)
                else np.nan
            )
    return Answers(np.array(circuits, dtype=np.int64), np.array(ranks), np.array(pairs))


def _candidates(sample: Sample, pin: int) -> Any:
    return np.flatnonzero(proposable(sample, opened(sample, np.array([pin]))))


def _look(around: Neighbourhood, index: MotifIndex, pin: int, net: int) -> tuple[float, bool, bool]:
    at, likeness = index.nearest(around.kind[pin], wire_tokens(around, pin, net))
    words = wire_words(around, pin, net)
    return likeness, at >= 0 and int(index.words[at]) == words, words == 0
