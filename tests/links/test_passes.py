"""Large circuits: the same answers, in portions."""

from __future__ import annotations

import numpy as np
import pytest

from eda.links import passes, predict
from eda.links.passes import ask_in_portions
from eda.links.predict import rank_together
from eda.links.sample import Sample
from eda.links.weights import Weights


def test_portions_give_what_one_pass_gives(
    ota_sample: Sample, random_model: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins = np.flatnonzero(~ota_sample.is_bulk)[::3]
    (whole,) = rank_together(ota_sample, [pins], [random_model])
    monkeypatch.setattr(passes, "ASKED_AT_ONCE", 2)
    monkeypatch.setattr(predict, "ALL_NETS", 1)
    (parts,) = rank_together(ota_sample, [pins], [random_model])
    assert [item.edge for item in parts] == [item.edge for item in whole] == pins.tolist()
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_allclose(np.sort(one.probabilities), np.sort(other.probabilities))
        assert set(one.nets.tolist()) == set(other.nets.tolist())
        assert one.none == pytest.approx(other.none)


def test_only_what_is_asked_is_answered(ota_sample: Sample, random_model: Weights) -> None:
    pins = np.array([3, 9, 20])
    (asked,) = ask_in_portions(ota_sample, pins, np.array([1]), [random_model])
    assert asked.positions.tolist() == [1]
    assert len(asked.none) == 1
    assert asked.probability.sum() + asked.none[0] == pytest.approx(1.0)
