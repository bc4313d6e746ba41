"""The training loop: deterministic, resumable, and able to learn."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from eda.errors import WeightsError
from eda.links import train as training
from eda.links.sample import Sample
from eda.links.train import TrainingPlan, train
from eda.links.weights import Shape, load_weights

PLAN = TrainingPlan(shape=Shape(width=8, inner=8, hidden=8, layers=2), steps=6, batch=4)


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "CHECK_EVERY", 2)


def test_a_stopped_training_goes_on_as_if_nothing_had_happened(
    tmp_path: Path, ota_sample: Sample
) -> None:
    data = ([ota_sample], [1.0], [ota_sample])
    lines: list[str] = []
    whole = train(*data, out=tmp_path / "a", plan=PLAN, seed=5)
    stopped = train(*data, out=tmp_path / "b", plan=PLAN, seed=5, minutes=0.0)
    assert stopped["steps"] == 1
    resumed = train(*data, out=tmp_path / "b", plan=PLAN, seed=5, resume=True, log=lines.append)
    assert lines[0] == "going on from step 1"
    assert resumed["steps"] == whole["steps"] == 6
    assert resumed["validation_mrr"] == pytest.approx(whole["validation_mrr"], abs=0.02)
    one, two = (load_weights(tmp_path / x / "links.safetensors") for x in "ab")
    for name, array in one.arrays.items():
        # Not to the last bit: libraries sum in an order that depends on where memory lies.
        np.testing.assert_allclose(array, two.arrays[name], atol=5e-3)


def test_another_seed_makes_another_model(tmp_path: Path, ota_sample: Sample) -> None:
    data = ([ota_sample], [1.0], [ota_sample])
    train(*data, out=tmp_path / "a", plan=PLAN, seed=0)
    train(*data, out=tmp_path / "b", plan=PLAN, seed=1)
    one, two = (load_weights(tmp_path / x / "links.safetensors").arrays for x in "ab")
    assert any((one[name] != two[name]).any() for name in one)


def test_a_checkpoint_of_another_training_is_refused(tmp_path: Path, ota_sample: Sample) -> None:
    data = ([ota_sample], [1.0], [ota_sample])
    train(*data, out=tmp_path, plan=PLAN, seed=0)
    message = (
        f"{tmp_path}: the checkpoint there is of another training (plan, seed or data); "
        "choose another folder, or start without --resume"
    )
    with pytest.raises(WeightsError, match=f"^{re.escape(message)}$"):
        train(*data, out=tmp_path, plan=PLAN, seed=1, resume=True)


def test_it_learns_one_circuit_by_heart(
    tmp_path: Path, ota_sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "CHECK_EVERY", 20)
    shape = Shape(width=16, inner=16, hidden=16, layers=2, dropout=0.0)
    plan = TrainingPlan(shape=shape, steps=60, batch=8, rate=1e-2)
    summary = train([ota_sample], [1.0], [ota_sample], out=tmp_path, plan=plan)
    history = (tmp_path / "metrics.csv").read_text("utf-8").splitlines()
    assert history[0] == "step,loss,hits_at_1,hits_at_3,mrr,pair"
    first, last = (float(line.split(",")[1]) for line in (history[1], history[-1]))
    assert last < 0.95 * first
    assert summary["validation_mrr"] > 0.45
