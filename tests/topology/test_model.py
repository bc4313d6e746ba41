"""The model: numpy and torch agree, training resumes where it was, weights are read safely."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eda.errors import SpecError, WeightsError
from eda.topology.batches import Sample, make_batch
from eda.topology.bigram import Bigram
from eda.topology.circuit import Topology
from eda.topology.conditions import NUM_BINS, bin_vector, conditions_of
from eda.topology.features import State, lesson_of
from eda.topology.forward import Decoder
from eda.topology.likelihood import circuit_bits
from eda.topology.sample import Request, sample
from eda.topology.train import TrainingPlan, train
from eda.topology.types import TYPES, UNTYPED
from eda.topology.walk import PIN_SLOT, decisions
from eda.topology.weights import Weights, load_weights, save_weights

from .conftest import SMALL, random_circuit

PLAN = TrainingPlan(shape=SMALL, steps=4, batch=2, check_every=2)


@pytest.mark.parametrize("guidance", [0.0, 1.5])
def test_numpy_gives_the_scores_of_torch(
    weights: Weights, two_stage: Topology, guidance: float
) -> None:
    import torch

    from eda.topology.network import TopologyNetwork

    network = TopologyNetwork(SMALL).eval()
    network.load_state_dict({k: torch.from_numpy(v) for k, v in weights.arrays.items()})
    made = decisions(two_stage, np.random.default_rng(3))
    lesson = lesson_of(made, "opamp", TYPES["opamp"].number)
    told = {"devices": 10.0, "gain_db": 50.0}
    lessons = [lesson, replace(lesson, type=UNTYPED)]
    with torch.no_grad():
        scores = network(make_batch(lessons, [told, told]))
        shares = torch.log_softmax(scores, dim=2)
        # Where neither can be chosen, the difference of two infinities says nothing.
        leaning = (shares[0] - shares[1]).nan_to_num(nan=0.0)
        expected = (scores[0] + guidance * leaning).numpy()
    decoder = Decoder(weights, [TYPES["opamp"].number], bin_vector(told)[None], guidance=guidance)
    state, word, net = State.begin("opamp"), -1, -1
    for at, item in enumerate(made):
        (scores,) = decoder.scores([state], [word], [net])
        np.testing.assert_allclose(scores, expected[at, : len(scores)], atol=1e-4)
        place, slot = len(state.walk.pins), state.walk.slot
        state.take(item.word)
        word, net = item.word, -1
        if slot >= PIN_SLOT:
            walk = state.walk
            net = walk.pins[place] if walk.kind >= 0 else walk.devices[-1][1][place]


def test_the_same_key_makes_the_same_circuit(weights: Weights) -> None:
    wanted = [Request("opamp", (1, 2), budget=12), Request("filter", (1, 3), budget=12)]
    first = sample(wanted, weights)
    assert first == sample(wanted, weights)
    assert [item.type for item in first] == ["opamp", "filter"]
    ported = sample([Request("opamp", (5,), ports=(0, 1, 2, 2, 11), budget=10)], weights)
    assert ported[0].ports == (0, 1, 2, 2, 11)


def test_training_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    samples = [Sample(random_circuit(seed, budget=6)) for seed in range(6)]
    whole = train(samples, samples[:2], out=tmp_path / "a", plan=PLAN, seed=1)
    stopped = tmp_path / "b"

    class StoppedError(Exception):
        pass

    def stop(_text: str) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        train(samples, samples[:2], out=stopped, plan=PLAN, seed=1, log=stop)
    again = train(samples, samples[:2], out=stopped, plan=PLAN, seed=1, resume=True)
    assert again["validation_bits_per_device"] == whole["validation_bits_per_device"]
    one, other = (load_weights(tmp_path / name / "topology.safetensors") for name in "ab")
    for name, array in one.arrays.items():
        np.testing.assert_array_equal(array, other.arrays[name])
    with pytest.raises(WeightsError, match="the checkpoint there is of another training"):
        train(samples, samples[:2], out=stopped, plan=PLAN, seed=2, resume=True)


def test_training_learns(tmp_path: Path, two_stage: Topology) -> None:
    plan = TrainingPlan(
        shape=SMALL, steps=60, batch=4, rate=3e-2, average=0.8, check_every=20, flip=0.0
    )
    train([Sample(two_stage)], [Sample(two_stage)], out=tmp_path, plan=plan)
    after = load_weights(tmp_path / "topology.safetensors")
    before = Bigram()
    untrained = before.bits(two_stage, np.random.default_rng(0))
    assert circuit_bits(after, [two_stage], orders=2).mean() < untrained


def test_a_bigram_likes_what_it_has_seen(two_stage: Topology) -> None:
    seen, unseen = Bigram(), Bigram()
    seen.learn([(two_stage, 1.0)], np.random.default_rng(0))
    rng = [np.random.default_rng(1) for _ in range(2)]
    assert seen.bits(two_stage, rng[0]) < 0.8 * unseen.bits(two_stage, rng[1])


def test_damaged_weights_are_refused(tmp_path: Path, weights: Weights) -> None:
    path = tmp_path / "topology.safetensors"
    with pytest.raises(WeightsError, match=r"no such weights; make them with: eda train topology$"):
        load_weights(path)
    save_weights(path, weights.arrays, shape=SMALL, card={"title": "t"})
    assert load_weights(path).card == {"title": "t"}
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(WeightsError, match="not a weights file"):
        load_weights(path)
    from safetensors.numpy import save_file

    about = {"format": "eda.topology-weights/1", "tables": "other", "shape": {}}
    save_file({"a": np.zeros(1)}, path, metadata={"eda": json.dumps(about)})
    with pytest.raises(WeightsError, match="made for another version of the generator"):
        load_weights(path)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"gain": 60}, "the spec: there is no condition 'gain'; there are devices, polarity, sup"),
        ({"works": 1}, "the spec: there is no condition 'works'"),
        ({"polarity": "x"}, "the spec: polarity is 'x'; it is one of n, p, both"),
        ({"gain_db": "60"}, "the spec: gain_db is '60'; it must be a number"),
        ({"gain_db": float("nan")}, "the spec: gain_db is nan; it must be a finite number"),
    ],
)
def test_bad_conditions_are_refused(spec: dict[str, object], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        conditions_of(spec)
    assert str(caught.value).startswith(message)


def test_a_bin_for_each_condition() -> None:
    assert bin_vector({}).sum() == 0
    told = {"devices": 12.0, "polarity": 2.0, "gain_db": 1e9, "works": 1.0, "power_w": 0.0}
    assert bin_vector(told).sum() == len(told)
    assert len(bin_vector(told)) == NUM_BINS
