"""What a model says of designs: values, intervals, and how likely each works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Prediction:
    """Metrics of designs without simulating them.

    Attributes:
        metrics: Names, in the order of the case.
        value: The most likely values in SI, [designs, metrics].
        low: Lower ends of the 90 % intervals.
        high: Upper ends of the 90 % intervals.
        alive: Probability that a design works: that its gain falls through 1, that it has a
            band, or whatever else the case's metrics ask for, [designs].
    """

    metrics: tuple[str, ...]
    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    alive: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of designs."""
        return len(self.value)

    def to_dicts(self) -> list[dict[str, dict[str, float]]]:
        """Return a mapping a design: by metric its ``value``, ``low`` and ``high``."""
        return [
            {
                name: {
                    "value": float(self.value[row, at]),
                    "low": float(self.low[row, at]),
                    "high": float(self.high[row, at]),
                }
                for at, name in enumerate(self.metrics)
            }
            for row in range(len(self))
        ]

    def of(self, metric: str) -> Any:
        """Return the values of one metric, [designs]."""
        return self.value[:, self.metrics.index(metric)]
