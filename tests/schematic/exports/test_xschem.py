"""xschem itself netlists what is written for it, where it is installed."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from eda.circuit import Circuit
from eda.graph import compare
from eda.schematic import draw
from eda.spice import parse_netlist, read_netlist
from eda.spice.convert import canonical

XSCHEM = shutil.which("xschem")
LIBRARY = Path("/usr/share/xschem/xschem_library")
pytestmark = pytest.mark.skipif(
    XSCHEM is None or not LIBRARY.is_dir(), reason="xschem is not installed (apt install xschem)"
)

NETLISTS = ("miller_opamp", "sallen_key", "lc_vco")


def netlist(path: Path) -> Circuit:
    """What xschem makes of a schematic; its comments about ports become ports."""
    folder = path.parent
    (folder / "rc").write_text(
        f"set netlist_dir {{{folder}}}\nset XSCHEM_LIBRARY_PATH {{{LIBRARY}:{folder}}}\n"
    )
    command = [str(XSCHEM), "--rcfile", "rc", "-x", "-q", "-n", "-s", path.name]
    subprocess.run(
        command, cwd=folder, timeout=60, check=True, stdin=subprocess.DEVNULL, capture_output=True
    )
    text = path.with_suffix(".spice").read_text()
    return parse_netlist(f"* by xschem\n* dialect: ngspice\n{text}", strict=False)


def plain(circuit: Circuit) -> Circuit:
    flat = canonical(circuit).flatten()
    devices = tuple(
        replace(
            device,
            parameters={
                k: v for k, v in device.parameters.items() if (k, v) not in (("m", 1), ("area", 1))
            },
        )
        for device in flat.devices
    )
    return replace(flat.replace_devices(devices), ports=(), directions={})


@pytest.mark.parametrize("name", NETLISTS)
def test_its_netlist_is_the_input(name: str, data: Path, tmp_path: Path) -> None:
    circuit = read_netlist(data / "schematics/netlists" / f"{name}.sp")
    draw(circuit).write(tmp_path / f"{name}.sch")
    back = netlist(tmp_path / f"{name}.sch")
    found = compare(plain(circuit), plain(back), sizes=True)
    assert [str(item) for item in found.differences] == []
    # The ports stand in the order of the subcircuit.
    text = (tmp_path / f"{name}.spice").read_text()
    ports = re.search(r"^\*\*\.subckt \S+ (.*)$", text, re.MULTILINE)
    flat = circuit.flatten()
    assert ports is not None
    assert len(ports[1].split()) == len(flat.ports)
    assert ports[1].split()[:2] == [port.replace("gnd", "gnd_net") for port in flat.ports][:2]


DECK = """* sheets with parameters
.param rl=10k
.model nch nmos level=1 vto=0.5
.subckt stage in out vdd w=1u
M1 out in 0 0 nch w={w} l=1u m=2
R1 vdd out {rl}
.ends
.subckt two in out vdd
X1 in m vdd stage w=3u
X2 m out vdd stage
.ends
Vdd vdd 0 1.8
Vin in 0 dc 0.7 ac 1
X1 in a<1> vdd two
E1 o 0 a<1> in 2
X2 o a<1> black k=2
B1 q 0 v='v(o)*2'
R1 q 0 1k tc1=1m
.op
"""


@pytest.mark.parametrize("blocks_above", [1000, 0])
def test_a_deck_with_sheets_parameters_and_black_boxes(blocks_above: int, tmp_path: Path) -> None:
    circuit = parse_netlist(DECK)
    draw(circuit, blocks_above=blocks_above).write(tmp_path / "deck.sch")
    back = netlist(tmp_path / "deck.sch")
    found = compare(plain(circuit), plain(back), sizes=True)
    assert [str(item) for item in found.differences] == []
    assert [card.text for card in back.cards] == [".op"]
