"""The twenty kinds of measure, on vectors made by hand."""

import math
from typing import Any

import numpy as np
import pytest

from eda.errors import SpecError
from eda.spice.case_fields import Place
from eda.spice.case_kinds import KINDS, NoValue, Reading
from eda.spice.case_measures import read_measure

NAMES = {"vdd": 2.0, "t": 1.0}
PLACE = Place("case.json", ("measures", "m"))

FREQUENCY = np.logspace(0, 8, 161)
ONE_POLE = 100 / (1 + 1j * FREQUENCY / 1e3)
AC = Reading(FREQUENCY, {"v(out)": ONE_POLE, "v(in)": np.ones(161, complex)})
OP = Reading(
    np.zeros(0), {"v(out)": np.array([1.2]), "v(b)": np.array([0.5]), "i(v1)": np.array([-3e-3])}
)
NOISE = Reading(
    np.array([1.0, 100.0]),
    {"inoise_spectrum": np.array([4e-9, 2e-9]), "onoise_spectrum": np.array([4e-7, 2e-7])},
    {"inoise_total": 1e-6, "onoise_total": 1e-4},
)
TIME = np.arange(0.0, 10.0)
#               0    1    2    3    4    5    6    7    8    9
UP = np.array([0.0, 0.0, 0.3, 0.9, 1.2, 1.0, 1.0, 1.0, 1.0, 1.0])
DIP = np.array([5.0, 5.0, 5.0, 4.2, 4.9, 5.3, 5.0, 5.0, 5.0, 5.0])
TRAN = Reading(TIME, {"v(up)": UP, "v(dip)": DIP, "i(v1)": np.full(10, -2.0)})
STEP: dict[str, Any] = {"output": "v(up)", "step_at_s": 1.5, "final_at_s": 9, "min_step": 0.5}


def compute(reading: Reading, kind: str, **fields: Any) -> float:
    given = {"kind": kind, "analysis": KINDS[kind].analysis, **fields}
    return read_measure("m", given, names=NAMES, place=PLACE).compute(reading, NAMES)


def test_there_are_twenty() -> None:
    assert len(KINDS) == 20


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("supply_power", {"source": "v1", "supply_v": "vdd"}, 6e-3),
        ("supply_current", {"source": "v1"}, 3e-3),
        ("supply_current", {"source": "v1", "subtract": "1e-3*t"}, 2e-3),
        ("dc_offset", {"output": "v(out)", "target": "vdd/2"}, 0.2),
        ("dc_offset", {"output": "v(b,out)", "target": 0}, 0.7),
        ("dc_offset", {"output": "v(0,out)", "target": 0}, 1.2),
        ("dc_offset", {"output": "i(v1)", "target": 0}, 3e-3),
    ],
)
def test_operating_point(kind: str, fields: dict[str, Any], expected: float) -> None:
    assert compute(OP, kind, **fields) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("gain_db", {"output": "v(out)", "at_hz": 1}, 40.0),
        ("rejection_db", {"output": "v(out)", "at_hz": 1}, -40.0),
        ("rejection_db", {"output": "v(out)", "band_hz": [1, 1e8]}, -40.0),
        ("rejection_db", {"output": "v(out)", "band_hz": [1e7, 1e8]}, 40.0),
        ("magnitude", {"output": "v(out)", "at_hz": 1e7}, 0.01),
        ("magnitude", {"output": "v(in,out)", "at_hz": 1}, 99.0),
        ("unity_gain_hz", {"output": "v(out)"}, 1e5),
        ("unity_gain_hz", {"output": "v(in)"}, 0.0),
        ("unity_gain_hz", {"output": "v(in)", "undefined": "7*t"}, 7.0),
        ("phase_margin_deg", {"output": "v(out)"}, 90.6),
        ("phase_margin_deg", {"output": "v(in)"}, -180.0),
        ("bandwidth_hz", {"output": "v(out)", "ref_hz": 1}, 1e3),
        ("bandwidth_hz", {"output": "v(in)", "ref_hz": 1}, 0.0),
        ("peaking_db", {"output": "v(out)", "ref_hz": 1e7}, 80.0),
        ("peaking_db", {"output": "v(in)", "ref_hz": 1}, 0.0),
    ],
)
def test_frequency(kind: str, fields: dict[str, Any], expected: float) -> None:
    assert compute(AC, kind, **fields) == pytest.approx(expected, rel=2e-3, abs=0.01)


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("noise_total", {"refer": "input"}, 1e-6),
        ("noise_total", {"refer": "output"}, 1e-4),
        ("noise_density", {"refer": "input", "at_hz": 10}, 3e-9),
        ("noise_density", {"refer": "output", "at_hz": 1e9}, 2e-7),
    ],
)
def test_noise(kind: str, fields: dict[str, Any], expected: float) -> None:
    assert compute(NOISE, kind, **fields) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        # 20 % is reached at 2 s, 80 % at 3 s.
        ("slew_rate", STEP, 0.6),
        ("slew_rate", {**STEP, "min_step": 1.5}, 0.0),
        ("slew_rate", {**STEP, "edge": "fall"}, 0.0),
        ("settling_s", {**STEP, "tolerance": 0.1, "undefined": 99}, 3.5),
        ("settling_s", {**STEP, "tolerance": 0.25, "undefined": 99}, 1.5),
        ("settling_s", {**STEP, "tolerance": 0.1, "edge": "fall", "undefined": "9*t"}, 9.0),
        ("overshoot", {**STEP, "undefined": 0}, 0.2),
        ("overshoot", {**STEP, "min_step": 2, "undefined": -1}, -1.0),
        (
            "delay_s",
            {"output": "v(up)", "from_s": 1, "until_s": 9, "level": 0.5, "undefined": 0},
            2.0,
        ),
        (
            "delay_s",
            {"output": "v(0,up)", "from_s": 1, "until_s": 9, "level": 0.5, "undefined": -1},
            -1.0,
        ),
        (
            "delay_s",
            {
                **{"output": "v(0,up)", "from_s": 1, "until_s": 9, "level": 0.5},
                **{"undefined": -1, "absolute": True},
            },
            2.0,
        ),
        ("decision", {"output": "v(up)", "at_s": 4, "level": 0.5}, 1.0),
        ("decision", {"output": "v(up)", "at_s": 3, "level": 0.5}, 0.0),
        ("decision", {"output": "v(up)", "at_s": 3}, 1.0),
        ("energy_j", {"source": "v1", "supply_v": "vdd", "window_s": [1, "4*t"]}, 8.0),
        ("undershoot", {"output": "v(dip)", "window_s": [1, 9], "target": 5}, 0.8),
        ("undershoot", {"output": "v(dip)", "window_s": [3.5, 9], "before_s": 3.5}, -0.7),
        ("undershoot", {"output": ["v(up)", "v(dip)"], "window_s": [3, 9], "target": 4}, 3.1),
        ("peak_to_peak", {"output": "v(dip)", "window_s": [1, 9]}, 1.1),
    ],
)
def test_time(kind: str, fields: dict[str, Any], expected: float) -> None:
    assert compute(TRAN, kind, **fields) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("reading", "kind", "fields", "why", "missing"),
    [
        (OP, "dc_offset", {"output": "v(x)", "target": 0}, "there is no vector v(x)", True),
        (OP, "supply_current", {"source": "v9"}, "there is no vector i(v9)", True),
        (TRAN, "noise_total", {"refer": "input"}, "there is no vector inoise_total", True),
        (
            TRAN,
            "peak_to_peak",
            {"output": "v(up)", "window_s": [3.1, 3.9]},
            "it is nan: no point lies where it is read, or it is not finite",
            False,
        ),
        (
            TRAN,
            "undershoot",
            {"output": ["v(up)", "v(dip)"], "window_s": [20, 30], "target": 1},
            "it is nan: no point lies where it is read, or it is not finite",
            False,
        ),
        (
            TRAN,
            "slew_rate",
            {**STEP, "step_at_s": 0},
            "there is no time point before step_at_s or final_at_s",
            False,
        ),
        (
            TRAN,
            "decision",
            {"output": "v(up)", "at_s": 0},
            "there is no time point before at_s",
            False,
        ),
        (
            AC,
            "rejection_db",
            {"output": "v(out)", "band_hz": [2e8, 3e8]},
            "no analysed frequency lies in band_hz",
            False,
        ),
    ],
)
def test_a_measure_without_a_value(
    reading: Reading, kind: str, fields: dict[str, Any], why: str, missing: bool
) -> None:
    with pytest.raises(NoValue) as caught:
        compute(reading, kind, **fields)
    assert (str(caught.value), caught.value.missing) == (why, missing)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"kind": "gain"}, "has the kind 'gain', which is none; did you mean gain_db?"),
        ({"analysis": "op"}, "has no field 'kind'; add it"),
        ({"kind": "gain_db"}, "has no field 'analysis'; add it"),
        (
            {"kind": "gain_db", "analysis": "op"},
            "reads the analysis 'op'; a gain_db reads ac",
        ),
        (
            {"kind": "gain_db", "analysis": "ac", "output": "v(out)"},
            "has no field 'at_hz'; add it",
        ),
        (
            {"kind": "gain_db", "analysis": "ac", "output": "v(out)", "at_hz": 1, "at": 2},
            "has a field 'at'; a gain_db has output, at_hz",
        ),
        (
            {"kind": "unity_gain_hz", "analysis": "ac", "output": "V(out)"},
            "output is 'V(out)'; write v(node), v(node1,node2) or i(source), lower case, without "
            "blanks",
        ),
        (
            {"kind": "rejection_db", "analysis": "ac", "output": "v(out)"},
            "must have either at_hz or band_hz, and not both",
        ),
        (
            {"kind": "peak_to_peak", "analysis": "tran", "output": "v(o)", "window_s": [1]},
            "window_s must be a list of two values",
        ),
        (
            {"kind": "noise_total", "analysis": "noise", "refer": "in"},
            'refer is "in"; it must be one of input, output',
        ),
        (
            {"kind": "supply_current", "analysis": "op", "source": "i(v1)"},
            "source is 'i(v1)'; write the name of a voltage source, lower case",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_name_of_the_metric(
    given: dict[str, Any], why: str
) -> None:
    with pytest.raises(SpecError) as caught:
        read_measure("m", given, names=NAMES, place=PLACE)
    assert str(caught.value) == f"case.json: measures m {why}"


def test_both_nodes_ground_are_zero() -> None:
    assert compute(OP, "dc_offset", output="v(0)", target=0) == 0.0
    assert math.isfinite(compute(TRAN, "peak_to_peak", output="v(0,0)", window_s=[0, 9]))
