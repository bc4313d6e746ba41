"""Thermal noise of one part of a circuit, at an output and referred to an input."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from eda.circuit import Device
from eda.spice.quick.solve import PartSolver, Rest
from eda.spice.quick.table import Floats

_BOLTZMANN: Final = 1.380649e-23


def noise(
    solver: PartSolver,
    rest: Rest,
    frequency_hz: Floats,
    output: tuple[str, str],
    source: Device,
    temperature_k: Floats | float,
) -> tuple[Floats, Floats]:
    """Return output and input-referred noise densities over frequency, [n, f] each.

    Thermal noise only: of resistors, and two thirds of ``gm`` in transistors. What flickers
    is not in a table.

    Args:
        solver: Of the part that the output lies in.
        rest: The operating point.
        frequency_hz: [f].
        output: The nets between which the output is taken.
        source: What the noise is referred to.
        temperature_k: Of the devices.
    """
    g, c = solver.linearised(rest)
    free = solver.free
    place = {at: k for k, at in enumerate(free)}
    inner_g, inner_c = (m[:, free[:, None], free[None, :]] for m in (g, c))
    drive_g = np.zeros((solver.n, len(free)))
    drive_c = np.zeros((solver.n, len(free)))
    if source.name in solver.tied:
        at, sign = solver.tied[source.name]
        drive_g, drive_c = -sign * g[:, free, at], -sign * c[:, free, at]
    elif source.name in solver.branch:
        drive_g[:, place[solver.branch[source.name]]] = 1.0
    else:
        for net, sign in zip(source.nets, (-1.0, 1.0), strict=True):
            if solver.index[net] in place:
                drive_g[:, place[solver.index[net]]] += sign
    taken = np.zeros(len(free))
    for net, sign in zip(output, (1.0, -1.0), strict=True):
        if solver.index.get(net, -1) in place:
            taken[place[solver.index[net]]] += sign
    pairs, density = _noisy(solver, rest, temperature_k)
    total = np.zeros((solver.n, len(frequency_hz)))
    gain = np.zeros((solver.n, len(frequency_hz)))
    side = np.broadcast_to(taken, (solver.n, len(free)))[..., None]
    for at, frequency in enumerate(frequency_hz):
        s = 2j * np.pi * frequency
        matrix = np.swapaxes(inner_g + s * inner_c, 1, 2)
        try:
            found = np.linalg.solve(matrix, side.astype(np.complex128))[..., 0]
        except np.linalg.LinAlgError:
            total[:, at], gain[:, at] = np.nan, np.nan
            continue
        whole = np.zeros((solver.n, solver.size), dtype=np.complex128)
        whole[:, free] = found
        across = np.abs(whole[:, pairs[:, 0]] - whole[:, pairs[:, 1]]) ** 2
        total[:, at] = np.sqrt((across * density).sum(1))
        gain[:, at] = np.abs((found * (drive_g + s * drive_c)).sum(1))
    return total, total / np.maximum(gain, 1e-30)


def _noisy(solver: PartSolver, rest: Rest, temperature_k: Floats | float) -> tuple[Any, Floats]:
    """Return the pairs of nets with noise currents between them, and their densities [n, k]."""
    heat = 4 * _BOLTZMANN * temperature_k
    pairs, density = [], []
    for device in solver.resistors:
        pairs.append([solver.index[net] for net in device.nets])
        many = solver.number(device, "m", 1.0)
        ohm = np.maximum(np.abs(solver.number(device, "value", np.nan)), 1e-3)
        density.append(np.broadcast_to(heat * many / ohm, solver.n))
    if len(solver.pins) and solver.sized is not None:
        v = rest.values[:, solver.pins]
        _, by_d, by_g, _ = solver.sized.currents(*(v[..., at] for at in range(4)))
        for k, (d, _, s, _) in enumerate(solver.pins):
            pairs.append([int(d), int(s)])
            density.append(heat * (2 / 3 * np.abs(by_g[:, k]) + np.abs(by_d[:, k])))
    return np.array(pairs).reshape(-1, 2), np.array(density).T
