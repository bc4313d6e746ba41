"""Snapping: from free values to those of a series, by integer programs on exact derivatives.

Rounding each value to its neighbour spoils a filter; what matters is that the errors cancel. A
linear model of the mask says how they add up, and an integer program finds the combination that
keeps the most margin. Where the model is too coarse (a resonance moves by a whole step), values
are fixed group after group, the others making up for it, and single exchanges mend the rest.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.evaluator import Evaluator
from eda.filters.network import Topology
from eda.filters.refine import Allowance, _rows, refine

Real = NDArray[np.float64]

_CHOICES: Final = 3
"""Values considered for each part: the nearest."""

_FINE_CHOICES: Final = 5
"""The same, of a series of 48 values a decade or more."""

_NODES: Final = 300
"""Most branches of one integer program; a bound in time would make answers depend on the day."""

_SECONDS: Final = 20.0

_FREE_STEP: Final = 0.1
"""How far parts that are not being fixed may move within an integer program."""


@dataclass(frozen=True, slots=True)
class Snapped:
    """A design whose values are all of their series.

    Attributes:
        log_values: Natural logarithms of the values.
        margin_db: Its least margin, less the allowance.
    """

    log_values: Real
    margin_db: float


@dataclass(frozen=True, slots=True)
class Snapper:
    """Snaps designs of one topology.

    Attributes:
        evaluator: What evaluates, and keeps count.
        topology: The circuit.
        grids: Allowed logarithms of each part, ascending.
        low: Smallest logarithm of each part.
        high: Largest.
        allowance: Margin set aside for spread.
        valid: Whether a design may be gone to; None for all.
    """

    evaluator: Evaluator
    topology: Topology
    grids: Sequence[Real]
    low: Real
    high: Real
    allowance: Allowance | None = None
    valid: Callable[[Real], bool] | None = None

    def at_once(self, start: Real, *, enough_db: float, rounds: int = 3) -> Snapped:
        """Snap all values in one integer program, again from its answer where that is short."""
        every = np.arange(len(start))
        best: Snapped | None = None
        now, seen = start, set[tuple[float, ...]]()
        for _ in range(rounds):
            found = self._program(now, every)
            key = tuple(np.round(found, 9))
            if key in seen:
                break
            seen.add(key)
            margin = self.margin(found)
            if best is None or margin > best.margin_db:
                best = Snapped(found, margin)
            if best.margin_db >= enough_db or margin < best.margin_db - 5:
                break
            now = found
        assert best is not None
        return best

    def in_groups(self, start: Real, groups: Sequence[NDArray[np.int64]]) -> Snapped:
        """Snap group after group; what is still free makes up for what is fixed."""
        x = start
        # What is in no group is on its grid already, and stays.
        free = np.zeros(len(start), bool)
        free[np.concatenate(groups)] = True
        for group in groups:
            x = self._program(x, group, others=free)
            free[group] = False
            if free.any():
                x = refine(
                    self.evaluator,
                    self.topology,
                    x,
                    self.low,
                    self.high,
                    steps=4,
                    free=free,
                    allowance=self.allowance,
                    first_step=0.1,
                    valid=self.valid,
                ).log_values
        return Snapped(x, self.margin(x))

    def one_by_one(self, start: Real) -> Snapped:
        """Snap part after part, the one that matters most first."""
        state = self.evaluator.linearised(self.topology, start)
        margins, slopes = _rows(self.evaluator, state, None)
        near = margins[: len(slopes)] < margins.min() + 3.0
        weight = np.abs(slopes[near]).sum(0) if near.any() else np.abs(slopes).sum(0)
        order = np.argsort(-weight)
        return self.in_groups(start, [np.array([at]) for at in order])

    def exchange(
        self, start: Snapped, *, enough_db: float, rounds: int = 6, pairs: bool = True
    ) -> Snapped:
        """Move single values, then pairs, by one step while that helps."""
        best = start
        for _ in range(rounds):
            moves = self._neighbours(best.log_values, 1)
            found = self._best_of(best, moves)
            stuck = found.margin_db <= best.margin_db + 1e-6
            if stuck and pairs and best.margin_db < enough_db:
                found = self._best_of(best, self._neighbours(best.log_values, 2))
            if found.margin_db <= best.margin_db + 1e-6:
                break
            best = found
            if best.margin_db >= enough_db:
                break
        return best

    def margin(self, x: Real) -> float:
        """Return the least margin of a design, less the allowance."""
        if self.allowance is None:
            return float(self.evaluator.margin(self.topology, x[None])[0])
        state = self.evaluator.linearised(self.topology, x)
        return float(_rows(self.evaluator, state, self.allowance)[0].min())

    def on_grid(self, x: Real) -> Real:
        """Return the nearest allowed value of every part."""
        return np.array(
            [
                grid[int(np.argmin(np.abs(grid - value)))]
                for grid, value in zip(self.grids, x, strict=True)
            ]
        )

    def _best_of(self, best: Snapped, moves: Real) -> Snapped:
        if not len(moves):
            return best
        if self.allowance is None:
            margins = self.evaluator.margin(self.topology, moves)
        else:
            margins = np.array([self.margin(move) for move in moves])
        for at in np.argsort(-margins)[:3]:
            if margins[at] <= best.margin_db:
                break
            if self.valid is None or self.valid(moves[at]):
                return Snapped(moves[at], float(margins[at]))
        return best

    def _neighbours(self, x: Real, count: int) -> Real:
        places = [int(np.argmin(np.abs(grid - v))) for grid, v in zip(self.grids, x, strict=True)]
        steps = []
        for at, (grid, place) in enumerate(zip(self.grids, places, strict=True)):
            steps += [(at, grid[place + by]) for by in (-1, 1) if 0 <= place + by < len(grid)]
        made = []
        for chosen in itertools.combinations(steps, count):
            if len({at for at, _ in chosen}) == count:
                moved = x.copy()
                for at, value in chosen:
                    moved[at] = value
                made.append(moved)
        return np.array(made) if made else np.empty((0, len(x)))

    def _program(
        self, x: Real, group: NDArray[np.int64], *, others: NDArray[np.bool_] | None = None
    ) -> Real:
        """Return the design of the most margin whose ``group`` is on its grids.

        Args:
            x: Where the linear model is made.
            group: Parts to be fixed.
            others: Parts that may move a little meanwhile; those of the group are left out.
        """
        from scipy.optimize import Bounds, LinearConstraint, milp

        state = self.evaluator.linearised(self.topology, x)
        margins, slopes = _rows(self.evaluator, state, self.allowance)
        choices = [self._nearest(int(at), x[at]) for at in group]
        loose = np.array([], dtype=np.int64)
        if others is not None:
            loose = np.setdiff1d(np.flatnonzero(others), group)
        integers = sum(map(len, choices))
        ripples = self.evaluator.mask.rippled
        width = integers + len(loose) + 1 + len(ripples)
        # Columns: a switch per choice, the loose parts, the margin, the top of each rippled band.
        change = np.zeros((len(x), width))
        only = np.zeros((len(group), width))
        column = 0
        for row, (at, options) in enumerate(zip(group, choices, strict=True)):
            change[at, column : column + len(options)] = options - x[at]
            only[row, column : column + len(options)] = 1.0
            column += len(options)
        change[loose, integers : integers + len(loose)] = np.eye(len(loose))
        margin_at = integers + len(loose)
        plain = len(slopes)
        rows = -(slopes @ change)
        rows[:, margin_at] += 1.0
        reach = np.abs(slopes) @ np.abs(change).max(1)
        ceiling = (margins[:plain] + reach).min() + (30.0 if ripples else 0.0)
        near = margins[:plain] - reach <= ceiling
        blocks, bounds = [rows[near]], [margins[:plain][near]]
        gain, _, d_gain, _ = state
        for at, (points, most) in enumerate(ripples):
            inside, moved = gain[points], d_gain[:, points].T @ change
            spare = most - np.ptp(inside) - margins[plain + at]
            under, over = moved.copy(), -moved
            under[:, margin_at + 1 + at] -= 1.0
            over[:, margin_at + 1 + at] += 1.0
            over[:, margin_at] += 1.0
            blocks += [under, over]
            bounds += [-inside, inside + most - spare]
        aim = np.zeros(width)
        aim[margin_at] = -1.0
        low, high = np.full(width, -np.inf), np.full(width, np.inf)
        low[:integers], high[:integers] = 0.0, 1.0
        room_low = np.minimum(np.maximum(self.low[loose] - x[loose], -_FREE_STEP), 0.0)
        room_high = np.maximum(np.minimum(self.high[loose] - x[loose], _FREE_STEP), 0.0)
        low[integers:margin_at], high[integers:margin_at] = room_low, room_high
        whole = np.zeros(width)
        whole[:integers] = 1
        with _silent():
            solved = milp(
                aim,
                constraints=[
                    LinearConstraint(np.concatenate(blocks), -np.inf, np.concatenate(bounds)),
                    LinearConstraint(only, 1.0, 1.0),
                ],
                integrality=whole,
                bounds=Bounds(low, high),
                options={
                    "node_limit": _NODES,
                    "time_limit": _SECONDS,
                    "mip_rel_gap": 0.02,
                },
            )
        made = x.copy()
        if solved.x is None:
            made[group] = self.on_grid(x)[group]
            return made
        answer = np.asarray(solved.x)
        made[loose] += answer[integers:margin_at]
        column = 0
        for at, options in zip(group, choices, strict=True):
            made[at] = options[int(np.argmax(answer[column : column + len(options)]))]
            column += len(options)
        return made

    def _nearest(self, at: int, value: float) -> Real:
        grid = self.grids[at]
        # A fine series has more values within the same reach.
        fine = len(grid) > 1 and grid[1] - grid[0] < 0.06
        count = _FINE_CHOICES if fine else _CHOICES
        order = np.argsort(np.abs(grid - value), kind="stable")[:count]
        return np.asarray(grid[np.sort(order)])


@contextmanager
def _silent() -> Iterator[None]:
    """Keep the solver's own remarks off the standard output, which belongs to the answer."""
    libc = ctypes.CDLL(None)
    sys.stdout.flush()
    try:
        kept = os.dup(1)
    except OSError:  # a process without a standard output has nothing to protect
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    libc.fflush(None)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        # It writes through C's buffer, which would be emptied after we are back.
        libc.fflush(None)
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
