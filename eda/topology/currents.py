"""Which current flows where: Kirchhoff's first law, with every transistor near one unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.topology.parts import (
    CAPACITOR,
    DIODE,
    IB,
    IIN,
    INDUCTOR,
    INTERNAL,
    KINDS,
    PMOS,
    PNP,
    RESISTOR,
    VOUT,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.topology.circuit import Topology

_LAW: Final = 30.0
_MOST: Final = 20.0
_LEAST: Final = 0.1
_BROKEN: Final = 1e-3
"""Part of a unit by which the law may be missed."""

FED: Final = frozenset((IB, IIN))
"""Ports that a current source is on."""
FREE: Final = frozenset((INTERNAL, VOUT, IB, IIN))
"""Nets that nothing but the circuit (and a current source) holds."""


def path(kind: int) -> tuple[int, int] | None:
    """Return the pins that direct current flows between, in its direction; None for a capacitor."""
    if kind == CAPACITOR:
        return None
    first, second = KINDS[kind].ends
    return (second, first) if kind in (PMOS, PNP) else (first, second)


def branch_currents(
    topology: Topology, wishes: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.float64], dict[int, float], float]:
    """Return the current of each device and of each port that is fed, in units.

    Where the circuit leaves it open, transistors share evenly; resistors and inductors take what
    is left. A transistor that can carry none (a switch before a capacitor) has 0.

    Args:
        topology: The circuit.
        wishes: float64 [devices]: units that each transistor is to carry; one each by default.

    Returns:
        Currents of the devices [devices]; currents into nets by net; and the largest error of
        the law, in units.
    """
    from scipy.optimize import lsq_linear

    devices = topology.devices
    fed = [net for net, own in enumerate(topology.net_class) if own in FED]
    size = len(devices) + len(fed)
    law = np.zeros((len(topology.net_class), size))
    for at, (kind, pins) in enumerate(devices):
        ends = path(kind)
        if ends is None:
            continue
        law[pins[ends[0]], at] -= 1
        law[pins[ends[1]], at] += 1
    for number, net in enumerate(fed):
        law[net, len(devices) + number] += 1
    law = law[[net for net, own in enumerate(topology.net_class) if own in FREE]]
    wish = np.zeros(size)
    weight = np.full(size, 1e-3)
    low, high = np.full(size, -_MOST), np.full(size, _MOST)
    active = np.zeros(size, dtype=np.bool_)
    for at, (kind, _) in enumerate(devices):
        if kind in (RESISTOR, INDUCTOR):
            weight[at] = 0.03 if kind == RESISTOR else 1e-3
            wish[at] = 0.0
        elif kind != CAPACITOR:
            active[at] = True
            wish[at] = 1.0 if wishes is None else wishes[at]
            # What is missed counts in parts of what was wished for.
            weight[at], low[at] = (0.5 if kind == DIODE else 1.0) / wish[at], 0.0
        else:
            low[at], high[at] = -1e-9, 1e-9
    matrix = np.concatenate([_LAW * law, np.diag(weight)])
    target = np.concatenate([np.zeros(len(law)), weight * wish])
    best = lsq_linear(matrix, target, bounds=(low, high), method="bvls" if size < 40 else "trf")
    found = best.x
    if (found[active] < _LEAST).any():
        tight = low.copy()
        tight[active] = _LEAST
        again = lsq_linear(matrix, target, bounds=(tight, high), method="trf")
        if np.abs(law @ again.x).max(initial=0.0) < _BROKEN + np.abs(law @ found).max(initial=0.0):
            found = again.x
    error = float(np.abs(law @ found).max(initial=0.0))
    into = {net: float(found[len(devices) + number]) for number, net in enumerate(fed)}
    return found[: len(devices)], into, error
