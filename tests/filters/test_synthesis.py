"""Prototypes, transformations, coupled resonators: against closed forms and scipy's poles."""

import math

import numpy as np
import pytest
from scipy import signal

from eda.filters import transformations as to
from eda.filters.coupled import coupling_matrix, tanks
from eda.filters.nodal import Physics, respond
from eda.filters.prototypes import (
    Branch,
    bessel,
    butterworth,
    chebyshev,
    elliptic,
    ladder_of,
    ripple_of_return_loss,
)
from eda.filters.series import SERIES, decade, nearest, values
from eda.filters.spec import PartRule
from eda.filters.words import kinds_of, ladder, part_count

PHYSICS = Physics(50.0, 50.0)


def gain_db(made: to.Ladder, frequency: np.ndarray) -> np.ndarray:
    """|S21| of a lossless ladder between 50 ohm."""
    response = respond(ladder(made.word), np.log([made.values]), frequency, PHYSICS)
    return np.asarray(20 * np.log10(np.abs(response.s21[0])))


def branches(g: tuple[float, ...]) -> list[Branch]:
    return [Branch(capacitance=v) if k % 2 == 0 else Branch(inductance=v) for k, v in enumerate(g)]


def test_g_values_are_those_of_the_tables() -> None:
    assert chebyshev(5, 0.5) == pytest.approx([1.7058, 1.2296, 2.5408, 1.2296, 1.7058], abs=1e-4)
    assert butterworth(4) == pytest.approx([0.7654, 1.8478, 1.8478, 0.7654], abs=1e-4)
    assert bessel(4) == pytest.approx([0.2334, 0.6725, 1.0815, 2.2404], abs=2e-4)
    # Zverev's C03 20 theta 30 has 20 % reflection; a table of 0.1 dB and 40 dB by hand.
    assert [b.capacitance for b in elliptic(3, 0.1, 40)] == pytest.approx(
        [0.99, 0.056, 0.99], abs=2e-3
    )


@pytest.mark.parametrize("order", [2, 3, 5, 7])
def test_taking_a_ladder_apart_gives_the_closed_form(order: int) -> None:
    zeros, poles, gain = signal.butter(order, 1.0, analog=True, output="zpk")
    found = [max(b.inductance, b.capacitance) for b in ladder_of(zeros, poles, gain)]
    assert found == pytest.approx(list(butterworth(order)), rel=1e-3)


@pytest.mark.parametrize(("order", "ripple", "stop"), [(3, 0.1, 30), (5, 0.5, 50), (7, 0.05, 60)])
def test_an_elliptic_ladder_has_the_response_of_its_poles(
    order: int, ripple: float, stop: float
) -> None:
    made = to.lowpass(list(elliptic(order, ripple, stop)), 1e6, 50.0, shunt_first=True)
    frequency = np.linspace(0.05e6, 3e6, 400)
    z, p, k = signal.ellip(order, ripple, stop, 1.0, analog=True, output="zpk")
    _, wanted = signal.freqs_zpk(z, p, k, frequency / 1e6)
    level = 20 * np.log10(np.abs(wanted))
    seen = level > -100
    assert np.abs(gain_db(made, frequency) - level)[seen].max() < 0.02


@pytest.mark.parametrize("shunt_first", [True, False])
@pytest.mark.parametrize("kind", ["lowpass", "highpass", "bandpass", "bandstop"])
@pytest.mark.parametrize("traps", [False, True])
def test_transformations_follow_the_frequency_map(
    kind: str, shunt_first: bool, traps: bool
) -> None:
    proto = list(elliptic(5, 0.1, 40)) if traps else branches(chebyshev(5, 0.1))
    frequency = np.geomspace(2e5, 5e6, 301) * 1.00317
    low, high = 0.8e6, 1.25e6
    middle, width = math.sqrt(low * high), high - low
    if kind in ("lowpass", "highpass"):
        made = getattr(to, kind)(proto, 1e6, 50.0, shunt_first=shunt_first)
        omega = frequency / 1e6 if kind == "lowpass" else 1e6 / frequency
    else:
        made = getattr(to, kind)(proto, low, high, 50.0, shunt_first=shunt_first)
        omega = np.abs(frequency / middle - middle / frequency) * middle / width
        omega = omega if kind == "bandpass" else 1 / omega
    unit = to.lowpass(proto, 1.0, 50.0, shunt_first=True)
    wanted = gain_db(unit, omega)
    seen = wanted > -90
    assert np.abs(gain_db(made, frequency) - wanted)[seen].max() < 1e-4
    assert part_count(made.word) == len(made.values)


def test_the_dual_has_the_same_response() -> None:
    made = to.bandpass(branches(chebyshev(3, 0.1)), 0.9e6, 1.1e6, 50.0, shunt_first=True)
    other = to.dual(made, 50.0)
    frequency = np.linspace(0.5e6, 2e6, 200)
    assert other.word == "SpS"
    assert np.abs(gain_db(made, frequency) - gain_db(other, frequency)).max() < 1e-9
    assert to.dual(other, 50.0).values == pytest.approx(made.values)


@pytest.mark.parametrize("coupling", ["CC", "LL", "CL"])
def test_coupled_tanks_pass_the_band_they_are_made_for(coupling: str) -> None:
    matrix = coupling_matrix(chebyshev(3, ripple_of_return_loss(20.0)))
    made = tanks(matrix, 99e6, 101e6, 50.0, 50.0, coupling=coupling, inductance=20e-9)
    assert made is not None
    assert made.word == f"Cp{coupling[0]}p{coupling[1]}pC"
    frequency = np.linspace(97e6, 103e6, 601)
    gain = gain_db(made, frequency)
    passed = frequency[gain > -3.0]
    # The narrow-band formulas shift a little; a hundredth of the frequency is their accuracy.
    assert passed.mean() == pytest.approx(100e6, rel=0.01)
    assert np.ptp(passed) == pytest.approx(2.6e6, rel=0.2)
    assert gain.max() > -0.2


def test_the_coupling_matrix_is_symmetric_and_follows_g() -> None:
    matrix = coupling_matrix([1.0, 2.0, 1.0])
    assert np.array_equal(matrix, matrix.T)
    assert matrix[1, 2] == pytest.approx(1 / math.sqrt(2))


@pytest.mark.parametrize("name", SERIES)
def test_series_are_complete_and_ascend(name: str) -> None:
    found = decade(name)
    assert len(found) == int(name[1:])
    assert list(found) == sorted(set(found))


def test_known_values_of_the_standard() -> None:
    assert decade("E12") == (1.0, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 3.9, 4.7, 5.6, 6.8, 8.2)
    assert {1.02, 4.99, 9.76} <= set(decade("E96"))
    rule = PartRule("E24", 0.05, 5e-9, 2.2e-5)
    assert (values(rule)[0], values(rule)[-1]) == (5.1e-9, 2.2e-5)
    assert nearest(rule, 8.0e-9) == 8.2e-9


def test_words() -> None:
    assert kinds_of("CpS") == ("capacitor", "inductor", "capacitor", "inductor", "capacitor")
    with pytest.raises(ValueError, match="is no ladder"):
        ladder("cc")
