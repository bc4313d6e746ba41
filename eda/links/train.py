"""Trains the link model on any samples: loop, early stopping, calibration, checkpoints."""

from __future__ import annotations

import csv
import json
import math
import time
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.checkpoint import read_checkpoint, write_checkpoint
from eda.links.augment import Augmentation, augment, choose_pins, unite
from eda.links.calibrate import fit_folder, fit_temperature
from eda.links.features import make_features
from eda.links.partial import take_partners
from eda.links.protocol import complete_pins, model_scorer
from eda.links.scene import join_scenes, make_scene, right_pairs
from eda.links.weights import Shape, Weights, save_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import torch

    from eda.links.features import Features
    from eda.links.network import LinkNetwork
    from eda.links.sample import Sample
    from eda.links.scene import Scene

CHECK_EVERY: Final = 500
"""Steps between looks at the validation circuits, which are also the points of resumption."""
VALIDATION_QUERIES: Final = 12
WARM_UP: Final = 100


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """Everything that decides what a training makes, but the data and the seed.

    Attributes:
        shape: Sizes of the model.
        augmentation: How training scenes are made.
        steps: Optimiser steps.
        batch: Scenes per step.
        rate: Highest learning rate; it warms up, then falls along a half cosine.
        decay: Weight decay.
        average: Share of the running mean of the weights that is kept at each step.
        check_every: Steps between looks at the validation circuits; None for ``CHECK_EVERY``.
    """

    shape: Shape = field(default_factory=Shape)
    augmentation: Augmentation = field(default_factory=Augmentation)
    steps: int = 5_000
    batch: int = 48
    rate: float = 2e-3
    decay: float = 0.01
    average: float = 0.998
    check_every: int | None = None


FIRST_STAGE: Final = TrainingPlan(augmentation=Augmentation(partial=0.0))
"""Complete circuits only, each corpus drawn by what it holds."""
SECOND_STAGE: Final = TrainingPlan(steps=1_800, rate=1e-3, check_every=1_800)
"""Partly drawn circuits too, so that "none" is learned, and another draw; from the first stage."""


def train(
    samples: Sequence[Sample],
    importance: Sequence[float],
    validation: Sequence[Sample],
    *,
    out: Path,
    name: str = "links",
    plan: TrainingPlan | None = None,
    seed: int = 0,
    minutes: float | None = None,
    resume: bool = False,
    start: Weights | None = None,
    keep_start: bool = False,
    card: dict[str, Any] | None = None,
    log: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Train a model and write its weights; the same seed and data make the same weights.

    The weights kept are those that did best on the validation circuits.

    Args:
        samples: Training circuits.
        importance: How often each is drawn, relative to the others.
        validation: Circuits for early stopping and for the temperature; none of them, nor
            anything like them, is among the training circuits.
        out: Folder of the run: ``NAME.safetensors``, ``NAME.json``, ``metrics.csv``,
            ``summary.json``, the checkpoint, and ``calibration.json`` for all weights in it.
        name: Name of the weights.
        plan: Sizes, steps and rates.
        seed: Of all that is random.
        minutes: Stop after this time, wherever the training is; the best weights so far are
            written, and ``resume`` can go on.
        resume: Go on from the checkpoint in ``out``, where there is one.
        start: A model to go on from; its sizes are taken.
        keep_start: Whether the start is kept where nothing that comes after does better on the
            validation circuits.
        card: What the model card is to say besides.
        log: Called with a line of progress now and then.

    Returns:
        The summary, as written.
    """
    import torch

    from eda.links.network import LinkNetwork

    plan = plan or TrainingPlan()
    if start is not None:
        plan = replace(plan, shape=start.shape)
    every = plan.check_every or CHECK_EVERY
    say = log or (lambda _: None)
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network, mean = LinkNetwork(plan.shape), LinkNetwork(plan.shape)
    if start is not None:
        network.load_state_dict(
            {name: torch.from_numpy(array.copy()) for name, array in start.arrays.items()}
        )
    mean.load_state_dict(network.state_dict())
    parameters: list[torch.Tensor] = list(network.parameters())
    averages: list[torch.Tensor] = list(mean.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=plan.rate, weight_decay=plan.decay, fused=True)
    best = {key: value.clone() for key, value in mean.state_dict().items()}
    state: dict[str, Any] = {"step": 0, "best_mrr": -1.0, "seconds": 0.0, "history": []}
    run = _Run(network, mean, optimizer, best, state, rng)
    if resume and (out / "checkpoint.json").exists():
        run.load(out, _fingerprint(plan, seed, len(samples)))
        say(f"going on from step {state['step']}")
    elif start is not None and keep_start:
        state["best_mrr"] = _validate(mean, plan.shape, validation)["mrr"]
    chance = np.asarray(importance, dtype=np.float64)
    chance = chance / chance.sum()
    began = time.monotonic() - state["seconds"]
    losses: list[float] = []
    network.train()
    while state["step"] < plan.steps:
        step = state["step"]
        for group in optimizer.param_groups:
            group["lr"] = plan.rate * _rate(step, plan.steps)
        scene, right = _batch(samples, chance, plan, rng)
        loss = _loss(network, scene, right)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        # Without a start the first weights are worth nothing, and are soon forgotten.
        keep = plan.average if start else min(plan.average, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_(averages, parameters, 1 - keep)
        losses.append(float(loss.detach()))
        state["step"] = step + 1
        late = minutes is not None and time.monotonic() - began > 60 * minutes
        if state["step"] % every == 0 or state["step"] == plan.steps or late:
            figures = _validate(mean, plan.shape, validation)
            if figures["mrr"] > state["best_mrr"]:
                state["best_mrr"] = figures["mrr"]
                for key, value in mean.state_dict().items():
                    best[key].copy_(value)
            state["seconds"] = time.monotonic() - began
            state["history"].append(
                {"step": state["step"], "loss": float(np.mean(losses)), **figures}
            )
            losses.clear()
            run.save(out, _fingerprint(plan, seed, len(samples)))
            say(
                f"step {state['step']} of {plan.steps}, {state['seconds']:.0f} s:"
                f" loss {state['history'][-1]['loss']:.3f},"
                f" validation Hits@1 {figures['hits_at_1']:.3f}, MRR {figures['mrr']:.3f}"
            )
        if late:
            break
    return _finish(run, plan, validation, out, name, seed, card or {})


class _Run:
    """The state of a training, which checkpoints save and restore."""

    def __init__(
        self,
        network: LinkNetwork,
        mean: LinkNetwork,
        optimizer: torch.optim.Optimizer,
        best: dict[str, torch.Tensor],
        state: dict[str, Any],
        rng: np.random.Generator,
    ) -> None:
        self.network = network
        self.mean = mean
        self.optimizer = optimizer
        self.best = best
        self.state = state
        self.rng = rng

    def save(self, out: Path, fingerprint: str) -> None:
        """Write a checkpoint, and its text beside it for people."""
        text = write_checkpoint(
            out,
            fingerprint=fingerprint,
            modules=self._modules,
            optimizer=self.optimizer,
            rng=self.rng,
            state=self.state,
            best=self.best,
        )
        (out / "checkpoint.json").write_text(json.dumps(text), "utf-8")

    def load(self, out: Path, fingerprint: str) -> None:
        """Restore a checkpoint.

        Raises:
            WeightsError: It belongs to another plan, seed or set of circuits.
        """
        text, best = read_checkpoint(
            out,
            fingerprint=fingerprint,
            modules=self._modules,
            optimizer=self.optimizer,
            rng=self.rng,
        )
        self.state.update(text)
        for key, value in best.items():
            self.best[key].copy_(value)

    @property
    def _modules(self) -> dict[str, torch.nn.Module]:
        return {"network": self.network, "mean": self.mean}


def _batch(
    samples: Sequence[Sample],
    chance: Any,
    plan: TrainingPlan,
    rng: np.random.Generator,
) -> tuple[Scene, Any]:
    """Make the scenes of one step, and which of their pairs are right."""
    rule = plan.augmentation
    scenes, rights = [], []
    for at in rng.choice(len(samples), plan.batch, p=chance):
        sample = samples[at]
        if rng.random() < rule.unite:
            sample = unite(sample, samples[rng.choice(len(samples), p=chance)], rng)
        sample = augment(sample, rule, rng)
        partial = rng.random() < rule.partial
        if partial:
            sample = take_partners(sample, rng)
        lonely = partial and rng.random() < rule.lonely
        scene = make_scene(sample, choose_pins(sample, rule, rng, lonely=lonely))
        scenes.append(scene)
        rights.append(right_pairs(scene, sample))
    return join_scenes(scenes), np.concatenate(rights)


def _loss(network: LinkNetwork, scene: Scene, right: Any) -> torch.Tensor:
    """Return minus the log probability of the right answers.

    A scene with k open pins weighs as much as the square root of k scenes with one.
    """
    import torch

    data = tensors(make_features(scene))
    pair, none = network(data)
    queries = scene.num_queries
    highest = none.detach().scatter_reduce(0, data.pair_query, pair.detach(), "amax")
    mass = torch.exp(pair - highest[data.pair_query])
    none_mass = torch.exp(none - highest)
    zero = torch.zeros(queries)
    good = torch.from_numpy(right)
    total = zero.index_add(0, data.pair_query, mass) + none_mass
    hit = zero.index_add(0, data.pair_query, mass * good)
    answered = zero.index_add(0, data.pair_query, good.float()) > 0
    hit = torch.where(answered, hit, none_mass)
    loss = torch.log(total) - torch.log(hit + 1e-12)
    graph = torch.from_numpy(scene.net_graph.astype(np.int64))[data.query_net]
    weight = torch.bincount(graph, minlength=scene.num_graphs)[graph].rsqrt()
    return (loss * weight).sum() / weight.sum()


def tensors(features: Features[Any]) -> Features[torch.Tensor]:
    """Return features as torch tensors (sharing memory)."""
    import torch

    return features.map(torch.from_numpy)


def _rate(step: int, steps: int) -> float:
    return min(1.0, (step + 1) / WARM_UP) * (
        0.5 * (1 + math.cos(math.pi * min(1.0, step / steps))) + 0.01
    )


def _as_weights(state: dict[str, torch.Tensor], shape: Shape, temperature: float = 1.0) -> Weights:
    arrays = {key: value.detach().numpy().astype(np.float32) for key, value in state.items()}
    return Weights(shape, arrays, temperature, {})


def _validate(mean: LinkNetwork, shape: Shape, samples: Sequence[Sample]) -> dict[str, float]:
    scorer = model_scorer([_as_weights(mean.state_dict(), shape)])
    return complete_pins(samples, scorer, queries=VALIDATION_QUERIES).figures()


def _fingerprint(plan: TrainingPlan, seed: int, count: int) -> str:
    return json.dumps([asdict(plan), seed, count], sort_keys=True)


def _finish(
    run: _Run,
    plan: TrainingPlan,
    validation: Sequence[Sample],
    out: Path,
    name: str,
    seed: int,
    card: dict[str, Any],
) -> dict[str, Any]:
    weights = _as_weights(run.best, plan.shape)
    temperature = fit_temperature(weights, validation)
    weights = Weights(plan.shape, weights.arrays, temperature, {})
    figures = complete_pins(validation, model_scorer([weights])).figures()
    summary: dict[str, Any] = {
        "name": name,
        "seed": seed,
        "steps": run.state["step"],
        "minutes": round(run.state["seconds"] / 60, 1),
        "parameters": sum(array.size for array in weights.arrays.values()),
        "temperature": round(temperature, 4),
        **{f"validation_{key}": round(value, 4) for key, value in figures.items()},
    }
    save_weights(
        out / f"{name}.safetensors",
        weights.arrays,
        shape=plan.shape,
        temperature=temperature,
        card={**card, **summary, "plan": asdict(plan)},
    )
    fit_folder(out, validation, about=f"{len(validation)} validation circuits")
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", "utf-8")
    with (out / "metrics.csv").open("w", newline="", encoding="utf-8") as file:
        history = run.state["history"]
        writer = csv.DictWriter(file, fieldnames=list(history[0]) if history else ["step"])
        writer.writeheader()
        writer.writerows(history)
    return summary
