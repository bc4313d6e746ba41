"""Gymnasium environments in which a circuit is sized step by step.

``import eda`` makes gymnasium know them, whichever of the two is imported first. The entry points
are strings, so that nothing is loaded before ``gymnasium.make``.
"""

from eda.agents.environments.register import IDS, register

__all__ = ["IDS", "register"]
