"""ngspice finds the same operating point before and after a conversion."""

import pytest

from eda.errors import SimulatorNotFoundError
from eda.spice import Op, parse_netlist, simulate
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


@pytest.mark.parametrize("to", ["ngspice", "hspice", "ltspice", "pspice", "spectre"])
def test_operating_points_stay(to: str) -> None:
    try:
        library_path()
    except SimulatorNotFoundError as problem:
        pytest.skip(str(problem))
    before = parse_netlist(DECK)
    there = parse_netlist(convert(before, to=to).text)
    back = parse_netlist(convert(there, to="ngspice").text)
    results = [simulate(circuit, Op(), cache=False) for circuit in (before, back)]
    for result in results:
        assert result.ok, result.log
    one, two = (result.waveforms[0] for result in results)
    for net in ("v(out)", "v(e)", "v(k)", "v(a)", "v(b)", "v(f)", "v(g)"):
        assert float(two[net].values[0]) == pytest.approx(
            float(one[net].values[0]), rel=1e-9, abs=1e-12
        ), net
