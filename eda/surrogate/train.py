"""Trains the network on simulated designs of several cases: folds, loop, checkpoints, margins."""

from __future__ import annotations

import csv
import json
import math
import time
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.checkpoint import NAME as CHECKPOINT
from eda.checkpoint import read_checkpoint, write_checkpoint
from eda.errors import WeightsError
from eda.surrogate.calibrate import calibrate
from eda.surrogate.ensemble import LEAST_SPREAD, MOST_SPREAD, SPREAD_SHIFT
from eda.surrogate.graphs import STAGES
from eda.surrogate.samples import folds_of
from eda.surrogate.weights import (
    CALIBRATION,
    Shape,
    Weights,
    load_weights,
    save_weights,
)
from eda.tensors import replace_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import torch
    from numpy.typing import NDArray

    from eda.surrogate.network import SurrogateNetwork
    from eda.surrogate.samples import Sample

BATCH: Final = 64


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """Everything that decides what a training makes, but the data and the seed.

    Attributes:
        shape: Sizes of the network.
        steps: Optimiser steps of each member.
        rate: Highest learning rate; it falls along a half cosine.
        decay: Weight decay.
        folds: Groups of topologies; each member leaves one out.
        check_every: Steps between checkpoints.
    """

    shape: Shape = field(default_factory=Shape)
    steps: int = 1000
    rate: float = 3e-3
    decay: float = 1e-3
    folds: int = 4
    check_every: int = 200


def train(
    samples: Sequence[Sample],
    *,
    out: Path,
    plan: TrainingPlan | None = None,
    seed: int = 0,
    minutes: float | None = None,
    resume: bool = False,
    card: Mapping[str, Any] | None = None,
    log: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Train a network for each fold of topologies; together they are the surrogate.

    A member never saw the topologies of its fold. The errors it makes there give the margins of
    the intervals for circuits not trained on.

    Args:
        samples: Cases.
        out: Folder of the run: ``surrogate-N.safetensors`` and ``.json``, ``calibration.json``,
            ``metrics.csv``, ``summary.json``, and a checkpoint.
        plan: Sizes, steps and rates.
        seed: Of all that is random.
        minutes: Stop after this time; ``resume`` goes on.
        resume: Go on from the checkpoint and the finished members in ``out``.
        card: What the cards are to say besides.
        log: Called with a line of progress now and then.

    Returns:
        The summary, as written.
    """
    plan = plan or TrainingPlan()
    say = log or (lambda _: None)
    out.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    deadline = None if minutes is None else began + 60 * minutes
    groups = folds_of(samples, plan.folds)
    mark = _fingerprint(plan, seed, samples)
    members: list[Weights] = []
    history: list[dict[str, Any]] = []
    for fold in range(len(groups)):
        kept = [item for item in samples if item.topology not in groups[fold]]
        path = out / f"surrogate-{fold}.safetensors"
        about = {
            **(card or {}),
            "cases": {item.case: item.topology for item in kept},
            "unseen": sorted(i.case for i in samples if i.topology in groups[fold]),
            "seed": seed,
            "steps": plan.steps,
            "fingerprint": f"{mark}-{fold}",
        }
        done = _finished(path, about["fingerprint"]) if resume else None
        if done is None:
            arrays = _member(
                kept,
                plan,
                seed * 100 + fold,
                out,
                about["fingerprint"],
                resume,
                deadline,
                say,
                history,
                fold,
            )
            if arrays is None:
                return {"finished": False, "members": len(members)}
            save_weights(path, arrays, shape=plan.shape, card=about)
            done = load_weights(path)
        members.append(done)
    calibration = calibrate(samples, members, groups)
    text = json.dumps(calibration, indent=2, sort_keys=True) + "\n"
    replace_file(out / CALIBRATION, text.encode())
    summary = {
        "finished": True,
        "members": len(members),
        "parameters": sum(array.size for array in members[0].arrays.values()),
        "cases": len(samples),
        "designs": sum(len(item.alive) for item in samples),
        "minutes": round((time.monotonic() - began) / 60, 1),
        "coverage_unseen": calibration["coverage_unseen"],
    }
    replace_file(out / "summary.json", (json.dumps(summary, indent=2) + "\n").encode())
    (out / CHECKPOINT).unlink(missing_ok=True)
    if history:
        with (out / "metrics.csv").open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, fieldnames=list(history[0]))
            writer.writeheader()
            writer.writerows(history)
    return summary


def _finished(path: Path, mark: str) -> Weights | None:
    from eda.errors import WeightsError

    try:
        found = load_weights(path)
    except WeightsError:
        return None
    return found if found.card.get("fingerprint") == mark else None


def _member(
    samples: Sequence[Sample],
    plan: TrainingPlan,
    seed: int,
    out: Path,
    mark: str,
    resume: bool,
    deadline: float | None,
    say: Callable[[str], None],
    history: list[dict[str, Any]],
    fold: int,
) -> dict[str, NDArray[Any]] | None:
    """Return the parameters of one member; None where the time is over."""
    import torch

    from eda.surrogate.network import SurrogateNetwork

    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = SurrogateNetwork(plan.shape)
    optimizer = torch.optim.AdamW(network.parameters(), lr=plan.rate, weight_decay=plan.decay)
    step = _load(out, mark, network, optimizer, rng) if resume else 0
    losses: list[float] = []
    while step < plan.steps:
        for group in optimizer.param_groups:
            ramp = min(1.0, (step + 1) / 50)
            group["lr"] = (
                plan.rate * ramp * (0.5 * (1 + math.cos(math.pi * step / plan.steps)) + 0.01)
            )
        sample = samples[int(rng.integers(len(samples)))]
        which = rng.integers(len(sample.alive), size=BATCH)
        loss = _loss(network, sample, which, rng)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        losses.append(float(loss.detach()))
        step += 1
        late = deadline is not None and time.monotonic() > deadline
        if step % plan.check_every == 0 or late:
            _save(out, mark, network, optimizer, rng, step)
            mean = float(np.mean(losses))
            history.append({"member": fold, "step": step, "loss": round(mean, 5)})
            say(f"member {fold}, step {step} of {plan.steps}: loss {mean:.3f}")
            losses.clear()
        if late and step < plan.steps:
            return None
    return {key: value.detach().numpy() for key, value in network.state_dict().items()}


def _loss(
    network: SurrogateNetwork, sample: Sample, which: NDArray[Any], rng: np.random.Generator
) -> torch.Tensor:
    """Return minus the log probability of the metrics: a t distribution, which bears outliers."""
    import torch

    inputs = sample.inputs.take(which)
    graph = inputs.graph
    target, defined = sample.target[which], sample.defined[which]
    # Stages before a random one are known, as if they had been measured, half of the time.
    until = int(rng.integers(len(STAGES)))
    share = rng.random(len(which)) < 0.5
    is_known = (share[:, None] & (graph.stages < until)) * defined
    # Now and then a first answer is missing, as it is where the equations know less.
    there = inputs.there * (rng.random(inputs.there.shape) > 0.08)
    tensors = [
        torch.from_numpy(np.ascontiguousarray(array))
        for array in (
            graph.links,
            inputs.device,
            inputs.net,
            inputs.answer * there.astype(np.float32),
            there.astype(np.float32),
            graph.kinds,
            graph.stages,
            graph.plus,
            graph.minus,
            target,
            is_known.astype(np.float32),
        )
    ]
    value, log_spread, exists, alive = network(*tensors)
    goal, mask = torch.from_numpy(target), torch.from_numpy(defined)
    log_spread = torch.clamp(log_spread + SPREAD_SHIFT, LEAST_SPREAD, MOST_SPREAD)
    error = (value - goal) * torch.exp(-log_spread)
    fit = (log_spread + 2.5 * torch.log1p(error**2 / 4)) * mask
    cross = torch.nn.functional.binary_cross_entropy_with_logits
    return (
        fit.sum() / mask.sum().clamp(min=1.0)
        + 0.3 * cross(exists, mask)
        + 0.3 * cross(alive, torch.from_numpy(sample.alive[which]))
    )


def _fingerprint(plan: TrainingPlan, seed: int, samples: Sequence[Sample]) -> str:
    text = json.dumps(
        [asdict(plan), seed, [(i.case, len(i.alive), float(i.target.sum())) for i in samples]]
    )
    return sha256(text.encode()).hexdigest()[:16]


def _save(
    out: Path,
    mark: str,
    network: SurrogateNetwork,
    optimizer: torch.optim.Optimizer,
    rng: np.random.Generator,
    step: int,
) -> None:
    write_checkpoint(
        out,
        fingerprint=mark,
        modules={"network": network},
        optimizer=optimizer,
        rng=rng,
        state={"step": step},
    )


def _load(
    out: Path,
    mark: str,
    network: SurrogateNetwork,
    optimizer: torch.optim.Optimizer,
    rng: np.random.Generator,
) -> int:
    """Restore a checkpoint, and return its step; 0 where there is none of this member."""
    if not (out / CHECKPOINT).is_file():
        return 0
    try:
        text, _ = read_checkpoint(
            out, fingerprint=mark, modules={"network": network}, optimizer=optimizer, rng=rng
        )
    except WeightsError:  # of another member
        return 0
    return int(text["step"])
