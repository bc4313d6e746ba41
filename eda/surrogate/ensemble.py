"""The trained networks together: what they say of a case before any simulation of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.surrogate.forward import run_network

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from eda.surrogate.graphs import GraphReader
    from eda.surrogate.physics import Answer
    from eda.surrogate.weights import Weights

    Floats = NDArray[np.float64]

LEAST_SPREAD: Final = -5.0
MOST_SPREAD: Final = 2.0
SPREAD_SHIFT: Final = -1.5
"""Spreads start small, because the first answers are good."""


@dataclass(frozen=True, eq=False)
class Prior:
    """What the networks say of designs.

    Attributes:
        value: Metrics on the learned scale, [designs, metrics].
        half: Half of the 90 % interval, [designs, metrics].
        exists: Probability that each metric exists, [designs, metrics].
        alive: Probability that the design works, [designs].
        members: Value by each network, [members, designs, metrics].
    """

    value: Floats
    half: Floats
    exists: Floats
    alive: Floats
    members: Floats


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Networks of one recipe, and the margins of their intervals.

    Attributes:
        members: The networks.
        calibration: ``margins`` by kind of metric, in spreads; ``other`` for kinds never seen.
    """

    members: tuple[Weights, ...]
    calibration: Mapping[str, Any]

    def without(self, case: str, topology: str) -> Ensemble:
        """Return the networks that were trained on nothing of this case or topology."""
        kept = tuple(item for item in self.members if not item.saw(case, topology))
        return Ensemble(kept, self.calibration)

    def say(
        self,
        reader: GraphReader,
        kinds: Sequence[str],
        designs: Floats,
        answer: Answer,
        known: Mapping[int, Floats],
    ) -> Prior:
        """Return what the networks say of designs.

        Args:
            reader: Of the case.
            kinds: Kind of each metric.
            designs: [designs, parameters].
            answer: What the equations say.
            known: Metrics that are known, on the learned scale, by position.
        """
        inputs = reader.read(designs, answer)
        graph = reader.graph
        sure = np.zeros_like(inputs.answer)
        given = np.zeros_like(inputs.answer)
        for at, values in known.items():
            sure[:, at] = 1.0
            given[:, at] = (values - graph.centre[at]) / graph.spread[at]
        outs = [run_network(item, inputs, given, sure) for item in self.members]
        values = np.array([out[0] for out in outs], dtype=np.float64)
        spreads = np.exp(
            np.clip([out[1] + SPREAD_SHIFT for out in outs], LEAST_SPREAD, MOST_SPREAD)
        )
        wide = np.sqrt((spreads**2).mean(axis=0) + values.var(axis=0))
        margins = self.calibration["margins"]
        other = float(self.calibration.get("other", 10.0))
        margin = np.array([float(margins.get(kind, other)) for kind in kinds])
        return Prior(
            values.mean(axis=0) * graph.spread + graph.centre,
            margin * wide * graph.spread,
            _mean_chance([out[2] for out in outs]),
            _mean_chance([out[3] for out in outs]),
            values * graph.spread + graph.centre,
        )


def _mean_chance(logits: Sequence[Any]) -> Floats:
    clipped = np.clip(np.array(logits, dtype=np.float64), -30.0, 30.0)
    return np.asarray((1.0 / (1.0 + np.exp(-clipped))).mean(axis=0))
