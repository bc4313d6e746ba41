"""Circuits that several tests of graphs use."""

import pytest

from eda.circuit import Circuit, Device

PORTS = ("inp", "inn", "out", "vdd", "vss")


@pytest.fixture
def opamp() -> Circuit:
    """A two-stage Miller op-amp."""
    table = (
        ("M1", "n", "n1 inn tail vss"),
        ("M2", "n", "n2 inp tail vss"),
        ("M3", "p", "n1 n1 vdd vdd"),
        ("M4", "p", "n2 n1 vdd vdd"),
        ("M5", "n", "tail nbias vss vss"),
        ("M6", "p", "out n2 vdd vdd"),
        ("M7", "n", "out nbias vss vss"),
        ("M8", "n", "nbias nbias vss vss"),
    )
    transistors = [
        Device(
            name,
            "mosfet",
            ("d", "g", "s", "b"),
            tuple(nets.split()),
            f"{polarity}ch",
            {"w": 1e-5, "l": 1e-6},
            polarity,
        )
        for name, polarity, nets in table
    ]
    return Circuit(
        devices=(
            *transistors,
            Device("IB", "isource", ("p", "n"), ("vdd", "nbias"), "", {"dc": 2e-5}),
            Device("RZ", "resistor", ("p", "n"), ("n2", "nz"), "", {"value": 2e3}),
            Device("CC", "capacitor", ("p", "n"), ("nz", "out"), "", {"value": 2e-12}),
            Device("CL", "capacitor", ("p", "n"), ("out", "vss"), "", {"value": 5e-12}),
        ),
        ports=PORTS,
    )
