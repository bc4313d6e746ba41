"""Corners: what is tried first, what is skipped, which is the worst."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from eda.errors import InputError, SpecError, ToolNotFoundError
from eda.spice import Case, Corner, Spec, Status, Target, example_case, sweep_corners
from eda.spice.case_run import CaseResult
from eda.spice.ngspice_shared import library_path
from eda.spice.pvt import CornerOutcome, CornerReport, order_corners

CORNERS = (Corner("tt", 27, 1.8), Corner("ff", -40, 1.98), Corner("ss", 125, 1.62))


@pytest.fixture(scope="module")
def case() -> Case:
    """The case that is shipped."""
    return example_case()


@pytest.fixture
def ngspice() -> None:
    """Skip where libngspice is not installed."""
    try:
        library_path()
    except ToolNotFoundError:
        pytest.skip("libngspice is not installed")


def outcome(corner: Corner, status: Status = Status.OK, **metrics: float) -> CornerOutcome:
    """An outcome as an earlier report has it."""
    return CornerOutcome(corner, CaseResult(status, metrics, 4))


def test_extremes_come_first_and_nominal_last(case: Case) -> None:
    ordered = order_corners(case, case.corners)
    assert sorted(map(str, ordered)) == sorted(map(str, case.corners))
    assert len(ordered) == 27
    assert ordered[:2] == (Corner("ss", 125, 1.62), Corner("ff", -40, 1.98))
    assert ordered[-1] == Corner("tt", 27, 1.8)


def test_a_mixed_process_comes_before_the_nominal_one(case: Case) -> None:
    mixed = [Corner("tt", 27), Corner("sf", 27), Corner("ss", 27)]
    assert [c.process for c in order_corners(case, mixed)] == ["ss", "sf", "tt"]


def test_an_earlier_report_decides_the_order(case: Case) -> None:
    spec = Spec({"gain_db": Target(">=", 80), "power_w": Target("<=", 1e-3)})
    near, far, bad, dead, new = (Corner("tt", t) for t in (1, 2, 3, 4, 5))
    earlier = CornerReport(
        (
            outcome(far, gain_db=100, power_w=1e-4),
            outcome(near, gain_db=100, power_w=0.99e-3),
            outcome(bad, gain_db=79, power_w=1e-4),
            outcome(dead, Status.NO_CONVERGENCE),
        ),
        (new,),
        {},
    )
    ordered = order_corners(case, [new, near, far, bad, dead], spec=spec, earlier=earlier)
    assert ordered == (dead, bad, new, near, far)


def test_every_corner_and_the_worst_values(case: Case, ngspice: None) -> None:
    report = sweep_corners(case, case.nominal, cache=False)
    assert (len(report.outcomes), report.skipped, report.simulated, report.cached) == (
        27,
        (),
        27,
        0,
    )
    assert report.ok
    assert report.failing is None
    assert list(report.worst) == list(case.metrics)
    by_corner = {item.corner: item.result.metrics for item in report.outcomes}
    for metric, worst in report.worst.items():
        values = [metrics[metric] for metrics in by_corner.values()]
        extreme = max(values) if case.direction[metric] == "max" else min(values)
        assert worst.value == by_corner[worst.corner][metric] == extreme, metric
    (alone,) = case.simulate([case.nominal], corner=CORNERS[2], cache=False)
    assert by_corner[CORNERS[2]] == pytest.approx(alone.metrics, rel=1e-9)


def test_the_rest_is_skipped_after_a_failure(case: Case, ngspice: None) -> None:
    impossible = Spec({"gain_db": Target(">=", 200)})
    report = sweep_corners(case, case.nominal, spec=impossible, workers=1, cache=False)
    assert not report.ok
    assert report.failing is not None
    assert (report.failing.corner, report.failing.missed) == (CORNERS[2], ("gain_db",))
    assert (report.simulated, len(report.skipped)) == (1, 26)
    whole = sweep_corners(
        case,
        case.nominal,
        spec=impossible,
        corners=CORNERS,
        stop_on_fail=False,
        cache=False,
    )
    assert [item.missed for item in whole.outcomes] == [("gain_db",)] * 3
    assert whole.skipped == ()


def test_what_failed_is_tried_first_the_next_time(case: Case, ngspice: None) -> None:
    found = sweep_corners(case, case.nominal, corners=CORNERS, cache=False)
    values = sorted((item.result.metrics["power_w"], item.corner) for item in found.outcomes)
    (_, passes), (limit, _), (_, fails) = values[0], values[1], values[2]
    spec = Spec({"power_w": Target("<=", limit)})
    again = sweep_corners(
        case, case.nominal, corners=CORNERS, spec=spec, earlier=found, workers=1, cache=False
    )
    assert again.failing is not None
    assert again.failing.corner == fails
    assert len(again.outcomes) == 1
    assert again.skipped[-1] == passes


def test_an_executor_gives_the_same(case: Case, ngspice: None) -> None:
    alone = sweep_corners(case, case.nominal, corners=CORNERS, cache=False)
    with ThreadPoolExecutor(2) as threads:
        shared = sweep_corners(case, case.nominal, corners=CORNERS, executor=threads, cache=False)
    assert [item.result.metrics for item in shared.outcomes] == [
        item.result.metrics for item in alone.outcomes
    ]


def test_what_makes_no_sense_is_refused_before_anything_runs(case: Case) -> None:
    with pytest.raises(InputError) as empty:
        sweep_corners(case, case.nominal, corners=())
    assert str(empty.value) == "corners is empty; give at least one, or None for all of the case"
    with pytest.raises(InputError) as idle:
        sweep_corners(case, case.nominal, workers=0)
    assert str(idle.value) == "workers is 0; it must be at least 1"
    with pytest.raises(SpecError) as unknown:
        sweep_corners(case, case.nominal, corners=[Corner("xx")])
    assert str(unknown.value) == "opamp2 has no process 'xx'; it has tt, ff, ss"
    with pytest.raises(SpecError) as wide:
        sweep_corners(case, {**case.nominal, "w_in": 1.0})
    assert str(wide.value) == "w_in is 1; it must be from 1e-06 to 0.0002"
