"""The baselines: each runs, counts what it simulates, and stops."""

import importlib.util

import pytest

from eda.agents.baselines import BASELINES, run_baseline
from eda.agents.goal import read_goal
from eda.spice import Case


@pytest.mark.parametrize("name", ["random", "CMA-ES", "Sobol + local search", "GP-BO"])
def test_a_budget_is_kept(name: str, opamp: Case) -> None:
    found = run_baseline(name, opamp, read_goal(opamp, "hard"), budget=4, seed=0)
    assert found.online <= 4
    assert found.met or found.shortfall > 0
    assert opamp.problem(dict(found.design)) == ""


def test_stored_designs_are_begun_from(opamp: Case) -> None:
    spec = opamp.specs["easy"]
    stored = [(dict(spec.witness or {}), dict(spec.witness_metrics or {}))]
    goal = read_goal(opamp, "easy")
    name = "nearest stored + local search"
    found = run_baseline(name, opamp, goal, budget=5, seed=0, offline=stored)
    assert (found.met, found.online, found.offline) == (True, 2, 1)


def test_scbo(opamp: Case) -> None:
    if importlib.util.find_spec("botorch") is None:
        pytest.skip("botorch is not installed (extra bo)")
    stored = [(opamp.nominal, dict(opamp.simulate([opamp.nominal])[0].metrics))] * 1
    witness = opamp.specs["medium"]
    stored += [(dict(witness.witness or {}), dict(witness.witness_metrics or {}))]
    goal = read_goal(opamp, "hard")
    found = run_baseline("SCBO", opamp, goal, budget=3, seed=0, offline=stored)
    assert found.online <= 3


def test_every_baseline_has_a_function() -> None:
    from importlib import import_module

    for place in BASELINES.values():
        module, _, function = place.partition(":")
        assert callable(getattr(import_module(module), function))
