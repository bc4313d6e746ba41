"""Training finds corrections that were hidden in the data, goes on after a stop, and is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eda.errors import WeightsError
from eda.filters.neural.circuit import corrected_scattering
from eda.filters.neural.closed import closed_forms
from eda.filters.neural.corrections import published
from eda.filters.neural.graph import graph_of
from eda.filters.neural.measures import error_db
from eda.filters.neural.network import Shape, first_weights
from eda.filters.neural.samples import Solved, batches_of
from eda.filters.neural.simulator import corrections_of, neural_scattering
from eda.filters.neural.train import Plan, train_member
from eda.filters.neural.weights import NAME, NeuralWeights, load_weights, save_weights

from .conftest import BOARD, band_pass, random_weights

HEIGHT_MM = 1e3 * BOARD.height_m
HIDDEN_M = -0.3e-3
PLAN = Plan(shape=Shape(hidden=16, layers=1), epochs=30, batch=4, rate=1e-2)


def hidden(stretch: float, *, tapped: bool = False) -> Solved:
    """Return hairpins whose bends are shorter than published, as if full wave had said so."""
    layout = band_pass(2, bent=True, tapped=tapped, stretch=stretch)
    graph = graph_of(layout, HEIGHT_MM)
    frequency = np.linspace(1.8e9, 3.4e9, 161)
    closed = closed_forms(layout, graph, BOARD, frequency)
    prior = published(graph, closed)
    bends = [end.across == 1 and end.inline == 0 for end in graph.ends]
    length = prior.length_m + HIDDEN_M * np.array(bends)
    s = corrected_scattering(graph, closed, replace(prior, length_m=length))
    matrix = np.stack([[s.s11[0], s.s21[0]], [s.s21[0], s.s22[0]]]).transpose(2, 0, 1)
    return Solved(f"{stretch}", layout, BOARD, frequency, matrix)


def test_zero_weights_correct_nothing_but_what_is_published() -> None:
    weights = NeuralWeights(Shape(), (first_weights(Shape(), np.random.default_rng(0)),))
    solved = hidden(1.0)
    graph = graph_of(solved.layout, HEIGHT_MM)
    closed = closed_forms(solved.layout, graph, BOARD, solved.frequency_hz)
    found, wanted = corrections_of(graph, closed, weights), published(graph, closed)
    for name in ("length_m", "ohm", "loss", "coupling", "link_m", "via"):
        np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name))


def test_hidden_bends_are_found(tmp_path: Path) -> None:
    training = [hidden(by) for by in (0.94, 1.0, 1.06)]
    tested = hidden(1.03)
    plan = replace(PLAN, epochs=40, rate=2e-2)
    arrays, state = train_member(training, [hidden(0.97)], out=tmp_path, plan=plan)
    weights = NeuralWeights(PLAN.shape, (arrays,))
    full = tested.s[:, 1, 0]
    found = neural_scattering([tested.layout], BOARD, tested.frequency_hz, weights=weights)
    batch = batches_of([tested], points=161, even=True)[0]
    before = corrected_scattering(batch.graph, batch.closed, batch.prior)
    assert error_db(before.s21[0], full) > 3.0
    assert error_db(found.s21[0], full) < 0.6
    graph = batch.graph
    corrections = corrections_of(graph, batch.closed, weights)
    extra = (corrections.length_m - batch.prior.length_m)[0].reshape(-1, 2).sum(1)
    # A bend lies at the ends of two strips each, and an impedance acts as a length does.
    assert 1.5 * 8 * HIDDEN_M < extra.sum() < 0.4 * 8 * HIDDEN_M
    assert state["epoch"] == plan.epochs


def test_a_training_that_was_stopped_goes_on(tmp_path: Path) -> None:
    training, validation = [hidden(1.0), hidden(1.05)], [hidden(0.97)]
    plan = replace(PLAN, epochs=4)
    whole, _ = train_member(training, validation, out=tmp_path / "whole", plan=plan)

    class StopError(Exception):
        pass

    def stop(text: str) -> None:
        if text.startswith("epoch 2"):
            raise StopError

    with pytest.raises(StopError):
        train_member(training, validation, out=tmp_path / "parts", plan=plan, log=stop)
    parts, _ = train_member(training, validation, out=tmp_path / "parts", plan=plan, resume=True)
    for name, array in whole.items():
        np.testing.assert_array_equal(parts[name], array)
    with pytest.raises(WeightsError, match="another training"):
        train_member(training, validation, out=tmp_path / "parts", plan=plan, seed=1, resume=True)


def test_weights_are_read_as_they_were_written(tmp_path: Path) -> None:
    weights = random_weights(4, 0.5)
    save_weights(tmp_path / NAME, weights)
    found = load_weights(tmp_path)
    assert found.shape == weights.shape
    for name, array in weights.members[0].items():
        np.testing.assert_allclose(found.members[0][name], array, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    ("text", "message"),
    [(None, "eda train printed"), (b"no weights", "no safetensors file"), ("fanins", "not the")],
)
def test_other_files_are_refused(tmp_path: Path, text: bytes | str | None, message: str) -> None:
    from eda.logic import fanin_model

    if text == "fanins":
        text = (fanin_model.FOLDER / fanin_model.NAME).read_bytes()
    if isinstance(text, bytes):
        (tmp_path / NAME).write_bytes(text)
    with pytest.raises(WeightsError, match=message):
        load_weights(tmp_path)


def test_a_weight_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    weights = random_weights(4, 0.5)
    weights.members[0]["begin.bias"][0] = np.nan
    save_weights(tmp_path / NAME, weights)
    with pytest.raises(WeightsError, match=r"0:begin\.bias is not finite"):
        load_weights(tmp_path)
