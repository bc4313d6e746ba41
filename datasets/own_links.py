"""Trains the link predictor on a folder of one's own netlists, from the shipped weights or anew."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eda.datasets.own_circuits import OwnCircuits, read_own
from eda.datasets.splits import PARTS, Part, groups
from eda.errors import DatasetError
from eda.graph import circuit_graph
from eda.links.sample import Sample, make_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eda.links.train import TrainingPlan
    from eda.links.weights import Weights

LEAST_GROUPS: Final = 8
"""Distinct circuits without which there is nothing to train and nothing to test on."""
TEST_SHARE: Final = 0.15
VALIDATION_SHARE: Final = 0.1
KEPT_BACK: Final = 2
"""Groups that are at least kept for validation, and as many for the test."""
QUERIES: Final = 60
"""Pins asked of each held-out circuit at most."""
TUNING_STEPS: Final = 240
TUNING_RATE: Final = 3e-4
TUNING_BATCH: Final = 16
CHECK_EVERY: Final = 40


def train_own_links(
    folder: Path,
    *,
    out: Path,
    start: str = "shipped",
    seed: int = 0,
    minutes: float | None = 30.0,
    resume: bool = False,
    plan: TrainingPlan | None = None,
    log: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Train the link predictor on one's own netlists and compare before with after.

    Circuits are split by canonical hash; those held out are asked before and after. The weights
    kept are those that did best on the validation circuits, the ones at the start included, so
    that training never makes matters worse there.

    Args:
        folder: Netlists in any dialect that is read.
        out: Folder for the weights, one file per model; ``eda predict-links --weights`` takes
            it. Checkpoints and metrics go to ``training`` in it.
        start: ``shipped`` to go on from every shipped model, ``scratch`` to start anew, or a
            folder of weights.
        seed: Of the split and of the training.
        minutes: For all models together; None for as long as it takes.
        resume: Go on from the checkpoints in ``out``.
        plan: Steps and rates, where the usual ones will not do.
        log: Called with a line of progress now and then.

    Returns:
        Counts of circuits, and figures of protocol P1 on the held-out ones: ``before``
        (None from scratch) and ``after``.

    Raises:
        DatasetError: There are too few circuits, or none.
        WeightsError: The weights to start from cannot be read.
    """
    from eda.links.train import train

    say = log or (lambda _: None)
    own = read_own(folder, log=log)
    parts = split_own(own, folder, seed=seed)
    say(", ".join(f"{len(parts[part])} circuits to {_USE[part]}" for part in PARTS))
    models = _start(start)
    before = None if models is None else _figures(parts["test"], models, seed)
    if before is not None:
        say(f"before: Hits@1 {before['hits_at_1']:.3f}, MRR {before['mrr']:.3f}")
    starts: list[Weights | None] = [None] if models is None else [*models]
    until = None if minutes is None else time.monotonic() + 60 * minutes
    for number, model in enumerate(starts):
        name = f"own-{number}"
        left = None if until is None else max(until - time.monotonic(), 0.0) / 60
        say(f"model {number + 1} of {len(starts)}")
        train(
            parts["train"],
            [math.sqrt(len(sample.edge_net)) for sample in parts["train"]],
            parts["validation"],
            out=out / "training" / name,
            name=name,
            plan=plan or _plan(model),
            seed=seed + number,
            minutes=None if left is None else left / (len(starts) - number),
            resume=resume,
            start=model,
            keep_start=True,
            card={
                "title": "Link predictor, trained on one's own netlists",
                "command": f"eda train links --data {folder} --from {start} --seed {seed}",
                "training_circuits": len(parts["train"]),
                "validation_circuits": len(parts["validation"]),
            },
            log=log,
        )
        for suffix in (".safetensors", ".json"):
            _copy(out / "training" / name / f"{name}{suffix}", out / f"{name}{suffix}")
    from eda.links.weights import load_weights

    tuned = [load_weights(out / f"own-{number}.safetensors") for number in range(len(starts))]
    return {
        "files": own.files,
        "passed_over": len(own.passed_over),
        **{f"circuits_{part}": len(parts[part]) for part in PARTS},
        "models": len(tuned),
        "before": before,
        "after": _figures(parts["test"], tuned, seed),
    }


_USE: Final = {"train": "train on", "validation": "choose by", "test": "test on"}


def split_own(own: OwnCircuits, folder: Path, *, seed: int = 0) -> dict[Part, list[Sample]]:
    """Return the samples of each part; equal circuits, and those of one group, stay together.

    Raises:
        DatasetError: There are fewer than ``LEAST_GROUPS`` distinct circuits.
    """
    together = [
        (min(own.circuits[at].name for at in members), members) for members in groups(own.circuits)
    ]
    if len(together) < LEAST_GROUPS:
        reason = f"; {len(own.passed_over)} files could not be read" if own.passed_over else ""
        raise DatasetError(
            f"{folder}: holds {len(together)} distinct circuits of three devices or more, in "
            f"{own.files} netlists{reason}; training takes at least {LEAST_GROUPS}, because "
            f"{2 * KEPT_BACK} are kept back to choose and to test: add netlists"
        )
    together.sort(key=lambda item: sha256(f"{seed}:{item[0]}".encode()).digest())
    total = sum(len(members) for _, members in together)
    left = [members for _, members in together]
    chosen: dict[Part, list[list[int]]] = {
        "test": _take(left, TEST_SHARE * total),
        "validation": _take(left, VALIDATION_SHARE * total),
        "train": left,
    }
    result: dict[Part, list[Sample]] = {}
    for part, members in chosen.items():
        # Of equal circuits one is enough to choose and to test by.
        kept = [
            at for group in members for at in (group if part == "train" else _one_each(own, group))
        ]
        result[part] = [
            make_sample(circuit_graph(own.circuits[at].circuit), name=own.circuits[at].name)
            for at in sorted(kept)
        ]
    return result


def _take(left: list[list[int]], wanted: float) -> list[list[int]]:
    """Take groups from a list until so many circuits are together; large groups stay."""
    taken: list[list[int]] = []
    small = [members for members in left if len(members) <= max(wanted / KEPT_BACK, 1)]
    for members in small if len(small) >= KEPT_BACK else sorted(left, key=len)[:KEPT_BACK]:
        if len(taken) >= KEPT_BACK and sum(map(len, taken)) >= wanted:
            break
        taken.append(members)
    left[:] = [members for members in left if members not in taken]
    return taken


def _one_each(own: OwnCircuits, group: Sequence[int]) -> list[int]:
    from eda.datasets.splits import split_hash

    first: dict[str, int] = {}
    for at in group:
        first.setdefault(split_hash(own.circuits[at]), at)
    return list(first.values())


def _start(start: str) -> list[Weights] | None:
    from eda.links.weights import SHIPPED, shipped_weights, weights_in

    if start == "scratch":
        return None
    if start == "shipped":
        return [shipped_weights(name) for name in SHIPPED]
    return weights_in(Path(start))


def _plan(model: Weights | None) -> TrainingPlan:
    from eda.links.train import TrainingPlan

    if model is None:
        return TrainingPlan()
    return replace(
        TrainingPlan(),
        steps=TUNING_STEPS,
        rate=TUNING_RATE,
        batch=TUNING_BATCH,
        check_every=CHECK_EVERY,
    )


def _figures(samples: Sequence[Sample], models: Sequence[Weights], seed: int) -> dict[str, Any]:
    """Return the figures of P1, with a 95 % interval of Hits@1, and how many pins were asked."""
    from eda.links.protocol import complete_pins, model_scorer

    answers = complete_pins(samples, model_scorer(models), seed=seed, queries=QUERIES)
    low, high = answers.intervals(seed=seed).get("hits_at_1", (0.0, 0.0))
    return {
        **{name: round(value, 4) for name, value in answers.figures().items()},
        "hits_at_1_95": [round(low, 4), round(high, 4)],
        "pins": len(answers.rank),
    }


def _copy(source: Path, target: Path) -> None:
    part = target.with_name(f"{target.name}.part")
    part.write_bytes(source.read_bytes())
    part.replace(target)
