"""Training of the network that ranks signals at open fanins."""

from __future__ import annotations

import hashlib
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.checkpoint import NAME as CHECKPOINT
from eda.checkpoint import read_checkpoint, write_checkpoint
from eda.logic.fanin_features import Surroundings, features
from eda.logic.fanin_model import CLIP, NAME, SCHEMA
from eda.logic.open_fanins import draw_queries, hide

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import torch
    from numpy.typing import NDArray

    from eda.aig import Aig

HIDDEN: Final = 96
EPOCHS: Final = 10
QUERIES: Final = 400
"""Hidden fanins of a circuit that are asked for, near and anywhere, in each of two hidings."""

_BATCH: Final = 64
_RATE: Final = 3e-3


@dataclass(frozen=True, eq=False)
class FaninSamples:
    """Questions as features.

    Attributes:
        inputs: Of the candidates, the true one first; float16, ``[queries, candidates, features]``.
        inverted: Whether the true one is read inverted, ``[queries]``.
    """

    inputs: NDArray[np.float16]
    inverted: NDArray[np.bool_]


def fanin_samples(aig: Aig, *, seed: int, near: bool = True, most: int = QUERIES) -> FaninSamples:
    """Hide fanins of a circuit, and return the questions with what is seen of the candidates.

    Args:
        aig: Hashed.
        seed: Draws what is hidden, and the candidates.
        near: As for `eda.logic.open_fanins.draw_queries`.
        most: How many questions at most.
    """
    rng = np.random.default_rng(seed)
    asked = draw_queries(hide(aig, rng), rng, most=most, near=near)
    found = features(Surroundings(asked.opened, seed), asked.asked, asked.candidates)
    return FaninSamples(found.astype(np.float16), asked.inverted)


def joined(parts: Sequence[FaninSamples]) -> FaninSamples:
    """Return the questions of several circuits as one."""
    return FaninSamples(
        np.concatenate([part.inputs for part in parts]),
        np.concatenate([part.inverted for part in parts]),
    )


def train_fanin_model(
    training: FaninSamples,
    validation: FaninSamples,
    *,
    out: Path,
    seed: int = 0,
    minutes: float = 10.0,
    epochs: int = EPOCHS,
    resume: bool = False,
    log: Callable[[str], object] = lambda _text: None,
) -> dict[str, Any]:
    """Train, keep the weights of the epoch that is best on validation, and write them.

    Args:
        training: Questions to learn from.
        validation: Questions on other circuits.
        out: Folder of the run; the weights are written there as `eda.logic.fanin_model.NAME`.
        seed: Where chance starts.
        minutes: Stop after so long.
        epochs: How often each question is seen.
        resume: Go on from the checkpoint there.
        log: Called with what is being done.

    Returns:
        Path of the weights, epochs, seconds, and mean reciprocal rank and first places among the
        candidates on validation.
    """
    import torch

    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    mean, scale = _scales(training)
    network = torch.nn.Sequential(
        torch.nn.Linear(len(mean), HIDDEN),
        torch.nn.SiLU(),
        torch.nn.Dropout(0.1),
        torch.nn.Linear(HIDDEN, HIDDEN),
        torch.nn.SiLU(),
        torch.nn.Dropout(0.1),
        torch.nn.Linear(HIDDEN, 2),
    )
    optimizer = torch.optim.AdamW(network.parameters(), _RATE, weight_decay=1e-3)
    state: dict[str, Any] = {"epoch": 0, "mrr": -1.0, "hits_at_1": 0.0}
    best: dict[str, torch.Tensor] = {}
    print_ = hashlib.sha256(repr((seed, epochs, HIDDEN, training.inputs.shape)).encode())
    print_.update(training.inputs.tobytes())
    common: dict[str, Any] = {
        "fingerprint": print_.hexdigest(),
        "modules": {"network": network},
        "optimizer": optimizer,
        "rng": rng,
    }
    out.mkdir(parents=True, exist_ok=True)
    if resume and (out / CHECKPOINT).is_file():
        state, best = read_checkpoint(out, **common)
    started = time.monotonic()
    while state["epoch"] < epochs and time.monotonic() - started < 60 * minutes:
        network.train()
        _epoch(network, optimizer, training, (mean, scale), rng, state["epoch"] / epochs, epochs)
        network.eval()
        mrr, hits = _judged(network, validation, (mean, scale))
        state["epoch"] += 1
        if mrr > state["mrr"]:
            state |= {"mrr": mrr, "hits_at_1": hits}
            best = {key: value.clone() for key, value in network.state_dict().items()}
        write_checkpoint(out, state=state, best=best, **common)
        log(f"epoch {state['epoch']}: validation MRR {mrr:.3f}, Hits@1 {hits:.3f}")
    _write(out / NAME, best or network.state_dict(), mean, scale)
    return {
        "weights": str(out / NAME),
        "epochs": state["epoch"],
        "seconds": round(time.monotonic() - started, 1),
        "validation_mrr": round(state["mrr"], 4),
        "validation_hits_at_1": round(state["hits_at_1"], 4),
    }


def _scales(samples: FaninSamples) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    flat = samples.inputs.reshape(-1, samples.inputs.shape[-1])
    mean = flat.mean(axis=0, dtype=np.float64)
    # float16 squared would overflow, and the whole as float32 is large: in pieces.
    square = sum(
        np.square(flat[at : at + 65536].astype(np.float64) - mean).sum(axis=0)
        for at in range(0, len(flat), 65536)
    )
    scale = np.sqrt(square / len(flat)) + 1e-3
    return mean.astype(np.float32), scale.astype(np.float32)


def _tensor(
    inputs: NDArray[np.float16], scales: tuple[NDArray[np.float32], NDArray[np.float32]]
) -> torch.Tensor:
    import torch

    mean, scale = scales
    return torch.from_numpy(((inputs.astype(np.float32) - mean) / scale).clip(-CLIP, CLIP))


def _epoch(
    network: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    samples: FaninSamples,
    scales: tuple[NDArray[np.float32], NDArray[np.float32]],
    rng: np.random.Generator,
    done: float,
    epochs: int,
) -> None:
    """Go through all questions once; the step falls as a cosine over the whole training."""
    import torch

    order = rng.permutation(len(samples.inverted))
    for at in range(0, len(order), _BATCH):
        share = done + at / len(order) / epochs
        warm = min(1.0, 0.05 + share * 10)
        for group in optimizer.param_groups:
            group["lr"] = _RATE * warm * 0.5 * (1 + math.cos(math.pi * share))
        rows = order[at : at + _BATCH]
        scores = network(_tensor(samples.inputs[rows], scales)).reshape(len(rows), -1)
        wanted = torch.from_numpy(samples.inverted[rows].astype(np.int64))
        loss = torch.nn.functional.cross_entropy(scores, wanted)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()


def _judged(
    network: torch.nn.Module,
    samples: FaninSamples,
    scales: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> tuple[float, float]:
    import torch

    ranks = []
    with torch.no_grad():
        for at in range(0, len(samples.inverted), 512):
            scores = network(_tensor(samples.inputs[at : at + 512], scales)).logsumexp(-1).numpy()
            ranks.append(1 + (scores[:, 1:] >= scores[:, :1]).sum(axis=1))
    found = np.concatenate(ranks)
    return float((1 / found).mean()), float((found == 1).mean())


def _write(
    path: Path,
    weights: dict[str, torch.Tensor],
    mean: NDArray[np.float32],
    scale: NDArray[np.float32],
) -> None:
    from safetensors.numpy import save

    from eda.tensors import replace_file

    arrays = {"mean": mean, "scale": scale}
    for layer, place in enumerate((0, 3, 6)):
        for kind in ("weight", "bias"):
            arrays[f"{kind}{layer}"] = weights[f"{place}.{kind}"].numpy().copy()
    replace_file(path, save(arrays, metadata={"schema": SCHEMA}))
