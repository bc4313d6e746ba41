"""Trained policies as safetensors: the network that acts, without pickle, and its use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.agents.environments.sizing import SizingEnv
from eda.errors import WeightsError

KINDS: Final = ("ppo", "sac")


class Policy:
    """The acting part of a trained agent: layers of numbers, worked out in numpy."""

    def __init__(self, kind: str, weights: dict[str, NDArray[Any]], about: dict[str, str]) -> None:
        """Take weights: ``0.weight``, ``0.bias``, ..., of layers with tanh or relu between."""
        self.kind, self.about = kind, about
        self._layers = [
            (weights[f"{at}.weight"].astype(np.float64), weights[f"{at}.bias"].astype(np.float64))
            for at in range(len(weights) // 2)
        ]

    def act(self, observation: Any) -> NDArray[Any]:
        """Return the action of an observation: the most probable one."""
        if isinstance(observation, dict):
            observation = np.concatenate([observation[key] for key in sorted(observation)])
        x = np.asarray(observation, dtype=np.float64)
        for at, (weight, bias) in enumerate(self._layers):
            x = weight @ x + bias
            if at + 1 < len(self._layers):
                x = np.tanh(x) if self.kind == "ppo" else np.maximum(x, 0.0)
        if self.kind == "ppo":
            return np.asarray(x.reshape(-1, 3).argmax(1))
        return np.asarray(np.tanh(x))


def save_policy(path: Path, kind: str, model: Any, about: dict[str, str]) -> None:
    """Write the acting network of a stable-baselines3 model."""
    from safetensors.numpy import save_file

    net = model.policy
    if kind == "ppo":
        linears = [m for m in net.mlp_extractor.policy_net if hasattr(m, "weight")]
        linears.append(net.action_net)
    else:
        linears = [m for m in net.actor.latent_pi if hasattr(m, "weight")] + [net.actor.mu]
    weights = {}
    for at, linear in enumerate(linears):
        weights[f"{at}.weight"] = linear.weight.detach().cpu().numpy().astype(np.float32).copy()
        weights[f"{at}.bias"] = linear.bias.detach().cpu().numpy().astype(np.float32).copy()
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(weights, path, metadata={"kind": kind, "about": json.dumps(about)})


def load_policy(path: Path) -> Policy:
    """Return a policy from its file.

    Raises:
        WeightsError: It is no such file.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "numpy") as stored:
            given = stored.metadata() or {}
            weights = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as problem:
        raise WeightsError(f"{path} is no policy: {problem}") from None
    if given.get("kind") not in KINDS:
        raise WeightsError(f"{path} does not say which kind of policy it is; train it anew")
    return Policy(given["kind"], weights, json.loads(given.get("about", "{}")))


def roll_out(policy: Policy, env: SizingEnv, *, steps: int, **reset: Any) -> list[Any]:
    """Return the points a policy visits until the goal is met, the start included, in order."""
    observation, info = env.reset(**reset)
    visited = [env.point.copy()]
    for _ in range(steps):
        if info["is_success"]:
            break
        observation, _, met, _, info = env.step(policy.act(observation))
        visited.append(env.point.copy())
        if met:
            break
    return visited
