"""Agents: gymnasium environments, sizing and filter-design agents, their baselines and training.

`register` makes the environments known to gymnasium by their ids:

* ``eda/Recipe-v0``: which recipe makes a logic circuit smaller next (`eda.agents.recipes`).
* ``eda/Cutoff-v0``: an and-inverter graph built token by token, in which every token that would
  break the given truth tables is masked (`eda.agents.cutoff`).
"""

from eda.agents.logic_ids import register

__all__ = ["register"]
