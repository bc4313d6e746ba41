"""Which model leads a run, by name, and what it is told of the goal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from eda.agents.goal import Goal
from eda.agents.ledger import Ledger
from eda.agents.model import SizingModel
from eda.agents.model_gp import GaussianModel
from eda.errors import InputError

if TYPE_CHECKING:
    from eda.spice.case import Case

ModelName = Literal["auto", "tables", "network", "gp"]

MODELS: Final = ("auto", "tables", "network", "gp")


def focus(model: SizingModel, goal: Goal) -> None:
    """Tell a model which metrics matter, where it can make use of that."""
    narrowed = getattr(model, "focus", None)
    if narrowed is not None:
        names = set(goal.targets)
        narrowed(names if goal.objective is None else names | {goal.objective.metric})


def make_model(case: Case, chosen: ModelName | SizingModel, ledger: Ledger) -> SizingModel:
    """Return the model that leads a run, and count what making it took.

    Raises:
        InputError: There is none of this name, or it cannot be used for the case.
    """
    if not isinstance(chosen, str):
        return chosen
    if chosen not in MODELS:
        raise InputError(f"there is no model {chosen!r}; there are {', '.join(MODELS)}")
    if chosen in ("auto", "tables"):
        from eda.agents.model_tables import TablesModel
        from eda.spice.quick import UnsupportedCircuitError

        try:
            made = TablesModel(case, cache=ledger.cache)
        except UnsupportedCircuitError as problem:
            if chosen == "tables":
                raise InputError(
                    f"{case.name} cannot be worked out from tables: {problem}; use --model gp"
                ) from None
        else:
            ledger.counts.device += made.simulations
            return made
    if chosen == "network":
        from eda.agents.model_network import CorrectedNetwork

        return CorrectedNetwork(case)
    return GaussianModel(case)
