"""The gymnasium ids of the toolkit, and where each environment lives; nothing is loaded for it."""

from __future__ import annotations

from typing import Final

ENVIRONMENTS: Final = {
    "eda/FilterDesign-v0": "eda.agents.filter_env:FilterDesignEnv",
}
"""Entry points, as text: an environment is imported when it is made."""


def register_environments() -> None:
    """Make the ids known to gymnasium; calling it again does no harm."""
    import gymnasium

    for name, entry_point in ENVIRONMENTS.items():
        if name not in gymnasium.registry:
            gymnasium.register(name, entry_point=entry_point)
