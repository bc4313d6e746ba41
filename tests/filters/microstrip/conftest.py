"""Specifications and layouts that the tests of printed filters share."""

from __future__ import annotations

import pytest

from eda.filters.microstrip.layout import Layout, Strip
from eda.filters.microstrip.limits import MicrostripLimits
from eda.filters.microstrip.substrate import Substrate

BOARD = Substrate(er=3.5, height_m=0.508e-3, tan_delta=0.002)


@pytest.fixture
def board() -> Substrate:
    return BOARD


@pytest.fixture
def limits() -> MicrostripLimits:
    families = ("edge_coupled", "hairpin", "stepped_impedance", "stub")
    return MicrostripLimits(BOARD, 0.15, 0.15, 0.01, (60.0, 30.0), families, 5, vias=False)


@pytest.fixture
def through() -> Layout:
    """Return a line of some 50 ohm from port to port."""
    strip = Strip("line", (0.0, 0.0), (20.0, 0.0), 1.13, ("p1", "p2"))
    return Layout("stub", 1, (strip,), (), ("p1", "p2"))
