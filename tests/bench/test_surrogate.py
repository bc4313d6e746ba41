"""The bench of the surrogate: its baselines and tables on small samples."""

import csv
from pathlib import Path

import numpy as np
import pytest

from eda.bench import surrogate as bench
from eda.bench.surrogate_baselines import NAMES, baseline
from eda.bench.surrogate_tables import chain, read_table, table_rows


@pytest.fixture
def smooth() -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).uniform(size=(160, 2))
    return x, np.stack([x.sum(axis=1), x[:, 0] * x[:, 1]], axis=1)


@pytest.mark.parametrize("name", NAMES)
def test_baselines_learn(name: str, smooth: tuple[np.ndarray, np.ndarray]) -> None:
    pytest.importorskip("sklearn")
    x, y = smooth
    holes = y[:100].copy()
    holes[3, 1] = np.nan
    said = baseline(name, x[:100], holes, x[100:])
    assert said.shape == (60, 2)
    error = ((said - y[100:]) ** 2).mean(axis=0) / y[100:].var(axis=0)
    assert (error < 0.5).all()


def test_tables_are_split_and_scored(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    rng = np.random.default_rng(1)
    x = rng.uniform(1.0, 9.0, (300, 4))
    with (tmp_path / "CVA_train.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["a", "b", "c", "d", "P", "Q", "R"])
        writer.writerows(np.column_stack([x, x.sum(1), x[:, 0] * x[:, 1], x[:, 2]]).tolist())
    _, metrics, names = read_table(tmp_path, "CVA")
    assert names == ["P", "Q", "R"]
    assert metrics.shape == (300, 3)
    rows = table_rows(tmp_path, "CVA", rows=300, epochs=40, members=1, seed=0)
    assert [row[:2] for row in rows] == [("CVA", "P"), ("CVA", "Q"), ("CVA", "R")]
    assert min(row[2] for row in rows) > 0.8


def test_a_chain_repeats(smooth: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = smooth
    one = chain(x[:100], y[:100], x[100:], epochs=3, members=1, seed=4)
    two = chain(x[:100], y[:100], x[100:], epochs=3, members=1, seed=4)
    assert np.array_equal(one, two)


def test_ranks_are_averaged() -> None:
    table = bench._ranks([("a", {"ours": 1.0, "MLP": 2.0}), ("b", {"ours": 2.0, "MLP": 1.0})])
    assert table.columns == ("case", "ours", "MLP")
    assert table.rows[-1] == ("all", 1.5, 1.5)
