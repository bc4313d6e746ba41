"""Verification: the delivered deck, read back from its file and simulated by ngspice."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from eda.errors import InputError, SimulationError
from eda.filters.mask import Mask, make_mask
from eda.filters.nodal import Response
from eda.filters.spec import FilterSpec

if TYPE_CHECKING:
    from eda.spice.simulator import Simulator

Real = NDArray[np.float64]

_WRONG_LINES: Final = {"y": "txl", "p": "cpl"}
"""ngspice 39 gives wrong S-parameters of the first without a word, and none of the other."""

POINTS: Final = 201
"""In each band, evenly and by ratio each."""


@dataclass(frozen=True)
class Verified:
    """What ngspice says of a deck.

    Attributes:
        frequency_hz: Ascending; both edges and many points of every band.
        s: S-parameters, points x 2 x 2, referred to the ports of the specification.
        margin_db: Least margin over all bands.
        by_band: Least margin of each band.
        gain_db: Gain at the points of ``mask``.
        back_db: Return loss there.
        mask: The points that were judged.
    """

    frequency_hz: Real
    s: NDArray[np.complex128]
    margin_db: float
    by_band: dict[str, float]
    gain_db: Real
    back_db: Real
    mask: Mask


def verify_deck(
    path: Path, spec: FilterSpec, *, simulator: Simulator | None = None, points: int = POINTS
) -> Verified:
    """Simulate a delivered deck and judge it against a specification.

    Args:
        path: The deck.
        spec: The specification.
        simulator: What runs it; ngspice by default.
        points: Evenly, and by ratio, in every band.

    Raises:
        InputError: The deck holds a line that ngspice analyses wrongly.
        SimulationError: The deck could not be simulated.
        SimulatorNotFoundError: ngspice is not installed.
    """
    from eda.spice import NGSPICE, Sp, read_netlist, simulate
    from eda.spice.measures import s_matrix

    sweeps = []
    for band in spec.bands:
        decades = math.log10(band.f_hi_hz / band.f_lo_hz)
        per_decade = math.ceil((points - 1) / decades)
        sweeps.append(Sp(band.f_lo_hz, band.f_hi_hz, points))
        sweeps.append(Sp(band.f_lo_hz, band.f_hi_hz, per_decade, "dec"))
    circuit = read_netlist(path)
    for device in circuit.devices:
        line = _WRONG_LINES.get(device.name[:1].lower())
        if line:
            raise InputError(
                f"{path}: {device.name} is a {line} line, which ngspice analyses wrongly or not at "
                "all for S-parameters; use T or O lines"
            )
    result = simulate(circuit, *sweeps, cache=False, simulator=simulator or NGSPICE)
    if not result.ok:
        raise SimulationError(
            f"{path}: ngspice could not simulate it ({result.status}): {result.log[-300:]}",
            log=result.log,
        )
    frequency = np.concatenate([item.axis for item in result.waveforms])
    matrices = np.concatenate([s_matrix(item.arrays) for item in result.waveforms])
    # Sweeps end a rounding error beside the edge; a touch of that is the edge.
    for edge in {edge for band in spec.bands for edge in (band.f_lo_hz, band.f_hi_hz)}:
        frequency[np.abs(frequency / edge - 1) < 1e-9] = edge
    frequency, first = np.unique(frequency, return_index=True)
    matrices = matrices[first]
    return judge(spec, frequency, matrices)


def judge(spec: FilterSpec, frequency_hz: Real, s: NDArray[np.complex128]) -> Verified:
    """Judge S-parameters that cover every band of a specification.

    Args:
        spec: The specification.
        frequency_hz: Ascending.
        s: Points x 2 x 2, referred to the specification's ports.
    """
    places, band = [], []
    for at, item in enumerate(spec.bands):
        inside = np.flatnonzero((frequency_hz >= item.f_lo_hz) & (frequency_hz <= item.f_hi_hz))
        places.append(inside)
        band.append(np.full(len(inside), at))
    where = np.concatenate(places)
    mask = Mask(spec, frequency_hz[where], np.concatenate(band).astype(np.int64))
    gain, back = mask.levels(Response(s[where, 1, 0][None], s[where, 0, 0][None]))
    by_band = mask.by_band(gain[0], back[0])
    margin = min(by_band.values())
    return Verified(frequency_hz, s, margin, by_band, gain[0], back[0], mask)


def dense_mask(spec: FilterSpec) -> Mask:
    """Return a mask as dense as what ngspice is asked for."""
    return make_mask(spec, linear=POINTS, logarithmic=POINTS)
