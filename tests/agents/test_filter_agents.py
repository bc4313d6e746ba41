"""The filter environment, random masks, what is learned from them, and the ways beside it."""

import math
import warnings
from pathlib import Path

import gymnasium
import numpy as np
import pytest

from eda.agents.filter_env import REPERTOIRE, FilterDesignEnv
from eda.agents.filter_methods import METHODS, run_method
from eda.agents.filter_solutions import plain_starts, read_solutions, solve, write_solutions
from eda.agents.filter_specs import random_spec
from eda.agents.filter_training import choose_repertoire, train_filters
from eda.agents.ids import IDS, register
from eda.errors import WeightsError
from eda.filters.evaluator import Evaluator
from eda.filters.features import NAMES, SIZE, features
from eda.filters.mask import coarse_mask
from eda.filters.nodal import physics_of
from eda.filters.policy import read_policy, shipped_policy
from eda.filters.spec import FilterSpec
from eda.filters.words import LETTERS


@pytest.fixture(scope="module")
def specs() -> list[FilterSpec]:
    return [random_spec(np.random.default_rng(seed)) for seed in range(3)]


def test_the_environment_passes_both_checkers(specs: list[FilterSpec]) -> None:
    from gymnasium.utils.env_checker import check_env
    from stable_baselines3.common.env_checker import check_env as check_sb3

    register()
    env = gymnasium.make("eda/FilterDesign-v0", specs=specs).unwrapped
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env)
        check_sb3(env)


def test_it_is_registered_and_ends_after_four_steps() -> None:
    register()
    register()
    assert "eda/FilterDesign-v0" in IDS
    env = gymnasium.make("eda/FilterDesign-v0", technology="lumped_lc")
    _, info = env.reset(seed=3)
    assert set(info["allowed"]) <= set(REPERTOIRE)
    for number in range(4):
        _, reward, done, cut, info = env.step(np.zeros(env.action_space.shape or (), np.float32))
        assert math.isfinite(float(reward))
        assert done == (number == 3)
        assert not cut
    assert {"solved", "rounded_margin_db", "values", "metrics"} <= set(info)
    assert info["metrics"]["evaluations"] == 4 + 2


def test_the_same_seed_gives_the_same_episode(specs: list[FilterSpec]) -> None:
    rewards = []
    for _ in range(2):
        env = FilterDesignEnv(specs=specs)
        env.reset(seed=5)
        action = np.linspace(-1, 1, env.action_space.sample().size).astype(np.float32)
        rewards.append([env.step(action)[1] for _ in range(4)])
    assert rewards[0] == rewards[1]


def test_the_repertoire_is_of_ladders() -> None:
    assert len(set(REPERTOIRE)) == len(REPERTOIRE)
    assert set("".join(REPERTOIRE)) <= set(LETTERS)


@pytest.mark.parametrize("technology", ["lumped_lc", "active_rc"])
@pytest.mark.parametrize("tier", ["standard", "hard"])
def test_a_random_mask_is_repeatable_and_can_be_met(technology: str, tier: str) -> None:
    made = [
        random_spec(np.random.default_rng(4), technology=technology, tier=tier) for _ in range(2)
    ]
    assert made[0] == made[1]
    assert made[0].tier == tier
    outcome = run_method("textbook + refine", made[0], seed=0, budget=3000)
    assert outcome.topology is not None


def test_features_are_bounded_and_free_of_scale(specs: list[FilterSpec]) -> None:
    assert len(NAMES) == SIZE
    for spec in specs:
        vector = features(spec)
        assert vector.shape == (SIZE,)
        assert np.abs(vector).max() <= 1


def test_every_way_keeps_to_its_budget() -> None:
    spec = random_spec(np.random.default_rng(2), tier="hard")
    for name in METHODS:
        if name.startswith("policy") or name == "supervised inverse net":
            continue
        outcome = run_method(name, spec, seed=0, budget=150)
        assert outcome.ledger.evaluations <= 150


def test_solutions_go_on_where_a_file_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    assert write_solutions(path, technology="lumped_lc", count=2, seed=0) == 2
    first = path.read_text()
    assert write_solutions(path, technology="lumped_lc", count=3, seed=0) == 1
    assert path.read_text().startswith(first)
    with path.open("a") as stream:
        stream.write('{"cut": ')
    assert len(list(read_solutions(path))) == 3
    assert write_solutions(path, technology="lumped_lc", count=3, seed=0) == 0
    assert path.read_text().endswith("}\n")


def test_solutions_lead_from_a_textbook_to_a_margin(specs: list[FilterSpec]) -> None:
    found = solve(specs[0], np.random.default_rng(0))
    starts = plain_starts(specs[0])
    assert found[0].margin_db == max(item.margin_db for item in found)
    for item in found:
        assert len(item.residual) == starts[item.topology].topology.size


def test_a_repertoire_covers_every_mask_before_it_repeats() -> None:
    def line(*found: tuple[str, float]) -> dict[str, object]:
        return {"solutions": [{"topology": n, "margin_db": m} for n, m in found]}

    lines = [line(("a", 0.9), ("b", 0.5)), line(("a", 0.7)), line(("c", 0.1)), line(("d", -1.0))]
    assert set(choose_repertoire(lines, 2)) == {"a", "c"}


def test_training_is_small_whole_and_resumes(tmp_path: Path) -> None:
    masks = {"lumped_lc": 8, "active_rc": 4}
    summary = train_filters(out=tmp_path, masks=masks, ppo_steps=0)
    assert summary["masks"] == 12
    policy = read_policy(tmp_path / "policy")
    assert len(policy.repertoire) == summary["circuits"]
    stamp = (tmp_path / "clone" / "policy.safetensors").stat().st_mtime_ns
    train_filters(out=tmp_path, masks=masks, ppo_steps=0)
    assert (tmp_path / "clone" / "policy.safetensors").stat().st_mtime_ns == stamp
    with pytest.raises(WeightsError, match="holds no policy"):
        read_policy(tmp_path / "nothing")


def test_trial_and_error_keeps_the_shape_of_a_policy(
    tmp_path: Path, specs: list[FilterSpec]
) -> None:
    from eda.agents.filter_training import improve, played

    shipped = shipped_policy()
    assert shipped is not None
    better = improve(shipped, specs, steps=512, seed=0)
    assert [w.shape for w, _ in better.layers] == [w.shape for w, _ in shipped.layers]
    assert np.isfinite(played(better, specs)[0])


def test_the_shipped_policy_proposes_what_the_limits_allow(specs: list[FilterSpec]) -> None:
    policy = shipped_policy()
    assert policy is not None
    for spec in specs:
        evaluator = Evaluator(coarse_mask(spec), physics_of(spec))
        for start in policy.proposals(spec, evaluator, most=2):
            assert start.topology.size <= spec.lumped.max_parts
    assert (
        Path(read_policy.__code__.co_filename).parent / "weights/policy.safetensors"
    ).stat().st_size < 5_000_000
