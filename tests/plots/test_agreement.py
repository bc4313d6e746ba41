"""Predicted against simulated."""

import numpy as np
import pytest

from eda.errors import InputError
from eda.plots import agreement_figure


def test_a_panel_for_each_quantity() -> None:
    truth = np.array([[1.0, 10.0], [2.0, 100.0], [np.nan, 1000.0]])
    figure = agreement_figure(
        ["a", "b"],
        truth,
        truth,
        truth - 0.5,
        truth + 0.5,
        units={"b": "Hz"},
        logarithmic=["b"],
        title="two",
    )
    assert [ax.get_title() for ax in figure.axes] == ["a", "b / Hz"]
    assert [ax.get_xscale() for ax in figure.axes] == ["linear", "log"]
    points = [line.get_xdata() for line in figure.axes[0].lines if line.get_marker() == "."]
    assert sum(len(np.atleast_1d(item)) for item in points) == 2  # what is no number is left out


def test_nothing_to_draw() -> None:
    empty = np.zeros((0, 1))
    with pytest.raises(InputError, match=r"^there is nothing to draw: no design was simulated"):
        agreement_figure(["a"], empty, empty, empty, empty)
