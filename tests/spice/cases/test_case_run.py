"""Simulating cases: against plain ngspice, against golden tables, and where it fails."""

import math
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eda.errors import InputError, SpecError, ToolNotFoundError
from eda.spice import (
    Case,
    Corner,
    SimulationCache,
    SimulationResult,
    Status,
    Waveforms,
    read_case,
)
from eda.spice.case_golden import compare_golden, is_undefined, read_golden, relative_error
from eda.spice.case_parts import Spec, Target
from eda.spice.case_run import read_metrics
from eda.spice.ngspice_shared import library_path

Plain = Callable[..., dict[str, float]]
Change = Callable[..., Path]

RELATIVE = 5e-4
"""The integrator's own freedom: two ways into one simulator end at other time points."""


@pytest.fixture(autouse=True)
def ngspice() -> None:
    """Skip where libngspice is not installed."""
    try:
        library_path()
    except ToolNotFoundError:
        pytest.skip("libngspice is not installed")


def run(case: Case, *designs: Mapping[str, float], **how: Any) -> list[Any]:
    return case.simulate(list(designs), cache=False, workers=1, **how)


@pytest.mark.parametrize(
    ("level", "corner"), [("easy", Corner()), ("hard", Corner("ss", 125, 1.62))]
)
def test_the_same_as_plain_ngspice(opamp: Case, plain: Plain, level: str, corner: Corner) -> None:
    witness = opamp.specs[level].witness
    assert witness is not None
    (result,) = run(opamp, witness, corner=corner)
    expected = plain(opamp, witness, corner)
    assert result.status is Status.OK, result.log
    assert list(result.metrics) == list(opamp.metrics)
    for metric, value in expected.items():
        assert result.metrics[metric] == pytest.approx(value, rel=RELATIVE, abs=1e-12), metric


@pytest.mark.parametrize("name", ["ota2s_gf180", "tia_fpdk45"])
def test_deck_texts_of_the_corpus_in_plain_ngspice(data: Path, plain: Plain, name: str) -> None:
    case = read_case(data / "sizing" / "circuits" / name)
    row = read_golden(case)[1]
    found = plain(case, row.design)
    assert compare_golden(case, row.line, row.metrics, found, same_version=False) == []
    slow = Corner("ss", 125)
    (result,) = run(case, row.design, corner=slow)
    expected = plain(case, row.design, slow)
    assert result.metrics == pytest.approx(expected, rel=RELATIVE)
    assert abs(expected["power_w"] / row.metrics["power_w"] - 1) > 0.01


def test_the_shipped_golden_table(opamp: Case) -> None:
    rows = read_golden(opamp)
    assert len(rows) == 12
    found = run(opamp, *(row.design for row in rows))
    for row, result in zip(rows, found, strict=True):
        assert result.stage == 4, result.log
        assert compare_golden(opamp, row.line, row.metrics, result.metrics) == []


def test_witnesses_meet_their_levels(opamp: Case) -> None:
    levels = {level: spec.witness for level, spec in opamp.specs.items()}
    found = run(opamp, *(design for design in levels.values() if design is not None))
    for level, result in zip(levels, found, strict=True):
        assert opamp.specs[level].met(result.metrics), level


def test_golden_corners_of_the_shipped_case(opamp: Case) -> None:
    witness = opamp.specs["hard"].witness
    assert witness is not None
    assert len(opamp.golden_corners) == 3
    for corner, expected in opamp.golden_corners:
        (result,) = run(opamp, witness, corner=corner)
        assert compare_golden(opamp, 0, expected, result.metrics) == [], str(corner)


def test_stages_and_order(opamp: Case) -> None:
    other = {**opamp.nominal, "i_bias": 1e-5}
    first, second, third = run(opamp, opamp.nominal, other, opamp.nominal, stages=1)
    assert list(first.metrics) == list(opamp.stages[0])
    assert (first.stage, first.status, first.cached) == (1, Status.OK, False)
    assert first.metrics == third.metrics
    assert second.metrics["power_w"] < first.metrics["power_w"]
    with pytest.raises(SpecError) as caught:
        opamp.simulate([opamp.nominal], stages=5)
    assert str(caught.value) == "stages is 5; opamp2 has 1 to 4"


def test_a_bad_design_costs_only_itself(opamp: Case) -> None:
    nan = {**opamp.nominal, "w_in": math.nan}
    wide = {**opamp.nominal, "w_in": 1.0}
    found = run(opamp, nan, opamp.nominal, wide, stages=1)
    assert [result.status for result in found] == [Status.REFUSED, Status.OK, Status.REFUSED]
    assert found[0].log == "w_in is nan; give a finite number"
    assert found[0].metrics == {}
    with pytest.raises(InputError) as caught:
        opamp.simulate(opamp.nominal)  # type: ignore[arg-type]
    assert str(caught.value) == (
        "simulate takes a list of designs; write [design] for a single one"
    )
    assert opamp.simulate([]) == []


def test_an_executor_of_the_users(opamp: Case) -> None:
    with ThreadPoolExecutor(1) as executor:
        (result,) = opamp.simulate([opamp.nominal], stages=1, executor=executor, cache=False)
    assert result.ok


def test_what_was_simulated_is_not_simulated_again(opamp: Case, tmp_path: Path) -> None:
    cache = SimulationCache(tmp_path)
    other = {**opamp.nominal, "i_bias": 1e-5}
    (first,) = opamp.simulate([opamp.nominal], stages=1, cache=cache)
    again, new = opamp.simulate([opamp.nominal, other], stages=1, cache=cache)
    assert (first.cached, again.cached, new.cached) == (False, True, False)
    assert again.metrics == first.metrics


def test_targets_stop_a_design_that_misses_one(opamp: Case) -> None:
    spec = Spec({"power_w": Target("<=", 3e-4), "gain_db": Target(">=", 60)})
    small = {**opamp.nominal, "i_bias": 1e-5}
    missed, met = run(opamp, opamp.nominal, small, targets=spec)
    assert (missed.stage, missed.status) == (1, Status.OK)
    assert list(missed.metrics) == ["power_w", "vos_v"]
    assert met.stage == 4
    (whole,) = run(opamp, small)
    for metric, value in whole.metrics.items():
        assert met.metrics[metric] == pytest.approx(value, rel=RELATIVE)


def test_a_vector_that_is_not_there_is_a_failed_design(changed: Change) -> None:
    def wrong(case: dict[str, Any]) -> None:
        case["measures"]["gain_db"]["output"] = "v(nowhere)"

    case = read_case(changed(wrong))
    (result,) = run(case, case.nominal)
    assert (result.status, result.stage) == (Status.MISSING_VECTOR, 1)
    assert list(result.metrics) == ["power_w", "vos_v"]
    assert result.log.startswith("gain_db has no value: there is no vector v(nowhere)")


def test_a_dead_operating_point_ends_there(changed: Change) -> None:
    # Two sources of different voltages in parallel: the equations have no solution.
    folder = changed(deck=lambda text: text.replace(".temp 27", "vx vdd1 0 1\n.temp 27"))
    case = read_case(folder)
    (result,) = run(case, case.nominal)
    assert (result.status, result.stage, result.metrics) == (Status.NO_CONVERGENCE, 0, {})


def test_model_files_that_are_gone(changed: Change) -> None:
    folder = changed()
    case = read_case(folder)
    (folder / "models_tt.inc").unlink()
    (result,) = run(case, case.nominal)
    assert (result.status, result.stage) == (Status.MISSING_MODEL, 0)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("ota2s_fpdk45", (2, 3, 6)),
        ("ota2s_gf180", (2, 3, 5)),
        ("tia_fpdk45", (2, 3, 100)),
        ("ota5t_sky130", (3,)),
    ],
)
def test_golden_tables_of_the_corpus(data: Path, name: str, lines: tuple[int, ...]) -> None:
    case = read_case(data / "sizing" / "circuits" / name)
    rows = [row for row in read_golden(case) if row.line in lines]
    assert len(rows) == len(lines)
    for row, result in zip(rows, run(case, *(row.design for row in rows)), strict=True):
        assert result.status is Status.OK, result.log
        assert compare_golden(case, row.line, row.metrics, result.metrics) == []


@pytest.mark.parametrize("name", ["ota2s_fpdk45", "tia_fpdk45"])
def test_golden_corners_of_the_corpus(data: Path, name: str) -> None:
    case = read_case(data / "sizing" / "circuits" / name)
    witness = list(case.specs.values())[-1].witness
    assert witness is not None
    for corner, expected in case.golden_corners:
        (result,) = run(case, witness, corner=corner)
        assert compare_golden(case, 0, expected, result.metrics) == [], str(corner)


def test_metrics_of_a_simulation_that_stopped_half_way(opamp: Case) -> None:
    point = Waveforms(
        opamp.analyses[0],
        "",
        np.zeros(0),
        {"i(v1)": np.array([-1e-4]), "v(out1)": np.array([0.6])},
    )
    stopped = SimulationResult(Status.TIMEOUT, (point,), log="stopped at the time limit of 1 s")
    result = read_metrics(opamp, stopped, opamp.parameters(opamp.nominal), 0, 4)
    assert (result.status, result.stage) == (Status.TIMEOUT, 1)
    assert result.metrics == pytest.approx({"power_w": 1.8e-4, "vos_v": 0.1})


def test_a_transient_that_ngspice_gives_up_is_a_failed_design(data: Path) -> None:
    # Its row has the values of `undefined`: plain ngspice stops at 1.3 ps there as well.
    case = read_case(data / "sizing" / "circuits" / "ota2s_fpdk45")
    (row,) = (row for row in read_golden(case) if row.line == 92)
    (result,) = run(case, row.design)
    assert (result.status, result.stage) == (Status.NO_CONVERGENCE, 2)
    lost = [metric for metric in case.metrics if metric not in result.metrics]
    assert lost == ["slew_vps", "tsettle_s"]
    assert all(is_undefined(case, row, metric) for metric in lost)
    assert not is_undefined(case, row, "gain_db")
    assert not is_undefined(case, row, "ugbw_hz")
    kept = {name: row.metrics[name] for name in result.metrics}
    assert compare_golden(case, row.line, kept, result.metrics, same_version=True) == []


def test_relative_errors() -> None:
    assert relative_error(2.0, 2.1) == pytest.approx(0.05)
    assert relative_error(0.0, 1e-9) == 1e-9


def test_a_golden_table_that_does_not_fit(opamp: Case, tmp_path: Path) -> None:
    path = tmp_path / "golden.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(SpecError) as caught:
        read_golden(opamp, path)
    names = [item.name for item in opamp.design_parameters]
    assert str(caught.value) == (
        f"{path}:1: the columns must be {','.join([*names, *opamp.metrics])}"
    )
