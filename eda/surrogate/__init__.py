"""Surrogate simulation: a neural simulator that reads the circuit, and knows when it does not know.

`load_surrogate` gives the shipped model; `Surrogate.for_case` binds it to a case. Everything
else is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from eda.surrogate.case_model import CaseModel
    from eda.surrogate.data import CaseData, build_data, load_data
    from eda.surrogate.designs import read_designs
    from eda.surrogate.prediction import Prediction
    from eda.surrogate.surrogate import Surrogate, load_surrogate

__all__ = [
    "CaseData",
    "CaseModel",
    "Prediction",
    "Surrogate",
    "build_data",
    "load_data",
    "load_surrogate",
    "read_designs",
]

_HOMES: Final = {
    **dict.fromkeys(("CaseModel",), "case_model"),
    **dict.fromkeys(("CaseData", "build_data", "load_data"), "data"),
    **dict.fromkeys(("read_designs",), "designs"),
    **dict.fromkeys(("Prediction",), "prediction"),
    **dict.fromkeys(("Surrogate", "load_surrogate"), "surrogate"),
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
