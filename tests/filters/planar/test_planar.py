"""The planar solver against closed forms: potentials, cells, lines, open ends, conservation."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.errors import InputError, SimulationError
from eda.filters.microstrip.layout import Layout, Strip, Via
from eda.filters.microstrip.line import static_line
from eda.filters.microstrip.substrate import LIGHT_M_PER_S, Substrate
from eda.filters.planar.cached import solve_planar
from eda.filters.planar.green import Slab
from eda.filters.planar.kernels import Kernels, mean_inverse_distance
from eda.filters.planar.mesh import Grading, graded, mesh_of
from eda.filters.planar.problem import Fineness
from eda.filters.planar.rational import adaptive
from eda.filters.planar.solver import PlanarSolver, solve
from eda.spice.cache import SimulationCache

PERFECT = 1e30
BOARD = Substrate(er=3.66, height_m=0.508e-3, sigma_s_per_m=PERFECT)
COARSE = Fineness(edge=0.3, per_wavelength=20.0)
STRIP = Layout("stub", 1, (Strip("m", (0, 0), (10, 0), 1.1, ("p1", "p2")),), (), ("p1", "p2"))


def test_without_a_dielectric_the_potential_is_a_wave_and_its_image() -> None:
    air = Substrate(er=1.0, height_m=0.508e-3, sigma_s_per_m=PERFECT)
    slab = Slab(air, 8e9, 60e-3)
    distance = np.array([0.1e-3, 1e-3, 5e-3, 20e-3, 50e-3])
    below, share = slab.places(distance)
    wave = 2 * math.pi * 5e9 / LIGHT_M_PER_S
    image = np.hypot(distance, 2 * air.height_m)
    exact = (np.exp(-1j * wave * distance) - 1) / distance
    exact = exact - (np.exp(-1j * wave * image) - 1) / image
    for table, scale in zip(slab.waves(5e9), (slab.vector_scale, slab.scalar_scale), strict=True):
        found = table[below] + share * (table[below + 1] - table[below])
        np.testing.assert_allclose(found / scale, exact, atol=1e-3 * abs(exact).max())


def test_mean_inverse_distance_is_the_integral() -> None:
    corners = [np.array([at]) for at in ((0.0, 0.0), (1.0, 0.3), (1.2, 0.1), (1.5, 2.0))]
    at, weight = np.polynomial.legendre.leggauss(24)
    points = []
    for low, high in (corners[:2], corners[2:]):
        x, y = ((low[0, k] + high[0, k] + (high - low)[0, k] * at) / 2 for k in (0, 1))
        points.append(np.stack(np.meshgrid(x, y, indexing="ij"), -1).reshape(-1, 2))
    apart = np.linalg.norm(points[0][:, None] - points[1], axis=-1)
    both = np.outer(weight, weight).ravel() / 4
    assert mean_inverse_distance(*corners)[0] == pytest.approx(both @ (1 / apart) @ both, 1e-9)
    unit = np.array([[0.0, 0.0]]), np.array([[1.0, 1.0]])
    # A unit square and itself: 4 (asinh 1 + (1 - sqrt 2) / 3).
    own = 4 * (math.asinh(1) + (1 - math.sqrt(2)) / 3)
    assert mean_inverse_distance(*unit, *unit)[0] == pytest.approx(own, 1e-12)


@given(st.floats(1e-5, 1e-1), st.floats(1e-5, 1e-3), st.floats(1.2, 4.0))
def test_cells_fill_a_length(length: float, edge: float, ratio: float) -> None:
    sizes = graded(length, Grading(edge, ratio, 5e-3))
    assert sizes.sum() == pytest.approx(length)
    assert sizes.min() > 0


@pytest.mark.parametrize(("er", "height", "width"), [(3.66, 0.508, 1.1), (10.2, 0.635, 0.6)])
def test_capacitance_of_a_line_is_that_of_hammerstad_and_jensen(
    er: float, height: float, width: float
) -> None:
    board = Substrate(er=er, height_m=1e-3 * height, sigma_s_per_m=PERFECT)
    ohm, permittivity = static_line(np.array([1e-3 * width]), board)
    expected = math.sqrt(permittivity[0]) / LIGHT_M_PER_S / ohm[0]
    charges = []
    for heights in (20, 40):
        length = heights * board.height_m
        grading = Grading(0.03 * 1e-3 * width, 3.0, 2 * board.height_m)
        mesh = mesh_of([(0.0, 0.0, length, 1e-3 * width)], [], grading)
        potential = Kernels(mesh, Slab(board, 2e9, 1.2 * length)).static[1]
        charges.append(np.linalg.solve(potential, np.ones(len(potential))).sum().real)
    per_m = (charges[1] - charges[0]) / (20 * board.height_m)
    assert per_m == pytest.approx(expected, rel=0.01)


def test_a_feed_line_is_that_of_the_closed_forms() -> None:
    found = PlanarSolver(STRIP, BOARD, 1e9, 5e9).line(1.1e-3, 3e9)
    ohm, permittivity = static_line(np.array([1.1e-3]), BOARD)
    slow = found.gamma_per_m.imag * LIGHT_M_PER_S / (2 * math.pi * 3e9)
    assert slow**2 == pytest.approx(permittivity[0], rel=0.01)
    assert found.impedance_ohm.real == pytest.approx(ohm[0], rel=0.01)


def test_a_line_is_reciprocal_and_passive_and_has_its_delay(tmp_path: Path) -> None:
    cache = SimulationCache(tmp_path)
    full = solve_planar(STRIP, BOARD, 2e9, 5e9, cache=cache)
    frequency, s11, s21 = full.frequency_hz, full.s[:, 0, 0], full.s[:, 1, 0]
    power = abs(s11) ** 2 + abs(s21) ** 2
    assert power == pytest.approx(np.ones(len(power)), abs=5e-3)
    assert full.s[:, 0, 1] == pytest.approx(s21)
    chain = PlanarSolver(STRIP, BOARD, 2e9, 5e9).chain(3e9)
    assert np.linalg.det(chain) == pytest.approx(1.0, abs=1e-6)
    slow = math.sqrt(float(static_line(np.array([1.1e-3]), BOARD)[1][0]))
    delay = -np.diff(np.unwrap(np.angle(s21))) / (2 * math.pi * np.diff(frequency))
    assert delay.mean() == pytest.approx(10e-3 * slow / LIGHT_M_PER_S, rel=0.02)
    assert "method of moments" in full.solver
    assert full.seconds > 0
    again = solve_planar(STRIP, BOARD, 2e9, 5e9, cache=cache)
    assert again.cached
    np.testing.assert_array_equal(again.s, full.s)
    other = solve_planar(STRIP, replace(BOARD, er=4.0), 2e9, 5e9, cache=cache, fineness=COARSE)
    assert not other.cached


def test_what_is_too_much_is_refused() -> None:
    with pytest.raises(SimulationError, match="longer than 0 s of processor time"):
        solve_planar(STRIP, BOARD, 2e9, 5e9, cache=False, seconds=0.0)
    with pytest.raises(InputError, match="unknown currents for the planar solver, 4000 at the"):
        solve_planar(STRIP, BOARD, 2e9, 5e9, cache=False, fineness=Fineness(per_wavelength=2e3))
    with pytest.raises(InputError, match="lines are too many"):
        mesh_of([(0.0, 0.0, 1.0, 1.0)], [], Grading(1e-5, 1.0, 5e-4))
    with pytest.raises(InputError, match="reaches down to"):
        solve_planar(STRIP, BOARD, 0.1e9, 5e9, cache=False)
    with pytest.raises(InputError, match="is no band"):
        solve_planar(STRIP, BOARD, 5e9, 2e9, cache=False)


def test_few_samples_make_a_resonance() -> None:
    def sample(at: float) -> np.ndarray:
        return np.array([1 / (1j * (at - 2.0) + 0.02), 1 / (1j * (at - 2.1) + 0.03)])

    fit, count = adaptive(sample, 1.0, 3.0, tolerance=1e-6)
    grid = np.linspace(1.0, 3.0, 500)
    exact = np.array([sample(at) for at in grid])
    assert count < 20
    np.testing.assert_allclose(fit(grid), exact, atol=1e-5)


def test_vias_are_refused() -> None:
    layout = Layout("stub", 1, STRIP.strips, (), ("p1", "p2"), (Via("p1", (0, 0), 0.3),))
    with pytest.raises(InputError, match="vias are not solved by the planar solver"):
        solve(layout, BOARD, np.linspace(1e9, 2e9, 5))
