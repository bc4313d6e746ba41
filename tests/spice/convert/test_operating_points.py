"""ngspice finds the same operating point before and after a conversion."""

from pathlib import Path

import pytest

from eda.circuit import Circuit
from eda.circuit.flatten import top_subcircuit
from eda.errors import SimulatorNotFoundError
from eda.spice import Op, parse_netlist, read_netlist, simulate
from eda.spice.convert import convert
from eda.spice.ngspice_shared import library_path

DECK = """* all that has an operating point
.param rl=10k
.func twice(x) {2*x}
.model nch nmos level=1 vto=0.5 kp=100u
.model qn npn is=1e-16 bf=100
.model dd d is=1e-14
.subckt stage in out vdd w=1u
M1 out in 0 0 nch w={w} l=1u m=2
R1 vdd out {rl}
.ends
Vdd vdd 0 1.8
Vin in 0 0.7
X1 in out vdd stage w={2*2u}
Q1 vdd out e qn
R2 e 0 1meg
D1 e k dd
R3 k 0 100k
E1 a 0 e 0 2
R4 a b 1k
B1 b 0 v={twice(v(e)) > 1 ? 0.5 : tanh(v(out))}
F1 0 f Vin 3
R5 f 0 1k
I1 0 g 1u
R6 g 0 1meg
"""


SIMULATORS = ("ngspice", "hspice", "ltspice", "pspice", "spectre")


@pytest.fixture(autouse=True)
def _ngspice() -> None:
    try:
        library_path()
    except SimulatorNotFoundError as problem:
        pytest.skip(str(problem))


def there_and_back(circuit: Circuit, to: str) -> Circuit:
    """Written in a dialect, read, written for ngspice, read."""
    there = parse_netlist(convert(circuit, to=to).text, dialect=to)
    return parse_netlist(convert(there, to="ngspice").text, dialect="ngspice")


def operating_point(circuit: Circuit) -> dict[str, float]:
    result = simulate(circuit, Op(), cache=False)
    assert result.ok, result.log
    waveform = result.waveforms[0]
    return {name.lower(): float(waveform[name].values[0]) for name in waveform}


def assert_close(one: dict[str, float], two: dict[str, float], *, rel: float = 1e-6) -> None:
    """Node voltages agree; currents have no names that all dialects keep."""
    nets = {name for name in one if name.startswith("v(")}
    assert nets
    assert nets <= two.keys()
    for name in nets:
        assert two[name] == pytest.approx(one[name], rel=rel, abs=1e-9), name


@pytest.mark.parametrize("to", SIMULATORS)
def test_operating_points_stay(to: str) -> None:
    before = parse_netlist(DECK)
    one, two = operating_point(before), operating_point(there_and_back(before, to))
    assert {"v(out)", "v(e)", "v(k)", "v(a)", "v(b)", "v(f)", "v(g)"} <= one.keys()
    assert_close(one, two, rel=1e-9)


def bench_of(cell: str, ports: tuple[str, ...]) -> str:
    """A deck for a cell of unknown purpose: supplies, the rest over resistors at half of them."""
    level = {"vdd": 1.8, "vss": 0.0, "gnd": 0.0}
    cards = [f"X1 {' '.join(f'p{at}' for at in range(len(ports)))} {cell}"]
    for at, port in enumerate(ports):
        volts = level.get(port.lower(), 0.9)
        if port.lower() in level:
            cards.append(f"V{at} p{at} 0 {volts}")
        else:
            cards += [f"V{at} s{at} 0 {volts}", f"R{at} s{at} p{at} 100k"]
    return "\n".join([*cards, ".end", ""])


@pytest.mark.parametrize(
    "name", ["miller_opamp", "fd_folded_cascode", "bandgap_core", "strongarm", "lc_vco"]
)
def test_operating_points_of_hand_drawn_circuits(name: str, data: Path) -> None:
    folder = data / "schematics/netlists"
    cell = read_netlist(folder / f"{name}.sp")
    top = top_subcircuit(cell)
    assert top is not None
    text = (folder / f"{name}.sp").read_text() + (folder / "models.inc").read_text()
    before = parse_netlist(text + bench_of(top.name, top.ports), dialect="ngspice")
    wanted = operating_point(before)
    for to in SIMULATORS:
        assert_close(wanted, operating_point(there_and_back(before, to)))


@pytest.mark.parametrize("name", ["opamp2", "filter"])
def test_one_circuit_in_six_dialects_has_one_operating_point(name: str, data: Path) -> None:
    found = {}
    for path in sorted((data / "schematics/dialects" / name).iterdir()):
        if path.suffix in (".json", ".cdl"):
            continue
        cell = read_netlist(path)
        top = cell.subcircuits[name]
        text = convert(cell, to="ngspice").text.replace(".end\n", "")
        models = (data / "schematics/netlists/models.inc").read_text()
        deck = parse_netlist(text + models + bench_of(name, top.ports), dialect="ngspice")
        found[path.name] = operating_point(deck)
    assert len(found) == 5
    reference = found["ngspice.sp"]
    for values in found.values():
        for at in range(len(top.ports)):
            net = f"v(p{at})"
            assert values[net] == pytest.approx(reference[net], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", ["ota2s_fpdk45", "tia_fpdk45"])
def test_operating_points_of_sized_circuits(name: str, data: Path) -> None:
    before = read_netlist(data / "sizing/circuits" / name / "deck.cir")
    wanted = operating_point(before)
    for to in SIMULATORS:
        assert_close(wanted, operating_point(there_and_back(before, to)))
