"""Stability: the natural frequencies of an active circuit between its source and load."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eda.filters.network import INPUT, OUTPUT, Topology
from eda.filters.nodal import LEAST_ROUT_OHM, Physics


def equations(
    topology: Topology, values: Sequence[float], physics: Physics
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return g and c of ``g x + c dx/dt = i``, losses of inductors and capacitors left out.

    The unknowns are node voltages, inductor currents and the op-amps' inner voltages, in this
    order. The source of 1 V is a current of 1/zs into the input.
    """
    inductors = [at for at, part in enumerate(topology.parts) if part.kind == "inductor"]
    nodes = topology.nodes - 1
    size = nodes + len(inductors) + len(topology.opamps)
    g, c = np.zeros((size, size)), np.zeros((size, size))
    g[INPUT - 1, INPUT - 1] += 1 / physics.zs_ohm
    g[OUTPUT - 1, OUTPUT - 1] += 1 / physics.zl_ohm

    def stamp(matrix: NDArray[np.float64], a: int, b: int, value: float) -> None:
        for node in (a, b):
            if node:
                matrix[node - 1, node - 1] += value
        if a and b:
            matrix[a - 1, b - 1] -= value
            matrix[b - 1, a - 1] -= value

    for at, (part, value) in enumerate(zip(topology.parts, values, strict=True)):
        if part.kind == "resistor":
            stamp(g, part.a, part.b, 1 / value)
        elif part.kind == "capacitor":
            stamp(c, part.a, part.b, value)
        else:
            row = nodes + inductors.index(at)
            for node, sign in ((part.a, 1.0), (part.b, -1.0)):
                if node:
                    g[node - 1, row] += sign
                    g[row, node - 1] += sign
            c[row, row] -= value
    for at, opamp in enumerate(topology.opamps):
        assert physics.opamp is not None
        row = nodes + len(inductors) + at
        conductance = 1 / max(physics.opamp.rout_ohm, LEAST_ROUT_OHM)
        g[opamp.out - 1, opamp.out - 1] += conductance
        g[opamp.out - 1, row] -= conductance
        # (1 + s/w_pole) v = a0 (plus - minus), divided by a0 to keep the numbers alike.
        g[row, row] += 1 / physics.opamp.a0
        c[row, row] += 1 / (2 * math.pi * physics.opamp.gbw_hz)
        for node, sign in ((opamp.plus, -1.0), (opamp.minus, 1.0)):
            if node:
                g[row, node - 1] += sign
    return g, c


def poles(topology: Topology, values: Sequence[float], physics: Physics) -> NDArray[np.complex128]:
    """Return the poles in rad/s: the finite eigenvalues of the pencil of `equations`."""
    from scipy.linalg import eig

    g, c = equations(topology, values, physics)
    # Units of time as the capacitors have them, so that the pencil is well scaled.
    scale = _time(topology, values, physics)
    found = eig(-g, c / scale, right=False, homogeneous_eigvals=True)
    alpha, beta = found
    finite = np.abs(beta) > 1e-12 * np.abs(alpha)
    return np.asarray(alpha[finite] / beta[finite] / scale)


def step_response(
    topology: Topology, values: Sequence[float], physics: Physics, time_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the output in V after a step of the source of 1 V, at evenly spaced times from 0.

    By the trapezoidal rule, the first steps by backward Euler, which the jump needs.
    """
    from scipy.linalg import lu_factor, lu_solve

    g, c = equations(topology, values, physics)
    drive = np.zeros(len(g))
    drive[INPUT - 1] = 1 / physics.zs_ohm
    dt = float(time_s[1] - time_s[0])
    euler, trapezoid = lu_factor(g + c / dt), lu_factor(g / 2 + c / dt)
    x = np.zeros(len(g))
    made = np.zeros(len(time_s))
    for at in range(1, len(time_s)):
        if at <= 2:
            x = lu_solve(euler, drive + c @ x / dt)
        else:
            x = lu_solve(trapezoid, drive + c @ x / dt - g @ x / 2)
        made[at] = x[OUTPUT - 1]
    return made


def is_stable(topology: Topology, values: Sequence[float], physics: Physics) -> bool:
    """Return whether every pole lies in the left half plane."""
    found = poles(topology, values, physics)
    return bool((found.real < 0).all())


def _time(topology: Topology, values: Sequence[float], physics: Physics) -> float:
    times = []
    for part, value in zip(topology.parts, values, strict=True):
        if part.kind == "capacitor":
            times.append(value * 1e4)
        elif part.kind == "inductor":
            times.append(value / physics.zs_ohm)
    return float(np.exp(np.mean(np.log(times)))) if times else 1.0
