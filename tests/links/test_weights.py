"""Weights files: written and read back, and refused when they do not fit."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from eda.errors import WeightsError
from eda.links.weights import (
    FOLDER,
    SHIPPED,
    Weights,
    load_weights,
    models_for,
    save_weights,
    shipped_weights,
)


def test_round_trip(tmp_path: Path, random_model: Weights) -> None:
    path = tmp_path / "w.safetensors"
    save_weights(
        path, random_model.arrays, shape=random_model.shape, temperature=1.25, card={"seed": 3}
    )
    read = load_weights(path)
    assert (read.shape, read.temperature, read.card) == (random_model.shape, 1.25, {"seed": 3})
    for name, array in random_model.arrays.items():
        np.testing.assert_allclose(read.arrays[name], array, atol=2e-3)
    again = tmp_path / "again.safetensors"
    save_weights(again, read.arrays, shape=read.shape, temperature=1.25, card={"seed": 3})
    assert again.read_bytes() == path.read_bytes()
    assert sorted(item.name for item in tmp_path.iterdir()) == [
        "again.json",
        "again.safetensors",
        "w.json",
        "w.safetensors",
    ]


def test_weights_for_other_tables_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    about = {"format": "eda.links/1", "tables": "0123", "shape": {}, "temperature": 1.0}
    path.write_bytes(save({"x": np.zeros(1)}, metadata={"eda": json.dumps(about)}))
    message = (
        f"{path}: made for another version of the link model; make new ones with: eda train links"
    )
    with pytest.raises(WeightsError, match=f"^{re.escape(message)}$"):
        load_weights(path)


def test_weights_that_are_not_there(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    message = f"{path}: no such weights; make them with: eda train links"
    with pytest.raises(WeightsError, match=f"^{re.escape(message)}$"):
        load_weights(path)


@pytest.mark.parametrize("content", [b"", b"\x00" * 64, b"hello world, no weights here at all"])
def test_damaged_weights_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=f"^{re.escape(str(path))}: not a weights file"):
        load_weights(path)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_shipped_is_small_and_says_where_it_comes_from(name: str) -> None:
    assert (FOLDER / f"{name}.safetensors").stat().st_size < 2_000_000
    weights = shipped_weights(name)
    parameters = sum(array.size for array in weights.arrays.values())
    assert 200_000 <= parameters <= 500_000
    assert {"data", "licence", "date", "seed", "command", "validation_mrr"} <= set(weights.card)


def test_a_large_circuit_does_with_one_model() -> None:
    assert len(models_for(100)) == len(SHIPPED)
    assert len(models_for(1_000_000)) == 1
