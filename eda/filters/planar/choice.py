"""Full-wave solvers by name: which there are, and how each is called."""

from __future__ import annotations

from typing import Final, Literal

from eda.errors import InputError
from eda.filters.fullwave.correct import Solver
from eda.filters.fullwave.openems import find_openems
from eda.filters.fullwave.solve import solve_layout
from eda.filters.planar.cached import check_band, solve_planar
from eda.filters.spec import FilterSpec

Name = Literal["openems", "planar"]

NAMES: Final[tuple[Name, ...]] = ("openems", "planar")
"""The first is taken where none is named: a solver of others judges, unless one says otherwise."""


def solver_for(spec: FilterSpec, name: str) -> Solver:
    """Return a solver over all bands of a specification.

    Args:
        spec: The specification of a microstrip filter.
        name: One of :data:`NAMES`.

    Raises:
        InputError: No solver has this name, or the planar one cannot span the bands.
        ToolNotFoundError: openEMS is not installed.
    """
    if name not in NAMES:
        raise InputError(f"solver is {name!r}; write one of {', '.join(NAMES)}")
    board, (low, high) = spec.printed.substrate, spec.edges_hz
    zs, zl = spec.zs_ohm, spec.zl_ohm
    if name == "openems":
        find_openems()
        return lambda layout: solve_layout(layout, board, low, high, zs_ohm=zs, zl_ohm=zl)
    check_band(low, high)
    return lambda layout: solve_planar(layout, board, low, high, zs_ohm=zs, zl_ohm=zl)
