"""A small network fitted to a case's transistor tables: as fast as training of policies needs.

It is to the tables what these are to ngspice: an approximation that costs a thousandth. No
simulation of the circuit enters into it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.agents.goal import Scales
from eda.agents.model import Prediction
from eda.agents.model_tables import CorrectedModel
from eda.agents.space import DesignSpace, Floats

if TYPE_CHECKING:
    from eda.spice.case import Case

WEIGHTS: Final = Path(__file__).parent / "weights"
MEMBERS: Final = 3
WIDTH: Final = 128
DESIGNS: Final = 4096


class NetworkModel:
    """An ensemble of small networks: metrics and whether a design works."""

    name = "network"

    def __init__(self, case: Case, weights: dict[str, NDArray[Any]]) -> None:
        """Take weights as `fit` makes them."""
        self.space, self.scales = DesignSpace.of(case), Scales.of(case)
        self._w = {name: value.astype(np.float64) for name, value in weights.items()}

    @classmethod
    def trained(cls, case: Case, *, designs: int = DESIGNS, seed: int = 0) -> NetworkModel:
        """Return the network of a case: the shipped one, one fitted before, or one fitted now."""
        from safetensors.numpy import load_file, save_file

        from eda.spice.cache import cache_folder

        mark = _mark(case)
        places = [WEIGHTS / f"network-{case.name}-{mark}.safetensors"]
        places.append(
            cache_folder() / "networks" / f"{case.name}-{mark}-{designs}-{seed}.safetensors"
        )
        for path in places:
            if path.is_file():
                return cls(case, load_file(path))
        weights = fit(case, designs=designs, seed=seed)
        places[-1].parent.mkdir(parents=True, exist_ok=True)
        save_file(weights, places[-1])
        return cls(case, weights)

    def predict(self, points: Floats, *, stages: int | None = None) -> Prediction:
        """Return the mean of the members, their scatter, and how probably a design works."""
        del stages
        found = np.stack([self._member(k, points) for k in range(MEMBERS)])
        m = len(self.scales.metrics)
        mean = found[:, :, :m].mean(0) * self._w["spread"] + self._w["shift"]
        sigma = np.hypot(found[:, :, :m].std(0), 0.05) * self._w["spread"]
        alive = 1 / (1 + np.exp(-np.clip(found[:, :, m].mean(0), -30, 30)))
        return Prediction(mean, sigma, alive)

    def learn(self, points: Floats, values: Floats, alive: NDArray[np.bool_]) -> None:
        """Stay as it is: what it knows comes from the tables."""

    def _member(self, k: int, points: Floats) -> Floats:
        x = 4 * points - 2
        for layer in range(2):
            x = x @ self._w[f"{k}.{layer}.weight"] + self._w[f"{k}.{layer}.bias"]
            x = x / (1 + np.exp(-x))
        return np.asarray(x @ self._w[f"{k}.2.weight"] + self._w[f"{k}.2.bias"])


class CorrectedNetwork(CorrectedModel):
    """The network of a case, corrected by what ngspice says: the fastest model to search with."""

    name = "network"

    def __init__(self, case: Case) -> None:
        """Take the network of the case."""
        super().__init__(case)
        self._network = NetworkModel.trained(case)
        self.cheap_stages, self.dear_metrics = None, frozenset()

    def _raw(self, points: Floats, stages: int | None) -> tuple[Floats, NDArray[np.bool_]]:
        found = self._network.predict(points)
        return found.mean, found.alive > 0.5


def fit(
    case: Case, *, designs: int = DESIGNS, seed: int = 0, epochs: int = 160
) -> dict[str, NDArray[Any]]:
    """Return the weights of networks fitted to a case's tables.

    Args:
        case: The case.
        designs: How many random designs the tables are asked about.
        seed: Where chance comes from.
        epochs: Passes over them.
    """
    import torch

    from eda.agents.model_tables import TablesModel

    rng = np.random.default_rng(seed)
    space, model = DesignSpace.of(case), TablesModel(case)
    points = space.snapped(rng.random((designs, space.size)))
    chunks = [model.predict(points[at : at + 128]) for at in range(0, designs, 128)]
    scaled = np.concatenate([chunk.mean for chunk in chunks])
    works = ~np.isnan(scaled).any(1)
    low, high = np.nanquantile(scaled[works], [0.02, 0.98], axis=0)
    shift = np.nanmedian(scaled[works], 0)
    spread = np.maximum((high - low) / 4, 1e-9)
    target = np.clip(np.nan_to_num((scaled - shift) / spread), -6, 6)
    there = ~np.isnan(scaled)
    m = scaled.shape[1]
    x = torch.tensor(4 * points - 2, dtype=torch.float32)
    y, mask = torch.tensor(target, dtype=torch.float32), torch.tensor(there, dtype=torch.float32)
    ok = torch.tensor(works, dtype=torch.float32)
    made: dict[str, NDArray[Any]] = {"shift": shift, "spread": spread}
    for k in range(MEMBERS):
        torch.manual_seed(seed * MEMBERS + k)
        net = torch.nn.Sequential(
            torch.nn.Linear(space.size, WIDTH),
            torch.nn.SiLU(),
            torch.nn.Linear(WIDTH, WIDTH),
            torch.nn.SiLU(),
            torch.nn.Linear(WIDTH, m + 1),
        )
        steps = epochs * (designs // 256)
        optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-4)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 6e-3, total_steps=steps)
        for _ in range(steps):
            rows = torch.randint(designs, (256,))
            out = net(x[rows])
            loss = (torch.nn.functional.huber_loss(out[:, :m], y[rows], reduction="none")
                    * mask[rows]).mean()  # fmt: skip
            loss = loss + 0.2 * torch.nn.functional.binary_cross_entropy_with_logits(
                out[:, m], ok[rows]
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
        for layer, at in enumerate((0, 2, 4)):
            linear: Any = net[at]
            made[f"{k}.{layer}.weight"] = linear.weight.detach().numpy().T.astype(np.float32).copy()
            made[f"{k}.{layer}.bias"] = linear.bias.detach().numpy().astype(np.float32).copy()
    return made


def _mark(case: Case) -> str:
    """Return a short hash of what the network depends on: the deck, the ranges, the measures."""
    text = case.deck_source + repr([(p.name, p.lo, p.hi, p.scale) for p in case.design_parameters])
    text += repr(sorted(case.fixed_parameters.items())) + repr(case.metrics)
    return hashlib.sha256(text.encode()).hexdigest()[:10]
