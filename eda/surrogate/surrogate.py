"""The surrogate: what is shared by all cases, and how it is bound to one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eda.surrogate.case_model import CaseModel, bind
from eda.surrogate.physics import Physics
from eda.surrogate.wiring import NotSolvable

if TYPE_CHECKING:
    from eda.spice import Case


@dataclass(frozen=True, eq=False)
class Surrogate:
    """A neural simulator for any case."""

    def for_case(self, case: Case, *, workers: int = 2) -> CaseModel:
        """Return a model of one case; it need not have been seen before.

        The transistors of its deck are swept one by one, which takes some seconds the first time.

        Raises:
            SimulatorNotFoundError: ngspice is not installed.
        """
        try:
            return bind(case, Physics(case, workers=workers))
        except NotSolvable as problem:
            return bind(case, None, str(problem))


def load_surrogate(path: str | os.PathLike[str] | None = None) -> Surrogate:
    """Return a surrogate: the shipped one, or that of a folder.

    Example:
        >>> from eda.spice.case_reader import example_case
        >>> model = load_surrogate().for_case(example_case())  # doctest: +SKIP
        >>> model.predict([[4e-05, 1e-05, 4e-05, 2e-05, 4e-05, 4, 4e-07, 6e-07, 2e-12, 1000, 2e-05]])
        ... # doctest: +SKIP
    """
    return Surrogate()
