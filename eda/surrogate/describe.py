"""Features of designs: where they lie, what the first answer says, how the transistors work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eda.surrogate.physics import Answer

    Floats = NDArray[np.float64]

COMPONENTS: Final = 8
"""Directions that the operating points of all transistors are boiled down to."""
SAMPLES: Final = 256
SATURATED_V: Final = 0.1


@dataclass(frozen=True, eq=False)
class Description:
    """Designs as a head sees them.

    Attributes:
        sizes: Positions from 0 to 1, [designs, parameters].
        answer: The first answer, what is not there filled in, [designs, metrics and more].
        points: Operating points, boiled down, [designs, components].
        network: Logits of the metrics' existence as the trained networks have them; no columns
            without networks.
    """

    sizes: Floats
    answer: Floats
    points: Floats
    network: Floats

    def __len__(self) -> int:
        """Return the number of designs."""
        return len(self.sizes)

    def take(self, which: NDArray[Any]) -> Description:
        """Return some of the designs."""
        return Description(
            self.sizes[which], self.answer[which], self.points[which], self.network[which]
        )

    def choices(self, wanted: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
        """Return the choices of features that there are."""
        there = [
            choice
            for choice in wanted
            if all(getattr(self, name).shape[1] for name in choice if name != "sizes")
        ]
        return there or [("sizes",)]

    def features(self, choice: Sequence[str]) -> tuple[list[Floats], Floats]:
        """Return the blocks of a process, and what it is roughly linear in."""
        if "answer" not in choice:
            return [self.sizes], self.sizes
        parts = [getattr(self, name) for name in choice if name != "sizes"]
        joined = np.concatenate(parts, axis=1)
        return [self.sizes, joined], joined


@dataclass(frozen=True, eq=False)
class Describer:
    """How answers of the equations become features; fixed once for a case.

    Attributes:
        fill: What stands for a metric that the equations do not give, [metrics].
        used: Which columns of the answer vary, [columns].
        centre: Of the operating points, [quantities].
        scale: Of the operating points, [quantities].
        directions: [quantities, components].
    """

    fill: Floats
    used: NDArray[np.bool_]
    centre: Floats
    scale: Floats
    directions: Floats

    def __call__(self, sizes: Floats, answer: Answer, network: Floats) -> Description:
        """Return features of designs.

        Args:
            sizes: Positions from 0 to 1, [designs, parameters].
            answer: What the equations say.
            network: Logits of existence from the trained networks.
        """
        columns = _columns(answer, self.fill)[:, self.used]
        points = (_quantities(answer) - self.centre) / self.scale
        return Description(sizes, columns, points @ self.directions, network)


def make_describer(answer: Answer) -> Describer:
    """Return the describer of a case from designs all over its space."""
    metrics = answer.metrics
    with np.errstate(all="ignore"):
        there = np.isfinite(metrics)
        low = np.where(there, metrics, np.inf).min(axis=0, initial=np.inf)
        high = np.where(there, metrics, -np.inf).max(axis=0, initial=-np.inf)
    fill = np.where(np.isfinite(low), low - 0.1 * (high - low), 0.0)
    columns = _columns(answer, fill)
    used = columns.std(axis=0) > 1e-9 * (1 + np.abs(columns).max(axis=0))
    quantities = _quantities(answer)
    centre = quantities.mean(axis=0)
    scale = np.maximum(quantities.std(axis=0), 1e-6)
    if quantities.shape[1]:
        _, sizes_of, rows = np.linalg.svd((quantities - centre) / scale, full_matrices=False)
        count = min(COMPONENTS, int((sizes_of > 1e-6 * sizes_of[0]).sum()))
        directions = rows[:count].T
        # Of the two directions of a component the one whose largest part is positive.
        directions = directions * np.sign(
            directions[np.abs(directions).argmax(axis=0), np.arange(count)]
        )
    else:
        directions = np.zeros((0, 0))
    return Describer(fill, used, centre, scale, directions)


def _columns(answer: Answer, fill: Floats) -> Floats:
    """Return metrics, how surely each exists, and whether the bias was found."""
    filled = np.where(np.isfinite(answer.metrics), answer.metrics, fill)
    solved = answer.solved.astype(float)[:, None]
    return np.concatenate([filled, answer.margin, solved], axis=1)


def _quantities(answer: Answer) -> Floats:
    """Return logarithms of currents, and how far from saturation each transistor is."""
    currents = np.maximum(answer.points[:, :, 0], -40.0)
    saturation = np.tanh(answer.points[:, :, 3] / SATURATED_V)
    return np.concatenate([currents, saturation], axis=1)
