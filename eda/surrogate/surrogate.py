"""The surrogate: what is shared by all cases, and how it is bound to one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from eda.surrogate.case_model import CaseModel, bind
from eda.surrogate.ensemble import Ensemble
from eda.surrogate.physics import Physics
from eda.surrogate.weights import FOLDER, weights_in
from eda.surrogate.wiring import NotSolvable

if TYPE_CHECKING:
    from eda.spice import Case


@dataclass(frozen=True, eq=False)
class Surrogate:
    """A neural simulator for any case.

    Attributes:
        ensemble: The trained networks; None for the equations alone.
    """

    ensemble: Ensemble | None

    def for_case(self, case: Case, *, workers: int = 2) -> CaseModel:
        """Return a model of one case; it need not have been seen before.

        The transistors of its deck are swept one by one, which takes some seconds the first time.
        A deck that holds more than transistors and linear parts has no equations here; its model
        knows nothing before it is fine-tuned, and says so in ``why_no_physics``.

        Raises:
            SpecError: The case has no measures.
            SimulatorNotFoundError: ngspice is not installed.
        """
        try:
            return bind(case, Physics(case, workers=workers), self.ensemble)
        except NotSolvable as problem:
            return bind(case, None, None, str(problem))


def load_surrogate(path: str | os.PathLike[str] | None = None) -> Surrogate:
    """Return a surrogate.

    Args:
        path: A folder that `eda train surrogate` wrote; None for the shipped one.

    Raises:
        WeightsError: There are no weights, or they are damaged.

    Example:
        >>> from eda.spice.case_reader import example_case
        >>> case = example_case()
        >>> model = load_surrogate().for_case(case)  # doctest: +SKIP
        >>> model.predict([list(case.nominal.values())]).of("gain_db")  # doctest: +SKIP
        array([90.7])
    """
    if path is None:
        return _shipped()
    members, calibration = weights_in(Path(path))
    return Surrogate(Ensemble(tuple(members), calibration))


@lru_cache(maxsize=1)
def _shipped() -> Surrogate:
    if not FOLDER.is_dir():
        return Surrogate(None)
    members, calibration = weights_in(FOLDER)
    return Surrogate(Ensemble(tuple(members), calibration))
