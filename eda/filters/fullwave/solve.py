"""Layouts in full wave: from copper to S-parameters by openEMS, cached.

A simulation is ended once its signals are foretold by the modes of the filter, some three times as
soon as they have died away. Some mode of several close to each other may be missed then; more power
comes out than went in where that shows, and such a filter is solved again at length.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.errors import InputError
from eda.filters.fullwave.copper import copper_of
from eda.filters.fullwave.mesh import MeshOptions, mesh_of
from eda.filters.fullwave.openems import (
    SECONDS,
    find_openems,
    openems_version,
    run_openems,
)
from eda.filters.fullwave.problem import Drive, plane_of, problem_xml
from eda.filters.fullwave.tail import KNOWN, drawn_out
from eda.filters.fullwave.waves import POINTS, Complex, Real, Signals, scattering_of
from eda.filters.microstrip.layout import Layout
from eda.filters.microstrip.line import static_line
from eda.filters.microstrip.substrate import Substrate
from eda.spice.cache import SimulationCache
from eda.spice.simulation import SimulationResult, Status, Waveforms

VERSION: Final = 2
"""Raised when the same problem file would give other S-parameters."""

PASSIVE: Final = 1.01
"""Where more power comes out than this share of what goes in, a filter is solved at length."""

Run = Callable[[str], Signals]


def run_foretold(xml: str, *, seconds: float = SECONDS) -> Signals:
    """Return the signals of a simulation that is ended once the rest of them is foretold."""
    return run_openems(xml, seconds=seconds, foretell=True)


def run_at_length(xml: str, *, seconds: float = SECONDS) -> Signals:
    """Return the signals of a simulation that is ended once they have died away."""
    return drawn_out(run_openems(xml, seconds=seconds))


@dataclass(frozen=True, slots=True, eq=False)
class FullWave:
    """What full wave says of a layout.

    Attributes:
        frequency_hz: Evenly spaced.
        s: S-parameters there, points x 2 x 2, power waves.
        cells: Of the mesh.
        runs: Simulations this took. openEMS: 1 for a symmetric filter, else 2. Method of moments:
            frequencies that were solved, 0 where it came from the cache.
        seconds: On the clock; 0 where it came from the cache.
        cached: Whether it did.
        solver: What solved it.
        lengthened: Whether it was solved again at length; False where it came from the cache.
    """

    frequency_hz: Real
    s: Complex
    cells: int
    runs: int
    seconds: float
    cached: bool
    solver: str = "openEMS"
    lengthened: bool = False

    def at(self, frequency_hz: NDArray[np.float64]) -> Complex:
        """Return S-parameters at other frequencies, points x 2 x 2, by a cubic spline.

        Raises:
            InputError: They are outside of what was solved.
        """
        from scipy.interpolate import CubicSpline

        low, high = self.frequency_hz[0], self.frequency_hz[-1]
        if frequency_hz.min() < low * (1 - 1e-9) or frequency_hz.max() > high * (1 + 1e-9):
            raise InputError(
                f"full wave was solved from {low:.6g} to {high:.6g} Hz, and is asked for outside"
            )
        parts = np.stack([self.s.real, self.s.imag])
        found = CubicSpline(self.frequency_hz, parts, axis=1)(frequency_hz)
        made: Complex = found[0] + 1j * found[1]
        return made


def solve_layout(
    layout: Layout,
    board: Substrate,
    low_hz: float,
    high_hz: float,
    *,
    zs_ohm: float = 50.0,
    zl_ohm: float = 50.0,
    options: MeshOptions | None = None,
    cache: bool | SimulationCache = True,
    run: Run | None = None,
    again: Run | None = None,
) -> FullWave:
    """Return the S-parameters of a layout in full wave, referred to its ports.

    Args:
        layout: The filter.
        board: What it lies on.
        low_hz: Lowest frequency.
        high_hz: Highest.
        zs_ohm: Reference resistance of port 1.
        zl_ohm: Reference resistance of port 2.
        options: How fine the mesh is.
        cache: True for the user's cache of simulations, False for none, or a cache.
        run: What solves a problem; by default openEMS, ended once the rest is foretold.
        again: What solves it where by `run` more power comes out than goes in; openEMS at length
            where `run` is left out.

    Raises:
        ToolNotFoundError: openEMS is not installed.
        SimulationError: openEMS failed or took too long.
        InputError: The layout is too large, or its ports have no room for feeds.
    """
    if not 0 < low_hz < high_hz < 1e12:
        raise InputError(f"full wave: {low_hz:g} to {high_hz:g} Hz is no band")
    copper = copper_of(layout, board)
    mesh = mesh_of(copper, board, high_hz, options)
    widths = np.array([1e-3 * feed.width_mm for feed in copper.feeds])
    one, two = (float(ohm) for ohm in static_line(widths, board)[0])
    planes = plane_of(copper.feeds[0], one, mesh), plane_of(copper.feeds[1], two, mesh)
    drive = Drive(low_hz, high_hz)
    driven = (1,) if copper.mirrored and zs_ohm == zl_ohm else (1, 2)
    files = [problem_xml(copper, board, mesh, planes, drive, port=port) for port in driven]
    frequency = np.linspace(low_hz, high_hz, POINTS)
    store = SimulationCache() if cache is True else cache or None
    key = _key(files, zs_ohm, zl_ohm, run)
    begun = time.perf_counter()
    kept = store.get(key) if store else None
    if kept is not None:
        return FullWave(frequency, s_of(kept), mesh.cells, len(files), 0.0, True)
    if run is None:
        run, again = run_foretold, run_at_length

    def solved(run: Run) -> Complex:
        signals = [run(text) for text in files]
        return scattering_of(signals, planes, frequency, zs_ohm=zs_ohm, zl_ohm=zl_ohm)

    s, lengthened = solved(run), False
    if again is not None and largest_power(s) > PASSIVE:
        s, lengthened = solved(again), True
    if store:
        store.put(key, kept_of(frequency, s))
    seconds = time.perf_counter() - begun
    return FullWave(frequency, s, mesh.cells, len(files), seconds, False, lengthened=lengthened)


def largest_power(s: Complex) -> float:
    """Return the largest share of power that comes out, whatever waves go in at both ports."""
    return float(np.linalg.norm(s, 2, axis=(1, 2)).max() ** 2)


_NAMES: Final = ("s11", "s12", "s21", "s22")


def _key(files: list[str], zs_ohm: float, zl_ohm: float, run: Run | None) -> str:
    solver = openems_version(find_openems()) if run is None else getattr(run, "name", "")
    facts = [
        "openEMS",
        solver,
        VERSION,
        KNOWN if run is None else None,
        POINTS,
        zs_ohm,
        zl_ohm,
        files,
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def kept_of(frequency_hz: Real, s: Complex) -> SimulationResult:
    """Return S-parameters, points x 2 x 2, as the cache keeps them."""
    arrays = {name: s[:, int(name[1]) - 1, int(name[2]) - 1].copy() for name in _NAMES}
    return SimulationResult(Status.OK, (Waveforms(None, "frequency_hz", frequency_hz, arrays),))


def s_of(result: SimulationResult) -> Complex:
    """Return what :func:`kept_of` was given."""
    arrays = result.waveforms[0].arrays
    return np.stack([arrays[name] for name in _NAMES], 1).reshape(-1, 2, 2).astype(np.complex128)
