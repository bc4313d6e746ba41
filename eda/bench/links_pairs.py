"""P4, the protocol of GNN-ACLP, beside the rule that satisfies it without knowing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.bench.table import Table
from eda.links.protocols import area_under_curve, hide_folds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.bench.links_data import BenchData
    from eda.links.sample import Sample

PUBLISHED: Final = (
    ("GNN-ACLP on SpiceNetlist, 5-fold (theirs)", 0.9403, 0.9875),
    ("GNN-ACLP on Image2Net, 5-fold (theirs)", 0.9730, 0.9978),
)


def stacked_table(bench: BenchData) -> Table:
    """Return accuracy and AUC of pairs, with negatives from the whole stack and from inside."""
    samples = bench.cut(bench.test("drawn"))
    validation = bench.data.select("validation", lambda circuit: circuit.drawn)
    threshold = _threshold(*_pairs(bench, validation))
    positive, inside = _pairs(bench, samples)
    sizes = np.array([sample.num_devices * sample.num_nets for sample in samples], dtype=float)
    across = _share_inside(samples)
    # A negative across circuits gets probability 0: the model only ranks nets of its circuit.
    rng = np.random.default_rng(bench.seed)
    is_inside = rng.random(len(positive)) < across
    uniform = np.where(is_inside, rng.choice(inside, len(positive)), 0.0)
    rows: list[tuple[Any, ...]] = [
        (
            "uniform negatives on the stacked graph: model",
            _accuracy(positive, uniform, threshold),
            round(area_under_curve(positive, uniform), 4),
        ),
        (
            'uniform negatives on the stacked graph: rule "same circuit"',
            round(0.5 + 0.5 * float((~is_inside).mean()), 4),
            round(0.5 + 0.5 * float((~is_inside).mean()), 4),
        ),
        (
            "negatives inside the circuit: model",
            _accuracy(positive, inside, threshold),
            round(area_under_curve(positive, inside), 4),
        ),
        ('negatives inside the circuit: rule "same circuit"', 0.5, 0.5),
        *((name, accuracy, area) for name, accuracy, area in PUBLISHED),
    ]
    return Table(
        "P4 the protocol of GNN-ACLP: pairs right or wrong, one negative per link",
        ("negatives and method", "accuracy", "AUC"),
        tuple(rows),
        (
            f"{len(samples)} drawn circuits held out, a fifth of all pins hidden at a time; "
            f"{across:.2%} of uniform negatives lie inside one circuit "
            f"(of {int(sizes.sum())} pairs)",
            "the rule knows nothing of circuits, so the uniform form measures next to nothing;"
            " their figures are on other data, with other negatives drawn",
            f"the model's threshold, {threshold:.3g}, was chosen on validation circuits",
        ),
    )


def _pairs(bench: BenchData, samples: Sequence[Sample]) -> tuple[Any, Any]:
    positive, inside = [], []
    for at, sample in enumerate(samples):
        rng = np.random.default_rng((bench.seed, at))
        found = hide_folds(sample, bench.some_models(), rng)
        positive.append(found.positive)
        inside.append(found.negative_inside)
    return np.concatenate(positive), np.concatenate(inside)


def _accuracy(positive: Any, negative: Any, threshold: float) -> float:
    right = float((positive >= threshold).mean() + (negative < threshold).mean())
    return round(right / 2, 4)


def _threshold(positive: Any, negative: Any) -> float:
    """Return the threshold that tells links from wrong nets of the same circuit best."""
    candidates = np.geomspace(1e-3, 0.9, 60)
    return float(max(candidates, key=lambda value: _accuracy(positive, negative, value)))


def _share_inside(samples: Sequence[Sample]) -> float:
    """Return how many of all device-net pairs of the stacked graph join one circuit."""
    devices = np.array([sample.num_devices for sample in samples], dtype=np.float64)
    nets = np.array([sample.num_nets for sample in samples], dtype=np.float64)
    return float((devices * nets).sum() / (devices.sum() * nets.sum()))
