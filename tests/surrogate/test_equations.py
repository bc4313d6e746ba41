"""Node equations, transients and Gaussian processes against closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.surrogate.describe import Description
from eda.surrogate.equations import eliminate
from eda.surrogate.evaluate import area
from eda.surrogate.gp import _evidence, fit_process
from eda.surrogate.heads import fit_classifier, margin_of
from eda.surrogate.steps import step_metric
from eda.surrogate.transient import time_points


@given(st.integers(1, 6), st.integers(0, 10_000))
def test_elimination_solves(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(size, size, 3)) + 1j * rng.normal(size=(size, size, 3))
    matrix[np.arange(size), np.arange(size)] += 3.0 * size  # as node equations are
    right = rng.normal(size=(size, 2, 3)).astype(complex)
    found = eliminate(matrix.copy(), right.copy())
    for at in range(3):
        expected = np.linalg.solve(matrix[:, :, at], right[:, :, at])
        assert np.allclose(found[:, :, at], expected)


def fields(**given: float) -> dict[str, np.ndarray]:
    made = {"rise": 1.0, "absolute": 0.0, "level": 0.0, **given}
    return {name: np.array([value]) for name, value in made.items()}


def test_steps_of_an_exponential() -> None:
    tau, times = 1e-7, np.linspace(0.0, 2e-6, 4001)
    output = np.where(times < 1e-7, 0.0, 1 - np.exp(-(times - 1e-7) / tau))[:, None]
    given = fields(step_at_s=1e-7, final_at_s=2e-6, min_step=0.5, tolerance=0.01)
    slew = step_metric("slew_rate", times, output, given)[0]
    assert slew == pytest.approx(0.6 / (tau * np.log(4.0)), rel=1e-3)
    settle = step_metric("settling_s", times, output, given)[0]
    assert settle == pytest.approx(tau * np.log(100.0), rel=1e-3)
    assert step_metric("overshoot", times, output, given)[0] == pytest.approx(0.0, abs=1e-6)
    delay = step_metric("delay_s", times, output, fields(from_s=1e-7, until_s=2e-6, level=0.5))[0]
    assert delay == pytest.approx(tau * np.log(2.0), rel=1e-3)
    small = fields(step_at_s=1e-7, final_at_s=2e-6, min_step=1.5)
    assert np.isnan(step_metric("slew_rate", times, output, small)[0])


def test_times_are_dense_after_edges() -> None:
    times = time_points([0.0, 1e-7, 1.001e-7], 2e-6)
    steps = np.diff(times)
    assert times[0] == 0.0
    assert times[-1] == 2e-6
    assert steps[np.searchsorted(times, 1.001e-7)] < 0.02 * steps.max()


def test_the_evidence_has_the_gradient_it_says(rng: np.random.Generator) -> None:
    blocks = [rng.normal(size=(25, 3)), rng.normal(size=(25, 2))]
    guess, y, theta = rng.normal(size=(25, 1)), rng.normal(size=25), 0.3 * rng.normal(size=10)
    _, slope = _evidence(theta, [3, 2], blocks, guess, y)
    for at in range(10):
        step = np.zeros(10)
        step[at] = 1e-5
        high = _evidence(theta + step, [3, 2], blocks, guess, y)[0]
        low = _evidence(theta - step, [3, 2], blocks, guess, y)[0]
        assert slope[at] == pytest.approx((high - low) / 2e-5, rel=1e-4, abs=1e-6)


def test_a_process_learns_and_knows_its_error(rng: np.random.Generator) -> None:
    x = rng.uniform(size=(160, 3))
    y = np.sin(4 * x[:, 0]) + x[:, 1] ** 2 + 0.05 * rng.normal(size=160)
    process = fit_process([x[:80]], x[:80], y[:80])
    mean, deviation = process.predict([x[80:]], x[80:])
    assert np.mean((mean - y[80:]) ** 2) < 0.02 * y.var()
    inside = np.abs(mean - y[80:]) < 1.645 * deviation
    assert 0.75 < inside.mean() <= 1.0


def test_one_wild_point_spoils_little(rng: np.random.Generator) -> None:
    x = rng.uniform(size=(120, 2))
    y = x.sum(axis=1)
    y[7] += 50.0
    process = fit_process([x[:60]], x[:60], y[:60])
    mean, _ = process.predict([x[60:]], x[60:])
    assert np.abs(mean - y[60:]).max() < 0.5


def test_draws_are_as_wide_as_intervals(rng: np.random.Generator) -> None:
    x = rng.uniform(size=(40, 2))
    process = fit_process([x[:20]], x[:20], np.sin(6 * x[:20, 0]) + 0.1 * rng.normal(size=20))
    mean, deviation = process.predict([x[20:]], x[20:])
    drawn = process.draw([x[20:]], x[20:], 4000, rng)
    assert drawn.shape == (4000, 20)
    assert np.allclose(drawn.mean(axis=0), mean, atol=0.1 * deviation.max())
    assert (drawn.std(axis=0) < 1.1 * deviation).all()


def test_the_margin_is_that_of_conformal_prediction() -> None:
    assert margin_of(np.arange(1.0, 20.0)) == 18.0  # the 18th of 19: (19 + 1) * 0.9
    assert margin_of(np.array([-3.0, 1.0])) == 3.0


@pytest.mark.parametrize("many", [80, 450])
def test_rare_labels_are_told(many: int, rng: np.random.Generator) -> None:
    sizes = rng.uniform(size=(many + 200, 2))
    nothing = np.zeros((many + 200, 0))
    about = Description(sizes, nothing, nothing, nothing)
    labels = sizes.sum(axis=1) > 0.6  # four in five
    train, test = np.arange(many), np.arange(many, many + 200)
    guess = np.zeros(many + 200)
    found = fit_classifier(about.take(train), guess[train], labels[train])
    chance = found.predict(about.take(test), guess[test])
    curve = area(chance, labels[test])
    assert curve is not None
    assert curve > 0.93
    assert chance[labels[test]].mean() > 0.8
    assert chance[~labels[test]].mean() < 0.3
