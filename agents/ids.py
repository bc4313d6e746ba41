"""The names under which gymnasium knows the environments; nothing is loaded for it."""

from __future__ import annotations

from typing import Any, Final

_SIZING_STEPS: Final = 60

IDS: Final[dict[str, tuple[str, dict[str, Any], int | None]]] = {
    "eda/Sizing-v0": ("eda.agents.environments.sizing:SizingEnv", {}, _SIZING_STEPS),
    "eda/GoalSizing-v0": ("eda.agents.environments.goals:GoalSizingEnv", {}, _SIZING_STEPS),
    "eda/TwoStageOpAmp-v0": (
        "eda.agents.environments.sizing:SizingEnv",
        {"case": "opamp2"},
        _SIZING_STEPS,
    ),
    "eda/GoalTwoStageOpAmp-v0": (
        "eda.agents.environments.goals:GoalSizingEnv",
        {"case": "opamp2"},
        _SIZING_STEPS,
    ),
    "eda/FilterDesign-v0": ("eda.agents.filter_env:FilterDesignEnv", {}, None),
    "eda/PrintedFilter-v0": ("eda.agents.printed_env:PrintedFilterEnv", {}, None),
    "eda/Recipe-v0": ("eda.agents.recipes:RecipeEnv", {}, None),
    "eda/Cutoff-v0": ("eda.agents.cutoff:CutoffEnv", {}, None),
}
"""Each id with its entry point, its arguments, and the most steps of an episode, if any.

Filters and logic end their episodes themselves.
"""


def register() -> None:
    """Register the environments with gymnasium; a second time does nothing."""
    from gymnasium.envs.registration import register as add
    from gymnasium.envs.registration import registry

    for name, (entry, arguments, steps) in IDS.items():
        if name not in registry:
            add(name, entry_point=entry, kwargs=arguments, max_episode_steps=steps)
