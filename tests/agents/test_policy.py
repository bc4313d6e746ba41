"""Policies as safetensors: what comes back acts as what was saved."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eda.agents.environments.goals import GoalSizingEnv
from eda.agents.environments.sizing import SizingEnv
from eda.agents.model_network import WEIGHTS
from eda.agents.policy import load_policy, roll_out, save_policy
from eda.errors import WeightsError


def test_a_saved_ppo_policy_acts_the_same(tmp_path: Path, quick: dict[str, Any]) -> None:
    from stable_baselines3 import PPO

    env = SizingEnv(**quick)
    model = PPO("MlpPolicy", env, seed=0, policy_kwargs={"net_arch": [16, 16]}, device="cpu")
    save_policy(tmp_path / "p.safetensors", "ppo", model, {"case": "opamp2"})
    policy = load_policy(tmp_path / "p.safetensors")
    for seed in range(5):
        observation, _ = env.reset(seed=seed, options={"random": True})
        expected, _ = model.predict(observation, deterministic=True)
        assert policy.act(observation).tolist() == expected.tolist()
    assert policy.about == {"case": "opamp2"}


def test_a_saved_sac_policy_acts_the_same(tmp_path: Path, quick: dict[str, Any]) -> None:
    from stable_baselines3 import SAC

    env = GoalSizingEnv(**quick)
    model = SAC(
        "MultiInputPolicy", env, seed=0, policy_kwargs={"net_arch": [16, 16]}, buffer_size=10
    )
    save_policy(tmp_path / "p.safetensors", "sac", model, {})
    policy = load_policy(tmp_path / "p.safetensors")
    for seed in range(5):
        observation, _ = env.reset(seed=seed, options={"random": True})
        expected, _ = model.predict(observation, deterministic=True)
        assert np.allclose(policy.act(observation), expected, atol=1e-5)


def test_what_is_no_policy_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(b"no weights")
    with pytest.raises(WeightsError, match="is no policy"):
        load_policy(path)


def test_shipped_policies_run(tmp_path: Path) -> None:
    paths = sorted(WEIGHTS.glob("*-opamp2-*.safetensors"))
    policies = [p for p in paths if p.name.startswith(("ppo", "sac"))]
    if not policies:
        pytest.skip("no policy is shipped")
    for path in (policies[0], policies[-1]):
        policy = load_policy(path)
        kind = SizingEnv if policy.kind == "ppo" else GoalSizingEnv
        env = kind(backend="network")
        visited = roll_out(policy, env, steps=3, seed=1)
        assert 1 <= len(visited) <= 4
        assert all(((point >= 0) & (point <= 1)).all() for point in visited)
