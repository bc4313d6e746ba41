"""Figures of how values scatter."""

import numpy as np
import pytest

from eda.errors import InputError
from eda.plots import spread_figure


def test_a_row_for_each_quantity() -> None:
    draws = np.random.default_rng(1).normal(1.0, 0.1, 200)
    figure = spread_figure(
        {"gain_db": draws, "power_w": draws * 1e-3, "lonely": draws[:1]},
        units={"gain_db": "dB", "power_w": "W"},
        limits={"gain_db": 1.1, "power_w": 5.0},
    )
    left, right, power, _ = figure.axes
    assert (left.get_title(), power.get_title()) == ("gain_db / dB", "power_w")
    assert sum(patch.get_height() for patch in left.patches) == 200  # type: ignore[attr-defined]
    assert left.lines[0].get_xdata()[0] == 1.1  # type: ignore[index]
    # A bound far away is told at the edge, and does not squeeze the bars.
    assert list(power.lines) == []
    assert [text.get_text() for text in power.texts] == ["target 5 \N{RIGHTWARDS ARROW}"]
    # Of a normal distribution, the points lie on the line.
    line, points = (
        (np.asarray(item.get_xdata()), np.asarray(item.get_ydata())) for item in right.lines[:2]
    )
    assert np.ptp(line[1]) / np.ptp(line[0]) == pytest.approx(draws.std(ddof=1))
    assert np.corrcoef(*points)[0, 1] > 0.99


def test_nothing_to_draw() -> None:
    with pytest.raises(InputError) as caught:
        spread_figure({"a": np.array([1.0])})
    assert str(caught.value) == "there is nothing to draw: no quantity has two values"
