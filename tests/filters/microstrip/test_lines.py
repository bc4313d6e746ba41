"""Closed forms of lines, pairs and ends, against scikit-rf and a static field solver."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.filters.microstrip.ends import open_end_m, via_henry
from eda.filters.microstrip.line import line_permittivity, propagation, static_line
from eda.filters.microstrip.pair import pair_permittivity, static_pair
from eda.filters.microstrip.substrate import Substrate
from eda.filters.microstrip.template import Real

BOARDS = (
    Substrate(er=3.66, height_m=0.508e-3, tan_delta=0.0037),
    Substrate(er=2.2, height_m=0.254e-3, tan_delta=0.0009),
    Substrate(er=4.4, height_m=1.6e-3, tan_delta=0.02),
    Substrate(er=9.8, height_m=0.635e-3, tan_delta=0.0002),
)
EPS0 = 8.8541878128e-12


def strip_charges(
    gap_heights: float, width_heights: float, er: float, signs: tuple[int, int], cells: int = 36
) -> float:
    """Return charge per volt of strips on a grounded slab, by images and point matching.

    Source of the kernel: P. Silvester, "TEM wave properties of microstrip transmission lines",
    Proc. IEE 115 (1968). Nothing of it is used by the closed forms.
    """
    # Cells are finer where the charge gathers, at the edges.
    edges = width_heights / 2 * -np.cos(np.linspace(0, math.pi, cells + 1))
    middles, widths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    shift = (gap_heights + width_heights) / 2
    x = np.concatenate([middles - shift, middles + shift])
    w = np.concatenate([widths, widths])
    k = (1 - er) / (1 + er)

    def kernel(n: int) -> Real:
        """Integral of ln((4 n^2 + t^2)) / 2 over a cell, seen from every middle."""
        left, right = x[:, None] - x[None] + w / 2, x[:, None] - x[None] - w / 2

        def inner(t: Real) -> Real:
            a = 2 * n
            body = t * np.log(np.maximum(a * a + t * t, 1e-300)) / 2 - t
            return body + (a * np.arctan(t / a) if n else 0.0)

        return inner(left) - inner(right)

    total = np.zeros((len(x), len(x)))
    for n in range(1, 400):
        part = k ** (n - 1) * (kernel(n) - kernel(n - 1))
        total += part
        if abs(k) ** n < 1e-9:
            break
    potential = total / (math.pi * EPS0 * (1 + er))
    volts = np.concatenate([np.full(cells, signs[0]), np.full(cells, signs[1])])
    density = np.linalg.solve(potential, volts)
    return float((density * w)[:cells].sum() * signs[0])


def static_modes(width_heights: float, gap_heights: float, er: float) -> list[tuple[float, float]]:
    """Return impedance and permittivity of the even and the odd mode, by the field solver."""
    made = []
    for signs in ((1, 1), (1, -1)):
        filled = strip_charges(gap_heights, width_heights, er, signs)
        air = strip_charges(gap_heights, width_heights, 1.0, signs)
        made.append((1 / (299_792_458.0 * math.sqrt(filled * air)), filled / air))
    return made


@pytest.mark.parametrize("board", BOARDS)
def test_lines_agree_with_scikit_rf(board: Substrate) -> None:
    from skrf import Frequency
    from skrf.media import MLine

    frequency = np.linspace(0.1e9, 30e9, 60)
    for ratio in (0.2, 0.7, 2.0, 6.0):
        width = np.array([ratio * board.height_m])
        other = MLine(
            Frequency.from_f(frequency, unit="hz"),
            w=float(width[0]),
            h=board.height_m,
            t=0,
            ep_r=board.er,
            tand=board.tan_delta,
            rho=1 / board.sigma_s_per_m,
            model="hammerstadjensen",
            disp="kirschningjansen",
            diel="frequencyinvariant",
        )
        impedance, static = static_line(width, board)
        permittivity = line_permittivity(width, static, frequency, board)
        np.testing.assert_allclose(permittivity[0], other.ep_reff_f.real, rtol=1e-3)
        np.testing.assert_allclose(impedance[0], np.real(other.zl_eff), rtol=1e-3)


@pytest.mark.parametrize("er", [1.0, 2.2, 3.66, 9.8])
@pytest.mark.parametrize(("width", "gap"), [(0.6, 0.25), (1.0, 0.5), (2.0, 0.3), (2.5, 1.5)])
def test_pairs_agree_with_a_field_solver(er: float, width: float, gap: float) -> None:
    board = Substrate(er=er, height_m=1e-3)
    ohms, permittivities = static_pair(np.array([width * 1e-3]), np.array([gap * 1e-3]), board)
    for mode, (ohm, permittivity) in enumerate(static_modes(width, gap, er)):
        assert ohms[mode][0] == pytest.approx(ohm, rel=0.02)
        assert permittivities[mode][0] == pytest.approx(permittivity, rel=0.02)


@given(st.floats(0.2, 6.0), st.sampled_from(BOARDS))
def test_far_apart_a_pair_is_two_lines(ratio: float, board: Substrate) -> None:
    width = np.array([ratio * board.height_m])
    ohms, static = static_pair(width, np.array([40 * board.height_m]), board)
    single, permittivity = static_line(width, board)
    for mode in (0, 1):
        assert ohms[mode][0] == pytest.approx(single[0], rel=5e-3)
        assert static[mode][0] == pytest.approx(permittivity[0], rel=5e-3)


@given(st.floats(0.1, 9.0), st.floats(0.1, 9.0), st.sampled_from(BOARDS), st.floats(1e8, 3e10))
def test_modes_stay_between_air_and_board(
    width: float, gap: float, board: Substrate, frequency: float
) -> None:
    w, g = np.array([width * board.height_m]), np.array([gap * board.height_m])
    ohms, static = static_pair(w, g, board)
    assert ohms.even[0] > ohms.odd[0] > 0
    for value in pair_permittivity(w, g, static, np.array([frequency]), board):
        assert 1 < value[0, 0] < board.er


def test_losses_of_a_line() -> None:
    board = BOARDS[0]
    width, frequency = np.array([1.1e-3]), np.array([5e9])
    impedance, static = static_line(width, board)
    permittivity = line_permittivity(width, static, frequency, board)
    gamma = propagation(width, impedance, permittivity, frequency, board)[0, 0]
    # By hand, from the reference model: copper 1.3 Rs/(w Z), dielectric k0 sqrt(ee) q tand / 2.
    surface = math.sqrt(math.pi * 5e9 * 4e-7 * math.pi / 5.8e7)
    copper = 1.3 * surface / (1.1e-3 * impedance[0])
    ee = permittivity[0, 0]
    filling = 3.66 * (ee - 1) / (ee * 2.66)
    dielectric = 2 * math.pi * 5e9 / 299_792_458 * math.sqrt(ee) * filling * 0.0037 / 2
    assert gamma.real == pytest.approx(copper + dielectric, rel=1e-9)
    assert gamma.imag == pytest.approx(2 * math.pi * 5e9 / 299_792_458 * math.sqrt(ee), rel=1e-9)


def test_an_open_end_is_a_third_of_the_height() -> None:
    for board in BOARDS:
        extension = open_end_m(np.array([1.0, 3.0]) * board.height_m, board) / board.height_m
        assert (extension > 0.3).all()
        assert (extension < 0.55).all()


def test_a_wide_via_has_less_inductance() -> None:
    board = BOARDS[0]
    assert via_henry(0.2e-3, board) > via_henry(0.5e-3, board) > 0


def test_torch_and_numpy_agree_and_have_gradients() -> None:
    torch = pytest.importorskip("torch")
    board, frequency = BOARDS[0], np.linspace(1e9, 9e9, 5)
    width = torch.tensor([0.8e-3], dtype=torch.float64, requires_grad=True)
    gap = torch.tensor([0.3e-3], dtype=torch.float64)
    ohms, static = static_pair(width, gap, board)
    modes = pair_permittivity(width, gap, static, torch.tensor(frequency), board)
    plain, plain_static = static_pair(np.array([0.8e-3]), np.array([0.3e-3]), board)
    assert float(ohms.even.detach()[0]) == pytest.approx(float(plain.even[0]), rel=1e-12)
    expected = pair_permittivity(
        np.array([0.8e-3]), np.array([0.3e-3]), plain_static, frequency, board
    )
    np.testing.assert_allclose(modes.odd.detach().numpy(), expected.odd, rtol=1e-12)
    ohms.even.sum().backward()
    step = 1e-9
    later, _ = static_pair(np.array([0.8e-3 + step]), np.array([0.3e-3]), board)
    slope = (later.even[0] - plain.even[0]) / step
    assert float(width.grad[0]) == pytest.approx(float(slope), rel=1e-4)
