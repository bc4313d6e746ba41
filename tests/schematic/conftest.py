"""Circuits that several tests of schematics draw."""

from collections.abc import Callable

import pytest

from eda.circuit import Circuit
from eda.spice import parse_netlist

MODELS = (
    ".model nch nmos\n.model pch pmos\n.model npn npn\n.model pnp pnp\n"
    ".model dx d\n.model jn njf\n.model sw sw\n.model csw csw\n"
)

MILLER = """
M1 n1 inn tail vss nch W=10u L=1u
M2 n2 inp tail vss nch W=10u L=1u
M3 n1 n1 vdd vdd pch W=20u L=1u
M4 n2 n1 vdd vdd pch W=20u L=1u
M5 tail nbias vss vss nch W=10u L=1u
M6 out n2 vdd vdd pch W=80u L=1u
M7 out nbias vss vss nch W=20u L=1u
M8 nbias nbias vss vss nch W=10u L=1u
IB vdd nbias DC 20u
RZ n2 nz 2k
CC nz out 2p
CL out vss 5p
"""


@pytest.fixture(scope="session")
def make() -> Callable[..., Circuit]:
    """Make a subcircuit of cards with these ports."""

    def made(cards: str, ports: str = "inp inn out vdd vss") -> Circuit:
        text = f"* test\n.subckt dut {ports}\n{cards}\n.ends\n{MODELS}"
        return parse_netlist(text, strict=False).flatten()

    return made


@pytest.fixture(scope="session")
def miller(make: Callable[..., Circuit]) -> Circuit:
    """A two-stage op-amp."""
    return make(MILLER)
