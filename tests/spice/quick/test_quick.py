"""The quick simulator against ngspice: the shipped case, and cases with real models."""

import json
from pathlib import Path

import numpy as np
import pytest

from eda.errors import ToolNotFoundError
from eda.spice import Case, Corner, example_case, read_case
from eda.spice.ngspice_shared import library_path
from eda.spice.quick import QuickSimulator, UnsupportedCircuitError
from eda.spice.quick.network import Network
from eda.spice.quick.table import _cubic, _parabola


@pytest.fixture(autouse=True)
def ngspice() -> None:
    try:
        library_path()
    except ToolNotFoundError:
        pytest.skip("libngspice is not installed")


@pytest.fixture(scope="module")
def opamp() -> Case:
    return example_case()


@pytest.fixture(scope="module")
def quick(opamp: Case) -> QuickSimulator:
    return QuickSimulator(opamp)


def test_the_nominal_design(opamp: Case, quick: QuickSimulator) -> None:
    truth = opamp.simulate([opamp.nominal])[0].metrics
    found = dict(zip(opamp.metrics, quick.run([opamp.nominal]).metrics[0], strict=True))
    for name in ("power_w", "ugbw_hz"):
        assert found[name] == pytest.approx(truth[name], rel=0.03)
    for name, allowed in (("gain_db", 0.3), ("pm_deg", 1.5), ("psrr_db", 4.0)):
        assert found[name] == pytest.approx(truth[name], abs=allowed)
    assert found["overshoot"] == pytest.approx(truth["overshoot"], abs=0.02)
    # The models flicker, the tables do not.
    assert truth["noise_vrthz"] / 10 < found["noise_vrthz"] < truth["noise_vrthz"]


def test_the_witnesses(opamp: Case, quick: QuickSimulator) -> None:
    specs = [opamp.specs[level] for level in ("easy", "medium", "hard")]
    designs = [dict(spec.witness or {}) for spec in specs]
    found = quick.run(designs)
    assert found.found.all()
    for row, spec in zip(found.metrics, specs, strict=True):
        truth = dict(spec.witness_metrics or {})
        values = dict(zip(opamp.metrics, row, strict=True))
        assert values["power_w"] == pytest.approx(truth["power_w"], rel=0.02)
        assert values["gain_db"] == pytest.approx(truth["gain_db"], abs=3.0)
        # Slopes are read at time points, which lie 5 ns apart.
        rise_s = [0.6 * 0.2 / item["slew_vps"] for item in (values, truth)]
        assert rise_s[0] == pytest.approx(rise_s[1], abs=5.1e-9)


def test_a_corner(opamp: Case) -> None:
    corner = Corner("ss", 125.0, 1.62)
    truth = opamp.simulate([opamp.nominal], corner=corner)[0].metrics
    row = QuickSimulator(opamp, corner).run([opamp.nominal], analyses=["op", "ac"]).metrics[0]
    found = dict(zip(opamp.metrics, row, strict=True))
    assert found["power_w"] == pytest.approx(truth["power_w"], rel=0.01)
    assert found["gain_db"] == pytest.approx(truth["gain_db"], abs=0.5)
    assert np.isnan(found["slew_vps"])


@pytest.mark.parametrize("name", ["ota2s_fpdk45", "tia_fpdk45"])
def test_cases_with_real_models(name: str, data: Path) -> None:
    case = read_case(data / "sizing" / "circuits" / name)
    quick = QuickSimulator(case)
    spec = case.specs["medium"]
    row = quick.run([dict(spec.witness or {})]).metrics[0]
    found = dict(zip(case.metrics, row, strict=True))
    truth = dict(spec.witness_metrics or {})
    assert found["power_w"] == pytest.approx(truth["power_w"], rel=0.02)
    for metric, allowed in (("gain_db", 2.0), ("pm_deg", 2.0), ("psrr_db", 2.0), ("peak_db", 0.1)):
        if metric in truth:
            assert found[metric] == pytest.approx(truth[metric], abs=allowed)
    for metric in ("ugbw_hz", "bw_hz", "rt_ohm"):
        if metric in truth:
            assert found[metric] == pytest.approx(truth[metric], rel=0.05)


def test_values_of_designs_are_those_of_the_flat_circuit(opamp: Case) -> None:
    network = Network(opamp, Corner())
    design = {**opamp.nominal, "w_drive": 3.3e-6, "m_out": 7.0, "r_zero": 432.0, "i_bias": 5e-6}
    found = network.values([design, opamp.nominal])
    assert found["x1.x6", "w", 0][0] == pytest.approx(3.3e-6)
    assert found["x1.x6", "nf", 0].tolist() == pytest.approx([7.0, 4.0])
    assert found["x2.rz", "value", 0][0] == pytest.approx(432.0)
    assert found["x3.ib", "dc", 0].tolist() == pytest.approx([5e-6, 2e-5])
    assert network.wrappers["pfet"].terminals == "dgsb"
    assert len(network.parts) == 3


def test_a_circuit_that_is_not_dealt_with_is_refused(opamp: Case, tmp_path: Path) -> None:
    for path in opamp.folder.iterdir():
        if path.suffix == ".inc" or path.name == "case.json":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    deck = (opamp.folder / "deck.cir").read_text(encoding="utf-8")
    extra = ".model dx d is=1e-15\nd1 out1 0 dx\n.temp 27"
    (tmp_path / "deck.cir").write_text(deck.replace(".temp 27", extra), encoding="utf-8")
    with pytest.raises(UnsupportedCircuitError, match="d1 is a diode"):
        QuickSimulator(read_case(tmp_path))


def test_currents_of_sources_over_time_and_frequency(opamp: Case, tmp_path: Path) -> None:
    for path in opamp.folder.iterdir():
        if path.suffix in (".inc", ".cir"):
            (tmp_path / path.name).write_bytes(path.read_bytes())
    given = json.loads((opamp.folder / "case.json").read_text(encoding="utf-8"))
    energy = {"kind": "energy_j", "analysis": "tran", "source": "v3", "supply_v": "vdd"}
    given["measures"] = {"e_j": {**energy, "window_s": ["tstep/10", "tstep/5"]}}
    supply = {"kind": "magnitude", "analysis": "ac", "output": "i(v2)", "at_hz": 1e6}
    given["measures"]["y_s"] = supply
    given["metric_definitions"] = {"e_j": "energy of a step", "y_s": "supply admittance"}
    given["metric_stages_cheap_to_dear"] = [[], ["y_s"], [], ["e_j"]]
    given["direction"] = {"e_j": "max", "y_s": "max"}
    given["specs"] = {}
    del given["golden_corners_for_last_witness"]
    (tmp_path / "case.json").write_text(json.dumps(given), encoding="utf-8")
    case = read_case(tmp_path)
    truth = case.simulate([case.nominal])[0].metrics
    found = dict(
        zip(case.metrics, QuickSimulator(case).run([case.nominal]).metrics[0], strict=True)
    )
    assert found["e_j"] == pytest.approx(truth["e_j"], rel=0.06)
    assert found["y_s"] == pytest.approx(truth["y_s"], rel=0.1)


def test_interpolation_is_exact_for_polynomials() -> None:
    x = np.array([0.0, 0.3, 4.7, 7.9, 9.0])
    at, weights, slopes = _cubic(x, 10)
    values = 2 + 3 * np.arange(10.0)
    assert np.allclose((values[at] * weights).sum(-1), 2 + 3 * x)
    assert np.allclose((values[at] * slopes).sum(-1), 3.0)
    inner = np.array([1.2, 4.7, 7.3])
    at, weights, _ = _cubic(inner, 10)
    assert np.allclose((np.arange(10.0)[at] ** 2 * weights).sum(-1), inner**2)
    grid = np.array([1.0, 2.0, 4.0, 7.0])
    at, weights = _parabola(grid, np.array([1.5, 5.0]))
    assert np.allclose((grid[at] ** 2 * weights).sum(-1), [2.25, 25.0])
