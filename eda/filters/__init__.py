"""Filters: from a mask to a ladder or an active cascade that keeps it, confirmed by ngspice.

Example:
    >>> from eda.filters import terse_spec, textbook
    >>> spec = terse_spec(lowpass="10MHz", stop="30MHz:40dB")
    >>> textbook(spec)[0].topology.name
    'cL'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from eda.filters.design import design_filter
    from eda.filters.objectives import OBJECTIVES
    from eda.filters.result import FilterResult
    from eda.filters.spec import FilterSpec
    from eda.filters.spec_reader import parse_spec, read_spec
    from eda.filters.starts import textbook
    from eda.filters.terse import terse_spec

__all__ = [
    "OBJECTIVES",
    "FilterResult",
    "FilterSpec",
    "design_filter",
    "parse_spec",
    "read_spec",
    "terse_spec",
    "textbook",
]

_HOMES: Final = {
    "OBJECTIVES": "objectives",
    "FilterResult": "result",
    "FilterSpec": "spec",
    "design_filter": "design",
    "parse_spec": "spec_reader",
    "read_spec": "spec_reader",
    "terse_spec": "terse",
    "textbook": "starts",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
