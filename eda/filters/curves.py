"""What a network analyser would show of a design, on a sweep across and beyond all bands."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eda.filters.mask import DB, make_mask
from eda.filters.nodal import physics_of, respond
from eda.filters.result import FilterResult
from eda.filters.stability import poles, step_response

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Sweep:
    """A response over frequency.

    Attributes:
        frequency_hz: Ascending.
        gain_db: Relative to 0 dB of the mask.
        return_loss_db: As a positive number where power comes back.
        s11: Complex.
        delay_s: Group delay of S21.
    """

    frequency_hz: Real
    gain_db: Real
    return_loss_db: Real
    s11: NDArray[np.complex128]
    delay_s: Real


def sweep(result: FilterResult, low_hz: float, high_hz: float, *, points: int = 1601) -> Sweep:
    """Return the response of a design between two frequencies.

    Inside the bands these are the values that ngspice gives, within 1e-4 dB; see
    `eda.filters.nodal`.

    Args:
        result: The design.
        low_hz: First frequency.
        high_hz: Last.
        points: By ratio where the span is wide, else even.
    """
    spaced = np.geomspace if high_hz > 3 * low_hz else np.linspace
    frequency = np.asarray(spaced(low_hz, high_hz, points))
    mask = make_mask(result.spec, linear=3, logarithmic=3)
    # Group delay from two close frequencies each.
    close = frequency * (1 + 1e-6)
    both = np.concatenate([frequency, close])
    tables = None
    if result.measured:
        tables = [result.measured[part.name].admittance(both) for part in result.topology.parts]
    with np.errstate(all="ignore"):
        response = respond(
            result.topology,
            np.log(np.array(result.values))[None],
            both,
            physics_of(result.spec),
            tables=tables,
        )
    s21, s11 = np.asarray(response.s21)[0], np.asarray(response.s11)[0]
    turn = np.angle(s21[points:] / np.where(s21[:points] == 0, 1e-30, s21[:points]))
    delay = -turn / (2 * math.pi * (close - frequency))
    gain, back = s21[:points], s11[:points]
    return Sweep(
        frequency,
        DB * np.log(np.maximum(np.abs(gain), 1e-12)) + mask.gain_offset_db,
        -DB * np.log(np.maximum(np.abs(back), 1e-12)),
        back,
        delay,
    )


def step(result: FilterResult, *, points: int = 1500) -> tuple[Real, Real]:
    """Return time in s and output in V of an active filter after a step of 1 V."""
    physics = physics_of(result.spec)
    found = poles(result.topology, result.values, physics)
    slow = max(0.0, -float(found.real.max()))
    low = result.spec.passbands[0].f_lo_hz
    length = 8 / slow if slow else 3 / low
    # A high-pass corner far below everything else would hide what happens first.
    top = result.spec.passbands[-1].f_hi_hz
    length = min(length, 60 / top) if result.spec.response in ("lowpass", "bandstop") else length
    time = np.linspace(0.0, length, points)
    return time, step_response(result.topology, result.values, physics, time)
