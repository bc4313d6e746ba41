"""How far the answers can be trusted: calibration, and whether "none of them" is said rightly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.bench.links_data import interval
from eda.bench.table import Table
from eda.links.calibrate import answerable, first_answers, reliability
from eda.links.partial import partner_questions
from eda.links.scene import make_scene
from eda.links.score import score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eda.bench.links_data import BenchData
    from eda.links.sample import Sample
    from eda.links.weights import Weights

BOOTSTRAP: Final = 500


def calibration_table(bench: BenchData) -> Table:
    """Return what the first answer's probability is worth; its rows are the reliability plot."""
    rows: list[tuple[Any, ...]] = []
    notes = []
    for name in ("drawn", "image2net"):
        samples = bench.test(name)
        parts = [
            first_answers(bench.models, sample, asked)
            for sample in samples
            if len(asked := sample.queries())
        ]
        if not parts:
            continue
        bins, error = reliability(*_joined(parts))
        rows += [(name, round(a, 4), round(b, 4), n) for a, b, n in bins]
        rng = np.random.default_rng(bench.seed)
        drawn = [
            reliability(*_joined([parts[at] for at in rng.integers(0, len(parts), len(parts))]))[1]
            for _ in range(BOOTSTRAP)
        ]
        bounds = interval(np.quantile(drawn, (0.025, 0.975)))
        notes.append(
            f"{name}: expected calibration error {error:.4f} ({bounds}, by drawing circuits anew)"
        )
    return Table(
        "Calibration: what the first answer's probability is worth (held out)",
        ("set", "mean probability said", "share right", "pins"),
        tuple(rows),
        (*notes, "all seeds together, P1; fitted on validation circuits"),
    )


def none_table(bench: BenchData) -> Table:
    """Return how well pins that belong on no net are told from those that do.

    Three kinds of open pins: alone on their net in the circuit as it is; left alone by taking
    out the only other device on their net; and pins whose net is there (as many as both others).
    """
    rows: list[tuple[Any, ...]] = []
    said: dict[str, list[bool]] = {"alone": [], "partner": [], "net": []}
    for at, sample in enumerate(bench.cut(bench.test("drawn"))):
        rng = np.random.default_rng((bench.seed, at))
        alone = np.setdiff1d(answerable(sample), sample.queries())
        said["alone"] += _says_none(bench.models, [(sample, int(edge)) for edge in alone])
        without = partner_questions(sample)
        said["partner"] += _says_none(bench.models, without)
        connected = sample.queries()
        count = min(len(connected), max(1, len(alone) + len(without)))
        chosen = rng.permutation(connected)[:count]
        said["net"] += _says_none(bench.models, [(sample, int(edge)) for edge in chosen])
    names = {
        "alone": "open in the circuit itself",
        "partner": "the only other device on the net taken out",
        "net": "its net is there",
    }
    for key, name in names.items():
        share = round(float(np.mean(said[key])), 4) if said[key] else None
        rows.append((name, len(said[key]), share))
    right = sum(said["alone"]) + sum(said["partner"])
    positives = len(said["alone"]) + len(said["partner"])
    proposed = right + sum(said["net"])
    return Table(
        '"None of them": open pins that belong on no net, beside as many that do (drawn)',
        ("open pin", "pins", 'share answered "none"'),
        tuple(rows),
        (
            f'precision of "none" {right / max(proposed, 1):.3f}, '
            f"recall {right / max(positives, 1):.3f}; "
            'always answering "some net" has recall 0',
        ),
    )


def _says_none(models: Sequence[Weights], questions: Sequence[tuple[Sample, int]]) -> list[bool]:
    found = []
    for sample, edge in questions:
        probability, none = score(models, make_scene(sample, np.array([edge])))
        found.append(bool(none[0] > probability.max(initial=0.0)))
    return found


def _joined(
    parts: Sequence[tuple[NDArray[np.float64], NDArray[np.bool_]]],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    return np.concatenate([one for one, _ in parts]), np.concatenate([two for _, two in parts])
