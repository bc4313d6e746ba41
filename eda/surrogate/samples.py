"""Training data of the network: the simulated designs of a case, as it reads them."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from eda.surrogate.graphs import GraphReader, Inputs
from eda.surrogate.scales import is_alive, is_defined, learned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eda.surrogate.data import CaseData
    from eda.surrogate.physics import Physics


@dataclass(frozen=True, eq=False)
class Sample:
    """The designs of one case as the network is trained on them.

    Attributes:
        case: Name of the case.
        topology: Hash of its circuit without sizes and models.
        technology: What it is made in.
        inputs: Graph and features.
        target: Learned values as the network sees them, [designs, metrics]; 0 where undefined.
        defined: Which there are, [designs, metrics].
        alive: Which designs work.
        kinds: Kind of each metric.
    """

    case: str
    topology: str
    technology: str
    inputs: Inputs
    target: NDArray[np.float32]
    defined: NDArray[np.float32]
    alive: NDArray[np.float32]
    kinds: tuple[str, ...]


def make_sample(physics: Physics, data: CaseData) -> Sample:
    """Return the training data of a case from its simulated designs."""
    case = physics.case
    reader = GraphReader(physics)
    inputs = reader.read(data.designs, physics.solve(data.designs))
    defined = is_defined(case, data.metrics)
    with np.errstate(invalid="ignore"):
        scaled = (learned(case, data.metrics) - reader.graph.centre) / reader.graph.spread
    return Sample(
        case.name,
        topology_of(reader),
        case.technology,
        inputs,
        np.where(defined, np.clip(np.nan_to_num(scaled), -8.0, 8.0), 0.0).astype(np.float32),
        defined.astype(np.float32),
        is_alive(case, data.metrics).astype(np.float32),
        tuple(case.measures[name].kind for name in case.metrics),
    )


def topology_of(reader: GraphReader) -> str:
    """Return a hash of what is wired to what, whatever the names, the sizes and the models."""
    graph = reader.graph
    nets = [str(int(row[0])) for row in graph.net]
    devices = [str(int(np.argmax(row[:9]))) for row in graph.device]
    for _ in range(4):
        nets = [
            _short(
                nets[n],
                *sorted(f"{r}{devices[d]}" for r, d in np.argwhere(graph.links[:, n, :] > 0)),
            )
            for n in range(len(nets))
        ]
        devices = [
            _short(
                devices[d],
                *sorted(f"{r}{nets[n]}" for r, n in np.argwhere(graph.links[:, :, d] > 0)),
            )
            for d in range(len(devices))
        ]
    return _short(*sorted(nets), *sorted(devices))


def _short(*words: str) -> str:
    return sha256(" ".join(words).encode()).hexdigest()[:12]


def folds_of(samples: Sequence[Sample], count: int) -> list[set[str]]:
    """Return groups of topologies of about as many cases each."""
    order: dict[str, int] = {}
    for item in samples:
        order[item.topology] = order.get(item.topology, 0) + 1
    count = min(count, len(order))
    groups: list[set[str]] = [set() for _ in range(count)]
    sizes = [0] * count
    for topology, size in order.items():
        at = sizes.index(min(sizes))
        groups[at].add(topology)
        sizes[at] += size
    return groups if count > 1 else [set()]
