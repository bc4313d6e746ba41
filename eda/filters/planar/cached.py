"""A layout by the planar method of moments as others see full wave: bounded, and cached."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from typing import Final

import numpy as np

from eda.errors import InputError
from eda.filters.fullwave.solve import FullWave, kept_of, s_of
from eda.filters.fullwave.waves import POINTS
from eda.filters.microstrip.layout import Layout
from eda.filters.microstrip.substrate import Substrate
from eda.filters.planar.problem import Fineness
from eda.filters.planar.solver import SECONDS, PlanarSolver, swept
from eda.spice.cache import SimulationCache

SOLVER: Final = "the planar method of moments"

VERSION: Final = 1
"""Raised when the same layout would get other S-parameters."""

LOWEST_SHARE: Final = 0.05
"""Lowest frequency over the middle of the band. Below, the lines that calibrate the feeds are too
short: beside openEMS a low-pass of nine stubs lost nothing too much at 0.1 of the middle, 0.12 dB
at 0.05 and 0.45 dB at 0.03."""


def check_band(low_hz: float, high_hz: float) -> None:
    """Refuse a band that the lines by which feeds are calibrated cannot span.

    Raises:
        InputError: It is none, or reaches too far down.
    """
    if not 0 < low_hz < high_hz < 1e12:
        raise InputError(f"full wave: {low_hz:g} to {high_hz:g} Hz is no band")
    lowest = LOWEST_SHARE * (low_hz + high_hz) / 2
    if low_hz < lowest:
        raise InputError(
            f"full wave: the planar method of moments reaches down to {lowest:.4g} Hz in a band "
            f"up to {high_hz:.4g} Hz, and the mask begins at {low_hz:.4g} Hz; use --solver "
            "openems, or begin the mask higher"
        )


def solve_planar(
    layout: Layout,
    board: Substrate,
    low_hz: float,
    high_hz: float,
    *,
    zs_ohm: float = 50.0,
    zl_ohm: float = 50.0,
    fineness: Fineness | None = None,
    cache: bool | SimulationCache = True,
    seconds: float = SECONDS,
) -> FullWave:
    """Return the S-parameters of a layout in full wave, referred to its ports.

    Args:
        layout: The filter, without vias.
        board: What it lies on.
        low_hz: Lowest frequency.
        high_hz: Highest.
        zs_ohm: Reference resistance of port 1.
        zl_ohm: Reference resistance of port 2.
        fineness: How fine cells are.
        cache: True for the user's cache of simulations, False for none, or a cache.
        seconds: Processor time it may take.

    Raises:
        InputError: The layout has vias, parts that do not meet, ports without room for feeds or
            too many cells; or the band reaches too far down.
        SimulationError: It took too long.
    """
    check_band(low_hz, high_hz)
    fineness = fineness or Fineness()
    begun = time.perf_counter()
    solver = PlanarSolver(layout, board, low_hz, high_hz, fineness)
    frequency = np.linspace(low_hz, high_hz, POINTS)
    store = SimulationCache() if cache is True else cache or None
    copper = {key: layout.to_json()[key] for key in ("strips", "coupled", "ports")}
    facts = [SOLVER, VERSION, POINTS, low_hz, high_hz, zs_ohm, zl_ohm, copper]
    made_of = [dataclasses.asdict(board), dataclasses.asdict(fineness)]
    key = hashlib.sha256(json.dumps([facts, made_of]).encode()).hexdigest()
    kept = store.get(key) if store else None
    if kept is not None:
        return FullWave(frequency, s_of(kept), solver.currents, 0, 0.0, True, SOLVER)
    found = swept(solver, frequency, zs_ohm=zs_ohm, zl_ohm=zl_ohm, seconds=seconds)
    s11, s21, s22 = found.scattering.s11[0], found.scattering.s21[0], found.scattering.s22[0]
    s = np.stack([s11, s21, s21, s22], 1).reshape(-1, 2, 2)
    if store:
        store.put(key, kept_of(frequency, s))
    spent = time.perf_counter() - begun
    return FullWave(frequency, s, solver.currents, found.solved, spent, False, SOLVER)
