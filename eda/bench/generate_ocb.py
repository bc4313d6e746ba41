"""The Open Circuit Benchmark in ``eda bench generate``: labels, its figure of merit, a search."""

from __future__ import annotations

import gzip
import json
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.bench.table import Table
from eda.topology.ocb import OcbFigures, analyse, merit, plain_merit
from eda.topology.ocb_search import random_circuit, search

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

BUDGET: Final = 500
_MAX_ROWS: Final = 20_000
_POSITIONS, _TYPES = 8, 26


def ocb_tables(folder: Path, *, full: bool, seed: int, log: Callable[[str], object]) -> list[Table]:
    """Return the tables on the regenerated benchmark.

    Args:
        folder: With ``train.jsonl.gz``.
        full: Whether every row is analysed anew, and ten searches are run; else a part, and three.
        seed: Of the draws.
        log: Called with what is being done.
    """
    log("Open Circuit Benchmark")
    rows = _rows(folder / "train.jsonl.gz")
    labels = [_label(row) for row in rows]
    some = rows if full else rows[:: max(1, len(rows) // 300)]
    return [
        _label_table(some, labels, seed),
        _search_table(rows, labels, seed, 10 if full else 3),
    ]


def _rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line, _ in zip(lines, range(_MAX_ROWS), strict=False)]


def _elements(row: dict[str, Any]) -> list[tuple[str, tuple[str, ...], float]]:
    return [(str(item[0]), tuple(map(str, item[1:-1])), float(item[-1])) for item in row["devices"]]


def _label(row: dict[str, Any]) -> OcbFigures:
    unity = row["ugf_hz"]
    margin = math.nan
    if unity is not None and row["phase_at_ugf_deg"] is not None:
        margin = 180 + row["phase_at_ugf_deg"] - row["phase_dc_deg"]
    siemens = sum(abs(item[-1]) for item in row["devices"] if item[0] == "G")
    gain = row["gain_db"] if row["gain_db"] is not None else -300.0
    poles = int(row["n_rhp_poles"])
    return OcbFigures(gain, math.nan if unity is None else unity, margin, poles, siemens)


def _label_table(some: list[dict[str, Any]], labels: list[OcbFigures], seed: int) -> Table:
    gain = unity = stable = 0
    for row in some:
        theirs, ours = _label(row), analyse(_elements(row))
        gain += abs(theirs.gain_db - ours.gain_db) < 0.01
        both = math.isnan(theirs.unity_hz) and math.isnan(ours.unity_hz)
        unity += both or abs(theirs.unity_hz / ours.unity_hz - 1) < 0.01
        stable += bool(theirs.unstable) == bool(ours.unstable)
    plain = np.array([plain_merit(item) for item in labels])
    bandwidth = np.nan_to_num(np.array([item.unity_hz for item in labels]))
    unstable = sum(item.unstable > 0 for item in labels)
    good = sum(merit(item) > 0 for item in labels)
    rng = np.random.default_rng(seed)
    drawn = [random_circuit(rng) for _ in range(500)]
    rows = [
        ("gain within 0.01 dB of the label", f"{gain} of {len(some)}"),
        ("unity-gain frequency within 1 %", f"{unity} of {len(some)}"),
        ("the same verdict on stability", f"{stable} of {len(some)}"),
        (
            "Pearson of the benchmark's merit and its bandwidth",
            f"{np.corrcoef(plain, bandwidth)[0, 1]:.4f}",
        ),
        ("circuits of it that are unstable", f"{unstable} of {len(labels)}"),
        ("circuits of it with a corrected merit above 0", f"{good} of {len(labels)}"),
        ("random circuits here: different shapes of 500", str(len({c.shape() for c in drawn}))),
    ]
    return Table(
        "Open Circuit Benchmark, regenerated (ocb_regen)",
        ("what", "value"),
        tuple(rows),
        (
            "nodal analysis beside the labels of the set; behavioural: no transistors, no process",
            "corrected merit: 0 if unstable, below 40 dB or with a margin outside 45-120 degrees,"
            " else unity gain over transconductance",
        ),
    )


def _search_table(
    rows: list[dict[str, Any]], labels: list[OcbFigures], seed: int, runs: int
) -> Table:
    merits = np.array([merit(item) for item in labels])
    features = _features(rows)
    found: dict[str, list[float]] = {}
    for run in range(runs):
        rng = np.random.default_rng((seed, run))
        found.setdefault("evolution of topology and values", []).append(search(BUDGET, rng)[1])
        found.setdefault("Bayesian optimisation over the set", []).append(
            bayesian(features, merits, BUDGET, rng)
        )
        drawn = [merit(analyse(random_circuit(rng).elements)) for _ in range(BUDGET)]
        found.setdefault("block enumeration, drawn evenly", []).append(max(drawn))
        picked = rng.choice(len(merits), BUDGET, replace=False)
        found.setdefault("rows of the set, drawn evenly", []).append(float(merits[picked].max()))
    table: list[tuple[str | float | int | None, ...]] = [
        (name, *(float(f(values)) / 1e9 for f in (np.mean, np.std, np.min, np.max)))
        for name, values in found.items()
    ]
    return Table(
        f"Best corrected merit in {BUDGET} evaluations",
        ("search", "mean GHz/S", "deviation", "least", "most"),
        tuple(table),
        (
            f"{runs} runs each; the best of all {len(merits)} rows of the set has"
            f" {float(merits.max()) / 1e9:.1f}",
        ),
    )


def _features(rows: list[dict[str, Any]]) -> NDArray[np.float64]:
    """Return float64 [rows, features]: type by position, and the codes."""
    made = np.zeros((len(rows), _POSITIONS * (_TYPES + 3)))
    for vector, row in zip(made, rows, strict=True):
        for kind, position, _, codes in row["subs"]:
            base = min(position, _POSITIONS - 1) * (_TYPES + 3)
            vector[base + kind] = 1
            for at, code in enumerate(codes[:3]):
                vector[base + _TYPES + at] = code / 101
    return made


def bayesian(
    features: NDArray[np.float64],
    merits: NDArray[np.float64],
    budget: int,
    rng: np.random.Generator,
) -> float:
    """Return the best of a pool that a Gaussian process with expected improvement finds.

    Ten rows at first, then five a round, as in the benchmark's own protocol.
    """
    from scipy.linalg import cho_factor, cho_solve
    from scipy.special import erf

    target = np.log10(1 + merits / 1e9)
    taken = rng.choice(len(target), min(10, budget), replace=False).tolist()
    left = np.ones(len(target), dtype=np.bool_)
    left[taken] = False
    square = (features**2).sum(axis=1)
    scale = 0.3 * features.shape[1] ** 0.5
    while len(taken) < budget:
        own = features[taken]
        kernel = np.exp(-_squares(own, own, square[taken], square[taken]) / (2 * scale))
        mean = target[taken].mean()
        spread = max(float(target[taken].std()), 1e-3)
        factor = cho_factor(kernel + 1e-2 * np.eye(len(taken)))
        pool = rng.choice(np.flatnonzero(left), min(1500, int(left.sum())), replace=False)
        across = np.exp(-_squares(features[pool], own, square[pool], square[taken]) / (2 * scale))
        guess = mean + across @ cho_solve(factor, target[taken] - mean)
        solved = cho_solve(factor, across.T)
        deviation = spread * np.sqrt(np.maximum(1 - (across * solved.T).sum(axis=1), 1e-9))
        z = (guess - target[taken].max()) / deviation
        normal = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
        gain = deviation * (z * 0.5 * (1 + erf(z / math.sqrt(2))) + normal)
        chosen = pool[np.argsort(-gain)[: min(5, budget - len(taken))]].tolist()
        taken += chosen
        left[chosen] = False
    return float(merits[taken].max())


def _squares(
    one: NDArray[np.float64],
    other: NDArray[np.float64],
    square: NDArray[np.float64],
    others: NDArray[np.float64],
) -> NDArray[np.float64]:
    return np.maximum(square[:, None] + others[None] - 2 * one @ other.T, 0.0)
