"""What theory forbids: against elliptic filters, and against designs that exist."""

import numpy as np
import pytest
from scipy import signal

from eda.filters.chebyshev_charges import Charges
from eda.filters.impossible import least_loss_db, most_attenuation_db, why_impossible
from eda.filters.terse import terse_spec


@pytest.mark.parametrize(
    ("order", "ripple", "stop"), [(3, 0.5, 30.0), (5, 0.5, 40.0), (7, 1.0, 60.0)]
)
def test_the_order_bound_lies_within_six_decibel_above_an_elliptic_filter(
    order: int, ripple: float, stop: float
) -> None:
    z, p, k = signal.ellip(order, ripple, stop, 1.0, analog=True, output="zpk")
    omega = np.linspace(1.0, 4.0, 300_001)
    _, response = signal.freqs_zpk(z, p, k, omega)
    edge = omega[int(np.argmax(np.abs(response) <= 10 ** (-stop / 20)))]
    spec = terse_spec(lowpass="1MHz", stop=f"{edge}MHz-1000MHz:{stop}dB", il_db=ripple, parts=order)
    bound = most_attenuation_db(spec, order)
    assert stop - 0.1 < bound < stop + 6.3


def test_two_equal_plates_have_the_known_voltage() -> None:
    # Intervals [-1, -k] and [k, 1]: pi K(k) / K'(k), by elliptic integrals.
    from scipy.special import ellipk

    k = 0.2
    charges = Charges([(-1.0, -k), (k, 1.0)])
    count = len(charges.points)
    system = np.zeros((count + 2, count + 2))
    system[:count, :count] = charges.matrix()
    for at in range(2):
        system[at * charges.terms : (at + 1) * charges.terms, count + at] = -1.0
        system[count + at, :count] = charges.total(at)
    target = np.zeros(count + 2)
    target[count:] = 1.0, -1.0
    solved = np.linalg.solve(system, target)
    wanted = 2 * np.pi * ellipk(k**2) / ellipk(1 - k**2)
    assert solved[count] - solved[count + 1] == pytest.approx(wanted, rel=1e-6)


def test_less_loss_in_the_parts_means_less_loss_in_the_filter() -> None:
    losses = [
        least_loss_db(
            terse_spec(bandpass="99-101MHz", stop="95MHz:40dB,105MHz:40dB", il_db=1, q=q)
        )[0]
        for q in (20, 50, 200)
    ]
    assert losses == sorted(losses, reverse=True)
    assert losses[0] > 10
    assert losses[-1] > 0


@pytest.mark.parametrize(
    ("words", "begin"),
    [
        ({"lowpass": "1MHz", "stop": "1.1MHz:80dB", "parts": 3}, "order limit: 3 reactive parts"),
        (
            {"bandpass": "99-101MHz", "stop": "97MHz:40dB,103MHz:40dB", "il_db": 1, "q": 50},
            "Q limit: with inductors of Q 50",
        ),
        (
            {"lowpass": "1MHz", "stop": "5MHz:20dB", "family": "active", "gain_db": 60, "parts": 1},
            "gain limit: 1 op-amps",
        ),
        ({"lowpass": "1MHz", "stop": "3MHz:30dB"}, ""),
    ],
)
def test_reasons(words: dict[str, object], begin: str) -> None:
    found = why_impossible(terse_spec(**words))  # type: ignore[arg-type]
    assert found.startswith(begin)
    assert bool(found) == bool(begin)
