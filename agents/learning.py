"""How every training of a sizing policy ends: learn, go on in ngspice, save, say how it went."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol


class Arguments(Protocol):
    """What the training scripts' arguments have in common."""

    @property
    def out(self) -> Path:
        """Folder of the run."""

    @property
    def steps(self) -> int:
        """Steps in the fast environment."""

    @property
    def finetune_steps(self) -> int:
        """Further steps in ngspice."""

    @property
    def seed(self) -> int:
        """Where chance comes from."""

    @property
    def width(self) -> int:
        """Units of a hidden layer."""


def learn_and_save(
    method: str, model: Any, given: Arguments, case: str, in_ngspice: Callable[[], Any]
) -> dict[str, Any]:
    """Train a policy, write ``policy.safetensors``, and return what came of it.

    Args:
        method: ``ppo`` or ``sac``.
        model: An algorithm of stable-baselines3, in its fast environment.
        given: Steps, seed, width, and the folder of the run.
        case: Name of the case.
        in_ngspice: Makes the environment of the further steps.
    """
    from eda.agents.policy import save_policy

    begun = time.perf_counter()
    model.learn(given.steps)
    seconds = time.perf_counter() - begun
    if given.finetune_steps:
        model.set_env(in_ngspice())
        model.learn(given.finetune_steps, reset_num_timesteps=False)
    about = {
        "case": case,
        "steps": str(given.steps),
        "finetune_steps": str(given.finetune_steps),
        "seed": str(given.seed),
        "width": str(given.width),
    }
    path = given.out / "policy.safetensors"
    save_policy(path, method, model, about)
    rewards = [item["r"] for item in model.ep_info_buffer or ()]
    return {
        "policy": str(path),
        "steps": given.steps + given.finetune_steps,
        "steps_per_second": round(given.steps / seconds, 1),
        "mean_reward": round(float(sum(rewards) / len(rewards)), 3) if rewards else None,
        "seconds": round(time.perf_counter() - begun, 1),
    }
