"""Real circuits as they come, with generic models and no further options."""

import math
from pathlib import Path

import pytest

from eda.errors import ToolNotFoundError
from eda.spice import TestbenchResult, read_netlist, testbench
from eda.spice.ngspice_shared import library_path


@pytest.fixture(autouse=True)
def _ngspice() -> None:
    try:
        library_path()
    except ToolNotFoundError as problem:
        pytest.skip(str(problem))


def measured(data: Path, name: str, kind: str) -> TestbenchResult:
    circuit = read_netlist(data / "schematics" / "netlists" / f"{name}.sp", strict=False)
    result = testbench(circuit, kind, models="generic").run(cache=False)
    assert result.ok, result.notes
    assert [item for item in result.benches if item.status != "ok"] == []
    return result


@pytest.mark.parametrize(
    ("name", "least_db", "saturated"),
    [("miller_opamp", 80, True), ("folded_cascode", 60, True), ("fd_folded_cascode", 20, False)],
)
def test_op_amps(data: Path, name: str, least_db: float, saturated: bool) -> None:
    found = measured(data, name, "opamp")
    assert found["dc_gain"] > least_db
    assert found["unity_gain"] > 1e6
    assert 30 < found["phase_margin"] < 120
    assert found["swing_high"] - found["swing_low"] > 0.3
    assert found["slew_rise"] > 1e5
    assert found["slew_fall"] > 1e5
    assert found["settling_0p1pct"] >= found["settling_1pct"] > 0
    assert found["power"] > 0
    regions = {point.region for point in found.transistors.values()}
    assert regions == {"saturation"} or not saturated


def test_strongarm(data: Path) -> None:
    found = measured(data, "strongarm", "comparator")
    assert found["delay_1m"] > found["delay_100m"] > 0


def test_oscillators(data: Path) -> None:
    tank = measured(data, "lc_vco", "oscillator")
    # 2 nH with 500 fF, the load of 10 fF and what the gates add.
    alone = 1 / (2 * math.pi * math.sqrt(2e-9 * 510e-15))
    assert 0.7 * alone < tank["frequency"] < alone
    assert measured(data, "inverter_ring3", "oscillator")["swing"] > 1


def test_filters(data: Path) -> None:
    ladder = measured(data, "lc_ladder5", "filter")
    assert ladder["upper_edge"] == pytest.approx(100e6, rel=0.01)
    assert ladder["attenuation_2x"] == pytest.approx(10 * math.log10(1 + 2**10), abs=0.3)
    assert ladder["passband_gain"] == pytest.approx(-6.02, abs=0.01)
    sallen = measured(data, "sallen_key", "filter")
    assert sallen["upper_edge"] == pytest.approx(11.25e3, rel=0.01)
