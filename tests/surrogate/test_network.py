"""The network: NumPy and torch agree, training repeats and resumes, weights are checked."""

import json
from pathlib import Path

import numpy as np
import pytest

from eda.errors import WeightsError
from eda.spice import Case
from eda.surrogate import load_surrogate
from eda.surrogate.data import CaseData
from eda.surrogate.forward import run_network
from eda.surrogate.physics import Physics
from eda.surrogate.samples import Sample, folds_of, make_sample
from eda.surrogate.train import TrainingPlan, train
from eda.surrogate.weights import FOLDER, Shape, Weights, load_weights, weights_in

PLAN = TrainingPlan(shape=Shape(8, 8, 1), steps=6, folds=2, check_every=2)


@pytest.fixture(scope="module")
def sample(tiny: Case, tiny_data: CaseData) -> Sample:
    return make_sample(Physics(tiny, workers=1), tiny_data)


@pytest.fixture(scope="module")
def samples(sample: Sample) -> list[Sample]:
    from dataclasses import replace

    return [sample, replace(sample, case="other", topology="other")]


def test_numpy_says_what_torch_says(sample: Sample) -> None:
    import torch

    from eda.surrogate.network import SurrogateNetwork

    torch.manual_seed(1)
    network = SurrogateNetwork(PLAN.shape)
    for layer in (network.head_out, network.alive_out):
        torch.nn.init.normal_(layer.weight)
    arrays = {key: value.detach().numpy() for key, value in network.state_dict().items()}
    inputs, graph = sample.inputs.take(slice(0, 9)), sample.inputs.graph
    known = np.zeros_like(inputs.answer)
    known[::2, 0] = 1.0
    target = sample.target[:9]
    mine = run_network(Weights(PLAN.shape, arrays, {}), inputs, target, known)
    given = [
        torch.from_numpy(np.ascontiguousarray(item))
        for item in (
            *(graph.links, inputs.device, inputs.net, inputs.answer, inputs.there),
            *(graph.kinds, graph.stages, graph.plus, graph.minus, target, known),
        )
    ]
    for one, two in zip(mine, network(*given), strict=True):
        assert np.allclose(one, two.detach().numpy(), atol=1e-4)


def test_training_repeats_and_resumes(samples: list[Sample], tmp_path: Path) -> None:
    whole = train(samples, out=tmp_path / "a", plan=PLAN)
    assert (whole["finished"], whole["members"]) == (True, 2)
    stopped = train(samples, out=tmp_path / "b", plan=PLAN, minutes=1e-9)
    assert stopped == {"finished": False, "members": 0}
    assert (tmp_path / "b" / "checkpoint.safetensors").exists()
    train(samples, out=tmp_path / "b", plan=PLAN, resume=True)
    for name in ("surrogate-0.safetensors", "surrogate-1.safetensors", "calibration.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    members, calibration = weights_in(tmp_path / "a")
    assert [item.card["unseen"] for item in members] == [["tiny"], ["other"]]
    assert members[0].saw("other")
    assert not members[0].saw("tiny", "nothing")
    assert calibration["margins"]["gain_db"] > 0
    assert load_surrogate(tmp_path / "a").ensemble is not None


def test_no_topology_is_on_both_sides(samples: list[Sample]) -> None:
    groups = folds_of(samples, 4)
    assert len(groups) == 2
    assert not groups[0] & groups[1]


def test_shipped_weights_are_small_and_have_a_card() -> None:
    files = sorted(FOLDER.glob("*.safetensors"))
    assert files
    assert sum(path.stat().st_size for path in files) < 5_000_000
    for path in files:
        weights = load_weights(path)
        assert weights.card["licence"] == "GPL-3.0-or-later"
        assert weights.card["command"].startswith("eda train surrogate")
        assert set(weights.card["unseen"]).isdisjoint(weights.card["cases"])
    assert (FOLDER / "README.md").is_file()


def test_weights_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="holds no weights; make some with: eda train surr"):
        load_surrogate(tmp_path)
    source = next(FOLDER.glob("*.safetensors"))
    path = tmp_path / "surrogate-0.safetensors"
    path.with_suffix(".json").write_text("{}", "utf-8")
    for damage in (b"", source.read_bytes()[:300], b"\xff" * 64):
        path.write_bytes(damage)
        with pytest.raises(WeightsError, match=r"no weights of a surrogate"):
            load_weights(path)
    data = source.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    about = json.loads(header["__metadata__"]["eda"])
    assert about["format"] == "eda.surrogate/1"
    other = data.replace(b"eda.surrogate/1", b"eda.surrogate/9")
    path.write_bytes(other)
    with pytest.raises(WeightsError, match="made for another version of the surrogate"):
        load_weights(path)
