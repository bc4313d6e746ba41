"""Where every net is to lie: voltages at which all transistors are saturated, where there are any.

The voltages are chosen first, and sizes follow from them (`eda.topology.sized`): so they are a
solution of the circuit, whatever its shape, as far as Kirchhoff's first law can hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.topology.parts import (
    DIODE,
    INDUCTOR,
    NMOS,
    NPN,
    PMOS,
    PNP,
    RESISTOR,
    VDD,
    VIN,
    VOUT,
    VSS,
)
from eda.topology.technology import JUNCTION_A, OVERDRIVE_V, THERMAL_V, THRESHOLD_V, UNIT_A

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.topology.circuit import Topology

MARGIN_V: Final = 0.1
"""How far beyond saturation a transistor is to work."""
_LEAST_OVERDRIVE_V: Final = 0.08
_MOST_OVERDRIVE_V: Final = 0.4
_COLLECTOR_V: Final = 0.35
_USUAL_DROP_V: Final = 0.3
_DROP_V: Final = 0.1
"""Least voltage across a resistor that carries current."""
_ZERO: Final = 0.02
"""Currents below this part of a unit count as none."""


@dataclass(slots=True)
class _Terms:
    """Weighted linear functions of the voltages: squares of each, or of its positive part."""

    rows: list[list[tuple[int, float]]]
    constants: list[float]
    weights: list[float]
    hinged: list[bool]

    def add(
        self, parts: list[tuple[int, float]], constant: float, weight: float, *, hinge: bool = False
    ) -> None:
        """Ask that a sum be zero, or with ``hinge`` not above zero."""
        self.rows.append(parts)
        self.constants.append(constant)
        self.weights.append(weight)
        self.hinged.append(hinge)


def net_voltages(
    topology: Topology,
    currents: NDArray[np.float64],
    supply_v: float,
    wishes: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], float]:
    """Return float64 [nets] in V, and how badly the wishes are missed, in V.

    Args:
        topology: The circuit.
        currents: Of its devices, in units.
        supply_v: Supply voltage.
        wishes: float64 [devices]: overdrive of each transistor and drop over each resistor, in
            parts of what they would have.
    """
    from scipy.optimize import minimize

    classes = topology.net_class
    fixed = {net: supply_v for net, own in enumerate(classes) if own == VDD}
    fixed |= {net: 0.0 for net, own in enumerate(classes) if own == VSS}
    terms = _Terms([], [], [], [])
    factors = np.ones(len(topology)) if wishes is None else wishes
    told = zip(topology.devices, currents.tolist(), factors.tolist(), strict=True)
    for (kind, pins), current, factor in told:
        _wish(terms, kind, pins, current, factor)
    inputs = [net for net, own in enumerate(classes) if own == VIN]
    outputs = [net for net, own in enumerate(classes) if own == VOUT]
    if len(inputs) == 2:
        terms.add([(inputs[0], 1.0), (inputs[1], -1.0)], 0.0, 30.0)
        if topology.type == "opamp":
            # So that it can be a follower.
            for net in outputs:
                terms.add([(inputs[0], 1.0), (net, -1.0)], 0.0, 0.3)
    for net in range(len(classes)):
        terms.add([(net, 1.0)], -supply_v / 2, 0.02)
    matrix = np.zeros((len(terms.rows), len(classes)))
    for at, parts in enumerate(terms.rows):
        for net, factor in parts:
            matrix[at, net] += factor
    constant, weight = np.array(terms.constants), np.array(terms.weights)
    hinged = np.array(terms.hinged)
    free = np.array([net for net in range(len(classes)) if net not in fixed], dtype=np.int64)
    whole = np.full(len(classes), supply_v / 2)
    for net, level in fixed.items():
        whole[net] = level
    if not len(free):
        return whole, 0.0
    own = matrix[:, free]
    constant = constant + matrix @ np.where(np.isin(np.arange(len(classes)), free), 0.0, whole)

    def cost(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        missed = own @ x + constant
        missed = np.where(hinged & (missed < 0), 0.0, missed)
        return float((weight * missed**2).sum()), 2 * own.T @ (weight * missed)

    found = minimize(
        cost,
        whole[free],
        jac=True,
        method="L-BFGS-B",
        bounds=[(-0.05, supply_v + 0.05)] * len(free),
        options={"maxiter": 400, "maxfun": 600},
    )
    whole[free] = found.x
    missed = own @ found.x + constant
    worst = np.where(hinged, np.maximum(missed, 0.0), 0.0)
    return whole, float(worst.max(initial=0.0))


def _wish(terms: _Terms, kind: int, pins: tuple[int, ...], current: float, part: float) -> None:
    carries = abs(current) > _ZERO
    if kind in (NMOS, PMOS):
        drain, gate, source = pins[:3]
        s = 1.0 if kind == NMOS else -1.0
        over = [(gate, s), (source, -s)]
        if not carries:
            terms.add([(drain, 1.0), (source, -1.0)], 0.0, 0.1)
            return
        terms.add(over, -(THRESHOLD_V + part * OVERDRIVE_V), 1.0)
        low = [(net, -factor) for net, factor in over]
        terms.add(low, THRESHOLD_V + _LEAST_OVERDRIVE_V, 100.0, hinge=True)
        terms.add(over, -(THRESHOLD_V + _MOST_OVERDRIVE_V), 10.0, hinge=True)
        if drain != gate:
            # vov + margin - vds <= 0, whatever the overdrive is.
            sat = [(gate, s), (drain, -s)]
            terms.add(sat, MARGIN_V - THRESHOLD_V, 60.0, hinge=True)
            terms.add([(source, s), (drain, -s)], OVERDRIVE_V + MARGIN_V, 20.0, hinge=True)
    elif kind in (NPN, PNP):
        collector, base, emitter = pins
        s = 1.0 if kind == NPN else -1.0
        junction = THERMAL_V * np.log(max(abs(current), _ZERO) * UNIT_A / JUNCTION_A)
        terms.add([(base, s), (emitter, -s)], -float(junction), 100.0)
        if collector != base:
            drop = [(emitter, s), (collector, -s)]
            terms.add(drop, _COLLECTOR_V, 30.0, hinge=True)
    elif kind == DIODE:
        junction = THERMAL_V * np.log(max(abs(current), _ZERO) * UNIT_A / JUNCTION_A)
        terms.add([(pins[0], 1.0), (pins[1], -1.0)], -float(junction), 100.0)
    elif kind in (RESISTOR, INDUCTOR):
        drop = [(pins[0], 1.0), (pins[1], -1.0)]
        if kind == INDUCTOR or not carries:
            terms.add(drop, 0.0, 300.0 if kind == INDUCTOR else 10.0)
            return
        s = 1.0 if current > 0 else -1.0
        terms.add(drop, -_USUAL_DROP_V * part * s, 0.05)
        terms.add([(net, -s * factor) for net, factor in drop], _DROP_V, 40.0, hinge=True)
