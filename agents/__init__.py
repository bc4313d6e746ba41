"""Agents: gymnasium environments, the sizing agent, its baselines, training of policies.

``eda.agents.size`` sizes a case. `eda.agents.ids` names the environments, which
``import eda`` makes known to gymnasium: circuits that are sized, filters that are designed, logic
that is made smaller or built gate by gate. Everything is loaded when it is first used (PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from eda.agents.goal import Goal, Objective, read_goal
    from eda.agents.ids import IDS, register
    from eda.agents.model import Prediction, SizingModel
    from eda.agents.result import SizingResult
    from eda.agents.sizer import size

__all__ = [
    "IDS",
    "Goal",
    "Objective",
    "Prediction",
    "SizingModel",
    "SizingResult",
    "read_goal",
    "register",
    "size",
]

_HOMES: Final = {
    "IDS": "eda.agents.ids",
    "Goal": "eda.agents.goal",
    "Objective": "eda.agents.goal",
    "Prediction": "eda.agents.model",
    "SizingModel": "eda.agents.model",
    "SizingResult": "eda.agents.result",
    "read_goal": "eda.agents.goal",
    "register": "eda.agents.ids",
    "size": "eda.agents.sizer",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'eda.agents' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
