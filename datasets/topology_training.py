"""``eda train topology``: the circuit generator, trained as the shipped one was."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from eda.datasets.topologies import topology_data
from eda.topology.batches import Sample
from eda.topology.known import FILE, known_from, load_known, save_known
from eda.topology.train import TrainingPlan, has_bfloat16, train
from eda.topology.types import TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from eda.datasets.topologies import TopologyData, TopologyRecord
    from eda.topology.weights import Weights

_SOURCE_WEIGHT: Final = {"analoggenie": 2.0, "align_ota": 0.7, "composed": 1.0, "generated": 1.0}
_DRAWN: Final = 4.0
"""Circuits drawn by people count so much more than composed ones."""


def topology_samples(records: Sequence[TopologyRecord]) -> list[Sample]:
    """Return records as `eda.topology.train.train` takes them.

    A type is drawn as often as the square root of the number of its circuits; within a type,
    circuits that were drawn by hand come more often than others.
    """
    counts = Counter(item.topology.type for item in records)
    own = [_DRAWN if item.drawn else _SOURCE_WEIGHT[item.source] for item in records]
    totals: Counter[str] = Counter()
    for item, weight in zip(records, own, strict=True):
        totals[item.topology.type] += weight  # type: ignore[assignment]
    return [
        Sample(
            item.topology,
            weight * counts[item.topology.type] ** 0.5 / totals[item.topology.type],
        )
        for item, weight in zip(records, own, strict=True)
    ]


def _plan(start: Weights | None) -> TrainingPlan:
    plan = TrainingPlan(mixed=has_bfloat16())
    return plan if start is None else replace(plan, rate=plan.rate / 2)


def card_of(data: TopologyData, seed: int, start: Weights | None = None) -> dict[str, Any]:
    """Return what the model card says of the data, and the sizes of circuits by type."""
    from datetime import UTC, datetime

    sizes: dict[str, list[int]] = {name: [] for name in TYPES}
    for item in data.part("train"):
        sizes[item.topology.type].append(len(item.topology))
    return {
        "title": "Topology generator: new analog circuits by type",
        "licence": "GPL-3.0-or-later",
        "date": datetime.now(tz=UTC).date().isoformat(),
        "command": f"eda train topology --seed {seed}" + (" --from WEIGHTS" if start else ""),
        "begun_from": [] if start is None else _history(start),
        "data": data.card(),
        "device_counts": {name: _quantiles(counts) for name, counts in sizes.items()},
    }


def _history(start: Weights) -> list[dict[str, Any]]:
    """Return how the weights that a training goes on from were made, oldest first."""
    known = ("command", "seed", "steps", "minutes", "rounds", "validation_bits_per_device")
    own = {name: start.card[name] for name in known if name in start.card}
    return [*start.card.get("begun_from", []), own]


def _quantiles(counts: list[int]) -> list[int]:
    """Return up to 40 sizes that are spread as all of them are."""
    ordered = sorted(counts)
    if len(ordered) <= 40:
        return ordered
    return [ordered[(2 * at + 1) * len(ordered) // 80] for at in range(40)]


def write_known(out: Path, data: TopologyData) -> None:
    """Write the file that tells whether a circuit is new, beside the weights."""
    circuits = [(item.name, item.key, item.topology) for item in data.records]
    out.mkdir(parents=True, exist_ok=True)
    save_known(out / FILE, known_from(circuits, data.raw_keys))


def train_topology(
    *,
    out: Path,
    seed: int = 0,
    minutes: float | None = None,
    resume: bool = False,
    plan: TrainingPlan | None = None,
    start: Weights | None = None,
    rounds: int = 0,
    log: Callable[[str], object] = lambda _text: None,
) -> dict[str, Any]:
    """Train the generator on the corpora in ``EDA_DATA``, compositions and generated circuits.

    Args:
        out: Folder of the run.
        seed: Of the split, of all that is drawn, and of the training.
        minutes: Stop after this time.
        resume: Go on from the checkpoint there.
        plan: Sizes, steps and rates.
        start: A model to go on from, at half the rate unless a plan says otherwise.
        rounds: Of expert iteration afterwards; see `eda.datasets.topology_rounds`.
        log: Called with lines of progress.

    Returns:
        The summary of the training.

    Raises:
        DatasetError: A corpus is not there.
    """
    data = topology_data(seed=seed, log=log)
    write_known(out, data)
    held = [item for item in data.part("validation") if item.source == "analoggenie"]
    samples, validation = topology_samples(data.part("train")), topology_samples(held)
    summary = train(
        samples,
        validation,
        out=out,
        plan=plan or _plan(start),
        start=start,
        seed=seed,
        minutes=minutes,
        resume=resume,
        card=card_of(data, seed, start),
        log=log,
    )
    if rounds:
        from eda.datasets.topology_rounds import expert_rounds

        known = load_known(out / FILE)
        told = expert_rounds(rounds, samples, validation, known, out=out, seed=seed, log=log)
        summary = {**summary, "rounds": told}
    return summary
