"""Calibration: what it may change and what not, its file, and fitting it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.errors import WeightsError
from eda.links.calibrate import (
    answerable,
    fit_calibration,
    fit_folder,
    fit_temperature,
    reliability,
)
from eda.links.calibration import (
    Calibration,
    disagreement,
    load_calibrations,
    save_calibrations,
    set_key,
)
from eda.links.sample import Sample, set_apart
from eda.links.scene import make_scene
from eda.links.score import score
from eda.links.weights import Weights, calibration_of, load_weights, save_weights

NUMBERS = st.floats(-0.5, 0.5)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_the_order_of_the_answers_stays(a: float, b: float, c: float) -> None:
    pairs = np.random.default_rng(3).normal(0, 2, (3, 12))
    none = np.random.default_rng(4).normal(0, 2, (3, 2))
    query = np.repeat([0, 1], 6)
    sharp = Calibration(a, b, c).sharpness(np.array([6, 6]), disagreement(pairs, none, query))
    mean = pairs.mean(axis=0)
    for at in (0, 1):
        own = mean[query == at]
        assert (sharp > 0).all()
        np.testing.assert_array_equal(np.argsort(own), np.argsort(own * sharp[at]))


def test_disagreement_counts_the_models_that_answer_otherwise() -> None:
    pairs = np.array([[5.0, 0.0, 1.0], [5.0, 0.0, 1.0], [0.0, 4.0, 1.0]])
    none = np.array([[0.0, 2.0], [0.0, 2.0], [0.0, 0.0]])
    found = disagreement(pairs, none, np.array([0, 0, 1]))
    np.testing.assert_allclose(found, [1 / 3, 1 / 3])


def test_probabilities_follow_the_calibration_of_exactly_these_models(
    ota_sample: Sample, random_model: Weights
) -> None:
    scene = make_scene(ota_sample, np.array([9]))
    sharper = {set_key(["a"]): Calibration(constant=1.0), set_key(["a", "b"]): Calibration()}
    one = replace(random_model, digest="a", calibrations=sharper)
    two = replace(random_model, digest="b", calibrations=sharper)
    plain, _ = score([random_model], scene)
    alone, _ = score([one], scene)
    assert alone.max() > plain.max()
    np.testing.assert_array_equal(np.argsort(alone), np.argsort(plain))
    np.testing.assert_allclose(score([one, two], scene)[0], plain)
    assert calibration_of([replace(random_model, digest="c", calibrations=sharper)]) == (
        Calibration()
    )


def test_fitting_makes_a_timid_model_bolder(ota_sample: Sample, random_model: Weights) -> None:
    # A model that is right and says so too softly: its logits point at the answer.
    from eda.links import calibrate

    def soft(models: object, sample: Sample, pins: np.ndarray) -> calibrate.Questions:
        pairs = np.tile([1.0, 0.0, 0.0, 0.0], (1, len(pins)))
        right = np.tile([True, False, False, False], len(pins))
        query = np.repeat(np.arange(len(pins), dtype=np.int32), 4)
        return pairs, np.full((1, len(pins)), -9.0), query, right

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibrate, "ask", soft)
        found = fit_calibration([random_model], [ota_sample])
    factor = found.sharpness(np.array([4]), np.array([0.0]))[0]
    assert factor > 2.0
    assert found.disagreement == 0.0


def test_the_shift_moves_none_and_leaves_the_nets_as_they_stand(
    ota_sample: Sample, random_model: Weights
) -> None:
    scene = make_scene(ota_sample, np.array([9]))
    shifted = {set_key(["a"]): Calibration(none=3.0)}
    pairs, none = score([random_model], scene)
    more, likelier = score([replace(random_model, digest="a", calibrations=shifted)], scene)
    np.testing.assert_allclose(more / more.sum(), pairs / pairs.sum())
    odds, before = likelier / (1 - likelier), none / (1 - none)
    np.testing.assert_allclose(odds / before, np.exp(3.0))


def test_fitting_finds_how_common_none_is(ota_sample: Sample, random_model: Weights) -> None:
    # The model has "none" level with the net; of four pins one belongs on none.
    from eda.links import calibrate

    def level(models: object, sample: Sample, pins: np.ndarray) -> calibrate.Questions:
        right = np.arange(len(pins)) % 4 > 0
        query = np.arange(len(pins), dtype=np.int32)
        return np.zeros((1, len(pins))), np.zeros((1, len(pins))), query, right

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibrate, "ask", level)
        patch.setattr(calibrate, "partner_questions", lambda sample: [])
        found = fit_calibration([random_model], [ota_sample], queries=24)
    assert found.none == pytest.approx(np.log(1 / 3), abs=0.06)


def test_the_temperature_does_not_depend_on_the_one_there_is(
    ota_sample: Sample, random_model: Weights
) -> None:
    other = replace(random_model, temperature=2.0)
    assert fit_temperature(other, [ota_sample]) == fit_temperature(random_model, [ota_sample])


def test_lonely_pins_can_be_asked_but_those_of_ports_not(ota_sample: Sample) -> None:
    loose = set_apart(ota_sample, np.array([9]))
    assert 9 in answerable(loose)
    assert 9 not in loose.queries()
    ports = replace(loose, net_is_port=np.ones(loose.num_nets, dtype=np.bool_))
    assert answerable(ports).tolist() == loose.queries().tolist()


def test_a_folder_is_fitted_together_and_alone_and_read_with_its_weights(
    tmp_path: Path, ota_sample: Sample, random_model: Weights
) -> None:
    for number in range(2):
        arrays = {key: value + number / 100 for key, value in random_model.arrays.items()}
        path = tmp_path / f"m{number}.safetensors"
        save_weights(path, arrays, shape=random_model.shape, temperature=1.0, card={})
    fitted = fit_folder(tmp_path, [ota_sample], about="one amplifier")
    models = [load_weights(tmp_path / f"m{number}.safetensors") for number in range(2)]
    assert calibration_of(models) == fitted[set_key(model.digest for model in models)]
    assert calibration_of(models[:1]) == fitted[models[0].digest]
    assert len(fitted) == 3
    assert json.loads((tmp_path / "calibration.json").read_text())["fitted_on"] == "one amplifier"


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    message = f"{tmp_path}: holds no link weights; make some with: eda train links"
    with pytest.raises(WeightsError, match=f"^{re.escape(message)}$"):
        fit_folder(tmp_path, [], about="")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "Expecting property name"),
        ("[]", "no attribute"),
        ('{"format": "other"}', "its format is not eda.links.calibration/1"),
        (
            '{"format": "eda.links.calibration/1", "sets": {"a": {"constant": 1e400}}}',
            "a number in it is not finite or too large",
        ),
        ('{"format": "eda.links.calibration/1", "sets": {"a": {"else": 1}}}', "unexpected keyword"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(text)
    start = re.escape(f"{path}: not a calibration (")
    end = re.escape("); make it anew with: eda train links --calibrate")
    with pytest.raises(WeightsError, match=f"^{start}.*{re.escape(why)}.*{end}$"):
        load_calibrations(path)


def test_a_file_comes_back_as_it_was(tmp_path: Path) -> None:
    made = {"a": Calibration(0.1, -0.2, 0.3, -0.7), "a+b": Calibration(1.0)}
    save_calibrations(tmp_path / "calibration.json", made, "nothing")
    assert load_calibrations(tmp_path / "calibration.json") == made
    assert load_calibrations(tmp_path / "absent.json") == {}


def test_reliability_is_zero_where_what_is_said_comes_true() -> None:
    confidence = np.repeat([0.25, 0.75], 100)
    correct = np.concatenate((np.arange(100) < 25, np.arange(100) < 75))
    rows, error = reliability(confidence, correct)
    assert rows == [(0.25, 0.25, 100), (0.75, 0.75, 100)]
    assert error == 0.0
