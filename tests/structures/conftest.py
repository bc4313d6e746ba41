"""Circuits that several tests of structures use, from netlist text."""

from collections.abc import Callable

import pytest

from eda.spice import parse_netlist
from eda.structures import Structures, find_structures

Find = Callable[..., Structures]


@pytest.fixture
def find() -> Find:
    """Make a subcircuit of cards with these ports, and return what is found in it."""

    def make(cards: str, ports: str = "vin vip vout vb vdd vss") -> Structures:
        models = ".model nch nmos\n.model pch pmos\n.model npn npn\n.model pnp pnp\n"
        return find_structures(
            parse_netlist(f"* test\n.subckt dut {ports}\n{cards}\n.ends\n{models}")
        )

    return make


def named(found: Structures, rule: str) -> list[list[str]]:
    """Return the devices of each structure that a rule found, sorted."""
    return sorted(sorted(item.device_names) for item in found.items if item.rule == rule)


@pytest.fixture(name="named")
def _named() -> Callable[[Structures, str], list[list[str]]]:
    return named
