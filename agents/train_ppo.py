"""Training a PPO policy that sizes a circuit: discrete steps, the goal in the observation.

The protocol is AutoCkt's: each parameter goes one step down, stays or goes up; goals are drawn
anew for every episode; the reward is the clipped sum of what is missed. Training runs in a small
network that stands for the simulator; `finetune_steps` more run in ngspice itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class PpoArguments:
    """Everything a run depends on.

    Attributes:
        case: A case folder, or the shipped case.
        out: Folder of the policy.
        steps: Environment steps in the network.
        finetune_steps: Further steps in ngspice.
        environments: How many episodes run side by side.
        episode: Longest episode.
        seed: Where chance comes from.
        learning_rate: Of Adam.
        width: Neurons of each of two layers.
        random_start: Whether episodes begin anywhere, or at the nominal design.
    """

    case: str = "opamp2"
    out: Path = Path("runs/sizing-ppo")
    steps: int = 12_288
    finetune_steps: int = 0
    environments: int = 8
    episode: int = 40
    seed: int = 0
    learning_rate: float = 5e-4
    width: int = 96
    random_start: bool = False


def train_ppo(given: PpoArguments) -> dict[str, Any]:
    """Train, write ``policy.safetensors``, and return what came of it."""
    import torch
    from gymnasium.wrappers import TimeLimit
    from stable_baselines3 import PPO
    from stable_baselines3.common.monitor import Monitor
    from stable_baselines3.common.vec_env import DummyVecEnv

    from eda.agents.environments.evaluator import make_evaluator
    from eda.agents.environments.sizing import SizingEnv, load
    from eda.agents.learning import learn_and_save

    torch.set_num_threads(1)
    case = load(given.case)
    fast = make_evaluator(case, "network", 1)

    def environment(backend: Any) -> Any:
        return Monitor(TimeLimit(SizingEnv(case, backend=backend), given.episode))

    many = DummyVecEnv([lambda: environment(fast) for _ in range(given.environments)])
    model = PPO(
        "MlpPolicy",
        many,
        n_steps=256,
        batch_size=512,
        n_epochs=6,
        gamma=0.97,
        ent_coef=0.005,
        learning_rate=given.learning_rate,
        seed=given.seed,
        policy_kwargs={"net_arch": [given.width, given.width]},
        device="cpu",
    )
    return learn_and_save(
        "ppo",
        model,
        given,
        case.name,
        lambda: DummyVecEnv([lambda: environment("ngspice")] * given.environments),
    )
