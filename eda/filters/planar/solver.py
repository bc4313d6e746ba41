"""S-parameters of a layout in full wave: the planar solver as a whole."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from eda.errors import InputError, SimulationError
from eda.filters.microstrip.layout import Layout
from eda.filters.microstrip.line import CROWDING
from eda.filters.microstrip.network import Scattering
from eda.filters.microstrip.substrate import Substrate
from eda.filters.planar.calibration import FeedLine, chain_of, feed_line
from eda.filters.planar.green import Complex, Real, Slab
from eda.filters.planar.kernels import Kernels
from eda.filters.planar.mesh import mesh_of
from eda.filters.planar.moments import admittances
from eda.filters.planar.problem import (
    Fineness,
    Problem,
    filter_problem,
    line_problem,
    slowness,
)
from eda.filters.planar.rational import adaptive

MOST_CURRENTS: Final = 4000
"""Unknowns at the most: their matrix takes 16 bytes a pair."""

SECONDS: Final = 600.0
"""Processor time of one sweep."""


@dataclass(frozen=True, eq=False)
class Solution:
    """What the solver found.

    Attributes:
        scattering: S-parameters, ``(1, points)`` each, as the closed forms give them.
        currents: Count of unknowns.
        solved: At how many frequencies the field was solved.
    """

    scattering: Scattering
    currents: int
    solved: int


@dataclass(frozen=True, eq=False)
class _Part:
    """A problem with its cells and potentials."""

    problem: Problem
    kernels: Kernels
    slow: float

    @classmethod
    def of(cls, problem: Problem, board: Substrate, highest_hz: float, width_m: float) -> _Part:
        mesh = mesh_of(problem.boxes, problem.cuts, problem.grading)
        if len(mesh.axis) > MOST_CURRENTS:
            raise InputError(
                f"layout: {len(mesh.axis)} unknown currents for the planar solver, {MOST_CURRENTS} "
                "at the most: too large for its frequencies, or gaps too narrow; use --solver "
                "openems"
            )
        slab = Slab(board, highest_hz, problem.reach_m, CROWDING)
        return cls(problem, Kernels(mesh, slab), slowness(width_m, board))

    def admittances(self, frequency_hz: float) -> Complex:
        board = self.kernels.slab.board
        surface = CROWDING * board.surface_ohm(frequency_hz) * (1 + 1j)
        return admittances(self.kernels, frequency_hz, surface_ohm=surface, slow=self.slow)


@dataclass(frozen=True, eq=False)
class PlanarSolver:
    """Solves one layout at any frequency of a band.

    Attributes:
        layout: The filter.
        board: What it lies on.
        low_hz: Where the band begins.
        high_hz: Where it ends.
        fineness: How fine cells are.
    """

    layout: Layout
    board: Substrate
    low_hz: float
    high_hz: float
    fineness: Fineness = field(default_factory=Fineness)

    def __post_init__(self) -> None:
        """Make the cells.

        Raises:
            InputError: The layout cannot be solved.
        """
        middle = (self.low_hz + self.high_hz) / 2
        problem = filter_problem(self.layout, self.board, middle, self.fineness)
        widths = sorted(1e-3 * strip.width_mm for strip in self.layout.strips)
        whole = _Part.of(problem, self.board, self.high_hz, widths[len(widths) // 2])
        lines: dict[float, tuple[tuple[_Part, float], ...]] = {}
        feeds = [round(cut.high_m - cut.low_m, 9) for cut in problem.cuts]
        for width in feeds:
            if width not in lines:
                made = []
                for longer in (False, True):
                    line, length = line_problem(
                        width, self.board, middle, problem.grading, longer=longer
                    )
                    made.append((_Part.of(line, self.board, self.high_hz, width), length))
                lines[width] = tuple(made)
        for name, value in (("_whole", whole), ("_lines", lines), ("_feeds", feeds)):
            object.__setattr__(self, name, value)

    @property
    def currents(self) -> int:
        """Count of unknowns."""
        return len(self._whole.kernels.mesh.axis)  # type: ignore[attr-defined]

    def line(self, width_m: float, frequency_hz: float) -> FeedLine:
        """Return what is found of the feed line of a width."""
        (short, short_m), (long, long_m) = self._lines[width_m]  # type: ignore[attr-defined]
        return feed_line(
            short.admittances(frequency_hz), long.admittances(frequency_hz), short_m, long_m
        )

    def chain(self, frequency_hz: float) -> Complex:
        """Return the chain matrix between the ports at a frequency."""
        whole: _Part = self._whole  # type: ignore[attr-defined]
        feeds: list[float] = self._feeds  # type: ignore[attr-defined]
        lines = {width: self.line(width, frequency_hz) for width in set(feeds)}
        length = whole.problem.feeds_m
        before, after = (lines[width].chain(length) for width in feeds)
        # Seen from the filter, port 2 comes the other way round.
        turned = np.array([[after[1, 1], after[0, 1]], [after[1, 0], after[0, 0]]])
        found = chain_of(whole.admittances(frequency_hz))
        return np.asarray(np.linalg.inv(before) @ found @ np.linalg.inv(turned))


def solve(
    layout: Layout,
    board: Substrate,
    frequency_hz: Real,
    *,
    zs_ohm: float = 50.0,
    zl_ohm: float = 50.0,
    tolerance: float = 2e-3,
    fineness: Fineness | None = None,
) -> Solution:
    """Return the S-parameters of a layout in full wave.

    Args:
        layout: The filter, without vias.
        board: What it lies on.
        frequency_hz: ``(points,)``, ascending, above zero.
        zs_ohm: Reference resistance of port 1.
        zl_ohm: Reference resistance of port 2.
        tolerance: Of the S-parameters between the frequencies that are solved.
        fineness: How fine cells are.

    Raises:
        InputError: The layout has vias, parts that do not meet, or too many cells.
        SimulationError: It took too long.
    """
    low, high = float(frequency_hz[0]), float(frequency_hz[-1])
    solver = PlanarSolver(layout, board, low, high, fineness or Fineness())
    return swept(solver, frequency_hz, zs_ohm=zs_ohm, zl_ohm=zl_ohm, tolerance=tolerance)


def swept(
    solver: PlanarSolver,
    frequency_hz: Real,
    *,
    zs_ohm: float = 50.0,
    zl_ohm: float = 50.0,
    tolerance: float = 2e-3,
    seconds: float = SECONDS,
) -> Solution:
    """Return S-parameters over the band of a solver, solved at few frequencies.

    Args:
        solver: The layout.
        frequency_hz: ``(points,)``, ascending, within its band.
        zs_ohm: Reference resistance of port 1.
        zl_ohm: Reference resistance of port 2.
        tolerance: Of the S-parameters between the frequencies that are solved.
        seconds: Processor time it may take.

    Raises:
        SimulationError: It took longer.
    """
    begun, solved = time.process_time(), 0

    def sample(at: float) -> Complex:
        nonlocal solved
        if time.process_time() - begun > seconds:
            raise SimulationError(
                f"the planar solver took longer than {seconds:g} s of processor time: "
                f"{solver.currents} unknown currents, {solved} frequencies solved"
            )
        solved += 1
        return _scattering(solver.chain(at), zs_ohm, zl_ohm)

    fit, solved = adaptive(sample, solver.low_hz, solver.high_hz, tolerance=tolerance)
    s11, s21, s22 = fit(np.asarray(frequency_hz, float)).T
    return Solution(Scattering(s11[None], s21[None], s22[None]), solver.currents, solved)


def _scattering(chain: Complex, zs_ohm: float, zl_ohm: float) -> Complex:
    """Return S11, S21 and S22 of a chain matrix, as power waves."""
    (a, b), (c, d) = chain
    total = a * zl_ohm + b + c * zs_ohm * zl_ohm + d * zs_ohm
    return np.array(
        [
            (a * zl_ohm + b - c * zs_ohm * zl_ohm - d * zs_ohm) / total,
            2 * np.sqrt(zs_ohm * zl_ohm) / total,
            (-a * zl_ohm + b - c * zs_ohm * zl_ohm + d * zs_ohm) / total,
        ]
    )
