"""Expert iteration: a tiny round keeps what is new and solved, and is not repeated."""

from pathlib import Path
from shutil import which

import pytest

from eda.datasets.topologies import topology_data
from eda.datasets.topology_rounds import RoundPlan, expert_rounds
from eda.datasets.topology_training import card_of, topology_samples
from eda.topology.known import known_from
from eda.topology.shape import Shape
from eda.topology.train import TrainingPlan, train
from eda.topology.types import TYPES
from eda.topology.weights import load_weights

SMALL = Shape(width=16, layers=1, heads=2, inner=16, key=8, tag=4, dropout=0.0)


@pytest.mark.skipif(which("ngspice") is None, reason="ngspice is not installed")
def test_a_round_keeps_what_is_good_and_is_not_repeated(tmp_path: Path) -> None:
    data = topology_data(composed=1, generated=1, corpora=())
    samples = topology_samples(data.part("train"))
    plan = TrainingPlan(shape=SMALL, steps=2, batch=2, check_every=2)
    train(samples, samples[:2], out=tmp_path, plan=plan, card=card_of(data, 0))
    known = known_from([(item.name, item.key, item.topology) for item in data.records])
    small = RoundPlan(per_type=1, labelled=1, steps=2)

    def run() -> list[dict[str, int]]:
        return expert_rounds(1, samples, samples[:2], known, out=tmp_path, plan=small, cache=False)

    (counts,) = run()
    # Only of what a testbench can judge.
    assert counts["sampled"] == sum(bool(kind.testbench) for kind in TYPES.values())
    assert 0 <= counts["kept"] <= counts["solved"] <= counts["new"] <= counts["sampled"]
    weights = load_weights(tmp_path / "topology.safetensors")
    assert weights.card["works_known"] is True
    assert weights.card["rounds"] == [counts]
    # What is there is taken; nothing is sampled or trained again.
    before = (tmp_path / "round-1" / "topology.safetensors").stat().st_mtime_ns
    assert run() == [counts]
    assert (tmp_path / "round-1" / "topology.safetensors").stat().st_mtime_ns == before
