"""Layouts, boards and weights that the tests of the neural simulator share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from eda.filters.microstrip.layout import Layout
from eda.filters.microstrip.limits import MicrostripLimits
from eda.filters.microstrip.notches import notch_start, notch_template
from eda.filters.microstrip.open_loops import open_loop_start, open_loop_template
from eda.filters.microstrip.resonators import resonator_start, resonator_template
from eda.filters.microstrip.stubs import stub_start, stub_template
from eda.filters.microstrip.substrate import Substrate
from eda.filters.neural.network import Shape, shapes
from eda.filters.neural.weights import NeuralWeights
from eda.filters.prototypes import chebyshev

BOARD = Substrate(er=3.66, height_m=0.508e-3, tan_delta=0.0037)
FAMILIES = ("edge_coupled", "hairpin", "stub")
LIMITS = MicrostripLimits(BOARD, 0.15, 0.15, 0.01, (90, 60), FAMILIES, 7, True)


def band_pass(order: int, *, bent: bool, tapped: bool, stretch: float = 1.0) -> Layout:
    """Return textbook resonators for 2.4 to 2.6 GHz, their lengths by a factor."""
    template = resonator_template(order, LIMITS, 2.5e9, bent=bent, tapped=tapped)
    g = (1.0, *chebyshev(order, 0.1), 1.0)
    values = resonator_start(template, g, LIMITS, (2.4e9, 2.6e9), width_ohm=55.0, port_ohm=50.0)
    lengths = np.array([stretch if name[0] == "l" else 1.0 for name in template.names])
    return template.draw(template.snapped(values * lengths, 0.01), 0.01)


def stubs(count: int, *, shorted: bool = False, apart_mm: float = 12.0) -> Layout:
    """Return stubs on a line."""
    template = stub_template(count, LIMITS, 2.5e9, ends=True, shorted=shorted)
    return template.draw(stub_start(template, LIMITS, (1.2, 15.0), (0.6, apart_mm)), 0.01)


def loops(order: int) -> Layout:
    """Return open loops for 2.4 to 2.6 GHz."""
    template = open_loop_template(order, LIMITS, 2.5e9, tapped=True)
    g = (1.0, *chebyshev(order, 0.1), 1.0)
    values = open_loop_start(
        template, g, LIMITS, (2.4e9, 2.6e9), width_ohm=55.0, port_ohm=50.0, side=0.25
    )
    return template.draw(template.snapped(values, 0.01), 0.01)


def notch() -> Layout:
    """Return two resonators beside a line."""
    template = notch_template(2, LIMITS, 2.5e9)
    values = notch_start(template, LIMITS, 2.5e9, gap_heights=0.5, share=0.4, port_ohm=50.0)
    return template.draw(template.snapped(values, 0.01), 0.01)


LAYOUTS: dict[str, Callable[[], Layout]] = {
    "straight": lambda: band_pass(3, bent=False, tapped=False),
    "straight, tapped": lambda: band_pass(2, bent=False, tapped=True),
    "hairpins": lambda: band_pass(3, bent=True, tapped=False),
    "hairpins, tapped": lambda: band_pass(4, bent=True, tapped=True),
    "stubs": lambda: stubs(3),
    "stubs near each other": lambda: stubs(3, apart_mm=4.0),
    "open loops": lambda: loops(3),
    "notch": notch,
    "shorted stubs": lambda: stubs(2, shorted=True),
}


def random_weights(seed: int, size: float = 1.0) -> NeuralWeights:
    """Return weights by chance, far larger than any that were learned."""
    rng = np.random.default_rng(seed)
    shape = Shape(hidden=8, layers=2)
    arrays = {
        name: np.ones(wide) if name.endswith("scale") else size * rng.normal(size=wide)
        for name, wide in shapes(shape).items()
    }
    return NeuralWeights(shape, (arrays,))


@pytest.fixture(params=LAYOUTS)
def layout(request: pytest.FixtureRequest) -> Layout:
    """Return a layout of every kind."""
    return LAYOUTS[request.param]()
