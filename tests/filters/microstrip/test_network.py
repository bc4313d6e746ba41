"""S-parameters of layouts: against scikit-rf networks, conservation of power, ngspice decks."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.filters.microstrip.deck import layout_deck
from eda.filters.microstrip.layout import Layout, Strip
from eda.filters.microstrip.limits import MicrostripLimits
from eda.filters.microstrip.network import Sizes, scattering, sizes_of
from eda.filters.microstrip.resonators import resonator_start, resonator_template
from eda.filters.microstrip.substrate import Substrate
from eda.filters.microstrip.template import Real, Template
from eda.filters.spec import FilterSpec
from eda.filters.verify import verify_deck

FREQUENCY = np.linspace(0.5e9, 9e9, 40)
LOSSLESS = Substrate(er=3.5, height_m=0.508e-3, sigma_s_per_m=1e30)
LIMITS = MicrostripLimits(
    LOSSLESS, 0.15, 0.15, 0.01, (90, 40), ("edge_coupled", "hairpin"), 6, True
)
G = (1.0, 1.0316, 1.1474, 1.0316, 1.0)


def media(board: Substrate, width_mm: float) -> Any:
    from skrf import Frequency
    from skrf.media import DefinedGammaZ0

    from eda.filters.microstrip.line import line_permittivity, propagation, static_line

    width = np.array([1e-3 * width_mm])
    impedance, static = static_line(width, board)
    permittivity = line_permittivity(width, static, FREQUENCY, board)
    gamma = propagation(width, impedance, permittivity, FREQUENCY, board)[0]
    points = Frequency.from_f(FREQUENCY, unit="hz")
    return DefinedGammaZ0(points, z0_port=50, z0=impedance[0], gamma=gamma)


def test_a_line_is_a_line_of_scikit_rf(through: Layout, board: Substrate) -> None:
    found = scattering(through, sizes_of(through), FREQUENCY, board)
    other = media(board, 1.13).line(20e-3, "m")
    np.testing.assert_allclose(found.s21[0], other.s[:, 1, 0], atol=1e-9)
    np.testing.assert_allclose(found.s11[0], other.s[:, 0, 0], atol=1e-9)


def test_lines_and_a_stub_are_the_cascade_of_scikit_rf(board: Substrate) -> None:
    from eda.filters.microstrip.ends import open_end_m

    strips = (
        Strip("m0", (0, 0), (7, 0), 1.0, ("p1", "n")),
        Strip("m1", (7, 0), (12, 0), 1.0, ("n", "p2")),
        Strip("s", (7, 0.5), (7, 8.5), 0.4, ("n", "end")),
    )
    layout = Layout("stub", 1, strips, (), ("p1", "p2"))
    found = scattering(layout, sizes_of(layout), FREQUENCY, board)
    longer = float(open_end_m(np.array([0.4e-3]), board)[0])
    main, thin = media(board, 1.0), media(board, 0.4)
    # The end effect as the reference model has it: j tan(beta dl) / Z.
    angle = np.imag(thin.gamma) * longer
    end = np.real(thin.z0)[0] / (1j * np.tan(angle))
    load = 8e-3
    z0, gamma = thin.z0[0].real, thin.gamma
    tanh = np.tanh(gamma * load)
    shunt = z0 * (end + z0 * tanh) / (z0 + end * tanh)
    middle = main.line(7e-3, "m").copy()
    middle.s = np.stack(
        [
            np.stack([-25 / (shunt + 25), shunt / (shunt + 25)]),
            np.stack([shunt / (shunt + 25), -25 / (shunt + 25)]),
        ]
    ).transpose(2, 0, 1)
    whole = main.line(7e-3, "m") ** middle ** main.line(5e-3, "m")
    np.testing.assert_allclose(found.s21[0], whole.s[:, 1, 0], atol=1e-8)


def drawn(order: int, bent: bool, tapped: bool, ohm: float = 55.0) -> tuple[Template, Real]:
    template = resonator_template(order, LIMITS, 5e9, bent=bent, tapped=tapped)
    start = resonator_start(template, G, LIMITS, (4.7e9, 5.3e9), width_ohm=ohm, port_ohm=50.0)
    return template, template.snapped(start, 0.01)


@given(
    st.integers(2, 3),
    st.booleans(),
    st.booleans(),
    st.lists(st.floats(0.8, 1.25), min_size=9, max_size=9),
)
def test_without_losses_no_power_is_lost(
    order: int, bent: bool, tapped: bool, factors: list[float]
) -> None:
    template, values = drawn(order, bent, tapped)
    layout = template.draw(values * np.resize(factors, len(values)), 0.0)
    found = scattering(layout, sizes_of(layout), FREQUENCY, LOSSLESS, zs_ohm=50, zl_ohm=75)
    power = np.abs(found.s11) ** 2 + np.abs(found.s21) ** 2
    np.testing.assert_allclose(power, 1.0, atol=1e-6)


@pytest.mark.parametrize("bent", [False, True])
@pytest.mark.parametrize("tapped", [False, True])
def test_a_symmetric_filter_is_symmetric_and_loses(
    bent: bool, tapped: bool, board: Substrate
) -> None:
    template, values = drawn(3, bent, tapped)
    layout = template.draw(values, 0.01)
    found = scattering(layout, sizes_of(layout), FREQUENCY, board)
    np.testing.assert_allclose(found.s11, found.s22, atol=1e-9)
    assert (np.abs(found.s11) ** 2 + np.abs(found.s21) ** 2 < 1).all()


def test_many_designs_at_once_are_each_by_itself(board: Substrate) -> None:
    template, values = drawn(3, True, False)
    layouts = [template.draw(values * factor, 0.0) for factor in (0.95, 1.0, 1.1)]
    together = scattering(layouts[0], sizes_of(*layouts), FREQUENCY, board)
    for at, layout in enumerate(layouts):
        alone = scattering(layout, sizes_of(layout), FREQUENCY, board)
        np.testing.assert_allclose(together.s21[at], alone.s21[0], atol=1e-12)


def test_torch_gives_the_same_and_gradients(board: Substrate) -> None:
    torch = pytest.importorskip("torch")
    template, values = drawn(2, False, False)
    layout = template.draw(values, 0.01)
    plain = sizes_of(layout)
    lengths = {
        name: torch.tensor(value, requires_grad=True) for name, value in plain.length_m.items()
    }
    sizes = Sizes(
        {name: torch.tensor(value) for name, value in plain.width_m.items()},
        lengths,
        {pair: torch.tensor(value) for pair, value in plain.gap_m.items()},
    )
    found = scattering(layout, sizes, torch.tensor(FREQUENCY), board)
    expected = scattering(layout, plain, FREQUENCY, board)
    np.testing.assert_allclose(found.s21.detach().numpy(), expected.s21, atol=1e-12)
    found.s21.abs().log().sum().backward()
    name, step = layout.coupled[0][0], 1e-9
    moved = replace(plain, length_m={**plain.length_m, name: plain.length_m[name] + step})
    later = scattering(layout, moved, FREQUENCY, board)
    slope = (np.log(np.abs(later.s21)).sum() - np.log(np.abs(expected.s21)).sum()) / step
    assert float(lengths[name].grad[0]) == pytest.approx(slope, rel=1e-3)


@pytest.mark.parametrize("bent", [False, True])
def test_the_deck_reproduces_the_layout(
    bent: bool, board: Substrate, spec_of: Callable[..., FilterSpec], tmp_path: Path
) -> None:
    template, values = drawn(3, bent, bent)
    layout = template.draw(values, 0.01)
    spec = spec_of("bandpass")
    path = tmp_path / "filter.cir"
    path.write_text(layout_deck(layout, board, 4.6e9, title="a test\n.include x"))
    assert path.read_text().splitlines()[0] == "* a test .include x"
    verified = verify_deck(path, spec, points=41)
    found = scattering(layout, sizes_of(layout), verified.frequency_hz, board)
    reference = 20 * np.log10(np.abs(found.s21[0]))
    error = np.abs(20 * np.log10(np.abs(verified.s[:, 1, 0])) - reference)
    passed = (verified.frequency_hz >= 4.4e9) & (verified.frequency_hz <= 4.7e9)
    assert error[passed].max() < 0.25
    assert error[~passed & (reference > -50)].max() < 1.0
