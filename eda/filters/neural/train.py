"""Training of the neural simulator: through the corrected circuit, on full wave's S-parameters."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.checkpoint import NAME as CHECKPOINT
from eda.checkpoint import read_checkpoint, write_checkpoint
from eda.filters.neural.circuit import corrected_scattering
from eda.filters.neural.features import Features
from eda.filters.neural.network import Shape, first_weights, predicted
from eda.filters.neural.samples import Batch, Solved, batches_of

if TYPE_CHECKING:
    import torch

FLOOR_DB: Final = -40.0
_MATCH_DB: Final = -25.0
Log = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides what a training makes, but the data and the seed.

    Attributes:
        shape: Sizes of the network.
        epochs: How often each layout is seen.
        batch: Most layouts of a step.
        rate: Highest learning rate; it falls as a half cosine.
        decay: Weight decay.
        jitter: Noise on features while learning, in their standard deviations.
        wave: Weight of the complex difference of S beside that in decibels.
        match: Weight of the decibels of S11 and S22.
        prior: Whether what is published of discontinuities stands before the network.
    """

    shape: Shape = field(default_factory=Shape)
    epochs: int = 60
    batch: int = 8
    rate: float = 3e-3
    decay: float = 3e-3
    jitter: float = 0.1
    wave: float = 5.0
    match: float = 0.2
    prior: bool = True


def train_member(
    training: Sequence[Solved],
    validation: Sequence[Solved],
    *,
    out: Path,
    plan: Plan | None = None,
    seed: int = 0,
    minutes: float = 60.0,
    resume: bool = False,
    log: Log = lambda _text: None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Train one network; the weights that were best on validation are kept.

    Args:
        training: Layouts to learn from.
        validation: Other layouts.
        out: Folder of the run, where its checkpoint goes.
        plan: Sizes and rates.
        seed: Where chance starts.
        minutes: Stop after so long.
        resume: Go on from the checkpoint there.
        log: Called with what is being done.

    Returns:
        Weights by name, as numpy arrays, and epochs, seconds and errors.
    """
    import torch

    plan = plan or Plan()
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    batches = batches_of(training, prior=plan.prior)
    held = [tensors(batch) for batch in batches_of(validation, prior=plan.prior)]
    fixed = scales(batches)
    made = first_weights(plan.shape, rng)
    weights = torch.nn.ParameterDict(
        {
            name.replace(".", "/"): torch.nn.Parameter(torch.from_numpy(array))
            for name, array in made.items()
            if name not in fixed
        }
    )
    constant = {name: torch.from_numpy(array) for name, array in fixed.items()}
    optimizer = torch.optim.AdamW(weights.parameters(), plan.rate, weight_decay=plan.decay)
    state: dict[str, Any] = {"epoch": 0, "error_db": math.inf}
    best: dict[str, torch.Tensor] = {}
    common: dict[str, Any] = {
        "fingerprint": fingerprint(plan, seed, training),
        "modules": {"network": weights},
        "optimizer": optimizer,
        "rng": rng,
    }
    out.mkdir(parents=True, exist_ok=True)
    if resume and (out / CHECKPOINT).is_file():
        state, best = read_checkpoint(out, **common)
    started = time.monotonic()
    while state["epoch"] < plan.epochs and time.monotonic() - started < 60 * minutes:
        parts = [
            part
            for batch in batches
            for part in batch.split(rng.permutation(len(batch.rows)).tolist(), plan.batch)
        ]
        losses = []
        for number, at in enumerate(rng.permutation(len(parts)).tolist()):
            share = (state["epoch"] + number / len(parts)) / plan.epochs
            for group in optimizer.param_groups:
                group["lr"] = plan.rate * min(1.0, 0.05 + 20 * share) * _cosine(share)
            batch = _jittered(tensors(parts[at]), constant, plan.jitter)
            loss, _ = losses_of(named(dict(weights.items()), constant), plan, batch)
            total = (loss * len(batch.rows)).mean() / plan.batch
            optimizer.zero_grad()
            total.backward()  # type: ignore[no-untyped-call]
            norm = torch.nn.utils.clip_grad_norm_(weights.parameters(), 1.0)
            if torch.isfinite(norm):
                optimizer.step()
            losses.append(float(loss.mean().detach()))
        state["epoch"] += 1
        with torch.no_grad():
            current = named(dict(weights.items()), constant)
            found = torch.cat([losses_of(current, plan, batch)[1] for batch in held])
        error = float(found.mean())
        if error < state["error_db"]:
            state["error_db"] = error
            best = {name: value.detach().clone() for name, value in current.items()}
        write_checkpoint(out, state=state, best=best, **common)
        log(
            f"epoch {state['epoch']}: loss {np.mean(losses):.3f}, validation "
            f"{error:.3f} dB, median {float(found.median()):.3f}"
        )
    arrays = {name: value.numpy().copy() for name, value in best.items()}
    return arrays, {**state, "seconds": round(time.monotonic() - started, 1)}


def _jittered(batch: Batch, constant: Mapping[str, Any], size: float) -> Batch:
    """Return a batch with noise on its features: few layouts are learned from."""
    import torch

    def moved(kind: str) -> Any:
        value = getattr(batch.features, kind)
        return value + size * constant[f"{kind}.scale"] * torch.randn(value.shape)

    return replace(batch, features=Features(moved("end"), moved("joint"), moved("link")))


def _cosine(share: float) -> float:
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share))


def fingerprint(plan: Plan, seed: int, solved: Sequence[Solved]) -> str:
    """Return what a checkpoint must have been written with."""
    mark = hashlib.sha256(repr((asdict(plan), seed)).encode())
    for one in solved:
        mark.update(one.name.encode())
        mark.update(one.s.tobytes())
    return mark.hexdigest()


def scales(batches: Sequence[Batch]) -> dict[str, Any]:
    """Return mean and scale of every feature."""
    found = {}
    for kind in ("end", "joint", "link"):
        rows = [getattr(batch.features, kind) for batch in batches]
        flat = np.concatenate([row.reshape(-1, row.shape[-1]) for row in rows])
        found[f"{kind}.mean"] = flat.mean(0) if len(flat) else np.zeros(flat.shape[-1])
        found[f"{kind}.scale"] = flat.std(0) + 1e-2 if len(flat) else np.ones(flat.shape[-1])
    return found


def named(weights: Mapping[str, Any], constant: Mapping[str, Any]) -> dict[str, Any]:
    """Return all arrays by the names the network knows."""
    return {**constant, **{name.replace("/", "."): value for name, value in weights.items()}}


def tensors(batch: Batch) -> Batch:
    """Return a batch of torch tensors."""
    import torch

    def turned(thing: Any) -> Any:
        return replace(
            thing,
            **{
                one.name: torch.from_numpy(np.ascontiguousarray(value))
                for one in fields(thing)
                if isinstance(value := getattr(thing, one.name), np.ndarray)
            },
        )

    return replace(
        batch,
        closed=turned(batch.closed),
        features=Features(*(getattr(turned(batch.features), k) for k in ("end", "joint", "link"))),
        prior=turned(batch.prior),
        s=torch.from_numpy(batch.s),
    )


def losses_of(
    arrays: Mapping[str, Any], plan: Plan, batch: Batch
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return loss and mean difference of |S21| in decibels, of every design of a batch."""
    import torch

    corrections = predicted(
        arrays, plan.shape, batch.graph, batch.closed, batch.features, batch.prior
    )
    found = corrected_scattering(batch.graph, batch.closed, corrections)
    made = torch.stack([found.s11, found.s21, found.s22], 1)
    apart = (made - batch.s).abs().square().sum(1).mean(-1)
    passed = _levels(made[:, 1], FLOOR_DB) - _levels(batch.s[:, 1], FLOOR_DB)
    seen = (_levels(made[:, 1], -200.0) > FLOOR_DB) | (_levels(batch.s[:, 1], -200.0) > FLOOR_DB)
    error = (passed.abs() * seen).sum(-1) / seen.sum(-1).clamp(min=1)
    back = _levels(made[:, 0::2], _MATCH_DB) - _levels(batch.s[:, 0::2], _MATCH_DB)
    loss = _huber(passed).mean(-1) + plan.match * _huber(back).mean((-1, -2)) + plan.wave * apart
    return loss, error.detach()


def _levels(value: torch.Tensor, floor_db: float) -> torch.Tensor:
    """Return decibels that level off smoothly at a floor."""
    import torch

    square = value.real**2 + value.imag**2
    return 10 / math.log(10) * torch.log(square + 10 ** (floor_db / 10))


def _huber(value: torch.Tensor) -> torch.Tensor:
    """Return about |value|, smooth below some 0.1 dB."""
    return (value**2 + 0.01).sqrt() - 0.1
