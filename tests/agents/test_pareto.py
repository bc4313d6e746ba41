"""NSGA-II and hypervolumes: on problems whose answers are known."""

import numpy as np
import pytest

from eda.agents.goal import Goal, Objective
from eda.agents.pareto import Problem, evolve, hypervolume
from eda.agents.space import DesignSpace, Floats
from eda.spice import Target, example_case


def test_areas_of_known_fronts() -> None:
    values = np.array([[1.0, 3.0], [2.0, 1.0], [2.5, 2.5], [0.5, 0.5]])
    missed = np.array([0.0, 0.0, 0.0, 1.0])
    assert hypervolume(values, missed, [4.0, 4.0]) == pytest.approx(3 * 1 + 2 * 2)
    assert hypervolume(values, np.ones(4), [4.0, 4.0]) == 0
    assert hypervolume(values, np.zeros(4), [4.0, 4.0]) == pytest.approx(3.5**2)


def test_a_front_is_found() -> None:
    space = DesignSpace.of(example_case())

    def evaluate(points: Floats) -> tuple[Floats, Floats]:
        away = np.abs(points[:, 1:4] - 0.5).sum(1)
        values = np.stack([points[:, 0] + away, (1 - points[:, 0]) ** 2 + away], 1)
        return values, np.clip(0.2 - points[:, 4], 0, None)

    rng = np.random.default_rng(0)
    last = evolve(evaluate, space, rng, population=32, generations=40)
    values, missed = evaluate(last)
    assert (missed <= 0).all()
    found = hypervolume(values, missed, [1.2, 1.2])
    first = hypervolume(*evaluate(space.spread(32, rng)), [1.2, 1.2])
    exact = 1.2 * 1.2 - 1 / 3  # what lies below y = (1 - x)^2, and left of 0, is out of reach
    assert first < 0.5 * exact
    assert found > 0.85 * exact


def test_objectives_are_small_where_metrics_are_good() -> None:
    case = example_case()
    goal = Goal({"gain_db": Target(">=", 60.0)})
    problem = Problem(case, goal, (Objective("power_w", "min"), Objective("ugbw_hz", "max")))
    rows = np.full((3, len(case.metrics)), np.nan)
    for row, (power, gain, unity) in zip(
        rows, [(1e-4, 70.0, 1e7), (1e-5, 70.0, 1e8), (1e-5, 50.0, 1e8)], strict=True
    ):
        for name, value in (("power_w", power), ("gain_db", gain), ("ugbw_hz", unity)):
            row[case.metrics.index(name)] = value
    values, missed = problem.values(rows)
    assert (values[1] < values[0]).all()
    assert missed[:2].tolist() == [0, 0]
    assert missed[2] > 0


def test_qnehvi_spends_its_budget() -> None:
    pytest.importorskip("botorch", reason="botorch is not installed (extra bo)")
    from eda.agents.baselines import qnehvi
    from eda.agents.ledger import Ledger, Trial
    from eda.spice.case_run import CaseResult
    from eda.spice.simulation import Status

    case = example_case()
    space = DesignSpace.of(case)

    class Known(Ledger):
        """Metrics by formula instead of simulations; the first corner of the cube is dead."""

        def nominal(self, designs, *, hopeless=None):  # type: ignore[no-untyped-def]
            made = []
            for design in designs:
                self.counts.online += 1
                x = space.point(design)
                away = float(np.abs(x[1:3] - 0.5).sum())
                metrics = {
                    "gain_db": 80.0 - 30 * away,
                    "power_w": 1e-5 * np.exp(2 * x[0] + away),
                    "ugbw_hz": 1e6 * np.exp(2 * x[0] - away),
                }
                result = CaseResult(Status.OK, metrics if x[3] > 0.1 else {}, 0)
                made.append(Trial(dict(design), result, self.counts.online))
            return made

    goal = Goal({"gain_db": Target(">=", 60.0)})
    problem = Problem(case, goal, (Objective("power_w", "min"), Objective("ugbw_hz", "max")))
    reference = [-40.0, -60.0]
    ledger = Known(case, budget=26, cache=False)
    rows = qnehvi.qnehvi(problem, ledger, 0, reference)
    assert rows.shape == (26, len(case.metrics))
    assert ledger.counts.online == 26
    first = hypervolume(*problem.values(rows[: qnehvi.FIRST]), reference)
    assert hypervolume(*problem.values(rows), reference) > 1.02 * first
