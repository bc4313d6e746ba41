"""Gaussian processes: against the closed form, and on a function that can be learned."""

import numpy as np

from eda.agents.gaussian import GaussianProcess


def test_two_points_against_the_closed_form() -> None:
    x = np.array([[0.2], [0.7]])
    y = np.array([1.0, -0.5])
    process = GaussianProcess(amplitude=2.0, noise=0.1, length=0.5, fit_from=99).fit(x, y)
    at = np.array([[0.4]])

    def k(a: float, b: float) -> float:
        return 4.0 * float(np.exp(-0.5 * ((a - b) / 0.5) ** 2))

    gram = np.array([[k(0.2, 0.2), k(0.2, 0.7)], [k(0.7, 0.2), k(0.7, 0.7)]]) + 0.01 * np.eye(2)
    cross = np.array([k(0.4, 0.2), k(0.4, 0.7)])
    mean, sigma = process.predict(at)
    assert np.isclose(mean[0], cross @ np.linalg.solve(gram, y), rtol=1e-5)
    variance = k(0.4, 0.4) - cross @ np.linalg.solve(gram, cross)
    assert np.isclose(sigma[0] ** 2, variance, rtol=1e-4)


def test_lengths_are_learned_and_what_does_not_matter_is_found() -> None:
    rng = np.random.default_rng(0)
    x = rng.random((60, 4))
    y = np.sin(5 * x[:, 0]) + 0.5 * x[:, 1]
    process = GaussianProcess(noise=0.02).fit(x, y)
    test = rng.random((200, 4))
    mean, sigma = process.predict(test)
    truth = np.sin(5 * test[:, 0]) + 0.5 * test[:, 1]
    assert float(np.sqrt(((mean - truth) ** 2).mean())) < 0.1
    assert process._lengths[0] < process._lengths[2]
    assert (np.abs(mean - truth) < 2 * np.hypot(sigma, 0.02)).mean() > 0.85


def test_nothing_known_is_the_prior() -> None:
    process = GaussianProcess(3.0).fit(np.zeros((0, 2)), np.zeros(0))
    mean, sigma = process.predict(np.zeros((2, 2)))
    assert mean.tolist() == [0, 0]
    assert sigma.tolist() == [3, 3]
