"""Goals: read strictly, compared on scales where errors are alike."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.agents.goal import Goal, Scales, read_goal, shortfall
from eda.agents.space import DesignSpace
from eda.errors import SpecError
from eda.spice import Target, example_case

CASE = example_case()
GAIN = {"op": ">=", "value": 60}


def test_a_level_a_file_and_an_object_give_the_same(tmp_path: Path) -> None:
    path = tmp_path / "spec.json"
    path.write_text(json.dumps({"targets": {"gain_db": GAIN}}), encoding="utf-8")
    assert read_goal(CASE, path).targets == read_goal(CASE, {"targets": {"gain_db": GAIN}}).targets
    assert read_goal(CASE, "medium").targets == CASE.specs["medium"].targets


def test_an_objective_is_read() -> None:
    given = {"targets": {"gain_db": GAIN}, "objective": {"metric": "power_w", "sense": "min"}}
    objective = read_goal(CASE, given).objective
    assert objective is not None
    assert (objective.metric, objective.sense) == ("power_w", "min")


METRICS = ", ".join(CASE.metrics)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "spec has no field 'targets'; add it"),
        ({"targets": {}}, "spec: targets is empty; a target set has at least one"),
        (
            {"targets": {"gain": GAIN}},
            f"spec: targets names 'gain', which is no metric; there are {METRICS}",
        ),
        (
            {"targets": {"gain_db": {"op": "=", "value": 1}}},
            'spec: targets gain_db op is "="; it must be one of >=, <=',
        ),
        (
            {"targets": {"gain_db": {"op": "<=", "value": 1}}},
            "spec: targets gain_db has op <=; gain_db has direction min, so it must be >=",
        ),
        (
            {"targets": {"gain_db": {"op": ">=", "value": "60"}}},
            'spec: targets gain_db value is "60"; it must be a number',
        ),
        (
            {"targets": {"gain_db": {"op": ">=", "value": float("nan")}}},
            "spec: targets gain_db value is no finite number",
        ),
        (
            {"targets": {"gain_db": GAIN}, "objective": {"metric": "cost", "sense": "min"}},
            f"spec: objective metric is 'cost', no metric; there are {METRICS}",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(given: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_goal(CASE, given)
    text = str(caught.value)
    assert text.replace("spec targets", "spec: targets").replace("spec: has", "spec has") == message


def test_further_fields_are_passed_over() -> None:
    given = {"targets": {"gain_db": GAIN}, "witness": {"params": {}}, "author": "me"}
    assert set(read_goal(CASE, given).targets) == {"gain_db"}


def test_a_level_that_is_not_there() -> None:
    with pytest.raises(SpecError, match=r"neither a level of opamp2 \(it has easy, medium, hard\)"):
        read_goal(CASE, "harder")


@given(st.lists(st.floats(0, 1), min_size=11, max_size=11))
def test_points_and_designs_go_round(values: list[float]) -> None:
    space = DesignSpace.of(CASE)
    design = space.design(values)
    assert CASE.problem(design) == ""
    again = space.design(space.point(design))
    assert again == pytest.approx(design, rel=1e-6)
    snapped = space.snapped(np.array([values]))
    assert space.design(snapped[0]) == pytest.approx(design, rel=1e-6)


@given(st.floats(1e-9, 1e9), st.floats(1e-9, 1e9))
def test_margins_have_the_sign_of_the_target(value: float, bound: float) -> None:
    scales = Scales.of(CASE)
    for name in ("power_w", "ugbw_hz"):
        op = ">=" if CASE.direction[name] == "min" else "<="
        goal = Goal({name: Target(op, bound)})  # type: ignore[arg-type]
        row = np.full(len(CASE.metrics), np.nan)
        row[CASE.metrics.index(name)] = value
        margin = scales.margins(scales.scaled(row), goal)[0]
        if abs(np.log(value / bound)) > 1e-9:
            assert (margin >= 0) == goal.met({name: value})
        assert (shortfall(CASE, goal, {name: value}) == 0) == goal.met({name: value})


def test_a_metric_that_is_not_there_counts_ten_steps() -> None:
    goal = read_goal(CASE, "easy")
    assert shortfall(CASE, goal, {}) == 50
    assert shortfall(CASE, goal, dict(CASE.specs["easy"].witness_metrics or {})) == 0


def test_only_hopeless_designs_miss_the_loosened_targets() -> None:
    goal = read_goal(CASE, "medium")
    loose = goal.loosened(CASE)
    assert loose.met({**dict(CASE.specs["medium"].witness_metrics or {})})
    assert 1e-3 < loose.targets["power_w"].value < 2e-3
    assert loose.targets["gain_db"].value == pytest.approx(85 - 24)
    assert loose.targets["ugbw_hz"].value == pytest.approx(1e7 / np.exp(1.6))


def test_nothing_is_better_than_zero_where_small_is_good() -> None:
    scales = Scales.of(CASE)
    goal = Goal({"settle_s": Target("<=", 1e-7), "slew_vps": Target(">=", 1e6)})
    row = np.full(len(CASE.metrics), np.nan)
    row[CASE.metrics.index("settle_s")] = -1e-9
    row[CASE.metrics.index("slew_vps")] = 0.0
    margins = scales.margins(scales.scaled(row), goal)
    assert margins[0] > 0
    assert np.isnan(margins[1])
