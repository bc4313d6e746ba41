"""What the rules call an error, the simulator cannot solve without help."""

import shutil
import subprocess
from pathlib import Path

import pytest

from eda.rules import check
from eda.spice import parse_netlist

NGSPICE = shutil.which("ngspice")
HEALTHY = "* healthy\nV1 in 0 1\nR1 in mid 1k\nR2 mid 0 1k\n.op\n.end\n"
pytestmark = pytest.mark.skipif(NGSPICE is None, reason="ngspice is not installed")


def run(text: str, folder: Path) -> str:
    """What ngspice says of a deck."""
    deck = folder / "deck.cir"
    deck.write_text(text)
    ran = subprocess.run(
        [str(NGSPICE), "-b", str(deck)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return (ran.stdout + ran.stderr).lower()


TROUBLE = ("singular matrix", "gmin stepping", "no dc path", "fatal error", "run simulation(s) ab")


@pytest.mark.parametrize(
    ("rule", "deck"),
    [
        ("no_dc_path", "* c\nV1 in 0 1\nC1 in mid 1p\nC2 mid 0 1p\n.op\n.end\n"),
        ("no_dc_path", "* k\nV1 in 0 1\nR1 in 0 1\nL1 a b 1\nR2 a b 1\n.op\n.end\n"),
        ("no_dc_path", "* e\nV1 in 0 1\nE1 out 0 x 0 2\nR1 out 0 1\nC1 x in 1p\n.op\n.end\n"),
        ("supply_short", "* s\nV1 vdd 0 1\nL1 vdd 0 1n\nR1 vdd 0 1\n.op\n.end\n"),
        (
            "floating_gate",
            "* g\nV1 vdd 0 1\nR1 vdd out 1k\nM1 out g 0 0 n\n.model n nmos\n.op\n.end\n",
        ),
    ],
)
def test_errors_trouble_the_simulator(tmp_path: Path, rule: str, deck: str) -> None:
    assert rule in {item.rule for item in check(parse_netlist(deck, strict=False))}
    printed = run(deck, tmp_path)
    assert any(word in printed for word in TROUBLE), printed


def test_a_healthy_deck_does_not(tmp_path: Path) -> None:
    assert check(parse_netlist(HEALTHY)) == ()
    printed = run(HEALTHY, tmp_path)
    assert not any(word in printed for word in TROUBLE), printed
