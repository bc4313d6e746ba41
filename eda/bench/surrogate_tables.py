"""Tables without a deck: parameters to metrics of the AICircuit circuits, beside an MLP.

Nothing can be solved there, so what is measured is how well a network learns from rows alone.
Ours predicts one metric after the other, each from the parameters and the metrics before, and is
the mean of several; the baseline is one MLP of two layers of 128.
"""

from __future__ import annotations

import csv
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.bench.surrogate_baselines import NAMES, regressor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PARAMETERS: Final = {"CVA": 4, "CSVA": 4, "TSVA": 6, "LNA": 7, "VCO": 7}
NOTED: Final[dict[str, tuple[float, ...]]] = {
    "CVA": (0.993, 1.000, 0.936),
    "CSVA": (0.990, 1.000, 0.918),
    "TSVA": (0.945, 0.967, 0.961),
    "LNA": (0.995, 0.995, 0.995, 0.995, 0.995),
    "VCO": (0.999, 0.999, 0.999, 0.15, 0.44),
}
"""The row of an MLP of the same size that we measured when the data came, on held-out rows."""
HELD_OUT: Final = 0.2
WIDTH: Final = 128


def read_table(folder: Path, name: str) -> tuple[Floats, Floats, list[str]]:
    """Return parameters and metrics of a table, and the names of the metrics."""
    with (folder / f"{name}_train.csv").open(newline="", encoding="utf-8") as stream:
        lines = list(csv.reader(stream))
    rows = np.array([[float(cell) for cell in line] for line in lines[1:]])
    split = PARAMETERS[name]
    return rows[:, :split], rows[:, split:], lines[0][split:]


def table_rows(
    folder: Path, name: str, *, rows: int, epochs: int, members: int, seed: int
) -> list[tuple[str, str, float, float, float]]:
    """Return for each metric: table, metric, R2 of ours, of the MLP here, of the noted one."""
    x, y, metrics = read_table(folder, name)
    order = np.random.default_rng(seed).permutation(len(x))[:rows]
    x, y = _learned(x[order]), y[order]
    logs = (y > 0).all(axis=0) & (y.max(axis=0) > 5 * np.abs(y.min(axis=0)))
    target = np.where(logs, np.log(np.where(logs, y, 1.0)), y)
    cut = int(len(x) * (1 - HELD_OUT))
    ours = chain(x[:cut], target[:cut], x[cut:], epochs=epochs, members=members, seed=seed)
    plain = _mlp(x[:cut], target[:cut], x[cut:], seed)
    made = []
    for at, metric in enumerate(metrics):
        scores = []
        for found in (ours, plain):
            back = np.exp(found[:, at]) if logs[at] else found[:, at]
            truth = y[cut:, at]
            scores.append(1 - float(((back - truth) ** 2).mean() / truth.var()))
        made.append((name, metric, scores[0], scores[1], NOTED[name][at]))
    return made


def _mlp(x: Floats, y: Floats, test: Floats, seed: int) -> Floats:
    """Return what one MLP says of all metrics."""
    model = regressor(NAMES[2], x.shape[1], seed)
    model.set_params(max_iter=150, early_stopping=False)
    centre, scale = y.mean(axis=0), np.maximum(y.std(axis=0), 1e-12)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(x, (y - centre) / scale)
    return np.asarray(model.predict(test) * scale + centre)


def _learned(x: Floats) -> Floats:
    """Return parameters from 0 to 1, those over more than a factor 5 as logarithms."""
    wide = (x > 0).all(axis=0) & (x.max(axis=0) > 5 * x.min(axis=0))
    scaled = np.where(wide, np.log(np.where(wide, x, 1.0)), x)
    low, high = scaled.min(axis=0), scaled.max(axis=0)
    return np.asarray((scaled - low) / np.maximum(high - low, 1e-30))


def chain(x: Floats, y: Floats, test: Floats, *, epochs: int, members: int, seed: int) -> Floats:
    """Return the mean of networks that predict the metrics one after the other."""
    import torch
    from torch import nn

    centre, scale = y.mean(axis=0), np.maximum(y.std(axis=0), 1e-12)
    goal = torch.from_numpy(((y - centre) / scale).astype(np.float32))
    given = torch.from_numpy((2 * x - 1).astype(np.float32))
    asked = torch.from_numpy((2 * test - 1).astype(np.float32))
    total = torch.zeros(len(test), y.shape[1])
    for member in range(members):
        torch.manual_seed(seed * 100 + member)
        rng = np.random.default_rng([seed, member])
        heads = nn.ModuleList(
            nn.Sequential(
                nn.Linear(x.shape[1] + at, WIDTH),
                nn.SiLU(),
                nn.Linear(WIDTH, WIDTH),
                nn.SiLU(),
                nn.Linear(WIDTH, 1),
            )
            for at in range(y.shape[1])
        )
        optimizer = torch.optim.AdamW(heads.parameters(), lr=4e-3, weight_decay=1e-5)
        steps = epochs * (1 + len(x) // 256)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
        for _ in range(steps):
            rows = torch.from_numpy(rng.integers(len(x), size=256))
            before = goal[rows]
            loss = torch.zeros(())
            for at, head in enumerate(heads):
                # Its own answers, not the truth, half of the time: as it will be asked.
                said = head(torch.cat([given[rows], before[:, :at]], 1))[:, 0]
                loss = loss + torch.nn.functional.smooth_l1_loss(said, goal[rows, at])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
        with torch.no_grad():
            found = torch.zeros(len(test), 0)
            for head in heads:
                found = torch.cat([found, head(torch.cat([asked, found], 1))], 1)
            total += found
    return np.asarray((total / members).numpy().astype(np.float64) * scale + centre)
