"""The environments: both checkers, the same seed the same episode, dead designs finite."""

import subprocess
import sys
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from stable_baselines3.common.env_checker import check_env as sb3_check_env

from eda.agents.environments.goals import GoalSizingEnv
from eda.agents.environments.sizing import SizingEnv
from eda.agents.ids import IDS
from eda.errors import SpecError
from eda.spice import Case


@pytest.mark.parametrize("name", sorted(name for name, (_, _, steps) in IDS.items() if steps))
def test_both_checkers_pass(name: str, opamp: Case) -> None:
    env = gymnasium.make(name)
    assert env.spec is not None
    assert env.spec.max_episode_steps == 60
    check_env(env.unwrapped, skip_render_check=True)
    sb3_check_env(env.unwrapped)


@pytest.mark.parametrize("order", ["import eda, gymnasium", "import gymnasium, eda"])
def test_importing_eda_makes_the_ids_known(order: str) -> None:
    script = f"{order}\nprint(sorted(n for n in gymnasium.registry if n.startswith('eda/')))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str(sorted(IDS))


@pytest.mark.parametrize("kind", [SizingEnv, GoalSizingEnv])
def test_a_seed_gives_an_episode(kind: Any, quick: dict[str, Any]) -> None:
    episodes = []
    for _ in range(2):
        env = kind(**quick)
        env.action_space.seed(4)
        env.reset(seed=7, options={"random": True})
        goal = dict(env.goal.targets)
        rewards = [env.step(env.action_space.sample())[1] for _ in range(10)]
        episodes.append((goal, rewards, env.point.tolist()))
    assert episodes[0] == episodes[1]


def test_a_dead_design_costs_a_finite_reward(quick: dict[str, Any]) -> None:
    env = SizingEnv(**quick)
    observation, _ = env.reset(seed=1)
    dead = {
        **env.case.nominal,
        env.case.design_parameters[0].name: env.case.design_parameters[0].lo,
    }
    observation, info = env.reset(seed=1, options={"design": dead})
    assert info["metrics"] == {}
    assert env.observation_space.contains(observation)
    observation, reward, terminated, *_ = env.step(np.ones(env.design_space.size, dtype=np.int64))
    assert reward == pytest.approx(-len(env.target_names) - 0.05)
    assert not terminated
    assert np.isfinite(observation).all()


def test_masks_say_what_would_not_move(quick: dict[str, Any]) -> None:
    env = SizingEnv(**quick)
    first = env.case.design_parameters[0]
    env.reset(seed=0, options={"design": {**env.case.nominal, first.name: first.hi}})
    masks = env.action_masks().reshape(-1, 3)
    assert masks[0].tolist() == [True, True, False]
    assert masks[1].tolist() == [True, True, True]
    before = env.point.copy()
    action = np.ones(env.design_space.size, dtype=np.int64)
    action[0] = 2
    env.step(action)
    assert env.point[0] == before[0]


def test_meeting_the_goal_ends_an_episode_with_a_reward(opamp: Case) -> None:
    env = SizingEnv(opamp, spec="easy")
    witness = dict(opamp.specs["easy"].witness or {})
    _, info = env.reset(options={"design": witness})
    assert info["is_success"]
    stay = np.ones(env.design_space.size, dtype=np.int64)
    _, reward, terminated, truncated, info = env.step(stay)
    assert (terminated, truncated, info["is_success"]) == (True, False, True)
    assert reward == pytest.approx(10 - 0.05)
    assert "gain_db" in env.render()


def test_rewards_of_batches_are_those_of_single_goals(quick: dict[str, Any]) -> None:
    env = GoalSizingEnv(**quick)
    rng = np.random.default_rng(0)
    k = len(env.target_names)
    achieved, desired = rng.normal(size=(6, k)), rng.normal(size=(6, k))
    desired[0] = achieved[0]
    batch = env.compute_reward(achieved, desired, [{}] * 6)
    single = [env.compute_reward(a, d, {}) for a, d in zip(achieved, desired, strict=True)]
    assert np.allclose(batch, single)
    assert batch[0] == pytest.approx(10 - 0.05)
    observation, *_ = env.reset(seed=2)
    observation, reward, *_ = env.step(np.zeros(env.design_space.size, dtype=np.float32))
    again = env.compute_reward(observation["achieved_goal"], observation["desired_goal"], {})
    assert reward == pytest.approx(again)


def test_a_goal_with_other_targets_is_refused(quick: dict[str, Any]) -> None:
    env = SizingEnv(**quick)
    with pytest.raises(SpecError, match="a goal of this environment has the targets"):
        env.reset(options={"goal": {"targets": {"gain_db": {"op": ">=", "value": 1}}}})


def test_environments_side_by_side(opamp: Case) -> None:
    many = gymnasium.make_vec("eda/TwoStageOpAmp-v0", num_envs=2, spec="medium")
    first, _ = many.reset(seed=3)
    assert first.shape[0] == 2
    many.action_space.seed(0)
    observation, reward, *_ = many.step(many.action_space.sample())
    assert np.isfinite(reward).all()
    assert observation.shape == first.shape
    many.close()
