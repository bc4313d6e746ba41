"""A classifier that tells the type of a circuit from its structure alone, ports left aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.topology.likeness import neighbourhoods
from eda.topology.types import TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eda.topology.circuit import Topology

WIDTH: Final = 2048
STEPS: Final = 400


class Classifier:
    """Logistic regression on neighbourhoods, folded into `WIDTH` numbers.

    Args:
        circuits: To learn from; split by circuit, never by sequence.
    """

    def __init__(self, circuits: Sequence[Topology]) -> None:
        """Learn."""
        import torch

        names = list(TYPES)
        inputs = torch.from_numpy(_features(circuits))
        right = torch.tensor([names.index(item.type) for item in circuits])
        counts = torch.bincount(right, minlength=len(names)).clamp(min=1).float()
        layer = torch.nn.Linear(WIDTH, len(names))
        torch.nn.init.zeros_(layer.weight)
        optimizer = torch.optim.Adam(layer.parameters(), lr=0.03, weight_decay=1e-4)
        generator = torch.Generator().manual_seed(0)
        for _ in range(STEPS):
            some = torch.randint(len(right), (256,), generator=generator)
            loss = torch.nn.functional.cross_entropy(
                layer(inputs[some]), right[some], weight=counts.rsqrt()
            )
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        self.weight = layer.weight.detach().numpy()
        self.bias = layer.bias.detach().numpy()

    def predict(self, circuits: Sequence[Topology]) -> list[str]:
        """Return the type that each circuit is taken for."""
        if not circuits:
            return []
        scores = _features(circuits) @ self.weight.T + self.bias
        names = list(TYPES)
        return [names[at] for at in scores.argmax(axis=1).tolist()]


def _features(circuits: Sequence[Topology]) -> NDArray[np.float32]:
    made = np.zeros((len(circuits), WIDTH), dtype=np.float32)
    for row, item in zip(made, circuits, strict=True):
        labels, counts = neighbourhoods(item)
        np.add.at(row, labels.astype(np.int64) % WIDTH, np.log1p(counts))
        row /= max(float(np.linalg.norm(row)), 1e-9) / 4
    return made
