"""The operating points of many designs at once, by Newton's method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.surrogate.equations import (
    GMIN_S,
    STIFF_S,
    Network,
    Transistors,
    bias_of,
    eliminate,
    flow,
    stamp,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

STEP_V: Final = 0.3
"""Largest step of a node voltage, in V."""
LIMITS: Final = (*(1.0,) * 12, *(0.3,) * 8, *(0.1,) * 8, *(0.02,) * 6)
"""Shares of it in the last rounds."""
PSEUDO: Final = tuple(10.0 ** np.linspace(-4, -11, 45))
"""Conductances to the voltages of the round before, where the first attempt fails."""
SETTLED_V: Final = 1e-4


@dataclass(frozen=True, eq=False)
class OperatingPoint:
    """What the DC equations gave.

    Attributes:
        volts: [nodes, designs].
        solved: [designs]; the last step was smaller than a tenth of a millivolt.
    """

    volts: Floats
    solved: NDArray[np.bool_]


def solve_dc(
    network: Network, nodes: NDArray[np.int64], *, start: Floats | None = None
) -> OperatingPoint:
    """Return the operating point of an island; voltages of other free nodes stay as they are.

    Newton's method with a conductance to ground that is lowered step by step, and steps of
    limited size, which shrink where it does not settle.

    Args:
        network: The equations.
        nodes: The nodes of the island.
        start: Voltages to start from [nodes, designs], near the solution.
    """
    where, size = rows_of(network, nodes)
    top = np.abs(network.fixed_v).max(axis=0)
    volts = network.fixed_v.copy()
    if start is None:
        volts[nodes] = 0.5 * top
        falling = [(gmin, 0.0, STEP_V) for gmin in np.repeat(10.0 ** np.arange(-3, -12, -1.0), 2)]
    else:
        volts[nodes] = start[nodes]
        falling = []
    island = (network, nodes, where, size, *linear_dc(network, where, size), top)
    final = [(GMIN_S, 0.0, STEP_V * share) for share in LIMITS]
    solved = np.zeros(network.designs, dtype=bool)
    _iterate(island, volts, solved, falling, until=False)
    _iterate(island, volts, solved, final, until=True)
    if not solved.all():
        # As if every node had a capacitor, and the circuit were given time to find its rest.
        again = ~solved
        volts[np.ix_(nodes, again)] = 0.5 * top[again]
        _iterate(island, volts, solved, [(GMIN_S, g, STEP_V) for g in PSEUDO], until=False)
        _iterate(island, volts, solved, final, until=True)
    return OperatingPoint(volts, solved)


def _iterate(
    island: Any,
    volts: Floats,
    solved: NDArray[np.bool_],
    schedule: Sequence[tuple[float, float, float]],
    *,
    until: bool,
) -> None:
    """Do rounds of Newton's method on the designs that are not solved, in place.

    Args:
        island: Network, nodes, rows, their number, linear equations, highest voltage.
        volts: [nodes, designs].
        solved: [designs].
        schedule: Conductance to ground, conductance to the voltage before, and longest step.
        until: Whether a design that settles is solved.
    """
    network, nodes, where, size, static, constant, top = island
    active = np.flatnonzero(~solved)
    for gmin, pseudo, limit in schedule:
        if not len(active):
            return
        part = slice(None) if len(active) == network.designs else active
        now = volts[:, part]
        matrix, rest = newton(network, where, size, static, constant, now, part, gmin)
        if pseudo:
            matrix[np.arange(size), np.arange(size)] += pseudo
        step = -eliminate(matrix, rest[:, None])[:, 0]
        step = np.clip(np.nan_to_num(step), -limit, limit)
        reach = top[part]
        moved = now.copy()
        for node in nodes:
            moved[node] = np.clip(now[node] + step[where[node]], -0.5 * reach, 1.5 * reach)
        volts[:, part] = moved
        if until:
            done = np.abs(step).max(axis=0) < SETTLED_V
            solved[active[done]] = True
            active = active[~done]


def rows_of(network: Network, nodes: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Return the row of each node in the DC equations, -1 for those that have none."""
    merged = _merged(network)
    unique = sorted(set(merged[nodes].tolist()))
    rows = np.full(len(network.nodes), -1)
    rows[unique] = np.arange(len(unique))
    where = np.full(len(network.nodes), -1)
    where[nodes] = rows[merged[nodes]]
    return where, len(unique)


def newton(
    network: Network,
    where: NDArray[np.int64],
    size: int,
    static: Floats,
    constant: Floats,
    now: Floats,
    part: Any,
    gmin: float,
) -> tuple[Floats, Floats]:
    """Return the derivative of the currents into nothing, and these currents."""
    matrix = static[:, :, part].copy()
    rest = constant[:, part].copy()
    _multiply(network, rest, now, where, part)
    for group in network.transistors:
        _stamp_dc(group, now, where, matrix, rest, part)
    matrix[np.arange(size), np.arange(size)] += gmin
    rest += gmin * np.array([now[node] for node in _firsts(where, size)])
    return matrix, rest


def _firsts(where: NDArray[np.int64], size: int) -> list[int]:
    return [int(np.flatnonzero(where == row)[0]) for row in range(size)]


def _merged(network: Network) -> NDArray[np.int64]:
    """Return each node's representative, nets joined by inductors being one at DC."""
    parent = np.arange(len(network.nodes))

    def root(node: int) -> int:
        while parent[node] != node:
            node = int(parent[node])
        return node

    for plus, minus, _ in network.inductors:
        one, two = root(plus), root(minus)
        if network.free[one] and network.free[two] and one != two:
            parent[two] = one
    return np.array([root(node) for node in range(len(parent))])


def linear_dc(network: Network, where: NDArray[np.int64], size: int) -> tuple[Floats, Floats]:
    """Return what does not depend on the voltages: conductances, and currents of sources."""
    many = network.designs
    matrix = np.zeros((size, size, many))
    rest = np.zeros((size, many))
    for plus, minus, siemens in _dc_conductances(network):
        stamp(matrix, where, plus, minus, plus, minus, siemens)
    for plus, minus, cp, cn, siemens in network.controlled:
        stamp(matrix, where, plus, minus, cp, cn, siemens)
    for plus, minus, amps, _ in network.currents:
        if where[plus] >= 0:
            rest[where[plus]] += amps
        if where[minus] >= 0:
            rest[where[minus]] -= amps
    for plus, minus, volts, _ in network.stiff:
        if where[plus] >= 0:
            rest[where[plus]] -= STIFF_S * volts
        if where[minus] >= 0:
            rest[where[minus]] += STIFF_S * volts
    return matrix, rest


def _dc_conductances(network: Network) -> list[tuple[int, int, Floats]]:
    stiff = np.full(network.designs, STIFF_S)
    made = [*network.conductances, *((p, n, stiff) for p, n, _, _ in network.stiff)]
    for plus, minus, _ in network.inductors:
        if not (network.free[plus] and network.free[minus]):
            made.append((plus, minus, stiff))
    return made


def _multiply(
    network: Network, rest: Floats, volts: Floats, where: NDArray[np.int64], part: Any
) -> None:
    """Add the currents of what is linear at these voltages."""
    for plus, minus, siemens in _dc_conductances(network):
        flow(rest, where, plus, minus, siemens[part] * (volts[plus] - volts[minus]))
    for plus, minus, cp, cn, siemens in network.controlled:
        flow(rest, where, plus, minus, siemens[part] * (volts[cp] - volts[cn]))


def _stamp_dc(
    group: Transistors,
    volts: Floats,
    where: NDArray[np.int64],
    matrix: Floats,
    rest: Floats,
    part: Any,
) -> None:
    inside = np.flatnonzero((where[group.pins] >= 0).any(axis=0))
    if not len(inside):
        return
    group = group.take(inside)
    found, turned = bias_of(group, volts, part)
    current = np.exp(np.minimum(found[0], 20.0))
    gm, gds, gmb = (current * np.exp(item) for item in found[1:])
    for at, (d, g, s, b) in enumerate(group.pins.T):
        swap = turned[at]
        amps = group.sign * np.where(swap, -current[at], current[at])
        flow(rest, where, d, s, amps)
        for drain, source, share in ((d, s, ~swap), (s, d, swap)):
            if not share.any():
                continue
            stamp(matrix, where, drain, source, g, source, gm[at] * share)
            stamp(matrix, where, drain, source, drain, source, gds[at] * share)
            stamp(matrix, where, drain, source, b, source, gmb[at] * share)
