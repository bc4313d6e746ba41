"""Training a SAC policy with hindsight experience replay: continuous steps, goals as observations.

What an episode achieved is replayed as if it had been wanted, so that every simulation teaches
about some goal. Training runs in a small network that stands for the simulator;
`finetune_steps` more run in ngspice itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class SacArguments:
    """Everything a run depends on.

    Attributes:
        case: A case folder, or the shipped case.
        out: Folder of the policy.
        steps: Environment steps in the network.
        finetune_steps: Further steps in ngspice.
        episode: Longest episode.
        seed: Where chance comes from.
        learning_rate: Of Adam.
        width: Neurons of each of two layers.
        train_every: Steps between two updates.
    """

    case: str = "opamp2"
    out: Path = Path("runs/sizing-sac")
    steps: int = 3_000
    finetune_steps: int = 0
    episode: int = 40
    seed: int = 0
    learning_rate: float = 1e-3
    width: int = 128
    train_every: int = 2


def train_sac(given: SacArguments) -> dict[str, Any]:
    """Train, write ``policy.safetensors``, and return what came of it."""
    import torch
    from gymnasium.wrappers import TimeLimit
    from stable_baselines3 import SAC, HerReplayBuffer
    from stable_baselines3.common.monitor import Monitor

    from eda.agents.environments.evaluator import make_evaluator
    from eda.agents.environments.goals import GoalSizingEnv
    from eda.agents.environments.sizing import load
    from eda.agents.learning import learn_and_save

    torch.set_num_threads(1)
    case = load(given.case)
    fast = make_evaluator(case, "network", 1)

    def environment(backend: Any) -> Any:
        return Monitor(TimeLimit(GoalSizingEnv(case, backend=backend), given.episode))

    model = SAC(
        "MultiInputPolicy",
        environment(fast),
        replay_buffer_class=HerReplayBuffer,
        replay_buffer_kwargs={"n_sampled_goal": 4, "goal_selection_strategy": "future"},
        learning_starts=500,
        batch_size=256,
        gamma=0.95,
        learning_rate=given.learning_rate,
        train_freq=given.train_every,
        gradient_steps=1,
        buffer_size=100_000,
        seed=given.seed,
        policy_kwargs={"net_arch": [given.width, given.width]},
        device="cpu",
    )
    return learn_and_save("sac", model, given, case.name, lambda: environment("ngspice"))
