"""The names under which gymnasium knows the environments."""

from __future__ import annotations

from typing import Any, Final

MAX_STEPS: Final = 60

IDS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "eda/Sizing-v0": ("eda.agents.environments.sizing:SizingEnv", {}),
    "eda/GoalSizing-v0": ("eda.agents.environments.goals:GoalSizingEnv", {}),
    "eda/TwoStageOpAmp-v0": ("eda.agents.environments.sizing:SizingEnv", {"case": "opamp2"}),
    "eda/GoalTwoStageOpAmp-v0": (
        "eda.agents.environments.goals:GoalSizingEnv",
        {"case": "opamp2"},
    ),
}
"""Each id with its entry point and arguments."""


def register() -> None:
    """Register the environments with gymnasium; a second time does nothing."""
    from gymnasium.envs.registration import register as add
    from gymnasium.envs.registration import registry

    for name, (entry, arguments) in IDS.items():
        if name not in registry:
            add(name, entry_point=entry, kwargs=arguments, max_episode_steps=MAX_STEPS)
