"""What the surrogate is compared with: models that see the parameters only."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.errors import ToolNotFoundError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NAMES: Final = ("Gaussian process", "gradient boosting", "MLP", "autoregressive transformer")
STEPS: Final = 300
WIDTH: Final = 32
RATE: Final = 3e-3


def baseline(name: str, x: Floats, y: Floats, test: Floats, *, seed: int = 0) -> Floats:
    """Return what a baseline says of test designs, [designs, metrics].

    Args:
        name: One of `NAMES`.
        x: Positions of the training designs, [designs, parameters].
        y: Their metrics on the learned scale, [designs, metrics]; NaN where there is none.
        test: Positions of the test designs.
        seed: Of what is random.
    """
    if name == NAMES[3]:
        return _transformer(x, y, test, seed)
    made = np.empty((len(test), y.shape[1]))
    for at in range(y.shape[1]):
        there = np.isfinite(y[:, at])
        model = regressor(name, x.shape[1], seed)
        centre, scale = float(y[there, at].mean()), float(y[there, at].std()) or 1.0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(x[there], (y[there, at] - centre) / scale)
        made[:, at] = model.predict(test) * scale + centre
    return made


def regressor(name: str, width: int, seed: int) -> Any:
    """Return a regressor of scikit-learn by the name of a baseline."""
    try:
        from sklearn.ensemble import HistGradientBoostingRegressor
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
        from sklearn.neural_network import MLPRegressor
    except ImportError:
        raise ToolNotFoundError(
            "the baselines need scikit-learn; install it with: pip install 'eda-toolkit[bo]'"
        ) from None
    if name == NAMES[0]:
        kernel = ConstantKernel(1.0) * Matern(np.ones(width), nu=2.5) + WhiteKernel(0.1)
        return GaussianProcessRegressor(kernel, random_state=seed)
    if name == NAMES[1]:
        return HistGradientBoostingRegressor(random_state=seed)
    return MLPRegressor(hidden_layer_sizes=(128, 128), max_iter=600, random_state=seed)


def _transformer(x: Floats, y: Floats, test: Floats, seed: int) -> Floats:
    """Return the means of a decoder that reads the parameters, then one metric after the other."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    there = np.isfinite(y)
    centre = np.nanmean(y, axis=0)
    scale = np.maximum(np.nanstd(y, axis=0), 1e-9)
    scaled = np.where(there, (y - centre) / scale, 0.0)
    metrics = y.shape[1]
    layer = nn.TransformerEncoderLayer(WIDTH, 4, 2 * WIDTH, 0.0, batch_first=True)
    parts = nn.ModuleDict(
        {
            "read": nn.Linear(x.shape[1], WIDTH),
            "metric": nn.Linear(1, WIDTH),
            "place": nn.Embedding(metrics + 1, WIDTH),
            "body": nn.TransformerEncoder(layer, 2, enable_nested_tensor=False),
            "out": nn.Linear(WIDTH, 1),
        }
    )
    mask = nn.Transformer.generate_square_subsequent_mask(metrics)
    places = torch.arange(metrics)

    def run(given: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
        tokens = torch.cat(
            [parts["read"](given)[:, None], parts["metric"](before[:, :-1, None])], 1
        )
        state = parts["body"](tokens + parts["place"](places), mask=mask)
        made: torch.Tensor = parts["out"](state)[..., 0]
        return made

    optimizer = torch.optim.AdamW(parts.parameters(), lr=RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=STEPS)
    given = torch.from_numpy((2 * x - 1).astype(np.float32))
    goal = torch.from_numpy(scaled.astype(np.float32))
    known = torch.from_numpy(there.astype(np.float32))
    rng = np.random.default_rng(seed)
    for _ in range(STEPS):
        rows = torch.from_numpy(rng.integers(len(x), size=64))
        error = (run(given[rows], goal[rows]) - goal[rows]) * known[rows]
        optimizer.zero_grad()
        loss = (error**2).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        asked = torch.from_numpy((2 * test - 1).astype(np.float32))
        found = torch.zeros(len(test), metrics)
        for at in range(metrics):
            found[:, at] = run(asked, found)[:, at]
    return np.asarray(found.numpy().astype(np.float64) * scale + centre)
