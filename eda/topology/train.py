"""Trains the generator on any circuits: loop, validation in bits per device, checkpoints."""

from __future__ import annotations

import csv
import json
import math
import time
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.checkpoint import read_checkpoint, write_checkpoint
from eda.topology.batches import Sample, lesson, make_batch
from eda.topology.conditions import structure_of
from eda.topology.mirror import upside_down
from eda.topology.shape import Shape
from eda.topology.types import UNTYPED
from eda.topology.weights import NAME, Weights, save_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import torch

    from eda.topology.features import Lesson
    from eda.topology.network import TopologyNetwork

WARM_UP: Final = 200
POOL: Final = 4
"""So many batches are drawn at once and sorted by length, so that little is padded."""


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """Everything that decides what a training makes, but the data and the seed.

    Attributes:
        shape: Sizes of the model.
        steps: Optimiser steps.
        batch: Circuits per step.
        rate: Highest learning rate; it warms up, then falls along a half cosine.
        decay: Weight decay.
        average: Share of the running mean of the weights that is kept at each step.
        keep: Chance that a condition that is known is told.
        untyped: Chance that the type is not told.
        flip: Chance that a circuit with both rails is turned upside down.
        check_every: Steps between looks at the validation circuits and checkpoints.
        best: Keep the weights that were best on the validation circuits; else the last ones.
        mixed: Multiply in bfloat16; faster where the processor can, far slower where it cannot.
    """

    shape: Shape = field(default_factory=Shape)
    steps: int = 7_000
    batch: int = 32
    rate: float = 1.2e-3
    decay: float = 0.02
    average: float = 0.998
    keep: float = 0.5
    untyped: float = 0.15
    flip: float = 0.1
    check_every: int = 250
    best: bool = True
    mixed: bool = False


def train(
    samples: Sequence[Sample],
    validation: Sequence[Sample],
    *,
    out: Path,
    plan: TrainingPlan | None = None,
    seed: int = 0,
    minutes: float | None = None,
    resume: bool = False,
    start: Weights | None = None,
    card: Mapping[str, Any] | None = None,
    log: Callable[[str], object] | None = None,
) -> dict[str, Any]:
    """Train a model and write its weights; the same seed and data make the same weights.

    The weights kept are those that gave the validation circuits the fewest bits per device.

    Args:
        samples: Training circuits.
        validation: Circuits for early stopping, none of them among the training circuits.
        out: Folder of the run: weights, card, ``metrics.csv``, ``summary.json``, checkpoint.
        plan: Sizes, steps and rates.
        seed: Of all that is random.
        minutes: Stop after this time; the learning rate falls to its end by then.
        resume: Go on from the checkpoint in ``out``, where there is one.
        start: A model to go on from; its sizes are taken.
        card: What the model card is to say besides.
        log: Called with a line of progress now and then.

    Returns:
        The summary, as written.

    Raises:
        WeightsError: The checkpoint is of another training.
    """
    import torch

    from eda.topology.network import TopologyNetwork

    plan = plan or TrainingPlan()
    if start is not None:
        plan = replace(plan, shape=replace(start.shape, dropout=plan.shape.dropout))
    say = log or (lambda _: None)
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    network, mean = TopologyNetwork(plan.shape), TopologyNetwork(plan.shape)
    if start is not None:
        network.load_state_dict(
            {name: torch.from_numpy(array.copy()) for name, array in start.arrays.items()}
        )
    mean.load_state_dict(network.state_dict())
    mean.eval()
    run = _Run(network, mean, plan, np.random.default_rng(seed))
    mark = json.dumps([asdict(plan), seed, len(samples)], sort_keys=True)
    if resume and (out / "checkpoint.safetensors").exists():
        run.load(out, mark)
        say(f"going on from step {run.state['step']}")
    held = _held_out(validation)
    began = time.monotonic() - run.state["seconds"]
    losses: list[float] = []
    network.train()
    source = _Source(samples, plan, run)
    source.resume()
    while run.state["step"] < plan.steps:
        done = run.state["step"] / plan.steps
        if minutes is not None:
            done = max(done, (time.monotonic() - began) / (60 * minutes))
        for group in run.optimizer.param_groups:
            group["lr"] = plan.rate * _rate(run.state["step"], done)
        loss = _loss(network, *source.draw(), mixed=plan.mixed)
        run.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        run.optimizer.step()
        step = run.state["step"] + 1
        keep = min(plan.average, step / (10 + step)) if start is None else plan.average
        with torch.no_grad():
            for slow, fast in zip(mean.parameters(), network.parameters(), strict=True):
                slow.lerp_(fast, 1 - keep)
        losses.append(float(loss.detach()))
        run.state["step"] = step
        late = minutes is not None and time.monotonic() - began > 60 * minutes
        if step % plan.check_every == 0 or step == plan.steps or late:
            bits = _bits(mean, held)
            if bits < run.state["best_bits"] or not plan.best:
                run.state["best_bits"] = bits
                run.best = {key: value.clone() for key, value in mean.state_dict().items()}
            run.state["seconds"] = time.monotonic() - began
            loss_now = float(np.mean(losses))
            run.state["history"].append({"step": step, "loss": loss_now, "bits": bits})
            losses.clear()
            run.save(out, mark)
            say(
                f"step {step} of {plan.steps}, {run.state['seconds']:.0f} s: loss {loss_now:.3f}, "
                f"{bits:.2f} bits per device on validation"
            )
        if late:
            break
    return _finish(run, out, seed, card or {})


def has_bfloat16() -> bool:
    """Return whether this processor multiplies bfloat16 by itself; see `TrainingPlan.mixed`."""
    import torch

    # Torch has no public question for this yet; without an answer, plain floats are right.
    asked = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(asked and asked())


class _Source:
    """Draws batches of circuits of about one length."""

    def __init__(self, samples: Sequence[Sample], plan: TrainingPlan, run: _Run) -> None:
        self.samples, self.plan, self.run = samples, plan, run
        weights = np.array([item.weight for item in samples], dtype=np.float64)
        self.chance = weights / weights.sum()
        self.values = [{**structure_of(item.topology), **item.values} for item in samples]
        self.waiting: list[list[tuple[Lesson, dict[str, float]]]] = []

    def draw(self) -> tuple[list[Lesson], list[dict[str, float]]]:
        """Return the circuits of the next step, with the conditions that are told."""
        if not self.waiting:
            self.run.pool = (self.run.rng.bit_generator.state, 0)
            self._fill()
        self.run.pool = (self.run.pool[0], self.run.pool[1] + 1)
        batch = self.waiting.pop()
        return [item for item, _ in batch], [values for _, values in batch]

    def resume(self) -> None:
        """Draw again what was drawn and not used when the checkpoint was written."""
        state, used = self.run.pool
        if used:
            self.run.rng.bit_generator.state = state
            self._fill()
            del self.waiting[len(self.waiting) - used :]

    def _fill(self) -> None:
        rng, plan = self.run.rng, self.plan
        made = [
            self._one(int(at))
            for at in rng.choice(len(self.samples), POOL * plan.batch, p=self.chance)
        ]
        made.sort(key=lambda item: len(item[0]))
        groups = [made[at : at + plan.batch] for at in range(0, len(made), plan.batch)]
        self.waiting = [groups[at] for at in rng.permutation(len(groups)).tolist()]

    def _one(self, at: int) -> tuple[Lesson, dict[str, float]]:
        rng = self.run.rng
        topology, values = self.samples[at].topology, self.values[at]
        if rng.random() < self.plan.flip:
            turned = upside_down(topology)
            if turned is not None:
                topology, values = turned, {**values, **structure_of(turned)}
        # All conditions are left out now and then, else each of them by itself.
        none = rng.random() < 0.2
        told = {
            name: value
            for name, value in values.items()
            if not none and rng.random() < self.plan.keep
        }
        made = lesson(topology, rng)
        if rng.random() < self.plan.untyped:
            made = replace(made, type=UNTYPED)
        return made, told


class _Run:
    """The state of a training, which checkpoints save and restore."""

    def __init__(
        self,
        network: TopologyNetwork,
        mean: TopologyNetwork,
        plan: TrainingPlan,
        rng: np.random.Generator,
    ) -> None:
        import torch

        self.network, self.mean, self.plan, self.rng = network, mean, plan, rng
        self.optimizer = torch.optim.AdamW(
            network.parameters(), lr=plan.rate, weight_decay=plan.decay, betas=(0.9, 0.98)
        )
        self.best = {key: value.clone() for key, value in mean.state_dict().items()}
        self.pool: tuple[Any, int] = (rng.bit_generator.state, 0)
        self.state: dict[str, Any] = {
            "step": 0,
            "best_bits": math.inf,
            "seconds": 0.0,
            "history": [],
        }

    def save(self, out: Path, mark: str) -> None:
        """Write a checkpoint."""
        write_checkpoint(
            out,
            fingerprint=mark,
            modules=self._modules,
            optimizer=self.optimizer,
            rng=self.rng,
            state={**self.state, "pool": self.pool},
            best=self.best,
        )

    def load(self, out: Path, mark: str) -> None:
        """Restore a checkpoint.

        Raises:
            WeightsError: It belongs to another plan, seed or set of circuits.
        """
        text, self.best = read_checkpoint(
            out, fingerprint=mark, modules=self._modules, optimizer=self.optimizer, rng=self.rng
        )
        state, used = text.pop("pool")
        self.pool = (state, int(used))
        self.state.update(text)

    @property
    def _modules(self) -> dict[str, torch.nn.Module]:
        return {"network": self.network, "mean": self.mean}


def _loss(
    network: TopologyNetwork,
    lessons: Sequence[Lesson],
    told: Sequence[Mapping[str, float]],
    *,
    mixed: bool,
) -> torch.Tensor:
    """Return the mean over decisions of minus the log probability of what was decided."""
    import torch

    batch = make_batch(lessons, told)
    with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
        scores = network(batch).float()
    return torch.nn.functional.cross_entropy(
        scores.flatten(0, 1), batch.words.flatten(), ignore_index=-1
    )


def _held_out(validation: Sequence[Sample]) -> list[tuple[list[Lesson], int]]:
    """Return the validation circuits in batches of one length, always in the same order."""
    rng = np.random.default_rng(1)
    made = sorted((lesson(item.topology, rng) for item in validation), key=len)
    return [
        (made[at : at + 32], sum(_devices(item) for item in made[at : at + 32]))
        for at in range(0, len(made), 32)
    ]


def _devices(item: Lesson) -> int:
    # A decision about a kind comes before each device, and one more at the end.
    return int((item.slots == 1).sum()) - 1


def _bits(network: TopologyNetwork, held: Sequence[tuple[list[Lesson], int]]) -> float:
    """Return bits per device of circuits: all that is decided after the ports."""
    import torch

    total, devices = 0.0, 0
    with torch.no_grad():
        for lessons, count in held:
            batch = make_batch(lessons, [{}] * len(lessons))
            scores = torch.log_softmax(network(batch), dim=2)
            picked = scores.gather(2, batch.words.clamp(min=0).unsqueeze(2)).squeeze(2)
            counted = (batch.words >= 0) & (batch.slots > 0)
            total -= float(picked[counted].sum()) / math.log(2)
            devices += count
    return total / max(devices, 1)


def _rate(step: int, done: float) -> float:
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
    return min(1.0, (step + 1) / WARM_UP) * (cosine + 0.01)


def _finish(run: _Run, out: Path, seed: int, card: Mapping[str, Any]) -> dict[str, Any]:
    arrays = {key: value.detach().numpy() for key, value in run.best.items()}
    summary: dict[str, Any] = {
        "name": NAME,
        "seed": seed,
        "steps": run.state["step"],
        "minutes": round(run.state["seconds"] / 60, 1),
        "parameters": sum(array.size for array in arrays.values()),
        "validation_bits_per_device": round(run.state["best_bits"], 4),
    }
    whole = {**card, **summary, "plan": asdict(run.plan)}
    save_weights(out / f"{NAME}.safetensors", arrays, shape=run.plan.shape, card=whole)
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", "utf-8")
    with (out / "metrics.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=["step", "loss", "bits"])
        writer.writeheader()
        writer.writerows(run.state["history"])
    return summary
