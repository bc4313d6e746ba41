"""DGCNN on enclosing subgraphs: the network of SEAL, its training, and it as a scorer of P1.

DGCNN (Zhang et al., An end-to-end deep learning architecture for graph classification, 2018):
graph convolutions, the nodes sorted by their last channel, a convolution along that order.
Sizes are those of the published example: three layers of 32 channels and one of 1, 16 and 32
channels of one-dimensional convolution, a hidden layer of 128.
"""

from __future__ import annotations

import json
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.bench.seal import MAX_LABEL, NUM_TYPES, Enclosed, Extractor, port_graph
from eda.links.scene import proposable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import torch

    from eda.links.sample import Sample

CHANNELS: Final = 32
SORTED_NODES: Final = 60
NEGATIVES: Final = 3
BATCH_PINS: Final = 12
RATE: Final = 1e-3
CHECK_EVERY: Final = 100
CANDIDATES_AT_ONCE: Final = 256


def dgcnn() -> torch.nn.Module:
    """Return a fresh network; called with (types, labels, edges, graph of each node)."""
    import torch
    from torch import nn
    from torch_geometric.nn import GCNConv
    from torch_geometric.nn.aggr import SortAggregation

    class Dgcnn(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.kind = nn.Embedding(NUM_TYPES, CHANNELS)
            self.label = nn.Embedding(MAX_LABEL + 1, CHANNELS)
            sizes = (2 * CHANNELS, CHANNELS, CHANNELS, CHANNELS, 1)
            self.convs = nn.ModuleList(GCNConv(a, b) for a, b in pairwise(sizes))
            width = sum(sizes[1:])
            self.sort = SortAggregation(k=SORTED_NODES)
            self.conv1 = nn.Conv1d(1, 16, width, width)
            self.pool = nn.MaxPool1d(2, 2)
            self.conv2 = nn.Conv1d(16, 32, 5)
            self.hidden = nn.Linear(32 * (SORTED_NODES // 2 - 4), 128)
            self.out = nn.Linear(128, 1)
            self.dropout = nn.Dropout(0.5)

        def forward(self, types: Any, labels: Any, edges: Any, graph: Any) -> Any:
            x = torch.cat((self.kind(types), self.label(labels)), dim=1)
            states = []
            for conv in self.convs:
                x = torch.tanh(conv(x, edges))
                states.append(x)
            x = self.sort(torch.cat(states, dim=1), graph).unsqueeze(1)
            x = torch.relu(self.conv2(self.pool(torch.relu(self.conv1(x)))))
            x = self.dropout(torch.relu(self.hidden(x.flatten(1))))
            return self.out(x).squeeze(1)

    return Dgcnn()


def train_seal(
    samples: Sequence[Sample],
    importance: Sequence[float],
    *,
    hub_cut: bool,
    steps: int,
    path: Path,
    seed: int = 0,
    log: Callable[[str], None] | None = None,
) -> torch.nn.Module:
    """Train SEAL to tell the net of a hidden pin from other nets of the circuit.

    Each step looks at some pins; each with its own net and `NEGATIVES` others of its circuit.

    Args:
        samples: Training circuits.
        importance: How often each is drawn, relative to the others.
        hub_cut: Whether subgraphs end at rails and hubs.
        steps: Optimiser steps.
        path: Of the checkpoint; a training of the same form goes on from it.
        seed: Of all that is random.
        log: Called with a line of progress now and then.
    """
    import torch

    torch.manual_seed(seed)
    network = dgcnn()
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
    about = json.dumps([hub_cut, steps, seed, len(samples)])
    begun = _load(path, network, optimizer, about)
    chance = np.asarray(importance, dtype=np.float64)
    chance /= chance.sum()
    losses: list[float] = []
    started = time.monotonic()
    network.train()
    for step in range(begun, steps):
        # A stream per step: a training that was stopped goes on with the same questions.
        rng = np.random.default_rng((seed, step))
        graphs, truth = _questions(samples, chance, rng, hub_cut=hub_cut)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            network(*_batch(graphs)), torch.from_numpy(truth)
        )
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(float(loss.detach()))
        if (step + 1) % CHECK_EVERY == 0 or step + 1 == steps:
            _save(path, network, optimizer, about, step + 1)
            if log is not None:
                log(
                    f"SEAL{', hub cut' if hub_cut else ''}: step {step + 1} of {steps}, "
                    f"{time.monotonic() - started:.0f} s, loss {np.mean(losses):.3f}"
                )
            losses.clear()
    return network.eval()


def score_pin(
    network: torch.nn.Module, extractor: Extractor, pin: int, nets: Sequence[int]
) -> np.ndarray[Any, Any]:
    """Return a score for each candidate net of a pin, a subgraph each."""
    import torch

    scores = []
    with torch.no_grad():
        for start in range(0, len(nets), CANDIDATES_AT_ONCE):
            some = nets[start : start + CANDIDATES_AT_ONCE]
            graphs = [extractor.enclose(pin, int(net)) for net in some]
            scores.append(network(*_batch(graphs)).numpy())
    return np.concatenate(scores) if scores else np.zeros(0)


def _questions(
    samples: Sequence[Sample], chance: Any, rng: np.random.Generator, *, hub_cut: bool
) -> tuple[list[Enclosed], Any]:
    graphs: list[Enclosed] = []
    truth: list[float] = []
    for at in rng.choice(len(samples), BATCH_PINS, p=chance):
        sample = samples[at]
        pins = sample.queries()
        if not len(pins):
            continue
        pin = int(rng.choice(pins))
        own = int(sample.edge_net[pin])
        nets = np.flatnonzero(proposable(sample, sample.edge_net))
        wrong = rng.permutation(nets[nets != own])[:NEGATIVES]
        extractor = Extractor(port_graph(sample, hub_cut=hub_cut))
        graphs += [extractor.enclose(pin, int(net)) for net in (own, *wrong)]
        truth += [1.0, *[0.0] * len(wrong)]
    return graphs, np.array(truth, dtype=np.float32)


def _batch(graphs: Sequence[Enclosed]) -> tuple[torch.Tensor, ...]:
    import torch

    sizes = np.array([len(graph.node_type) for graph in graphs])
    shift = np.cumsum(sizes) - sizes
    return (
        torch.from_numpy(np.concatenate([graph.node_type for graph in graphs])),
        torch.from_numpy(np.concatenate([graph.label for graph in graphs])),
        torch.from_numpy(
            np.concatenate(
                [graph.edges + by for graph, by in zip(graphs, shift, strict=True)], axis=1
            )
        ),
        torch.from_numpy(np.repeat(np.arange(len(graphs)), sizes)),
    )


def _save(path: Path, network: Any, optimizer: Any, about: str, step: int) -> None:
    from safetensors.torch import save_file

    tensors = {f"network:{key}": value for key, value in network.state_dict().items()}
    for number, slots in optimizer.state_dict()["state"].items():
        for key, value in slots.items():
            tensors[f"optimizer:{number}:{key}"] = value
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    text = {"about": about, "step": str(step)}
    save_file({key: value.contiguous() for key, value in tensors.items()}, part, metadata=text)
    part.replace(path)


def _load(path: Path, network: Any, optimizer: Any, about: str) -> int:
    """Take up a checkpoint where there is one of this training; return its step."""
    from safetensors import SafetensorError, safe_open

    if not path.exists():
        return 0
    try:
        with safe_open(path, framework="pt") as file:
            text = file.metadata() or {}
            if text.get("about") != about:
                return 0
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError):
        return 0
    network.load_state_dict(
        {key.split(":", 1)[1]: value for key, value in tensors.items() if key.startswith("network")}
    )
    slots: dict[int, dict[str, Any]] = {}
    for key, value in tensors.items():
        if key.startswith("optimizer"):
            _, number, slot = key.split(":")
            slots.setdefault(int(number), {})[slot] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": slots})
    return int(text["step"])
