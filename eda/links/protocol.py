"""Protocol P1, pin completion: hide one pin, rank the nets of its circuit, look at the rank.

Every method is a function from scenes to scores, so the model and the baselines are asked the
same questions in the same way. Bulk pins are not asked for, nor pins whose net would be empty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from eda.links.metrics import Answers, mean_rank, pair_score
from eda.links.scene import join_scenes, make_scene, right_pairs

if TYPE_CHECKING:
    from eda.links.sample import Sample
    from eda.links.scene import Scene
    from eda.links.weights import Weights

Scorer = Callable[["Scene"], NDArray[np.floating]]
"""From a scene to one score per pair, the higher the better; only order within a query counts."""

_PINS_AT_ONCE: Final = 8_000


def model_scorer(models: Sequence[Weights]) -> Scorer:
    """Return the scorer of a model, or of the mean of several: logarithms of probability."""
    from eda.links.score import score

    def scorer(scene: Scene) -> NDArray[np.floating]:
        probability, _ = score(models, scene)
        return np.log(probability + 1e-30)

    return scorer


def complete_pins(
    samples: Sequence[Sample],
    scorer: Scorer,
    *,
    seed: int = 0,
    queries: int | None = None,
) -> Answers:
    """Ask for every pin of every circuit, each hidden by itself.

    Args:
        samples: Circuits.
        scorer: What ranks the nets.
        seed: For the wrong net of the pair accuracy, and for which pins are asked.
        queries: Ask at most this many pins of each circuit, drawn at random.
    """
    circuits: list[int] = []
    ranks: list[float] = []
    pairs: list[float] = []
    for at, sample in enumerate(samples):
        # One stream per circuit: its questions do not depend on which circuits come before.
        rng = np.random.default_rng((seed, len(sample.edge_net), sample.num_nets, at))
        asked = sample.queries()
        if queries is not None and len(asked) > queries:
            asked = np.sort(rng.choice(asked, queries, replace=False))
        step = max(1, _PINS_AT_ONCE // max(1, len(sample.edge_net)))
        for start in range(0, len(asked), step):
            scenes = [
                make_scene(sample, asked[i : i + 1])
                for i in range(start, min(start + step, len(asked)))
            ]
            together = join_scenes(scenes)
            scores = scorer(together)
            bounds = np.searchsorted(together.pair_query, np.arange(len(scenes) + 1))
            for number, scene in enumerate(scenes):
                one = scores[bounds[number] : bounds[number + 1]]
                right = right_pairs(scene, sample)
                circuits.append(at)
                ranks.append(mean_rank(one, right))
                wrong = one[~right]
                pairs.append(
                    pair_score(float(one[right].max()), float(wrong[rng.integers(len(wrong))]))
                    if len(wrong)
                    else np.nan
                )
    return Answers(np.array(circuits, dtype=np.int64), np.array(ranks), np.array(pairs))
