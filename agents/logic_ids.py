"""The gymnasium ids of the environments on logic."""

from __future__ import annotations

IDS = {
    "eda/Recipe-v0": "eda.agents.recipes:RecipeEnv",
    "eda/Cutoff-v0": "eda.agents.cutoff:CutoffEnv",
}


def register() -> None:
    """Make the ids known to gymnasium, once."""
    import gymnasium

    for name, where in IDS.items():
        if name not in gymnasium.registry:
            gymnasium.register(name, entry_point=where)
