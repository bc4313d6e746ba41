"""The model in NumPy gives what the model in torch gives."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from eda.links import forward as numpy_forward
from eda.links.features import make_features
from eda.links.forward import forward
from eda.links.network import LinkNetwork
from eda.links.sample import Sample
from eda.links.scene import Scene, join_scenes, make_scene
from eda.links.train import tensors
from eda.links.weights import Weights, shipped_weights


@pytest.fixture
def scene(ota_sample: Sample) -> Scene:
    pins = [[9], [3, 12, 20], [0, 1, 2, 25]]
    return join_scenes([make_scene(ota_sample, np.array(group)) for group in pins])


@pytest.mark.parametrize("fold_from", [0, 10**9])
@pytest.mark.parametrize("sparse_from", [0, 10**9])
@pytest.mark.parametrize("shipped", [True, False])
def test_numpy_equals_torch(
    scene: Scene,
    random_model: Weights,
    shipped: bool,
    sparse_from: int,
    fold_from: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(numpy_forward, "_SPARSE_FROM", sparse_from)
    monkeypatch.setattr(numpy_forward, "_FOLD_FROM", fold_from)
    weights = shipped_weights() if shipped else random_model
    network = LinkNetwork(weights.shape).eval()
    network.load_state_dict(
        {key: torch.from_numpy(np.array(value)) for key, value in weights.arrays.items()}
    )
    features = make_features(scene)
    with torch.no_grad():
        pair, none = network(tensors(features))
    ours, ours_none = forward(weights, features)
    np.testing.assert_allclose(ours, pair.numpy(), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(ours_none, none.numpy(), rtol=1e-4, atol=1e-4)


def test_working_in_blocks_changes_nothing(
    scene: Scene, random_model: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, _ = forward(random_model, make_features(scene))
    monkeypatch.setattr(numpy_forward, "_ROWS_AT_ONCE", 3)
    monkeypatch.setattr(numpy_forward, "_PAIRS_AT_ONCE", 5)
    for fold_from in (0, 10**9):
        monkeypatch.setattr(numpy_forward, "_FOLD_FROM", fold_from)
        parts, _ = forward(random_model, make_features(scene))
        np.testing.assert_allclose(parts, whole, rtol=1e-5, atol=1e-5)


def test_messages_in_columns_and_shared_twins_change_nothing(
    ota_sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = shipped_weights()
    pins = np.flatnonzero(~ota_sample.is_bulk)[::2]
    features = make_features(make_scene(ota_sample, pins))
    monkeypatch.setattr(numpy_forward, "_SHARE_FROM", 10**9)
    apart, none = forward(weights, features)
    monkeypatch.setattr(numpy_forward, "_SHARE_FROM", 0)
    monkeypatch.setattr(numpy_forward, "_MESSAGE_BYTES", 1)
    shared, shared_none = forward(weights, features)
    np.testing.assert_allclose(shared, apart, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(shared_none, none, rtol=1e-4, atol=1e-4)


def test_a_circuit_does_not_hear_its_neighbours(ota_sample: Sample, random_model: Weights) -> None:
    one = make_scene(ota_sample, np.array([9]))
    other = make_scene(ota_sample, np.array([3, 12]))
    alone, _ = forward(random_model, make_features(one))
    both, _ = forward(random_model, make_features(join_scenes([other, one])))
    np.testing.assert_allclose(both[-len(alone) :], alone, rtol=1e-5, atol=1e-5)
