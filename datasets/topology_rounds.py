"""Expert iteration: what the generator makes is judged by ngspice, and the good is learned from.

A round samples circuits of the types with a testbench, keeps those that are new, have an operating
point and pass it, and goes on training with them among the others. Training circuits that fail in
ngspice at their default sizes are drawn less from then on. Equal circuits are kept once, so that
the model does not settle on a few. Of types without a testbench nothing is kept: an operating point
alone is found most surely in a mesh of resistors, and the model learned to draw those.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.tensors import replace_file
from eda.topology.batches import Sample
from eda.topology.circuit import Topology
from eda.topology.conditions import BINS
from eda.topology.generated import request_of
from eda.topology.measured import measure
from eda.topology.sample import sample
from eda.topology.sized import design
from eda.topology.train import TrainingPlan, has_bfloat16, train
from eda.topology.types import TYPES
from eda.topology.weights import NAME, load_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from eda.topology.known import Known
    from eda.topology.measured import Measured

PER_TYPE: Final = 100
"""Circuits of each type that a round samples."""
LABELLED: Final = 800
"""Training circuits of each type that are measured, so that good and bad are told apart."""
FAILED: Final = 0.1
"""How much less a training circuit is drawn that has no operating point or fails its testbench."""
UNSATURATED: Final = 0.3
"""The same for one that does its job with a transistor out of saturation."""
SHARE: Final = 0.2
"""How often circuits of earlier rounds are drawn."""


@dataclass(frozen=True, slots=True)
class RoundPlan:
    """One round.

    Attributes:
        per_type: Circuits that are sampled of each type.
        labelled: Training circuits of each type that are measured.
        steps: Optimiser steps.
        rate: Highest learning rate.
    """

    per_type: int = PER_TYPE
    labelled: int = LABELLED
    steps: int = 400
    rate: float = 4e-4


def expert_rounds(
    rounds: int,
    samples: Sequence[Sample],
    validation: Sequence[Sample],
    known: Known,
    *,
    out: Path,
    plan: RoundPlan | None = None,
    seed: int = 0,
    log: Callable[[str], object] = lambda _text: None,
    **options: Any,
) -> list[dict[str, Any]]:
    """Improve the weights in a folder; a round that was finished is not repeated.

    Args:
        rounds: How many.
        samples: What was trained on.
        validation: As for `eda.topology.train.train`.
        known: What is no news.
        out: Folder with weights; each round has a folder of its own there, and the weights of
            the last one replace those.
        plan: Sizes of a round.
        seed: Of all that is drawn.
        log: Called with lines of progress.
        options: Those of `eda.spice.simulate`.

    Returns:
        For each round how many circuits were sampled, new, solved, and kept.
    """
    plan = plan or RoundPlan()
    told: list[dict[str, Any]] = []
    kept: dict[str, Sample] = {}
    for number in range(1, rounds + 1):
        folder = out / f"round-{number}"
        counts, good = _sampled(number, folder, out, known, kept, plan, seed, log, options)
        kept.update(good)
        log(f"round {number}: {counts}")
        told.append(counts)
        if not (folder / "summary.json").exists():
            weights = load_weights(out / f"{NAME}.safetensors")
            labelled = _labelled(samples, plan.labelled, seed, options)
            mixed = [labelled.get(at, item) for at, item in enumerate(samples)]
            total = sum(item.weight for item in mixed)
            own = sum(item.weight for item in kept.values())
            share = SHARE / (1 - SHARE) * total / max(own, 1.0)
            mixed += [replace(item, weight=share * item.weight) for item in kept.values()]
            train(
                mixed,
                validation,
                out=folder,
                plan=TrainingPlan(
                    shape=weights.shape,
                    steps=plan.steps,
                    rate=plan.rate,
                    check_every=max(plan.steps // 4, 1),
                    # Short as it is, a slow mean would hold it back; and what circuits that
                    # work are worth is not seen in the bits of circuits as they are drawn.
                    average=0.99,
                    best=False,
                    mixed=has_bfloat16(),
                ),
                seed=seed + number,
                resume=True,
                start=weights,
                card={**weights.card, "works_known": True, "rounds": told},
                log=log,
            )
        for suffix in ("safetensors", "json"):
            replace_file(out / f"{NAME}.{suffix}", (folder / f"{NAME}.{suffix}").read_bytes())
    return told


def _sampled(
    number: int,
    folder: Path,
    out: Path,
    known: Known,
    kept: dict[str, Sample],
    plan: RoundPlan,
    seed: int,
    log: Callable[[str], object],
    options: dict[str, Any],
) -> tuple[dict[str, Any], dict[str, Sample]]:
    """Return what a round sampled: counts, and the good circuits by hash."""
    path = folder / "sampled.json"
    if path.exists():
        found = json.loads(path.read_text("utf-8"))
        return found["counts"], {key: _read(item) for key, item in found["good"].items()}
    weights = load_weights(out / f"{NAME}.safetensors")
    counts = dict.fromkeys(("sampled", "new", "solved", "kept"), 0)
    good: dict[str, Sample] = {}
    for name, kind in TYPES.items():
        if not kind.testbench:
            continue
        requests = [
            request_of(name, seed + 1000 * number, at, weights, {}) for at in range(plan.per_type)
        ]
        circuits = sample(requests, weights)
        counts["sampled"] += len(circuits)
        fresh: dict[str, Topology] = {}
        for item in circuits:
            key = item.key()
            if not known.has(key) and key not in kept and key not in good:
                fresh.setdefault(key, item)
        counts["new"] += len(fresh)
        said = measure([design(item) for item in fresh.values()], **options)
        for (key, item), verdict in zip(fresh.items(), said, strict=True):
            counts["solved"] += verdict.op_solved
            if verdict.op_solved and verdict.works:
                good[key] = Sample(item, worth_of(verdict), values_of(verdict))
        log(f"round {number}: {name}, {len(good)} kept so far")
    counts["kept"] = len(good)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"counts": counts, "good": {k: asdict(v) for k, v in good.items()}})
    replace_file(path, text.encode())
    return counts, good


def values_of(said: Measured) -> dict[str, float]:
    """Return the conditions that measurements tell."""
    values = {name: value for name, value in said.metrics.items() if name in BINS}
    works = said.op_solved and said.works is not False and said.saturated is not False
    return {**values, "works": float(works)}


def worth_of(said: Measured) -> float:
    """Return how much a circuit is drawn, for what ngspice says of it; 1 where all is well."""
    if not said.op_solved or said.works is False:
        return FAILED
    return UNSATURATED if said.saturated is False else 1.0


def _labelled(
    samples: Sequence[Sample], count: int, seed: int, options: dict[str, Any]
) -> dict[int, Sample]:
    """Return some of the training circuits of each type with what ngspice says of them."""
    rng = np.random.default_rng(seed)
    chosen: list[int] = []
    for name in TYPES:
        own = [at for at, item in enumerate(samples) if item.topology.type == name]
        chosen += [own[at] for at in rng.permutation(len(own))[:count].tolist()]
    said = measure([design(samples[at].topology) for at in chosen], **options)
    return {
        at: Sample(samples[at].topology, samples[at].weight * worth_of(verdict), values_of(verdict))
        for at, verdict in zip(chosen, said, strict=True)
    }


def _read(item: dict[str, Any]) -> Sample:
    known = item["topology"]
    topology = Topology(
        str(known["type"]),
        tuple(int(own) for own in known["net_class"]),
        tuple((int(kind), tuple(int(net) for net in pins)) for kind, pins in known["devices"]),
    )
    return Sample(topology, float(item["weight"]), dict(item["values"]))
