"""The protocols, with scorers whose answers are known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eda.links.prior import count_prior, highest_degree
from eda.links.protocol import complete_pins, model_scorer
from eda.links.protocols import Wiring, fill_holes, find_wrong_wire, hide_folds
from eda.links.sample import Sample
from eda.links.scene import Scene, make_scene
from eda.links.weights import Weights, shipped_weights


def test_highest_degree_scores_by_pins_left(ota_sample: Sample) -> None:
    scene = make_scene(ota_sample, np.array([9]))
    degree = np.bincount(scene.edge_net, minlength=len(scene.net_role))
    np.testing.assert_array_equal(highest_degree(scene), degree[scene.pair_net])


def test_every_pin_but_bulks_is_asked_once(ota_sample: Sample) -> None:
    asked: list[int] = []

    def scorer(scene: Scene) -> NDArray[np.float64]:
        asked.append(scene.num_queries)
        return np.zeros(len(scene.pair_net))

    answers = complete_pins([ota_sample], scorer)
    # 6 two-terminals and 8 transistors; the nets of VP, VN and CL's like are on two pins.
    assert len(answers.rank) == sum(asked) == len(ota_sample.queries()) == 6 * 2 + 8 * 3
    assert answers.figures()["hits_at_1"] == 0.0
    assert answers.figures()["pair"] == 0.5


def test_the_model_beats_the_baselines_on_a_plain_amplifier(ota_sample: Sample) -> None:
    prior = count_prior([ota_sample])
    model = complete_pins([ota_sample], model_scorer([shipped_weights()])).figures()
    degree = complete_pins([ota_sample], highest_degree).figures()
    counted = complete_pins([ota_sample], prior).figures()
    assert model["mrr"] > 0.7 > degree["mrr"]
    # It has seen this very circuit, so the order of the two means nothing; it must learn.
    assert counted["mrr"] > degree["mrr"]


def test_queries_can_be_cut(ota_sample: Sample) -> None:
    answers = complete_pins([ota_sample, ota_sample], highest_degree, queries=5)
    assert np.bincount(answers.circuit).tolist() == [5, 5]


def test_holes_are_counted(ota_sample: Sample) -> None:
    found = fill_holes(ota_sample, 0.1, [shipped_weights()], np.random.default_rng(0))
    assert found.opened == 4
    assert found.proposed_right <= min(found.proposed, found.right)
    assert found + Wiring(1, 1, 1, 1) == Wiring(
        found.opened + 1, found.proposed + 1, found.right + 1, found.proposed_right + 1
    )


def test_an_untrained_model_does_not_know_the_answers(
    ota_sample: Sample, random_model: Weights
) -> None:
    # Were a true net to leak into the question, even chance would find it.
    rng = np.random.default_rng(0)
    total = Wiring()
    for _ in range(6):
        total += fill_holes(ota_sample, 0.2, [random_model], rng)
    assert total.right < 0.5 * total.opened
    figures = complete_pins([ota_sample], model_scorer([random_model])).figures()
    assert figures["hits_at_1"] < 0.5


def test_a_wrong_wire_stands_out(ota_sample: Sample) -> None:
    rng = np.random.default_rng(1)
    found = [find_wrong_wire(ota_sample, [shipped_weights()], rng) for _ in range(6)]
    wires = [wire for wire in found if wire is not None]
    assert len(wires) == 6
    assert {wire.pins for wire in wires} == {36}
    assert float(np.mean([wire.above for wire in wires])) < 0.2
    assert float(np.mean([wire.above_by_probability for wire in wires])) < 0.4


def test_folds_hide_every_pin_once(ota_sample: Sample) -> None:
    found = hide_folds(ota_sample, [shipped_weights()], np.random.default_rng(0))
    assert len(found.positive) == len(ota_sample.edge_net)
    assert found.positive.mean() > found.negative_inside.mean()
