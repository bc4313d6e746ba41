"""How likely the model holds circuits to be, in bits per device."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from eda.topology.batches import lesson, make_batch
from eda.topology.walk import DEVICE_SLOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eda.topology.circuit import Topology
    from eda.topology.weights import Weights


def circuit_bits(
    weights: Weights, topologies: Sequence[Topology], *, orders: int = 8, seed: int = 0
) -> NDArray[np.float64]:
    """Return float64 [circuits, orders]: bits of each circuit in random orders of its devices.

    Ports are given, as is the type; what is decided about devices is counted. No rule helps: the
    scores are those of the model alone, over every net there is.

    Args:
        weights: The model.
        topologies: Circuits.
        orders: How many orders of each.
        seed: Of the orders.
    """
    import torch

    from eda.topology.network import TopologyNetwork

    network = TopologyNetwork(weights.shape).eval()
    network.load_state_dict(
        {name: torch.from_numpy(np.array(array)) for name, array in weights.arrays.items()}
    )
    made = np.zeros((len(topologies), orders))
    for order in range(orders):
        rng = np.random.default_rng((seed, order))
        lessons = [lesson(item, rng) for item in topologies]
        by_length = sorted(range(len(lessons)), key=lambda at: len(lessons[at]))
        for start in range(0, len(by_length), 16):
            some = by_length[start : start + 16]
            batch = make_batch([lessons[at] for at in some], [{}] * len(some))
            with torch.no_grad():
                scores = torch.log_softmax(network(batch), dim=2)
            picked = scores.gather(2, batch.words.clamp(min=0).unsqueeze(2)).squeeze(2)
            counted = (batch.words >= 0) & (batch.slots >= DEVICE_SLOT)
            bits = -(picked * counted).nan_to_num(neginf=0.0).sum(dim=1) / math.log(2)
            made[some, order] = bits.numpy()
    return made
