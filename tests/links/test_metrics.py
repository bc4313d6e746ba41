"""Ranks, figures and intervals."""

from __future__ import annotations

import numpy as np
import pytest

from eda.links.calibrate import reliability
from eda.links.metrics import Answers, join_answers, mean_rank, pair_score
from eda.links.protocols import area_under_curve


@pytest.mark.parametrize(
    ("scores", "right", "rank"),
    [
        ([3.0, 2.0, 1.0], [1, 0, 0], 1.0),
        ([3.0, 2.0, 1.0], [0, 0, 1], 3.0),
        ([2.0, 2.0, 2.0], [0, 1, 0], 2.0),
        ([2.0, 2.0 + 1e-7, 1.0], [1, 0, 0], 1.5),
        ([1.0], [1], 1.0),
    ],
)
def test_rank_is_the_mean_over_ties(scores: list[float], right: list[int], rank: float) -> None:
    assert mean_rank(np.array(scores), np.array(right, dtype=bool)) == rank


def test_a_tie_is_half_a_pair() -> None:
    assert [pair_score(1.0, 0.0), pair_score(0.0, 1.0), pair_score(1.0, 1.0)] == [1.0, 0.0, 0.5]


def test_figures() -> None:
    answers = Answers(np.array([0, 0, 1]), np.array([1.0, 2.0, 4.0]), np.array([1.0, 0.0, np.nan]))
    assert answers.figures() == pytest.approx(
        {"hits_at_1": 1 / 3, "hits_at_3": 2 / 3, "mrr": (1 + 0.5 + 0.25) / 3, "pair": 0.5}
    )


def test_intervals_draw_whole_circuits() -> None:
    rank = np.repeat([1.0, 2.0], 50)
    one = Answers(np.repeat([0, 1], 50), rank, np.ones(100)).intervals()
    many = Answers(np.arange(100), rank, np.ones(100)).intervals()
    assert one["hits_at_1"] == (0.0, 1.0)
    assert 0.3 < many["hits_at_1"][0] < 0.5 < many["hits_at_1"][1] < 0.7


def test_answers_of_several_runs_join() -> None:
    one = Answers(np.array([0]), np.array([1.0]), np.array([1.0]))
    assert join_answers([one, one]).figures()["hits_at_1"] == 1.0


def test_area_under_curve_counts_ties_half() -> None:
    assert area_under_curve(np.array([1.0, 0.5]), np.array([0.5, 0.0])) == pytest.approx(0.875)


def test_reliability_of_a_liar() -> None:
    rows, error = reliability(np.full(10, 0.95), np.zeros(10, dtype=bool))
    ((said, was, count),) = rows
    assert said == pytest.approx(0.95)
    assert (was, count) == (0.0, 10)
    assert error == pytest.approx(0.95)
