"""The reliability plot: points, intervals, and what its legend says."""

import pytest

from eda.errors import InputError
from eda.plots import plot_reliability


def test_a_curve_a_set_and_its_error_in_the_legend() -> None:
    ax = plot_reliability({"a": [(0.2, 0.3, 10), (0.9, 0.9, 30)], "b": [(0.5, 0.25, 4)]})
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "a: 40 answers, calibration error 0.025",
        "b: 4 answers, calibration error 0.250",
    ]
    assert ax.collections[1].get_offsets().tolist() == [[0.2, 0.3], [0.9, 0.9]]  # type: ignore[union-attr]
    assert ax.get_xlabel() == "mean probability said"


def test_the_interval_is_the_one_of_wilson() -> None:
    from scipy.stats import binomtest

    ax = plot_reliability({"a": [(0.5, 0.7, 10)]})
    (low, high) = ax.collections[0].get_segments()[0][:, 1]  # type: ignore[attr-defined]
    expected = binomtest(7, 10).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_nothing_to_draw() -> None:
    with pytest.raises(InputError) as caught:
        plot_reliability({"a": []})
    assert str(caught.value) == "there is no answer to draw a reliability plot of"
