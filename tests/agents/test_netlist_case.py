"""A bare netlist made a case: what is tied, what stays, and the file with only values changed."""

from pathlib import Path

import pytest

from eda.agents.netlist_case import netlist_case, sizable, sized_netlist
from eda.agents.sizer import size
from eda.errors import InputError
from eda.spice import Case, parse_netlist, read_netlist


def test_matched_devices_share_their_sizes(examples: Path) -> None:
    flat = read_netlist(examples / "two_stage.sp", strict=False).flatten(subcircuit="two_stage")
    found = {item.name: item for item in sizable(flat)}
    assert set(found) == {
        *("w_m1", "l_m1", "w_m3", "l_m3", "w_m5", "l_m5", "w_m6", "l_m6", "w_m7", "w_m8"),
        *("r_rz", "c_cc"),
    }
    assert found["w_m1"].places == (("M1", "w"), ("M2", "w"))
    assert found["l_m5"].places == (("M5", "l"), ("M7", "l"), ("M8", "l"))
    assert found["w_m5"].places == (("M5", "w"),)
    assert found["c_cc"].lo < 1.5e-12 < found["c_cc"].hi


def test_expressions_are_left_alone() -> None:
    text = "* x\n.subckt a in out\n.param r=1k\nR1 in out {2*r}\nC1 out 0 1p\n.ends\n"
    found = sizable(parse_netlist(text).flatten(), {("r1", "value"): ""})
    assert [item.name for item in found] == ["c_c1"]


def test_a_value_lies_in_its_own_range_whatever_its_digits() -> None:
    sizes = "M1 d g s s n W=0.72107u L=1u\nM2 d g d s n W=123.4567u L=1.0000004u\n"
    text = f"* x\n.subckt x d g s\n{sizes}.ends\n"
    for item in sizable(parse_netlist(text, strict=False).flatten()):
        assert item.lo <= item.value <= item.hi, item


def test_only_values_change_in_the_users_file(opamp: Case, examples: Path, tmp_path: Path) -> None:
    path = tmp_path / "two_stage.sp"
    text = (examples / "two_stage.sp").read_text(encoding="utf-8")
    path.write_text(text + "* a remark at the end\n", encoding="utf-8")
    case = netlist_case(path, "opamp", tmp_path / "case", models="generic")
    assert case.nominal["i_ib"] > 0
    nominal = case.simulate([case.nominal])[0]
    assert nominal.ok
    assert nominal.metrics["gain_db"] > 60
    unchanged = sized_netlist(path, case, case.nominal)
    sized = sized_netlist(path, case, {**case.nominal, "w_m1": 3e-6, "r_rz": 777.0})
    changed = [
        (old, new)
        for old, new in zip(unchanged.splitlines(), sized.splitlines(), strict=True)
        if old != new
    ]
    assert [new for _, new in changed] == [
        "M1 a vim t vss nch W=3e-06 L=5e-07",
        "M2 b vip t vss nch W=3e-06 L=5e-07",
        "RZ b z 777",
    ]
    assert sized.endswith("* a remark at the end\n")
    again = parse_netlist(sized, strict=False)
    assert len(again.subcircuits["two_stage"].devices) == 10


def test_a_netlist_is_sized_from_end_to_end(opamp: Case, examples: Path, tmp_path: Path) -> None:
    case = netlist_case(
        examples / "two_stage.sp", "opamp", tmp_path / "case", models="generic", load_f=2e-12
    )
    assert case.fixed_parameters["cload"] == 2e-12
    spec = {
        "targets": {
            "gain_db": {"op": ">=", "value": 70},
            "pm_deg": {"op": ">=", "value": 60},
            "power_w": {"op": "<=", "value": 3e-4},
        }
    }
    result = size(case, spec, 12, cache=False)
    assert result.met
    assert "M1 a vim t vss nch W=" in sized_netlist(examples / "two_stage.sp", case, result.design)


def test_what_cannot_be_sized_is_said(opamp: Case, examples: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a bare netlist is sized as opamp"):
        netlist_case(examples / "two_stage.sp", "ldo", tmp_path / "case")
    with pytest.raises(InputError, match="no model card for nch, pch"):
        netlist_case(examples / "two_stage.sp", "opamp", tmp_path / "case")


def test_parameters_of_the_file_are_sized_where_they_stand(opamp: Case, tmp_path: Path) -> None:
    path = tmp_path / "ota.sp"
    path.write_text(
        "* five transistors\n.param wp=20u lp=1u half={wp/2}\n.subckt ota inp inn out vdd vss ib\n"
        "M1 a inp t vss nch W={wp} L=1u\nM2 out inn t vss nch W={wp} L=1u\n"
        "M3 a a vdd vdd pch W={half} L={lp}\nM4 out a vdd vdd pch W={half} L={lp}\n"
        "M5 t ib vss vss nch W=10u L=1u\nM6 ib ib vss vss nch W=10u L=1u\n.ends\n",
        encoding="utf-8",
    )
    case = netlist_case(path, "opamp", tmp_path / "case", models="generic")
    kinds = {item.name: item.kind for item in case.design_parameters}
    assert kinds == {
        **{"wp": "width", "lp": "length", "l_m1": "length", "i_ib": "current"},
        **{"w_m5": "width", "w_m6": "width", "l_m5": "length"},
    }
    wide, narrow = case.simulate([{**case.nominal, "wp": 4e-5}, case.nominal])
    assert wide.metrics["ugbw_hz"] > 1.1 * narrow.metrics["ugbw_hz"]
    sized = sized_netlist(path, case, {**case.nominal, "wp": 3e-5})
    assert ".param wp=3e-05 lp=1e-06 half={wp/2}" in sized
    assert "M3 a a vdd vdd pch W={half} L={lp}" in sized
